/* recording.c - recordings as lines of JSON. */
#include "lockstep/scaling/recording.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/base/json.h"
#include "lockstep/base/memory.h"
#include "lockstep/config/record.h"

enum { DIGITS = 7, PATH_MOST = 64 };

static const int most_tensors = 1000000, most_side = 100000000;

static const char *const kinds[] = {[RECORDED_NEED] = "need",
                                    [RECORDED_READY_USE] = "ready_use",
                                    [RECORDED_READY] = "ready",
                                    [RECORDED_END] = "end"};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

void recording_free(recording *r)
{
    memory_destroy(r->tensors);
    memory_destroy(r->events);
    *r = (recording){0};
}

/* ---- writing ---- */

static void add_tensor(json *j, const recorded_tensor *t)
{
    json_begin(j, NULL);
    json_add_text(j, "name", t->name);
    json_add_integer(j, "rows", t->rows);
    json_add_integer(j, "cols", t->cols);
    json_add_integer(j, "dimensions", t->dimensions);
    json_begin_list(j, "filled");
    for (int use = 0; use < t->uses; use++)
        json_add_number(j, NULL, t->filled[use], DIGITS);
    json_end_list(j);
    json_end(j);
}

static void add_event(json *j, const recorded_event *e)
{
    json_begin(j, NULL);
    json_add_text(j, "what", kinds[e->kind]);
    json_add_integer(j, "tensor", e->tensor);
    if (e->kind == RECORDED_READY_USE)
        json_add_integer(j, "use", e->use);
    json_add_number(j, "seconds", e->seconds, DIGITS);
    json_add_number(j, "moves", e->moves, DIGITS);
    json_end(j);
}

static void add_all(json *j, const recording *r)
{
    json_begin(j, NULL);
    json_add_integer(j, "ranks", r->ranks);
    json_add_integer(j, "threads", r->threads);
    json_add_integer(j, "grains", r->grains);
    json_add_bool(j, "half", r->half);
    json_add_integer(j, "steps", r->steps);
    json_add_number(j, "tokens", r->tokens, DIGITS);
    json_add_number(j, "rest", r->rest, DIGITS);
    json_add_number(j, "norm", r->norm, DIGITS);
    json_add_number(j, "update", r->update, DIGITS);
    json_add_number(j, "deviation", r->deviation, DIGITS);
    json_begin_list(j, "tensors");
    for (int i = 0; i < r->tensor_count; i++)
        add_tensor(j, &r->tensors[i]);
    json_end_list(j);
    json_begin_list(j, "events");
    for (int i = 0; i < r->event_count; i++)
        add_event(j, &r->events[i]);
    json_end_list(j);
    json_end(j);
}

status recording_add(const recording *r, const char *path)
{
    json line = {.failure = STATUS_OK};

    add_all(&line, r);
    status done = json_end_line(&line);
    if (done == STATUS_OK)
        done = file_append_line(path, line.text.data, line.text.size);
    json_free(&line);
    return done;
}

/* ---- reading ---- */

/* A path below one element of a list. */
static const char *below(char out[PATH_MOST], const char *list, int index, const char *rest)
{
    snprintf(out, PATH_MOST, "%s/%d/%s", list, index, rest);
    return out;
}

static status read_double(const record *from, const char *path, double *out)
{
    *out = record_number(from, path);
    if (*out >= 0.0 && isfinite(*out))
        return STATUS_OK;
    return fail(STATUS_INPUT, "%s is not a number from 0 on", path);
}

static status read_int(const record *from, const char *path, int least, int most, int *out)
{
    double value = record_number(from, path);

    if (!(value >= least && value <= most && fmod(value, 1.0) == 0.0))
        return fail(STATUS_INPUT, "%s is not a whole number from %d to %d", path, least, most);
    *out = (int)value;
    return STATUS_OK;
}

static status read_filled(const record *from, int index, recorded_tensor *t)
{
    char path[PATH_MOST], rest[24];

    for (t->uses = 0; t->uses < PARAMETER_USES; t->uses++) {
        snprintf(rest, sizeof(rest), "filled/%d", t->uses);
        if (record_text(from, below(path, "tensors", index, rest)) == NULL)
            break;
        TRY(read_double(from, path, &t->filled[t->uses]));
        if (t->filled[t->uses] > 1.0)
            return fail(STATUS_INPUT, "%s is above 1", path);
    }
    return t->uses > 0 ? STATUS_OK
                       : fail(STATUS_INPUT, "tensors/%d/filled is not there", index);
}

static status read_tensor(const record *from, int index, recorded_tensor *t)
{
    char path[PATH_MOST];
    const char *name = record_text(from, below(path, "tensors", index, "name"));

    if (name == NULL || strlen(name) >= sizeof(t->name))
        return fail(STATUS_INPUT, "%s is not a tensor's name", path);
    snprintf(t->name, sizeof(t->name), "%s", name);
    TRY(read_int(from, below(path, "tensors", index, "rows"), 1, most_side, &t->rows));
    TRY(read_int(from, below(path, "tensors", index, "cols"), 1, most_side, &t->cols));
    TRY(read_int(from, below(path, "tensors", index, "dimensions"), 1, 2, &t->dimensions));
    if (t->dimensions == 1 && t->rows != 1)
        return fail(STATUS_INPUT, "tensors/%d is a vector of %d rows", index, t->rows);
    return read_filled(from, index, t);
}

