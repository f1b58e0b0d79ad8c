/* made_up_loader.c - loaders of made-up pairs. */
#include "made_up_loader.h"

#include <string.h>

#include "lockstep/text/vocabulary.h"
#include "unit_check.h"

loader_settings made_up_settings(void)
{
    return (loader_settings){.seed = 7,
                             .shuffle = true,
                             .tokens = MADE_UP_TOKENS,
                             .grains = MADE_UP_GRAINS,
                             .last_grain = MADE_UP_GRAINS,
                             .window = MADE_UP_WINDOW,
                             .specials = {{.end = true}, {.end = true}}};
}

loader *made_up_loader(made_up_pairs *set, int64_t pairs, loader_settings settings)
{
    const pair_source source = made_up_source(set, pairs);
    loader *out;

    *set = (made_up_pairs){.fails_at = -1};
    ck_assert_int_eq(loader_create_from(&out, &source, &settings), STATUS_OK);
    ck_assert_int_eq(loader_pairs(out), pairs);
    return out;
}

batch made_up_next(loader *from)
{
    batch out;
    bool end;

    ck_assert_int_eq(loader_next(from, &out, &end), STATUS_OK);
    ck_assert(!end);
    return out;
}

/* One assertion for many ids: Check spends microseconds on each. */
static void check_sentence(const batch *b, int s)
{
    int64_t pair = b->pairs[s];
    int source_size = made_up_source_length(pair), target_size = made_up_target_length(pair);
    const int32_t *x = b->source.ids + b->source.offsets[s];
    const int32_t *y = b->target.ids + b->target.offsets[s];
    bool same = x[source_size] == TOKEN_END && y[target_size] == TOKEN_END;

    same &= x + source_size + 1 == b->source.ids + b->source.offsets[s + 1];
    same &= y + target_size + 1 == b->target.ids + b->target.offsets[s + 1];
    for (int i = 0; i < source_size; i++)
        same &= x[i] == made_up_source_id(pair, i);
    for (int i = 0; i < target_size; i++)
        same &= y[i] == made_up_target_id(pair, i);
    ck_assert_msg(same, "pair %lld differs", (long long)pair);
}

static void check_side(const packed *side)
{
    ck_assert_ptr_null(side->frames);
    ck_assert_int_eq(side->offsets[0], 0);
    ck_assert_int_eq(side->grain_sequences[0], 0);
    ck_assert_int_eq(side->offsets[side->sequences], side->rows);
    ck_assert_int_eq(side->grain_sequences[side->grains], side->sequences);
    for (int g = 0; g <= side->grains; g++)
        ck_assert_int_eq(side->grain_rows[g], side->offsets[side->grain_sequences[g]]);
}

void made_up_check(const batch *b)
{
    check_side(&b->source);
    check_side(&b->target);
    for (int s = 0; s < b->source.sequences; s++)
        check_sentence(b, s);
}
