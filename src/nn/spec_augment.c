/* spec_augment.c - frequency and time masking. */
#include "lockstep/nn/spec_augment.h"

#include <string.h>

#include "lockstep/base/random.h"

/* What is masked of a length: [first, first + count). */
typedef struct run {
    int first, count;
} run;

static int below(uint32_t bits, int count)
{
    return (int)((uint64_t)bits * (uint64_t)count >> 32);
}

/* Mask number `mask` of a sentence, of at most `width` of `length`. */
static run draw(const pass *pass, int grain, int sentence, int mask, int width, int length)
{
    const uint32_t counter[4] = {(uint32_t)sentence, (uint32_t)grain, pass->draw,
                                 (uint32_t)mask};
    int most = width < length ? width : length;
    uint32_t bits[4];

    random_block(pass->seed, RANDOM_SPEC_AUGMENT, counter, bits);
    int count = below(bits[0], most + 1);
    return (run){.first = below(bits[1], length - count + 1), .count = count};
}

static void clear(float *from, int count)
{
    memset(from, 0, (size_t)count * sizeof(*from));
}

/* All frames of a sentence stand one after another, stacked or not. */
static void mask_sentence(const spec_augment *s, const pass *pass, int grain, int sentence,
                          matrix rows)
{
    int frames = rows.rows * s->stack, mask = 0;

    for (; mask < s->frequency_masks; mask++) {
        run f = draw(pass, grain, sentence, mask, s->frequency_width, s->mels);
        for (int frame = 0; frame < frames; frame++)
            clear(rows.data + (size_t)frame * (size_t)s->mels + f.first, f.count);
    }
    for (int i = 0; i < s->time_masks; i++) {
        run t = draw(pass, grain, sentence, mask + i, s->time_width, frames);
        clear(rows.data + (size_t)t.first * (size_t)s->mels, t.count * s->mels);
    }
}

static void mask_grain(const spec_augment *s, const pass *pass, const packed *packed, int grain,
                       matrix masked)
{
    int first = packed->grain_sequences[grain];

    for (int i = first; i < packed->grain_sequences[grain + 1]; i++) {
        int row = packed->offsets[i];
        mask_sentence(s, pass, packed->first_grain + grain, i - first,
                      matrix_rows(masked, row, packed->offsets[i + 1] - row));
    }
}

/* A matrix is a view for reading and writing alike; nobody writes to this one. */
static matrix view_of(const packed *packed)
{
    return matrix_view((float *)(uintptr_t)packed->frames, packed->rows, packed->frame_width);
}

matrix spec_augment_push(const spec_augment *s, pass *pass, const packed *packed)
{
    matrix frames = view_of(packed);

    CHECK(packed->frames != NULL && packed->frame_width == s->stack * s->mels);
    if (!pass->dropout || s->frequency_masks + s->time_masks == 0)
        return frames;
    matrix masked = pass_matrix(pass, frames.rows, frames.cols);

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int g = 0; g < packed->grains; g++) {
        int row = packed->grain_rows[g], rows = packed->grain_rows[g + 1] - row;
        memcpy(matrix_row(masked, row), matrix_row(frames, row),
               (size_t)rows * (size_t)frames.cols * sizeof(float));
        mask_grain(s, pass, packed, g, masked);
    }
    return masked;
}
