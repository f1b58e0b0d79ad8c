/* audio_lines.c - the audio files that lines of input name, read by all ranks together. */
#include "lockstep/infer/audio_lines.h"

#include "lockstep/base/memory.h"
#include "lockstep/data/audio_path.h"

static status add_path(audio_lines *self, const audio_names *names, const corpus_line *name)
{
    char path[FILE_PATH_MAX];

    if (name->size == 0)
        return STATUS_OK;
    if (audio_path(path, names->folder, name) == STATUS_OK)
        return audio_block_add(&self->block, path);
    return audio_block_add(&self->block, name->text); /* no file has such a name */
}

static const corpus_line *line_of(const audio_names *names, int i)
{
    return &names->lines[i * names->stride];
}

/* This rank's files. */
static status read_share(audio_lines *self, world *w, audio_features *features,
                         const audio_names *names, size_t most)
{
    audio_block_clear(&self->block);
    self->block.most = most;
    for (int i = 0; i < names->count; i++)
        TRY(add_path(self, names, line_of(names, i)));
    return audio_block_read(&self->block, features, world_rank(w), world_size(w), &self->mine);
}

/* [collective] The records of all ranks to all. */
static status share_records(audio_lines *self, world *w)
{
    size_t *sizes = memory_create((size_t)world_size(w), sizeof(*sizes)), total = 0;
    char *all = NULL;
    status result = world_agree(
        w, sizes != NULL ? STATUS_OK : fail(STATUS_NOMEM, "no memory for sizes of records"));

    if (result == STATUS_OK)
        result = world_collect(w, self->mine.data, self->mine.size, &all, sizes);
    for (int r = 0; all != NULL && r < world_size(w); r++)
        total += sizes[r];
    memory_destroy(sizes);
    TRY(result);
    world_broadcast(w, &total, sizeof(total), 0);
    if (world_rank(w) != 0)
        all = memory_create(total + 1, 1);
    buffer_free(&self->records);
    self->records = (buffer){.data = all, .size = total, .room = total + 1};
    TRY(world_agree(w, all != NULL
                           ? STATUS_OK
                           : fail(STATUS_NOMEM, "no memory for %zu bytes of audio", total)));
    world_broadcast(w, all, total, 0);
    return STATUS_OK;
}

/* An outcome for each line; those of the block stand behind them. */
static status find_outcomes(audio_lines *self, const audio_names *names)
{
    size_t count = (size_t)names->count + (size_t)self->block.files;

    buffer_clear(&self->outcomes);
    TRY(buffer_reserve(&self->outcomes, count * sizeof(audio_outcome)));
    audio_outcome *lines = (audio_outcome *)(void *)self->outcomes.data;
    const audio_outcome *file = lines + names->count;

    audio_block_find(&self->block, &self->records, lines + names->count);
    for (int i = 0; i < names->count; i++)
        lines[i] = line_of(names, i)->size > 0 ? *file++ : (audio_outcome){.message = ""};
    self->files = lines;
    return STATUS_OK;
}

status audio_lines_read(audio_lines *self, world *w, audio_features *features,
                        const audio_names *names, size_t most)
{
    buffer_clear(&self->mine);
    world_work_begin(w);
    status result = read_share(self, w, features, names, most);
    world_work_end(w);
    TRY(world_agree(w, result));
    TRY(share_records(self, w));
    return world_agree(w, find_outcomes(self, names));
}

void audio_lines_free(audio_lines *self)
{
    audio_block_free(&self->block);
    buffer_free(&self->outcomes);
    buffer_free(&self->records);
    buffer_free(&self->mine);
    self->files = NULL;
}
