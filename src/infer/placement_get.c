/* placement_get.c - where this process and all others run, as the system tells. */
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "lockstep/base/memory.h"
#include "lockstep/infer/placement.h"

/* The cores of a NUMA node; a node of memory alone has none. */
static affinity read_node(const char *folder, int node)
{
    char path[100], list[4096] = "";

    snprintf(path, sizeof(path), "%s/node%d/cpulist", folder, node);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return (affinity){{0}};
    list[fread(list, 1, sizeof(list) - 1, file)] = '\0';
    fclose(file);
    return affinity_parse(list);
}

static void count_nodes(placement *p)
{
    static const char folder[] = "/sys/devices/system/node";
    DIR *all = opendir(folder);
    int node;

    if (all == NULL)
        return;
    for (struct dirent *one; (one = readdir(all)) != NULL;) {
        if (sscanf(one->d_name, "node%d", &node) != 1)
            continue;
        affinity cores = read_node(folder, node);
        p->host_nodes += affinity_count(&cores) > 0;
        p->nodes += affinity_meets(&cores, &p->cores);
    }
    closedir(all);
}

placement placement_get(const char *host)
{
    placement p = {.cores = affinity_get(0), .host_cores = (int)sysconf(_SC_NPROCESSORS_ONLN)};

    snprintf(p.host, sizeof(p.host), "%.64s", host);
    count_nodes(&p);
    return p;
}

status placement_collect(world *w, placement **out)
{
    placement mine = placement_get(world_host(w, world_rank(w)));
    size_t *sizes = memory_create((size_t)world_size(w), sizeof(*sizes));
    char *all = NULL;

    *out = NULL;
    status told = world_agree(
        w, sizes != NULL ? STATUS_OK
                         : fail(STATUS_NOMEM, "no memory for %d ranks", world_size(w)));
    if (told == STATUS_OK)
        told = world_collect(w, &mine, sizeof(mine), &all, sizes);
    if (told == STATUS_OK)
        *out = (placement *)(void *)all;
    memory_destroy(sizes);
    return told;
}
