/* SPDX-License-Identifier: GPL-2.0 */
/* How often times of which length were seen: to 3 %, in little memory however many there are. */
#ifndef VGPU_SIM_HIST_H
#define VGPU_SIM_HIST_H

#include <linux/types.h>

/* Buckets for each doubling, and which power of 2 that is */
#define HIST_SHIFT	5
#define HIST_STEPS	32U
#define HIST_BUCKETS	((64 - HIST_SHIFT + 1) * HIST_STEPS)

/**
 * struct hist - a histogram
 * @total: of @count
 * @count: by bucket: below HIST_STEPS each value has one, above them each doubling HIST_STEPS
 */
struct hist {
	__u64 total;
	__u64 count[HIST_BUCKETS];
};

/**
 * hist_add() - a value was seen
 * @hist: where to count
 * @value: which
 */
static inline void hist_add(struct hist *hist, __u64 value)
{
	__u32 shift = 0;

	if (value >= HIST_STEPS)
		shift = 63 - HIST_SHIFT - __builtin_clzll(value);
	hist->count[shift * HIST_STEPS + (value >> shift)]++;
	hist->total++;
}

/**
 * hist_percentile() - what are so many percent of the values at most?
 * @hist: the values
 * @percent: 0 to 100
 *
 * Return: the middle of a bucket; 0 if there are no values.
 */
static inline __u64 hist_percentile(const struct hist *hist, __u32 percent)
{
	__u64 left = hist->total * percent / 100;
	__u32 i, shift;

	if (!hist->total)
		return 0;
	if (left == hist->total)
		left--;
	for (i = 0; i < HIST_BUCKETS - 1 && left >= hist->count[i]; i++)
		left -= hist->count[i];
	if (i < 2 * HIST_STEPS)
		return i;
	shift = i / HIST_STEPS - 1;
	return ((__u64)(i - shift * HIST_STEPS) << shift) + (1ULL << shift) / 2;
}

#endif /* VGPU_SIM_HIST_H */
