/* test_snapshot.c - what is gathered is what the ranks held then, whoever writes it later. */
#include "snapshot.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/memory.h"
#include "mpi_check.h"

enum { SYMBOLS = 4, VALUES = 1, BUFFERS, AVERAGE, SLOTS };

static const char yaml[] = "run: {folder: none}\n"
                           "data: {train: {pairs: none.tsv}, max_length: 20}\n"
                           "model: {width: 32, heads: 4, feed_forward: 64, encoder_layers: 1,\n"
                           "        decoder_layers: 1, encoder_norm: batch}\n"
                           "batch: {tokens: 300, grains: 5}\n"
                           "training: {average_decay: 0.9}\n"
                           "validation: {every: 0}\n"
                           "distributed: {bucket_bytes: 20000}\n";
static const char *const words[SYMBOLS] = {"<unk>", "<begin>", "<end>", "x"};

static config settings;
static training live;
static sides data;
static snapshot taken;

/* The float at `place` of a slab. */
static float expected(int slab, size_t place)
{
    return (float)(place % 65521) + 0.125f * (float)slab;
}

static void fill(float *values, size_t first, size_t count, int slab)
{
    for (size_t i = 0; i < count; i++)
        values[i] = expected(slab, first + i);
}

static void fill_owned(float *owned, int slab)
{
    const slice *slices = exchange_slices(live.exchange);

    for (int b = 0; b < exchange_buckets(live.exchange); b++)
        fill(owned + slices[b].owned, slices[b].first, slices[b].count, slab);
}

static void fill_live(void)
{
    parameters *p = transformer_parameters(live.model);

    fill(p->values, 0, p->floats, VALUES);
    fill(p->buffers->values, 0, p->buffers->floats, BUFFERS);
    fill_owned(live.average.values, AVERAGE);
    for (int i = 0; i < live.optimizer.rule->slots; i++)
        fill_owned(live.optimizer.slots[i], SLOTS + i);
}

/* As the next step would. */
static void spoil_live(void)
{
    parameters *p = transformer_parameters(live.model);
    size_t owned = exchange_owned(live.exchange) * sizeof(float);

    memset(p->values, 0, p->floats * sizeof(float));
    memset(p->buffers->values, 0, p->buffers->floats * sizeof(float));
    memset(live.average.values, 0, owned);
    for (int i = 0; i < live.optimizer.rule->slots; i++)
        memset(live.optimizer.slots[i], 0, owned);
}

static void setup(void)
{
    environment e;

    ck_assert_all(config_load_text(&settings, "test", yaml, NULL, 0) == STATUS_OK);
    ck_assert_all(environment_open(test_world, &settings, &e) == STATUS_OK);
    ck_assert_all(training_open(&live, test_world, &settings, &e, SYMBOLS, SYMBOLS) ==
                  STATUS_OK);
    ck_assert_all(vocabulary_load(&data.vocabularies[SIDE_SOURCE], VOCABULARY_WORDS, words,
                                  SYMBOLS, NULL, 0, false) == STATUS_OK);
    data.vocabularies[SIDE_TARGET] = data.vocabularies[SIDE_SOURCE];
    taken = (snapshot){0};
}

static void teardown(void)
{
    snapshot_free(&taken);
    sides_free(&data);
    training_close(&live);
    config_free(&settings);
}

static bool is_first(void)
{
    return world_rank(test_world) == 0;
}

static bool holds(const float *values, size_t count, int slab)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] != expected(slab, i))
            return false;
    return true;
}

static bool holds_all(const checkpoint_content *c)
{
    const parameters *p = transformer_parameters(live.model);

    return holds(c->values, p->floats, VALUES) && c->progress.step == 17 &&
           holds(c->buffers, p->buffers->floats, BUFFERS) &&
           holds(c->average, p->floats, AVERAGE) && holds(c->slots[0], p->floats, SLOTS) &&
           holds(c->slots[1], p->floats, SLOTS + 1);
}

/* Without one allocation, and again into the same room. */
static void gather(void)
{
    size_t before = memory_allocations();

    for (int again = 0; again < 2; again++) {
        fill_live();
        snapshot_gather(&taken, &live, &(checkpoint_progress){.step = 17});
        spoil_live();
    }
    ck_assert_all(memory_allocations() == before);
}

START_TEST(all_shares_are_gathered_and_kept)
{
    ck_assert_all(snapshot_init(&taken, &live, &data) == STATUS_OK);
    gather();
    ck_assert_all(!is_first() || holds_all(&taken.content));
    ck_assert_all(is_first() || (taken.room == NULL && taken.content.values == NULL));
}
END_TEST

/* What the other thread is asked, and its answer. */
typedef struct writing {
    char path[64];
    status saved;
} writing;

static void *write_down(void *argument)
{
    writing *w = argument;

    w->saved = checkpoint_save(w->path, &taken.content);
    return NULL;
}

static bool is_in_file(const char *path)
{
    checkpoint c;
    sides read;
    parameters *p = transformer_parameters(live.model);
    float *whole = memory_create(p->floats, sizeof(float));
    bool good =
        checkpoint_open(&c, path) == STATUS_OK && c.progress.step == 17 &&
        checkpoint_check(&c, p, live.optimizer.rule) == STATUS_OK &&
        checkpoint_load_slot(&c, p, live.optimizer.rule->slot_names[1], whole) == STATUS_OK;

    for (int i = 0; good && i < p->count; i++) {
        size_t first = p->list[i].first;
        good = whole[first + 1] == expected(SLOTS + 1, first + 1);
    }
    good = good && sides_load(&read, c.reader) == STATUS_OK &&
           sides_symbols(&read, SIDE_TARGET) == SYMBOLS;
    sides_free(&read);
    checkpoint_close(&c);
    memory_destroy(whole);
    return good;
}

START_TEST(another_thread_can_write_it)
{
    writing w = {.path = "/tmp/lockstep-snapshot-XXXXXX"};
    bool good = true;
    pthread_t writer;

    ck_assert_all(snapshot_init(&taken, &live, &data) == STATUS_OK);
    gather();
    if (is_first()) {
        close(mkstemp(w.path));
        good = pthread_create(&writer, NULL, write_down, &w) == 0 &&
               pthread_join(writer, NULL) == 0 && w.saved == STATUS_OK && is_in_file(w.path);
        unlink(w.path);
    }
    ck_assert_all(good);
}
END_TEST

START_TEST(without_memory_it_says_how_much)
{
    char bytes[64];
    const parameters *p = transformer_parameters(live.model);

    snprintf(bytes, sizeof(bytes), "%zu bytes", (4 * p->floats + p->buffers->floats) * 4);
    for (size_t n = 1; is_first() && taken.room == NULL; n++) {
        ck_assert_uint_lt(n, 100);
        snapshot_free(&taken);
        memory_fail_after(n);
        status made = snapshot_init(&taken, &live, &data);
        memory_fail_after(0);
        ck_assert_int_eq(made, taken.room == NULL ? STATUS_NOMEM : STATUS_OK);
    }
    /* The room is the last that is asked for. */
    ck_assert_all(!is_first() || strstr(error_message(), bytes) != NULL);
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("snapshot");
    TCase *tests = tcase_create("snapshot");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, all_shares_are_gathered_and_kept);
    tcase_add_test(tests, another_thread_can_write_it);
    tcase_add_test(tests, without_memory_it_says_how_much);
    suite_add_tcase(suite, tests);
    return suite;
}
