/* tile.h - AMX's tiles: eight registers of 16 rows of 64 bytes, of which a product of two, in
 * bfloat16, is added to a third, in float32 (Intel's manual, TDPBF16PS). Numbers of tiles are
 * constants. TILES_IN_C: the same in C, for a test on any processor. */
#ifndef LOCKSTEP_TENSOR_KERNELS_TILE_H
#define LOCKSTEP_TENSOR_KERNELS_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { TILES = 8, TILE_LINES = 16, TILE_BYTES = 64 };

#if defined(__AMX_BF16__)

#include <immintrin.h>

/* The thread has tiles from here on. It keeps them: nothing else in this process has its own,
 * and to give them back and take them again would cost a fifth of a small product. */
static inline void tiles_begin(void)
{
    static const struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t bytes[16];
        uint8_t rows[16];
    } all = {.palette = 1,
             .bytes = {64, 64, 64, 64, 64, 64, 64, 64},
             .rows = {16, 16, 16, 16, 16, 16, 16, 16}};
    static _Thread_local bool begun;

    if (!begun)
        _tile_loadconfig(&all);
    begun = true;
}

/* `step`: bytes from row to row. GCC is not told by its own that memory is read. */
#define tile_load(t, from, step)                                                               \
    do {                                                                                       \
        __asm__ volatile("" ::: "memory");                                                     \
        _tile_loadd(t, from, step);                                                            \
    } while (0)
#define tile_zero(t)                 _tile_zero(t)
#define tile_store(t, to, step)      _tile_stored(t, to, step)
#define tile_multiply_add(sum, a, b) _tile_dpbf16ps(sum, a, b)
/* The line of memory at `to` will be written. */
#define tile_fetch(to) __builtin_prefetch(to, 1)

#else

typedef union tile {
    uint8_t bytes[TILE_LINES][TILE_BYTES];
    uint16_t halves[TILE_LINES][TILE_BYTES / 2];
    float floats[TILE_LINES][TILE_BYTES / 4];
} tile;

static _Thread_local tile registers[TILES];

/* Of what they held nothing is left. */
static inline void tiles_begin(void)
{
    memset(registers, 0xff, sizeof(registers));
}

static inline void tile_zero(int t)
{
    memset(&registers[t], 0, sizeof(tile));
}

static inline void tile_load(int t, const void *from, size_t step)
{
    for (size_t i = 0; i < TILE_LINES; i++)
        memcpy(registers[t].bytes[i], (const uint8_t *)from + i * step, TILE_BYTES);
}

static inline void tile_store(int t, void *to, size_t step)
{
    for (size_t i = 0; i < TILE_LINES; i++)
        memcpy((uint8_t *)to + i * step, registers[t].bytes[i], TILE_BYTES);
}

static inline void tile_fetch(const void *to)
{
    (void)to;
}

static inline float tile_number(uint16_t half)
{
    union {
        uint32_t bits;
        float value;
    } number = {(uint32_t)half << 16};

    return number.value;
}

static inline void tile_multiply_add(int sum, int a, int b)
{
    for (int m = 0; m < TILE_LINES; m++)
        for (int n = 0; n < TILE_LINES; n++) {
            float apart[2] = {0.0f, 0.0f};
            for (int k = 0; k < TILE_BYTES / 2; k++)
                apart[k % 2] = __builtin_fmaf(
                    tile_number(registers[a].halves[m][k]),
                    tile_number(registers[b].halves[k / 2][2 * n + k % 2]), apart[k % 2]);
            registers[sum].floats[m][n] += apart[0] + apart[1];
        }
}

#endif

#endif
