/* word_codes.h - fixed vectors by which words without a symbol are told apart: what stands in
 * several places of a sentence has the same, and different words have different ones. */
#ifndef LOCKSTEP_NN_WORD_CODES_H
#define LOCKSTEP_NN_WORD_CODES_H

#include "lockstep/nn/pass.h"

/* Add its code, as many times 1 or -1 as x has columns, to each row r of x with words[r] >= 0,
 * which is the number of its word in the sentence. */
void word_codes_add(const pass *pass, const int32_t *words, matrix x);

#endif
