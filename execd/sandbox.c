// SPDX-License-Identifier: GPL-2.0
/*
 * A worker's sandbox.  A worker runs what a guest sent, so it is to have no more than that
 * takes: memory, its channel, and stderr.  No other files, no network, no other processes, no
 * privileges, no new code.  What it isn't allowed ends it, and so its channel.
 */
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sandbox.h"

/* Nobody's, as in Debian's base-passwd */
#define SANDBOX_ID	65534

/* What malloc() and the rings take */
#define SANDBOX_SLACK	(64ULL << 20)

/* As much guest memory as a vGPU can have pinned: VGPU_DMA_MAX_PAGES */
#define SANDBOX_GUEST	(8ULL << 30)

/* The upper half of an argument that is an int is whatever the caller left there */
#define IS_INT(arg, value)	SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, ~0U, (__u32)(value))

static int close_files(int channel)
{
	return close_range(0, STDERR_FILENO - 1, 0) ||
	       (channel > STDERR_FILENO + 1 &&
		close_range(STDERR_FILENO + 1, channel - 1, 0)) ||
	       close_range(channel + 1, ~0U, 0);
}

static int limit(int what, __u64 most)
{
	const struct rlimit both = { most, most };

	return setrlimit(what, &both);
}

static int limit_all(const struct sandbox *sandbox)
{
	return limit(RLIMIT_CORE, 0) || limit(RLIMIT_NPROC, 0) || limit(RLIMIT_MEMLOCK, 0) ||
	       limit(RLIMIT_DATA, sandbox->memory + SANDBOX_SLACK) ||
	       limit(RLIMIT_AS, sandbox->memory + SANDBOX_GUEST + SANDBOX_SLACK);
}

/* Only root has something to drop; whoever else runs us has no network to take away. */
static int drop_privileges(void)
{
	if (geteuid())
		return 0;
	return unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS) ||
	       setgroups(0, NULL) || setresgid(SANDBOX_ID, SANDBOX_ID, SANDBOX_ID) ||
	       setresuid(SANDBOX_ID, SANDBOX_ID, SANDBOX_ID);
}

static int allow_calls(scmp_filter_ctx filter, int channel)
{
	/* memory without code, from nowhere or from the channel; what there is stays as it is */
	const struct scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	static const int free[] = {
		SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(madvise), SCMP_SYS(mremap),
		SCMP_SYS(clock_gettime), SCMP_SYS(futex), SCMP_SYS(rt_sigreturn),
		SCMP_SYS(restart_syscall), SCMP_SYS(getrandom), SCMP_SYS(exit),
		SCMP_SYS(exit_group),
	};
	unsigned int i;
	int err = 0;

	for (i = 0; i < sizeof(free) / sizeof(*free); i++)
		err = err ?: seccomp_rule_add(filter, SCMP_ACT_ALLOW, free[i], 0);
	/* none that RLIMIT_DATA doesn't count: shared, growing down, of huge pages */
	err = err ?: seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 3, no_code,
				      SCMP_A3(SCMP_CMP_MASKED_EQ, ~(__u64)MAP_NORESERVE,
					      MAP_PRIVATE | MAP_ANONYMOUS), IS_INT(4, -1));
	err = err ?: seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 3, no_code,
				      SCMP_A3(SCMP_CMP_EQ, MAP_SHARED), IS_INT(4, channel));
	err = err ?: seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_code);
	err = err ?: seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				      IS_INT(0, channel));
	return err ?: seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
				       IS_INT(0, STDERR_FILENO));
}

/* Return 0 or a negative errno. */
static int filter_calls(int channel)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err;

	if (!filter)
		return -ENOMEM;
	err = allow_calls(filter, channel);
	if (!err)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}

/**
 * sandbox_enter() - have nothing from now on but what a worker needs
 * @sandbox: what that is
 *
 * Return: 0 or a negative errno, with the process in no state to go on.
 */
int sandbox_enter(const struct sandbox *sandbox)
{
	if (close_files(sandbox->channel) || limit_all(sandbox) || drop_privileges())
		return -errno;
	/* after the change of identity, which forgets it */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_DUMPABLE, 0) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	/* it may have ended before we asked to be told */
	if (getppid() != sandbox->parent)
		return -ECHILD;
	return filter_calls(sandbox->channel);
}
