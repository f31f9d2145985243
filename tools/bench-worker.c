// SPDX-License-Identifier: GPL-2.0
/*
 * A thread of vgpu-bench: it keeps some jobs in flight until all are over, and looks at
 * what they did.
 */
#include <errno.h>
#include <time.h>

#include "bench-worker.h"

static double now_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/*
 * As many in flight as the depth says; when nothing is there to be reaped, sleep until
 * half of them are over, or look again.
 */
static int run_queue(struct worker *w)
{
	unsigned long submitted = 0, done = 0;
	struct vgpu_completion completion;
	int err;

	while (done < w->o->jobs) {
		while (submitted < w->o->jobs && submitted - done < w->o->depth) {
			err = w->o->job->submit(w, submitted);
			if (err)
				return err;
			submitted++;
		}
		vgpu_queue_kick(w->queue);
		if (!vgpu_queue_reap(w->queue, &completion)) {
			err = w->o->poll ? 0 :
			      vgpu_queue_wait(w->queue, (__u32)(done + (submitted - done) / 2),
					      w->o->timeout_s * 1000);
			if (err)
				return err;
			continue;
		}
		do {
			if (completion.user_data != done)
				return -EPROTO;
			w->failed += completion.status != VGPU_ERR_NONE;
			done++;
		} while (vgpu_queue_reap(w->queue, &completion));
		__atomic_store_n(&w->done, done, __ATOMIC_RELAXED);
	}
	return 0;
}

static int run_mailbox(struct worker *w)
{
	unsigned long done;
	int err = 0;

	for (done = 0; !err && done < w->o->jobs; done++) {
		err = w->o->job->call(w, done);
		__atomic_store_n(&w->done, done + 1, __ATOMIC_RELAXED);
	}
	return err;
}

static int prepare(struct worker *w)
{
	unsigned int entries;
	int err;

	if (!w->o->mailbox) {
		for (entries = VGPU_RING_MIN_ENTRIES; entries < w->o->depth; entries *= 2)
			;
		err = vgpu_queue_create(w->dev, entries, &w->queue);
		if (err)
			return err;
	}
	return w->o->job->prepare ? w->o->job->prepare(w) : 0;
}

/**
 * bench_worker_run() - what a worker does: all of its jobs
 * @arg: the worker
 *
 * Return: NULL.
 */
void *bench_worker_run(void *arg)
{
	struct worker *w = arg;

	w->error = prepare(w);
	pthread_barrier_wait(w->ready);
	w->begin = now_seconds();
	if (!w->error)
		w->error = w->o->mailbox ? run_mailbox(w) : run_queue(w);
	w->end = now_seconds();
	if (w->queue)
		vgpu_queue_get_stats(w->queue, &w->stats);
	if (!w->error && !w->failed)
		w->error = bench_job_check(w);
	vgpu_queue_destroy(w->queue);
	return NULL;
}
