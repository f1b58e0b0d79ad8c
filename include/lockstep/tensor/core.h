/* core.h - which of OpenBLAS's sets of kernels ("core") multiplies.
 *
 * A library that holds several (DYNAMIC_ARCH, as distributions build it) chooses when it is
 * loaded: what OPENBLAS_CORETYPE names, else by the processor's model number, and on a model
 * that it does not know it may take Prescott's, which are SSE and a tenth as fast. It is
 * made to choose anew without being loaded again. Within an instruction set its own choice
 * stands. Elsewhere than on x86-64 it asks the operating system, and is right.
 */
#ifndef LOCKSTEP_TENSOR_CORE_H
#define LOCKSTEP_TENSOR_CORE_H

#include <stdbool.h>

/* Where OpenBLAS chose a core that uses less than the processor has, and no user set
 * OPENBLAS_CORETYPE, choose the best that it has. Before the first product. */
void core_open(void);

/* The core in use, e.g. "SkylakeX". */
const char *core_name(void);

/* Has the user set OPENBLAS_CORETYPE? */
bool core_pinned(void);

/* Does the core use as much as the processor has? Yes for one that we do not know. */
bool core_suits(void);

/* Use this core, whatever the user set. False, with the core as it was, where the processor
 * or the library lacks it. When no thread multiplies. */
bool core_take(const char *name);

/* The cores worth trying, the best first, NULL after the last: of each instruction set the
 * one that measures best at our shapes (SkylakeX is ahead of Cooperlake, Haswell of Zen). */
const char *const *core_list(void);

#endif
