// SPDX-License-Identifier: GPL-2.0
/* How many jobs an engine is given, what is waited for, and when. */
#include <stdio.h>
#include <string.h>

#include "ahead.h"
#include "tap.h"

#define US		1000ULL
#define MS		1000000ULL

/* The device: jobs up to this one are over.  A job's event is its number, from 1 */
static unsigned long over;

/* One more that is, of another queue than those in front of it; 0: none */
static unsigned long over_early;

/* What it was asked: the last it was slept for, how often it was slept and looked */
static unsigned long slept_for, sleeps, looks;

/* The owner: it has more, and was told so often, and of those now */
static bool more;
static unsigned int tells, tells_now;

static enum vgpu_error fails_with;
static unsigned long fails;

bool engine_is_aborted(const struct engine_job *job)
{
	return *job->abort;
}

static bool is_over(struct engine *engine, struct engine_job *job, bool wait,
		    enum vgpu_error *status)
{
	unsigned long number = (unsigned long)job->event;

	(void)engine;
	looks++;
	if (wait && number > over && number != over_early) {
		slept_for = number;
		sleeps++;
		over = number;
	}
	if (number > over && number != over_early)
		return false;
	*status = number == fails ? fails_with : VGPU_ERR_NONE;
	job->gpu_ns = number * US;
	job->event = NULL;
	return true;
}

static bool has_more(void *owner)
{
	(void)owner;
	return more;
}

static void tell(void *owner, bool now)
{
	(void)owner;
	tells++;
	tells_now += now;
}

static const struct engine_ops engine_ops = { .is_over = is_over };
static const struct ahead_ops ahead_ops = { .has_more = has_more, .tell = tell };
static struct engine engine = { .ops = &engine_ops };
static struct ahead ahead;
static unsigned long begun;

static void reset(void)
{
	ahead = (struct ahead){ .engine = &engine, .ops = &ahead_ops };
	over = 0;
	over_early = 0;
	slept_for = 0;
	sleeps = 0;
	looks = 0;
	begun = 0;
	fails = 0;
	tells = 0;
	tells_now = 0;
	more = false;
}

/* Begin a job that took so long the last time; 0: nobody knows */
static void begin(__u64 *took_ns)
{
	struct ahead_job *job = ahead_new(&ahead);

	begun++;
	job->job.event = (void *)begun;
	job->data = begun;
	job->took_ns = took_ns;
	ahead_add(&ahead);
}

/* One that is over at once */
static void begin_over(enum vgpu_error status)
{
	struct ahead_job *job = ahead_new(&ahead);

	job->data = ++begun;
	job->status = status;
	ahead_add(&ahead);
}

static unsigned int begin_all(__u64 took_ns)
{
	static __u64 took[AHEAD_JOBS + 1];
	unsigned int n;

	for (n = 0; n <= AHEAD_JOBS && ahead_has_room(&ahead); n++) {
		took[n] = took_ns;
		begin(&took[n]);
	}
	return n;
}

static void test_room(void)
{
	static const struct {
		__u64 took_ns;
		unsigned int jobs;
	} tries[] = {
		/* as many as take 200 us, and up to 20 ms one that waits */
		{ 1, AHEAD_JOBS }, { 10 * US, 20 }, { 60 * US, 4 }, { 100 * US, 2 },
		{ 300 * US, 2 },
		{ MS, 2 }, { 10 * MS, 2 }, { 20 * MS - 1, 2 }, { 20 * MS, 1 }, { 1000 * MS, 1 },
		{ 0, 1 },
	};
	__u64 shorter = 10 * US;
	unsigned int i;

	for (i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		reset();
		if (!CHECK_EQ(begin_all(tries[i].took_ns), tries[i].jobs))
			fprintf(stderr, "# %llu ns\n", tries[i].took_ns);
	}
	/* one that nothing is known of, and that has no time, behind one that is known */
	reset();
	begin(&shorter);
	CHECK(ahead_has_room(&ahead));
	begin(NULL);
	CHECK(!ahead_has_room(&ahead));
	over = 2;
	CHECK(ahead_take(&ahead));
	CHECK(ahead_take(&ahead));
	CHECK(!ahead_take(&ahead));
	CHECK(ahead_is_empty(&ahead) && ahead_has_room(&ahead) && !ahead.expect_ns);
	CHECK_EQ(shorter, US);
}

