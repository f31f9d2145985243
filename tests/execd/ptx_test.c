// SPDX-License-Identifier: GPL-2.0
/*
 * What builtin.ptx computes, on the CPU, instruction by instruction, against the same kernels in C
 * (cuda_standin_kernels.c).  It says that clang made of builtin.cl what is meant; not what a GPU
 * does with it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda_standin.h"
#include "ptx_run.h"
#include "tap.h"

static const char source[] = {
#include "builtin_ptx.h"
	0
};

#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

#define BYTES		32768U
#define PARAMS		16

/* What a kernel is given: two times the same */
static __u8 *ours, *theirs;

static __u32 random_state = 1;

static __u32 random_word(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return random_state ^ random_state >> 15;
}

/* Close to 1 in half of them, so that rounding differs, and of all sizes in the others; no NaN */
static void fill(bool floats)
{
	__u32 word;
	size_t i;

	for (i = 0; i < BYTES; i += sizeof(word)) {
		do {
			word = random_word();
			if (floats && word & 1)
				word = 0x3f000000 + (word >> 8);
		} while (floats && (word >> 23 & 0xff) == 0xff);
		memcpy(ours + i, &word, sizeof(word));
	}
	memcpy(theirs, ours, BYTES);
}

/* What is in a parameter: an address if the bit is set, BYTES of memory from it on */
struct call {
	const char *name;
	unsigned int addresses;
	__u64 param[11];
	unsigned int groups;
	unsigned int items;
	bool floats;
};

static void check_call(const struct call *c)
{
	const struct ptx_range range = { (uintptr_t)ours, BYTES };
	const struct standin_grid grid = { { c->groups, 1, 1 }, { c->items, 1, 1 } };
	__u64 mine[PARAMS][2] = { }, its[PARAMS][2] = { };
	struct ptx *ptx = ptx_parse(source, c->name);
	unsigned int i;

	if (!CHECK(ptx))
		return;
	for (i = 0; i < COUNT(c->param); i++) {
		mine[i][0] = c->param[i];
		its[i][0] = c->param[i];
		if (c->addresses >> i & 1) {
			mine[i][0] += (uintptr_t)ours;
			its[i][0] += (uintptr_t)theirs;
		}
	}
	if (CHECK(ptx_run(ptx, mine, c->groups, c->items, &range, 1))) {
		standin_kernel_find(c->name)->run(its, &grid);
		for (i = 0; i < BYTES && ours[i] == theirs[i]; i++)
			;
		if (!CHECK_EQ(i, BYTES))
			fprintf(stderr, "# %s: byte %u is %#x, not %#x\n", c->name, i, ours[i],
				theirs[i]);
	}
	ptx_free(ptx);
}

static void check_calls(const struct call *call, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		fill(call[i].floats);
		check_call(&call[i]);
	}
}

/* Addresses of dst, a and b, each with an offset in words; first, end */
#define THREE	0x15U

static void test_vecadd(void)
{
	static const struct call calls[] = {
		{ "vecadd_u32", THREE, { 0, 1, 8192, 3, 16384, 5, 0, 1000 }, 16, 64, false },
		{ "vecadd_u32", THREE, { 8192, 3, 8192, 3, 16384, 5, 70, 999 }, 15, 64, false },
		{ "vecadd_u32", THREE, { 0, 1, 8192, 3, 16384, 5, 7, 8 }, 1, 64, false },
		{ "vecadd_f32", THREE, { 0, 1, 8192, 3, 16384, 5, 0, 2000 }, 32, 64, true },
		{ "vecadd_f32", THREE, { 0, 0, 0, 0, 16384, 0, 3, 4 }, 1, 1, true },
	};

	check_calls(calls, COUNT(calls));
}

