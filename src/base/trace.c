/* trace.c - where the time goes: spans in Chrome's trace format. */
#include "lockstep/base/trace.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/file.h"
#include "lockstep/base/json.h"
#include "lockstep/base/memory.h"

typedef struct span {
    trace_name name;
    double begin, end; /* seconds */
    double gauge;      /* at its begin */
} span;

static const char *const names[TRACE_NAMES] = {
#define X(name, text) [TRACE_##name] = text,
    TRACE_NAME_LIST(X)
#undef X
};

bool trace_enabled;

static double (*gauge)(void);

static struct {
    char *path;
    int rank;
    span *ring;  /* [TRACE_SPANS]; NULL when only the sums are kept */
    size_t done; /* spans closed so far; span n is at n % TRACE_SPANS */
    int depth;
    span open[TRACE_DEPTH];
    /* Seconds under a name within outermost spans of another, or the same. */
    double sums[TRACE_NAMES][TRACE_NAMES];   /* [outermost][name] */
    double gauged[TRACE_NAMES][TRACE_NAMES]; /* likewise, of the gauge */
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

void trace_gauge(double (*read)(void))
{
    gauge = read;
}

static double gauge_now(void)
{
    return gauge != NULL ? gauge() : 0.0;
}

status trace_open(const char *path, int rank)
{
    CHECK(!trace_enabled);
    if (path != NULL)
        TRY(create_ring(path));
    trace.rank = rank;
    trace.done = 0;
    trace.depth = 0;
    memset(trace.sums, 0, sizeof(trace.sums));
    memset(trace.gauged, 0, sizeof(trace.gauged));
    trace_enabled = true;
    return STATUS_OK;
}

void trace_push(trace_name name)
{
    CHECK(trace.depth < TRACE_DEPTH);
    trace.open[trace.depth++] =
        (span){.name = name, .begin = clock_seconds(), .gauge = gauge_now()};
}

static void add_to_sum(const span *s)
{
    trace_name outer = trace.depth > 0 ? trace.open[0].name : s->name;

    trace.sums[outer][s->name] += s->end - s->begin;
    trace.gauged[outer][s->name] += gauge_now() - s->gauge;
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

double trace_seconds(trace_name name)
{
    double seconds = 0.0;

    for (int outer = 0; outer < TRACE_NAMES; outer++)
        seconds += trace.sums[outer][name];
    return seconds;
}

double trace_seconds_within(trace_name outer, trace_name name)
{
    return trace.sums[outer][name];
}

double trace_gauged_within(trace_name outer, trace_name name)
{
    return trace.gauged[outer][name];
}

static void add_rank(json *j)
{
    char name[32];

    snprintf(name, sizeof(name), "rank %d", trace.rank);
    json_break(j);
    json_begin(j, NULL);
    json_add_text(j, "name", "process_name");
    json_add_text(j, "ph", "M");
    json_add_integer(j, "pid", trace.rank);
    json_begin(j, "args");
    json_add_text(j, "name", name);
    json_end(j);
    json_end(j);
}

static void add_span(json *j, const span *s)
{
    json_break(j);
    json_begin(j, NULL);
    json_add_text(j, "name", names[s->name]);
    json_add_text(j, "ph", "X");
    json_add_integer(j, "pid", trace.rank);
    json_add_integer(j, "tid", 0);
    json_add_fixed(j, "ts", 1e6 * s->begin, 3);
    json_add_fixed(j, "dur", 1e6 * (s->end - s->begin), 3);
    json_end(j);
}

static void add_all(json *j)
{
    size_t first = trace.done > TRACE_SPANS ? trace.done - TRACE_SPANS : 0;

    json_begin(j, NULL);
    json_begin_list(j, "traceEvents");
    add_rank(j);
    for (size_t n = first; n < trace.done; n++)
        add_span(j, &trace.ring[n % TRACE_SPANS]);
    json_break(j);
    json_end_list(j);
    json_end(j);
}

status trace_close(void)
{
    json j = {.failure = STATUS_OK};

    if (!trace_enabled)
        return STATUS_OK;
    trace_enabled = false;
    if (trace.path == NULL)
        return STATUS_OK;
    add_all(&j);
    status result = json_end_line(&j);
    if (result == STATUS_OK)
        result = file_save(trace.path, j.text.data, j.text.size);
    json_free(&j);
    release();
    return result;
}
