/* stamps.c - hashes of large files that need not be read again while nothing touches them. */
#include "stamps.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/data/fingerprint.h"

enum { SETTLED_SECONDS = 3, HASH_DIGITS = 16, LINE_MAX_SIZE = FILE_PATH_MAX + 160 };

static const char heading[] =
    "lockstep stamps 1: hash, size, inode, times of content and change\n";

/* What follows the hash on a file's line; "", and false, where it is not to be noted. */
static bool describe(const char *path, char out[LINE_MAX_SIZE])
{
    struct stat about;
    time_t before = time(NULL) - SETTLED_SECONDS;

    out[0] = '\0';
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size < STAMPS_LEAST ||
        about.st_mtim.tv_sec > before || about.st_ctim.tv_sec > before ||
        strchr(path, '\n') != NULL)
        return false;
    int used = snprintf(out, LINE_MAX_SIZE, " %lld %llu %lld.%09ld %lld.%09ld %s\n",
                        (long long)about.st_size, (unsigned long long)about.st_ino,
                        (long long)about.st_mtim.tv_sec, about.st_mtim.tv_nsec,
                        (long long)about.st_ctim.tv_sec, about.st_ctim.tv_nsec, path);
    if (used < 0 || used >= LINE_MAX_SIZE)
        out[0] = '\0';
    return out[0] != '\0';
}

static bool place(const char *dataset, char out[FILE_PATH_MAX])
{
    int used = snprintf(out, FILE_PATH_MAX, "%s.stamps", dataset);

    return used > 0 && used < FILE_PATH_MAX;
}

/* The stamps, owned; NULL: there are none. */
static char *load(const char *dataset)
{
    char path[FILE_PATH_MAX], *text;
    size_t size;

    if (!place(dataset, path) || !file_is_regular(path) ||
        file_load(path, &text, &size) != STATUS_OK)
        return NULL;
    if (strncmp(text, heading, strlen(heading)) == 0)
        return text;
    memory_destroy(text);
    return NULL;
}

static bool is_known(const char *dataset, const char *about, uint64_t *hash)
{
    char *text = load(dataset), *end;
    const char *found = text != NULL ? strstr(text, about) : NULL;
    bool known = found != NULL && found - text >= HASH_DIGITS;

    if (known) {
        *hash = strtoull(found - HASH_DIGITS, &end, 16);
        known = end == found && found[-HASH_DIGITS - 1] == '\n';
    }
    memory_destroy(text);
    return known;
}

/* All lines but those of this path. */
static status copy_others(const char *text, const char *path, buffer *out)
{
    size_t length = strlen(path);

    for (const char *line = text + strlen(heading), *end; *line != '\0'; line = end) {
        end = line + strcspn(line, "\n");
        size_t size = (size_t)(end - line);
        bool same = size > length && end[-(ptrdiff_t)length - 1] == ' ' &&
                    memcmp(end - length, path, length) == 0;
        end += *end == '\n';
        if (!same)
            TRY(buffer_add(out, line, (size_t)(end - line)));
    }
    return STATUS_OK;
}

static status note(const char *dataset, const char *path, const char *about, uint64_t hash)
{
    char *before = load(dataset), name[FILE_PATH_MAX];
    buffer text = {0};
    status result = buffer_add_text(&text, "%s", heading);

    if (result == STATUS_OK && before != NULL)
        result = copy_others(before, path, &text);
    if (result == STATUS_OK)
        result = buffer_add_text(&text, "%016" PRIx64 "%s", hash, about);
    if (result == STATUS_OK && place(dataset, name))
        result = file_save(name, text.data, text.size);
    buffer_free(&text);
    memory_destroy(before);
    return result;
}

/* Where nothing has touched it since it was described. */
static void note_if_same(const char *dataset, const char *path, const char *about,
                         uint64_t hash)
{
    char after[LINE_MAX_SIZE];

    if (*about != '\0' && describe(path, after) && strcmp(about, after) == 0)
        (void)!note(dataset, path, about, hash);
}

status stamps_hash_file(const char *dataset, const char *path, uint64_t *out)
{
    char about[LINE_MAX_SIZE];

    if (describe(path, about) && is_known(dataset, about, out))
        return STATUS_OK;
    TRY(store_hash_file(path, out));
    note_if_same(dataset, path, about, *out);
    return STATUS_OK;
}

/* The stamp's hash is not asked for: that it stands there says that the file was right. */
status stamps_open(store_reader **out, const char *dataset)
{
    char about[LINE_MAX_SIZE];
    uint64_t hash;

    if (describe(dataset, about) && is_known(dataset, about, &hash))
        return store_open_verified(out, dataset, "dataset", DATASET_VERSION);
    TRY(store_open(out, dataset, "dataset", DATASET_VERSION));
    note_if_same(dataset, dataset, about, 0);
    return STATUS_OK;
}