/* In the order in which they began, with what became of each */
static void test_order(void)
{
	static const enum vgpu_error want[] = {
		VGPU_ERR_NONE, VGPU_ERR_INVALID_REQUEST, VGPU_ERR_GPU, VGPU_ERR_NONE,
	};
	__u64 took[4] = { US, US, 7 * US, US };
	const struct ahead_job *job;
	unsigned int round, i;

	for (round = 0; round < 3 * AHEAD_JOBS; round++) {
		/* and wherever the ring begins */
		if (!round)
			reset();
		fails = begun + 3;
		fails_with = VGPU_ERR_GPU;
		took[2] = 7 * US;
		begin(&took[0]);
		begin_over(VGPU_ERR_INVALID_REQUEST);
		begin(&took[2]);
		begin(&took[3]);
		/* what was over at once waits for those before it */
		CHECK(!ahead_take(&ahead));
		over = begun;
		for (i = 0; i < 4; i++) {
			job = ahead_take(&ahead);
			if (!CHECK(job))
				return;
			CHECK_EQ(job->data, begun - 3 + i);
			CHECK_EQ(job->status, want[i]);
		}
		/* one that failed says nothing of how long others take */
		CHECK_EQ(took[2], 7 * US);
		CHECK(ahead_is_empty(&ahead));
		/* so that the rounds don't meet the same places */
		begin_over(VGPU_ERR_NONE);
		CHECK(ahead_take(&ahead));
	}
}

static void test_sleep(void)
{
	__u64 took = 10 * US;
	int i;

	/* five of them take 50 us, and when they are over another 150 are left */
	reset();
	CHECK_EQ(begin_all(took), 20);
	ahead_await(&ahead, true);
	CHECK_EQ(slept_for, 5);
	CHECK_EQ(sleeps, 1);
	CHECK_EQ(tells_now, 1);
	for (i = 0; i < 5; i++)
		CHECK(ahead_take(&ahead));
	CHECK(!ahead_take(&ahead));
	/* long ones one by one */
	reset();
	begin_all(400 * US);
	ahead_await(&ahead, true);
	CHECK_EQ(slept_for, 1);
	CHECK_EQ(looks, 1);
}

/* The last of those that are slept for together is over before the first is. */
static void test_queues(void)
{
	int i;

	reset();
	begin_all(10 * US);
	over_early = 5;
	CHECK(!ahead_take(&ahead));
	ahead_await(&ahead, true);
	CHECK_EQ(slept_for, 4);
	CHECK_EQ(sleeps, 1);
	for (i = 1; i <= 5; i++) {
		const struct ahead_job *job = ahead_take(&ahead);

		if (!CHECK(job))
			return;
		CHECK_EQ(job->data, i);
		CHECK_EQ(job->job.gpu_ns, i * US);
	}
	CHECK(!ahead_take(&ahead));
}

static void test_look(void)
{
	/* a single one: it is looked at for a while, others are told, and then it is slept for */
	reset();
	begin(NULL);
	ahead_await(&ahead, true);
	CHECK(looks > 2);
	CHECK(tells > 2);
	CHECK_EQ(tells_now, 1);
	CHECK_EQ(slept_for, 1);
	/* no more room: nobody asks */
	reset();
	begin(NULL);
	more = true;
	ahead_await(&ahead, true);
	CHECK_EQ(slept_for, 1);
	/* another one to begin ends that */
	reset();
	CHECK_EQ(begin_all(15 * MS), 2);
	over = 1;
	CHECK(ahead_take(&ahead));
	more = true;
	ahead_await(&ahead, true);
	CHECK_EQ(slept_for, 0);
	CHECK_EQ(tells_now, 0);
	/* but not for who doesn't begin it */
	ahead_await(&ahead, false);
	CHECK_EQ(slept_for, 2);
	CHECK(ahead_take(&ahead));
	/* and the end of the first ends that, too */
	reset();
	begin(NULL);
	over = 1;
	ahead_await(&ahead, true);
	CHECK_EQ(slept_for, 0);
	CHECK(ahead_take(&ahead));
}

static const struct tap_test tests[] = {
	{ "execd-ahead-room", "as many begin as the device needs", test_room },
	{ "execd-ahead-order", "they end in order, with an error of their own", test_order },
	{ "execd-ahead-sleep", "short ones are slept for together", test_sleep },
	{ "execd-ahead-queues", "one that is over waits for those in front of it", test_queues },
	{ "execd-ahead-look", "one alone is looked at first", test_look },
};

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		tap_run(&tests[i]);
	return tap_end();
}
