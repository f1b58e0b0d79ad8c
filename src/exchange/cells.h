/* cells.h - a node that is mostly zeros travels without them: rows of an embedding that no
 * token of the node's grains looked up.
 *
 * A cell is CELL floats from a multiple of CELL on. The message is made of the cells that are
 * not all +0, one after another, and a bit for every cell that says whether it is among them.
 * Which nodes go so shows in the number of bytes: at most half of what all floats would take.
 */
#ifndef LOCKSTEP_EXCHANGE_CELLS_H
#define LOCKSTEP_EXCHANGE_CELLS_H

#include "node_sum.h"

enum { CELL = 64 };

/* The bits of `count` floats, in bytes. */
size_t cells_bits(size_t count);

/* Write the message to `out`, with room for half of what the node's `count` floats (whole
 * PARAMETER_BLOCKs) take, as half nodes if `half`. Its bytes; 0 where it seems not to fit.
 * `bits` [cells_bits] is scratch. */
size_t cells_pack(void *out, node_at node, size_t count, bool half, uint8_t *bits);

/* The share of its cells that are not all +0. */
double cells_filled(node_at node, size_t count);

/* A message of so many bytes that came to the node's own memory becomes its `count` floats. */
void cells_unpack(node_at node, size_t count, size_t bytes, uint8_t *bits);

#endif
