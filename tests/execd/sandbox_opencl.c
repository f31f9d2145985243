// SPDX-License-Identifier: GPL-2.0
/*
 * What a worker of the OpenCL engine can and can't do: it has a vendor's software with it,
 * which compiles, links and loads code.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"
#include "sandbox_test.h"

bool engine_is_aborted(const struct engine_job *job)
{
	return *job->abort;
}

/**
 * opencl_build() - build a module of OpenCL C
 * @e: the engine
 * @text: its source
 * @said: where the compiler's words go
 * @size: bytes there
 * @module: the module
 *
 * Return: as &engine_ops.module_build.
 */
enum vgpu_error opencl_build(struct engine *e, const char *text, char *said, size_t size,
			     struct engine_module **module)
{
	const struct engine_source source = {
		.format = VGPU_MODULE_OPENCL_C, .data = text, .length = strlen(text),
	};
	struct engine_log log = { said, size };

	return e->ops->module_build(e, &source, &log, module);
}

static struct engine *opened;

/**
 * opencl_opened() - the engine of this worker
 *
 * Return: it, open, if opencl_open() came before.
 */
struct engine *opencl_opened(void)
{
	return opened;
}

/**
 * opencl_open() - open the engine; before the filter, as a worker does
 *
 * Return: 0 or 1.
 */
int opencl_open(void)
{
	opened = engine_opencl.open(NULL);
	return !opened;
}

static int try_work(void)
{
	static const struct engine_grid grid = { { 4, 1, 1 }, { 4, 1, 1 }, 0 };
	const __u32 abort = 0;
	struct engine_job job = { .abort = &abort };
	struct engine_kernel_info info;
	struct engine_module *module;
	struct engine_kernel *kernel;
	struct engine_mem *mem;
	struct engine_arg arg = { .length = 4096 };
	__u32 words[16], i;
	char said[256];

	if (opencl_build(opened, "kernel void k(global uint *p) { p[get_global_id(0)] = 7; }", said,
			 sizeof(said), &module))
		return 1;
	if (opened->ops->kernel_get(opened, module, "k", NULL, &kernel, &info))
		return 2;
	if (opened->ops->mem_create(opened, 4096, &mem))
		return 3;
	arg.mem = mem;
	if (opened->ops->launch(opened, kernel, &arg, 1, &grid, &job))
		return 4;
	if (opened->ops->read(opened, mem, 0, words, sizeof(words), &job))
		return 5;
	for (i = 0; i < 16; i++)
		if (words[i] != 7)
			return 6;
	return 0;
}

/* The compiler reads what it is told to, and says what it has read */
static int try_include(void)
{
	struct engine_module *module;
	char said[1024];

	if (opencl_build(opened, "#include \"/etc/passwd\"\n", said, sizeof(said), &module) !=
	    VGPU_ERR_INVALID_REQUEST)
		return 1;
	return strstr(said, "root") ? 2 : !strstr(said, "not found");
}

/* A kernel that does what only an attacker's would */
static int try_crash(void)
{
	static const struct engine_grid one = { { 1, 1, 1 }, { 1, 1, 1 }, 0 };
	const __u32 abort = 0;
	struct engine_job job = { .abort = &abort };
	struct engine_kernel_info info;
	struct engine_module *module;
	struct engine_kernel *kernel;
	struct engine_arg arg = { };
	char said[256];

	if (opencl_build(opened, "kernel void k(global uint *p) { p[1UL << 45] = 7; }", said,
			 sizeof(said), &module))
		return 1;
	if (opened->ops->kernel_get(opened, module, "k", NULL, &kernel, &info))
		return 2;
	opened->ops->launch(opened, kernel, &arg, 1, &one, &job);
	return 3;
}

static int try_files(void)
{
	static const char *const absent[] = {
		"/etc/passwd", "/etc/shadow", "/root", "/home", "/dev/vgpu-exec", "/dev/mem",
		"/var", "/sys/kernel", "/run",
	};
	struct stat st;
	unsigned int i;

	for (i = 0; i < sizeof(absent) / sizeof(*absent); i++)
		if (!stat(absent[i], &st))
			return 10 + i;
	if (mkdir("/x", 0700) != -1 || errno != EROFS)
		return 1;
	if (open("/usr/x", O_CREAT | O_WRONLY | O_CLOEXEC, 0600) >= 0 || errno != EROFS)
		return 2;
	if (open("/proc/sys/kernel/core_pattern", O_WRONLY | O_CLOEXEC) >= 0)
		return 3;
	/* /proc is its own: it is the first process, and there are no others */
	if (getpid() != 1 || !stat("/proc/2", &st))
		return 4;
	return open("/tmp/x", O_CREAT | O_WRONLY | O_CLOEXEC, 0600) < 0 ? 5 : 0;
}

static int try_fill_disk(void)
{
	static char piece[1 << 20];
	int fd = open("/tmp/x", O_CREAT | O_WRONLY | O_CLOEXEC, 0600), i;

	for (i = 0; i < 128; i++)
		if (write(fd, piece, sizeof(piece)) != sizeof(piece))
			return errno == ENOSPC ? 0 : 1;
	return 2;
}

