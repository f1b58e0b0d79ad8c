/* audio_ranks.c - all ranks read the audio files of a dataset that rank 0 prepares. */
#include "audio_ranks.h"

#include <string.h>

#include "lockstep/base/memory.h"

/* What rank 0 has the others do next. */
typedef struct command {
    int files; /* of the block; 0: there is no more to do */
    uint64_t bytes, most;
} command;

typedef struct ranks {
    world *world;
    audio_features *features;
    size_t *sizes;  /* [world_size] of records, on rank 0 */
    buffer records; /* this rank's */
    bool failed;    /* all ranks know that, and none waits for another */
} ranks;

static status create(ranks *self, const config *c)
{
    const audio_settings settings = audio_settings_of(&c->data.source);

    self->sizes = memory_create((size_t)world_size(self->world), sizeof(*self->sizes));
    if (self->sizes == NULL)
        return fail(STATUS_NOMEM, "no memory to read audio files");
    return audio_features_create(&self->features, &settings);
}

static void free_all(ranks *self)
{
    memory_destroy(self->sizes);
    audio_features_destroy(self->features);
    buffer_free(&self->records);
}

/* This rank's files of a block. */
static status read_share(ranks *self, const audio_block *block)
{
    world_work_begin(self->world);
    buffer_clear(&self->records);
    status result = audio_block_read(block, self->features, world_rank(self->world),
                                     world_size(self->world), &self->records);
    world_work_end(self->world);
    return result;
}

/* [collective] All read their files of the block, whose `paths` have room on all ranks and are
 * known to rank 0. Everyone's records go there: `*all` is owned. */
static status share_block(ranks *self, audio_block *block, char **all)
{
    world_broadcast(self->world, block->paths.data, block->paths.size, 0);
    TRY(world_agree(self->world, read_share(self, block)));
    return world_collect(self->world, self->records.data, self->records.size, all, self->sizes);
}

/* ---- rank 0 ---- */

/* The records take the place of what `out` holds. */
static void give(const ranks *self, char *all, buffer *out)
{
    size_t size = 0;

    for (int rank = 0; rank < world_size(self->world); rank++)
        size += self->sizes[rank];
    buffer_free(out);
    *out = (buffer){.data = all, .size = size, .room = size + 1};
}

static status read_block(void *context, const audio_block *block, buffer *out)
{
    ranks *self = context;
    audio_block borrowed = *block;
    command next = {block->files, block->paths.size, block->most};
    char *all = NULL;

    world_work_end(self->world);
    world_broadcast(self->world, &next, sizeof(next), 0);
    status result = world_agree(self->world, STATUS_OK);
    if (result == STATUS_OK)
        result = share_block(self, &borrowed, &all);
    if (result == STATUS_OK)
        give(self, all, out);
    self->failed = result != STATUS_OK;
    world_work_begin(self->world);
    return result;
}

static status lead(ranks *self, status (*work)(void *user, const audio_crew *crew), void *user)
{
    const audio_crew crew = {self, world_size(self->world), read_block};
    command end = {0};

    world_work_begin(self->world);
    status result = work(user, &crew);
    world_work_end(self->world);
    if (self->failed) /* which was told; what was said around it is no news */
        return fail(result, "%s", "");
    world_broadcast(self->world, &end, sizeof(end), 0);
    return result;
}

/* ---- the others ---- */

static status help(ranks *self, const command *next, audio_block *block)
{
    char *none;

    audio_block_clear(block);
    TRY(world_agree(self->world, buffer_reserve(&block->paths, next->bytes)));
    block->paths.size = next->bytes;
    block->files = next->files;
    block->most = next->most;
    return share_block(self, block, &none);
}

/* Until rank 0 has no more blocks, or all have failed. */
static status follow(ranks *self)
{
    audio_block block = {0};
    status result = STATUS_OK;
    command next = {.files = 1};

    while (result == STATUS_OK && next.files > 0) {
        world_broadcast(self->world, &next, sizeof(next), 0);
        if (next.files > 0)
            result = help(self, &next, &block);
    }
    self->failed = result != STATUS_OK;
    audio_block_free(&block);
    return result;
}

/* ---- together ---- */

static status run(ranks *self, status (*work)(void *user, const audio_crew *crew), void *user)
{
    status result = world_rank(self->world) == 0 ? lead(self, work, user) : follow(self);

    return self->failed ? result : world_agree(self->world, result);
}

status audio_ranks_run(world *w, const config *c,
                       status (*work)(void *user, const audio_crew *crew), void *user)
{
    ranks self = {.world = w};

    status result = world_agree(w, create(&self, c));
    if (result == STATUS_OK)
        result = run(&self, work, user);
    free_all(&self);
    return result;
}
