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

#include "cgroup.h"

/**
 * struct sandbox - what a worker may have
 * @parent: a pidfd of the executor; without that there is nothing to do
 * @channel: its only file, beside stderr
 * @memory: bytes of memory that it may make, guest memory aside
 * @view: patterns of the paths that it may read, NULL-terminated; or NULL: none, the narrow
 *	sandbox
 * @nodes: with a view: patterns of the device files that it may use; or NULL: none
 * @reserves: it may have much more address space than memory
 * @cgroup: as cgroup_make() returned it: it is in that; or -1: where the executor is
 * @lock: path of a file that only root can open, the same for all executors of the host; there
 *	is none without it
 * @uid_first: the first of the users that workers can be, who have no other processes.  Only
 *	root makes use of this, and what follows
 * @uid_count: how many there are
 * @uid: whose this worker is; set by sandbox_fork()
 */
struct sandbox {
	int parent;
	int channel;
	__u64 memory;
	const char *const *view;
	const char *const *nodes;
	bool reserves;
	int cgroup;
	const char *lock;
	uid_t uid_first;
	uid_t uid_count;
	uid_t uid;
};

/* Groups that device files belong to, at most */
#define SANDBOX_GROUPS	8

/**
 * struct sandbox_groups - groups that a worker is in, beside its own
 * @count: members of @group that hold
 * @group: their numbers
 */
struct sandbox_groups {
	size_t count;
	gid_t group[SANDBOX_GROUPS];
};

void sandbox_limits(const struct sandbox *sandbox, struct cgroup_limits *limits);
pid_t sandbox_fork(struct sandbox *sandbox);
int sandbox_enter(const struct sandbox *sandbox);
int sandbox_filter(const struct sandbox *sandbox);

/* sandbox_uid.c's, for sandbox.c */
int sandbox_find_uid(struct sandbox *sandbox, int *lock);
void sandbox_leave_uid(int lock);
int sandbox_claim_uid(const struct sandbox *sandbox, int lock);
int sandbox_be_user(const struct sandbox *sandbox, const struct sandbox_groups *groups);

/* sandbox_view.c's, for sandbox_enter() */
int sandbox_see(const struct sandbox *sandbox, struct sandbox_groups *groups);

#endif /* VGPU_EXECD_SANDBOX_H */
