/* crc32.h - the checksum that DynamoDB puts on its answers (IEEE 802.3) */
#ifndef AWS_CRC32_H
#define AWS_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32_of(const void *s, size_t len);

#endif
