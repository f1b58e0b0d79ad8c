/* made_up_pairs.c - a set of pairs of any size, without a file. */
#include "made_up_pairs.h"

#include "lockstep/base/random.h"
#include "lockstep/text/vocabulary.h"

int made_up_source_length(int64_t pair)
{
    return (int)(random_bits(1, RANDOM_TEST, (uint32_t)pair, 0, 0) % 20);
}

int made_up_target_length(int64_t pair)
{
    return (int)(random_bits(1, RANDOM_TEST, (uint32_t)pair, 1, 0) % 25);
}

int32_t made_up_source_id(int64_t pair, int i)
{
    return (int32_t)(TOKEN_SPECIALS + (pair * 31 + i) % 1000);
}

int32_t made_up_target_id(int64_t pair, int i)
{
    return (int32_t)(TOKEN_SPECIALS + (pair * 17 + i * 3) % 700);
}

static int length_of(int64_t pair, dataset_side side)
{
    return side == SIDE_SOURCE ? made_up_source_length(pair) : made_up_target_length(pair);
}

static status lengths(void *context, dataset_side side, int64_t first, int64_t count,
                      int32_t *out)
{
    (void)context;
    for (int64_t i = 0; i < count; i++)
        out[i] = length_of(first + i, side);
    return STATUS_OK;
}

static status load(void *context, dataset_side side, int64_t first, int64_t count, void *out)
{
    made_up_pairs *set = context;
    int32_t *ids = out;

    set->loaded += side == SIDE_SOURCE ? count : 0;
    for (int64_t pair = first; pair < first + count; pair++) {
        if (pair == set->fails_at)
            return fail(STATUS_IO, "pair %lld cannot be read", (long long)pair);
        for (int i = 0; i < length_of(pair, side); i++)
            *ids++ =
                side == SIDE_SOURCE ? made_up_source_id(pair, i) : made_up_target_id(pair, i);
    }
    return STATUS_OK;
}

pair_source made_up_source(made_up_pairs *set, int64_t pairs)
{
    return (pair_source){.context = set, .pairs = pairs, .lengths = lengths, .load = load};
}
