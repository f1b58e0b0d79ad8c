/* block.c - some rows times a panel of columns, summed in registers. */
#include "block.h"

/* `rows` (at most BLOCK_ROWS) and `vectors` (at most 2) are constants where this is inlined. */
static inline __attribute__((always_inline)) void sum_rows(const block *p, int rows,
                                                           int vectors)
{
    const float *a = p->a, *b = p->b;
    lanes sum[BLOCK_ROWS][2] = {{{0}}};

    if (p->start != 0.0f)
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++)
            for (int v = 0; v < vectors; v++)
                sum[r][v] =
                    p->start * lanes_load(p->c + (size_t)r * p->c_row + (size_t)v * LANES);
    for (int k = 0; k < p->depth; k++, a += p->a_step, b += p->b_step) {
        lanes b0 = lanes_load(b), b1 = vectors > 1 ? lanes_load(b + LANES) : b0;
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            float factor = a[(size_t)r * p->a_row];
            sum[r][0] = multiply_add_lanes(factor, b0, sum[r][0]);
            if (vectors > 1)
                sum[r][1] = multiply_add_lanes(factor, b1, sum[r][1]);
        }
    }
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++)
            lanes_store(p->c + (size_t)r * p->c_row + (size_t)v * LANES, p->scale * sum[r][v]);
}

static void sum_some(const block *p, int rows, int vectors)
{
    switch (2 * rows + vectors) {
#define CASE(n)                                                                                \
    case 2 * n + 1:                                                                            \
        sum_rows(p, n, 1);                                                                     \
        break;                                                                                 \
    case 2 * n + 2:                                                                            \
        sum_rows(p, n, 2);                                                                     \
        break;
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
        CASE(5)
        CASE(6)
#if BLOCK_ROWS == 12
        CASE(7)
        CASE(8)
        CASE(9)
        CASE(10)
        CASE(11)
        CASE(12)
#endif
#undef CASE
    default:
        break;
    }
}

static void copy_rows(int rows, int columns, const float *from, size_t from_row, float *to,
                      size_t to_row)
{
    for (int r = 0; r < rows; r++)
        memcpy(to + (size_t)r * to_row, from + (size_t)r * from_row,
               (size_t)columns * sizeof(*to));
}

/* Columns that do not fill whole vectors, through a copy. */
static void sum_part(const block *p, int rows, int columns, int vectors)
{
    float whole[BLOCK_ROWS * PANEL] = {0};
    block copy = *p;

    copy.c = whole;
    copy.c_row = PANEL;
    if (p->start != 0.0f)
        copy_rows(rows, columns, p->c, p->c_row, whole, PANEL);
    sum_some(&copy, rows, vectors);
    copy_rows(rows, columns, whole, PANEL, p->c, p->c_row);
}

void KERNEL(block_multiply)(const block *p, int rows, int columns)
{
    int vectors = columns > LANES ? 2 : 1;
    block at = *p;

    for (int first = 0; first < rows; first += BLOCK_ROWS) {
        int some = rows - first < BLOCK_ROWS ? rows - first : BLOCK_ROWS;
        if (columns == vectors * LANES)
            sum_some(&at, some, vectors);
        else
            sum_part(&at, some, columns, vectors);
        at.a += at.a_next;
        at.c += (size_t)BLOCK_ROWS * at.c_row;
    }
}

typedef float quad __attribute__((vector_size(4 * sizeof(float))));

static inline quad quad_load(const float *from)
{
    quad v;

    memcpy(&v, from, sizeof(v));
    return v;
}

static inline void quad_store(float *to, quad v)
{
    memcpy(to, &v, sizeof(v));
}

/* Four rows of four. */
static inline void turn_quad(const float *from, size_t row, float *to, size_t step)
{
    quad a = quad_load(from), b = quad_load(from + row);
    quad c = quad_load(from + 2 * row), d = quad_load(from + 3 * row);
    quad ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    quad cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    quad ab_end = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    quad cd_end = __builtin_shufflevector(c, d, 2, 6, 3, 7);

    quad_store(to, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
    quad_store(to + step, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
    quad_store(to + 2 * step, __builtin_shufflevector(ab_end, cd_end, 0, 1, 4, 5));
    quad_store(to + 3 * step, __builtin_shufflevector(ab_end, cd_end, 2, 3, 6, 7));
}

void KERNEL(block_turn)(matrix from, float *to, int step)
{
    int rows = from.rows / 4 * 4, cols = from.cols / 4 * 4;

    for (int r = 0; r < rows; r += 4)
        for (int c = 0; c < cols; c += 4)
            turn_quad(matrix_row(from, r) + c, (size_t)from.stride,
                      to + (size_t)c * (size_t)step + (size_t)r, (size_t)step);
    for (int r = 0; r < from.rows; r++)
        for (int c = r < rows ? cols : 0; c < from.cols; c++)
            to[(size_t)c * (size_t)step + (size_t)r] = matrix_row(from, r)[c];
}
