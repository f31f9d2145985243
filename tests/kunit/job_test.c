// SPDX-License-Identifier: GPL-2.0
/* Ownership of a job: every pair of owners against a table drawn by hand. */
#include <kunit/test.h>

#include "job.h"

#define JOB_OWNERS	5

/* from each row to each column: guest, queue, arbiter, backend, done */
static const bool job_arcs[JOB_OWNERS][JOB_OWNERS] = {
	{ 0, 1, 0, 0, 0 },
	{ 0, 0, 1, 0, 1 },
	{ 0, 0, 0, 1, 1 },
	{ 0, 0, 1, 0, 1 },
	{ 1, 0, 0, 0, 0 },
};

static void job_owner_arcs(struct kunit *test)
{
	u32 from, to;

	KUNIT_ASSERT_EQ(test, (u32)VGPU_JOB_OWNER_COUNT, (u32)JOB_OWNERS);
	for (from = 0; from < JOB_OWNERS; from++) {
		for (to = 0; to < JOB_OWNERS; to++)
			KUNIT_EXPECT_EQ_MSG(test, vgpu_job_owner_may_follow(from, to),
					    job_arcs[from][to], "%u -> %u", from, to);
	}
}

static void job_owner_out_of_range(struct kunit *test)
{
	static const u32 bad[] = { 5, 6, 31, 32, 33, 64, 0x80000000, ~0U };
	u32 i, owner;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		for (owner = 0; owner < JOB_OWNERS; owner++) {
			KUNIT_EXPECT_FALSE(test, vgpu_job_owner_may_follow(owner, bad[i]));
			KUNIT_EXPECT_FALSE(test, vgpu_job_owner_may_follow(bad[i], owner));
		}
		KUNIT_EXPECT_STREQ(test, vgpu_job_owner_str(bad[i]), "?");
	}
}

static void job_owner_names(struct kunit *test)
{
	static const char * const want[] = {
		"guest", "queue", "arbiter", "backend", "done"
	};
	u32 owner;

	for (owner = 0; owner < JOB_OWNERS; owner++)
		KUNIT_EXPECT_STREQ(test, vgpu_job_owner_str(owner), want[owner]);
}

/* a walk along every arc ends where it should, without a warning */
static void job_set_owner_walks(struct kunit *test)
{
	static const enum vgpu_job_owner walk[] = {
		VGPU_JOB_QUEUE, VGPU_JOB_DONE, VGPU_JOB_GUEST, VGPU_JOB_QUEUE,
		VGPU_JOB_ARBITER, VGPU_JOB_DONE, VGPU_JOB_GUEST, VGPU_JOB_QUEUE,
		VGPU_JOB_ARBITER, VGPU_JOB_BACKEND, VGPU_JOB_ARBITER,
		VGPU_JOB_BACKEND, VGPU_JOB_DONE, VGPU_JOB_GUEST,
	};
	struct vgpu_job job = { .owner = VGPU_JOB_GUEST };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(walk); i++) {
		KUNIT_EXPECT_TRUE(test, vgpu_job_owner_may_follow(job.owner, walk[i]));
		vgpu_job_set_owner(&job, walk[i]);
		KUNIT_EXPECT_EQ(test, job.owner, walk[i]);
	}
}

static struct kunit_case job_cases[] = {
	KUNIT_CASE(job_owner_arcs),
	KUNIT_CASE(job_owner_out_of_range),
	KUNIT_CASE(job_owner_names),
	KUNIT_CASE(job_set_owner_walks),
	{}
};

static struct kunit_suite job_suite = {
	.name = "vgpu_job",
	.test_cases = job_cases,
};

kunit_test_suite(job_suite);
