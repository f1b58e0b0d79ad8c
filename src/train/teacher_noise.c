/* teacher_noise.c - noise in what the decoder is fed while it learns. */
#include "teacher_noise.h"

#include "lockstep/base/random.h"
#include "lockstep/base/token.h"
#include "teacher_forcing.h"

teacher_noise teacher_noise_at(const config *c, int64_t done, int symbols)
{
    /* Constant noise is there in full from `start` on: the truth's share would be 0. */
    bool constant = c->training.teacher_noise.schedule == FORCING_CONSTANT;
    teacher_forcing forcing = {.schedule = c->training.teacher_noise.schedule,
                               .value = constant ? 0.0 : 1.0,
                               .decay = c->training.teacher_noise.decay,
                               .k = c->training.teacher_noise.k,
                               .floor = c->training.teacher_noise.floor,
                               .start = c->training.teacher_noise.start};
    double share = 1.0 - teacher_forcing_rate(&forcing, done);

    return (teacher_noise){.replace = share * c->training.teacher_noise.replace,
                           .drop = share * c->training.teacher_noise.drop,
                           .swap = share * c->training.teacher_noise.swap,
                           .symbols = symbols};
}

bool teacher_noise_is_on(const teacher_noise *n)
{
    return n->replace + n->drop + n->swap > 0.0;
}

static int32_t word(const teacher_noise *n, uint32_t bits)
{
    uint64_t words = (uint64_t)(n->symbols - TOKEN_SPECIALS);

    if (words == 0)
        return TOKEN_UNK;
    return TOKEN_SPECIALS + (int32_t)(bits * words >> 32);
}

/* The places [first, end) of a sentence; `row` is the first one's in its grain. */
static void disturb(const teacher_noise *n, const pass *pass, uint32_t grain, uint32_t row,
                    int32_t *first, const int32_t *end)
{
    bool swapped = false;

    for (int32_t *id = first; id < end; id++, row++) {
        uint32_t bits[4];
        random_block(pass->seed, RANDOM_NOISE, (uint32_t[4]){row, grain, pass->draw, 0}, bits);
        double u = 0x1p-32 * bits[0];
        bool swap = !swapped && u >= n->replace + n->drop &&
                    u < n->replace + n->drop + n->swap && id + 1 < end;
        if (u < n->replace)
            *id = word(n, bits[1]);
        else if (u < n->replace + n->drop)
            *id = TOKEN_UNK;
        if (swap) {
            int32_t kept = id[0];
            id[0] = id[1];
            id[1] = kept;
        }
        swapped = swap;
    }
}

void teacher_noise_add(const teacher_noise *n, const pass *pass, const packed *target,
                       int32_t *ids)
{
    const int32_t *offsets = target->offsets;

    for (int g = 0; g < target->grains; g++)
        for (int s = target->grain_sequences[g]; s < target->grain_sequences[g + 1]; s++)
            disturb(n, pass, (uint32_t)(target->first_grain + g),
                    (uint32_t)(offsets[s] + 1 - target->grain_rows[g]), ids + offsets[s] + 1,
                    ids + offsets[s + 1]);
}