static void test_saxpy(void)
{
	static const struct call calls[] = {
		{ "saxpy_f32", 0x5U, { 0, 2, 16384, 1, 0x3f7ffffb, 0, 4000 }, 63, 64,
		  true },
		{ "saxpy_f32", 0x5U, { 0, 2, 16384, 1, 0x80000001, 17, 4000 }, 63, 64,
		  true },
		{ "saxpy_f32", 0x5U, { 0, 2, 0, 2, 0x7f7fffff, 0, 64 }, 1, 64, true },
	};

	check_calls(calls, COUNT(calls));
}

static void test_matmul(void)
{
	static const struct call calls[] = {
		{ "matmul_f32", THREE, { 0, 1, 8192, 2, 16384, 3, 1, 1, 0, 1 }, 1, 1, true },
		{ "matmul_f32", THREE, { 0, 1, 8192, 2, 16384, 3, 5, 7, 0, 15 }, 1, 64, true },
		{ "matmul_f32", THREE, { 0, 1, 8192, 2, 16384, 3, 31, 33, 0, 961 }, 16, 64, true },
		{ "matmul_f32", THREE, { 0, 1, 8192, 2, 16384, 3, 2, 1000, 1, 4 }, 1, 64, true },
		{ "matmul_f32", THREE, { 0, 1, 8192, 2, 16384, 3, 40, 2, 100, 1601 }, 24, 64,
		  true },
	};

	check_calls(calls, COUNT(calls));
}

static void test_reduce(void)
{
	static const struct call calls[] = {
		{ "reduce_begin", 0x1U, { 0 }, 16, 64, false },
		{ "reduce_step", 3U, { 0, 8192, 3, 0, 1 }, 16, 64, false },
		{ "reduce_step", 3U, { 0, 8192, 3, 0, 6000 }, 16, 64, false },
		{ "reduce_step", 3U, { 0, 8192, 1, 1001, 5999 }, 2, 64, false },
		{ "reduce_end", 0x5U, { 0, 1024, 8192, 11 }, 1, 1, false },
		{ "reduce_end", 0x5U, { 0, 3, 8192, 0 }, 1, 1, false },
	};

	check_calls(calls, COUNT(calls));
}

static void test_sha256(void)
{
	static const __u64 lengths[] = { 1, 2, 3, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000 };
	static const struct call begin = { "sha256_begin", 1, { 0 }, 1, 1, false };
	struct call step = { "sha256_step", 3, { 0, 4096, 5 }, 1, 1, false };
	struct call end = { "sha256_end", 0x13, { 0, 4096, 5, 0, 16384, 7 }, 1, 1,
			    false };
	size_t i;

	for (i = 0; i < COUNT(lengths); i++) {
		fill(false);
		check_call(&begin);
		step.param[4] = lengths[i] / 64 * 64;
		check_call(&step);
		end.param[3] = lengths[i];
		check_call(&end);
	}
}

static bool has(const char *text)
{
	const char *found = strstr(source, text);

	return found;
}

static void test_text(void)
{
	/* rounded one by one, and subnormal numbers as they are */
	CHECK(has("mul.rn.f32") && has("add.rn.f32"));
	CHECK(!has("fma") && !has("mad.f32") && !has(".ftz") && !has(".approx"));
	CHECK(has(".version 6.0\n.target sm_50\n.address_size 64\n"));
}

static const struct tap_test tests[] = {
	{ "execd-ptx-text", "builtin.ptx is for old GPUs, and rounds as it has to", test_text },
	{ "execd-ptx-vecadd", "its sums of vectors, run on the CPU", test_vecadd },
	{ "execd-ptx-saxpy", "its a * x + y, run on the CPU", test_saxpy },
	{ "execd-ptx-matmul", "its products of matrices, run on the CPU", test_matmul },
	{ "execd-ptx-reduce", "its sums, run on the CPU", test_reduce },
	{ "execd-ptx-sha256", "its digests, run on the CPU", test_sha256 },
};

int main(void)
{
	size_t i;

	ours = aligned_alloc(4096, BYTES);
	theirs = aligned_alloc(4096, BYTES);
	for (i = 0; i < COUNT(tests); i++)
		tap_run(&tests[i]);
	free(ours);
	free(theirs);
	return tap_end();
}
