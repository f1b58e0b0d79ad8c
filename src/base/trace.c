/* trace.c - where the time goes: spans in Chrome's trace format. */
#include "lockstep/base/trace.h"

#include <stddef.h>
#include <string.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/clock.h"
#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"

typedef struct span {
    const char *name;
    double begin, end; /* seconds */
} span;

/* The time under one name within outermost spans of another, or the same. */
typedef struct sum {
    const char *outer, *name;
    double seconds;
} sum;

bool trace_enabled;

static struct {
    char *path;
    int rank;
    span *ring;  /* [TRACE_SPANS]; NULL when only the sums are kept */
    size_t done; /* spans closed so far; span n is at n % TRACE_SPANS */
    int depth;
    span open[TRACE_DEPTH];
    int names;
    sum sums[TRACE_NAMES];
} trace;

static void release(void)
{
    memory_destroy(trace.path);
    memory_destroy(trace.ring);
    trace.path = NULL;
    trace.ring = NULL;
}

static status create_ring(const char *path)
{
    trace.path = memory_copy_text(path);
    trace.ring = memory_create(TRACE_SPANS, sizeof(span));
    if (trace.path != NULL && trace.ring != NULL)
        return STATUS_OK;
    release();
    return fail(STATUS_NOMEM, "%s: no memory for a trace", path);
}

status trace_open(const char *path, int rank)
{
    CHECK(!trace_enabled);
    if (path != NULL)
        TRY(create_ring(path));
    trace.rank = rank;
    trace.done = 0;
    trace.depth = 0;
    trace.names = 0;
    trace_enabled = true;
    return STATUS_OK;
}

void trace_push(const char *name)
{
    CHECK(trace.depth < TRACE_DEPTH);
    trace.open[trace.depth++] = (span){.name = name, .begin = clock_seconds()};
}

static bool same(const char *a, const char *b)
{
    return a == b || strcmp(a, b) == 0;
}

/* NULL when there is none. */
static sum *find_sum(const char *outer, const char *name)
{
    for (int i = 0; i < trace.names; i++)
        if (same(trace.sums[i].outer, outer) && same(trace.sums[i].name, name))
            return &trace.sums[i];
    return NULL;
}

static void add_to_sum(const span *s)
{
    const char *outer = trace.depth > 0 ? trace.open[0].name : s->name;
    sum *of = find_sum(outer, s->name);

    if (of == NULL) {
        CHECK(trace.names < TRACE_NAMES);
        of = &trace.sums[trace.names++];
        *of = (sum){.outer = outer, .name = s->name};
    }
    of->seconds += s->end - s->begin;
}

void trace_pop(void)
{
    CHECK(trace.depth > 0);
    span s = trace.open[--trace.depth];

    s.end = clock_seconds();
    add_to_sum(&s);
    if (trace.ring != NULL)
        trace.ring[trace.done++ % TRACE_SPANS] = s;
}

double trace_seconds(const char *name)
{
    double seconds = 0.0;

    for (int i = 0; i < trace.names; i++)
        if (same(trace.sums[i].name, name))
            seconds += trace.sums[i].seconds;
    return seconds;
}

double trace_seconds_within(const char *outer, const char *name)
{
    const sum *of = find_sum(outer, name);

    return of == NULL ? 0.0 : of->seconds;
}

static status print(buffer *text)
{
    size_t first = trace.done > TRACE_SPANS ? trace.done - TRACE_SPANS : 0;

    TRY(buffer_add_text(text,
                        "{\"traceEvents\":[\n"
                        "{\"name\":\"process_name\",\"ph\":\"M\","
                        "\"pid\":%d,\"args\":{\"name\":\"rank %d\"}}",
                        trace.rank, trace.rank));
    for (size_t n = first; n < trace.done; n++) {
        const span *s = &trace.ring[n % TRACE_SPANS];

        TRY(buffer_add_text(text,
                            ",\n{\"name\":\"%s\",\"ph\":\"X\",\"pid\":%d,"
                            "\"tid\":0,\"ts\":%.3f,\"dur\":%.3f}",
                            s->name, trace.rank, 1e6 * s->begin, 1e6 * (s->end - s->begin)));
    }
    return buffer_add_text(text, "\n]}\n");
}

status trace_close(void)
{
    buffer text = {0};

    if (!trace_enabled)
        return STATUS_OK;
    trace_enabled = false;
    if (trace.path == NULL)
        return STATUS_OK;
    status result = print(&text);
    if (result == STATUS_OK)
        result = file_save(trace.path, text.data, text.size);
    buffer_free(&text);
    release();
    return result;
}
