/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers that look random and are the same for the same seed anywhere. */
#ifndef VFIO_CHECK_RANDOM_H
#define VFIO_CHECK_RANDOM_H

#include <stddef.h>

#include "bytes.h"

/**
 * struct random - a sequence
 * @state: where it is
 */
struct random {
	u64 state;
};

u64 random_next(struct random *r);
u32 random_below(struct random *r, u32 limit);
u64 random_nasty(struct random *r);
void random_fill(struct random *r, void *buf, size_t len);

#endif /* VFIO_CHECK_RANDOM_H */
