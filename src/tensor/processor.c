/* processor.c - what the processor that this runs on is called, and what it can do. */
#define _GNU_SOURCE /* syscall */
#include "lockstep/tensor/processor.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#ifdef KERNELS_X86
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "lockstep/base/status.h"

processor_level processor_level_get(void)
{
#ifdef KERNELS_X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return PROCESSOR_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("bmi2"))
        return PROCESSOR_AVX2;
    if (__builtin_cpu_supports("avx"))
        return PROCESSOR_AVX;
#endif
    return PROCESSOR_BASE;
}

bool processor_has_pairs(void)
{
#ifdef KERNELS_X86
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512bf16") != 0;
#else
    return false;
#endif
}

#ifdef KERNELS_X86

/* AMX-BF16, AMX-TILE, and that the operating system saves tiles. */
static bool has_tiles(void)
{
    enum { SAVES = 1 << 27, BFLOAT16 = 1 << 22, TILE = 1 << 24, STATE = 3 << 17 };
    unsigned a, b, c, d, state, high;

    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & SAVES) == 0 ||
        __get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & BFLOAT16) == 0 || (d & TILE) == 0)
        return false;
    __asm__("xgetbv" : "=a"(state), "=d"(high) : "c"(0));
    return (state & STATE) == STATE;
}

bool processor_gives_tiles(void)
{
    enum { REQUEST_STATE = 0x1023, TILE_DATA = 18 }; /* arch_prctl, Linux 5.16 and later */

    return has_tiles() && syscall(SYS_arch_prctl, REQUEST_STATE, TILE_DATA) == 0;
}

#else

bool processor_gives_tiles(void)
{
    return false;
}

#endif

const char *processor_level_name(processor_level level)
{
#ifdef KERNELS_X86
    static const char *const names[] = {"SSE", "AVX", "AVX2", "AVX-512"};
#else
    static const char *const names[] = {"the base instructions", "", "", ""};
#endif

    CHECK(level >= PROCESSOR_BASE && level <= PROCESSOR_AVX512);
    return names[level];
}

/* The value of a line "model name : VALUE"; NULL for any other. */
static const char *value_of(char *line)
{
    char *value = strchr(line, ':');

    if (strncmp(line, "model name", strlen("model name")) != 0 || value == NULL)
        return NULL;
    line[strcspn(line, "\n")] = '\0';
    value += 1 + strspn(value + 1, " \t");
    return *value != '\0' ? value : NULL;
}

static int read_name(FILE *list, char *out, size_t size)
{
    char line[512];

    while (fgets(line, sizeof(line), list) != NULL) {
        const char *value = value_of(line);
        if (value == NULL)
            continue;
        snprintf(out, size, "%s", value);
        return 1;
    }
    return 0;
}

void processor_name(char *out, size_t size)
{
    FILE *list = fopen("/proc/cpuinfo", "r");
    struct utsname machine;
    int found = list != NULL && read_name(list, out, size);

    if (list != NULL)
        fclose(list);
    if (!found)
        snprintf(out, size, "%s", uname(&machine) == 0 ? machine.machine : "unknown");
}
