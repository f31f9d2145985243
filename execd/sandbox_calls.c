// SPDX-License-Identifier: GPL-2.0
/*
 * The system calls that a worker can make.  In the narrow sandbox, all that isn't allowed ends
 * it, and so its channel.  In the wide one, what only an attacker would try does, and all else
 * fails: a vendor's software asks for much that it can do without.
 */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sandbox.h"

#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

/* The upper half of an argument that is an int is whatever the caller left there */
#define IS_INT(arg, value)	SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, ~0U, (__u32)(value))

#define CLONE_NEW	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
			 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

static int add_all(scmp_filter_ctx filter, __u32 action, const int *call, size_t n)
{
	int err = 0;
	size_t i;

	for (i = 0; i < n && !err; i++)
		err = seccomp_rule_add(filter, action, call[i], 0);
	return err;
}

static int allow_narrow(scmp_filter_ctx filter, int channel)
{
	/* memory without code, from nowhere or from the channel; what there is stays as it is */
	const struct scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	static const int free[] = {
		SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(madvise), SCMP_SYS(mremap),
		SCMP_SYS(clock_gettime), SCMP_SYS(futex), SCMP_SYS(rt_sigreturn),
		SCMP_SYS(restart_syscall), SCMP_SYS(getrandom), SCMP_SYS(exit),
		SCMP_SYS(exit_group),
	};
	int err = add_all(filter, SCMP_ACT_ALLOW, free, COUNT(free));

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

/*
 * What PoCL, the compiler in it and the linker that it starts do; more than today's do.  But not
 * flock(): the channel is an open file of the device that executors lock, see sandbox_uid.c, and a
 * worker that had it locked would have them all wait.
 */
static int allow_wide(scmp_filter_ctx filter)
{
	static const int free[] = {
		/* memory, threads, time */
		SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(madvise), SCMP_SYS(mremap),
		SCMP_SYS(mprotect), SCMP_SYS(mincore), SCMP_SYS(membarrier), SCMP_SYS(futex),
		SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(gettid),
		SCMP_SYS(set_tid_address), SCMP_SYS(arch_prctl), SCMP_SYS(sched_yield),
		SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_setaffinity), SCMP_SYS(getcpu),
		SCMP_SYS(get_mempolicy), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
		SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(nanosleep),
		SCMP_SYS(clock_nanosleep), SCMP_SYS(getrusage), SCMP_SYS(times),
		SCMP_SYS(getrandom), SCMP_SYS(exit), SCMP_SYS(exit_group),
		SCMP_SYS(restart_syscall),
		/* who it is */
		SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
		SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(uname), SCMP_SYS(sysinfo),
		SCMP_SYS(getrlimit),
		/* signals to itself: tgkill() to others needs their number, and there are none */
		SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
		SCMP_SYS(sigaltstack), SCMP_SYS(tgkill), SCMP_SYS(kill),
		/* files, those there are */
		SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(close), SCMP_SYS(close_range),
		SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(pread64), SCMP_SYS(pwrite64),
		SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(lseek), SCMP_SYS(stat),
		SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
		SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat),
		SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
		SCMP_SYS(getdents64), SCMP_SYS(getcwd), SCMP_SYS(chdir), SCMP_SYS(mkdir),
		SCMP_SYS(mkdirat), SCMP_SYS(rmdir), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
		SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(chmod),
		SCMP_SYS(fchmod), SCMP_SYS(fchmodat), SCMP_SYS(umask), SCMP_SYS(ftruncate),
		SCMP_SYS(fallocate), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(utime),
		SCMP_SYS(utimensat), SCMP_SYS(fcntl), SCMP_SYS(dup),
		SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(pipe), SCMP_SYS(pipe2),
		SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(eventfd2), SCMP_SYS(ioctl),
		/* the linker */
		SCMP_SYS(execve), SCMP_SYS(wait4), SCMP_SYS(waitid),
	};
	int err = add_all(filter, SCMP_ACT_ALLOW, free, COUNT(free));

	/* none that RLIMIT_DATA doesn't count, and no file's or tmpfs's size bounds */
	err = err ?: seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				      SCMP_A3(SCMP_CMP_MASKED_EQ,
					      MAP_SHARED | MAP_GROWSDOWN | MAP_HUGETLB, 0));
	err = err ?: seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				      SCMP_A3(SCMP_CMP_MASKED_EQ,
					      MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB,
					      MAP_SHARED));
	/* limits are read, not set */
	err = err ?: seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
				      SCMP_A2(SCMP_CMP_EQ, 0));
	/* threads, and what posix_spawn() does; no namespaces */
	err = err ?: seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				      SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_NEW,
					      CLONE_THREAD));
	err = err ?: seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				      SCMP_A0(SCMP_CMP_MASKED_EQ,
					      CLONE_VM | CLONE_VFORK | CLONE_THREAD | CLONE_NEW,
					      CLONE_VM | CLONE_VFORK));
	/* its flags can't be seen from here; glibc takes clone() then */
	return err ?: seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int forbid_wide(scmp_filter_ctx filter)
{
	static const int never[] = {
		SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
		SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(move_mount), SCMP_SYS(open_tree),
		SCMP_SYS(fsopen), SCMP_SYS(fsmount), SCMP_SYS(mount_setattr),
		SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(unshare), SCMP_SYS(setns),
		SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd),
		SCMP_SYS(io_uring_setup), SCMP_SYS(keyctl), SCMP_SYS(add_key),
		SCMP_SYS(request_key), SCMP_SYS(init_module), SCMP_SYS(finit_module),
		SCMP_SYS(delete_module), SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load),
		SCMP_SYS(reboot), SCMP_SYS(swapon), SCMP_SYS(open_by_handle_at),
		SCMP_SYS(name_to_handle_at), SCMP_SYS(mknod), SCMP_SYS(mknodat),
		SCMP_SYS(setuid), SCMP_SYS(setresuid), SCMP_SYS(capset), SCMP_SYS(modify_ldt),
	};

	return add_all(filter, SCMP_ACT_KILL_PROCESS, never, COUNT(never));
}

/**
 * sandbox_filter() - make no system calls from now on but those that a worker needs
 * @sandbox: which it has entered
 *
 * It holds for all threads there are.
 *
 * Return: 0 or a negative errno, with the process in no state to go on.
 */
int sandbox_filter(const struct sandbox *sandbox)
{
	scmp_filter_ctx filter;
	int err;

	filter = seccomp_init(sandbox->view ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return -ENOMEM;
	err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (sandbox->view)
		err = err ?: allow_wide(filter) ?: forbid_wide(filter);
	else
		err = err ?: allow_narrow(filter, sandbox->channel);
	if (!err)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}
