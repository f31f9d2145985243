// SPDX-License-Identifier: GPL-2.0
/* The generator is splitmix64: any seed is a good one. */
#include "random.h"

/**
 * random_next() - 64 random bits
 * @r: the sequence
 *
 * Return: the bits.
 */
u64 random_next(struct random *r)
{
	u64 z;

	r->state += 0x9e3779b97f4a7c15ULL;
	z = r->state;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/**
 * random_below() - a small random number
 * @r: the sequence
 * @limit: from 1
 *
 * Return: 0 to @limit - 1.
 */
u32 random_below(struct random *r, u32 limit)
{
	return (u32)(((random_next(r) >> 32) * limit) >> 32);
}

/**
 * random_nasty() - a number of the kind that programs get wrong
 * @r: the sequence
 *
 * Return: near 0, near a power of two, near the end of a type, or anything.
 */
u64 random_nasty(struct random *r)
{
	u64 near = random_below(r, 9) - 4ULL;

	switch (random_below(r, 6)) {
	case 0:
		return random_below(r, 16);
	case 1:
		return near;
	case 2:
		return (1ULL << random_below(r, 64)) + near;
	case 3:
		return 0xffffffffULL + near;
	case 4:
		return 0x1000 * (u64)random_below(r, 256) + near;
	default:
		return random_next(r);
	}
}

/**
 * random_fill() - random bytes
 * @r: the sequence
 * @buf: where to
 * @len: how many
 */
void random_fill(struct random *r, void *buf, size_t len)
{
	u8 *p = buf;
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = (u8)(random_next(r) >> 56);
}
