/* packer.c - the buffers that a batch stands in, filled pair by pair. */
#include "packer.h"

#include <string.h>

#include "lockstep/base/half.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/token.h"

void packer_init(packer *p, const element elements[SIDES], const specials specials[SIDES])
{
    *p = (packer){0};
    for (int side = 0; side < SIDES; side++) {
        CHECK(elements[side].kind == ELEMENT_SYMBOL || specials_count(specials[side]) == 0);
        p->sides[side].element = elements[side];
        p->sides[side].specials = specials[side];
    }
}

static void side_free(packer_side *side)
{
    memory_destroy(side->elements);
    memory_destroy(side->offsets);
    memory_destroy(side->grain_rows);
    memory_destroy(side->halves);
}

void packer_free(packer *p)
{
    for (int side = 0; side < SIDES; side++)
        side_free(&p->sides[side]);
    memory_destroy(p->grain_sequences);
    memory_destroy(p->pairs);
    *p = (packer){0};
}

/* ---- room ---- */

static status no_room(int rows)
{
    return fail(STATUS_NOMEM,
                "no memory for a batch of %d positions; lower "
                "batch.tokens",
                rows);
}

static status replace(int32_t **old, int count)
{
    memory_destroy(*old);
    *old = memory_create((size_t)count, sizeof(**old));
    return *old == NULL ? no_room(count) : STATUS_OK;
}

static bool has_frames(const packer_side *side)
{
    return side->element.kind == ELEMENT_FRAME;
}

/* Bytes of a position of the batch. */
static size_t row_size(const packer_side *side)
{
    return has_frames(side) ? (size_t)side->element.width * sizeof(float) : sizeof(int32_t);
}

static status reserve_rows(packer_side *side, int rows)
{
    if (rows <= side->room && side->elements != NULL)
        return STATUS_OK;
    memory_destroy(side->elements);
    side->room = 0;
    side->elements = memory_create((size_t)rows, row_size(side));
    if (side->elements == NULL)
        return no_room(rows);
    side->room = rows;
    return STATUS_OK;
}

static status reserve_halves(packer_side *side, int longest)
{
    if (!has_frames(side) || (longest <= side->halves_room && side->halves != NULL))
        return STATUS_OK;
    memory_destroy(side->halves);
    side->halves_room = 0;
    side->halves = memory_create((size_t)longest, element_size(side->element));
    if (side->halves == NULL)
        return no_room(longest);
    side->halves_room = longest;
    return STATUS_OK;
}

static status reserve_pairs(packer *p, int pairs)
{
    if (pairs <= p->room && p->pairs != NULL)
        return STATUS_OK;
    p->room = 0;
    for (int side = 0; side < SIDES; side++)
        TRY(replace(&p->sides[side].offsets, pairs + 1));
    memory_destroy(p->pairs);
    p->pairs = memory_create((size_t)pairs, sizeof(*p->pairs));
    if (p->pairs == NULL)
        return no_room(pairs);
    p->room = pairs;
    return STATUS_OK;
}

static status reserve_grains(packer *p, int grains)
{
    if (grains <= p->grain_room && p->grain_sequences != NULL)
        return STATUS_OK;
    p->grain_room = 0;
    for (int side = 0; side < SIDES; side++)
        TRY(replace(&p->sides[side].grain_rows, grains + 1));
    TRY(replace(&p->grain_sequences, grains + 1));
    p->grain_room = grains;
    return STATUS_OK;
}

status packer_reserve(packer *p, const packer_room *room)
{
    for (int side = 0; side < SIDES; side++) {
        TRY(reserve_rows(&p->sides[side], room->rows[side]));
        TRY(reserve_halves(&p->sides[side], room->longest[side]));
    }
    TRY(reserve_pairs(p, room->pairs));
    return reserve_grains(p, room->grains);
}

/* ---- packing ---- */

void packer_begin(packer *p)
{
    for (int side = 0; side < SIDES; side++) {
        p->sides[side].rows = 0;
        p->sides[side].offsets[0] = 0;
        p->sides[side].grain_rows[0] = 0;
    }
    p->sequences = 0;
    p->grains = 0;
    p->grain_sequences[0] = 0;
}

static void add_symbols(packer_side *side, const int32_t *symbols, int length)
{
    int32_t *at = (int32_t *)side->elements + side->rows;

    if (side->specials.begin)
        *at++ = TOKEN_BEGIN;
    memcpy(at, symbols, (size_t)length * sizeof(*at));
    if (side->specials.end)
        at[length] = TOKEN_END;
}

static status add_frames(packer_side *side, const window *from, dataset_side which,
                         int32_t pair, int length)
{
    size_t width = (size_t)side->element.width;

    CHECK(length <= side->halves_room);
    TRY(window_load(from, which, pair, side->halves));
    half_to_floats((float *)side->elements + (size_t)side->rows * width, side->halves,
                   (size_t)length * width);
    return STATUS_OK;
}

/* A sentence and its specials. */
static status side_add(packer *p, dataset_side which, const window *from, int32_t pair)
{
    packer_side *side = &p->sides[which];
    int length = from->sides[which].lengths[pair];
    int rows = length + specials_count(side->specials);

    CHECK(side->rows + rows <= side->room);
    if (has_frames(side))
        TRY(add_frames(side, from, which, pair, length));
    else
        add_symbols(side, window_elements(from, which, pair), length);
    side->rows += rows;
    side->offsets[p->sequences + 1] = side->rows;
    return STATUS_OK;
}

status packer_add(packer *p, const window *from, int32_t pair)
{
    CHECK(p->sequences < p->room);
    for (int side = 0; side < SIDES; side++)
        TRY(side_add(p, (dataset_side)side, from, pair));
    p->pairs[p->sequences++] = from->names[pair];
    return STATUS_OK;
}

void packer_end_grain(packer *p)
{
    CHECK(p->grains < p->grain_room);
    p->grains++;
    for (int side = 0; side < SIDES; side++)
        p->sides[side].grain_rows[p->grains] = p->sides[side].rows;
    p->grain_sequences[p->grains] = p->sequences;
}

static packed side_packed(const packer *p, dataset_side which, int first_grain)
{
    const packer_side *side = &p->sides[which];
    bool frames = has_frames(side);

    return (packed){
        .rows = side->rows,
        .sequences = p->sequences,
        .grains = p->grains,
        .first_grain = first_grain,
        .ids = frames ? NULL : side->elements,
        .frames = frames ? side->elements : NULL,
        .frame_width = frames ? side->element.width : 0,
        .offsets = side->offsets,
        .grain_rows = side->grain_rows,
        .grain_sequences = p->grain_sequences,
    };
}

void packer_batch(const packer *p, int first_grain, batch *out)
{
    out->source = side_packed(p, SIDE_SOURCE, first_grain);
    out->target = side_packed(p, SIDE_TARGET, first_grain);
    out->pairs = p->pairs;
}
