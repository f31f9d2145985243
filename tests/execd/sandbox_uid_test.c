// SPDX-License-Identifier: GPL-2.0
/*
 * Each worker is a user of its own: no two at a time are the same one, whoever begins them, and
 * what one may do to another without the filter and the namespaces is nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sandbox_test.h"

static const char *const view[] = { "/usr", "/bin", "/lib*", NULL };

static bool is_root(void)
{
	if (geteuid())
		tap_skip("not root");
	return !geteuid();
}

/* A worker that says that it is there, and stays. */
static int try_stay(void)
{
	struct timespec now;

	if (write(STDERR_FILENO, "x", 1) != 1)
		return 1;
	for (;;)
		clock_gettime(CLOCK_MONOTONIC, &now);
}

/* Return its process when it is there, or -1 and errno. */
static pid_t stay(struct outcome o)
{
	int ends[2], saved;
	char byte;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	o.try = try_stay;
	o.err = ends[1];
	pid = outcome_begin(&o);
	saved = errno;
	close(ends[1]);
	if (pid > 0)
		CHECK_EQ(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	errno = saved;
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static unsigned int uid_of(pid_t pid)
{
	unsigned int uid[4] = { };
	char line[256];

	status_line(pid, "Uid:", line, sizeof(line));
	if (!CHECK(sscanf(line, "%u%u%u%u", &uid[0], &uid[1], &uid[2], &uid[3]) == 4))
		return 0;
	CHECK(uid[0] == uid[1] && uid[0] == uid[2] && uid[0] == uid[3]);
	return uid[0];
}

static void check_own(const char *const *of)
{
	const struct outcome o = { .view = of, .uids = 2 };
	siginfo_t info;
	pid_t a, b;

	a = stay(o);
	b = stay(o);
	if (!CHECK(a > 0 && b > 0))
		return;
	CHECK_EQ(uid_of(a), TEST_UID);
	CHECK_EQ(uid_of(b), TEST_UID + 1);
	CHECK_EQ(stay(o), -1);
	CHECK_EQ(errno, EUSERS);
	/* who has ended is there until somebody has asked how */
	kill(a, SIGKILL);
	CHECK_EQ(waitid(P_PID, a, &info, WEXITED | WNOWAIT), 0);
	CHECK_EQ(stay(o), -1);
	CHECK_EQ(errno, EUSERS);
	waitpid(a, NULL, 0);
	a = stay(o);
	if (CHECK(a > 0)) {
		CHECK_EQ(uid_of(a), TEST_UID);
		end(a);
	}
	end(b);
}

static void test_own(void)
{
	if (!is_root())
		return;
	check_own(NULL);
	check_own(view);
}

/* Somebody's who isn't a worker at all: a service, an account */
static void test_others(void)
{
	const struct outcome o = { .uids = 2 };
	pid_t other, worker;

	if (!is_root())
		return;
	other = fork();
	if (!other) {
		if (setresuid(TEST_UID, TEST_UID, TEST_UID) || raise(SIGSTOP))
			_exit(1);
		_exit(0);
	}
	waitpid(other, NULL, WUNTRACED);
	worker = stay(o);
	if (CHECK(worker > 0)) {
		CHECK_EQ(uid_of(worker), TEST_UID + 1);
		end(worker);
	}
	end(other);
}

/* While one chooses nobody else does, until the child has it. */
static void test_choice(void)
{
	const char *path = lock_path();
	struct sandbox sandbox = { .lock = path, .uid_first = TEST_UID, .uid_count = 1 };
	int fd = open(path, O_RDONLY | O_CLOEXEC), lock, ends[2], down[2], status;
	char byte;
	pid_t pid;

	if (!is_root() || !CHECK(!pipe2(ends, O_CLOEXEC) && !pipe2(down, O_CLOEXEC)))
		return;
	if (!CHECK_EQ(sandbox_find_uid(&sandbox, &lock), 0))
		return;
	CHECK(flock(fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK);
	pid = fork();
	if (!pid)
		_exit(sandbox_claim_uid(&sandbox, lock) || write(ends[1], "x", 1) != 1 ||
		      read(down[0], &byte, 1) != 1);
	CHECK_EQ(read(ends[0], &byte, 1), 1);
	/* without a word of the parent's */
	CHECK_EQ(flock(fd, LOCK_EX | LOCK_NB), 0);
	CHECK_EQ(flock(fd, LOCK_UN), 0);
	sandbox_leave_uid(lock);
	CHECK(sandbox_find_uid(&sandbox, &lock) == -1 && errno == EUSERS);
	/* who found none doesn't keep others waiting */
	CHECK_EQ(flock(fd, LOCK_EX | LOCK_NB), 0);
	CHECK_EQ(write(down[1], "x", 1), 1);
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
	close(fd);
	close(ends[0]);
	close(ends[1]);
	close(down[0]);
	close(down[1]);
}

/* Its channel is a file of the device that executors lock. */
static int try_lock(void)
{
	return flock(CHANNEL, LOCK_EX | LOCK_NB) != -1 || errno != EPERM;
}

/* A worker can't be the one who chooses: no other would ever begin. */
static void test_lock(void)
{
	struct outcome o = { .try = try_lock, .channel = lock_path() };

	if (!is_root())
		return;
	CHECK_EQ(outcome_of(&o), 1000 + SIGSYS);
	o.view = view;
	CHECK_EQ(outcome_of(&o), 0);
}

static pid_t victim;

/* Where it could be read, but for who it belongs to; as after an exec */
static int be_victim(void)
{
	int fd = open("/tmp/secret", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	return fd < 0 || prctl(PR_SET_DUMPABLE, 1);
}

/* In the narrow sandbox, whose process sees all others, and without a filter yet */
static int attack(void)
{
	static const char *const file[] = {
		"mem", "environ", "root/tmp/secret", "fd/2", "cwd/tmp/secret", "ns/mnt",
	};
	char path[64], byte;
	struct iovec own = { &byte, 1 }, its = { (void *)view, 1 };
	size_t i;

	if (kill(victim, SIGTERM) != -1 || errno != EPERM)
		return 1;
	if (ptrace(PTRACE_SEIZE, victim, NULL, NULL) != -1 || errno != EPERM)
		return 2;
	if (process_vm_readv(victim, &own, 1, &its, 1, 0) != -1 || errno != EPERM)
		return 3;
	for (i = 0; i < sizeof(file) / sizeof(*file); i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", (int)victim, file[i]);
		if (open(path, O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
			return 10 + (int)i;
	}
	return 0;
}

static int try_nothing(void)
{
	return 0;
}

static void test_strangers(void)
{
	const struct outcome its = { .view = view, .before = be_victim };
	const struct outcome o = { .try = try_nothing, .before = attack };

	if (!is_root())
		return;
	victim = stay(its);
	if (!CHECK(victim > 0))
		return;
	CHECK_EQ(outcome_of(&o), 0);
	end(victim);
}

const struct tap_test uid_tests[] = {
	{ "execd-sandbox-uids", "no two workers are one user, and there are as many as users",
	  test_own },
	{ "execd-sandbox-uids-others", "nor one that has other processes", test_others },
	{ "execd-sandbox-uids-choice", "one executor at a time chooses", test_choice },
	{ "execd-sandbox-uids-lock", "and never a worker", test_lock },
	{ "execd-sandbox-strangers", "a worker without a filter can do nothing to another",
	  test_strangers },
};

const size_t uid_tests_count = sizeof(uid_tests) / sizeof(*uid_tests);
