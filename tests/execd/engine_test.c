// SPDX-License-Identifier: GPL-2.0
/*
 * engine_test ENGINE [DEVICE]: what all engines do, by the same checks.  What is right is
 * computed here, another way.
 */
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cuda_standin.h"
#include "engine_test.h"

/* Words of the objects that the tests use: above a piece of any engine */
#define WORDS		(3U << 20)
#define BYTES		(WORDS * sizeof(__u32))

struct engine *engine;
const struct engine_ops *ops;
static __u32 abort_word;
struct engine_job job = { .abort = &abort_word };

/* Jobs that are aborted are at their nth look */
static int looks_left = -1;

bool engine_is_aborted(const struct engine_job *of)
{
	if (looks_left > 0 && !--looks_left)
		abort_word = 1;
	return *of->abort;
}

static __u32 random_state = 1;

static __u32 random_word(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return random_state ^ random_state >> 15;
}

/* Numbers of all sizes, subnormal ones as well, but no NaN: its bits are anybody's */
static __u32 random_float(void)
{
	__u32 bits;

	do
		bits = random_word();
	while ((bits >> 23 & 0xff) == 0xff);
	return bits;
}

/* Close to 1, so that rounding is what differs */
static __u32 random_near_one(void)
{
	return 0x3f000000 + (random_word() & 0xffffff);
}

static float as_float(__u32 bits)
{
	float f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

static __u32 as_bits(float f)
{
	__u32 bits;

	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

struct engine_mem *new_mem(__u64 size)
{
	struct engine_mem *mem = NULL;

	if (!CHECK_EQ(ops->mem_create(engine, size, &mem), VGPU_ERR_NONE))
		exit(1);
	CHECK_EQ(mem->size, size);
	return mem;
}

void put(struct engine_mem *mem, __u64 offset, const void *from, size_t length)
{
	CHECK_EQ(ops->write(engine, mem, offset, from, length, &job), VGPU_ERR_NONE);
}

void get(struct engine_mem *mem, __u64 offset, void *to, size_t length)
{
	CHECK_EQ(ops->read(engine, mem, offset, to, length, &job), VGPU_ERR_NONE);
}

struct engine_arg buffer(struct engine_mem *mem, __u64 offset, __u64 length)
{
	return (struct engine_arg){ .mem = mem, .offset = offset, .length = length };
}

struct engine_arg value(const void *at, __u64 length)
{
	return (struct engine_arg){ .value = at, .length = length };
}

/* The objects of a built-in kernel, and what is in them */
static struct engine_mem *mem[3];
static __u32 *word[3];

static void fill_words(__u32 (*random)(void))
{
	int i, at;

	for (i = 0; i < 3; i++) {
		for (at = 0; at < (int)WORDS; at++)
			word[i][at] = random();
		put(mem[i], 0, word[i], BYTES);
	}
}

/* Whether an object is what it is to be, to the last byte */
static bool same(int i)
{
	static __u32 *now;
	unsigned int at;

	now = now ?: malloc(BYTES);
	get(mem[i], 0, now, BYTES);
	for (at = 0; at < WORDS; at++)
		if (now[at] != word[i][at]) {
			fprintf(stderr, "# object %d, word %u: %#x, not %#x\n", i, at, now[at],
				word[i][at]);
			return false;
		}
	return true;
}

static void launch(enum vgpu_builtin kernel, const struct engine_arg *arg)
{
	CHECK_EQ(ops->launch_builtin(engine, kernel, arg, &job), VGPU_ERR_NONE);
}

static const __u64 lengths[] = { 1, 2, 63, 65, 1000, 65537, (1 << 20) + 3, WORDS - 16 };

/* Run dst = step(a, b), from places that aren't aligned to more than a word */
static void check_steps(enum vgpu_builtin kernel, int dst, __u32 (*step)(__u32 a, __u32 b))
{
	struct engine_arg arg[VGPU_MAX_ARGS] = { };
	unsigned int i;
	__u64 n, at;

	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		n = lengths[i];
		arg[0] = buffer(mem[dst], dst == 1 ? 12 : 4, n * 4);
		arg[1] = buffer(mem[1], 12, n * 4);
		arg[2] = buffer(mem[2], 20, n * 4);
		arg[3] = value(&n, sizeof(n));
		launch(kernel, arg);
		for (at = 0; at < n; at++)
			word[dst][(dst == 1 ? 3 : 1) + at] = step(word[1][3 + at], word[2][5 + at]);
		CHECK(same(dst));
	}
}

static __u32 step_u32(__u32 a, __u32 b)
{
	return a + b;
}

static __u32 step_f32(__u32 a, __u32 b)
{
	return as_bits(as_float(a) + as_float(b));
}

static void test_vecadd(void)
{
	fill_words(random_word);
	check_steps(VGPU_BUILTIN_VECADD_U32, 0, step_u32);
	check_steps(VGPU_BUILTIN_VECADD_U32, 1, step_u32);
	CHECK(same(2));
	fill_words(random_float);
	check_steps(VGPU_BUILTIN_VECADD_F32, 0, step_f32);
	CHECK(same(1));
	CHECK(same(2));
}

/* One that is rounded twice; a fused one would be once: a product of two floats fits a double */
static __u32 twice(__u32 a, __u32 x, __u32 y)
{
	float product = (double)as_float(a) * as_float(x);

	return as_bits((double)product + as_float(y));
}

static void test_saxpy(void)
{
	struct engine_arg arg[VGPU_MAX_ARGS] = { };
	const __u64 a = 0x3f7ffffb;
	unsigned int i, differ = 0;
	__u64 n, at;

	fill_words(random_near_one);
	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		n = lengths[i];
		arg[0] = buffer(mem[0], 8, n * 4);
		arg[1] = buffer(mem[1], 4, n * 4);
		arg[2] = value(&a, sizeof(a));
		arg[3] = value(&n, sizeof(n));
		launch(VGPU_BUILTIN_SAXPY_F32, arg);
		for (at = 0; at < n; at++) {
			__u32 *y = &word[0][2 + at], once;

			once = as_bits(__builtin_fmaf(as_float(a), as_float(word[1][1 + at]),
						      as_float(*y)));
			*y = twice(a, word[1][1 + at], *y);
			differ += *y != once;
		}
		CHECK(same(0));
	}
	/* the numbers would show it */
	CHECK(differ > 1000);
}

