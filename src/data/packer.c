/* packer.c - the buffers that a batch stands in, filled pair by pair. */
#include "lockstep/data/packer.h"

#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/base/token.h"

static status no_room(int rows)
{
    return fail(STATUS_NOMEM,
                "no memory for a batch of %d positions; lower "
                "batch.tokens",
                rows);
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static int32_t *replace(int32_t *old, int count)
{
    memory_destroy(old);
    return memory_create((size_t)count, sizeof(int32_t));
}

static status side_reserve(packer_side *side, int rows)
{
    if (rows <= side->room && side->ids != NULL)
        return STATUS_OK;
    side->ids = replace(side->ids, rows);
    side->room = side->ids == NULL ? 0 : rows;
    return side->ids == NULL ? no_room(rows) : STATUS_OK;
}

static status reserve_pairs(packer *p, int pairs)
{
    if (pairs <= p->room && p->pairs != NULL)
        return STATUS_OK;
    p->source.offsets = replace(p->source.offsets, pairs + 1);
    p->target.offsets = replace(p->target.offsets, pairs + 1);
    memory_destroy(p->pairs);
    p->pairs = memory_create((size_t)pairs, sizeof(*p->pairs));
    p->room = 0;
    if (p->source.offsets == NULL || p->target.offsets == NULL || p->pairs == NULL)
        return no_room(pairs);
    p->room = pairs;
    return STATUS_OK;
}

static status reserve_grains(packer *p, int grains)
{
    if (grains <= p->grain_room && p->grain_sequences != NULL)
        return STATUS_OK;
    p->source.grain_rows = replace(p->source.grain_rows, grains + 1);
    p->target.grain_rows = replace(p->target.grain_rows, grains + 1);
    p->grain_sequences = replace(p->grain_sequences, grains + 1);
    p->grain_room = 0;
    if (p->source.grain_rows == NULL || p->target.grain_rows == NULL ||
        p->grain_sequences == NULL)
        return no_room(grains);
    p->grain_room = grains;
    return STATUS_OK;
}

status packer_reserve(packer *p, int source_rows, int target_rows, int pairs, int grains)
{
    int before = p->target.room;

    TRY(side_reserve(&p->source, source_rows));
    TRY(side_reserve(&p->target, target_rows));
    if (p->gold == NULL || p->target.room != before) {
        p->gold = replace(p->gold, larger(target_rows, p->target.room));
        if (p->gold == NULL) {
            p->target.room = 0; /* so that the next try comes here again */
            return no_room(target_rows);
        }
    }
    TRY(reserve_pairs(p, pairs));
    return reserve_grains(p, grains);
}

static void side_free(packer_side *side)
{
    memory_destroy(side->ids);
    memory_destroy(side->offsets);
    memory_destroy(side->grain_rows);
}

void packer_free(packer *p)
{
    side_free(&p->source);
    side_free(&p->target);
    memory_destroy(p->gold);
    memory_destroy(p->grain_sequences);
    memory_destroy(p->pairs);
    *p = (packer){0};
}

static void side_begin(packer_side *side)
{
    side->rows = 0;
    side->offsets[0] = 0;
    side->grain_rows[0] = 0;
}

void packer_begin(packer *p)
{
    side_begin(&p->source);
    side_begin(&p->target);
    p->sequences = 0;
    p->grains = 0;
    p->grain_sequences[0] = 0;
}

/* Room for the sentence and its special; where to write. */
static int32_t *side_add(packer_side *side, int length, int sequence)
{
    int32_t *at = side->ids + side->rows;

    CHECK(side->rows + length + 1 <= side->room);
    side->rows += length + 1;
    side->offsets[sequence + 1] = side->rows;
    return at;
}

void packer_add(packer *p, const window *from, int32_t pair)
{
    int source_length = from->source.lengths[pair];
    int target_length = from->target.lengths[pair];
    const int32_t *x = from->source.ids + from->source.starts[pair];
    const int32_t *y = from->target.ids + from->target.starts[pair];

    CHECK(p->sequences < p->room);
    int32_t *gold = p->gold + p->target.rows;
    int32_t *source = side_add(&p->source, source_length, p->sequences);
    int32_t *target = side_add(&p->target, target_length, p->sequences);

    memcpy(source, x, (size_t)source_length * sizeof(*x));
    source[source_length] = TOKEN_END;
    target[0] = TOKEN_BEGIN;
    memcpy(target + 1, y, (size_t)target_length * sizeof(*y));
    memcpy(gold, y, (size_t)target_length * sizeof(*y));
    gold[target_length] = TOKEN_END;
    p->pairs[p->sequences++] = from->names[pair];
}

void packer_end_grain(packer *p)
{
    CHECK(p->grains < p->grain_room);
    p->grains++;
    p->source.grain_rows[p->grains] = p->source.rows;
    p->target.grain_rows[p->grains] = p->target.rows;
    p->grain_sequences[p->grains] = p->sequences;
}

static packed side_packed(const packer *p, const packer_side *side, int first_grain)
{
    return (packed){
        .rows = side->rows,
        .sequences = p->sequences,
        .grains = p->grains,
        .first_grain = first_grain,
        .ids = side->ids,
        .offsets = side->offsets,
        .grain_rows = side->grain_rows,
        .grain_sequences = p->grain_sequences,
    };
}

void packer_batch(const packer *p, int first_grain, batch *out)
{
    out->source = side_packed(p, &p->source, first_grain);
    out->target = side_packed(p, &p->target, first_grain);
    out->gold = p->gold;
    out->pairs = p->pairs;
}
