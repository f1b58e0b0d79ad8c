/* test_attend.c - one query's attention against double precision. */
#include <math.h>
#include <string.h>

#include "kernel_check.h"
#include "lockstep/base/memory.h"
#include "made_matrix.h"
#include "unit_check.h"

enum { PLACES = 70, GAP = KERNEL_GAP, MOST_WIDTH = 5 * 80 };

/* Keys and values [places, width] of a query, and the keys as blocks. `blocks`, `weights` and
 * `values` are of exactly the sizes that the kernel may touch, and NaN where nothing is. */
typedef struct attended {
    attend args;
    matrix query, keys, values, context;
    float *blocks;
} attended;

static int rounded(int places)
{
    return (places + ATTEND_PLACES - 1) / ATTEND_PLACES * ATTEND_PLACES;
}

static float *nans(size_t count)
{
    float *list = memory_create(count, sizeof(*list));

    for (size_t i = 0; i < count; i++)
        list[i] = NAN;
    return list;
}

static void scale_row(matrix m, int row, float by)
{
    for (int c = 0; c < m.cols; c++)
        matrix_row(m, row)[c] *= by;
}

static float *blocks_of(matrix keys)
{
    float *blocks = nans((size_t)(rounded(keys.rows) * keys.cols));

    for (int p = 0; p < keys.rows; p++)
        for (int c = 0; c < keys.cols; c++)
            blocks[(p / ATTEND_PLACES * keys.cols + c) * ATTEND_PLACES + p % ATTEND_PLACES] =
                matrix_row(keys, p)[c];
    return blocks;
}

/* The query's size says how much the weights differ. */
static attended create(int heads, int head_width, int places, float size)
{
    int width = heads * head_width;
    attended a = {.query = made_matrix_create(1, width, 0, 1),
                  .keys = made_matrix_create(places, width, 0, 2),
                  .values = made_matrix_create(places, width, 0, 3),
                  .context = made_matrix_create(1, width, GAP, 4)};

    scale_row(a.query, 0, size);
    a.blocks = blocks_of(a.keys);
    a.args = (attend){.heads = heads,
                      .head_width = head_width,
                      .width = width,
                      .places = places,
                      .scale = 1.0f / sqrtf((float)head_width),
                      .query = a.query.data,
                      .keys = a.blocks,
                      .stride = (size_t)(ATTEND_PLACES * width),
                      .values = a.values.data,
                      .weights = nans((size_t)(heads * rounded(places))),
                      .room = rounded(places),
                      .context = a.context.data};
    for (int c = 0; c < width; c++)
        a.context.data[c] = NAN;
    return a;
}

static void destroy(attended *a)
{
    made_matrix_free(a->query);
    made_matrix_free(a->keys);
    made_matrix_free(a->values);
    made_matrix_free(a->context);
    memory_destroy(a->blocks);
    memory_destroy(a->args.weights);
}

/* softmax(scale * q . k) of one head. */
static void expected_weights(const attended *a, int head, double *weights)
{
    int column = head * a->args.head_width, places = a->args.places;
    double largest = -INFINITY, sum = 0.0;

    for (int p = 0; p < places; p++) {
        weights[p] = 0.0;
        for (int d = column; d < column + a->args.head_width; d++)
            weights[p] += (double)a->query.data[d] * matrix_row(a->keys, p)[d];
        weights[p] *= (double)a->args.scale;
        largest = fmax(largest, weights[p]);
    }
    for (int p = 0; p < places; p++)
        sum += weights[p] = exp(weights[p] - largest);
    for (int p = 0; p < places; p++)
        weights[p] /= sum;
}

static void compare(const attended *a, double tolerance)
{
    double weights[PLACES], expected[MOST_WIDTH] = {0};

    for (int head = 0; head < a->args.heads; head++) {
        int column = head * a->args.head_width;
        expected_weights(a, head, weights);
        for (int p = 0; p < a->args.places; p++)
            for (int c = column; c < column + a->args.head_width; c++)
                expected[c] += weights[p] * (double)matrix_row(a->values, p)[c];
    }
    kernel_check_close("attend", a->context.data, expected, a->args.width, tolerance);
    made_matrix_check(a->context, GAP);
}

