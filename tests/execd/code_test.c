// SPDX-License-Identifier: GPL-2.0
/*
 * The code of the OpenCL engine's built-in kernels: it is built once, where an executor looks at
 * the device, and workers use it; if they can't, they build it themselves.  The calls that make
 * programs are found here before they are in the library: they are counted, and fail where that is
 * tried.
 *
 * It prints how long a worker takes to begin, and to its first result, with that code and without.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "opencl.h"
#include "probe.h"
#include "tap.h"

#define MEMORY		(64ULL << 20)
#define WORDS		1000

/* What calls have come, and how many of them are to fail */
static int sources, binaries, refuse_sources, refuse_binaries;

bool engine_is_aborted(const struct engine_job *job)
{
	return *job->abort;
}

cl_program clCreateProgramWithSource(cl_context context, cl_uint count, const char **text,
				     const size_t *length, cl_int *err)
{
	cl_program (*real)(cl_context c, cl_uint n, const char **t, const size_t *l, cl_int *e);

	sources++;
	real = dlsym(RTLD_NEXT, __func__);
	if (real && !refuse_sources)
		return real(context, count, text, length, err);
	refuse_sources--;
	*err = CL_INVALID_VALUE;
	return NULL;
}

cl_program clCreateProgramWithBinary(cl_context context, cl_uint count, const cl_device_id *device,
				     const size_t *length, const unsigned char **binary,
				     cl_int *status, cl_int *err)
{
	cl_program (*real)(cl_context c, cl_uint n, const cl_device_id *d, const size_t *l,
			   const unsigned char **b, cl_int *s, cl_int *e);

	binaries++;
	real = dlsym(RTLD_NEXT, __func__);
	if (real && !refuse_binaries)
		return real(context, count, device, length, binary, status, err);
	refuse_binaries--;
	*status = CL_INVALID_BINARY;
	*err = CL_INVALID_BINARY;
	return NULL;
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

/* All kernels are in one program, so one that is right will do for all */
static enum vgpu_error try_kernel(struct engine *e)
{
	const __u32 abort = 0;
	const __u64 n = WORDS;
	struct engine_job job = { .abort = &abort };
	struct engine_arg arg[VGPU_MAX_ARGS] = { };
	struct engine_mem *mem;
	enum vgpu_error err;
	__u32 sum = 0;

	err = e->ops->mem_create(e, 8192, &mem);
	if (err)
		return err;
	arg[0] = (struct engine_arg){ .mem = mem, .offset = 4096, .length = sizeof(sum) };
	arg[1] = (struct engine_arg){ .mem = mem, .length = WORDS * sizeof(sum) };
	arg[2] = (struct engine_arg){ .value = &n, .length = sizeof(n) };
	err = e->ops->fill(e, mem, 0, 3, 4096, &job) ?:
	      e->ops->launch_builtin(e, VGPU_BUILTIN_REDUCE_U32, arg, &job) ?:
	      e->ops->read(e, mem, 4096, &sum, sizeof(sum), &job);
	e->ops->mem_destroy(e, mem);
	if (!err)
		CHECK_EQ(sum, 3 * WORDS);
	return err;
}

static struct sandbox worker_sandbox(void)
{
	return (struct sandbox){
		.parent = pidfd_open(getpid(), 0), .memory = MEMORY, .view = engine_opencl.view,
		.nodes = engine_opencl.nodes, .cgroup = -1,
		.lock = "/dev/null", .uid_first = 90000, .uid_count = 256,
	};
}

/* A worker's process: 0 if it has built nothing but what it was told to */
static int worker(struct sandbox *sandbox, const struct engine_code *code, int want_sources)
{
	double begin = now_ms(), ready;
	struct engine *e;

	if (sandbox_enter(sandbox))
		return 1;
	e = engine_opencl.open(NULL);
	if (!e || sandbox_filter(sandbox))
		return 2;
	if (code->size)
		engine_opencl.code_use(e, code);
	ready = now_ms();
	if (sources || binaries)
		return 3;
	if (try_kernel(e))
		return 4;
	fprintf(stderr, "# %s code: ready after %.1f ms, and the first result took %.1f ms\n",
		code->size ? "with" : "without", ready - begin, now_ms() - ready);
	return sources == want_sources && binaries == !!code->size ? 0 : 5;
}

static int outcome(const struct engine_code *code, int want_sources)
{
	struct sandbox sandbox = worker_sandbox();
	int status = -1;
	pid_t pid;

	/* some file: there is no kernel that hands out channels */
	sandbox.channel = dup(STDERR_FILENO);
	pid = sandbox_fork(&sandbox);
	if (!pid)
		_exit(worker(&sandbox, code, want_sources));
	waitpid(pid, &status, 0);
	close(sandbox.channel);
	close(sandbox.parent);
	return status;
}

/* Is that memory to read, and nobody else's? */
static bool is_own(const void *data)
{
	unsigned long begin, end;
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512], flags[8];
	bool own = false;

	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %7s", &begin, &end, flags) == 3 &&
		    (unsigned long)data >= begin && (unsigned long)data < end)
			own = !strcmp(flags, "r--p");
	if (maps)
		fclose(maps);
	return own;
}

