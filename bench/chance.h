/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers drawn at random, the same from the same seed. */
#ifndef _BENCH_CHANCE_H
#define _BENCH_CHANCE_H

#include <linux/types.h>

/**
 * chance_below() - draw a number
 * @state: the seed, not 0; changed
 * @below: at least 1
 *
 * G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003.
 *
 * Return: 0 to @below - 1.
 */
static inline u64 chance_below(u64 *state, u64 below)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state % below;
}

#endif /* _BENCH_CHANCE_H */
