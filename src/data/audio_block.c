/* audio_block.c - audio files that are read together. */
#include "lockstep/data/audio_block.h"

#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/base/stop.h"

/* What stands before the bytes of a record: a message with its 0 byte, or frames. The next
 * record begins at a multiple of ALIGN. */
typedef struct head {
    int32_t file, result;
    uint64_t rows, bytes;
} head;

enum { ALIGN = 8 };

status audio_block_add(audio_block *block, const char *path)
{
    uint64_t size;

    block->files++;
    if (file_is_regular(path) && file_size(path, &size) == STATUS_OK)
        block->bytes += size;
    return buffer_add(&block->paths, path, strlen(path) + 1);
}

void audio_block_clear(audio_block *block)
{
    buffer_clear(&block->paths);
    block->files = 0;
    block->bytes = 0;
}

bool audio_block_is_full(const audio_block *block, int members)
{
    return block->files >= AUDIO_BLOCK_FILES * members ||
           block->bytes >= (uint64_t)AUDIO_BLOCK_BYTES * (uint64_t)members;
}

void audio_block_free(audio_block *block)
{
    buffer_free(&block->paths);
    block->files = 0;
}

/* ---- reading ---- */

static status add_message(buffer *records)
{
    const char *message = error_message();

    return buffer_add(records, message, strlen(message) + 1);
}

static status load(audio_features *features, const char *path, size_t most, buffer *to,
                   size_t *rows)
{
    if (stop_signal() != 0)
        return fail(STATUS_STOPPED, "stopped before %s", path);
    return audio_features_load(features, path, most, to, rows);
}

static status add_record(const audio_block *block, audio_features *features, int file,
                         const char *path, buffer *records)
{
    static const char zeros[ALIGN];
    size_t begin = records->size, after = begin + sizeof(head), rows = 0;

    TRY(buffer_add(records, &(head){.file = file}, sizeof(head)));
    status result = load(features, path, block->most, records, &rows);
    if (result != STATUS_OK) {
        records->size = after;
        TRY(add_message(records));
    }
    const head made = {file, (int32_t)result, rows, records->size - after};
    memcpy(records->data + begin, &made, sizeof(made));
    return buffer_add(records, zeros, (ALIGN - records->size % ALIGN) % ALIGN);
}

status audio_block_read(const audio_block *block, audio_features *features, int member,
                        int members, buffer *records)
{
    const char *path = block->paths.data;

    for (int file = 0; file < block->files; file++, path += strlen(path) + 1)
        if (file % members == member)
            TRY(add_record(block, features, file, path, records));
    return STATUS_OK;
}

/* ---- what was read ---- */

static audio_outcome outcome_of(const audio_block *block, const head *of, const char *bytes)
{
    bool good = of->result == STATUS_OK;

    return (audio_outcome){.result = (status)of->result,
                           .message = good ? "" : bytes,
                           .rows = of->rows,
                           .frames = good && of->rows <= block->most ? bytes : NULL};
}

void audio_block_find(const audio_block *block, const buffer *records, audio_outcome *out)
{
    int found = 0;

    for (size_t at = 0; at < records->size; found++) {
        head next;

        memcpy(&next, records->data + at, sizeof(next));
        CHECK(next.file >= 0 && next.file < block->files);
        at += sizeof(next);
        out[next.file] = outcome_of(block, &next, records->data + at);
        at += next.bytes + (ALIGN - next.bytes % ALIGN) % ALIGN;
    }
    CHECK(found == block->files);
}

/* ---- alone ---- */

static status read_alone(void *context, const audio_block *block, buffer *records)
{
    buffer_clear(records);
    return audio_block_read(block, context, 0, 1, records);
}

audio_crew audio_crew_alone(audio_features *features)
{
    return (audio_crew){.context = features, .members = 1, .read = read_alone};
}
