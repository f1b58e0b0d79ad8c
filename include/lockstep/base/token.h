/* token.h - the numbers that mean the same in every vocabulary: what a model is fed before
 * the first symbol and says after the last one, and what stands for text it does not know. */
#ifndef LOCKSTEP_BASE_TOKEN_H
#define LOCKSTEP_BASE_TOKEN_H

/* <unk>, <begin>, <end>; symbols of the text have the numbers from TOKEN_SPECIALS on. */
enum { TOKEN_UNK, TOKEN_BEGIN, TOKEN_END, TOKEN_SPECIALS };

#endif
