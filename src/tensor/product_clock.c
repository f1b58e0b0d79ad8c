/* product_clock.c - how long threads multiply matrices. */
#include "lockstep/tensor/product_clock.h"

#include <omp.h>
#include <string.h>

enum { THREADS = 1024, LINE = 64 }; /* run.threads at most; bytes that processors share */

bool product_clock_runs;

/* Each thread writes to a line of memory of its own. */
static union {
    double seconds[WORKS];
    char line[LINE];
} spent[THREADS];

void product_clock_run(bool on)
{
    memset(spent, 0, sizeof(spent));
    product_clock_runs = on;
}

void product_clock_add(product_work work, double began)
{
    spent[omp_get_thread_num()].seconds[work] += clock_seconds() - began;
}

static double sum_of(product_work work)
{
    double sum = 0.0;

    for (int i = 0; i < THREADS; i++)
        sum += spent[i].seconds[work];
    return sum;
}

double product_clock_products(void)
{
    return sum_of(WORK_PRODUCTS);
}

double product_clock_packing(void)
{
    return sum_of(WORK_PACKING);
}
