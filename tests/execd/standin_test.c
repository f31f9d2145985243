// SPDX-License-Identifier: GPL-2.0
/*
 * What the CUDA engine tells the driver, and what it does when that says no: with the stand-in in
 * its place, see cuda_standin.h.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cuda_api.h"
#include "cuda_standin.h"
#include "cuda_test.h"
#include "engine.h"
#include "tap.h"

#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

#define BYTES		16384U

/* Launches that go on at a time */
#define LATER		4

/* The kernels of cuda_test.cl, and one item to run them by */
static const struct engine_source source = {
	.format = VGPU_MODULE_PTX, .data = cuda_test_ptx, .length = sizeof(cuda_test_ptx),
};

static const struct engine_grid one = { { 1, 1, 1 }, { 1, 1, 1 }, 0 };

static struct standin *standin;
static struct standin usual;

/* Guest memory that changes while a job runs, if it isn't NULL; and how often it has */
static __u32 *changing;
static __u32 changed;

bool engine_is_aborted(const struct engine_job *job)
{
	if (changing)
		changing[3] = ++changed;
	return *job->abort;
}

static const __u32 no_abort;

static void reset(void)
{
	*standin = usual;
}

/* What opening the engine says, in a process that has not opened it before */
static void said_by_open(const char *device, char *said, size_t size)
{
	int ends[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	*said = 0;
	if (pipe(ends))
		return;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDERR_FILENO);
		_exit(engine_cuda.open(device) ? 1 : 0);
	}
	close(ends[1]);
	while (n < size - 1 && (got = read(ends[0], said + n, size - 1 - n)) > 0)
		n += got;
	said[n] = 0;
	close(ends[0]);
	waitpid(pid, &status, 0);
	/* it is not to open */
	CHECK_EQ(status, 0);
	reset();
}

#define SAYS(change, device, words) do {				\
	char said[2048];						\
									\
	change;								\
	said_by_open(device, said, sizeof(said));			\
	if (!CHECK(strstr(said, words)))				\
		fprintf(stderr, "# it says: %s", said);			\
} while (0)

static void test_messages(void)
{
	SAYS(standin->version = 8000, NULL, "too old: for CUDA 8.0, not 9.0");
	SAYS(standin->init = CUDA_NO_DEVICE, NULL, "no device: CUDA_ERROR_NO_DEVICE");
	SAYS(standin->init = CUDA_SYSTEM_DRIVER_MISMATCH, NULL, "no device: ");
	SAYS(standin->devices = 0, NULL, "has no device");
	SAYS(standin->mode = CUDA_COMPUTE_PROHIBITED, NULL, "compute mode prohibited");
	SAYS(standin->mode = CUDA_COMPUTE_EXCLUSIVE_PROCESS, NULL, "compute mode exclusive");
	SAYS(standin->major = 3, NULL, "compute capability is below 5.0");
	SAYS((void)0, "no such", "no device no such");
	SAYS((void)0, "2", "no device 2");
	SAYS((void)0, "", "no device ");
	SAYS((void)0, "0000:09:00.0", "no device 0000:09:00.0");
}

static void check_opens(const char *device, const char *name)
{
	struct engine *e = engine_cuda.open(device);

	if (!CHECK(e))
		return;
	CHECK(strstr(e->info.name, name));
	engine_cuda.close(e);
	CHECK_EQ(standin->live, 0);
}

static void test_devices(void)
{
	check_opens(NULL, "number 0");
	check_opens("0", "number 0");
	check_opens("1", "number 1");
	check_opens("number 1", "number 1");
	check_opens("0000:02:00.0", "number 1");
	CHECK_EQ(standin->wrong, 0);
}

static struct engine_arg buffer(struct engine_mem *mem, __u64 offset, __u64 length)
{
	return (struct engine_arg){ .mem = mem, .offset = offset, .length = length };
}

static struct engine_arg value(const void *at, __u64 length)
{
	return (struct engine_arg){ .value = at, .length = length };
}

