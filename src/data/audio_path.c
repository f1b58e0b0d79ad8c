/* audio_path.c - where the files are that a corpus names as its sources. */
#include "lockstep/data/audio_path.h"

#include <stdio.h>
#include <string.h>

void audio_folder(const config_files *files, char out[FILE_PATH_MAX])
{
    const char *path = files->pairs != NULL ? files->pairs : files->source;
    const char *slash = path == NULL ? NULL : strrchr(path, '/');
    size_t size = slash == NULL ? 0 : (size_t)(slash - path) + 1;

    size = size < FILE_PATH_MAX ? size : 0; /* which nobody can have opened */
    memcpy(out, path, size);
    out[size] = '\0';
}

status audio_path(char out[FILE_PATH_MAX], const char *folder, const corpus_line *name)
{
    bool absolute = name->size > 0 && name->text[0] == '/';
    int used =
        snprintf(out, FILE_PATH_MAX, "%s%.*s", absolute ? "" : folder,
                 (int)(name->size < FILE_PATH_MAX ? name->size : FILE_PATH_MAX), name->text);

    if (memchr(name->text, '\0', name->size) != NULL)
        return fail(STATUS_INPUT, "%s: the name of a file holds a 0 byte", out);
    if (used < 0 || used >= FILE_PATH_MAX)
        return fail(STATUS_INPUT, "%.60s...: the name of a file is too long", out);
    return STATUS_OK;
}
