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

static status add_end(pair_set_side *side, int64_t end)
{
    return buffer_add(&side->ends, &end, sizeof(end));
}

status pair_set_add(pair_set *set)
{
    for (int side = 0; side < SIDES; side++) {
        pair_set_side *s = &set->sides[side];
        int64_t held = (int64_t)(s->elements.size / element_size(set->elements[side]));

        TRY(add_end(s, s->from != NULL ? s->referred : held));
    }
    set->pairs++;
    return STATUS_OK;
}

/* The next pair's are `count` of pair `number` of `from`, which is that of all pairs. */
static status refer(pair_set_side *side, const pair_source *from, int64_t number, int64_t count)
{
    CHECK((side->from == NULL && side->elements.size == 0) || side->from == from);
    side->from = from;
    side->referred += count;
    return buffer_add(&side->numbers, &number, sizeof(number));
}

static int64_t number_of(const pair_set_side *side, int64_t pair)
{
    CHECK((size_t)pair < side->numbers.size / sizeof(int64_t));
    return ((const int64_t *)(const void *)side->numbers.data)[pair];
}

status pair_set_put_of(pair_set *set, dataset_side side, const pair_set *from, int64_t pair)
{
    const pair_set_side *there = &from->sides[side];
    size_t count;

    set->elements[side] = from->elements[side];
    if (there->from != NULL)
        return refer(&set->sides[side], there->from, number_of(there, pair),
                     (int64_t)pair_set_length(from, side, pair));
    const void *elements = pair_set_get(from, side, pair, &count);

    return pair_set_put(set, side, elements, count);
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
    for (int side = 0; side < SIDES; side++) {
        pair_set_side *s = &set->sides[side];
        int64_t begin = begin_of(set, (dataset_side)side, set->pairs);

        if (s->from == NULL) {
            s->elements.size = (size_t)begin * element_size(set->elements[side]);
            continue;
        }
        s->referred = begin;
        s->numbers.size = (size_t)set->pairs * sizeof(int64_t);
    }
}

void pair_set_clear(pair_set *set)
{
    for (int side = 0; side < SIDES; side++) {
        buffer_clear(&set->sides[side].elements);
        buffer_clear(&set->sides[side].ends);
        buffer_clear(&set->sides[side].numbers);
        set->sides[side].from = NULL;
        set->sides[side].referred = 0;
    }
    set->pairs = 0;
}

void pair_set_free(pair_set *set)
{
    for (int side = 0; side < SIDES; side++) {
        buffer_free(&set->sides[side].elements);
        buffer_free(&set->sides[side].ends);
        buffer_free(&set->sides[side].numbers);
        set->sides[side] = (pair_set_side){0};
    }
    set->pairs = 0;
}

/* ---- reading another source ---- */

static status refer_all(pair_set_side *side, const pair_source *from, const int32_t *lengths)
{
    for (int64_t i = 0; i < from->pairs; i++) {
        TRY(refer(side, from, i, lengths[i]));
        TRY(add_end(side, side->referred));
    }
    return STATUS_OK;
}

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
        result = from->elements[side].kind == ELEMENT_FRAME
                     ? refer_all(&set->sides[side], from, lengths)
                     : load_elements(set, side, from, lengths);
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

/* ---- being a source ---- */

size_t pair_set_length(const pair_set *set, dataset_side side, int64_t pair)
{
    CHECK(pair >= 0 && pair < set->pairs);
    return (size_t)(begin_of(set, side, pair + 1) - begin_of(set, side, pair));
}

bool pair_set_refers(const pair_set *set, dataset_side side)
{
    return set->sides[side].from != NULL;
}

status pair_set_read(const pair_set *set, dataset_side side, int64_t pair, void *out)
{
    const pair_source *from = set->sides[side].from;
    size_t count;

    if (from != NULL)
        return from->load(from->context, side, number_of(&set->sides[side], pair), 1, out);
    const void *elements = pair_set_get(set, side, pair, &count);

    if (count > 0)
        memcpy(out, elements, count * element_size(set->elements[side]));
    return STATUS_OK;
}

const void *pair_set_get(const pair_set *set, dataset_side side, int64_t pair, size_t *count)
{
    CHECK(!pair_set_refers(set, side));
    *count = pair_set_length(set, side, pair);
    int64_t begin = begin_of(set, side, pair);

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

/* Frames that stay elsewhere. */
static status read_pairs(const pair_set *set, dataset_side side, int64_t first, int64_t count,
                         unsigned char *out)
{
    for (int64_t i = first; i < first + count; i++) {
        TRY(pair_set_read(set, side, i, out));
        out += pair_set_length(set, side, i) * element_size(set->elements[side]);
    }
    return STATUS_OK;
}

static status set_load(void *context, dataset_side side, int64_t first, int64_t count,
                       void *out)
{
    const pair_set *set = context;
    size_t size = element_size(set->elements[side]);

    CHECK(first >= 0 && count >= 0 && first + count <= set->pairs);
    if (pair_set_refers(set, side))
        return read_pairs(set, side, first, count, out);
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
