/* crc32c.h - the checksum of Castagnoli et al. 1993, which iSCSI and TensorBoard use. */
#ifndef LOCKSTEP_TRAIN_CRC32C_H
#define LOCKSTEP_TRAIN_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of RFC 3720, appendix B.4: 0xe3069283 of "123456789". */
uint32_t crc32c(const void *bytes, size_t size);

#endif
