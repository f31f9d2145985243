/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the examples have in common: see example.c. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <endian.h>
#include <string.h>
#include <vgpu.h>

#define EXAMPLE_ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/**
 * struct example_run - jobs of a queue, one after the other
 * @queue: which
 * @jobs: how many
 * @submit: submits number @job, with that as user data; returns what vgpu_queue_copy() and its
 *	like return
 * @context: for @submit
 * @gpu_ns: set to what all took on the GPU together
 */
struct example_run {
	struct vgpu_queue *queue;
	unsigned int jobs;
	int (*submit)(void *context, unsigned int job);
	void *context;
	__u64 gpu_ns;
};

int example_complain(const char *what, int err);
int example_open(struct vgpu **dev, const char *path);
int example_build(struct vgpu *dev, const char *path, const char *options, __u32 *module);
int example_run(struct example_run *run);
double example_seconds(void);

/* Arguments of a kernel are in the device's byte order, which is little-endian. */

static inline struct vgpu_dev_arg example_arg_bo(__u32 bo, __u64 offset)
{
	return (struct vgpu_dev_arg){ htole32(VGPU_ARG_BO), htole32(bo), htole64(offset) };
}

static inline struct vgpu_dev_arg example_arg_local(__u32 bytes)
{
	return (struct vgpu_dev_arg){ htole32(VGPU_ARG_LOCAL), 0, htole64(bytes) };
}

static inline struct vgpu_dev_arg example_arg_u32(__u32 value)
{
	return (struct vgpu_dev_arg){ htole32(VGPU_ARG_VALUE), 0, htole64(value) };
}

static inline struct vgpu_dev_arg example_arg_f32(float value)
{
	__u32 bits;

	memcpy(&bits, &value, sizeof(bits));
	return example_arg_u32(bits);
}

#endif /* EXAMPLE_H */
