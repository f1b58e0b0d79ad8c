/* audio_ahead.c - the pairs of a corpus of audio, their files read ahead. */
#include "audio_ahead.h"

#include "lockstep/base/memory.h"
#include "lockstep/data/audio_path.h"

/* A pair of the block. */
typedef struct pair {
    size_t at[SIDES], size[SIDES]; /* of its lines, in the text */
    int file;                      /* -1: none */
} pair;

struct audio_ahead {
    corpus *from;
    const char *folder;
    const audio_crew *crew;
    int room, count, next; /* pairs: at most, in the block, given */
    pair *pairs;           /* [room] */
    audio_outcome *files;  /* [room] */
    audio_block block;
    buffer text, records;
};

static status create(audio_ahead *self)
{
    size_t room = (size_t)self->room;

    self->pairs = memory_create(room, sizeof(*self->pairs));
    self->files = memory_create(room, sizeof(*self->files));
    if (self->pairs == NULL || self->files == NULL)
        return fail(STATUS_NOMEM, "no memory to read %zu audio files", room);
    return STATUS_OK;
}

status audio_ahead_open(audio_ahead **out, corpus *from, const char *folder,
                        const audio_crew *crew, size_t most)
{
    audio_ahead *self = memory_create(1, sizeof(*self));

    *out = NULL;
    if (self == NULL)
        return fail(STATUS_NOMEM, "no memory to read audio files");
    *self = (audio_ahead){.from = from,
                          .folder = folder,
                          .crew = crew,
                          .room = AUDIO_BLOCK_FILES * crew->members,
                          .block = {.most = most}};
    status result = create(self);
    if (result != STATUS_OK) {
        audio_ahead_close(self);
        return result;
    }
    *out = self;
    return STATUS_OK;
}

void audio_ahead_close(audio_ahead *self)
{
    if (self == NULL)
        return;
    memory_destroy(self->pairs);
    memory_destroy(self->files);
    audio_block_free(&self->block);
    buffer_free(&self->text);
    buffer_free(&self->records);
    memory_destroy(self);
}

static status add_file(audio_ahead *self, const corpus_line *name, int *file)
{
    char path[FILE_PATH_MAX];

    *file = -1;
    if (name->size == 0)
        return STATUS_OK;
    status named = audio_path(path, self->folder, name);
    if (named != STATUS_OK)
        return corpus_blame(self->from, named);
    *file = self->block.files;
    return audio_block_add(&self->block, path);
}

static status add_pair(audio_ahead *self, const corpus_line lines[SIDES])
{
    pair *to = &self->pairs[self->count];

    for (int side = 0; side < SIDES; side++) {
        to->at[side] = self->text.size;
        to->size[side] = lines[side].size;
        TRY(buffer_add(&self->text, lines[side].text, lines[side].size));
        TRY(buffer_add(&self->text, "", 1));
    }
    TRY(add_file(self, &lines[SIDE_SOURCE], &to->file));
    self->count++;
    return STATUS_OK;
}

/* The next block; an empty one is the end. */
static status fill(audio_ahead *self)
{
    corpus_line lines[SIDES];
    bool end = false;

    self->count = self->next = 0;
    buffer_clear(&self->text);
    audio_block_clear(&self->block);
    while (self->count < self->room &&
           !audio_block_is_full(&self->block, self->crew->members)) {
        TRY(corpus_next(self->from, lines, &end));
        if (end)
            break;
        TRY(add_pair(self, lines));
    }
    if (self->block.files == 0)
        return STATUS_OK;
    TRY(self->crew->read(self->crew->context, &self->block, &self->records));
    audio_block_find(&self->block, &self->records, self->files);
    return STATUS_OK;
}

status audio_ahead_next(audio_ahead *self, corpus_line lines[SIDES], audio_outcome *file,
                        bool *end)
{
    if (self->next == self->count)
        TRY(fill(self));
    *end = self->count == 0;
    if (*end)
        return STATUS_OK;
    const pair *now = &self->pairs[self->next++];

    for (int side = 0; side < SIDES; side++)
        lines[side] = (corpus_line){self->text.data + now->at[side], now->size[side]};
    *file = now->file < 0 ? (audio_outcome){.message = ""} : self->files[now->file];
    return STATUS_OK;
}
