/* judged_sources.c - the sources of an evaluation. */
#include "judged_sources.h"

#include "lockstep/base/memory.h"

enum { BLOCK = 256 }; /* sources in memory at a time */

int64_t judged_sources_count(const judged_sources *s)
{
    return s->dataset == NULL ? s->set.pairs : (int64_t)(s->numbers.size / sizeof(int64_t));
}

/* One side of another set's pair. */
static status put_side(pair_set *to, dataset_side side, const pair_set *from, int64_t pair)
{
    size_t count;
    const void *elements = pair_set_get(from, side, pair, &count);

    to->elements[side] = from->elements[side];
    return pair_set_put(to, side, elements, count);
}

status judged_sources_add(judged_sources *s, const pair_set *from, int64_t pair, bool marks)
{
    if (s->dataset != NULL)
        return buffer_add(&s->numbers, &pair, sizeof(pair));
    TRY(put_side(&s->set, SIDE_SOURCE, from, pair));
    if (marks)
        TRY(put_side(&s->set, SIDE_TARGET, from, pair));
    return pair_set_add(&s->set);
}

/* ---- out of a dataset ---- */

static status read_source(judged_sources *s, const pair_source *from, int64_t pair)
{
    int32_t length;
    void *room;

    TRY(from->lengths(from->context, SIDE_SOURCE, pair, 1, &length));
    TRY(pair_set_begin(&s->set, SIDE_SOURCE, (size_t)length, &room));
    TRY(from->load(from->context, SIDE_SOURCE, pair, 1, room));
    pair_set_end(&s->set, SIDE_SOURCE, (size_t)length);
    return pair_set_add(&s->set);
}

static status read_block(judged_sources *s, int64_t first, int count, int64_t *numbers)
{
    const pair_source from = dataset_source(s->dataset, s->split);
    const int64_t *pairs = (const int64_t *)(const void *)s->numbers.data;

    pair_set_clear(&s->set);
    s->set.elements[SIDE_SOURCE] = from.elements[SIDE_SOURCE];
    for (int i = 0; i < count; i++) {
        numbers[i] = first + i;
        TRY(read_source(s, &from, pairs[first + i]));
    }
    return STATUS_OK;
}

/* A block's outputs are those of sources behind `first`. */
typedef struct shift {
    int64_t first, all;
    const decoding *d;
    decoding_take take;
    void *user;
} shift;

static status take_shifted(void *user, const decoded *output)
{
    const shift *by = user;
    decoded moved = *output;

    moved.pair += by->first;
    return by->take(by->user, &moved);
}

static void show_shifted(void *user, int64_t done, int64_t of)
{
    const shift *by = user;

    (void)of; /* of the block */
    by->d->show(by->user, by->first + done, by->all);
}

static status decode_block(judged_sources *s, shift *by)
{
    int64_t numbers[BLOCK], left = by->all - by->first;
    world *w = by->d->world;
    decoding d = *by->d;

    d.numbers = numbers;
    d.show = d.show != NULL ? show_shifted : NULL;
    world_work_begin(w);
    status result = read_block(s, by->first, left < BLOCK ? (int)left : BLOCK, numbers);
    world_work_end(w);
    TRY(world_agree(w, result));
    return decoding_run(&d, &s->set, take_shifted, by);
}

status judged_sources_decode(judged_sources *s, const decoding *d, decoding_take take,
                             void *user)
{
    shift by = {.all = judged_sources_count(s), .d = d, .take = take, .user = user};

    if (s->dataset == NULL)
        return decoding_run(d, &s->set, take, user);
    for (; by.first < by.all; by.first += BLOCK)
        TRY(decode_block(s, &by));
    return STATUS_OK;
}

void judged_sources_free(judged_sources *s)
{
    pair_set_free(&s->set);
    buffer_free(&s->numbers);
}
