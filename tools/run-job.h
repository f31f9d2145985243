/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RUN_JOB_H
#define RUN_JOB_H

#include <stdbool.h>

#include "run-kernels.h"
#include "vgpu.h"

/* What functions here return; vgpu-run's exit status */
enum { MATCH, MISMATCH, FAILURE };

/**
 * struct arguments - what the user asked for
 * @device: path of the device
 * @kernel: name of the kernel
 * @in: files with inputs
 * @out: file for the output, or NULL
 * @in_count: how many in @in
 * @n: elements, or 0
 * @size: bytes, or 0
 * @seed: of the numbers made up
 * @repeat: how many jobs
 * @quiet: say nothing of success
 * @mailbox: by the mailbox, not by a queue
 * @module: file with a module of the user's own, or NULL; the rest is for that
 * @format: what it is
 * @options: for the compiler, or NULL
 * @global: threads in each dimension, as text
 * @local: threads of a block, likewise
 * @kernel_arg: the kernel's arguments, as text
 * @kernel_args: how many
 */
struct arguments {
	const char *device;
	const char *kernel;
	const char *in[RUN_MAX_INPUTS + 1];
	const char *out;
	unsigned int in_count;
	unsigned long long n;
	unsigned long long size;
	unsigned long long seed;
	unsigned long long repeat;
	bool quiet;
	bool mailbox;
	const char *module;
	enum vgpu_module_format format;
	const char *options;
	const char *global;
	const char *local;
	char **kernel_arg;
	int kernel_args;
};

int run_complain(const char *what, int err);
bool run_again(int err, unsigned int *tries);
int run_job(struct vgpu *dev, const struct arguments *args,
	    const struct run_kernel *kernel);

#endif /* RUN_JOB_H */
