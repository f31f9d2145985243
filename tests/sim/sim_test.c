// SPDX-License-Identifier: GPL-2.0
/* sim_test: what vgpu-sim counts with.  What is right is computed here, another way. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hist.h"
#include "ptx_run.h"
#include "spin.h"
#include "tap.h"

#define VALUES	10000
#define ITEMS	100

static __u64 random_state = 88172645463325252ULL;

static __u64 random_word(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static int compare(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

static bool is_near(__u64 got, __u64 want)
{
	__u64 off = got < want ? want - got : got - want;

	return off <= want / 32;
}

static void test_percentiles(void)
{
	static const __u32 percents[] = { 0, 1, 50, 99 };
	static __u64 value[VALUES];
	static struct hist hist;
	size_t i;

	CHECK_EQ(hist_percentile(&hist, 50), 0);
	for (i = 0; i < VALUES; i++) {
		/* all magnitudes */
		value[i] = random_word() >> random_word() % 64;
		hist_add(&hist, value[i]);
	}
	qsort(value, VALUES, sizeof(*value), compare);
	for (i = 0; i < sizeof(percents) / sizeof(*percents); i++)
		CHECK(is_near(hist_percentile(&hist, percents[i]),
			      value[VALUES / 100 * percents[i]]));
	CHECK(is_near(hist_percentile(&hist, 100), value[VALUES - 1]));
}

/* Small ones are told exactly, and so is each bucket's first. */
static void test_values(void)
{
	__u64 i;

	for (i = 0; i < 100000; i += i < 70 ? 1 : i / 7) {
		struct hist hist = { };

		hist_add(&hist, i);
		if (i < 2 * HIST_STEPS)
			CHECK_EQ(hist_percentile(&hist, 50), i);
		else
			CHECK(is_near(hist_percentile(&hist, 50), i));
	}
}

/* The kernel, as spin.cl has it */
static void launch(__u32 *sum, __u32 seed, __u32 steps)
{
	__u32 i, s, x;

	for (i = 0; i < ITEMS; i++) {
		x = seed + i;
		for (s = 0; s < steps; s++)
			x = x * 1664525U + 1013904223U;
		sum[i] += x;
	}
}

static void test_sums(void)
{
	struct spin spin = { .work = 1237 };
	__u32 sum[ITEMS] = { }, seed;

	CHECK(spin_right(&spin, sum, ITEMS));
	while (spin.jobs < 300) {
		seed = random_word();
		launch(sum, seed, spin.work);
		CHECK(!spin_right(&spin, sum, ITEMS));
		spin.jobs++;
		spin.seeds += seed;
		CHECK(spin_right(&spin, sum, ITEMS));
	}
	sum[ITEMS - 1]++;
	CHECK(!spin_right(&spin, sum, ITEMS));
	CHECK(spin_right(&spin, sum, ITEMS - 1));
}

/* On the CPU, instruction by instruction */
static void test_ptx(void)
{
	struct spin spin = { .work = 777 };
	__u32 sum[64] = { };
	const struct ptx_range range = { (uintptr_t)sum, sizeof(sum) };
	char *text = strndup((const char *)spin_ptx.text, spin_ptx.length);
	struct ptx *ptx = text ? ptx_parse(text, spin_ptx.name) : NULL;

	if (CHECK(ptx)) {
		while (spin.jobs < 5) {
			const __u64 param[][2] = { { (uintptr_t)sum }, { spin.jobs * 1000 },
						   { spin.work } };

			CHECK(ptx_run(ptx, param, 4, 16, &range, 1));
			spin.seeds += spin.jobs++ * 1000;
			CHECK(spin_right(&spin, sum, 64));
		}
		ptx_free(ptx);
	}
	free(text);
}

static const struct tap_test tests[] = {
	{ "sim-percentiles", "percentiles of all magnitudes, to 3 %", test_percentiles },
	{ "sim-values", "a single value is told as it was", test_values },
	{ "sim-ptx", "the kernel as PTX adds what it is to add", test_ptx },
	{ "sim-sums", "sums say whether each job was run once", test_sums },
};

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		tap_run(&tests[i]);
	return tap_end();
}
