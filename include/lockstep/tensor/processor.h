/* processor.h - what the processor that this runs on is called, and what it can do. */
#ifndef LOCKSTEP_TENSOR_PROCESSOR_H
#define LOCKSTEP_TENSOR_PROCESSOR_H

#include <stdbool.h>
#include <stddef.h>

/* Instruction sets, each of which holds those before it; off x86-64 BASE is all. */
typedef enum processor_level {
    PROCESSOR_BASE,
    PROCESSOR_AVX,
    PROCESSOR_AVX2,  /* with FMA and BMI2 */
    PROCESSOR_AVX512 /* F, BW, CD, DQ and VL, as servers have had since 2017 */
} processor_level;

/* By CPUID, and by what the operating system saves; never by the model's number. */
processor_level processor_level_get(void);

/* Has it AVX512_BF16's sums of pairs? */
bool processor_has_pairs(void);

/* Has it AMX's tiles for bfloat16, and lets the operating system this process use them? It is
 * asked, before there are other threads, and gives them to all. */
bool processor_gives_tiles(void);

/* "AVX-512" */
const char *processor_level_name(processor_level level);

/* Its name in /proc/cpuinfo, cut to `size`; where there is none, that of the machine. */
void processor_name(char *out, size_t size);

#endif
