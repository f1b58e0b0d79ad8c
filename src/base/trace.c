/* trace.c - where the time goes: spans in Chrome's trace format. */
#include "lockstep/base/trace.h"

#include <stddef.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/clock.h"
#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"

typedef struct span {
    const char *name;
    double begin, end; /* seconds */
} span;

bool trace_enabled;

static struct {
    char *path;
    int rank;
    span *ring;  /* [TRACE_SPANS] */
    size_t done; /* spans closed so far; span n is at n % TRACE_SPANS */
    int depth;
    span open[TRACE_DEPTH];
} trace;

status trace_open(const char *path, int rank)
{
    CHECK(!trace_enabled);
    trace.path = memory_copy_text(path);
    trace.ring = memory_create(TRACE_SPANS, sizeof(span));
    if (trace.path == NULL || trace.ring == NULL) {
        memory_destroy(trace.path);
        memory_destroy(trace.ring);
        return fail(STATUS_NOMEM, "%s: no memory for a trace", path);
    }
    trace.rank = rank;
    trace.done = 0;
    trace.depth = 0;
    trace_enabled = true;
    return STATUS_OK;
}

void trace_push(const char *name)
{
    CHECK(trace.depth < TRACE_DEPTH);
    trace.open[trace.depth++] = (span){.name = name, .begin = clock_seconds()};
}

void trace_pop(void)
{
    CHECK(trace.depth > 0);
    span *s = &trace.ring[trace.done++ % TRACE_SPANS];

    *s = trace.open[--trace.depth];
    s->end = clock_seconds();
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
    status result = print(&text);
    if (result == STATUS_OK)
        result = file_save(trace.path, text.data, text.size);
    buffer_free(&text);
    memory_destroy(trace.ring);
    memory_destroy(trace.path);
    return result;
}
