/* fingerprint_audio.c - the content of all audio files that a corpus names. */
#include "fingerprint_audio.h"

#include <stdio.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/log.h"
#include "lockstep/base/stop.h"
#include "lockstep/data/audio_path.h"
#include "lockstep/data/corpus.h"
#include "lockstep/store/store.h"

/* A file's share of the hash. */
typedef struct content {
    uint64_t hash, size;
} content;

static status hash_file(const char *path, content *out)
{
    TRY(store_hash_file(path, &out->hash));
    return file_size(path, &out->size);
}

static status add_file(fingerprint_files *to, const corpus *from, int64_t line,
                       const char *path, buffer *contents)
{
    content of = {0};
    status result = hash_file(path, &of);

    to->files++;
    if (result == STATUS_INPUT) {
        of = (content){0};
        if (to->gone++ == 0) {
            corpus_fail_at(from, line, result);
            snprintf(to->first_gone, sizeof(to->first_gone), "%s", error_message());
        }
    } else if (result != STATUS_OK) {
        return result;
    }
    to->bytes += of.size;
    return buffer_add(contents, &of, sizeof(of));
}

static status read_corpus(fingerprint_files *to, corpus *from, const char *folder,
                          const char *name, buffer *contents)
{
    corpus_line lines[SIDES];
    char path[FILE_PATH_MAX];
    bool end;

    for (int64_t line = 1;; line++) {
        if (stop_signal() != 0)
            return fail(STATUS_STOPPED, "stopped while reading the files of %s",
                        corpus_name(from));
        TRY(corpus_next(from, lines, &end));
        if (end)
            return STATUS_OK;
        if (lines[SIDE_SOURCE].size == 0)
            continue;
        status named = audio_path(path, folder, &lines[SIDE_SOURCE]);
        if (named != STATUS_OK)
            return corpus_blame(from, named);
        TRY(add_file(to, from, line, path, contents));
        log_progress("%s: %lld files compared", name, (long long)to->files);
    }
}

status fingerprint_audio(const config_files *files, const char *name, fingerprint_files *out)
{
    char folder[FILE_PATH_MAX];
    buffer contents = {0};
    corpus *from;

    *out = (fingerprint_files){0};
    audio_folder(files, folder);
    TRY(corpus_open(&from, files));
    status result = read_corpus(out, from, folder, name, &contents);

    if (result == STATUS_OK)
        out->hash = store_hash(contents.data, contents.size);
    corpus_close(from);
    buffer_free(&contents);
    return result;
}
