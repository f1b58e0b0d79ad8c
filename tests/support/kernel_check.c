/* kernel_check.c - every kernel set that runs here, at sizes around those of vectors. */
#include "kernel_check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/random.h"
#include "unit_check.h"

static const char *const sets[] = {"v2", "v3", "v4", "bf16", "amx", "native"};
static const int sizes[] = {1, 7, 8, 16, 17, 31, 128, 130, 300};

void kernel_check_sets(void (*check)(void))
{
    const char *only = getenv("LOCKSTEP_KERNELS");
    int opened = 0;

    for (size_t s = 0; s < sizeof(sets) / sizeof(sets[0]); s++) {
        if ((only != NULL && strcmp(only, sets[s]) != 0) || kernels_open(sets[s]) != STATUS_OK)
            continue;
        opened++;
        check();
    }
    ck_assert_int_gt(opened, 0);
}

static void (*check_size)(int rows, int cols);

static void check_sizes(void)
{
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        check_size(1, sizes[i]);
        check_size(5, sizes[i]);
    }
}

void kernel_check(void (*check)(int rows, int cols))
{
    check_size = check;
    kernel_check_sets(check_sizes);
}

void kernel_check_close(const char *what, const float *got, const double *want, int count,
                        double tolerance)
{
    for (int i = 0; i < count; i++) {
        if (fabs(got[i] - want[i]) <= tolerance * (1.0 + fabs(want[i])))
            continue; /* asserting each would take Check seconds */
        ck_abort_msg("%s of %s: [%d] of %d is %.9g, not %.9g", what, kernels_get()->name, i,
                     count, got[i], want[i]);
    }
}

void kernel_check_bits(const char *what, matrix whole, int row, matrix alone)
{
    bool same =
        memcmp(matrix_row(whole, row), alone.data, (size_t)whole.cols * sizeof(float)) == 0;

    ck_assert_msg(same, "%s of %s: row %d of %d columns has other bits alone", what,
                  kernels_get()->name, row, whole.cols);
}

double kernel_check_mask(const dropout *d, int row, int col)
{
    if (d == NULL)
        return 1.0;
    uint32_t place = (uint32_t)col % 128, key[4];
    uint32_t counter[4] = {(uint32_t)col / 128, d->row + (uint32_t)row,
                           (uint32_t)d->site << 16 | d->grain, d->draw};

    random_block(d->seed, RANDOM_DROPOUT, counter, key);
    uint32_t word = place % 64 + key[0];
    word = (word ^ word >> 16) * 0x7FEB352Du ^ key[1];
    word = (word ^ word >> 15) * 0x846CA68Bu;
    word ^= word >> 16;
    uint32_t bits = place < 64 ? word & 0xFFFFu : word >> 16;
    return bits < d->threshold ? 0.0 : d->scale;
}

dropout kernel_check_dropout(void)
{
    return (dropout){.threshold = 16384,
                     .scale = 4.0f / 3.0f,
                     .seed = 0xFEDCBA9876543210u,
                     .draw = 0xABCDEF,
                     .site = 0xFFEE,
                     .grain = 0x8001,
                     .row = 0xFFFF0};
}

dropout kernel_check_later(dropout d, int row)
{
    d.row += (uint32_t)row;
    return d;
}
