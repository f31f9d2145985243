// SPDX-License-Identifier: GPL-2.0
/*
 * A user of its own for each worker: what one worker may do to another, should all else that
 * keeps them apart fail, is what strangers may.
 *
 * Who has which is in the kernel's list of processes and nowhere else: a uid is free if no process
 * has it.  So none is given twice while anybody is left of the first who had it, be it another
 * executor's worker, or one that a dead executor left behind.  From a look at that list until the
 * new process is in it nobody else looks: a lock that all executors of the host know is held,
 * which the new process inherits and gives back.  A worker's channel is a file of the same device,
 * so the filter lets no worker lock anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox.h"

/* Is there no process of that user's?  Of those that this process' PID namespace has. */
static bool is_free(uid_t uid)
{
	errno = 0;
	return getpriority(PRIO_USER, uid) == -1 && errno == ESRCH;
}

/* Where that file isn't, there is nobody else who would look. */
static int take_lock(const char *path, int *lock)
{
	*lock = open(path, O_RDONLY | O_CLOEXEC);
	if (*lock < 0)
		return errno == ENOENT ? 0 : -1;
	return flock(*lock, LOCK_EX);
}

/**
 * sandbox_find_uid() - choose a worker's user
 * @sandbox: the worker's; &sandbox.uid is set
 * @lock: file descriptor to be closed by sandbox_leave_uid() after fork(); until then, or until
 *	the child has called sandbox_claim_uid(), nobody else chooses one
 *
 * Context: a process that sees all that may have any of these users.
 *
 * Return: 0, or -1 and errno: EUSERS if each is somebody's.
 */
int sandbox_find_uid(struct sandbox *sandbox, int *lock)
{
	int err = take_lock(sandbox->lock, lock);
	uid_t n;

	for (n = 0; n < sandbox->uid_count && !err; n++) {
		sandbox->uid = sandbox->uid_first + n;
		if (is_free(sandbox->uid))
			return 0;
	}
	if (!err)
		errno = EUSERS;
	sandbox_leave_uid(*lock);
	return -1;
}

/**
 * sandbox_leave_uid() - let others choose, if the child of this process hasn't
 * @lock: as sandbox_find_uid() set it
 *
 * errno stays.
 */
void sandbox_leave_uid(int lock)
{
	int saved = errno;

	if (lock >= 0)
		close(lock);
	errno = saved;
}

/**
 * sandbox_claim_uid() - have been given a user, as everybody can see
 * @sandbox: the worker's
 * @lock: as sandbox_find_uid() set it in the parent
 *
 * Root it is still, in effect.
 *
 * Return: 0, or -1 and errno.
 */
int sandbox_claim_uid(const struct sandbox *sandbox, int lock)
{
	if (setresuid(sandbox->uid, -1, -1))
		return -1;
	/* the parent's descriptor is of the same lock: this ends it for both */
	return lock >= 0 && (flock(lock, LOCK_UN) || close(lock)) ? -1 : 0;
}

/**
 * sandbox_be_user() - be nobody but the worker's user, for good
 * @sandbox: the worker's
 * @groups: groups that it is in, beside its own
 *
 * Return: 0, or -1 and errno.
 */
int sandbox_be_user(const struct sandbox *sandbox, const struct sandbox_groups *groups)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { };
	const uid_t id = sandbox->uid;

	if (setgroups(groups->count, groups->group) || setresgid(id, id, id) ||
	    setresuid(id, id, id))
		return -1;
	/* also those that would have been inherited */
	return (int)syscall(SYS_capset, &head, none);
}
