/* feeding.c - what the decoder is fed while it learns. */
#include "feeding.h"

#include "lockstep/base/trace.h"
#include "sampling.h"
#include "teacher_noise.h"

feed feeding_push(const transformer *model, const config *c, int64_t done, pass *p,
                  const body_memory *memory, const packed *truth)
{
    sampling sampling = sampling_at(c, done);
    teacher_noise noise = teacher_noise_at(c, done, transformer_symbols(model));
    feed f = transformer_feed(model, p, truth, true);

    if (!sampling_is_on(&sampling) && !teacher_noise_is_on(&noise))
        return f;
    trace_begin(TRACE_SAMPLING);
    if (sampling_is_on(&sampling))
        sampling_mix(&sampling, model, p, memory, &f.fed, f.ids);
    if (teacher_noise_is_on(&noise))
        teacher_noise_add(&noise, p, &f.fed, f.ids);
    trace_end();
    return f;
}
