// SPDX-License-Identifier: GPL-2.0
/* What a worker can and can't do.  Each try is a process of its own, as a worker is. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sandbox_test.h"

/**
 * lock_path() - what is to be locked by who chooses a worker's user
 *
 * Return: it; nobody else's.
 */
const char *lock_path(void)
{
	static char path[64];

	if (!*path) {
		snprintf(path, sizeof(path), "/tmp/vgpu-sandbox-lock.XXXXXX");
		close(mkostemp(path, O_CLOEXEC));
	}
	return path;
}

/**
 * outcome_begin() - begin a worker; its parent is this process
 * @o: what it is to try
 *
 * Return: its process, or -1 and errno.
 */
pid_t outcome_begin(const struct outcome *o)
{
	struct sandbox sandbox = {
		.channel = CHANNEL, .memory = MEMORY, .view = o->view, .nodes = o->nodes,
		.reserves = o->reserves, .cgroup = o->cgroup ?: -1,
		.lock = lock_path(), .uid_first = TEST_UID, .uid_count = o->uids ?: TEST_UIDS,
	};
	int self = pidfd_open(getpid(), 0);
	pid_t pid;

	/* not where the channel is to be */
	sandbox.parent = fcntl(self, F_DUPFD_CLOEXEC, CHANNEL + 1);
	close(self);
	pid = sandbox_fork(&sandbox);
	if (pid) {
		close(sandbox.parent);
		return pid;
	}
	/* the first, for it may be where the channel is to be */
	if (o->err)
		dup2(o->err, STDERR_FILENO);
	dup2(open(o->channel ?: "/dev/zero", O_RDWR | O_CLOEXEC), CHANNEL);
	if (sandbox_enter(&sandbox) || (o->before && o->before()) || sandbox_filter(&sandbox))
		_exit(99);
	_exit(o->try());
}

/**
 * outcome_of() - try something in a sandbox
 * @o: what
 *
 * Return: what that does, or 1000 and the signal that ended it.
 */
int outcome_of(const struct outcome *o)
{
	int status;

	waitpid(outcome_begin(o), &status, 0);
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int outcome(int (*try)(void))
{
	const struct outcome o = { .try = try };

	return outcome_of(&o);
}

static int try_work(void)
{
	struct timespec now;
	char *memory = malloc(8 << 20), *channel;

	if (!memory)
		return 1;
	memset(memory, 1, 8 << 20);
	channel = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, CHANNEL, 0);
	if (channel == MAP_FAILED || munmap(channel, 4096))
		return 2;
	free(memory);
	if (clock_gettime(CLOCK_MONOTONIC, &now))
		return 3;
	/* no such call of that file, which has been asked */
	if (!ioctl(CHANNEL, 1, 0) || errno != ENOTTY)
		return 4;
	return write(STDERR_FILENO, "# a worker says so\n", 19) == 19 ? 0 : 5;
}

static int try_much_memory(void)
{
	void *memory = mmap(NULL, MEMORY + (128U << 20), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? errno : 0;
}

static int try_shared(void)
{
	return mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

static int try_growing(void)
{
	return mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1,
		    0) == MAP_FAILED;
}

static int try_open(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0;
}

static int try_read(void)
{
	char byte;

	return read(STDIN_FILENO, &byte, 1) < 0;
}

static int try_stdout(void)
{
	return write(STDOUT_FILENO, "", 1) < 0;
}

static int try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0;
}

static int try_fork(void)
{
	return fork() < 0;
}

static int try_exec(void)
{
	return execl("/bin/true", "true", NULL);
}

static int try_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	       MAP_FAILED;
}

static int try_more_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static int try_other_ioctl(void)
{
	int n;

	return ioctl(STDERR_FILENO, FIONREAD, &n);
}

static int try_kill(void)
{
	return kill(1, 0);
}

static int try_ptrace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0;
}

static void test_work(void)
{
	CHECK_EQ(outcome(try_work), 0);
	CHECK_EQ(outcome(try_much_memory), ENOMEM);
}

static void test_forbidden(void)
{
	static int (*const tries[])(void) = {
		try_open, try_read, try_stdout, try_socket, try_fork, try_exec, try_code,
		try_more_code, try_other_ioctl, try_kill, try_ptrace, try_shared, try_growing,
	};
	size_t i;

	for (i = 0; i < sizeof(tries) / sizeof(*tries); i++)
		if (!CHECK_EQ(outcome(tries[i]), 1000 + SIGSYS))
			fprintf(stderr, "# try %zu\n", i);
}

static int try_wait(void)
{
	struct timespec now;

	if (write(STDERR_FILENO, "x", 1) != 1)
		return 1;
	for (;;)
		clock_gettime(CLOCK_MONOTONIC, &now);
}

/**
 * status_line() - what /proc/PID/status says
 * @pid: of whom
 * @key: what of it, with a colon
 * @value: where to write it; it is empty if there is none
 * @size: bytes there
 */
