/* SPDX-License-Identifier: GPL-2.0 */
/* What a worker can't do. */
#ifndef VGPU_EXECD_SANDBOX_H
#define VGPU_EXECD_SANDBOX_H

#include <linux/types.h>
#include <sys/types.h>

/**
 * struct sandbox - what a worker may have
 * @parent: the executor's process; without it there is nothing to do
 * @channel: its only file, beside stderr
 * @memory: bytes of memory that it may make, guest memory aside
 */
struct sandbox {
	pid_t parent;
	int channel;
	__u64 memory;
};

int sandbox_enter(const struct sandbox *sandbox);

#endif /* VGPU_EXECD_SANDBOX_H */
