/* kernels.c - which instruction set's kernels are used. */
#include "lockstep/tensor/kernels.h"

#include <stdbool.h>
#include <string.h>

#include "lockstep/tensor/processor.h"

#ifdef KERNELS_X86

extern const kernels kernels_v2, kernels_v3, kernels_v4, kernels_bf16, kernels_amx;

static const kernels *chosen = &kernels_v2;

static bool runs_here(const kernels *set)
{
    if (set == &kernels_amx)
        return runs_here(&kernels_bf16) && processor_gives_tiles();
    if (set == &kernels_bf16)
        return runs_here(&kernels_v4) && processor_has_pairs();
    if (set == &kernels_v4)
        return processor_level_get() >= PROCESSOR_AVX512;
    return set != &kernels_v3 || processor_level_get() >= PROCESSOR_AVX2;
}

static const kernels *const best_first[] = {&kernels_amx, &kernels_bf16, &kernels_v4,
                                            &kernels_v3, &kernels_v2};
static const char *const list[] = {"amx", "bf16", "v4", "v3", "v2", NULL};
static const char names[] = "v2, v3, v4, bf16 and amx";

#else

extern const kernels kernels_native;

static const kernels *chosen = &kernels_native;

static bool runs_here(const kernels *set)
{
    return set != NULL;
}

static const kernels *const best_first[] = {&kernels_native};
static const char *const list[] = {"native", NULL};
static const char names[] = "native";

#endif

const kernels *kernels_get(void)
{
    return chosen;
}

const kernels *kernels_best(void)
{
    size_t i = 0;

    while (!runs_here(best_first[i]))
        i++;
    return best_first[i];
}

const char *const *kernels_list(void)
{
    return list;
}

status kernels_open(const char *name)
{
    for (size_t i = 0; i < sizeof(best_first) / sizeof(best_first[0]); i++) {
        bool named = name != NULL && name[0] != '\0';
        if (named && strcmp(name, best_first[i]->name) != 0)
            continue;
        if (runs_here(best_first[i])) {
            chosen = best_first[i];
            return STATUS_OK;
        }
        if (named)
            return fail(STATUS_USAGE,
                        "LOCKSTEP_KERNELS=%s: this processor lacks these instructions", name);
    }
    return fail(STATUS_USAGE, "LOCKSTEP_KERNELS=%s: there are %s", name, names);
}
