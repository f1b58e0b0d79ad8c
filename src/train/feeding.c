/* feeding.c - what the decoder is fed while it learns. */
#include "feeding.h"

#include "lockstep/base/trace.h"
#include "sampling.h"
#include "teacher_noise.h"

packed feeding_push(const transformer *model, const config *c, int64_t done, const pass *p,
                    const body_memory *memory, const packed *truth)
{
    sampling sampling = sampling_at(c, done);
    teacher_noise noise = teacher_noise_at(c, done, transformer_symbols(model));
    int32_t *ids;
    packed fed = transformer_task(model)->feed(p->arena, truth, &ids);

    if (!sampling_is_on(&sampling) && !teacher_noise_is_on(&noise))
        return fed;
    trace_begin(TRACE_SAMPLING);
    if (sampling_is_on(&sampling))
        sampling_mix(&sampling, model, p, memory, &fed, ids);
    if (teacher_noise_is_on(&noise))
        teacher_noise_add(&noise, p, &fed, ids);
    trace_end();
    return fed;
}
