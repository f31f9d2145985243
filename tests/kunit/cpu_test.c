// SPDX-License-Identifier: GPL-2.0
/* The cpu backend's engine: moving bytes, whole numbers, SHA-256, abort, order. */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "backend.h"
#include "backend/cpu.h"
#include "backend/cpu_kernel.h"
#include "bo.h"
#include "cpu_fixture.h"

/* What the engine does between two looks at whether it should stop */
#define CPU_MOVE_CHUNK	(256 * 1024)
#define CPU_OPS_CHUNK	65536

/* a byte that tells where it was, and of what */
static u8 cpu_byte(u32 seed, u64 at)
{
	return at * 7 + (at >> 8) * 13 + (at >> 16) * 29 + seed;
}

static void cpu_bytes(void *to, u32 seed, u64 length)
{
	u64 i;

	for (i = 0; i < length; i++)
		((u8 *)to)[i] = cpu_byte(seed, i);
}

/* bytes [from, to) are of this seed's */
static void cpu_expect_bytes(struct kunit *test, const void *bytes, u32 seed,
			     u64 from, u64 to)
{
	for (; from < to; from++) {
		if (((const u8 *)bytes)[from] != cpu_byte(seed, from)) {
			KUNIT_FAIL(test, "byte %llu", from);
			return;
		}
	}
}

static void cpu_describes_itself(struct kunit *test)
{
	struct cpu_fixture *f = test->priv;

	KUNIT_EXPECT_STREQ(test, f->gpu.desc.ops->name, "cpu");
	KUNIT_EXPECT_EQ(test, f->gpu.desc.builtins, 0x7e);
	KUNIT_EXPECT_GE(test, f->gpu.desc.depth, 1);
	KUNIT_EXPECT_PTR_EQ(test, f->gpu.desc.priv, f->cpu);
}

static void cpu_new_memory_is_zero(struct kunit *test)
{
	struct cpu_fixture *f = test->priv;
	struct vgpu_bo *bo;
	u32 round, handle;

	/* the same pages again, most likely */
	for (round = 0; round < 20; round++) {
		KUNIT_ASSERT_EQ(test, vgpu_bo_create(f->ctx, 1 << 20, 0, &handle), 0);
		bo = vgpu_bo_find(f->ctx, handle);
		KUNIT_ASSERT_PTR_EQ(test, memchr_inv(bo->priv, 0, bo->size), NULL);
		memset(bo->priv, 0xff, bo->size);
		vgpu_bo_put(bo);
		KUNIT_ASSERT_EQ(test, vgpu_bo_destroy(f->ctx, handle), 0);
	}
}

static void cpu_more_memory_than_there_is(struct kunit *test)
{
	struct cpu_fixture *f = test->priv;
	u32 handle;

	/* UML has 512 MiB; nothing may be killed for it */
	f->vgpu.quota.memory_size = 1ULL << 40;
	KUNIT_EXPECT_EQ(test, vgpu_bo_create(f->ctx, 1ULL << 36, 0, &handle), -ENOMEM);
	KUNIT_EXPECT_EQ(test, vgpu_quota_used(&f->vgpu), 0);
	f->vgpu.quota.memory_size = CPU_MEMORY;
}

static void cpu_add(struct kunit *test)
{
	struct cpu_job *job = cpu_job(test, 0, VGPU_JOB_ADD);

	job->job.add.a = 0xfffffff0;
	job->job.add.b = 0x20;
	cpu_submit(test, job);
	KUNIT_EXPECT_EQ(test, cpu_wait(test, job), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, job->job.add.sum, 0x10);
}

