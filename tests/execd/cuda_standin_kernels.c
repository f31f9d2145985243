// SPDX-License-Identifier: GPL-2.0
/* Kernels of builtin.cl, cuda_test.cl and sim/spin.ptx, as C: what the stand-in runs instead. */
#include <stdint.h>
#include <string.h>

#include "cuda_standin.h"

#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

/* Words at a parameter that is an address, from that in the next on */
static __u32 *words(const __u64 param[][2], int i)
{
	return (__u32 *)(uintptr_t)param[i][0] + param[i + 1][0];
}

static __u8 *bytes(const __u64 param[][2], int i)
{
	return (__u8 *)(uintptr_t)param[i][0] + param[i + 1][0];
}

static __u64 items(const struct standin_grid *grid)
{
	return (__u64)grid->groups[0] * grid->items[0];
}

static float as_float(__u32 word)
{
	float f;

	memcpy(&f, &word, sizeof(f));
	return f;
}

static __u32 as_word(float f)
{
	__u32 word;

	memcpy(&word, &f, sizeof(word));
	return word;
}

static void run_vecadd(const __u64 p[][2], const struct standin_grid *grid, bool floats)
{
	__u32 *dst = words(p, 0), *a = words(p, 2), *b = words(p, 4);
	__u64 id, i;

	for (id = 0; id < items(grid); id++) {
		i = p[6][0] + id;
		if (i < p[7][0])
			dst[i] = floats ? as_word(as_float(a[i]) + as_float(b[i])) : a[i] + b[i];
	}
}

static void run_vecadd_u32(const __u64 p[][2], const struct standin_grid *grid)
{
	run_vecadd(p, grid, false);
}

static void run_vecadd_f32(const __u64 p[][2], const struct standin_grid *grid)
{
	run_vecadd(p, grid, true);
}

static void run_saxpy(const __u64 p[][2], const struct standin_grid *grid)
{
	__u32 *y = words(p, 0), *x = words(p, 2);
	float a = as_float(p[4][0]), product;
	__u64 id, i;

	for (id = 0; id < items(grid); id++) {
		i = p[5][0] + id;
		if (i >= p[6][0])
			continue;
		product = a * as_float(x[i]);
		y[i] = as_word(product + as_float(y[i]));
	}
}

static void run_matmul(const __u64 p[][2], const struct standin_grid *grid)
{
	__u32 *c = words(p, 0), *a = words(p, 2), *b = words(p, 4);
	__u64 n = p[6][0], k = p[7][0], id, at, i;
	float sum, product;

	for (id = 0; id < items(grid); id++) {
		at = p[8][0] + id;
		if (at >= p[9][0])
			continue;
		sum = 0;
		for (i = 0; i < k; i++) {
			product = as_float(a[at / n * k + i]) * as_float(b[i * n + at % n]);
			sum += product;
		}
		c[at] = as_word(sum);
	}
}

static void run_reduce_begin(const __u64 p[][2], const struct standin_grid *grid)
{
	memset((void *)(uintptr_t)p[0][0], 0, items(grid) * sizeof(__u32));
}

static void run_reduce_step(const __u64 p[][2], const struct standin_grid *grid)
{
	__u32 *sums = (__u32 *)(uintptr_t)p[0][0], *src = words(p, 1);
	__u64 id, i;

	for (id = 0; id < items(grid); id++)
		for (i = p[3][0] + id; i < p[4][0]; i += items(grid))
			sums[id] += src[i];
}

static void run_reduce_end(const __u64 p[][2], const struct standin_grid *grid)
{
	const __u32 *sums = (__u32 *)(uintptr_t)p[0][0];
	__u32 sum = 0;
	__u64 i;

	(void)grid;
	for (i = 0; i < (__u32)p[1][0]; i++)
		sum += sums[i];
	*words(p, 2) = sum;
}

static __u32 ror(__u32 x, int n)
{
	return x >> n | x << (32 - n);
}

