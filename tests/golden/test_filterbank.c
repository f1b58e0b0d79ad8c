/* test_filterbank.c - features of audio files against SciPy's (make_filterbank.py). */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "lockstep/base/half.h"
#include "lockstep/base/memory.h"
#include "lockstep/data/audio_features.h"
#include "lockstep/store/store.h"
#include "unit_check.h"

static const char *const cases[] = {
    "mono_16000",      "stereo_16000",          "mono_8000", "stereo_44100", "resampled_8000",
    "resampled_44100", "resampled_44100_stereo"};

/* How far a feature may be from the reference, as a share of it where it is above 1; the half
 * that it became may be off by half of that. */
static const double TOLERANCE = 1e-3;

static store_reader *reader;
static char path[] = "/tmp/lockstep-filterbank-XXXXXX";

static void good(status s)
{
    ck_assert_msg(s == STATUS_OK, "%s", error_message());
}

/* The case's tensor of that name; owned: memory_destroy. */
static void *load(const char *name, const char *what, store_shape *shape, size_t size)
{
    char tensor[96];
    size_t count = 1;
    void *values;

    snprintf(tensor, sizeof tensor, "/%s/%s", name, what);
    good(store_shape_of(reader, tensor, shape));
    for (int i = 0; i < shape->dimensions; i++)
        count *= (size_t)shape->dims[i];
    values = memory_create(count, size);
    ck_assert_ptr_nonnull(values);
    good(store_load(reader, tensor, *shape, values));
    return values;
}

static void setup(void)
{
    int descriptor = mkstemp(path);

    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
    good(store_open(&reader, "filterbank.h5", "golden", 1));
}

static void teardown(void)
{
    store_close(reader);
    unlink(path);
}

static void compute(const char *name, buffer *rows, size_t *count)
{
    store_shape shape;
    double *s = load(name, "settings", &shape, sizeof *s);
    audio_settings settings = {
        .rate = (int)s[0], .mels = (int)s[1], .window = s[2], .hop = s[3], .stack = (int)s[4]};
    audio_features *features;
    char *bytes = load(name, "file", &shape, 1);

    good(file_save(path, bytes, (size_t)shape.dims[0]));
    good(audio_features_create(&features, &settings));
    good(audio_features_load(features, path, SIZE_MAX, rows, count));
    audio_features_destroy(features);
    memory_destroy(bytes);
    memory_destroy(s);
}

START_TEST(features_are_the_reference)
{
    const char *name = cases[_i];
    store_shape shape;
    float *reference = load(name, "features", &shape, sizeof *reference);
    double worst = 0.0;
    buffer rows = {0};
    size_t count, values = (size_t)(shape.dims[0] * shape.dims[1]);

    compute(name, &rows, &count);
    ck_assert_uint_eq(count, shape.dims[0]);
    ck_assert_uint_eq(rows.size, values * sizeof(uint16_t));
    for (size_t i = 0; i < values; i++) {
        double found = half_to_float(((uint16_t *)(void *)rows.data)[i]);
        double off = fabs(found - reference[i]) / fmax(1.0, fabs(reference[i]));

        worst = fmax(worst, off);
    }
    ck_assert_msg(worst <= TOLERANCE, "%s: off by %g", name, worst);
    buffer_free(&rows);
    memory_destroy(reference);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("filterbank");
    TCase *tests = tcase_create("golden");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, features_are_the_reference, 0,
                        (int)(sizeof cases / sizeof cases[0]));
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