static void cpu_write_and_read(struct kunit *test)
{
	struct vgpu_bo *bo = cpu_bo(test, 8192);
	struct cpu_job *job;
	u8 data[100], back[102];

	cpu_bytes(bo->priv, 1, 8192);
	memset(data, 0xd5, sizeof(data));
	job = cpu_job(test, 0, VGPU_JOB_WRITE);
	job->job.inline_copy.range = (struct vgpu_bo_range){ bo, 4050, sizeof(data) };
	job->job.inline_copy.data = data;
	cpu_submit(test, job);
	KUNIT_EXPECT_EQ(test, cpu_wait(test, job), VGPU_ERR_NONE);
	cpu_expect_bytes(test, bo->priv, 1, 0, 4050);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(bo->priv + 4050, 0xd5, 100), NULL);
	cpu_expect_bytes(test, bo->priv, 1, 4150, 8192);

	memset(back, 0x11, sizeof(back));
	job = cpu_job(test, 1, VGPU_JOB_READ);
	job->job.inline_copy.range = (struct vgpu_bo_range){ bo, 4100, 100 };
	job->job.inline_copy.data = back + 1;
	cpu_submit(test, job);
	KUNIT_EXPECT_EQ(test, cpu_wait(test, job), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, memcmp(back + 1, bo->priv + 4100, 100), 0);
	KUNIT_EXPECT_EQ(test, back[0], 0x11);
	KUNIT_EXPECT_EQ(test, back[101], 0x11);
}

static const u32 cpu_move_sizes[] = {
	4, 8, 4092, 4096, 4100, CPU_MOVE_CHUNK - 4, CPU_MOVE_CHUNK,
	CPU_MOVE_CHUNK + 4, 2 * CPU_MOVE_CHUNK, 3 * CPU_MOVE_CHUNK + 12,
};

static void cpu_size_desc(const u32 *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u", *size);
}

KUNIT_ARRAY_PARAM(cpu_move_size, cpu_move_sizes, cpu_size_desc);

static void cpu_fill(struct kunit *test)
{
	const u32 *size = test->param_value;
	struct vgpu_bo *bo = cpu_bo(test, 1 << 20);
	struct cpu_job *job = cpu_job(test, 0, VGPU_JOB_FILL);
	u32 *word = bo->priv + 8, i;

	cpu_bytes(bo->priv, 2, 1 << 20);
	job->job.fill.dst = (struct vgpu_bo_range){ bo, 8, *size };
	job->job.fill.pattern = 0x01020304;
	cpu_submit(test, job);
	KUNIT_EXPECT_EQ(test, cpu_wait(test, job), VGPU_ERR_NONE);
	cpu_expect_bytes(test, bo->priv, 2, 0, 8);
	for (i = 0; i < *size / 4; i++) {
		if (word[i] != 0x01020304)
			KUNIT_FAIL(test, "word %u is 0x%x", i, word[i]);
	}
	cpu_expect_bytes(test, bo->priv, 2, 8 + *size, 1 << 20);
}

static void cpu_copy(struct kunit *test)
{
	const u32 *size = test->param_value;
	struct vgpu_bo *dst = cpu_bo(test, 1 << 20), *src = cpu_bo(test, 1 << 20);
	struct cpu_job *job = cpu_job(test, 0, VGPU_JOB_COPY);
	/* copies need not be aligned */
	u32 length = *size - 1;

	cpu_bytes(dst->priv, 3, 1 << 20);
	cpu_bytes(src->priv, 4, 1 << 20);
	job->job.copy.dst = (struct vgpu_bo_range){ dst, 5, length };
	job->job.copy.src = (struct vgpu_bo_range){ src, 4098, length };
	cpu_submit(test, job);
	KUNIT_EXPECT_EQ(test, cpu_wait(test, job), VGPU_ERR_NONE);
	cpu_expect_bytes(test, dst->priv, 3, 0, 5);
	KUNIT_EXPECT_EQ(test, memcmp(dst->priv + 5, src->priv + 4098, length), 0);
	cpu_expect_bytes(test, dst->priv, 3, 5 + length, 1 << 20);
	cpu_expect_bytes(test, src->priv, 4, 0, 1 << 20);
}