/* Its words are the digest's state in the device's order, so its own steps are needed */
static void block(__u32 state[8], const __u8 *at)
{
	static const __u32 k[64] = {
		0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
		0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
		0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
		0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
		0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
		0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
		0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
		0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
		0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
		0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
		0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
	};
	__u32 s[8], w[64], t1, t2, i;

	for (i = 0; i < 16; i++)
		w[i] = (__u32)at[4 * i] << 24 | at[4 * i + 1] << 16 | at[4 * i + 2] << 8 |
		       at[4 * i + 3];
	for (; i < 64; i++)
		w[i] = w[i - 16] + w[i - 7] +
		       (ror(w[i - 15], 7) ^ ror(w[i - 15], 18) ^ w[i - 15] >> 3) +
		       (ror(w[i - 2], 17) ^ ror(w[i - 2], 19) ^ w[i - 2] >> 10);
	memcpy(s, state, sizeof(s));
	for (i = 0; i < 64; i++) {
		t1 = s[7] + (ror(s[4], 6) ^ ror(s[4], 11) ^ ror(s[4], 25)) +
		     ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i];
		t2 = (ror(s[0], 2) ^ ror(s[0], 13) ^ ror(s[0], 22)) +
		     ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
		memmove(s + 1, s, 7 * sizeof(*s));
		s[4] += t1;
		s[0] = t1 + t2;
	}
	for (i = 0; i < 8; i++)
		state[i] += s[i];
}

static void run_sha256_begin(const __u64 p[][2], const struct standin_grid *grid)
{
	static const __u32 first[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
		0x1f83d9ab, 0x5be0cd19,
	};

	(void)grid;
	memcpy((void *)(uintptr_t)p[0][0], first, sizeof(first));
}

static void run_sha256_step(const __u64 p[][2], const struct standin_grid *grid)
{
	__u64 at;

	(void)grid;
	for (at = p[3][0]; at < p[4][0]; at += 64)
		block((__u32 *)(uintptr_t)p[0][0], bytes(p, 1) + at);
}

static void run_sha256_end(const __u64 p[][2], const struct standin_grid *grid)
{
	__u64 length = p[3][0], left = length % 64, bits = length * 8, n, i;
	__u8 last[128] = { }, *dst = bytes(p, 4);
	__u32 state[8];

	(void)grid;
	memcpy(state, (void *)(uintptr_t)p[0][0], sizeof(state));
	memcpy(last, bytes(p, 1) + length - left, left);
	last[left] = 0x80;
	n = left < 56 ? 64 : 128;
	for (i = 0; i < 8; i++)
		last[n - 1 - i] = bits >> 8 * i;
	for (i = 0; i < n; i += 64)
		block(state, last + i);
	for (i = 0; i < 32; i++)
		dst[i] = state[i / 4] >> (24 - 8 * (i % 4));
}

static void run_scale(const __u64 p[][2], const struct standin_grid *grid)
{
	int *dst = (int *)(uintptr_t)p[0][0], *src = (int *)(uintptr_t)p[1][0];
	__u64 id;

	for (id = 0; id < items(grid); id++)
		dst[id] = src[id] * (int)p[2][0] + *(int *)(uintptr_t)p[3][0];
}

static void run_sizes(const __u64 p[][2], const struct standin_grid *grid)
{
	double d;
	int t[3];

	(void)grid;
	memcpy(&d, p[3], sizeof(d));
	memcpy(t, p[4], sizeof(t));
	*(int *)(uintptr_t)p[5][0] = (__u8)p[0][0] + (short)p[1][0] + (int)as_float(p[2][0]) +
				     (int)d + t[2];
}

static void run_where(const __u64 p[][2], const struct standin_grid *grid)
{
	const unsigned int *g = grid->groups, *n = grid->items;
	__u32 *out = (__u32 *)(uintptr_t)p[0][0];
	__u64 x, y, z, at = 0;

	for (z = 0; z < (__u64)g[2] * n[2]; z++)
		for (y = 0; y < (__u64)g[1] * n[1]; y++)
			for (x = 0; x < (__u64)g[0] * n[0]; x++)
				out[at++] = x / n[0] << 16 | y / n[1] << 8 | z / n[2];
}

