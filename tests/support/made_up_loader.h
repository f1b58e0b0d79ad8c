/* made_up_loader.h - loaders of made-up pairs, and whether their batches are right. */
#ifndef LOCKSTEP_TESTS_MADE_UP_LOADER_H
#define LOCKSTEP_TESTS_MADE_UP_LOADER_H

#include "lockstep/data/loader.h"
#include "made_up_pairs.h"

/* Windows of two blocks, batches of 600 tokens in 5 grains, all of them here, shuffled. */
enum { MADE_UP_TOKENS = 600, MADE_UP_GRAINS = 5, MADE_UP_WINDOW = 2000 };
loader_settings made_up_settings(void);

/* Starts `set`, which is borrowed. */
loader *made_up_loader(made_up_pairs *set, int64_t pairs, loader_settings settings);

/* The next batch, which must be there. */
batch made_up_next(loader *from);

/* Its sentences are the pairs that it names, with their <end>. */
void made_up_check(const batch *b);

#endif