static void cpu_copy_in_one_object(struct kunit *test)
{
	struct vgpu_bo *bo = cpu_bo(test, 1 << 20);
	struct cpu_job *job = cpu_job(test, 0, VGPU_JOB_COPY);
	u32 half = 1 << 19;

	cpu_bytes(bo->priv, 5, 1 << 20);
	job->job.copy.dst = (struct vgpu_bo_range){ bo, half, half };
	job->job.copy.src = (struct vgpu_bo_range){ bo, 0, half };
	cpu_submit(test, job);
	KUNIT_EXPECT_EQ(test, cpu_wait(test, job), VGPU_ERR_NONE);
	cpu_expect_bytes(test, bo->priv, 5, 0, half);
	cpu_expect_bytes(test, bo->priv + half, 5, 0, half);
}

static const u32 cpu_counts[] = {
	1, 2, 3, 1023, 1024, CPU_OPS_CHUNK - 1, CPU_OPS_CHUNK, CPU_OPS_CHUNK + 1,
	2 * CPU_OPS_CHUNK, 2 * CPU_OPS_CHUNK + 7,
};

KUNIT_ARRAY_PARAM(cpu_count, cpu_counts, cpu_size_desc);

/* numbers whose sums wrap */
static u32 cpu_word(u32 seed, u32 i)
{
	return (i + 1) * 2654435761U + seed * 0x9e3779b9U;
}

static void cpu_words(u32 *to, u32 seed, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		to[i] = cpu_word(seed, i);
}

static void cpu_vecadd_u32(struct kunit *test)
{
	const u32 *n = test->param_value;
	u64 size = (*n + 3) * 4ULL;
	struct vgpu_bo *dst = cpu_bo(test, size), *a = cpu_bo(test, size),
		       *b = cpu_bo(test, size);
	const struct vgpu_job_arg arg[] = { CPU_BUF(dst, 4), CPU_BUF(a, 0),
					    CPU_BUF(b, 8), CPU_VALUE(*n) };
	u32 *word = dst->priv, i;

	cpu_words(a->priv, 1, *n);
	cpu_words(b->priv + 8, 2, *n);
	memset(dst->priv, 0x5a, dst->size);
	KUNIT_EXPECT_EQ(test, cpu_launch(test, VGPU_BUILTIN_VECADD_U32, arg),
			VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, word[0], 0x5a5a5a5a);
	KUNIT_EXPECT_EQ(test, word[*n + 1], 0x5a5a5a5a);
	for (i = 0; i < *n; i++) {
		if (word[i + 1] != cpu_word(1, i) + cpu_word(2, i))
			KUNIT_FAIL(test, "element %u is 0x%x", i, word[i + 1]);
	}
}

static void cpu_vecadd_u32_in_place(struct kunit *test)
{
	const u32 n = CPU_OPS_CHUNK + 1;
	struct vgpu_bo *bo = cpu_bo(test, n * 4);
	const struct vgpu_job_arg arg[] = { CPU_BUF(bo, 0), CPU_BUF(bo, 0),
					    CPU_BUF(bo, 0), CPU_VALUE(n) };
	u32 *word = bo->priv, i;

	cpu_words(word, 1, n);
	KUNIT_EXPECT_EQ(test, cpu_launch(test, VGPU_BUILTIN_VECADD_U32, arg),
			VGPU_ERR_NONE);
	for (i = 0; i < n; i++) {
		if (word[i] != 2 * cpu_word(1, i))
			KUNIT_FAIL(test, "element %u is 0x%x", i, word[i]);
	}
}

static void cpu_reduce_u32(struct kunit *test)
{
	const u32 *n = test->param_value;
	struct vgpu_bo *dst = cpu_bo(test, 4096), *src = cpu_bo(test, *n * 4 + 8);
	const struct vgpu_job_arg arg[] = { CPU_BUF(dst, 8), CPU_BUF(src, 4),
					    CPU_VALUE(*n) };
	u32 sum = 0, i;

	/* what is around it must not be counted */
	memset(src->priv, 0xff, src->size);
	cpu_words(src->priv + 4, 3, *n);
	for (i = 0; i < *n; i++)
		sum += cpu_word(3, i);
	memset(dst->priv, 0x5a, dst->size);
	/* twice: it begins with nothing each time */
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, cpu_launch(test, VGPU_BUILTIN_REDUCE_U32, arg),
				VGPU_ERR_NONE);
		KUNIT_EXPECT_EQ(test, ((u32 *)dst->priv)[2], sum);
	}
	KUNIT_EXPECT_EQ(test, ((u32 *)dst->priv)[1], 0x5a5a5a5a);
	KUNIT_EXPECT_EQ(test, ((u32 *)dst->priv)[3], 0x5a5a5a5a);
}

