// SPDX-License-Identifier: GPL-2.0
/*
 * Three queues are kept full, and at points that a seed says the executor is killed, or its
 * worker, or both.  A point is a number of jobs that were submitted and completed since the
 * last one, not a time.  Every job must be completed once, in its turn, and have had the effect
 * that its status says; see ledger.c.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "exec_host.h"
#include "irqset.h"
#include "kills.h"
#include "ledger.h"
#include "tap.h"
#include "watchdog.h"

/* Completions between two kills, at most: some go through all of a lane's places */
#define KILLS_JOBS	(3U * LANE_SLOTS)

/* A long run says from time to time how far it is */
#define KILLS_TELL	500

enum kills_what {
	KILL_EXECUTOR,
	KILL_WORKER,
	KILL_BOTH,
	KILL_WHATS,
};

/**
 * struct kills - a run
 * @host: the executor
 * @rnd: chance
 * @lane: one of each kind
 * @ledger: all jobs
 * @killed: how often what was killed
 * @slowest_ms: longest wait for a job, or for what else the guest asked, where nobody was missing
 */
struct kills {
	struct exec_host host;
	struct random rnd;
	struct lane lane[LANE_KINDS];
	struct ledger ledger;
	u32 killed[KILL_WHATS];
	u64 slowest_ms;
};

static u64 kills_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static void kills_took(struct kills *k, u64 since_ms)
{
	u64 took = kills_now_ms() - since_ms;

	if (took > k->slowest_ms)
		k->slowest_ms = took;
	watchdog_pet();
}

/* Make the contexts that there aren't. */
static bool kills_begin(struct kills *k)
{
	u64 since = kills_now_ms();
	u32 i;

	for (i = 0; i < LANE_KINDS; i++) {
		if (!k->lane[i].there && !lane_begin(&k->lane[i]))
			return false;
	}
	kills_took(k, since);
	return true;
}

/* Wait for completions, whosever.  There are jobs. */
static bool kills_wait(struct kills *k)
{
	struct pollfd pfd[LANE_KINDS];
	u64 since = kills_now_ms();
	u32 i, reaped = 0;
	int ret;

	for (i = 0; i < LANE_KINDS; i++) {
		vgpu_ring_arm_irq(&k->lane[i].q.ring, 0);
		pfd[i] = (struct pollfd){ .fd = k->lane[i].q.event, .events = POLLIN };
		reaped += lane_reap(&k->lane[i]);
	}
	if (reaped)
		return true;
	ret = poll(pfd, LANE_KINDS, IRQSET_WAIT_MS);
	for (i = 0; i < LANE_KINDS; i++)
		event_take(k->lane[i].q.event);
	kills_took(k, since);
	return tap_must(ret > 0, "of %u jobs none ends", lane_pending(&k->lane[LANE_AGAIN]) +
			lane_pending(&k->lane[LANE_ONCE]) + lane_pending(&k->lane[LANE_DEVICE]));
}

static void kills_submit(struct kills *k)
{
	u32 i;

	for (i = 0; i < LANE_KINDS; i++)
		lane_submit(&k->lane[i], random_below(&k->rnd, LANE_ENTRIES + 1));
}

static bool kills_is_fit(const struct kills *k)
{
	u32 i;

	for (i = 0; i < LANE_KINDS; i++) {
		if (k->lane[i].unfit)
			return false;
	}
	return true;
}

/* Have so many jobs done, and others under way. */
static bool kills_load(struct kills *k, u32 jobs)
{
	u32 done = 0, more, i;

	kills_submit(k);
	while (done < jobs && kills_is_fit(k)) {
		more = 0;
		for (i = 0; i < LANE_KINDS; i++)
			more += lane_reap(&k->lane[i]);
		done += more;
		kills_submit(k);
		if (!more && !kills_wait(k))
			return false;
	}
	return kills_is_fit(k);
}

static bool kills_drain(struct kills *k, enum lane_kind first, enum lane_kind last)
{
	u64 since = kills_now_ms();
	u32 i;

	for (i = first; i <= last; i++) {
		if (!lane_drain(&k->lane[i]) || !lane_end(&k->lane[i]))
			return false;
	}
	kills_took(k, since);
	return kills_is_fit(k);
}

static void kills_tell_lanes(struct kills *k, bool worker)
{
	u32 i;

	for (i = 0; i < LANE_KINDS; i++)
		lane_killed(&k->lane[i], worker, EXEC_HOST_DEPTH);
}

