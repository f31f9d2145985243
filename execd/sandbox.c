// SPDX-License-Identifier: GPL-2.0
/*
 * A worker's sandbox.  A worker runs what a guest sent, so it is to have no more than that
 * takes: memory, its channel, and stderr.  No other files, no network, no other processes, no
 * privileges, no new code.
 *
 * With a view it has some of the host's files besides, to read, the GPU's device files, a small
 * tmpfs of its own, and threads, processes and code of its own.  All of them are in a PID namespace
 * in which the worker is the first, so they end with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sandbox.h"

/* What malloc() and the rings take */
#define SANDBOX_SLACK	(64ULL << 20)

/* What a vendor's compiler, its threads' stacks and the code that it makes take */
#define SANDBOX_WIDE_SLACK	(1024ULL << 20)

/* Its libraries, and what threads' arenas reserve and don't use */
#define SANDBOX_WIDE_SPACE	(8ULL << 30)

/* Address space for one that reserves it: no more page tables than that takes */
#define SANDBOX_RESERVED	(4ULL << 40)

/* As much guest memory as a vGPU can have pinned: VGPU_DMA_MAX_PAGES */
#define SANDBOX_GUEST	(8ULL << 30)

/* Threads and processes of a wide one, beside one for each CPU */
#define SANDBOX_TASKS	64

/*
 * What a control group counts beside what processes make: /tmp of a wide one, and what the kernel
 * has for them, such as page tables for the guest's memory
 */
#define SANDBOX_GROUP_SLACK	(128ULL << 20)

/* Files that a wide one has open */
#define SANDBOX_FILES	256

static int close_files(int channel)
{
	return close_range(0, STDERR_FILENO - 1, 0) ||
	       (channel > STDERR_FILENO + 1 &&
		close_range(STDERR_FILENO + 1, channel - 1, 0)) ||
	       close_range(channel + 1, ~0U, 0);
}

/* Files that are opened later must not become stdin and stdout: LLVM doesn't close such. */
static int hold_stdio(void)
{
	int null = open("/dev/null", O_RDWR);

	return null != STDIN_FILENO || dup2(null, STDOUT_FILENO) < 0;
}

static int limit(int what, __u64 most)
{
	const struct rlimit both = { most, most };

	return setrlimit(what, &both);
}

/* Bytes of memory that a process of it may make */
static __u64 most_memory(const struct sandbox *sandbox)
{
	return sandbox->memory + (sandbox->view ? SANDBOX_WIDE_SLACK : SANDBOX_SLACK);
}

static __u64 most_tasks(const struct sandbox *sandbox)
{
	return sandbox->view ? sysconf(_SC_NPROCESSORS_ONLN) + SANDBOX_TASKS : 1;
}

static int limit_narrow(const struct sandbox *sandbox)
{
	return limit(RLIMIT_CORE, 0) || limit(RLIMIT_NPROC, 0) || limit(RLIMIT_MEMLOCK, 0) ||
	       limit(RLIMIT_DATA, most_memory(sandbox)) ||
	       limit(RLIMIT_AS, most_memory(sandbox) + SANDBOX_GUEST);
}

static int limit_wide(const struct sandbox *sandbox)
{
	__u64 space = sandbox->reserves ? SANDBOX_RESERVED : SANDBOX_WIDE_SPACE;

	return limit(RLIMIT_CORE, 0) || limit(RLIMIT_MEMLOCK, 0) ||
	       limit(RLIMIT_NOFILE, SANDBOX_FILES) ||
	       limit(RLIMIT_NPROC, most_tasks(sandbox)) ||
	       limit(RLIMIT_DATA, most_memory(sandbox)) ||
	       limit(RLIMIT_AS, most_memory(sandbox) + SANDBOX_GUEST + space);
}

/**
 * sandbox_limits() - what all processes of a worker may take together
 * @sandbox: the worker's
 * @limits: where to tell: as much memory as one of them may make, and what isn't theirs alone; as
 *	many tasks as its user may have
 */
void sandbox_limits(const struct sandbox *sandbox, struct cgroup_limits *limits)
{
	limits->memory = most_memory(sandbox) + SANDBOX_GROUP_SLACK;
	limits->tasks = most_tasks(sandbox);
}

/* Only root has something to drop; whoever else runs us has no network to take away. */
static int drop_privileges(const struct sandbox *sandbox)
{
	const struct sandbox_groups none = { };

	if (geteuid())
		return 0;
	return unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS) ||
	       sandbox_be_user(sandbox, &none);
}

static int drop_to_view(const struct sandbox *sandbox)
{
	struct sandbox_groups groups = { };

	if (geteuid()) {
		/* without root there is no such view */
		errno = EPERM;
		return -1;
	}
	return unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS) ||
	       sandbox_see(sandbox, &groups) || sandbox_be_user(sandbox, &groups);
}

static bool has_ended(int pidfd)
{
	struct pollfd fd = { pidfd, POLLIN, 0 };

	return poll(&fd, 1, 0) != 0;
}

/* fork(), into a PID namespace of the child's own */
static pid_t fork_apart(void)
{
	int own, saved;
	pid_t pid;

	own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	if (own < 0)
		return -1;
	pid = unshare(CLONE_NEWPID) ? -1 : fork();
	saved = errno;
	/* else the next one would be a child of that namespace, too */
	if (pid && setns(own, CLONE_NEWPID)) {
		saved = errno;
		if (pid > 0)
			kill(pid, SIGKILL);
		pid = -1;
	}
	close(own);
	errno = saved;
	return pid;
}

/**
 * sandbox_fork() - begin a worker's process
 * @sandbox: what it is to enter; &sandbox.uid is set, if root calls this
 *
 * Return: as fork(); with errno EUSERS if all users for workers are taken.
 */
pid_t sandbox_fork(struct sandbox *sandbox)
{
	const bool root = !geteuid();
	int lock = -1;
	pid_t pid;

	if (root && sandbox_find_uid(sandbox, &lock))
		return -1;
	pid = sandbox->view ? fork_apart() : fork();
	if (pid)
		sandbox_leave_uid(lock);
	else if (root && sandbox_claim_uid(sandbox, lock))
		_exit(1);
	return pid;
}

/**
 * sandbox_enter() - have nothing from now on but what a worker needs
 * @sandbox: what that is
 *
 * All but the system calls, see sandbox_filter().  There must be one thread yet.
 *
 * Return: 0 or a negative errno, with the process in no state to go on.
 */
int sandbox_enter(const struct sandbox *sandbox)
{
	bool late;

	if (sandbox->cgroup >= 0 && cgroup_enter(sandbox->cgroup))
		return -errno;
	if (sandbox->view ? drop_to_view(sandbox) || limit_wide(sandbox) :
			    limit_narrow(sandbox) || drop_privileges(sandbox))
		return -errno;
	/* after the change of identity, which forgets it */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_DUMPABLE, 0) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	/* it may have ended before we asked to be told */
	late = has_ended(sandbox->parent);
	if (close_files(sandbox->channel) || (sandbox->view && hold_stdio()))
		return -errno;
	return late ? -ECHILD : 0;
}
