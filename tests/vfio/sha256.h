/* SPDX-License-Identifier: GPL-2.0 */
/* FIPS 180-4, to compare the device's results with. */
#ifndef VFIO_CHECK_SHA256_H
#define VFIO_CHECK_SHA256_H

#include <stddef.h>

#include "bytes.h"

void sha256(const u8 *data, size_t len, u8 digest[32]);

#endif /* VFIO_CHECK_SHA256_H */