static void run_nothing(const __u64 p[][2], const struct standin_grid *grid)
{
	(void)grid;
	if (p[0][0])
		*(int *)(uintptr_t)p[0][0] = 1;
}

/* One runs after the other here */
static void run_meet(const __u64 p[][2], const struct standin_grid *grid)
{
	(void)grid;
	*(int *)(uintptr_t)p[0][0] = *(int *)(uintptr_t)p[1][0] ? 2 : 1;
}

static void run_none(const __u64 p[][2], const struct standin_grid *grid)
{
	(void)p;
	(void)grid;
}

static void run_at(const __u64 p[][2], const struct standin_grid *grid)
{
	(void)grid;
	*(int *)(uintptr_t)p[0][0] = 7;
}

static void run_eight(const __u64 p[][2], const struct standin_grid *grid)
{
	__u64 id;

	for (id = 0; id < items(grid); id++)
		((int *)(uintptr_t)p[0][0])[id] = 1;
}

/* sim/spin.ptx */
static void run_spin(const __u64 (*p)[2], const struct standin_grid *grid)
{
	__u32 steps = (__u32)p[2][0], x, i;
	__u64 id;

	for (id = 0; id < items(grid); id++) {
		x = (__u32)p[1][0] + id;
		for (i = 0; i < steps; i++)
			x = x * 1664525U + 1013904223U;
		((__u32 *)(uintptr_t)p[0][0])[id] += x;
	}
}

static const struct standin_kernel kernels[] = {
	{ "vecadd_u32", { 8, 8, 8, 8, 8, 8, 8, 8 }, 1024, 0, run_vecadd_u32 },
	{ "vecadd_f32", { 8, 8, 8, 8, 8, 8, 8, 8 }, 1024, 0, run_vecadd_f32 },
	{ "saxpy_f32", { 8, 8, 8, 8, 4, 8, 8 }, 1024, 0, run_saxpy },
	{ "matmul_f32", { 8, 8, 8, 8, 8, 8, 8, 8, 8, 8 }, 1024, 0, run_matmul },
	{ "reduce_begin", { 8 }, 1024, 0, run_reduce_begin },
	{ "reduce_step", { 8, 8, 8, 8, 8 }, 1024, 0, run_reduce_step },
	{ "reduce_end", { 8, 4, 8, 8 }, 1024, 0, run_reduce_end },
	{ "sha256_begin", { 8 }, 1024, 0, run_sha256_begin },
	{ "sha256_step", { 8, 8, 8, 8, 8 }, 1024, 0, run_sha256_step },
	{ "sha256_end", { 8, 8, 8, 8, 8, 8 }, 1024, 0, run_sha256_end },
	{ "scale", { 8, 8, 4, 8 }, 1024, 0, run_scale },
	{ "sizes", { 1, 2, 4, 8, 12, 8 }, 1024, 0, run_sizes },
	{ "where", { 8 }, 1024, 0, run_where },
	{ "nothing", { 8 }, 1024, 0, run_nothing },
	{ "meet", { 8, 8, 4 }, 1024, 0, run_meet },
	{ "none", { 0 }, 1024, 0, run_none },
	{ "at", { 8 }, 1024, 0, run_at },
	{ "spin", { 8, 4, 4 }, 1024, 0, run_spin },
	{ "eight", { 8 }, 8, 256, run_eight },
};

/**
 * standin_kernel_find() - a kernel that the stand-in knows
 * @name: its name
 *
 * Return: it, or NULL.
 */
const struct standin_kernel *standin_kernel_find(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(kernels); i++)
		if (!strcmp(kernels[i].name, name))
			return &kernels[i];
	return NULL;
}