static status read_kind(const record *from, const char *path, recorded_kind *out)
{
    const char *word = record_text(from, path);

    for (int k = 0; word != NULL && k < KINDS; k++)
        if (strcmp(word, kinds[k]) == 0) {
            *out = (recorded_kind)k;
            return STATUS_OK;
        }
    return fail(STATUS_INPUT, "%s is not need, ready_use, ready or end", path);
}

static status read_event(const record *from, int index, const recording *r, recorded_event *e)
{
    char path[PATH_MOST];

    *e = (recorded_event){0};
    TRY(read_kind(from, below(path, "events", index, "what"), &e->kind));
    TRY(read_int(from, below(path, "events", index, "tensor"), 0, r->tensor_count - 1,
                 &e->tensor));
    if (e->kind == RECORDED_READY_USE)
        TRY(read_int(from, below(path, "events", index, "use"), 0,
                     r->tensors[e->tensor].uses - 1, &e->use));
    TRY(read_double(from, below(path, "events", index, "seconds"), &e->seconds));
    return read_double(from, below(path, "events", index, "moves"), &e->moves);
}

static int count_list(const record *from, const char *list, const char *key)
{
    char path[PATH_MOST];
    int count = 0;

    while (count < most_tensors && record_text(from, below(path, list, count, key)) != NULL)
        count++;
    return count;
}

static status read_lists(const record *from, recording *r)
{
    int tensors = count_list(from, "tensors", "name"),
        events = count_list(from, "events", "what");

    if (tensors == 0 || events == 0)
        return fail(STATUS_INPUT, "it has no tensors, or no events");
    r->tensors = memory_create((size_t)tensors, sizeof(*r->tensors));
    r->events = memory_create((size_t)events, sizeof(*r->events));
    if (r->tensors == NULL || r->events == NULL)
        return fail(STATUS_NOMEM, "no memory for a recording of %d events", events);
    for (; r->tensor_count < tensors; r->tensor_count++)
        TRY(read_tensor(from, r->tensor_count, &r->tensors[r->tensor_count]));
    for (; r->event_count < events; r->event_count++)
        TRY(read_event(from, r->event_count, r, &r->events[r->event_count]));
    return STATUS_OK;
}

static status read_half(const record *from, bool *out)
{
    const char *word = record_text(from, "half");

    if (word == NULL || (strcmp(word, "true") != 0 && strcmp(word, "false") != 0))
        return fail(STATUS_INPUT, "half is not true or false");
    *out = word[0] == 't';
    return STATUS_OK;
}

static status read_all(const record *from, recording *r)
{
    TRY(read_int(from, "ranks", 1, most_tensors, &r->ranks));
    TRY(read_int(from, "threads", 1, most_tensors, &r->threads));
    TRY(read_int(from, "grains", 1, most_tensors, &r->grains));
    TRY(read_half(from, &r->half));
    TRY(read_int(from, "steps", 1, most_side, &r->steps));
    TRY(read_double(from, "tokens", &r->tokens));
    TRY(read_double(from, "rest", &r->rest));
    TRY(read_double(from, "norm", &r->norm));
    TRY(read_double(from, "update", &r->update));
    TRY(read_double(from, "deviation", &r->deviation));
    return read_lists(from, r);
}

typedef struct reading {
    const char *path;
    recording *list;
    int count;
} reading;

static status visit(void *user, const record *from, const char *line, size_t size)
{
    reading *all = user;
    recording *list = memory_resize(all->list, (size_t)all->count + 1, sizeof(*list));

    (void)line;
    (void)size;
    if (list == NULL)
        return fail(STATUS_NOMEM, "%s: no memory for another recording", all->path);
    all->list = list;
    list[all->count] = (recording){0};
    status done = read_all(from, &list[all->count++]);
    return done == STATUS_OK
               ? done
               : fail(done, "%s: recording %d: %s", all->path, all->count, error_message());
}

static void free_all(reading *all)
{
    for (int i = 0; i < all->count; i++)
        recording_free(&all->list[i]);
    memory_destroy(all->list);
}

status recording_load(recording **out, int *count, const char *path)
{
    reading all = {.path = path};
    uint64_t size;

    TRY(file_size(path, &size)); /* says why it cannot be read, if so */
    status done = record_visit_all(path, visit, &all);
    if (done == STATUS_OK && all.count == 0)
        done = fail(STATUS_INPUT,
                    "%s: no recording stands in it: `lockstep plan CONFIG "
                    "--record FILE` makes one",
                    path);
    if (done != STATUS_OK) {
        free_all(&all);
        return done;
    }
    *out = all.list;
    *count = all.count;
    return STATUS_OK;
}

const recording *recording_nearest(const recording *list, int count, int ranks, int threads,
                                   int grains)
{
    const recording *best = NULL;

    for (int i = 0; i < count; i++) {
        const recording *r = &list[i];

        if (r->ranks != ranks || (threads > 0 && r->threads != threads))
            continue;
        threads = r->threads;
        if (best == NULL || abs(r->grains - grains) < abs(best->grains - grains))
            best = r;
    }
    return best;
}

status recording_register(const recording *r, parameters *out)
{
    for (int i = 0; i < r->tensor_count; i++) {
        const recorded_tensor *t = &r->tensors[i];
        int index, use;

        if (parameters_find(out, t->name) >= 0)
            return fail(STATUS_INPUT, "tensors/%d: %s is there twice", i, t->name);
        TRY(parameters_add(out, &index, t->name, t->dimensions, t->rows, t->cols, FILL_ZERO));
        for (int u = 1; u < t->uses; u++)
            parameters_add_use(out, index, &use);
    }
    return STATUS_OK;
}
