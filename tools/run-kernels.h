/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RUN_KERNELS_H
#define RUN_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

#include "vgpu.h"

#define RUN_MAX_INPUTS	2

/**
 * struct run_kernel - a built-in kernel, on the device and here
 */
struct run_kernel {
	/** @name: as vgpu_builtin_name() says */
	const char *name;
	/** @unit: what n counts */
	const char *unit;
	/** @inputs: how many buffers it reads, the output aside */
	unsigned int inputs;
	/** @default_n: if the user doesn't say */
	__u64 default_n;
	/** @in_place: the output is an input, too: the last one */
	bool in_place;
	/** @is_float: elements are f32, else u32 or, for sha256, bytes */
	bool is_float;
	/** @element: bytes of one element */
	unsigned int element;
	/** @scalar: it takes a float, in front of n */
	bool scalar;
	/** @square: buffers are n x n matrices */
	bool square;
	/** @out_bytes: size of the output; 0: as large as an input */
	unsigned int out_bytes;
	/** @launch: runs it on the device */
	int (*launch)(struct vgpu *dev, struct vgpu_buf out,
		      const struct vgpu_buf *in, __u64 n, float a);
	/** @reference: runs it here; what the device writes must be the same */
	void (*reference)(void *out, void * const *in, __u64 n, float a);
};

__u64 run_random(__u64 *state);
const struct run_kernel *run_kernel_find(const char *name);
__u64 run_kernel_n(const struct run_kernel *kernel, __u64 size);
void run_kernel_generate(const struct run_kernel *kernel, void *mem, size_t bytes,
			 __u64 *state);
unsigned int run_kernel_args(const struct run_kernel *kernel, struct vgpu_dev_arg *args,
			     struct vgpu_buf out, const struct vgpu_buf *in, __u64 n,
			     float a);

#endif /* RUN_KERNELS_H */
