/* additions.c - adding nodes takes simulated time: the linker hands every call of node_add to
 * the function below (--wrap). */
#include "additions.h"

#include "lockstep/comm/simulated.h"
#include "lockstep/slab/node.h"

void __real_node_add(float *out, const float *left, const float *right, size_t count,
                     bool half);
void __wrap_node_add(float *out, const float *left, const float *right, size_t count,
                     bool half);

static double seconds_each;

void additions_take(double seconds)
{
    seconds_each = seconds;
}

void __wrap_node_add(float *out, const float *left, const float *right, size_t count, bool half)
{
    simulated_owe(seconds_each * (double)count);
    __real_node_add(out, left, right, count, half);
}