static void attend_and_compare(int heads, int head_width, int places, float size,
                               double tolerance)
{
    attended a = create(heads, head_width, places, size);

    kernels_get()->attend(&a.args);
    compare(&a, tolerance);
    destroy(&a);
}

/* ---- any shape ---- */

static void check_places(void)
{
    for (int places = 1; places <= PLACES; places++) {
        attend_and_compare(2, 8, places, 1.0f, 2e-6);
        attend_and_compare(3, 37, places, 1.0f, 2e-6);
    }
}

START_TEST(any_number_of_places)
{
    kernel_check_sets(check_places);
}
END_TEST

static void check_widths(void)
{
    for (int width = 1; width <= 80; width++) {
        attend_and_compare(1, width, 1, 1.0f, 2e-6);
        attend_and_compare(5, width, 16, 1.0f, 2e-6);
        attend_and_compare(2, width, 67, 1.0f, 2e-6);
    }
}

START_TEST(any_width_of_heads)
{
    kernel_check_sets(check_widths);
}
END_TEST

/* ---- large scores ---- */

/* Scores of some hundreds, of which one outweighs all, and the same at every place. */
static void check_large(void)
{
    attend_and_compare(2, 16, 50, 100.0f, 1e-3);
    for (int places = 1; places <= PLACES; places += 23) {
        attended a = create(2, 16, places, 1.0f);
        for (int c = 0; c < a.args.width; c++) {
            a.query.data[c] = 1e3f;
            for (int p = 0; p < places; p++)
                matrix_row(a.keys, p)[c] = c < 16 ? 1e3f : -1e3f;
        }
        memory_destroy(a.blocks);
        a.args.keys = a.blocks = blocks_of(a.keys);
        kernels_get()->attend(&a.args);
        compare(&a, 2e-6);
        destroy(&a);
    }
}

START_TEST(large_scores_are_no_trouble)
{
    kernel_check_sets(check_large);
}
END_TEST

/* ---- what is not there, and what is no number ---- */

/* What the unused places of the last block and the scratch hold has no say: not even in the
 * bits. */
static void check_unused(void)
{
    for (int places = 1; places <= PLACES; places++) {
        attended a = create(2, 20, places, 1.0f), b = create(2, 20, places, 1.0f);
        for (int i = 0; i < rounded(places) * b.args.width; i++)
            b.blocks[i] = isnan(b.blocks[i]) ? 1e30f : b.blocks[i];
        memset(b.args.weights, 0,
               (size_t)b.args.heads * (size_t)rounded(places) * sizeof(float));
        kernels_get()->attend(&a.args);
        kernels_get()->attend(&b.args);
        kernel_check_bits("attend", a.context, 0, b.context);
        destroy(&a);
        destroy(&b);
    }
}

START_TEST(unused_places_do_not_matter)
{
    kernel_check_sets(check_unused);
}
END_TEST

static void check_nan(void)
{
    for (int p = 0; p < 19; p++) {
        attended a = create(2, 20, 19, 1.0f);
        a.blocks[(p / ATTEND_PLACES * 40 + 3) * ATTEND_PLACES + p % ATTEND_PLACES] =
            p % 2 == 0 ? NAN : -NAN;
        kernels_get()->attend(&a.args);
        for (int c = 0; c < 40; c++)
            ck_assert(c < 20 ? isnan(a.context.data[c]) : isfinite(a.context.data[c]));
        destroy(&a);
    }
}

START_TEST(a_key_that_is_no_number_shows_in_its_head)
{
    kernel_check_sets(check_nan);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tensor/attend");
    TCase *tests = tcase_create("attend");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, any_number_of_places);
    tcase_add_test(tests, any_width_of_heads);
    tcase_add_test(tests, large_scores_are_no_trouble);
    tcase_add_test(tests, unused_places_do_not_matter);
    tcase_add_test(tests, a_key_that_is_no_number_shows_in_its_head);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
