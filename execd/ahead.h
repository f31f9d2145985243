/* SPDX-License-Identifier: GPL-2.0 */
/* Jobs that an engine has begun and not ended: the device always has the next one. */
#ifndef VGPU_EXECD_AHEAD_H
#define VGPU_EXECD_AHEAD_H

#include "engine.h"

/* Jobs at most; a power of 2 */
#define AHEAD_JOBS	32

/**
 * struct ahead_job - a job that has begun
 * @job: what the engine knows of it
 * @status: how it ended, if the engine isn't at it any more
 * @data: the caller's
 * @took_ns: what the last job of its sort took; 0: there was none.  Stays as long as the job.  It
 *	may be NULL: then it takes long
 * @expect_ns: what it was expected to take when it began
 */
struct ahead_job {
	struct engine_job job;
	enum vgpu_error status;
	__u64 data;
	__u64 *took_ns;
	__u64 expect_ns;
};

/**
 * struct ahead_ops - what its owner does while jobs are waited for
 * @has_more: would it begin another job, if there is room?
 * @tell: have known what has ended; not @now: if it is late
 */
struct ahead_ops {
	bool (*has_more)(void *owner);
	void (*tell)(void *owner, bool now);
};

/**
 * struct ahead - the jobs of an engine, in the order in which they began, and are taken
 * @engine: the engine
 * @ops: what @owner does
 * @owner: for these
 * @begun: jobs that have, modulo 2^32
 * @ended: jobs that have
 * @expect_ns: what the others take
 * @ring: the jobs
 */
struct ahead {
	struct engine *engine;
	const struct ahead_ops *ops;
	void *owner;
	__u32 begun;
	__u32 ended;
	__u64 expect_ns;
	struct ahead_job ring[AHEAD_JOBS];
};

/**
 * ahead_is_empty() - is there no job?
 * @ahead: the jobs
 */
static inline bool ahead_is_empty(const struct ahead *ahead)
{
	return ahead->begun == ahead->ended;
}

bool ahead_has_room(const struct ahead *ahead);
struct ahead_job *ahead_new(struct ahead *ahead);
void ahead_add(struct ahead *ahead);
void ahead_await(struct ahead *ahead, bool begins);
struct ahead_job *ahead_take(struct ahead *ahead);

#endif /* VGPU_EXECD_AHEAD_H */
