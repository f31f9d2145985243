// SPDX-License-Identifier: GPL-2.0
/*
 * leak_test: modules that come and go leave nothing behind: no memory, no open files, no threads,
 * no files in the cache.  ENGINE_BUILDS says how many (50).
 *
 * What the engine itself allocates is counted, to the last one: it is linked with what counts.  The
 * vendor's software may leak by itself; so the same modules are built by the same calls of
 * OpenCL's without the engine, and that is what all memory is compared with.  Each of the two is a
 * process of its own: what one has left would be the other's to begin with.
 */
#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "leak_test.h"
#include "opencl.h"
#include "tap.h"

/* What one that the engine built may leave more than one that was built without it: noise */
#define MORE_BYTES	512

/* Modules that aren't counted */
#define WARM		24

bool engine_is_aborted(const struct engine_job *job)
{
	return *job->abort;
}

/* Allocations of this program's and of the engine's objects that it is linked with */
static long live;

void *__wrap_calloc(size_t n, size_t size)
{
	void *at = __real_calloc(n, size);

	live += !!at;
	return at;
}

void *__wrap_malloc(size_t size)
{
	void *at = __real_malloc(size);

	live += !!at;
	return at;
}

void __wrap_free(void *at)
{
	live -= !!at;
	__real_free(at);
}

int __wrap_asprintf(char **text, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(text, format, args);
	va_end(args);
	live += n >= 0;
	return n;
}

/**
 * struct held - what a process has
 * @own: allocations of the engine's
 * @rss: KiB of memory
 * @heap: bytes that have been allocated and not freed
 * @files: open files
 * @threads: threads
 * @cached: files in PoCL's cache, and folders
 */
struct held {
	long own;
	long rss;
	long heap;
	long files;
	long threads;
	long cached;
};

/* Return how many entries a folder has, all that are below it included if @deep. */
static long entries(const char *path, bool deep)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char below[512];
	long n = 0;

	while (dir && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		n++;
		if (!deep || entry->d_type != DT_DIR)
			continue;
		snprintf(below, sizeof(below), "%.250s/%.250s", path, entry->d_name);
		n += entries(below, true);
	}
	if (dir)
		closedir(dir);
	return n;
}

static struct held held_now(void)
{
	const char *cache = getenv("POCL_CACHE_DIR");
	struct held now = { };
	FILE *f;

	/* what is free is given back, so that what is left is in use */
	malloc_trim(0);
	now.own = live;
	now.heap = (long)(mallinfo2().uordblks + mallinfo2().hblkhd);
	f = fopen("/proc/self/statm", "re");
	if (!f || fscanf(f, "%*d %ld", &now.rss) != 1)
		now.rss = 0;
	if (f)
		fclose(f);
	now.rss *= sysconf(_SC_PAGESIZE) / 1024;
	/* but for the one that reads it */
	now.files = entries("/proc/self/fd", false) - 1;
	now.threads = entries("/proc/self/task", false);
	now.cached = cache ? entries(cache, true) : 0;
	return now;
}

/* The ith source: one that was there before, one that never was, one that can't be built. */
static bool source_of(int i, char *text, size_t size)
{
	static const char bad[] = "kernel void k(global int *p) { *p = no_such_thing_%d; }";
	static const char good[] = "kernel void k(global int *p) { *p = %d + %d; }";

	if (i % 3 == 2)
		snprintf(text, size, bad, i);
	else
		snprintf(text, size, good, i % 3 ? i : 0, i % 3 ? getpid() : 0);
	return i % 3 != 2;
}

static struct engine *engine;
static struct engine_mem *mem;

/* Some are run: that is when there is code of the device's. */
static bool is_run(int i)
{
	return i % 6 == 0;
}

static bool run_by_engine(struct engine_kernel *kernel)
{
	static const struct engine_grid one = { { 1, 1, 1 }, { 1, 1, 1 }, 0 };
	const struct engine_arg arg = { .mem = mem, .length = mem->size };
	const __u32 abort = 0;
	struct engine_job job = { .abort = &abort };

	return !engine->ops->launch(engine, kernel, &arg, 1, &one, &job);
}

static bool once_by_engine(int i)
{
	static char said[65536];
	struct engine_log log = { said, sizeof(said) };
	struct engine_kernel_info info;
	struct engine_kernel *kernel;
	struct engine_module *module;
	char text[256];
	const bool good = source_of(i, text, sizeof(text));
	const struct engine_source source = {
		.format = VGPU_MODULE_OPENCL_C, .data = text, .length = strlen(text),
	};
	enum vgpu_error err = engine->ops->module_build(engine, &source, &log, &module);
	bool ran = true;

	if (err || !good)
		return !good && err == VGPU_ERR_INVALID_REQUEST;
	/* and one that isn't there */
	if (!engine->ops->kernel_get(engine, module, "other", &log, &kernel, &info))
		return false;
	err = engine->ops->kernel_get(engine, module, "k", NULL, &kernel, &info);
	if (!err) {
		ran = !is_run(i) || run_by_engine(kernel);
		engine->ops->kernel_put(engine, kernel);
	}
	engine->ops->module_destroy(engine, module);
	return !err && ran;
}

static cl_mem bare_mem;

