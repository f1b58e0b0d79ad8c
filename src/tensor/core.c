/* core.c - which of OpenBLAS's sets of kernels multiplies. */
#include "lockstep/tensor/core.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lockstep/tensor/processor.h"

/* What the library calls when it is loaded and unloaded. They are in its table of symbols,
 * not in its headers; a library of one core has neither. */
#pragma weak gotoblas_dynamic_init
#pragma weak gotoblas_dynamic_quit
extern void gotoblas_dynamic_init(void);
extern void gotoblas_dynamic_quit(void);

static const char variable[] = "OPENBLAS_CORETYPE";

#ifdef KERNELS_X86
static const char *const best_first[] = {"SkylakeX", "Haswell",  "Sandybridge",
                                         "Nehalem",  "Prescott", NULL};
#else
static const char *const best_first[] = {"armv8", NULL};
#endif

/* Those that are not here are newer than this list, and taken for the best. */
static const struct {
    const char *name;
    processor_level level;
} known[] = {
    {"SkylakeX", PROCESSOR_AVX512},
    {"Cooperlake", PROCESSOR_AVX512},
    {"SapphireRapids", PROCESSOR_AVX512},
    {"Haswell", PROCESSOR_AVX2},
    {"Zen", PROCESSOR_AVX2},
    {"Excavator", PROCESSOR_AVX2},
    {"Sandybridge", PROCESSOR_AVX},
    {"Bulldozer", PROCESSOR_AVX},
    {"Piledriver", PROCESSOR_AVX},
    {"Steamroller", PROCESSOR_AVX},
    {"Nehalem", PROCESSOR_BASE},
    {"Prescott", PROCESSOR_BASE},
    {"Core2", PROCESSOR_BASE},
    {"Penryn", PROCESSOR_BASE},
    {"Dunnington", PROCESSOR_BASE},
    {"Atom", PROCESSOR_BASE},
    {"Nano", PROCESSOR_BASE},
    {"Opteron", PROCESSOR_BASE},
    {"Opteron_SSE3", PROCESSOR_BASE},
    {"Barcelona", PROCESSOR_BASE},
    {"Bobcat", PROCESSOR_BASE},
    {"Generic", PROCESSOR_BASE},
    {"armv8", PROCESSOR_BASE},
};

static processor_level level_of(const char *name)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcasecmp(known[i].name, name) == 0)
            return known[i].level;
    return PROCESSOR_AVX512;
}

const char *core_name(void)
{
    return openblas_get_corename();
}

bool core_pinned(void)
{
    const char *set = getenv(variable);

    return set != NULL && set[0] != '\0';
}

bool core_suits(void)
{
    return level_of(core_name()) >= processor_level_get();
}

const char *const *core_list(void)
{
    return best_first;
}

static bool is_in_use(const char *name)
{
    return strcasecmp(core_name(), name) == 0;
}

/* Let the library choose anew; the user's variable was unset, or is settled by now. */
static void choose(const char *name)
{
    if (setenv(variable, name, 1) != 0)
        return;
    gotoblas_dynamic_quit();
    gotoblas_dynamic_init();
    unsetenv(variable);
}

bool core_take(const char *name)
{
    char before[64] = "";

    if (is_in_use(name))
        return true;
    if (level_of(name) > processor_level_get() || gotoblas_dynamic_init == NULL ||
        gotoblas_dynamic_quit == NULL)
        return false;
    strncat(before, core_name(), sizeof(before) - 1);
    choose(name);
    if (is_in_use(name))
        return true;
    choose(before);
    return false;
}

void core_open(void)
{
    if (core_pinned() || core_suits())
        return;
    for (const char *const *name = best_first; *name != NULL; name++)
        if (level_of(*name) > level_of(core_name()) && core_take(*name))
            return;
}
