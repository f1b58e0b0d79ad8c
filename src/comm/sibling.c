/* sibling.c - the ranks of this host, as the system sees them. */
#include "sibling.h"

#include <dirent.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Set by mpirun, and by srun with PMIx. */
static const char *const rank_names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK"};

enum { NAMES = sizeof(rank_names) / sizeof(*rank_names) };

const char *sibling_own_rank(void)
{
    for (int i = 0; i < NAMES; i++)
        if (getenv(rank_names[i]) != NULL)
            return getenv(rank_names[i]);
    return "?";
}

/* What a file of /proc holds, its beginning: 0 when it can't be read. */
static size_t read_start(long process, const char *name, char *out, size_t size)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%ld/%s", process, name);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    size_t got = fread(out, 1, size - 1, file);
    fclose(file);
    out[got] = '\0';
    return got;
}

/* "7 (a name) T 1 ..." */
static bool is_stopped_child(long process, long parent)
{
    char text[1024], state;
    long of;

    if (read_start(process, "stat", text, sizeof(text)) == 0)
        return false;
    const char *rest = strrchr(text, ')');
    return rest != NULL && sscanf(rest + 1, " %c %ld", &state, &of) == 2 && of == parent &&
           (state == 'T' || state == 't');
}

/* Its environment is strings one after another. */
static bool read_rank(long process, long *rank)
{
    static char all[65536];
    size_t size = read_start(process, "environ", all, sizeof(all));

    for (size_t at = 0; at < size; at += strlen(all + at) + 1)
        for (int i = 0; i < NAMES; i++) {
            size_t length = strlen(rank_names[i]);

            if (strncmp(all + at, rank_names[i], length) == 0 && all[at + length] == '=') {
                *rank = strtol(all + at + length + 1, NULL, 10);
                return true;
            }
        }
    return false;
}

bool sibling_stopped(long *rank, long *process)
{
    DIR *all = opendir("/proc");
    bool found = false;

    if (all == NULL)
        return false;
    for (struct dirent *one; !found && (one = readdir(all)) != NULL;) {
        *process = strtol(one->d_name, NULL, 10);
        found = *process > 0 && is_stopped_child(*process, (long)getppid()) &&
                read_rank(*process, rank);
    }
    closedir(all);
    return found;
}