/* Some launches that go on when the next begins; count what fails. */
static int try_later(struct engine *e, struct engine_kernel *kernel, struct engine_mem *mem)
{
	static const struct engine_grid grid = { { 2, 1, 1 }, { 8, 1, 1 }, 0 };
	struct engine_job later[LATER];
	const int by = 2;
	const struct engine_arg arg[] = {
		buffer(mem, 0, 64), buffer(mem, 0, 64), value(&by, 4), buffer(mem, 128, 4),
	};
	enum vgpu_error status;
	int failed = 0, i;

	for (i = 0; i < LATER; i++) {
		later[i] = (struct engine_job){
			.abort = &no_abort, .later = true, .queue = i / 2,
		};
		failed += !!e->ops->launch(e, kernel, arg, 4, &grid, &later[i]);
	}
	for (i = 0; i < LATER; i++) {
		if (!later[i].event)
			continue;
		while (!e->ops->is_over(e, &later[i], i % 2, &status))
			;
		failed += !!status;
	}
	return failed;
}

/* A module and launches; count what fails. */
static int try_module(struct engine *e, struct engine_mem *mem, struct engine_mem *guest,
		      struct engine_job *job)
{
	/* more shared memory than a kernel has without being told */
	static const struct engine_grid grid = { { 2, 1, 1 }, { 8, 1, 1 }, 60000 };
	const struct engine_source source = {
		.format = VGPU_MODULE_PTX, .data = cuda_test_ptx,
		.length = sizeof(cuda_test_ptx), .options = "-O1",
	};
	const int by = 2;
	struct engine_arg arg[] = {
		buffer(guest, 0, 64), buffer(mem, 0, 64), value(&by, 4), buffer(mem, 128, 4),
	};
	struct engine_kernel_info info;
	struct engine_module *module;
	struct engine_kernel *kernel;
	char said[256];
	struct engine_log log = { said, sizeof(said) };
	int failed;

	if (e->ops->module_build(e, &source, &log, &module))
		return 1;
	failed = !!e->ops->kernel_get(e, module, "scale", &log, &kernel, &info);
	if (!failed) {
		failed += !!e->ops->launch(e, kernel, arg, 4, &grid, job);
		failed += try_later(e, kernel, mem);
		e->ops->kernel_put(e, kernel);
	}
	e->ops->module_destroy(e, module);
	return failed;
}

/* Some of all that can be done; count what fails. */
static int try_all(struct engine *e, void *guest)
{
	struct engine_job job = { .abort = &no_abort };
	const __u64 n = 1000;
	struct engine_arg arg[VGPU_MAX_ARGS] = { };
	struct engine_mem *mem, *its;
	__u32 words[16] = { };
	int failed = 0;

	if (e->ops->mem_create(e, BYTES, &mem))
		return 1;
	if (e->ops->mem_import(e, guest, BYTES, &its)) {
		e->ops->mem_destroy(e, mem);
		return 1;
	}
	failed += !!e->ops->write(e, mem, 4, words, sizeof(words), &job);
	failed += !!e->ops->fill(e, its, 0, 5, BYTES, &job);
	failed += !!e->ops->copy(e, mem, 64, its, 0, 4096, &job);
	failed += !!e->ops->copy(e, its, 64, mem, 0, 4096, &job);
	failed += !!e->ops->copy(e, its, 8192, its, 0, 4096, &job);
	failed += !!e->ops->fill(e, mem, 0, 5, BYTES, &job);
	failed += !!e->ops->read(e, mem, 4, words, sizeof(words), &job);
	arg[0] = buffer(its, 8192, 4);
	arg[1] = buffer(mem, 0, 4 * n);
	arg[2] = value(&n, sizeof(n));
	failed += !!e->ops->launch_builtin(e, VGPU_BUILTIN_REDUCE_U32, arg, &job);
	/* each of it a 5 */
	failed += !failed && ((__u32 *)guest)[2048] != 5 * n;
	failed += try_module(e, mem, its, &job);
	e->ops->mem_destroy(e, its);
	e->ops->mem_destroy(e, mem);
	return failed;
}