static void check_matmul(__u64 m, __u64 n, __u64 k)
{
	struct engine_arg arg[VGPU_MAX_ARGS] = {
		buffer(mem[0], 4, m * n * 4), buffer(mem[1], 8, m * k * 4),
		buffer(mem[2], 12, k * n * 4), value(&m, sizeof(m)), value(&n, sizeof(n)),
		value(&k, sizeof(k)),
	};
	__u64 row, col, i;
	__u32 sum;

	launch(VGPU_BUILTIN_MATMUL_F32, arg);
	for (row = 0; row < m; row++) {
		for (col = 0; col < n; col++) {
			sum = 0;
			for (i = 0; i < k; i++)
				sum = twice(word[1][2 + row * k + i], word[2][3 + i * n + col],
					    sum);
			word[0][1 + row * n + col] = sum;
		}
	}
	CHECK(same(0));
}

static void test_matmul(void)
{
	fill_words(random_near_one);
	check_matmul(1, 1, 1);
	check_matmul(3, 5, 7);
	check_matmul(64, 64, 64);
	check_matmul(129, 65, 33);
	check_matmul(2, 3, 100000);
	check_matmul(1023, 1025, 2);
}

static void test_reduce(void)
{
	struct engine_arg arg[VGPU_MAX_ARGS] = { };
	unsigned int i;
	__u64 n, at;

	fill_words(random_word);
	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		n = lengths[i];
		arg[0] = buffer(mem[0], 44, 4);
		arg[1] = buffer(mem[1], 28, n * 4);
		arg[2] = value(&n, sizeof(n));
		launch(VGPU_BUILTIN_REDUCE_U32, arg);
		word[0][11] = 0;
		for (at = n; at--; )
			word[0][11] += word[1][7 + at];
		CHECK(same(0));
	}
}

static void test_sha256(void)
{
	static const __u64 bytes[] = { 1, 3, 55, 56, 63, 64, 65, 119, 120, 127, 128, 1000,
				       (1 << 20) + 55, 9000001 };
	struct engine_arg arg[VGPU_MAX_ARGS] = { };
	unsigned int i;
	SHA2_CTX sha;

	fill_words(random_word);
	for (i = 0; i < sizeof(bytes) / sizeof(*bytes); i++) {
		arg[0] = buffer(mem[0], 100, 32);
		arg[1] = buffer(mem[1], 36, bytes[i]);
		arg[2] = value(&bytes[i], sizeof(bytes[i]));
		launch(VGPU_BUILTIN_SHA256, arg);
		SHA256Init(&sha);
		SHA256Update(&sha, (__u8 *)word[1] + 36, bytes[i]);
		SHA256Final((__u8 *)word[0] + 100, &sha);
		CHECK(same(0));
	}
}