/*
 * The executor is gone.  What was in device memory is lost, at once; the rest waits for the next
 * one, while the guest submits more.
 */
static bool kills_executor(struct kills *k)
{
	bool early = random_below(&k->rnd, 2);

	kills_tell_lanes(k, false);
	if (!exec_host_kill(&k->host))
		return false;
	if (random_below(&k->rnd, 2))
		kills_submit(k);
	if (early && !kills_drain(k, LANE_DEVICE, LANE_DEVICE))
		return false;
	if (!exec_host_start(&k->host))
		return false;
	return early || kills_drain(k, LANE_DEVICE, LANE_DEVICE);
}

/* A worker is gone, and so is all that the guest had; perhaps the executor goes then, too. */
static bool kills_worker(struct kills *k, bool executor)
{
	u32 i;

	kills_tell_lanes(k, true);
	for (i = 0; i < LANE_KINDS; i++)
		k->lane[i].may_return = executor;
	if (!exec_host_kill_worker(&k->host))
		return false;
	if (random_below(&k->rnd, 2))
		kills_submit(k);
	if (executor && (!exec_host_kill(&k->host) || !exec_host_start(&k->host)))
		return false;
	return kills_drain(k, 0, LANE_KINDS - 1);
}

static bool kills_once(struct kills *k)
{
	enum kills_what what = random_below(&k->rnd, 5) % KILL_WHATS;
	bool good;

	/* now and then before anything could be done */
	if (!kills_load(k, random_below(&k->rnd, 4) ? random_below(&k->rnd, KILLS_JOBS) : 0))
		return false;
	good = what == KILL_EXECUTOR ? kills_executor(k) : kills_worker(k, what == KILL_BOTH);
	k->killed[what]++;
	return good && kills_begin(k);
}

static void kills_tell(const struct kills *k, u64 seed, u32 count, u32 n)
{
	const struct ledger *l = &k->ledger;
	unsigned long long done = l->done, lost = l->lost;

	tap_eq(n, count, "kills with seed %llu: %u of the executor, %u of a worker, %u of both",
	       (unsigned long long)seed, k->killed[KILL_EXECUTOR], k->killed[KILL_WORKER],
	       k->killed[KILL_BOTH]);
	tap_eq(done + lost, l->submitted, "jobs: %llu done, %llu lost with what was killed", done,
	       lost);
	tap_eq(l->missing, 0, "jobs that were never completed");
	tap_eq(l->twice, 0, "completions of what had been completed, or of nothing");
	tap_eq(l->wrong, 0, "jobs that were lost and must not be, or whose effect is wrong");
	tap_eq(l->late, 0, "places that were written to after their jobs");
	tap_note("%u kills, %llu jobs, %llu lost; longest wait %llu ms", n,
		 (unsigned long long)l->submitted, lost, (unsigned long long)k->slowest_ms);
}

/**
 * kills_run() - kill executors and workers under load
 * @s: an open session, of a vGPU whose GPU has had that executor and has none
 * @executor: path of vgpu-execd
 * @seed: what decides everything that is up to chance
 * @count: how often
 */
void kills_run(struct session *s, const char *executor, u64 seed, u32 count)
{
	struct kills k = { .host = { .path = executor }, .rnd = { .state = seed } };
	struct queue_mem mem;
	struct mbox m;
	u32 i, n = 0;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (!queue_mem_open(&mem, s))
		goto out_mbox;
	for (i = 0; i < LANE_KINDS; i++)
		lane_init(&k.lane[i], i, &k.ledger, &k.rnd, &m, &mem);
	if (!exec_host_start(&k.host) || !kills_begin(&k))
		goto out;
	while (n < count && kills_once(&k)) {
		if (!(++n % KILLS_TELL))
			tap_note("%u kills, %llu jobs", n, (unsigned long long)k.ledger.submitted);
	}
	if (n < count)
		tap_note("the kill that went wrong was the %uth", n + 1);
	else
		kills_drain(&k, 0, LANE_KINDS - 1);
	kills_tell(&k, seed, count, n);
	tap_ok(exec_host_idle(&k.host), "no worker is left");
out:
	exec_host_kill(&k.host);
	queue_mem_close(&mem);
out_mbox:
	mbox_close(&m);
}
