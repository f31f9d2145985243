// SPDX-License-Identifier: GPL-2.0
/*
 * Accounting, driven by hand: jobs of two contexts of a vGPU in an arbiter where time is a
 * number.
 */
#include <kunit/test.h>
#include <linux/bitops.h>
#include <linux/prandom.h>
#include <linux/sort.h>

#include "arb.h"
#include "job.h"
#include "stats.h"

#define STATS_JOBS	8

/**
 * struct stats_fixture - &kunit.priv
 * @arb: the arbiter, which hands out two at a time
 * @entity: the vGPU
 * @other: another
 * @ctx: figures of two contexts of @entity
 * @job: even ones are of the first, odd ones of the second, the last of none
 */
struct stats_fixture {
	struct vgpu_arb arb;
	struct vgpu_arb_entity entity;
	struct vgpu_arb_entity other;
	struct vgpu_stats ctx[2];
	struct vgpu_job job[STATS_JOBS];
};

static int stats_init(struct kunit *test)
{
	struct stats_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	u32 i;

	if (!f)
		return -ENOMEM;
	vgpu_arb_init(&f->arb, 2);
	vgpu_arb_entity_init(&f->entity, &f->arb, STATS_JOBS);
	vgpu_arb_entity_init(&f->other, &f->arb, STATS_JOBS);
	for (i = 0; i < STATS_JOBS; i++) {
		INIT_LIST_HEAD(&f->job[i].node);
		f->job[i].entity = &f->entity;
		f->job[i].ctx_stats = i < STATS_JOBS - 1 ? &f->ctx[i % 2] : NULL;
		f->job[i].owner = VGPU_JOB_GUEST;
		f->job[i].type = VGPU_JOB_NOP;
	}
	test->priv = f;
	return 0;
}

static enum vgpu_error stats_submit(struct kunit *test, u32 i, u64 now)
{
	struct stats_fixture *f = test->priv;

	vgpu_job_set_owner(&f->job[i], VGPU_JOB_QUEUE);
	return vgpu_arb_submit(&f->arb, &f->job[i], now);
}

static void stats_pick(struct kunit *test, u32 i, u64 now)
{
	struct stats_fixture *f = test->priv;

	KUNIT_ASSERT_PTR_EQ(test, vgpu_arb_pick(&f->arb, now), &f->job[i]);
}

static void stats_end(struct kunit *test, u32 i, enum vgpu_error status, u64 gpu_ns, u64 now)
{
	struct stats_fixture *f = test->priv;

	f->job[i].status = status;
	f->job[i].gpu_ns = gpu_ns;
	vgpu_arb_complete(&f->arb, &f->job[i], now);
	vgpu_job_set_owner(&f->job[i], VGPU_JOB_GUEST);
	vgpu_arb_entity_done(f->job[i].entity);
}

#define STATS(member)	offsetof(struct vgpu_stats, member)

static u64 stats_member(const struct vgpu_stats *stats, size_t offset)
{
	return *(u64 *)((u8 *)stats + offset);
}

/* It is in one context's figures as in the vGPU's, and nobody else's. */
static void stats_expect(struct kunit *test, u32 ctx, size_t offset, u64 n)
{
	struct stats_fixture *f = test->priv;

	KUNIT_EXPECT_EQ_MSG(test, stats_member(&f->entity.stats, offset), n, "at %zu", offset);
	KUNIT_EXPECT_EQ_MSG(test, stats_member(&f->ctx[ctx], offset), n, "at %zu", offset);
	KUNIT_EXPECT_EQ_MSG(test, stats_member(&f->ctx[!ctx], offset), 0ULL, "at %zu", offset);
	KUNIT_EXPECT_EQ_MSG(test, stats_member(&f->other.stats, offset), 0ULL, "at %zu", offset);
}

