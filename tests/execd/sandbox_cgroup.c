// SPDX-License-Identifier: GPL-2.0
/*
 * Control groups of workers: what they limit, and that nothing is left of them.  Each test is an
 * executor, a process of its own, in a control group that is made for it and for nobody else.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"
#include "sandbox_test.h"

#define ROOT	"/sys/fs/cgroup"

/* Where a test's control group is; and the descriptor of it, in its process */
static char base_path[64];
static int base;

/* A file of a control group, or of base itself */
static long long read_number(const char *group, const char *file)
{
	char path[256], text[64] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/%s/%s", base_path, group, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		*text = 0;
	if (fd >= 0)
		close(fd);
	return *text ? atoll(text) : -1;
}

static bool is_there(const char *group)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", base_path, group);
	return !stat(path, &st);
}

/* Return false if this host has nothing to test it with. */
static bool make_base(void)
{
	char path[128], has[256] = "";
	int fd;

	snprintf(base_path, sizeof(base_path), ROOT "/vgpu-test.%d", getpid());
	if (geteuid()) {
		tap_skip("not root");
		return false;
	}
	if (!mkdir(base_path, 0755)) {
		snprintf(path, sizeof(path), "%s/cgroup.controllers", base_path);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && read(fd, has, sizeof(has) - 1) > 0 && strstr(has, "memory") &&
		    strstr(has, "pids")) {
			close(fd);
			return true;
		}
		if (fd >= 0)
			close(fd);
		rmdir(base_path);
	}
	tap_skip("no cgroup2 at " ROOT " with the controllers memory and pids");
	return false;
}

/* Run a test as an executor would. */
static void as_executor(void (*test)(void))
{
	int status = -1;
	pid_t pid;

	if (!make_base())
		return;
	pid = fork();
	if (!pid) {
		test();
		_exit(tap_failed());
	}
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
	rmdir(strcat(base_path, "/executor"));
	*strrchr(base_path, '/') = 0;
	/* nothing else is left */
	CHECK_EQ(rmdir(base_path), 0);
}

