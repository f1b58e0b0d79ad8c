/* word_codes.h - fixed vectors by which words are known again, those without a symbol too: what
 * stands in several places of a sentence has the same, different words have different ones. */
#ifndef LOCKSTEP_NN_WORD_CODES_H
#define LOCKSTEP_NN_WORD_CODES_H

#include "lockstep/nn/pass.h"

/* Add to each row r of x the code of word number words[r], at least 0: as many times 1 or -1 as
 * x has columns. */
void word_codes_add(const pass *pass, const int32_t *words, matrix x);

#endif
