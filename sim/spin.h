/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel that is measured: each work item takes a number, does @work steps of a linear
 * congruential generator with it, and adds the result to its sum.  What many jobs have added
 * together can be said without doing the steps: so each job that didn't run, ran twice, or was
 * wrong is seen in the sums, in the end.
 */
#ifndef VGPU_SIM_SPIN_H
#define VGPU_SIM_SPIN_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

/* W. Press and others, Numerical Recipes in C, 7.1: "ranqd1" */
#define SPIN_FACTOR	1664525U
#define SPIN_ADDEND	1013904223U

/* Whoever looks says this */
#define SPIN_WRONG	"vgpu-sim: a job's result is wrong, or one was lost or ran twice\n"

/**
 * struct spin - jobs that have added to the same sums
 * @work: steps of each
 * @jobs: how many, modulo 2^32
 * @seeds: the numbers that they began with, added modulo 2^32
 */
struct spin {
	__u32 work;
	__u32 jobs;
	__u32 seeds;
};

/**
 * struct spin_source - the kernel, for those who take modules
 * @format: enum vgpu_module_format
 * @name: of the kernel: parameters are a buffer of __u32, one for each work item, the seed, and
 *	the number of steps
 * @text: @length bytes
 * @length: of @text
 */
struct spin_source {
	__u32 format;
	const char *name;
	const unsigned char *text;
	size_t length;
};

extern const struct spin_source spin_opencl_c;
extern const struct spin_source spin_ptx;

bool spin_right(const struct spin *spin, const __u32 *sum, __u32 items);

#endif /* VGPU_SIM_SPIN_H */
