// SPDX-License-Identifier: GPL-2.0
/*
 * Kernels that begin before the last one has ended, on engines that have such.  Each reads what the
 * one before has written: if one is missing, or out of order, the result is another.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cuda_test.h"
#include "engine_test.h"

#define STEPS		20
#define WORDS		64
#define BY		3
#define ADD		1000

static const char opencl_c[] =
	"kernel void scale(global int *dst, global const int *src, int by, global const int *add)\n"
	"{ dst[get_global_id(0)] = src[get_global_id(0)] * by + *add; }\n"
	"kernel void meet(volatile global int *mine, volatile global int *other, int tries)\n"
	"{ *mine = 1; while (!*other && tries) tries--; *mine = *other ? 2 : 1; }\n";

static const struct engine_grid grid = { { 4, 1, 1 }, { WORDS / 4, 1, 1 }, 0 };
static const int by = BY;

static struct engine_module *module;
static struct engine_kernel *kernel;

static void kernel_make(const char *name)
{
	bool ptx = engine->info.formats & 1ULL << VGPU_MODULE_PTX;
	const struct engine_source source = {
		.format = ptx ? VGPU_MODULE_PTX : VGPU_MODULE_OPENCL_C,
		.data = ptx ? (const void *)cuda_test_ptx : opencl_c,
		.length = ptx ? sizeof(cuda_test_ptx) : strlen(opencl_c),
	};
	struct engine_kernel_info info;

	if (!CHECK_EQ(ops->module_build(engine, &source, NULL, &module), VGPU_ERR_NONE) ||
	    !CHECK_EQ(ops->kernel_get(engine, module, name, NULL, &kernel, &info),
		      VGPU_ERR_NONE))
		exit(1);
}

static void kernel_end(void)
{
	ops->kernel_put(engine, kernel);
	ops->module_destroy(engine, module);
}

/* Words at the beginning, and what is added to them in the second half; dst is src */
static struct engine_mem *mem_make(int *word)
{
	struct engine_mem *mem = new_mem(8192);
	const int add = ADD;
	int i;

	for (i = 0; i < WORDS; i++)
		word[i] = i * 11;
	put(mem, 0, word, WORDS * sizeof(*word));
	put(mem, 4096, &add, sizeof(add));
	return mem;
}

static void step(int *word)
{
	int i;

	for (i = 0; i < WORDS; i++)
		word[i] = (unsigned int)word[i] * BY + ADD;
}

static void check_words(struct engine_mem *mem, const int *word)
{
	int now[WORDS];

	get(mem, 0, now, sizeof(now));
	CHECK(!memcmp(now, word, sizeof(now)));
}

static enum vgpu_error begin(struct engine_mem *mem, const struct engine_grid *by_grid,
			     struct engine_job *later)
{
	const struct engine_arg arg[] = {
		buffer(mem, 0, 4096), buffer(mem, 0, 4096), value(&by, sizeof(by)),
		buffer(mem, 4096, 4096),
	};

	return ops->launch(engine, kernel, arg, 4, by_grid, later);
}

static enum vgpu_error wait_for(struct engine_job *later, bool wait)
{
	enum vgpu_error status = VGPU_ERR_TIMEOUT;

	while (!ops->is_over(engine, later, wait, &status))
		CHECK(!wait);
	CHECK(!later->event);
	return status;
}

static void test_order(void)
{
	static const __u32 never;
	struct engine_job later[STEPS];
	int word[WORDS], i;
	struct engine_mem *mem = mem_make(word);

	kernel_make("scale");
	for (i = 0; i < STEPS; i++) {
		later[i] = (struct engine_job){ .abort = &never, .later = true };
		CHECK_EQ(begin(mem, &grid, &later[i]), VGPU_ERR_NONE);
		CHECK(later[i].event && !later[i].would_wait);
		CHECK_EQ(later[i].gpu_ns, 0);
		step(word);
	}
	/* some are slept for, and some looked at; the last before those in front of it */
	for (i = 0; i < STEPS / 2; i++)
		CHECK_EQ(wait_for(&later[i], i % 2), VGPU_ERR_NONE);
	for (i = STEPS - 1; i >= STEPS / 2; i--)
		CHECK_EQ(wait_for(&later[i], i % 2), VGPU_ERR_NONE);
	for (i = 0; i < STEPS; i++)
		CHECK(later[i].gpu_ns > 0 && later[i].gpu_ns < 60000000000ULL);
	check_words(mem, word);
	/* and again, with what the first ones have left */
	later[0] = (struct engine_job){ .abort = &never, .later = true };
	CHECK_EQ(begin(mem, &grid, &later[0]), VGPU_ERR_NONE);
	CHECK_EQ(wait_for(&later[0], true), VGPU_ERR_NONE);
	step(word);
	check_words(mem, word);
	kernel_end();
	ops->mem_destroy(engine, mem);
}

