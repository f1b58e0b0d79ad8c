/* dataset.c - what a prepared dataset is. */
#include "lockstep/data/dataset.h"

#include <stdio.h>

#include "dataset_state.h"

void dataset_name(char out[DATASET_NAME], dataset_split split, dataset_side side,
                  const char *what)
{
    snprintf(out, DATASET_NAME, "/%s/%s/%s", dataset_split_name(split), side_name(side), what);
}

const char *dataset_elements(const dataset *self, dataset_side side)
{
    return sides_are_audio(&self->sides, side) ? "frames" : "ids";
}

void dataset_limit(dataset *self, int longest)
{
    self->longest = longest;
}

const sides *dataset_sides(const dataset *self)
{
    return &self->sides;
}

uint64_t dataset_content(const dataset *self)
{
    return self->content;
}

bool dataset_is(const dataset *self, uint64_t known)
{
    return known == self->content || known == self->fingerprint || known == self->former;
}

int64_t dataset_pairs(const dataset *self, dataset_split split)
{
    int64_t pairs = 0;

    for (int i = 0; i < self->parts; i++)
        pairs += self->files[i].pairs[split];
    return pairs;
}

static status split_lengths(void *context, dataset_side side, int64_t first, int64_t count,
                            int32_t *out)
{
    split_of *s = context;

    return dataset_lengths(s->dataset, s->split, side, first, count, out);
}

static status split_load(void *context, dataset_side side, int64_t first, int64_t count,
                         void *out)
{
    split_of *s = context;

    return dataset_load(s->dataset, s->split, side, first, count, out);
}

pair_source dataset_source(dataset *self, dataset_split split)
{
    pair_source made = {.context = &self->splits[split],
                        .pairs = dataset_pairs(self, split),
                        .all_scored = self->sides.task != TASK_TAG,
                        .lengths = split_lengths,
                        .load = split_load};

    for (int side = 0; side < SIDES; side++)
        made.elements[side] = sides_element(&self->sides, (dataset_side)side);
    return made;
}
