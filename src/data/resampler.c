/* resampler.c - samples at another rate. */
#include "resampler.h"

#include <soxr.h>
#include <string.h>

#include "lockstep/base/memory.h"

struct resampler {
    soxr_t soxr;
    int from, to;
    uint64_t taken, made; /* samples */
};

status resampler_create(resampler **out, int from, int to)
{
    soxr_io_spec_t form = soxr_io_spec(SOXR_FLOAT64_I, SOXR_FLOAT64_I);
    soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
    soxr_runtime_spec_t threads = soxr_runtime_spec(1);
    resampler *r = memory_create(1, sizeof *r);
    soxr_error_t error = NULL;

    if (r == NULL)
        return fail(STATUS_NOMEM, "out of memory");
    r->from = from;
    r->to = to;
    r->soxr = soxr_create(from, to, 1, &error, &form, &quality, &threads);
    if (r->soxr == NULL || error != NULL) {
        resampler_destroy(r);
        return fail(STATUS_NOMEM, "resampling from %d to %d Hz: %s", from, to,
                    error != NULL ? error : "out of memory");
    }
    *out = r;
    return STATUS_OK;
}

void resampler_destroy(resampler *r)
{
    if (r == NULL)
        return;
    soxr_delete(r->soxr);
    memory_destroy(r);
}

uint64_t resampler_length(int from, int to, uint64_t count)
{
    uint64_t f = (uint64_t)from, t = (uint64_t)to;

    /* In two parts, so that no product overflows. */
    return count / f * t + (count % f * t + f / 2) / f;
}

status resampler_run(resampler *r, const double *samples, size_t count, size_t *taken,
                     double *to, size_t room, size_t *made)
{
    soxr_error_t error = soxr_process(r->soxr, samples, count, taken, to, room, made);

    if (error != NULL)
        return fail(STATUS_NOMEM, "resampling from %d to %d Hz: %s", r->from, r->to, error);
    r->taken += *taken;
    r->made += *made;
    return STATUS_OK;
}

status resampler_finish(resampler *r, double *to, size_t room, size_t *made)
{
    uint64_t length = resampler_length(r->from, r->to, r->taken), left;
    size_t none;

    *made = 0;
    if (r->made >= length)
        return STATUS_OK;
    left = length - r->made;
    if (left < room)
        room = (size_t)left;
    TRY(resampler_run(r, NULL, 0, &none, to, room, made));
    /* The library rounds alike, but does not promise it. */
    if (*made == 0) {
        memset(to, 0, room * sizeof *to);
        *made = room;
        r->made += room;
    }
    return STATUS_OK;
}
