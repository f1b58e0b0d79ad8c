/* made_matrix.c - matrices for the tests of kernels. */
#include "made_matrix.h"

#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/base/random.h"
#include "lockstep/base/status.h"

static const float untouched = 777.0f;

void made_floats(float *values, size_t count, uint32_t seed, float size)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t bits = random_bits(7, RANDOM_TEST, seed, (uint32_t)i, 0);
        values[i] = size * (2.0f * random_uniform((uint32_t)bits) - 1.0f);
    }
}

static matrix create(int rows, int cols, int gap)
{
    matrix m = {NULL, rows, cols, cols + gap};

    m.data = memory_create((size_t)rows * (size_t)m.stride, sizeof(float));
    CHECK(m.data != NULL);
    return m;
}

matrix made_matrix_create(int rows, int cols, int gap, uint32_t seed)
{
    matrix m = create(rows, cols, gap);

    for (int r = 0; r < rows; r++) {
        made_floats(matrix_row(m, r), (size_t)cols, seed * 1000u + (uint32_t)r, 2.0f);
        for (int g = 0; g < gap; g++)
            matrix_row(m, r)[cols + g] = untouched;
    }
    return m;
}

matrix made_matrix_copy(matrix m)
{
    matrix copy = create(m.rows, m.cols, m.stride - m.cols);

    memcpy(copy.data, m.data, (size_t)m.rows * (size_t)m.stride * sizeof(float));
    return copy;
}

void made_matrix_fill(matrix m, float value)
{
    for (int r = 0; r < m.rows; r++)
        for (int c = 0; c < m.cols; c++)
            matrix_row(m, r)[c] = value;
}

void made_matrix_free(matrix m)
{
    memory_destroy(m.data);
}

void made_matrix_check(matrix m, int gap)
{
    for (int r = 0; r < m.rows; r++)
        for (int g = 0; g < gap; g++)
            CHECK(matrix_row(m, r)[m.cols + g] == untouched);
}