static void test_copy(void)
{
	static const struct {
		int dst;
		__u64 to, from, length;
	} tries[] = {
		{ 0, 1, 3, 1 }, { 0, 0, 0, BYTES }, { 0, 7, 1001, 70001 }, { 1, 5, 1001, 333 },
		{ 1, 9000001, 3, 3000001 }, { 0, BYTES - 1, 0, 1 }, { 1, 100, 101, 1 },
	};
	unsigned int i;

	fill_words(random_word);
	for (i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		CHECK_EQ(ops->copy(engine, mem[tries[i].dst], tries[i].to, mem[1], tries[i].from,
				   tries[i].length, &job), VGPU_ERR_NONE);
		memcpy((char *)word[tries[i].dst] + tries[i].to, (char *)word[1] + tries[i].from,
		       tries[i].length);
		CHECK(same(0));
		CHECK(same(1));
	}
}

static void test_fill(void)
{
	static const __u64 tries[][2] = { { 0, 4 }, { 4, 4 }, { 12, 1000 }, { 0, BYTES },
					  { 100, BYTES - 100 } };
	struct engine_mem *fresh = new_mem(BYTES);
	unsigned int i, at;

	fill_words(random_word);
	for (i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		CHECK_EQ(ops->fill(engine, mem[0], tries[i][0], 0x12345678 + i, tries[i][1], &job),
			 VGPU_ERR_NONE);
		for (at = 0; at < tries[i][1] / 4; at++)
			word[0][tries[i][0] / 4 + at] = 0x12345678 + i;
		CHECK(same(0));
	}
	get(fresh, 0, word[1], BYTES);
	for (at = 0; at < WORDS && !word[1][at]; at++)
		;
	CHECK_EQ(at, WORDS);
	ops->mem_destroy(engine, fresh);
}

static void test_import(void)
{
	__u32 *guest = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct engine_arg arg[VGPU_MAX_ARGS] = { };
	struct engine_mem *its = NULL;
	const __u64 n = 1024;
	__u32 round, seen;

	if (!CHECK_EQ(ops->mem_import(engine, guest, 8192, &its), VGPU_ERR_NONE))
		return;
	arg[0] = buffer(its, 4096, 4096);
	arg[1] = buffer(its, 0, 4096);
	arg[2] = buffer(its, 0, 4096);
	arg[3] = value(&n, sizeof(n));
	for (round = 1; round < 20; round++) {
		/* nobody is told of it */
		guest[0] = round;
		guest[1023] = ~round;
		launch(VGPU_BUILTIN_VECADD_U32, arg);
		CHECK_EQ(guest[1024], 2 * round);
		CHECK_EQ(guest[2047], (__u32)(2 * ~round));
		guest[5] = 77 * round;
		CHECK_EQ(ops->copy(engine, its, 6 * 4, its, 5 * 4, 4, &job), VGPU_ERR_NONE);
		CHECK_EQ(guest[6], 77 * round);
		guest[7] = round;
		get(its, 28, &seen, 4);
		CHECK_EQ(seen, round);
		put(its, 32, &round, 4);
		CHECK_EQ(guest[8], round);
		CHECK_EQ(ops->fill(engine, its, 36, round, 4, &job), VGPU_ERR_NONE);
		CHECK_EQ(guest[9], round);
	}
	/* what isn't there any more isn't touched */
	mprotect(guest, 8192, PROT_NONE);
	ops->mem_destroy(engine, its);
	munmap(guest, 8192);
}

static void test_abort(void)
{
	const __u64 n = WORDS, m = 512, k = 512;
	struct engine_arg arg[VGPU_MAX_ARGS] = {
		buffer(mem[0], 0, BYTES), buffer(mem[1], 0, BYTES), buffer(mem[2], 0, BYTES),
		value(&n, sizeof(n)),
	};
	int looks;

	/* before it begins, and in the midst */
	for (looks = 1; looks < 4; looks += 2) {
		abort_word = 0;
		looks_left = looks;
		CHECK_EQ(ops->launch_builtin(engine, VGPU_BUILTIN_VECADD_U32, arg, &job),
			 VGPU_ERR_CANCELED);
	}
	abort_word = 1;
	CHECK_EQ(ops->copy(engine, mem[0], 0, mem[1], 0, BYTES, &job), VGPU_ERR_CANCELED);
	CHECK_EQ(ops->fill(engine, mem[0], 0, 1, BYTES, &job), VGPU_ERR_CANCELED);
	arg[3] = value(&m, sizeof(m));
	arg[4] = arg[3];
	arg[5] = value(&k, sizeof(k));
	CHECK_EQ(ops->launch_builtin(engine, VGPU_BUILTIN_MATMUL_F32, arg, &job),
		 VGPU_ERR_CANCELED);
	abort_word = 0;
	looks_left = -1;
	launch(VGPU_BUILTIN_MATMUL_F32, arg);
}

