/* kernels.c - which instruction set's kernels are used. */
#include "lockstep/tensor/kernels.h"

#include <stdbool.h>
#include <string.h>

#ifdef KERNELS_X86

extern const kernels kernels_v2, kernels_v3, kernels_v4;

static const kernels *chosen = &kernels_v2;

static bool runs_here(const kernels *set)
{
    __builtin_cpu_init();
    if (set == &kernels_v4)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
    if (set == &kernels_v3)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
               __builtin_cpu_supports("bmi2");
    return true;
}

static const kernels *const best_first[] = {&kernels_v4, &kernels_v3, &kernels_v2};
static const char names[] = "v2, v3 and v4";

#else

extern const kernels kernels_native;

static const kernels *chosen = &kernels_native;

static bool runs_here(const kernels *set)
{
    return set != NULL;
}

static const kernels *const best_first[] = {&kernels_native};
static const char names[] = "native";

#endif

const kernels *kernels_get(void)
{
    return chosen;
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