static int try_much_memory(void)
{
	void *memory = mmap(NULL, MEMORY + (2ULL << 30), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory != MAP_FAILED || errno != ENOMEM)
		return 1;
	/* nor where that isn't counted */
	if (mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		return 2;
	return mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1,
		    0) != MAP_FAILED;
}

/* Not pause(), which the sandbox hasn't: whoever ends doesn't count */
static void *stay(void *never)
{
	sem_wait(never);
	return NULL;
}

static int try_many_threads(void)
{
	pthread_attr_t little;
	pthread_t thread;
	sem_t never;
	int i;

	sem_init(&never, 0, 0);
	/* so that it isn't their stacks that end it */
	pthread_attr_init(&little);
	pthread_attr_setstacksize(&little, 65536);
	for (i = 0; i < 4096; i++)
		if (pthread_create(&thread, &little, stay, &never))
			break;
	return i == 0 ? 1 : i == 4096 ? 2 : 0;
}

static int try_denied(void)
{
	const struct rlimit more = { RLIM_INFINITY, RLIM_INFINITY };

	if (socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 || errno != EPERM)
		return 1;
	if (socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0)
		return 2;
	if (fork() >= 0)
		return 3;
	if (setrlimit(RLIMIT_AS, &more) != -1)
		return 4;
	if (syscall(SYS_clone3, NULL, 0) != -1 || errno != ENOSYS)
		return 5;
	if (syscall(SYS_clone, CLONE_THREAD | CLONE_NEWUSER, NULL, NULL, NULL, NULL) != -1)
		return 6;
	return syscall(SYS_memfd_create, "x", 0) != -1;
}

static int try_spawn(void)
{
	char *const argv[] = { "ld", "--version", NULL };
	int status = 0;
	pid_t pid;

	if (posix_spawn(&pid, "/usr/bin/ld", NULL, NULL, argv, NULL))
		return 1;
	return waitpid(pid, &status, 0) != pid || status;
}

static int try_ptrace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0;
}

static int try_mount(void)
{
	return mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
}

static int try_unshare(void)
{
	return unshare(CLONE_NEWUSER);
}

static int try_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0);
}

static int try_keys(void)
{
	return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -3, 0);
}

static int try_uring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL);
}

/**
 * opencl_is_there() - is there an OpenCL that works in the sandbox?
 *
 * Return: true if so; else the test is skipped.
 */
bool opencl_is_there(void)
{
	struct outcome o = { .view = engine_opencl.view };

	if (geteuid()) {
		tap_skip("not root");
		return false;
	}
	o.try = opencl_open;
	if (outcome_of(&o)) {
		tap_skip("no OpenCL that works");
		return false;
	}
	return true;
}

/* In the sandbox of an OpenCL engine; one that is open, where it is used */
static int wide(int (*try)(void), bool with_engine)
{
	struct outcome o = { .try = try, .view = engine_opencl.view };

	if (with_engine)
		o.before = opencl_open;
	return outcome_of(&o);
}

static void test_work(void)
{
	if (!opencl_is_there())
		return;
	CHECK_EQ(wide(try_work, true), 0);
	CHECK_EQ(wide(try_include, true), 0);
	CHECK_EQ(wide(try_crash, true), 1000 + SIGSEGV);
	CHECK_EQ(wide(try_spawn, false), 0);
}

static void test_limits(void)
{
	if (!opencl_is_there())
		return;
	CHECK_EQ(wide(try_files, false), 0);
	CHECK_EQ(wide(try_fill_disk, false), 0);
	CHECK_EQ(wide(try_much_memory, false), 0);
	CHECK_EQ(wide(try_many_threads, false), 0);
	CHECK_EQ(wide(try_denied, false), 0);
}

static void test_forbidden(void)
{
	static int (*const tries[])(void) = {
		try_ptrace, try_mount, try_unshare, try_bpf, try_keys, try_uring,
	};
	size_t i;

	if (!opencl_is_there())
		return;
	for (i = 0; i < sizeof(tries) / sizeof(*tries); i++)
		if (!CHECK_EQ(wide(tries[i], false), 1000 + SIGSYS))
			fprintf(stderr, "# try %zu\n", i);
}

static void test_identity(void)
{
	if (opencl_is_there())
		check_identity(engine_opencl.view);
}

const struct tap_test opencl_tests[] = {
	{ "execd-sandbox-opencl-work", "a worker builds and runs what a guest sent", test_work },
	{ "execd-sandbox-opencl-limits", "it has few files, little space, and no more tasks",
	  test_limits },
	{ "execd-sandbox-opencl-forbidden", "what only an attacker tries ends it",
	  test_forbidden },
	{ "execd-sandbox-opencl-identity", "it is a user of its own, without files or a network",
	  test_identity },
};

const size_t opencl_tests_count = sizeof(opencl_tests) / sizeof(*opencl_tests);
