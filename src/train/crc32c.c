/* crc32c.c - the checksum, bit by bit: what it is taken of is a kilobyte a report. */
#include "crc32c.h"

enum { BITS = 8 };
static const uint32_t polynomial = 0x82f63b78; /* its bits in reverse */

uint32_t crc32c(const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    uint32_t sum = ~(uint32_t)0;

    for (size_t i = 0; i < size; i++) {
        sum ^= at[i];
        for (int bit = 0; bit < BITS; bit++)
            sum = (sum >> 1) ^ (polynomial & (0 - (sum & 1)));
    }
    return ~sum;
}