static void *guest_memory(void)
{
	return mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static void test_leaks(void)
{
	void *guest = guest_memory();
	struct engine *e;
	int pins;

	for (pins = 0; pins < 2; pins++) {
		reset();
		standin->pins = pins;
		e = engine_cuda.open(NULL);
		if (!CHECK(e))
			return;
		CHECK_EQ(try_all(e, guest), 0);
		CHECK(!e->lost);
		engine_cuda.close(e);
		CHECK_EQ(standin->live, 0);
		CHECK_EQ(standin->wrong, 0);
		/* looked at before it is slept for */
		CHECK(standin->spins > 0);
	}
	munmap(guest, BYTES);
}

/* What fails without anybody needing to know */
static bool is_harmless(const char *name)
{
	static const char *const names[] = {
		"cuDriverGetVersion", "cuDeviceGetPCIBusId", "cuMemHostUnregister",
		"cuMemFree_v2", "cuModuleUnload", "cuEventDestroy_v2", "cuStreamDestroy_v2",
		"cuCtxDestroy_v2", "cuEventElapsedTime", "cuDeviceGetAttribute",
		/* the guest's can't be pinned: it is copied */
		"cuMemHostRegister_v2", "cuMemHostGetDevicePointer_v2",
		/* at the end */
		"cuCtxSetCurrent",
		/* another queue's, which shares the first then */
		"cuStreamCreate",
	};
	size_t i;

	for (i = 0; i < COUNT(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* Fail the nth call; return false if there is none.  What is said goes to @null. */
static bool sweep_at(unsigned long n, int error, bool pins, void *guest, int null)
{
	int failed = 1, saved = dup(STDERR_FILENO);
	struct engine *e;
	bool lost = false;

	reset();
	standin->pins = pins;
	standin->fail_at = n;
	standin->fail_with = error;
	dup2(null, STDERR_FILENO);
	e = engine_cuda.open(NULL);
	if (e) {
		failed = try_all(e, guest);
		lost = e->lost;
		engine_cuda.close(e);
	}
	dup2(saved, STDERR_FILENO);
	close(saved);
	if (!standin->failed)
		return false;
	if (!CHECK_EQ(standin->live, 0) | !CHECK_EQ(standin->wrong, 0) |
	    !CHECK(failed || is_harmless(standin->failed) ||
		   /* that is how it says that there are no more */
		   (error == CUDA_INVALID_VALUE &&
		    !strcmp(standin->failed, "cuFuncGetParamInfo"))) |
	    /* who is told of it in open() has no engine; and nobody uses one that is closed */
	    !CHECK(lost || error != CUDA_LAUNCH_FAILED || !e || !failed ||
		   /* not of a context; what it can do is taken for less then */
		   !strcmp(standin->failed, "cuDeviceGetAttribute")))
		fprintf(stderr, "# call %lu, %s, error %d, pins %d: %d failed\n", n,
			standin->failed, error, pins, failed);
	return true;
}

static void test_sweep(void)
{
	static const int errors[] = {
		CUDA_INVALID_VALUE, CUDA_OUT_OF_MEMORY, CUDA_LAUNCH_FAILED, CUDA_NOT_PERMITTED,
	};
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	void *guest = guest_memory();
	unsigned long n, least = ~0UL;
	unsigned int i;

	for (i = 0; i < 2 * COUNT(errors); i++) {
		for (n = 1; ; n++) {
			if (!sweep_at(n, errors[i / 2], i % 2, guest, null))
				break;
		}
		least = n < least ? n : least;
	}
	fprintf(stderr, "# %lu calls at least, each failed once with each error\n", least - 1);
	CHECK(least > 100);
	close(null);
	munmap(guest, BYTES);
}

static void test_changes(void)
{
	__u32 *guest = guest_memory();
	struct engine_job job = { .abort = &no_abort };
	const __u64 n = 8;
	struct engine_arg arg[VGPU_MAX_ARGS] = { };
	struct engine_mem *its, *mem;
	struct engine_kernel_info info;
	struct engine_module *module;
	struct engine_kernel *kernel;
	struct engine *e;

	reset();
	standin->pins = false;
	e = engine_cuda.open(NULL);
	if (!CHECK(e))
		return;
	CHECK_EQ(e->ops->mem_import(e, guest, BYTES, &its), VGPU_ERR_NONE);
	CHECK_EQ(e->ops->mem_create(e, BYTES, &mem), VGPU_ERR_NONE);
	CHECK_EQ(e->ops->module_build(e, &source, NULL, &module), VGPU_ERR_NONE);
	CHECK_EQ(e->ops->kernel_get(e, module, "nothing", NULL, &kernel, &info), VGPU_ERR_NONE);
	/* the kernel writes the first word of the buffer, which is all of the memory */
	guest[0] = 5;
	guest[3] = 3;
	changing = guest;
	arg[0] = buffer(its, 0, BYTES);
	CHECK_EQ(e->ops->launch(e, kernel, arg, 1, &one, &job), VGPU_ERR_NONE);
	changing = NULL;
	CHECK_EQ(guest[0], 1);
	/* before it was copied, and when the kernel ran */
	CHECK(changed > 1);
	CHECK_EQ(guest[3], changed);
	/* and what isn't its argument isn't touched */
	guest[100] = 9;
	arg[0] = buffer(its, 0, 4 * n);
	arg[1] = buffer(mem, 0, 4 * n);
	arg[2] = buffer(mem, 0, 4 * n);
	arg[3] = value(&n, sizeof(n));
	CHECK_EQ(e->ops->launch_builtin(e, VGPU_BUILTIN_VECADD_U32, arg, &job), VGPU_ERR_NONE);
	CHECK_EQ(guest[0], 0);
	CHECK_EQ(guest[100], 9);
	e->ops->kernel_put(e, kernel);
	e->ops->module_destroy(e, module);
	e->ops->mem_destroy(e, mem);
	e->ops->mem_destroy(e, its);
	engine_cuda.close(e);
	CHECK_EQ(standin->live, 0);
	munmap(guest, BYTES);
}

static void test_lost(void)
{
	const struct engine_source source = {
		.format = VGPU_MODULE_CUBIN, .data = cuda_test_cubin,
		.length = sizeof(cuda_test_cubin),
	};
	struct engine_job job = { .abort = &no_abort };
	const __u64 nowhere = 16;
	struct engine_arg arg = value(&nowhere, sizeof(nowhere));
	struct engine_kernel_info info;
	struct engine_module *module;
	struct engine_kernel *kernel;
	struct engine_mem *mem;
	struct engine *e;

	reset();
	e = engine_cuda.open(NULL);
	if (!CHECK(e))
		return;
	CHECK_EQ(e->ops->mem_create(e, BYTES, &mem), VGPU_ERR_NONE);
	CHECK_EQ(e->ops->module_build(e, &source, NULL, &module), VGPU_ERR_NONE);
	CHECK_EQ(e->ops->kernel_get(e, module, "at", NULL, &kernel, &info), VGPU_ERR_NONE);
	CHECK(!e->lost);
	CHECK_EQ(e->ops->launch(e, kernel, &arg, 1, &one, &job), VGPU_ERR_GPU);
	CHECK(e->lost);
	CHECK_EQ(e->ops->fill(e, mem, 0, 1, BYTES, &job), VGPU_ERR_GPU);
	e->ops->kernel_put(e, kernel);
	e->ops->module_destroy(e, module);
	e->ops->mem_destroy(e, mem);
	engine_cuda.close(e);
	CHECK_EQ(standin->live, 0);
	CHECK_EQ(standin->wrong, 0);
	/* the next one is none the worse */
	check_opens(NULL, "number 0");
}

/* The stand-in does what it is told when somebody waits: until then nothing has come of it. */
static void test_later(void)
{
	struct engine_job later[LATER], guest = { .abort = &no_abort, .later = true };
	struct engine_kernel *good, *bad;
	struct engine_kernel_info info;
	struct engine_module *module;
	struct engine_mem *mem, *its;
	const __u64 nowhere = 16;
	const struct engine_arg wrong = value(&nowhere, sizeof(nowhere));
	void *memory = guest_memory();
	enum vgpu_error status;
	struct engine_arg arg;
	struct engine *e;
	int i;

	reset();
	standin->pins = false;
	e = engine_cuda.open(NULL);
	if (!CHECK(e))
		return;
	CHECK_EQ(e->ops->mem_create(e, BYTES, &mem), VGPU_ERR_NONE);
	CHECK_EQ(e->ops->mem_import(e, memory, BYTES, &its), VGPU_ERR_NONE);
	CHECK_EQ(e->ops->module_build(e, &source, NULL, &module), VGPU_ERR_NONE);
	CHECK_EQ(e->ops->kernel_get(e, module, "nothing", NULL, &good, &info), VGPU_ERR_NONE);
	CHECK_EQ(e->ops->kernel_get(e, module, "at", NULL, &bad, &info), VGPU_ERR_NONE);
	/* memory that can't be pinned is copied back by somebody who waits */
	arg = buffer(its, 0, BYTES);
	CHECK_EQ(e->ops->launch(e, good, &arg, 1, &one, &guest), VGPU_ERR_NONE);
	CHECK(guest.would_wait && !guest.event);
	CHECK_EQ(*(__u32 *)memory, 0);
	/* the third ends the context, and those that aren't known to be over have failed with it */
	arg = buffer(mem, 0, BYTES);
	for (i = 0; i < LATER; i++) {
		later[i] = (struct engine_job){ .abort = &no_abort, .later = true };
		CHECK_EQ(e->ops->launch(e, i == 2 ? bad : good, i == 2 ? &wrong : &arg, 1, &one,
					&later[i]), VGPU_ERR_NONE);
		CHECK(later[i].event);
		if (i)
			continue;
		while (!e->ops->is_over(e, &later[0], false, &status))
			;
		CHECK_EQ(status, VGPU_ERR_NONE);
	}
	CHECK(!e->lost);
	for (i = 1; i < LATER; i++) {
		CHECK(e->ops->is_over(e, &later[i], true, &status));
		CHECK_EQ(status, VGPU_ERR_GPU);
		CHECK(e->lost);
	}
	e->ops->kernel_put(e, good);
	e->ops->kernel_put(e, bad);
	e->ops->module_destroy(e, module);
	e->ops->mem_destroy(e, its);
	e->ops->mem_destroy(e, mem);
	engine_cuda.close(e);
	CHECK_EQ(standin->live, 0);
	CHECK_EQ(standin->wrong, 0);
	munmap(memory, BYTES);
}

/* The stand-in does what the youngest stream was told first; the one used first is the oldest. */
static void test_queues(void)
{
	static const struct {
		__u32 first;
		__u32 second;
		bool in_order;
	} tries[] = {
		{ 1, 2, false }, { 1, 1, true }, { 2, 2, true }, { 0, 0, true }, { 0, 2, false },
		/* there are no more streams */
		{ 2, 2 + ENGINE_QUEUES, true }, { 1, 2 + ENGINE_QUEUES, false },
	};
	struct engine_job first, second, now = { .abort = &no_abort };
	struct engine_kernel_info info;
	struct engine_module *module;
	struct engine_kernel *meet;
	enum vgpu_error status;
	struct engine_mem *mem;
	const int once = 1;
	struct engine *e;
	int word[2];
	size_t i;

	reset();
	e = engine_cuda.open(NULL);
	if (!CHECK(e))
		return;
	CHECK_EQ(e->ops->mem_create(e, BYTES, &mem), VGPU_ERR_NONE);
	CHECK_EQ(e->ops->module_build(e, &source, NULL, &module), VGPU_ERR_NONE);
	CHECK_EQ(e->ops->kernel_get(e, module, "meet", NULL, &meet, &info), VGPU_ERR_NONE);
	for (i = 0; i < COUNT(tries); i++) {
		const struct engine_arg a[] = {
			buffer(mem, 0, 4), buffer(mem, 4, 4), value(&once, sizeof(once)),
		}, b[] = { a[1], a[0], a[2] };

		CHECK_EQ(e->ops->fill(e, mem, 0, 0, 8, &now), VGPU_ERR_NONE);
		first = (struct engine_job){
			.abort = &no_abort, .later = true, .queue = tries[i].first,
		};
		second = first;
		second.queue = tries[i].second;
		CHECK_EQ(e->ops->launch(e, meet, a, 3, &one, &first), VGPU_ERR_NONE);
		CHECK_EQ(e->ops->launch(e, meet, b, 3, &one, &second), VGPU_ERR_NONE);
		CHECK(e->ops->is_over(e, &second, true, &status));
		CHECK(e->ops->is_over(e, &first, true, &status));
		CHECK_EQ(e->ops->read(e, mem, 0, word, sizeof(word), &now), VGPU_ERR_NONE);
		if (!CHECK_EQ(word[0], tries[i].in_order ? 1 : 2))
			fprintf(stderr, "# queues %u and %u\n", tries[i].first, tries[i].second);
		CHECK_EQ(word[1], tries[i].in_order ? 2 : 1);
	}
	e->ops->kernel_put(e, meet);
	e->ops->module_destroy(e, module);
	e->ops->mem_destroy(e, mem);
	engine_cuda.close(e);
	CHECK_EQ(standin->live, 0);
	CHECK_EQ(standin->wrong, 0);
}

#define BUILDS	200

static struct engine_module *built[BUILDS];
static struct engine_kernel *found[BUILDS];

/* As a worker's second thread does */
static void *build_many(void *arg)
{
	struct engine *e = arg;
	struct engine_kernel_info info;
	int i;

	for (i = 0; i < BUILDS; i++) {
		if (e->ops->module_build(e, &source, NULL, &built[i]))
			return "no module";
		if (e->ops->kernel_get(e, built[i], "scale", NULL, &found[i], &info))
			return "no kernel";
	}
	return NULL;
}

static void test_threads(void)
{
	struct engine_job job = { .abort = &no_abort };
	struct engine_mem *mem;
	pthread_t thread;
	struct engine *e;
	void *failed;
	int i;

	reset();
	e = engine_cuda.open(NULL);
	if (!CHECK(e))
		return;
	CHECK_EQ(e->ops->mem_create(e, BYTES, &mem), VGPU_ERR_NONE);
	if (!CHECK(!pthread_create(&thread, NULL, build_many, e)))
		return;
	for (i = 0; i < 1000; i++)
		CHECK_EQ(e->ops->fill(e, mem, 0, i, BYTES, &job), VGPU_ERR_NONE);
	pthread_join(thread, &failed);
	if (!CHECK(!failed))
		return;
	for (i = 0; i < BUILDS; i++) {
		e->ops->kernel_put(e, found[i]);
		e->ops->module_destroy(e, built[i]);
	}
	CHECK_EQ(standin->wrong, 0);
	e->ops->mem_destroy(e, mem);
	engine_cuda.close(e);
	CHECK_EQ(standin->live, 0);
}

static const struct tap_test tests[] = {
	{ "execd-cuda-standin-messages", "what is missing is said (stand-in)", test_messages },
	{ "execd-cuda-standin-devices", "a device is chosen by number, name or place (stand-in)",
	  test_devices },
	{ "execd-cuda-standin-leaks", "nothing is left behind, or used too late (stand-in)",
	  test_leaks },
	{ "execd-cuda-standin-sweep", "each call may fail (stand-in)", test_sweep },
	{ "execd-cuda-standin-changes", "what the guest writes meanwhile stays (stand-in)",
	  test_changes },
	{ "execd-cuda-standin-lost", "a kernel that ends the context loses the engine (stand-in)",
	  test_lost },
	{ "execd-cuda-standin-later", "kernels that go on, and one that ends the others (stand-in)",
	  test_later },
	{ "execd-cuda-standin-queues", "each queue has a stream, as far as there are (stand-in)",
	  test_queues },
	{ "execd-cuda-standin-threads", "modules are built beside jobs (stand-in)", test_threads },
};

int main(void)
{
	void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
	size_t i;

	standin = library ? dlsym(library, "standin") : NULL;
	if (!standin) {
		fprintf(stderr, "standin_test: LD_LIBRARY_PATH has no stand-in\n");
		return 1;
	}
	usual = *standin;
	for (i = 0; i < COUNT(tests); i++)
		tap_run(&tests[i]);
	return tap_end();
}
