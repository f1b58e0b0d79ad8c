/* pair_set.c - the elements of pairs in memory. */
#include "lockstep/data/pair_set.h"

#include <string.h>

#include "lockstep/base/memory.h"

/* ---- filling ---- */

status pair_set_begin(pair_set *set, dataset_side side, size_t most, void **room)
{
    buffer *elements = &set->sides[side].elements;

    TRY(buffer_reserve(elements, most * element_size(set->elements[side])));
    *room = elements->data + elements->size;
    return STATUS_OK;
}

void pair_set_end(pair_set *set, dataset_side side, size_t count)
{
    set->sides[side].elements.size += count * element_size(set->elements[side]);
}

status pair_set_put(pair_set *set, dataset_side side, const void *elements, size_t count)
{
    return buffer_add(&set->sides[side].elements, elements,
                      count * element_size(set->elements[side]));
}

static status add_word_end(pair_set *set)
{
    const int64_t end = (int64_t)set->words.size;

    return buffer_add(&set->word_ends, &end, sizeof(end));
}

static status add_end(pair_set_side *side, int64_t end)
{
    return buffer_add(&side->ends, &end, sizeof(end));
}

/* ---- words ---- */

static size_t words_begin(const pair_set *set, int64_t pair)
{
    const char *ends = set->word_ends.data;

    return pair == 0 ? 0 : (size_t)((const int64_t *)(const void *)ends)[pair - 1];
}

static size_t words_end(const pair_set *set, int64_t pair)
{
    return pair == set->pairs ? set->words.size : words_begin(set, pair + 1);
}

status pair_set_add_word(pair_set *set, const char *text, size_t size)
{
    CHECK(set->has_words);
    TRY(buffer_add(&set->words, text, size));
    return buffer_add(&set->words, "", 1);
}

int32_t pair_set_find_word(const pair_set *set, int64_t pair, const char *text, size_t size)
{
    size_t at = words_begin(set, pair), end = words_end(set, pair);

    for (int32_t number = 0; at < end; number++) {
        size_t length = strlen(set->words.data + at);
        if (length == size && memcmp(set->words.data + at, text, size) == 0)
            return number;
        at += length + 1;
    }
    return -1;
}

const char *pair_set_word(const pair_set *set, int64_t pair, int32_t number)
{
    if (!set->has_words || number < 0)
        return NULL;
    size_t at = words_begin(set, pair), end = words_end(set, pair);

    for (; at < end && number > 0; number--)
        at += strlen(set->words.data + at) + 1;
    return at < end ? set->words.data + at : NULL;
}

void pair_set_drop_words(pair_set *set)
{
    if (set->has_words)
        set->words.size = words_begin(set, set->pairs);
}

/* ---- pairs ---- */

status pair_set_add(pair_set *set)
{
    if (set->has_words)
        TRY(add_word_end(set));
    for (int side = 0; side < SIDES; side++) {
        size_t size = element_size(set->elements[side]);
        TRY(add_end(&set->sides[side], (int64_t)(set->sides[side].elements.size / size)));
    }
    set->pairs++;
    return STATUS_OK;
}

/* Where the elements of pair `pair` begin; a buffer's block is aligned for any type. */
static int64_t begin_of(const pair_set *set, dataset_side side, int64_t pair)
{
    const char *ends = set->sides[side].ends.data;

    return pair == 0 ? 0 : ((const int64_t *)(const void *)ends)[pair - 1];
}

void *pair_set_pending(pair_set *set, dataset_side side, size_t *count)
{
    size_t size = element_size(set->elements[side]);
    size_t first = (size_t)begin_of(set, side, set->pairs) * size;
    buffer *elements = &set->sides[side].elements;

    *count = (elements->size - first) / size;
    return elements->data + first;
}

void pair_set_drop(pair_set *set)
{
    for (int side = 0; side < SIDES; side++)
        set->sides[side].elements.size = (size_t)begin_of(set, (dataset_side)side, set->pairs) *
                                         element_size(set->elements[side]);
    pair_set_drop_words(set);
}