static void test_time(void)
{
	const __u64 n = WORDS;
	struct engine_arg arg[VGPU_MAX_ARGS] = {
		buffer(mem[0], 0, BYTES), buffer(mem[1], 0, BYTES), buffer(mem[2], 0, BYTES),
		value(&n, sizeof(n)),
	};

	job.gpu_ns = 0;
	launch(VGPU_BUILTIN_VECADD_U32, arg);
	/* 36 MB of memory: not in no time, also for a GPU, and not in a minute */
	CHECK(job.gpu_ns > 1000);
	CHECK(job.gpu_ns < 60000000000ULL);
}

static void test_info(void)
{
	CHECK(*engine->info.name);
	CHECK(engine->info.buffer_align >= 1);
	CHECK_EQ(engine->info.builtins, (1ULL << VGPU_BUILTIN_COUNT) - 2);
	CHECK_EQ(engine->info.formats & 1, 0);
	CHECK(!ops->open("no such device"));
}

static const struct tap_test tests[] = {
	{ "info", "a device says what it is", test_info },
	{ "vecadd", "sums of vectors, wherever they begin, and in place", test_vecadd },
	{ "saxpy", "a * x + y is rounded twice", test_saxpy },
	{ "matmul", "a product of matrices, summed in order", test_matmul },
	{ "reduce", "a sum modulo 2^32", test_reduce },
	{ "sha256", "digests of any length", test_sha256 },
	{ "copy", "copies, of any bytes", test_copy },
	{ "fill", "memory is zeroed, and filled", test_fill },
	{ "import", "guest memory is read afresh and written in time", test_import },
	{ "abort", "a job ends early, and the next is none the worse", test_abort },
	{ "time", "a job takes time", test_time },
};

/* What is no GPU, and not its software, isn't to look like one in what is printed. */
static const char *engine_name(void)
{
	if (!strncmp(engine->info.name, STANDIN_NAME_OLD, strlen(STANDIN_NAME_OLD)))
		return "cuda-standin-old";
	if (!strncmp(engine->info.name, STANDIN_NAME, strlen(STANDIN_NAME)))
		return "cuda-standin";
	return ops->name;
}

static void run_all(const struct tap_test *all, size_t n)
{
	char name[64];
	size_t i;

	for (i = 0; i < n; i++) {
		struct tap_test test = all[i];

		snprintf(name, sizeof(name), "execd-%s-%s", engine_name(), all[i].name);
		test.name = name;
		tap_run(&test);
	}
}

static const struct engine_ops *find(const char *name)
{
	static const struct engine_ops *const all[] = {
		&engine_reference, &engine_opencl, &engine_cuda
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return NULL;
}

/* Open the engine; why not is on stderr, and its first line is the reason to skip its tests. */
static bool open_engine(const char *device)
{
	int saved = dup(STDERR_FILENO), file = memfd_create("stderr", MFD_CLOEXEC);
	char said[1024], *reason = said;
	ssize_t n;

	dup2(file, STDERR_FILENO);
	engine = ops->open(device);
	dup2(saved, STDERR_FILENO);
	n = pread(file, said, sizeof(said) - 1, 0);
	said[n > 0 ? n : 0] = 0;
	fputs(said, stderr);
	close(saved);
	close(file);
	if (engine)
		return true;
	said[strcspn(said, "\n")] = 0;
	if (strstr(said, ops->name))
		reason = strstr(said, ops->name) + strlen(ops->name);
	printf("ok execd-%s - an engine # SKIP %s\n", ops->name, reason + strspn(reason, ": "));
	return false;
}

int main(int argc, char **argv)
{
	int i;

	ops = find(argc > 1 ? argv[1] : "reference");
	if (!ops) {
		fprintf(stderr, "engine_test: no such engine: %s\n", argv[1]);
		return 1;
	}
	/* a machine without it has no tests of it */
	if (!open_engine(argc > 2 ? argv[2] : NULL))
		return ops == &engine_reference;
	for (i = 0; i < 3; i++) {
		mem[i] = new_mem(BYTES);
		word[i] = malloc(BYTES);
	}
	run_all(tests, sizeof(tests) / sizeof(*tests));
	if (engine->info.formats & 1ULL << VGPU_MODULE_OPENCL_C)
		run_all(module_tests, module_tests_count);
	if (engine->info.formats & 1ULL << VGPU_MODULE_PTX)
		run_all(cuda_tests, cuda_tests_count);
	if (ops->is_over)
		run_all(later_tests, later_tests_count);
	for (i = 0; i < 3; i++)
		ops->mem_destroy(engine, mem[i]);
	ops->close(engine);
	return tap_end();
}
