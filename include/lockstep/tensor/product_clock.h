/* product_clock.h - how long threads multiply matrices. */
#ifndef LOCKSTEP_TENSOR_PRODUCT_CLOCK_H
#define LOCKSTEP_TENSOR_PRODUCT_CLOCK_H

#include <stdbool.h>

#include "lockstep/base/clock.h"

/* Measure from now on, from 0, or no more. Each product then costs two readings of the clock.
 * When no thread multiplies, as for both below. */
void product_clock_run(bool on);

/* Seconds of all threads together: in products, what they pack in a call included; and in
 * packing weights beforehand (weight.h). */
double product_clock_products(void);
double product_clock_packing(void);

/* For this room: a thread's work, from when it begins to its end. */
typedef enum product_work { WORK_PRODUCTS, WORK_PACKING, WORKS } product_work;

extern bool product_clock_runs; /* read only */

void product_clock_add(product_work work, double began);

static inline double product_clock_begin(void)
{
    return product_clock_runs ? clock_seconds() : 0.0;
}

static inline void product_clock_end(product_work work, double began)
{
    if (product_clock_runs)
        product_clock_add(work, began);
}

#endif
