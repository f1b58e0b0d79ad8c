/* token.h - the numbers that every vocabulary gives to the same symbols. */
#ifndef LOCKSTEP_BASE_TOKEN_H
#define LOCKSTEP_BASE_TOKEN_H

enum {
    TOKEN_UNK,                  /* <unk>: text that has no number of its own */
    TOKEN_BEGIN,                /* <begin>: what a decoder is fed before its first symbol */
    TOKEN_END,                  /* <end>: of a source, and of an output */
    TOKEN_SPECIALS,             /* how many there always are */
    TOKEN_MASK = TOKEN_SPECIALS /* <mask>, where the decoder uses it: a place to fill */
};

#endif
