/* half.h - numbers of IEEE 754 binary16, in which features are kept. */
#ifndef LOCKSTEP_BASE_HALF_H
#define LOCKSTEP_BASE_HALF_H

#include <stddef.h>
#include <stdint.h>

/* Rounded to nearest, ties to even; what is beyond 65504 (from 65520 on) becomes infinite,
 * what is below 2^-14 subnormal; a NaN stays a NaN, quiet. */
uint16_t half_from_float(float value);

/* Exact. */
float half_to_float(uint16_t half);

/* The same for `count` numbers. */
void half_from_floats(uint16_t *to, const float *from, size_t count);
void half_to_floats(float *to, const uint16_t *from, size_t count);

#endif