static bool run_by_itself(cl_kernel kernel)
{
	struct opencl *cl = to_opencl(engine);
	const size_t one = 1;

	return !clSetKernelArg(kernel, 0, sizeof(bare_mem), &bare_mem) &&
	       !clEnqueueNDRangeKernel(*cl->queue, kernel, 1, NULL, &one, &one, 0, NULL, NULL) &&
	       !clFinish(*cl->queue);
}

/* The same, as OpenCL's manual has it */
static bool once_by_itself(int i)
{
	struct opencl *cl = to_opencl(engine);
	static char said[65536];
	char text[256];
	const bool good = source_of(i, text, sizeof(text));
	const char *at = text;
	cl_program program;
	cl_kernel kernel;
	bool ran = true;
	cl_int err;

	program = clCreateProgramWithSource(cl->context, 1, &at, NULL, &err);
	if (err)
		return false;
	err = clBuildProgram(program, 1, &cl->device, "-cl-kernel-arg-info", NULL, NULL);
	clGetProgramBuildInfo(program, cl->device, CL_PROGRAM_BUILD_LOG, sizeof(said), said, NULL);
	if (!err && good) {
		kernel = clCreateKernel(program, "k", &err);
		if (!err) {
			ran = !is_run(i) || run_by_itself(kernel);
			clReleaseKernel(kernel);
		}
	}
	clReleaseProgram(program);
	return ran && (good ? !err : err == CL_BUILD_PROGRAM_FAILURE);
}

/**
 * struct result - what has come of building modules
 * @opened: there was a device
 * @done: how many were built, or not, as they should
 * @before: what there was when what is warm was warm
 * @after: at the end
 */
struct result {
	bool opened;
	int done;
	struct held before;
	struct held after;
};

static void build_all(struct result *r, int n, bool (*once)(int i))
{
	int i;

	/* the compiler's own tables grow at first */
	for (i = 0; i < WARM; i++)
		once(i);
	r->before = held_now();
	for (i = 0; i < n; i++)
		r->done += once(WARM + i);
	r->after = held_now();
}

/* As in the sandbox: no kernel outlives its module, and the files are nobody else's. */
static bool open_apart(char *folder)
{
	cl_int err;

	if (!mkdtemp(folder) || setenv("POCL_CACHE_DIR", folder, 1) ||
	    setenv("POCL_KERNEL_CACHE", "0", 1))
		return false;
	engine = engine_opencl.open(NULL);
	if (!engine || engine->ops->mem_create(engine, 4096, &mem))
		return false;
	bare_mem = clCreateBuffer(to_opencl(engine)->context, CL_MEM_READ_WRITE, 4096, NULL, &err);
	return !err;
}

static void remove_all(const char *path)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", path);
	if (system(command))
		fprintf(stderr, "# %s is left\n", path);
}

/**
 * struct run - a process that builds modules
 * @pid: it
 * @result: what has come of it, when it has ended
 */
struct run {
	pid_t pid;
	struct result *result;
};

/* What vendors begin doesn't live on in a child, so this process never opens anything. */
static struct run begin(int n, bool (*once)(int i))
{
	struct run run = {
		.result = mmap(NULL, sizeof(*run.result), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0),
	};
	char folder[] = "/tmp/vgpu-leak.XXXXXX";

	if (run.result == MAP_FAILED)
		exit(1);
	run.pid = fork();
	if (!run.pid) {
		/* what clang says of each that is wrong */
		dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
		run.result->opened = open_apart(folder);
		if (run.result->opened)
			build_all(run.result, n, once);
		remove_all(folder);
		_exit(0);
	}
	return run;
}

static void tell(const char *by, int n, const struct result *r)
{
	fprintf(stderr, "# %d modules by %s: %+ld of the engine's allocations, %+ld KiB resident,",
		n, by, r->after.own - r->before.own, r->after.rss - r->before.rss);
	fprintf(stderr, " %+ld of heap (%ld each), %+ld files, %+ld threads, %+ld in the cache\n",
		r->after.heap - r->before.heap, (r->after.heap - r->before.heap) / n,
		r->after.files - r->before.files, r->after.threads - r->before.threads,
		r->after.cached - r->before.cached);
}

static void test_leak(void)
{
	const int n = atoi(getenv("ENGINE_BUILDS") ?: "50");
	struct run by_engine = begin(n, once_by_engine), by_itself = begin(n, once_by_itself);
	struct result ours, bare;

	waitpid(by_engine.pid, NULL, 0);
	waitpid(by_itself.pid, NULL, 0);
	ours = *by_engine.result;
	bare = *by_itself.result;
	if (!ours.opened || !bare.opened) {
		tap_skip("no OpenCL that works");
		return;
	}
	tell("the engine", n, &ours);
	tell("OpenCL alone", n, &bare);
	CHECK_EQ(ours.done, n);
	CHECK_EQ(bare.done, n);
	CHECK_EQ(ours.after.own, ours.before.own);
	CHECK_EQ(ours.after.files, ours.before.files);
	CHECK_EQ(ours.after.threads, ours.before.threads);
	CHECK_EQ(ours.after.cached, ours.before.cached);
	CHECK((ours.after.heap - ours.before.heap) - (bare.after.heap - bare.before.heap) <
	      n * MORE_BYTES);
}

static const struct tap_test leak = {
	"execd-opencl-leak", "modules leave nothing behind that OpenCL alone doesn't", test_leak
};

int main(void)
{
	tap_run(&leak);
	return tap_end();
}