/* digest of @bytes bytes at @src's @offset */
static void cpu_expect_sha256(struct kunit *test, struct vgpu_bo *src, u64 offset,
			      u64 bytes, const char *want)
{
	struct vgpu_bo *dst = cpu_bo(test, 4096);
	const struct vgpu_job_arg arg[] = { CPU_BUF(dst, 32), CPU_BUF(src, offset),
					    CPU_VALUE(bytes) };
	u8 digest[32];

	memset(dst->priv, 0x5a, dst->size);
	KUNIT_ASSERT_EQ(test, hex2bin(digest, want, 32), 0);
	KUNIT_EXPECT_EQ(test, cpu_launch(test, VGPU_BUILTIN_SHA256, arg), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, memcmp(dst->priv + 32, digest, 32), 0);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(dst->priv, 0x5a, 32), NULL);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(dst->priv + 64, 0x5a, 4032), NULL);
}

static const char cpu_sha256_of_abc[] =
	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static void cpu_sha256_known(struct kunit *test)
{
	struct vgpu_bo *src = cpu_bo(test, 1 << 20);

	/* FIPS 180-4 examples */
	cpu_expect_sha256(test, src, 0, 0,
			  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	cpu_expect_sha256(test, src, 1 << 20, 0,
			  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	memcpy(src->priv + 4, "abc", 3);
	cpu_expect_sha256(test, src, 4, 3,
			  cpu_sha256_of_abc);
	memset(src->priv, 'a', 1000000);
	cpu_expect_sha256(test, src, 0, 1000000,
			  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* of the bytes (7 i + 3) modulo 256, by another implementation */
static void cpu_sha256_sizes(struct kunit *test)
{
	static const struct {
		u32 bytes;
		const char *digest;
	} table[] = {
	{ 1, "084fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c5" },
	{ 3, "6ab0dba1f4f1dfbb37b4f9eeb092c09fca4900ad32bdcd147d8dde35d6c87c35" },
	{ 55, "e7313d333c272e639f790978283f9eb392e843d0f29b7016828bb1daa4aac70b" },
	{ 56, "4324d65f3c103567f5589c710bc08f8523f929a9272e3af36fc968e52abc6c27" },
	{ 63, "81c80242132f230c3bd41b3e63bbcff16107339549214a99614ff26664625055" },
	{ 64, "39e3d7b6b5d075d37d053ad89b24b41bef4f3c29760c84447cab3f3be1882241" },
	{ 65, "aacca6ff74fdbb296d165a45cecfa04e5127bc008770fbbdd48006f2d2fae95e" },
	{ 4095, "086aea384b94719efc51b46a834e5c951a498223f63e701b95d9f32e4b4c994c" },
	{ 4096, "7486da8f1e13943fae21a0b043f1e99640d7d8ebafb25266478b5cddae1272b5" },
	{ 4097, "225270fa091dc75bf959a0e3bbcb897fc3ae8e7fa128ae1394cf5614e15505f5" },
	{ 65535, "feaacf5dfeada48ff99357abd0998dd8b350c8b0603a81f573cf3ea577885f99" },
	{ 65536, "510b126e1d4ced49107fe4ab03ee54cb1c8e4caf6064e1dd29c48d4a3e74c38b" },
	{ 65537, "ad8b370d36508e55e3c9cd44667a6e36e35955d0ff9f8fe59805bb18c2db5dd8" },
	{ 200001, "1970db0a48824f8ba0539caee0025c2187acb21292b6e104aee526cd437121c1" },
	};
	struct vgpu_bo *src = cpu_bo(test, 1 << 18);
	u32 i;

	for (i = 0; i < src->size; i++)
		((u8 *)src->priv)[i] = i * 7 + 3;
	for (i = 0; i < ARRAY_SIZE(table); i++)
		cpu_expect_sha256(test, src, 0, table[i].bytes, table[i].digest);
}

static void cpu_sha256_in_place(struct kunit *test)
{
	struct vgpu_bo *bo = cpu_bo(test, 4096);
	const struct vgpu_job_arg arg[] = { CPU_BUF(bo, 0), CPU_BUF(bo, 0), CPU_VALUE(3) };
	u8 digest[32];

	memcpy(bo->priv, "abc", 3);
	KUNIT_ASSERT_EQ(test, hex2bin(digest, cpu_sha256_of_abc, 32), 0);
	KUNIT_EXPECT_EQ(test, cpu_launch(test, VGPU_BUILTIN_SHA256, arg), VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, memcmp(bo->priv, digest, 32), 0);
}

static void cpu_jobs_in_order(struct kunit *test)
{
	struct vgpu_bo *bo = cpu_bo(test, 4096);
	struct cpu_job *job;
	u32 i;

	/* each overwrites the one before */
	for (i = 0; i < CPU_JOBS; i++) {
		job = cpu_job(test, i, VGPU_JOB_FILL);
		job->job.fill.dst = (struct vgpu_bo_range){ bo, 4 * i, 4096 - 4 * i };
		job->job.fill.pattern = i + 1;
		cpu_submit(test, job);
	}
	for (i = 0; i < CPU_JOBS; i++) {
		struct cpu_fixture *f = test->priv;

		KUNIT_EXPECT_EQ(test, cpu_wait(test, &f->job[i]), VGPU_ERR_NONE);
		KUNIT_EXPECT_EQ(test, f->job[i].order, i + 1);
		KUNIT_EXPECT_EQ(test, ((u32 *)bo->priv)[i], i + 1);
	}
	KUNIT_EXPECT_EQ(test, ((u32 *)bo->priv)[1023], CPU_JOBS);
}

static void cpu_measures_its_time(struct kunit *test)
{
	struct vgpu_bo *bo = cpu_bo(test, 1 << 20);
	struct cpu_job *job = cpu_job(test, 0, VGPU_JOB_FILL);
	u64 begin = ktime_get_ns();

	job->job.fill.dst = (struct vgpu_bo_range){ bo, 0, 1 << 20 };
	cpu_submit(test, job);
	cpu_wait(test, job);
	KUNIT_EXPECT_GT(test, job->job.gpu_ns, 0);
	KUNIT_EXPECT_LE(test, job->job.gpu_ns, ktime_get_ns() - begin);
}

/* a job of minutes, in the engine; and short ones behind it */
static void cpu_abort_long_job(struct kunit *test)
{
	const u32 n = 2048;
	struct cpu_fixture *f = test->priv;
	struct vgpu_bo *c = cpu_bo(test, n * n * 4), *a = cpu_bo(test, n * n * 4);
	struct cpu_job *job = cpu_job(test, 0, VGPU_JOB_LAUNCH), *behind;
	const struct vgpu_job_arg arg[] = { CPU_BUF(c, 0), CPU_BUF(a, 0), CPU_BUF(a, 0),
					    CPU_VALUE(n), CPU_VALUE(n), CPU_VALUE(n) };
	u64 begin;
	u32 i;

	job->job.launch.kernel = VGPU_BUILTIN_MATMUL_F32;
	job->job.launch.nargs = ARRAY_SIZE(arg);
	memcpy(job->job.launch.arg, arg, sizeof(arg));
	cpu_submit(test, job);
	for (i = 1; i < 4; i++) {
		behind = cpu_job(test, i, VGPU_JOB_FILL);
		behind->job.fill.dst = (struct vgpu_bo_range){ a, 0, 4096 };
		behind->job.fill.pattern = 1;
		cpu_submit(test, behind);
	}
	msleep(20);
	KUNIT_EXPECT_FALSE(test, completion_done(&job->done));
	begin = ktime_get_ns();
	vgpu_gpu_drain(&f->gpu, &f->vgpu.entity);
	KUNIT_EXPECT_LT(test, ktime_get_ns() - begin, 5 * NSEC_PER_SEC);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_TRUE(test, completion_done(&f->job[i].done));
		KUNIT_EXPECT_EQ(test, f->job[i].job.status, VGPU_ERR_CANCELED);
	}
	/* what was canceled did nothing */
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(a->priv, 0, 4096), NULL);
	/* and the engine goes on */
	vgpu_arb_entity_drain_end(&f->vgpu.entity);
	job = cpu_job(test, 0, VGPU_JOB_NOP);
	cpu_submit(test, job);
	KUNIT_EXPECT_EQ(test, cpu_wait(test, job), VGPU_ERR_NONE);
}

static void cpu_abort_of_another(struct kunit *test)
{
	struct cpu_fixture *f = test->priv;
	struct vgpu_bo *bo = cpu_bo(test, 16 << 20);
	struct cpu_job *job = cpu_job(test, 0, VGPU_JOB_FILL);
	struct vgpu_arb_entity other;

	vgpu_arb_entity_init(&other, &f->gpu.arb, 1);
	job->job.fill.dst = (struct vgpu_bo_range){ bo, 0, 16 << 20 };
	job->job.fill.pattern = 0x77777777;
	cpu_submit(test, job);
	vgpu_gpu_drain(&f->gpu, &other);
	KUNIT_EXPECT_EQ(test, cpu_wait(test, job), VGPU_ERR_NONE);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(bo->priv, 0x77, 16 << 20), NULL);
	vgpu_arb_entity_fini(&other);
}

/* units of the longest sums there can be, without the memory that they take */
static void cpu_matmul_units(struct kunit *test)
{
	static const struct {
		u64 k;
		u64 spans;
	} table[] = {
		{ 1, 1 }, { 1023, 1 }, { 1024, 1 }, { 1025, 2 }, { 0x80000000, 0x200000 },
		{ 0xfffffc00, 0x3fffff }, { 0xfffffc01, 0x400000 },
		{ 0xffffffff, 0x400000 },
	};
	struct vgpu_job_arg arg[6] = {};
	struct vgpu_cpu_run run = { .arg = arg };
	u32 i;

	arg[3].value = 3;
	arg[4].value = 5;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		arg[5].value = table[i].k;
		KUNIT_EXPECT_EQ_MSG(test,
				    vgpu_cpu_kernels[VGPU_BUILTIN_MATMUL_F32].units(&run),
				    15 * table[i].spans, "k %llu", table[i].k);
	}
}