static void enter_base(void)
{
	int fd = open(base_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK_EQ(cgroup_enter(fd), 0);
	close(fd);
}

static void refuse_others(void)
{
	int ends[2];
	pid_t other;
	char byte;

	if (!CHECK_EQ(pipe2(ends, O_CLOEXEC), 0))
		return;
	other = fork();
	if (!other) {
		enter_base();
		if (write(ends[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	CHECK_EQ(read(ends[0], &byte, 1), 1);
	enter_base();
	CHECK_EQ(cgroup_begin(base_path), -1);
	/* all is as it was */
	CHECK(!is_there("executor"));
	CHECK(read_number("", "cgroup.procs") > 0);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	base = cgroup_begin(base_path);
	CHECK(base >= 0);
	CHECK_EQ(read_number("executor", "cgroup.procs"), getpid());
}

static void test_refused(void)
{
	CHECK_EQ(cgroup_begin("/no-such-folder"), -1);
	CHECK_EQ(cgroup_begin("/tmp"), -1);
	CHECK_EQ(cgroup_begin("/proc/self/status"), -1);
	/* its own isn't delegated, be there one or not */
	CHECK_EQ(cgroup_begin(NULL), -1);
}

static void test_begin(void)
{
	as_executor(refuse_others);
}

static int try_nothing(void)
{
	return 0;
}

/* One that doesn't end by itself */
static int try_stay(void)
{
	if (write(STDERR_FILENO, "x", 1) != 1)
		return 1;
	for (;;)
		;
}

static void limits(void)
{
	struct cgroup_limits most = { .memory = 64 << 20, .tasks = 7 };
	struct outcome o = { .try = try_nothing };
	int ends[2], status;
	char byte, path[128];
	pid_t pid;

	/* one that a dead executor has left */
	snprintf(path, sizeof(path), "%s/worker-1", base_path);
	if (!CHECK(!mkdir(path, 0755) && !pipe2(ends, O_CLOEXEC)))
		return;
	base = cgroup_begin(base_path);
	CHECK(base >= 0);
	CHECK(!is_there("worker-1"));
	o.cgroup = cgroup_make(base, "worker-2", &most);
	CHECK(o.cgroup >= 0);
	CHECK(cgroup_make(base, "worker-2", &most) == -1 && errno == EEXIST);
	CHECK_EQ(read_number("worker-2", "memory.max"), 64 << 20);
	CHECK_EQ(read_number("worker-2", "memory.oom.group"), 1);
	CHECK_EQ(read_number("worker-2", "pids.max"), 7);
	/* -1: a kernel without swap */
	CHECK(read_number("worker-2", "memory.swap.max") <= 0);
	CHECK_EQ(outcome_of(&o), 0);
	CHECK(!cgroup_end(base, "worker-2"));
	CHECK(!is_there("worker-2"));
	close(o.cgroup);
	/* it is there that it is, and what is left there is ended */
	o.cgroup = cgroup_make(base, "worker-3", &most);
	o.try = try_stay;
	o.err = ends[1];
	pid = outcome_begin(&o);
	CHECK_EQ(read(ends[0], &byte, 1), 1);
	CHECK_EQ(read_number("worker-3", "cgroup.procs"), pid);
	cgroup_sweep(base);
	CHECK(!is_there("worker-3"));
	CHECK(is_there("executor"));
	waitpid(pid, &status, 0);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void test_limits(void)
{
	as_executor(limits);
}

/*
 * What a guest's kernel can do where it is plain code of the CPU's: start programs by the system
 * calls that posix_spawn() makes, as many as it may, of which each takes as much as a process may.
 */
static const char wild[] =
	"constant char path[] = \"/usr/bin/perl\";\n"
	"constant char e[] = \"-e\";\n"
	"constant char text[] = \"push @a, 'x' x 10485760 while 1\";\n"
	"kernel void k(global volatile uint *p)\n"
	"{\n"
	"	ulong argv[] = { (ulong)path, (ulong)e, (ulong)text, 0 };\n"
	"	ulong arg[] = { (ulong)path, (ulong)argv, 0 };\n"
	"	long pid;\n"
	"	for (int i = 0; i < 4; i++) {\n"
	/* clone(CLONE_VM | CLONE_VFORK | SIGCHLD, ...) ?: execve(path, argv, NULL) */
	"		__asm__ volatile(\"mov $56, %%eax; mov $0x4111, %%edi; xor %%esi, %%esi;\"\n"
	"			\"xor %%edx, %%edx; xor %%r10d, %%r10d; xor %%r8d, %%r8d; syscall;\"\n"
	"			\"test %%rax, %%rax; jnz 1f; mov (%%rbx), %%rdi;\"\n"
	"			\"mov 8(%%rbx), %%rsi; mov 16(%%rbx), %%rdx; mov $59, %%eax;\"\n"
	"			\"syscall; ud2; 1:\" : \"=a\"(pid) : \"b\"(arg)\n"
	"			: \"rcx\", \"rdx\", \"rsi\", \"rdi\", \"r8\", \"r10\", \"r11\", \"memory\");\n"
	"		p[i] = (uint)pid;\n"
	"	}\n"
	"	while (!p[4])\n"
	"		;\n"
	"}\n";

static int try_wild(void)
{
	static const struct engine_grid one = { { 1, 1, 1 }, { 1, 1, 1 }, 0 };
	struct engine *engine = opencl_opened();
	const __u32 abort = 0;
	struct engine_job job = { .abort = &abort };
	struct engine_arg arg = { .length = 4096 };
	struct engine_kernel_info info;
	struct engine_module *module;
	struct engine_kernel *kernel;
	char said[1024];

	if (opencl_build(engine, wild, said, sizeof(said), &module))
		return write(STDERR_FILENO, said, strlen(said)) < 0 ? 1 : 2;
	if (engine->ops->kernel_get(engine, module, "k", NULL, &kernel, &info))
		return 3;
	if (engine->ops->mem_create(engine, 4096, &arg.mem))
		return 4;
	engine->ops->launch(engine, kernel, &arg, 1, &one, &job);
	return 5;
}

/* A byte for each job that it has done */
static int try_jobs(void)
{
	struct engine *engine = opencl_opened();
	const __u32 abort = 0;
	struct engine_job job = { .abort = &abort };
	struct engine_mem *mem;

	if (engine->ops->mem_create(engine, 4096, &mem))
		return 1;
	do {
		if (engine->ops->fill(engine, mem, 0, 7, 4096, &job))
			return 2;
	} while (write(STDERR_FILENO, "x", 1) == 1);
	return 3;
}

static void go_wild(void)
{
	const struct sandbox sandbox = { .memory = MEMORY, .view = engine_opencl.view };
	struct outcome o = { .before = opencl_open, .view = engine_opencl.view };
	struct cgroup_limits most;
	char bytes[65536];
	pid_t neighbour;
	int ends[2];

	base = cgroup_begin(base_path);
	sandbox_limits(&sandbox, &most);
	if (!CHECK(base >= 0 && !pipe2(ends, O_CLOEXEC)))
		return;
	o.cgroup = cgroup_make(base, "worker-1", &most);
	o.try = try_jobs;
	o.err = ends[1];
	neighbour = outcome_begin(&o);
	CHECK(read(ends[0], bytes, 1) == 1);
	close(ends[1]);
	close(o.cgroup);
	o.cgroup = cgroup_make(base, "worker-2", &most);
	o.try = try_wild;
	o.err = 0;
	CHECK_EQ(outcome_of(&o), 1000 + SIGKILL);
	CHECK(cgroup_end(base, "worker-2"));
	/* who has nothing to do with it does more jobs than a pipe holds */
	for (int n = 0; n < 131072; ) {
		ssize_t got = read(ends[0], bytes, sizeof(bytes));

		if (!CHECK(got > 0))
			break;
		n += got;
	}
	kill(neighbour, SIGKILL);
	waitpid(neighbour, NULL, 0);
	CHECK(!cgroup_end(base, "worker-1"));
}

static void test_wild(void)
{
	if (opencl_is_there())
		as_executor(go_wild);
}

const struct tap_test cgroup_tests[] = {
	{ "execd-cgroup-refused", "what isn't a control group to be divided is refused",
	  test_refused },
	{ "execd-cgroup-begin", "nor is one that others are in", test_begin },
	{ "execd-cgroup-limits", "a worker's has its limits, and ends with it", test_limits },
	{ "execd-cgroup-wild", "a guest's kernel that takes all memory costs its worker alone",
	  test_wild },
};

const size_t cgroup_tests_count = sizeof(cgroup_tests) / sizeof(*cgroup_tests);
