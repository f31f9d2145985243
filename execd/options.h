/* SPDX-License-Identifier: GPL-2.0 */
/* What vgpu-execd was told, and what it found out before it began. */
#ifndef VGPU_EXECD_OPTIONS_H
#define VGPU_EXECD_OPTIONS_H

#include "engine.h"

/**
 * struct options - the command line
 * @engine: what runs jobs
 * @device: which of its devices, or NULL
 * @name: of the GPU
 * @parent: PCI function that its vGPUs are found at, or NULL
 * @memory: MiB
 * @depth: jobs at a time
 * @warm: workers load the vendor's compiler when they begin
 * @uid: the first and the last of workers' users
 * @cgroup: path of the control group that workers' are below; or NULL: this process' own
 * @groups: file descriptor of that, or -1: workers have none
 * @info: what the device is
 * @code: the built-in kernels', for the workers
 * @self: a pidfd of this process, for its workers
 */
struct options {
	const struct engine_ops *engine;
	const char *device;
	const char *name;
	const char *parent;
	unsigned long memory;
	unsigned long depth;
	bool warm;
	unsigned long uid[2];
	const char *cgroup;
	int groups;
	struct engine_info info;
	struct engine_code code;
	int self;
};

int options_parse(struct options *o, int argc, char **argv);

#endif /* VGPU_EXECD_OPTIONS_H */
