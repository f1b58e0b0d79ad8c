/* search.c - the table of searches. */
#include "lockstep/decode/search.h"

#include <string.h>

#include "searches.h"

static const search table[] = {{"greedy", greedy_run},     {"beam", beam_run},
                               {"sample", sample_run},     {"parallel", parallel_run},
                               {"classify", classify_run}, {"tags", tags_run}};

const search *search_find(const char *name)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}
