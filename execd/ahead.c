// SPDX-License-Identifier: GPL-2.0
/*
 * Jobs that an engine has begun and not ended: while one runs the next is there already.  They are
 * taken in the order in which they began.  Those of one queue end in it, too; those of others may
 * run at the same time, and one that is over waits for those in front of it.
 *
 * Not more than the device needs not to wait for us: what has begun can't be called off, and goes
 * on after an abort.  How long a job takes is expected by the last one of its sort.  One waits
 * behind any that is running, but for those that take long, or of which nothing is known.
 *
 * Whoever waits sleeps while the device has more to do than it takes to wake up; else it looks, for
 * a while.
 */
#include <time.h>

#include "ahead.h"

/*
 * Work that the device is given at a time: more than it takes to wake up and give it more, and not
 * much: where a device does what it was given first, this is what a neighbour's short job waits for
 */
#define AHEAD_NS	200000ULL

/* What takes longer runs alone: it is aborted rather than another one hardly waited for */
#define LONG_NS		20000000ULL

/* Sleep until what takes so long has ended: nobody is told more often, see worker.c */
#define TELL_NS		50000

/* Waking up takes less */
#define WAKE_NS		50000

static struct ahead_job *job_at(struct ahead *ahead, __u32 index)
{
	return &ahead->ring[index % AHEAD_JOBS];
}

/**
 * ahead_has_room() - may another job begin?
 * @ahead: the jobs
 *
 * Return: true if so.
 */
bool ahead_has_room(const struct ahead *ahead)
{
	__u32 n = ahead->begun - ahead->ended;

	return !n || (n < AHEAD_JOBS && ahead->expect_ns < (n == 1 ? LONG_NS : AHEAD_NS));
}

/**
 * ahead_new() - have a place for the next job
 * @ahead: the jobs, with room
 *
 * Return: the place, zeroed; the same until ahead_add().
 */
struct ahead_job *ahead_new(struct ahead *ahead)
{
	struct ahead_job *next = job_at(ahead, ahead->begun);

	*next = (struct ahead_job){ };
	return next;
}

/**
 * ahead_add() - the job in the place of ahead_new() has begun, or is over already
 * @ahead: the jobs
 */
void ahead_add(struct ahead *ahead)
{
	struct ahead_job *next = job_at(ahead, ahead->begun);

	if (next->job.event)
		next->expect_ns = next->took_ns && *next->took_ns ? *next->took_ns : LONG_NS;
	ahead->expect_ns += next->expect_ns;
	ahead->begun++;
}

/* Is the job over?  What it took is known then. */
static bool is_over(struct ahead *ahead, struct ahead_job *job, bool wait)
{
	if (!job->job.event)
		return true;
	if (!ahead->engine->ops->is_over(ahead->engine, &job->job, wait, &job->status))
		return false;
	if (job->took_ns && !job->status)
		*job->took_ns = job->job.gpu_ns;
	return true;
}

/*
 * The first of those that are to be waited for together, and what is left to do for the device
 * when it has ended.
 */
static __u32 find_next(struct ahead *ahead, __u64 *left_ns)
{
	__u64 sum_ns = 0;
	__u32 i;

	for (i = ahead->ended; ; i++) {
		sum_ns += job_at(ahead, i)->expect_ns;
		if (sum_ns >= TELL_NS || i + 1 == ahead->begun)
			break;
	}
	*left_ns = ahead->expect_ns - sum_ns;
	return i;
}

/**
 * ahead_await() - wait until a job is over, or there is another to begin
 * @ahead: the jobs; there are some
 * @begins: the caller would begin another
 *
 * Either may not be so on return, then it is to be called again.
 */
void ahead_await(struct ahead *ahead, bool begins)
{
	struct ahead_job *first = job_at(ahead, ahead->ended);
	__u64 begin, left_ns;
	__u32 next = find_next(ahead, &left_ns);

	if (left_ns < WAKE_NS) {
		next = ahead->ended;
		begin = engine_now_ns();
		do {
			if (is_over(ahead, first, false) ||
			    (begins && ahead_has_room(ahead) && ahead->ops->has_more(ahead->owner)))
				return;
			ahead->ops->tell(ahead->owner, false);
		} while (engine_now_ns() - begin < ENGINE_SPIN_NS);
	}
	/* nobody is told while we sleep */
	ahead->ops->tell(ahead->owner, true);
	is_over(ahead, job_at(ahead, next), true);
	/* of one queue these are; of others they may not be */
	while (next != ahead->ended)
		is_over(ahead, job_at(ahead, --next), true);
}

/**
 * ahead_take() - take the first job, if it is over
 * @ahead: the jobs
 *
 * Return: the job, there until the next one is added; NULL if it isn't over, or there is none.
 */
struct ahead_job *ahead_take(struct ahead *ahead)
{
	struct ahead_job *first = job_at(ahead, ahead->ended);

	if (ahead_is_empty(ahead) || !is_over(ahead, first, false))
		return NULL;
	ahead->expect_ns -= first->expect_ns;
	ahead->ended++;
	return first;
}
