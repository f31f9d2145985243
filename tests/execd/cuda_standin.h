/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A stand-in for NVIDIA's libcuda.so.1, for tests of what the CUDA engine tells it, on machines
 * without a GPU.  It checks how it is called, counts what is there, and fails when it is told to.
 * What the kernels that it knows compute, it computes in C: that says nothing of a GPU.
 */
#ifndef EXECD_CUDA_STANDIN_H
#define EXECD_CUDA_STANDIN_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* The name of its device */
#define STANDIN_NAME		"CUDA stand-in, no GPU"
#define STANDIN_NAME_OLD	"Older CUDA stand-in, no GPU"

/**
 * struct standin - what a test does with it; all but the counts may be changed
 * @devices: how many it has
 * @version: of CUDA
 * @mode: enum cuda_compute_mode
 * @major: of the compute capability
 * @init: what cuInit() returns
 * @pins: guest memory, which is shared, can be pinned
 * @fail_at: the call to fail, counted from 1; 0: none
 * @fail_with: what it returns
 * @calls: how many there were
 * @failed: the name of the one that failed; NULL if none has
 * @live: contexts, streams, events, modules and memory that are there
 * @wrong: times that something was used that isn't there, or while the device was at it
 * @spins: times that it was looked at whether an event has come, and it hadn't
 */
struct standin {
	int devices;
	int version;
	int mode;
	int major;
	int init;
	bool pins;
	unsigned long fail_at;
	int fail_with;
	unsigned long calls;
	const char *failed;
	long live;
	unsigned long wrong;
	unsigned long spins;
};

/* cuda_standin_kernels.c's */

/**
 * struct standin_grid - how many items a kernel is run by
 * @groups: of items
 * @items: in each
 */
struct standin_grid {
	unsigned int groups[3];
	unsigned int items[3];
};

/**
 * struct standin_kernel - a kernel that it knows
 * @name: its name
 * @size: bytes of each parameter; 0 after the last
 * @threads: items of a group at most
 * @shared: bytes of shared memory that it declares
 * @run: do what it does; each parameter is in as many bytes of a __u64, or of two
 */
struct standin_kernel {
	const char *name;
	__u8 size[11];
	int threads;
	int shared;
	void (*run)(const __u64 param[][2], const struct standin_grid *grid);
};

const struct standin_kernel *standin_kernel_find(const char *name);

/* cuda_standin.c's: is an address one that the device reaches? */
bool standin_reaches(__u64 at, __u64 size);

#endif /* EXECD_CUDA_STANDIN_H */
