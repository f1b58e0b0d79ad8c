/* copying.h - sources and outputs whose numbers go beyond the symbols (data/sides.h). */
#ifndef LOCKSTEP_SRC_MODEL_COPYING_H
#define LOCKSTEP_SRC_MODEL_COPYING_H

#include "lockstep/nn/copy_best.h"

typedef struct copying {
    bool codes; /* the encoder sees which words are the same (model.copy_codes) */
    int source_symbols, target_symbols;
    int32_t *copied; /* [source_symbols] what each is in the target; owned */
} copying;

/* `codes` stays. Each symbol is itself, or, beyond the target's, one of the source's own. */
MUST_CHECK status copying_init(copying *c, int source_symbols, int target_symbols);
void copying_free(copying *c);

/* Room for what a pointer sees of the source, which becomes what the encoder is fed; `*words`
 * as body_encode takes them. */
copy_memory *copying_push(const copying *c, pass *pass, packed *source, int width,
                          const int32_t **words);

/* Above every number that outputs of the source have. */
int copying_numbers(const copying *c, const packed *source);

/* Rows of what was fed, one sentence for each of the source's. */
const copy_rows *copying_rows(pass *pass, const copy_memory *memory, const packed *fed);

#endif