static void stats_buckets(struct kunit *test)
{
	static const struct {
		u64 value;
		u32 bucket;
	} table[] = {
		{ 0, 0 }, { 1, 1 }, { 2, 2 }, { 3, 2 }, { 4, 3 }, { 7, 3 }, { 8, 4 },
		{ BIT_ULL(41), 42 }, { BIT_ULL(42) - 1, 42 }, { BIT_ULL(42), 43 },
		{ BIT_ULL(43), 43 }, { U64_MAX, 43 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		KUNIT_EXPECT_EQ_MSG(test, vgpu_hist_bucket(table[i].value), table[i].bucket,
				    "%llu", table[i].value);
	for (i = 0; i < VGPU_HIST_BUCKETS; i++)
		KUNIT_EXPECT_EQ(test, vgpu_hist_bucket(vgpu_hist_from(i)), i);
	for (i = 1; i < VGPU_HIST_BUCKETS; i++)
		KUNIT_EXPECT_EQ(test, vgpu_hist_bucket(vgpu_hist_from(i) - 1), i - 1);
}

static void stats_percentiles(struct kunit *test)
{
	struct vgpu_hist *hist = kunit_kzalloc(test, sizeof(*hist), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, hist);
	KUNIT_EXPECT_EQ(test, vgpu_hist_percentile(hist, 50), 0ULL);
	KUNIT_EXPECT_EQ(test, vgpu_hist_percentile(hist, 100), 0ULL);
	/* one of them: no less than it was */
	hist->count[vgpu_hist_bucket(5)]++;
	KUNIT_EXPECT_EQ(test, vgpu_hist_percentile(hist, 1), 7ULL);
	KUNIT_EXPECT_EQ(test, vgpu_hist_percentile(hist, 99), 7ULL);
	/* 99 of 0 to 1, and that one */
	hist->count[0] = 49;
	hist->count[1] = 50;
	KUNIT_EXPECT_EQ(test, vgpu_hist_total(hist), 100ULL);
	KUNIT_EXPECT_EQ(test, vgpu_hist_percentile(hist, 49), 0ULL);
	KUNIT_EXPECT_EQ(test, vgpu_hist_percentile(hist, 50), 1ULL);
	KUNIT_EXPECT_EQ(test, vgpu_hist_percentile(hist, 99), 1ULL);
	KUNIT_EXPECT_EQ(test, vgpu_hist_percentile(hist, 100), 7ULL);
	/* spread evenly: 1024 to 2047 */
	memset(hist, 0, sizeof(*hist));
	hist->count[11] = 1000;
	KUNIT_EXPECT_EQ(test, vgpu_hist_percentile(hist, 50), 1024 + 1023ULL / 2);
	KUNIT_EXPECT_EQ(test, vgpu_hist_percentile(hist, 100), 2047ULL);
	/* so many that products don't fit into 64 bits */
	memset(hist, 0, sizeof(*hist));
	hist->count[43] = BIT_ULL(56);
	KUNIT_EXPECT_EQ(test, vgpu_hist_percentile(hist, 50), BIT_ULL(42) + BIT_ULL(41) - 1);
	hist->count[0] = BIT_ULL(56);
	KUNIT_EXPECT_EQ(test, vgpu_hist_percentile(hist, 50), 0ULL);
	KUNIT_EXPECT_EQ(test, vgpu_hist_percentile(hist, 75), BIT_ULL(42) + BIT_ULL(41) - 1);
}

#define STATS_SAMPLES	1000

static int stats_compare(const void *a, const void *b)
{
	return *(u64 *)a < *(u64 *)b ? -1 : *(u64 *)a > *(u64 *)b;
}

/* Of any values, by less than a factor of 2 */
static void stats_percentile_error(struct kunit *test)
{
	u64 *value = kunit_kcalloc(test, STATS_SAMPLES, sizeof(*value), GFP_KERNEL);
	struct vgpu_hist *hist = kunit_kzalloc(test, sizeof(*hist), GFP_KERNEL);
	struct rnd_state rnd;
	u32 round, percent, i;
	u64 got, want;

	KUNIT_ASSERT_NOT_NULL(test, value);
	KUNIT_ASSERT_NOT_NULL(test, hist);
	prandom_seed_state(&rnd, 1);
	for (round = 0; round < 50; round++) {
		memset(hist, 0, sizeof(*hist));
		for (i = 0; i < STATS_SAMPLES; i++) {
			value[i] = ((u64)prandom_u32_state(&rnd) << 9) >>
				   prandom_u32_state(&rnd) % (round + 1) % 41;
			hist->count[vgpu_hist_bucket(value[i])]++;
		}
		sort(value, STATS_SAMPLES, sizeof(*value), stats_compare, NULL);
		for (percent = 1; percent <= 100; percent++) {
			got = vgpu_hist_percentile(hist, percent);
			want = value[STATS_SAMPLES * percent / 100 - 1];
			KUNIT_ASSERT_LE(test, got, 2 * want);
			KUNIT_ASSERT_LE(test, want, 2 * got);
		}
	}
}

/* A job's life, and what is counted when */
static void stats_of_a_job(struct kunit *test)
{
	struct stats_fixture *f = test->priv;

	f->job[1].type = VGPU_JOB_COPY;
	f->job[1].copy.dst.length = 4096;
	KUNIT_ASSERT_EQ(test, stats_submit(test, 1, 1000), VGPU_ERR_NONE);
	stats_expect(test, 1, STATS(submitted), 1);
	KUNIT_EXPECT_EQ(test, vgpu_stats_pending(&f->entity.stats), 1ULL);
	KUNIT_EXPECT_EQ(test, vgpu_stats_pending(&f->ctx[1]), 1ULL);
	stats_expect(test, 1, STATS(switches), 0);
	stats_pick(test, 1, 1100);
	stats_expect(test, 1, STATS(switches), 1);
	/* the backend was busy: that is still waiting, and not another wait */
	KUNIT_EXPECT_TRUE(test, vgpu_arb_requeue(&f->arb, &f->job[1], 1200));
	stats_pick(test, 1, 1000 + 300);
	stats_expect(test, 1, STATS(submitted), 1);
	stats_expect(test, 1, STATS(switches), 1);
	KUNIT_EXPECT_EQ(test, vgpu_hist_total(&f->entity.stats.wait), 0ULL);
	KUNIT_EXPECT_EQ(test, vgpu_stats_pending(&f->entity.stats), 1ULL);
	stats_expect(test, 1, STATS(copied), 0);
	stats_end(test, 1, VGPU_ERR_NONE, 77, 1000 + 300 + 5000);
	stats_expect(test, 1, STATS(ended[VGPU_ERR_NONE]), 1);
	stats_expect(test, 1, STATS(gpu_ns), 77);
	stats_expect(test, 1, STATS(copied), 4096);
	stats_expect(test, 1, STATS(wait.count[vgpu_hist_bucket(300)]), 1);
	stats_expect(test, 1, STATS(run.count[vgpu_hist_bucket(5000)]), 1);
	KUNIT_EXPECT_EQ(test, vgpu_hist_total(&f->entity.stats.wait), 1ULL);
	KUNIT_EXPECT_EQ(test, vgpu_hist_total(&f->entity.stats.run), 1ULL);
	KUNIT_EXPECT_EQ(test, vgpu_stats_pending(&f->entity.stats), 0ULL);
	KUNIT_EXPECT_EQ(test, vgpu_stats_pending(&f->ctx[1]), 0ULL);
	KUNIT_EXPECT_EQ(test, vgpu_stats_failed(&f->entity.stats), 0ULL);
}

static void stats_failures(struct kunit *test)
{
	struct stats_fixture *f = test->priv;
	u32 err;

	f->job[0].type = VGPU_JOB_WRITE;
	f->job[0].inline_copy.range.length = 100;
	for (err = VGPU_ERR_NONE + 1; err < VGPU_ERR_COUNT; err++) {
		stats_submit(test, 0, 0);
		stats_pick(test, 0, 0);
		stats_end(test, 0, err, 10, 0);
		stats_expect(test, 0, STATS(ended[err]), 1);
		KUNIT_EXPECT_EQ(test, vgpu_stats_failed(&f->ctx[0]), (u64)err);
	}
	stats_expect(test, 0, STATS(ended[VGPU_ERR_NONE]), 0);
	/* its time counts, what it may have copied doesn't */
	stats_expect(test, 0, STATS(gpu_ns), 10 * (VGPU_ERR_COUNT - 1));
	stats_expect(test, 0, STATS(copied), 0);
	KUNIT_EXPECT_EQ(test, vgpu_stats_pending(&f->entity.stats), 0ULL);
	stats_submit(test, 0, 0);
	stats_pick(test, 0, 0);
	stats_end(test, 0, VGPU_ERR_NONE, 0, 0);
	stats_expect(test, 0, STATS(copied), 100);
}

/* Called off while they wait: they have waited, and haven't run. */
static void stats_canceled(struct kunit *test)
{
	struct stats_fixture *f = test->priv;
	struct vgpu_job *job, *next;
	LIST_HEAD(canceled);

	stats_submit(test, 0, 100);
	stats_submit(test, 2, 100);
	stats_submit(test, 4, 100);
	stats_pick(test, 0, 200);
	vgpu_arb_entity_drain_begin(&f->entity, &canceled, 100 + 1000);
	stats_expect(test, 0, STATS(submitted), 3);
	stats_expect(test, 0, STATS(ended[VGPU_ERR_CANCELED]), 2);
	stats_expect(test, 0, STATS(wait.count[vgpu_hist_bucket(1000)]), 2);
	KUNIT_EXPECT_EQ(test, vgpu_hist_total(&f->entity.stats.run), 0ULL);
	KUNIT_EXPECT_EQ(test, vgpu_stats_pending(&f->entity.stats), 1ULL);
	list_for_each_entry_safe(job, next, &canceled, node) {
		list_del_init(&job->node);
		vgpu_job_set_owner(job, VGPU_JOB_GUEST);
		vgpu_arb_entity_done(job->entity);
	}
	/* called off while it ran */
	stats_end(test, 0, VGPU_ERR_CANCELED, 55, 1200);
	stats_expect(test, 0, STATS(ended[VGPU_ERR_CANCELED]), 3);
	stats_expect(test, 0, STATS(gpu_ns), 55);
	KUNIT_EXPECT_EQ(test, vgpu_hist_total(&f->entity.stats.run), 1ULL);
	KUNIT_EXPECT_EQ(test, vgpu_stats_pending(&f->entity.stats), 0ULL);
	/* what the arbiter doesn't take was not submitted */
	KUNIT_EXPECT_EQ(test, stats_submit(test, 0, 1300), VGPU_ERR_CANCELED);
	stats_expect(test, 0, STATS(submitted), 3);
}

/* Control jobs end as others do, and take nothing of the GPU. */
static void stats_control(struct kunit *test)
{
	struct stats_fixture *f = test->priv;
	LIST_HEAD(canceled);

	f->job[0].type = VGPU_JOB_CONTROL;
	stats_submit(test, 0, 0);
	stats_pick(test, 0, 100);
	stats_end(test, 0, VGPU_ERR_NO_MEMORY, 1000, 1100);
	stats_submit(test, 0, 2000);
	vgpu_arb_entity_drain_begin(&f->entity, &canceled, 3000);
	list_del_init(&f->job[0].node);
	vgpu_job_set_owner(&f->job[0], VGPU_JOB_GUEST);
	vgpu_arb_entity_done(&f->entity);
	stats_expect(test, 0, STATS(submitted), 2);
	stats_expect(test, 0, STATS(ended[VGPU_ERR_NO_MEMORY]), 1);
	stats_expect(test, 0, STATS(ended[VGPU_ERR_CANCELED]), 1);
	stats_expect(test, 0, STATS(gpu_ns), 0);
	stats_expect(test, 0, STATS(switches), 0);
	KUNIT_EXPECT_EQ(test, vgpu_hist_total(&f->entity.stats.wait), 0ULL);
	KUNIT_EXPECT_EQ(test, vgpu_hist_total(&f->entity.stats.run), 0ULL);
}

static void stats_switch_to(struct kunit *test, u32 i, u64 all, u64 first, u64 second, u64 other)
{
	struct stats_fixture *f = test->priv;

	stats_submit(test, i, 0);
	stats_pick(test, i, 0);
	stats_end(test, i, VGPU_ERR_NONE, 0, 0);
	KUNIT_EXPECT_EQ(test, f->entity.stats.switches, all);
	KUNIT_EXPECT_EQ(test, f->ctx[0].switches, first);
	KUNIT_EXPECT_EQ(test, f->ctx[1].switches, second);
	KUNIT_EXPECT_EQ(test, f->other.stats.switches, other);
}

static void stats_switches(struct kunit *test)
{
	struct stats_fixture *f = test->priv;

	f->job[6].entity = &f->other;
	f->job[6].ctx_stats = NULL;
	stats_switch_to(test, 0, 1, 1, 0, 0);
	stats_switch_to(test, 2, 1, 1, 0, 0);
	stats_switch_to(test, 1, 2, 1, 1, 0);
	stats_switch_to(test, 0, 3, 2, 1, 0);
	/* of no context: not that of those before */
	stats_switch_to(test, 7, 4, 2, 1, 0);
	stats_switch_to(test, 7, 4, 2, 1, 0);
	/* another vGPU */
	stats_switch_to(test, 6, 4, 2, 1, 1);
	stats_switch_to(test, 7, 5, 2, 1, 1);
	/* one that ended is not there any more, whatever is in its place */
	stats_switch_to(test, 0, 6, 3, 1, 1);
	vgpu_stats_forget(&f->ctx[1], &f->arb.last);
	stats_switch_to(test, 0, 6, 3, 1, 1);
	vgpu_stats_forget(&f->ctx[0], &f->arb.last);
	stats_switch_to(test, 0, 7, 4, 1, 1);
}

/* From the beginning, but for what is under way */
static void stats_clear(struct kunit *test)
{
	struct stats_fixture *f = test->priv;
	struct vgpu_stats *stats = &f->entity.stats;

	stats_submit(test, 0, 0);
	stats_submit(test, 1, 0);
	stats_submit(test, 2, 0);
	stats_pick(test, 0, 10);
	stats_pick(test, 1, 10);
	stats_end(test, 0, VGPU_ERR_GPU, 10, 20);
	vgpu_stats_reject(&f->job[0], VGPU_ERR_BUSY);
	vgpu_stats_reject(&f->job[0], VGPU_ERR_NONE);
	KUNIT_EXPECT_EQ(test, vgpu_stats_rejected(stats), 1ULL);
	spin_lock(&f->arb.lock);
	vgpu_stats_clear(stats);
	spin_unlock(&f->arb.lock);
	KUNIT_EXPECT_EQ(test, stats->submitted, 2ULL);
	KUNIT_EXPECT_EQ(test, vgpu_stats_pending(stats), 2ULL);
	stats->submitted = 0;
	KUNIT_EXPECT_NULL(test, memchr_inv(stats, 0, sizeof(*stats)));
	stats->submitted = 2;
	stats_end(test, 1, VGPU_ERR_NONE, 0, 20);
	KUNIT_EXPECT_EQ(test, vgpu_stats_pending(stats), 1ULL);
	stats_pick(test, 2, 30);
	stats_end(test, 2, VGPU_ERR_NONE, 0, 40);
	KUNIT_EXPECT_EQ(test, vgpu_stats_pending(stats), 0ULL);
	KUNIT_EXPECT_EQ(test, stats->ended[VGPU_ERR_NONE], 2ULL);
	/* another's figures are its own */
	KUNIT_EXPECT_EQ(test, f->ctx[0].ended[VGPU_ERR_GPU], 1ULL);
}

static struct kunit_case stats_cases[] = {
	KUNIT_CASE(stats_buckets),
	KUNIT_CASE(stats_percentiles),
	KUNIT_CASE(stats_percentile_error),
	KUNIT_CASE(stats_of_a_job),
	KUNIT_CASE(stats_failures),
	KUNIT_CASE(stats_canceled),
	KUNIT_CASE(stats_control),
	KUNIT_CASE(stats_switches),
	KUNIT_CASE(stats_clear),
	{}
};

static struct kunit_suite stats_suite = {
	.name = "vgpu_stats",
	.init = stats_init,
	.test_cases = stats_cases,
};

kunit_test_suite(stats_suite);
