/* read_files.c - every file that is named is read as far as it goes, in one process.
 *
 *     read_files FILE...
 *
 * Prints each name and what became of it: "read", or the status. All that a stranger's
 * checkpoint or dataset says is looked at: its configuration, vocabularies, tensors, pairs.
 * A file that takes longer than 20 seconds ends the program.
 */
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/memory.h"
#include "lockstep/checkpoint/checkpoint.h"
#include "lockstep/config/config.h"
#include "lockstep/data/dataset.h"

enum { PAIRS = 1024, SECONDS_MOST = 20 };

static size_t bytes_of(const store_shape *shape)
{
    static const size_t sizes[] = {
        [STORE_FLOAT] = 4, [STORE_DOUBLE] = 8, [STORE_INT32] = 4,  [STORE_INT64] = 8,
        [STORE_BYTE] = 1,  [STORE_HALF] = 2,   [STORE_STRINGS] = 0};
    size_t size = sizes[shape->type];

    for (int i = 0; i < shape->dimensions; i++)
        size *= shape->dims[i];
    return size;
}

static status read_set(void *user, const char *name, const store_shape *shape)
{
    store_reader *reader = user;

    if (shape->type == STORE_STRINGS) {
        char **strings;
        size_t count;

        TRY(store_load_strings(reader, name, &strings, &count));
        memory_destroy(strings);
        return STATUS_OK;
    }
    void *values = memory_create(bytes_of(shape), 1);

    if (values == NULL)
        return fail(STATUS_NOMEM, "%s: no memory", name);
    status result = store_load(reader, name, *shape, values);
    memory_destroy(values);
    return result;
}

static status read_open_checkpoint(const checkpoint *c)
{
    config run;
    sides made;

    TRY(config_load_text(&run, "the configuration", c->config, NULL, 0));
    config_free(&run);
    TRY(sides_load(&made, c->reader));
    sides_free(&made);
    return store_walk(c->reader, "/", read_set, c->reader);
}

static status read_checkpoint(const char *path)
{
    checkpoint c = {0};

    TRY(checkpoint_open(&c, path));
    status result = read_open_checkpoint(&c);
    checkpoint_close(&c);
    return result;
}

static status read_pairs(dataset *d, dataset_split split, dataset_side side, int64_t first,
                         int64_t count)
{
    const element of = sides_element(dataset_sides(d), side);
    int32_t lengths[PAIRS];
    int64_t total = 0;

    TRY(dataset_lengths(d, split, side, first, count, lengths));
    for (int64_t i = 0; i < count; i++)
        total += lengths[i];
    void *elements = memory_create((size_t)total, element_size(of));
    if (elements == NULL)
        return fail(STATUS_NOMEM, "no memory");
    status result = dataset_load(d, split, side, first, count, elements);
    memory_destroy(elements);
    return result;
}

static status read_side(dataset *d, dataset_split split, dataset_side side)
{
    int64_t pairs = dataset_pairs(d, split);
    char **texts;
    size_t count;

    for (int64_t first = 0; first < pairs; first += PAIRS)
        TRY(read_pairs(d, split, side, first, pairs - first < PAIRS ? pairs - first : PAIRS));
    if (split == SPLIT_TRAIN || pairs == 0)
        return STATUS_OK;
    TRY(dataset_texts(d, split, side, &texts, &count));
    memory_destroy(texts);
    return STATUS_OK;
}

static status read_dataset(const char *path)
{
    dataset *d;

    TRY(dataset_open(&d, path, true));
    status result = STATUS_OK;
    for (int split = 0; result == STATUS_OK && split < SPLITS; split++)
        for (int side = 0; result == STATUS_OK && side < SIDES; side++)
            result = read_side(d, (dataset_split)split, (dataset_side)side);
    dataset_close(d);
    return result;
}

static status read_file(const char *path)
{
    char kind[32];

    TRY(store_kind(path, kind));
    return strcmp(kind, "dataset") == 0 ? read_dataset(path) : read_checkpoint(path);
}

#ifndef __SANITIZE_ADDRESS__
/* In whose code a crash was, for builds without a sanitizer to say it. */
static void show_frames(int number)
{
    void *frames[64];
    int count = backtrace(frames, 64);

    backtrace_symbols_fd(frames + 1, count - 1, STDERR_FILENO);
    signal(number, SIG_DFL);
    raise(number);
}

static void watch(void)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

    for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
        signal(crashes[i], show_frames);
}
#else
static void watch(void)
{
}
#endif

int main(int argc, char **argv)
{
    watch();
    for (int i = 1; i < argc; i++) {
        printf("%s ", argv[i]);
        fflush(stdout);
        alarm(SECONDS_MOST);
        if (read_file(argv[i]) == STATUS_OK)
            puts("read");
        else
            printf("refused: %s\n", error_message());
    }
    return 0;
}