void status_line(pid_t pid, const char *key, char *value, size_t size)
{
	char path[64], line[256];
	FILE *f;

	*value = 0;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			snprintf(value, size, "%s", line + strlen(key));
	if (f)
		fclose(f);
}

static bool has_file(pid_t pid, int fd)
{
	char path[64], to[8];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
	return readlink(path, to, sizeof(to)) >= 0;
}

static bool same_network(pid_t pid)
{
	char path[64], own[64], its[64];
	ssize_t n = readlink("/proc/self/ns/net", own, sizeof(own));

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	return readlink(path, its, sizeof(its)) == n && !memcmp(own, its, n);
}

/**
 * check_identity() - who is a worker, and what does it have?
 * @view: what its sandbox has to see, or NULL
 */
void check_identity(const char *const *view)
{
	struct outcome o = { .try = try_wait, .view = view, .uids = 1 };
	int ends[2], status, fd;
	char byte, line[256], want[256];
	pid_t pid;

	if (!CHECK_EQ(pipe2(ends, O_CLOEXEC), 0))
		return;
	o.err = ends[1];
	pid = outcome_begin(&o);
	close(ends[1]);
	CHECK_EQ(read(ends[0], &byte, 1), 1);
	snprintf(want, sizeof(want), "\t%u\t%u\t%u\t%u\n", TEST_UID, TEST_UID, TEST_UID,
		 TEST_UID);
	status_line(pid, "Uid:", line, sizeof(line));
	CHECK(!strcmp(line, want));
	status_line(pid, "Gid:", line, sizeof(line));
	CHECK(!strcmp(line, want));
	status_line(pid, "CapEff:", line, sizeof(line));
	CHECK(!strcmp(line, "\t0000000000000000\n"));
	status_line(pid, "NoNewPrivs:", line, sizeof(line));
	CHECK(!strcmp(line, "\t1\n"));
	for (fd = 0; fd < 64; fd++)
		CHECK_EQ(has_file(pid, fd),
			 fd == STDERR_FILENO || fd == CHANNEL || (view && fd < STDERR_FILENO));
	CHECK(!same_network(pid));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	close(ends[0]);
}

static void test_identity(void)
{
	if (geteuid())
		tap_skip("not root");
	else
		check_identity(NULL);
}

/* An executor that goes when it is told to */
static void test_orphan(void)
{
	struct outcome o = { .try = try_wait };
	int up[2], down[2], alive[2];
	pid_t middle, worker = 0;
	char byte;

	if (!CHECK(!pipe2(up, O_CLOEXEC) && !pipe2(down, O_CLOEXEC) && !pipe2(alive, O_CLOEXEC)))
		return;
	/* the worker is to be reaped before its user is another's */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	middle = fork();
	if (!middle) {
		o.err = alive[1];
		worker = outcome_begin(&o);
		if (write(up[1], &worker, sizeof(worker)) != sizeof(worker) ||
		    read(down[0], &byte, 1) != 1)
			_exit(1);
		_exit(0);
	}
	close(alive[1]);
	CHECK_EQ(read(up[0], &worker, sizeof(worker)), sizeof(worker));
	CHECK_EQ(read(alive[0], &byte, 1), 1);
	CHECK_EQ(write(down[1], "x", 1), 1);
	waitpid(middle, NULL, 0);
	/* the end of file is the worker's end */
	CHECK_EQ(read(alive[0], &byte, 1), 0);
	CHECK_EQ(waitpid(worker, NULL, 0), worker);
	close(up[0]);
	close(up[1]);
	close(down[0]);
	close(down[1]);
	close(alive[0]);
}

static const struct tap_test tests[] = {
	{ "execd-sandbox-work", "a worker has what it needs, and no more memory than that",
	  test_work },
	{ "execd-sandbox-forbidden", "what a worker doesn't need ends it", test_forbidden },
	{ "execd-sandbox-identity", "a worker is a user of its own, without files or a network",
	  test_identity },
	{ "execd-sandbox-orphan", "a worker ends with its executor", test_orphan },
};

static int end(void)
{
	unlink(lock_path());
	return tap_end();
}

static void run_all(const struct tap_test *test, size_t n)
{
	while (n--)
		tap_run(test++);
}

/*
 * "sandbox_test cuda", "sandbox_test cgroup": these alone, for they are run with the stand-in, too,
 * and where there is a cgroup2
 */
int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : "";

	/* as who keeps his files to himself begins an executor */
	umask(077);
	if (!strcmp(only, "cgroup")) {
		run_all(cgroup_tests, cgroup_tests_count);
		return end();
	}
	if (!strcmp(only, "attack")) {
		run_all(attack_tests, attack_tests_count);
		return end();
	}
	run_cuda_tests();
	if (!strcmp(only, "cuda"))
		return end();
	run_all(tests, sizeof(tests) / sizeof(*tests));
	run_all(uid_tests, uid_tests_count);
	run_all(cgroup_tests, cgroup_tests_count);
	run_all(nodes_tests, nodes_tests_count);
	run_all(opencl_tests, opencl_tests_count);
	run_all(attack_tests, attack_tests_count);
	return end();
}
