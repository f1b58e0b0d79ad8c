/* recorder.c - how long a pass computes between what it says of its parameters. */
#include "recorder.h"

#include <math.h>
#include <string.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/memory.h"
#include "median.h"

/* ---- what is noted ---- */

static void add_event(recorder *r, recorded_event e)
{
    recording *out = r->out;

    if (out->event_count == r->room) {
        int room = r->room > 0 ? 2 * r->room : 64;
        size_t numbers = (size_t)room * (size_t)r->steps;
        recorded_event *list = memory_resize(out->events, (size_t)room, sizeof(*list));
        double *seconds = memory_resize(r->seconds, numbers, sizeof(*seconds));

        out->events = list != NULL ? list : out->events;
        r->seconds = seconds != NULL ? seconds : r->seconds;
        if (list == NULL || seconds == NULL) {
            r->failure = fail(STATUS_NOMEM, "no memory for a recording of %d events", room);
            return;
        }
        r->room = room;
    }
    out->events[out->event_count++] = e;
}

static bool is_same(const recorded_event *a, const recorded_event *b)
{
    return a->kind == b->kind && a->tensor == b->tensor && a->use == b->use;
}

static status refuse(void)
{
    return fail(STATUS_CONFIG, "the steps of this model do not all go the same way, so that "
                               "none can stand for them");
}

/* From here on it is not the pass that computes. */
static void note(recorder *r, recorded_event e)
{
    recording *out = r->out;
    double now = clock_seconds();
    int at = r->at++;

    if (out->steps == 0 && r->failure == STATUS_OK)
        add_event(r, e);
    if (r->failure == STATUS_OK && (at >= out->event_count || !is_same(&out->events[at], &e)))
        r->failure = refuse();
    if (r->failure == STATUS_OK) {
        r->seconds[at * r->steps + out->steps] = now - r->since;
        out->events[at].moves += r->moves;
    }
    r->moves = 0.0;
    r->since = now;
}

static void resume(recorder *r)
{
    double now = clock_seconds();

    r->inside += now - r->since;
    r->since = now;
}

/* Of the first step alone: it takes a while. */
static void count_filled(recorder *r, int tensor, int use)
{
    double *filled = &r->out->tensors[tensor].filled[use];

    if (*filled < 0.0)
        *filled = exchange_filled(r->exchange, tensor, use);
}

/* ---- hooks ---- */

static void hear_need(void *user, int last)
{
    recorder *r = user;
    const parameter_hooks *inner = exchange_hooks(r->exchange);

    note(r, (recorded_event){.kind = RECORDED_NEED, .tensor = last});
    inner->need(inner->user, last);
    resume(r);
}

static void hear_ready(void *user, int first)
{
    recorder *r = user;
    const parameter_hooks *inner = exchange_hooks(r->exchange);

    note(r, (recorded_event){.kind = RECORDED_READY, .tensor = first});
    while (r->counted > first) {
        r->counted--;
        for (int use = 0; use < r->out->tensors[r->counted].uses; use++)
            count_filled(r, r->counted, use);
    }
    inner->ready(inner->user, first);
    resume(r);
}

static void hear_ready_use(void *user, int index, int use)
{
    recorder *r = user;
    const parameter_hooks *inner = exchange_hooks(r->exchange);

    note(r, (recorded_event){.kind = RECORDED_READY_USE, .tensor = index, .use = use});
    count_filled(r, index, use);
    inner->ready_use(inner->user, index, use);
    resume(r);
}

static void hear_move(void *user)
{
    recorder *r = user;

    r->moves += 1.0;
}

/* ---- steps ---- */

static void list_tensors(recording *out, const parameters *p)
{
    for (int i = 0; i < p->count; i++) {
        const parameter *from = &p->list[i];
        recorded_tensor *to = &out->tensors[i];

        *to = (recorded_tensor){.rows = from->rows,
                                .cols = from->cols,
                                .dimensions = from->dimensions,
                                .uses = from->uses,
                                .filled = {-1.0, -1.0, -1.0}};
        memcpy(to->name, from->name, sizeof(to->name));
    }
}

status recorder_init(recorder *r, exchange *x, const parameters *p, int steps, recording *out)
{
    *r = (recorder){.exchange = x, .out = out, .counted = p->count, .steps = steps};
    r->hooks = (parameter_hooks){.ready = hear_ready,
                                 .ready_use = hear_ready_use,
                                 .need = hear_need,
                                 .move = hear_move,
                                 .user = r};
    *out = (recording){.half = p->half};
    out->tensors = memory_create((size_t)p->count, sizeof(*out->tensors));
    r->computing = memory_create((size_t)steps, sizeof(*r->computing));
    if (out->tensors == NULL || r->computing == NULL)
        return fail(STATUS_NOMEM, "no memory for a recording of %d tensors", p->count);
    out->tensor_count = p->count;
    list_tensors(out, p);
    return STATUS_OK;
}

void recorder_free(recorder *r)
{
    memory_destroy(r->computing);
    memory_destroy(r->seconds);
    *r = (recorder){.steps = 0};
}

void recorder_begin_step(recorder *r)
{
    r->at = 0;
    r->moves = r->inside = 0.0;
    r->began = r->since = clock_seconds();
}

void recorder_begin_end(recorder *r)
{
    note(r, (recorded_event){.kind = RECORDED_END});
}

void recorder_end_end(recorder *r)
{
    resume(r);
}

status recorder_end_step(recorder *r)
{
    double computing = clock_seconds() - r->began - r->inside;

    TRY(r->failure);
    if (r->at != r->out->event_count)
        return refuse();
    r->computing[r->out->steps++] = computing;
    return STATUS_OK;
}

/* Of normal numbers the standard deviation is so many times the median distance from the median
 * (Hampel 1974). Uses the values up. */
static double spread(double *values, int count, double middle)
{
    for (int i = 0; i < count; i++)
        values[i] = fabs(values[i] - middle);
    return 1.4826 * median(values, count);
}

void recorder_finish(recorder *r, double norm, double update)
{
    recording *out = r->out;
    double middle = median(r->computing, out->steps), sum = 0.0;

    out->norm = norm / out->steps;
    out->update = update / out->steps;
    for (int i = 0; i < out->event_count; i++) {
        out->events[i].seconds = median(r->seconds + i * r->steps, out->steps);
        out->events[i].moves /= out->steps;
        sum += out->events[i].seconds;
    }
    out->rest = fmax(middle - out->norm - out->update - sum, 0.0);
    out->deviation = spread(r->computing, out->steps, middle) / middle;
}
