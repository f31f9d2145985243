/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a worker can't do.  There are two sandboxes: the narrow one, for an engine that is all
 * in this program, and the wide one, for those that bring a vendor's software along, which has
 * threads and reads files, and may compile, link and load code.
 */
#ifndef VGPU_EXECD_SANDBOX_H
#define VGPU_EXECD_SANDBOX_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

/**
 * struct sandbox - what a worker may have
 * @parent: a pidfd of the executor; without that there is nothing to do
 * @channel: its only file, beside stderr
 * @memory: bytes of memory that it may make, guest memory aside
 * @view: the paths that it may read, NULL-terminated; or NULL: none, the narrow sandbox
 */
struct sandbox {
	int parent;
	int channel;
	__u64 memory;
	const char *const *view;
};

pid_t sandbox_fork(const struct sandbox *sandbox);
int sandbox_enter(const struct sandbox *sandbox);
int sandbox_filter(const struct sandbox *sandbox);

/* sandbox_view.c's, for sandbox_enter() */
int sandbox_see(const char *const *view);

#endif /* VGPU_EXECD_SANDBOX_H */
