/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The same kernel without any of this: a plain program that gives a vendor's software one launch
 * after the other, and always has some waiting there.
 */
#ifndef VGPU_SIM_NATIVE_H
#define VGPU_SIM_NATIVE_H

#include "worker.h"

struct native_ops;

/**
 * struct native - a device, open; the first member of each one's own
 * @ops: how to use it
 * @is_cpu: it is processors of this machine
 * @grid: work items that keep all of it busy
 */
struct native {
	const struct native_ops *ops;
	bool is_cpu;
	struct engine_grid grid;
};

/**
 * struct native_ops - a vendor's software
 * @open: the device, as &engine_ops.open; NULL after a message if it can't be
 * @close: end that
 * @prepare: begin with other work, and with sums that are 0; false after a message
 * @run: launch for @ns nanoseconds, and wait for all; a launch takes some @kernel_ns.  False
 *	after a message
 * @check: have all launches since @prepare done what they were to do, once?  False after a
 *	message
 */
struct native_ops {
	struct native *(*open)(const char *device, const struct spin_source *source);
	void (*close)(struct native *native);
	bool (*prepare)(struct native *native, __u32 work);
	bool (*run)(struct native *native, __u64 ns, __u64 kernel_ns, struct loop_result *result);
	bool (*check)(struct native *native);
};

extern const struct native_ops native_opencl;
extern const struct native_ops native_cuda;

#endif /* VGPU_SIM_NATIVE_H */
