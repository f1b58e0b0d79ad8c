/* made_parts.h - a dataset of one file cut into several (data/dataset.h). */
#ifndef LOCKSTEP_TESTS_MADE_PARTS_H
#define LOCKSTEP_TESTS_MADE_PARTS_H

#include <stdint.h>

/* Write number `part`, from 1, of `parts` to `to`, with the pairs [first, end) of the training
 * data of text at `from`, as those of the dataset that `content` knows. */
void made_parts_write(const char *from, const char *to, int part, int parts, int64_t first,
                      int64_t end, uint64_t content);

#endif
