/* cells.c - a node that is mostly zeros travels without them. */
#include "cells.h"

#include <string.h>

#include "lockstep/slab/node.h"

size_t cells_bits(size_t count)
{
    return count / CELL / 8;
}

static void set_bit(uint8_t *bits, size_t cell)
{
    bits[cell / 8] = (uint8_t)(bits[cell / 8] | 1u << cell % 8);
}

static bool has_bit(const uint8_t *bits, size_t cell)
{
    return bits[cell / 8] >> cell % 8 & 1;
}

/* Is any of the bytes, a multiple of 16, not 0? */
static bool has_bytes(const void *bytes, size_t size)
{
    uint64_t words[CELL * sizeof(float) / sizeof(uint64_t)], any = 0;

    memcpy(words, bytes, size);
    for (size_t i = 0; i < size / sizeof(uint64_t); i++)
        any |= words[i];
    return any != 0;
}

/* Most cells of most nodes show at once that they are not. */
static bool is_filled(const void *cell, size_t size)
{
    return has_bytes(cell, size / 8) || has_bytes(cell, size);
}

static const void *cell_of(node_at node, size_t cell)
{
    node_at at = node_at_offset(node, cell * CELL);

    return at.halves != NULL ? (const void *)at.halves : (const void *)at.floats;
}

static size_t size_in(node_at node)
{
    return CELL * (node.halves != NULL ? sizeof(uint16_t) : sizeof(float));
}

/* Most nodes have few zeros or none: some cells tell, so that not all must be read. */
static bool seems_empty(node_at node, size_t cells)
{
    enum { PROBES = 32 };
    size_t size = size_in(node), filled = 0;

    for (size_t probe = 0; probe < PROBES; probe++)
        filled += is_filled(cell_of(node, probe * cells / PROBES), size);
    return filled <= PROBES * 2 / 3;
}

double cells_filled(node_at node, size_t count)
{
    size_t size = size_in(node), cells = count / CELL, filled = 0;

    for (size_t cell = 0; cell < cells; cell++)
        filled += is_filled(cell_of(node, cell), size);
    return cells > 0 ? (double)filled / (double)cells : 1.0;
}

/* Mark the cells that are not all zeros; false if they are more than `most`. */
static bool mark_filled(node_at node, size_t cells, size_t most, uint8_t *bits)
{
    size_t size = size_in(node), filled = 0;

    if (cells > 0 && !seems_empty(node, cells))
        return false;
    memset(bits, 0, cells / 8);
    for (size_t cell = 0; cell < cells; cell++) {
        if (!is_filled(cell_of(node, cell), size))
            continue;
        if (++filled > most)
            return false;
        set_bit(bits, cell);
    }
    return true;
}

size_t cells_pack(void *out, node_at node, size_t count, bool half, uint8_t *bits)
{
    size_t size = CELL * (half ? sizeof(uint16_t) : sizeof(float)), cells = count / CELL;
    char *to = out;

    /* The bits take less than a cell for every CELL of them. */
    if (!mark_filled(node, cells, cells / 2 - (cells + CELL - 1) / CELL, bits))
        return 0;
    for (size_t cell = 0; cell < cells; cell++) {
        if (!has_bit(bits, cell))
            continue;
        if (half && node.halves == NULL)
            node_pack((uint16_t *)(void *)to, node.floats + cell * CELL, CELL);
        else
            memcpy(to, cell_of(node, cell), size);
        to += size;
    }
    memcpy(to, bits, cells / 8);
    return (size_t)(to - (char *)out) + cells / 8;
}

/* Cells only ever move to the right, so that the last one goes first. */
void cells_unpack(node_at node, size_t count, size_t bytes, uint8_t *bits)
{
    size_t size = size_in(node), cells = count / CELL;
    size_t filled = (bytes - cells / 8) / size;
    char *memory = node.halves != NULL ? (char *)node.halves : (char *)node.floats;

    memcpy(bits, memory + filled * size, cells / 8);
    for (size_t cell = cells; cell-- > 0;)
        if (has_bit(bits, cell))
            memmove(memory + cell * size, memory + --filled * size, size);
        else
            memset(memory + cell * size, 0, size);
}
