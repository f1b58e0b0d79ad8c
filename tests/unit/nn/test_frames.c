/* test_frames.c - a frame of sound and its place to a row. */
#include <math.h>
#include <string.h>

#include "layer_check.h"
#include "lockstep/base/memory.h"
#include "lockstep/nn/frames.h"
#include "made_matrix.h"
#include "unit_check.h"

enum { MELS = 5, STACK = 3, ROWS = 2100 };

static parameters p;
static weight_slab weights;
static frames layer;
static matrix sound; /* of all sentences */

typedef struct variant {
    bool learned, masked;
    double dropout;
} variant;

static variant variant_of(int number)
{
    return (variant){.learned = number & 1, .masked = number & 2, number & 4 ? 0.3 : 0.0};
}

static void create(int width, variant v)
{
    static float fixed[LAYER_CHECK_PLACES * 32];
    linear_indices projection;
    int positions = -1;

    parameters_init(&p);
    ck_assert_int_eq(linear_add(&p, &projection, "source_projection.", MELS * STACK, width),
                     STATUS_OK);
    if (v.learned)
        ck_assert_int_eq(parameters_add(&p, &positions, "source_positions.weight", 2,
                                        LAYER_CHECK_PLACES, width, FILL_NORMAL),
                         STATUS_OK);
    ck_assert_int_eq(parameters_allocate(&p, LAYER_CHECK_GRAINS), STATUS_OK);
    layer_check_fill(&p);
    made_floats(fixed, sizeof(fixed) / sizeof(fixed[0]), 7, 1.0f);
    weights = (weight_slab){.values = p.values};
    layer = (frames){.projection = linear_view(&p, &weights, projection),
                     .positions = fixed,
                     .places = LAYER_CHECK_PLACES,
                     .augment = {.mels = MELS, .stack = STACK},
                     .dropout = v.dropout,
                     .site = 2};
    if (v.masked)
        layer.augment = (spec_augment){MELS, STACK, 1, 2, 1, 2};
    if (v.learned) {
        layer.positions = parameters_values(&p, positions);
        layer.positions_gradient = parameters_gradient(&p, positions, 0);
    }
    sound = made_matrix_create(ROWS, MELS * STACK, 0, 3);
}

static void destroy(void)
{
    parameters_free(&p);
    made_matrix_free(sound);
}

static void run(const layer_run *r)
{
    stream stream = *r->queries;
    frames_saved saved;

    stream.packed.frames = matrix_row(sound, r->first_row);
    stream.packed.frame_width = sound.cols;
    ck_assert_int_le(r->first_row + stream.packed.rows, ROWS);
    frames_forward(&layer, r->pass, &stream, r->y, &saved);
    if (r->backward)
        frames_backward(&layer, r->pass, &stream, r->dy, &saved);
}

static layer_check check_of(variant v)
{
    return (layer_check){.run = run,
                         .parameters = &p,
                         .y_cols = layer.projection.out,
                         .dropout = v.masked || v.dropout > 0.0};
}

START_TEST(gradients_are_central_differences)
{
    variant v = variant_of(_i);

    create(6, v);
    layer_check check = check_of(v);
    ck_assert_double_lt(layer_check_gradients(&check), 1e-3);
    destroy();
}
END_TEST

START_TEST(bits_do_not_depend_on_threads_and_ranks)
{
    variant v = variant_of(_i);

    create(24, v);
    layer_check check = check_of(v);
    layer_check_bits(&check);
    destroy();
}
END_TEST

/* A sentence of frames that are all 1, on weights of 1 and a bias of 2. */
START_TEST(a_row_is_the_map_of_its_frames_and_its_place)
{
    enum { LENGTH = 4, WIDTH = 8 };
    static const int32_t offsets[] = {0, LENGTH}, grain_sequences[] = {0, 1};
    arena memory;

    create(WIDTH, (variant){0});
    ck_assert_int_eq(arena_init(&memory, 1 << 20), STATUS_OK);
    for (size_t i = 0; i < p.floats; i++)
        p.values[i] = i < p.list[1].first ? 1.0f : 2.0f;
    for (int i = 0; i < LENGTH * sound.cols; i++)
        sound.data[i] = 1.0f;
    packed packed = {.rows = LENGTH,
                     .sequences = 1,
                     .grains = 1,
                     .frames = sound.data,
                     .frame_width = sound.cols,
                     .offsets = offsets,
                     .grain_rows = offsets,
                     .grain_sequences = grain_sequences};
    pass pass = {.arena = &memory, .threads = 1, .dropout = false};
    stream stream = stream_push(&pass, &packed);
    matrix x = pass_matrix(&pass, LENGTH, WIDTH);
    frames_saved saved;

    frames_forward(&layer, &pass, &stream, x, &saved);
    for (int r = 0; r < LENGTH; r++)
        for (int c = 0; c < WIDTH; c++)
            ck_assert_float_eq_tol(matrix_row(x, r)[c],
                                   MELS * STACK + 2.0f + layer.positions[r * WIDTH + c], 1e-5f);
    arena_free(&memory);
    destroy();
}
END_TEST

static Suite *frames_suite(void)
{
    Suite *suite = suite_create("nn/frames");
    TCase *tests = tcase_create("frames");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, gradients_are_central_differences, 0, 8);
    tcase_add_loop_test(tests, bits_do_not_depend_on_threads_and_ranks, 0, 8);
    tcase_add_test(tests, a_row_is_the_map_of_its_frames_and_its_place);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(frames_suite());
}
