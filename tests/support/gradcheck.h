/* gradcheck.h - compare an analytic gradient with central differences. */
#ifndef LOCKSTEP_TESTS_GRADCHECK_H
#define LOCKSTEP_TESTS_GRADCHECK_H

/* A scalar loss recomputed from scratch at the current parameter values. */
typedef double (*gradcheck_loss)(void *user);

/* Largest |analytic - numeric| / (1 + |numeric|) over x[0..n). */
double gradcheck_error(gradcheck_loss loss, void *user, float *x, const float *analytic, int n);

#endif