static void test_worker(void)
{
	const struct engine_code none = { };
	struct engine_code code = none;
	struct sandbox sandbox = worker_sandbox();
	struct engine_info info;

	if (geteuid()) {
		tap_skip("not root");
		return;
	}
	if (!CHECK(probe_device(&engine_opencl, NULL, &sandbox, &info, &code)))
		return;
	close(sandbox.parent);
	CHECK(info.builtins & 1ULL << VGPU_BUILTIN_REDUCE_U32);
	if (!CHECK(code.size > 0 && code.size <= ENGINE_CODE_MAX))
		return;
	CHECK(is_own(code.data));
	fprintf(stderr, "# %zu bytes of code\n", code.size);
	CHECK_EQ(outcome(&none, 1), 0);
	CHECK_EQ(outcome(&code, 0), 0);
	munmap((void *)code.data, code.size);
}

/* In this process: only who builds a program knows its code. */
static struct engine_code get_code(void)
{
	struct engine_code code = { };
	struct engine *e = engine_opencl.open(NULL);
	void *data = malloc(ENGINE_CODE_MAX);

	if (!CHECK(e))
		return code;
	CHECK_EQ(engine_opencl.code_get(e, data, ENGINE_CODE_MAX), 0);
	CHECK_EQ(try_kernel(e), VGPU_ERR_NONE);
	code = (struct engine_code){ data, engine_opencl.code_get(e, data, ENGINE_CODE_MAX) };
	CHECK_EQ(engine_opencl.code_get(e, data, code.size - 1), 0);
	engine_opencl.close(e);
	return code;
}

/* Does it run, after so many programs of each sort? */
static void check_with(const void *data, size_t size, int want_sources, int want_binaries)
{
	const struct engine_code code = { data, size };
	struct engine *e = engine_opencl.open(NULL);

	sources = 0;
	binaries = 0;
	if (!CHECK(e))
		return;
	engine_opencl.code_use(e, &code);
	CHECK_EQ(try_kernel(e), VGPU_ERR_NONE);
	CHECK_EQ(try_kernel(e), VGPU_ERR_NONE);
	CHECK_EQ(sources, want_sources);
	CHECK_EQ(binaries, want_binaries);
	engine_opencl.close(e);
}

static void test_refused(void)
{
	const struct engine_code code = get_code();
	static const char nonsense[1000] = "nonsense";

	if (!CHECK(code.size))
		return;
	check_with(code.data, code.size, 0, 1);
	check_with(NULL, 0, 1, 0);
	check_with(nonsense, sizeof(nonsense), 1, 1);
	refuse_binaries = 1;
	check_with(code.data, code.size, 1, 1);
	CHECK_EQ(refuse_binaries, 0);
	free((void *)code.data);
}

static void test_failed(void)
{
	struct engine *e = engine_opencl.open(NULL);

	if (!CHECK(e))
		return;
	refuse_sources = 2;
	CHECK_EQ(try_kernel(e), VGPU_ERR_GPU);
	CHECK_EQ(try_kernel(e), VGPU_ERR_GPU);
	CHECK(!e->lost);
	CHECK_EQ(try_kernel(e), VGPU_ERR_NONE);
	engine_opencl.close(e);
}

/* The compiler is loaded by a program that is of no further use. */
static void test_warm(void)
{
	struct engine *e = engine_opencl.open(NULL);

	if (!CHECK(e))
		return;
	sources = 0;
	engine_opencl.warm(e);
	CHECK_EQ(sources, 1);
	CHECK_EQ(try_kernel(e), VGPU_ERR_NONE);
	CHECK_EQ(sources, 2);
	/* what fails is for a module to tell */
	refuse_sources = 1;
	engine_opencl.warm(e);
	CHECK_EQ(refuse_sources, 0);
	CHECK(!e->lost);
	engine_opencl.close(e);
}

static const struct tap_test tests[] = {
	{ "execd-code-worker", "a worker uses what was built before it began", test_worker },
	{ "execd-code-refused", "code that isn't taken is built anew", test_refused },
	{ "execd-code-failed", "what can't be built fails, and the next may succeed", test_failed },
	{ "execd-code-warm", "the compiler can be loaded before there is a module", test_warm },
};

/* In a process of its own, whose list is no test's result */
static bool is_there(void)
{
	int saved = dup(STDOUT_FILENO);
	bool there;

	dup2(STDERR_FILENO, STDOUT_FILENO);
	there = probe_list(&engine_opencl);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	return there;
}

int main(void)
{
	size_t i;

	if (!is_there()) {
		printf("ok execd-code - built-in kernels' code # SKIP no OpenCL\n");
		return 0;
	}
	for (i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		tap_run(&tests[i]);
	return tap_end();
}
