/* paths.c - several paths in one text. */
#include <string.h>

#include "lockstep/config/config.h"

int config_paths(const char *paths)
{
    int count = paths ? 1 : 0;
    for (const char *at = paths; at && (at = strchr(at, '\n')); ++at)
        ++count;
    return count;
}

bool config_path_at(const char *paths, int number, char *out, size_t size)
{
    for (; number > 0; --number)
        paths += strcspn(paths, "\n") + 1;
    size_t used = strcspn(paths, "\n");
    if (used >= size)
        return false;
    memcpy(out, paths, used);
    out[used] = 0;
    return true;
}
