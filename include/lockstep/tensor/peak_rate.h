/* peak_rate.h - how fast this processor could multiply matrices at most. */
#ifndef LOCKSTEP_TENSOR_PEAK_RATE_H
#define LOCKSTEP_TENSOR_PEAK_RATE_H

/* GFLOP/s of `threads` threads that multiply and add in registers alone, with the widest
 * instructions that the processor has: measured, since neither the clock under such a load
 * nor the number of units that do it can be asked. The best of several timings over a tenth
 * of a second. Does not depend on OpenBLAS. */
double peak_rate(int threads);

#endif
