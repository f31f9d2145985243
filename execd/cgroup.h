/* SPDX-License-Identifier: GPL-2.0 */
/* Control groups of workers: what all processes of one may take together. */
#ifndef VGPU_EXECD_CGROUP_H
#define VGPU_EXECD_CGROUP_H

#include <linux/types.h>
#include <stdbool.h>

/**
 * struct cgroup_limits - what is in a control group may take
 * @memory: bytes, be it of the processes, of files in memory, or of the kernel for them
 * @tasks: threads and processes
 */
struct cgroup_limits {
	__u64 memory;
	__u64 tasks;
};

int cgroup_begin(const char *path);
int cgroup_make(int base, const char *name, const struct cgroup_limits *limits);
int cgroup_enter(int dir);
bool cgroup_end(int base, const char *name);
void cgroup_sweep(int base);

#endif /* VGPU_EXECD_CGROUP_H */