void pair_set_clear(pair_set *set)
{
    for (int side = 0; side < SIDES; side++) {
        buffer_clear(&set->sides[side].elements);
        buffer_clear(&set->sides[side].ends);
    }
    buffer_clear(&set->words);
    buffer_clear(&set->word_ends);
    set->pairs = 0;
}

void pair_set_free(pair_set *set)
{
    for (int side = 0; side < SIDES; side++) {
        buffer_free(&set->sides[side].elements);
        buffer_free(&set->sides[side].ends);
    }
    buffer_free(&set->words);
    buffer_free(&set->word_ends);
    set->pairs = 0;
}

/* ---- reading another source ---- */

static status load_elements(pair_set *set, dataset_side side, const pair_source *from,
                            const int32_t *lengths)
{
    int64_t total = 0;
    void *room;

    for (int64_t i = 0; i < from->pairs; i++) {
        total += lengths[i];
        TRY(add_end(&set->sides[side], total));
    }
    TRY(pair_set_begin(set, side, (size_t)total, &room));
    TRY(from->load(from->context, side, 0, from->pairs, room));
    pair_set_end(set, side, (size_t)total);
    return STATUS_OK;
}

static status load_side(pair_set *set, dataset_side side, const pair_source *from)
{
    int32_t *lengths = memory_create((size_t)from->pairs, sizeof(*lengths));

    if (lengths == NULL)
        return fail(STATUS_NOMEM, "no memory for %lld pairs", (long long)from->pairs);
    status result = from->lengths(from->context, side, 0, from->pairs, lengths);

    if (result == STATUS_OK)
        result = load_elements(set, side, from, lengths);
    memory_destroy(lengths);
    return result;
}

status pair_set_load(pair_set *out, const pair_source *from)
{
    for (int side = 0; side < SIDES; side++) {
        out->elements[side] = from->elements[side];
        TRY(load_side(out, (dataset_side)side, from));
    }
    out->pairs = from->pairs;
    return STATUS_OK;
}

status pair_set_load_targets(pair_set *out, const pair_source *from)
{
    out->elements[SIDE_TARGET] = from->elements[SIDE_TARGET];
    for (int64_t i = 0; i < from->pairs; i++)
        TRY(add_end(&out->sides[SIDE_SOURCE], 0));
    TRY(load_side(out, SIDE_TARGET, from));
    out->pairs = from->pairs;
    return STATUS_OK;
}

/* ---- being a source ---- */

const void *pair_set_get(const pair_set *set, dataset_side side, int64_t pair, size_t *count)
{
    CHECK(pair >= 0 && pair < set->pairs);
    int64_t begin = begin_of(set, side, pair);

    *count = (size_t)(begin_of(set, side, pair + 1) - begin);
    return set->sides[side].elements.data + (size_t)begin * element_size(set->elements[side]);
}

static status set_lengths(void *context, dataset_side side, int64_t first, int64_t count,
                          int32_t *out)
{
    const pair_set *set = context;

    CHECK(first >= 0 && count >= 0 && first + count <= set->pairs);
    for (int64_t i = first; i < first + count; i++)
        *out++ = (int32_t)(begin_of(set, side, i + 1) - begin_of(set, side, i));
    return STATUS_OK;
}

static status set_load(void *context, dataset_side side, int64_t first, int64_t count,
                       void *out)
{
    const pair_set *set = context;
    size_t size = element_size(set->elements[side]);

    CHECK(first >= 0 && count >= 0 && first + count <= set->pairs);
    size_t begin = size * (size_t)begin_of(set, side, first);
    size_t end = size * (size_t)begin_of(set, side, first + count);

    if (end > begin)
        memcpy(out, set->sides[side].elements.data + begin, end - begin);
    return STATUS_OK;
}

pair_source pair_set_source(pair_set *set)
{
    pair_source made = {
        .context = set, .pairs = set->pairs, .lengths = set_lengths, .load = set_load};

    memcpy(made.elements, set->elements, sizeof(made.elements));
    return made;
}