static struct kunit_case cpu_cases[] = {
	KUNIT_CASE(cpu_describes_itself),
	KUNIT_CASE(cpu_new_memory_is_zero),
	KUNIT_CASE(cpu_more_memory_than_there_is),
	KUNIT_CASE(cpu_add),
	KUNIT_CASE(cpu_write_and_read),
	KUNIT_CASE_PARAM(cpu_fill, cpu_move_size_gen_params),
	KUNIT_CASE_PARAM(cpu_copy, cpu_move_size_gen_params),
	KUNIT_CASE(cpu_copy_in_one_object),
	KUNIT_CASE_PARAM(cpu_vecadd_u32, cpu_count_gen_params),
	KUNIT_CASE(cpu_vecadd_u32_in_place),
	KUNIT_CASE_PARAM(cpu_reduce_u32, cpu_count_gen_params),
	KUNIT_CASE(cpu_sha256_known),
	KUNIT_CASE(cpu_sha256_sizes),
	KUNIT_CASE(cpu_sha256_in_place),
	KUNIT_CASE(cpu_jobs_in_order),
	KUNIT_CASE(cpu_measures_its_time),
	KUNIT_CASE(cpu_abort_long_job),
	KUNIT_CASE(cpu_abort_of_another),
	KUNIT_CASE(cpu_matmul_units),
	{}
};

static struct kunit_suite cpu_suite = {
	.name = "vgpu_cpu",
	.init = cpu_fixture_init,
	.exit = cpu_fixture_exit,
	.test_cases = cpu_cases,
};

kunit_test_suite(cpu_suite);