/* What fails doesn't begin, and the others are none the worse. */
static void test_failed(void)
{
	static const struct engine_grid wrong = { { 0, 1, 1 }, { 1, 1, 1 }, 0 };
	static const __u32 never, at_once = 1;
	struct engine_job first = { .abort = &never, .later = true }, last = first, bad = first;
	struct engine_job aborted = { .abort = &at_once, .later = true };
	int word[WORDS];
	struct engine_mem *mem = mem_make(word);

	kernel_make("scale");
	CHECK_EQ(begin(mem, &grid, &first), VGPU_ERR_NONE);
	CHECK_EQ(begin(mem, &wrong, &bad), VGPU_ERR_INVALID_REQUEST);
	CHECK_EQ(begin(mem, &grid, &aborted), VGPU_ERR_CANCELED);
	CHECK_EQ(begin(mem, &grid, &last), VGPU_ERR_NONE);
	CHECK(!bad.event && !aborted.event);
	CHECK_EQ(wait_for(&first, false), VGPU_ERR_NONE);
	CHECK_EQ(wait_for(&last, true), VGPU_ERR_NONE);
	step(word);
	step(word);
	check_words(mem, word);
	kernel_end();
	ops->mem_destroy(engine, mem);
}

/* PoCL has a thread for each processor; the stand-in for CUDA has none */
static bool runs_two(void)
{
	if (engine->info.formats & 1ULL << VGPU_MODULE_PTX)
		return !strstr(engine->info.name, "stand-in");
	return sysconf(_SC_NPROCESSORS_ONLN) > 1;
}

/*
 * Two that wait for each other, for a while: a second of PoCL's, which looks once in a nanosecond,
 * and of a GPU, which takes hundreds
 */
static void test_queues(void)
{
	const int tries = engine->info.formats & 1ULL << VGPU_MODULE_PTX ? 1 << 22 : 1 << 30;
	static const struct engine_grid one = { { 1, 1, 1 }, { 1, 1, 1 }, 0 };
	struct engine_mem *a = new_mem(4096), *b = new_mem(4096);
	const struct engine_arg its[] = {
		buffer(a, 0, 4096), buffer(b, 0, 4096), value(&tries, sizeof(tries)),
	}, others[] = { its[1], its[0], its[2] };
	static const __u32 never;
	struct engine_job first = { .abort = &never, .later = true, .queue = 1 }, second = first;
	int word[2];

	kernel_make("meet");
	second.queue = 2;
	CHECK_EQ(ops->launch(engine, kernel, its, 3, &one, &first), VGPU_ERR_NONE);
	CHECK_EQ(ops->launch(engine, kernel, others, 3, &one, &second), VGPU_ERR_NONE);
	CHECK(first.event && second.event);
	CHECK_EQ(wait_for(&second, true), VGPU_ERR_NONE);
	CHECK_EQ(wait_for(&first, true), VGPU_ERR_NONE);
	get(a, 0, &word[0], sizeof(*word));
	get(b, 0, &word[1], sizeof(*word));
	/* whichever was first */
	CHECK_EQ(word[0] > word[1] ? word[0] : word[1], 2);
	if (!runs_two())
		tap_skip("the device runs one after the other");
	else
		CHECK_EQ(word[0] + word[1], 4);
	kernel_end();
	ops->mem_destroy(engine, a);
	ops->mem_destroy(engine, b);
}

/* With the guest's memory it may have to wait; then it has done nothing. */
static void test_guest(void)
{
	int *guest = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	static const __u32 never;
	struct engine_job later = { .abort = &never, .later = true };
	struct engine_mem *its = NULL;
	int i, before;

	kernel_make("scale");
	if (!CHECK_EQ(ops->mem_import(engine, guest, 8192, &its), VGPU_ERR_NONE))
		return;
	for (i = 0; i < WORDS; i++)
		guest[i] = i;
	guest[1024] = ADD;
	CHECK_EQ(begin(its, &grid, &later), VGPU_ERR_NONE);
	before = later.would_wait ? 0 : 1;
	CHECK_EQ(!later.event, later.would_wait);
	if (later.event)
		CHECK_EQ(wait_for(&later, true), VGPU_ERR_NONE);
	for (i = 0; i < WORDS; i++)
		CHECK_EQ(guest[i], before ? i * BY + ADD : i);
	later = (struct engine_job){ .abort = &never };
	CHECK_EQ(begin(its, &grid, &later), VGPU_ERR_NONE);
	CHECK(!later.event && !later.would_wait);
	for (i = 0; i < WORDS; i++)
		CHECK_EQ(guest[i], (before ? i * BY + ADD : i) * BY + ADD);
	kernel_end();
	ops->mem_destroy(engine, its);
	munmap(guest, 8192);
}

const struct tap_test later_tests[] = {
	{ "later", "kernels begin before the last one has ended, and run in order", test_order },
	{ "later-failed", "one that can't begin changes nothing for the others", test_failed },
	{ "later-queues", "kernels of two queues run at the same time", test_queues },
	{ "later-guest", "with the guest's memory they wait, or needn't", test_guest },
};

const size_t later_tests_count = sizeof(later_tests) / sizeof(*later_tests);
