/* SPDX-License-Identifier: GPL-2.0 */
/* Accounting: what became of the jobs of a vGPU, and of those of each context. */
#ifndef _VGPU_STATS_H
#define _VGPU_STATS_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/types.h>
#include <linux/vgpu_dev.h>

#include "job.h"

struct vgpu;
struct vgpu_ctx;

/* The last has what is longer than 2^42 ns, more than an hour, too */
#define VGPU_HIST_BUCKETS	44

/**
 * struct vgpu_hist - how often values of which magnitude were seen
 * @count: by the number of bits of the value: 0 is in the first, 1 in the second, 2 and 3
 *	in the third, 4 to 7 in the fourth
 */
struct vgpu_hist {
	u64 count[VGPU_HIST_BUCKETS];
};

/**
 * struct vgpu_stats - what became of jobs
 * @submitted: jobs that the arbiter took
 * @ended: of which have ended, by enum vgpu_error: VGPU_ERR_NONE are those that completed,
 *	the others failed
 * @gpu_ns: their time on the GPU
 * @copied: bytes that were copied by those that completed
 * @switches: how often one was handed to the backend after one of another context
 * @wait: nanoseconds from submission to the backend; of those that were called off while
 *	they waited, to then
 * @run: nanoseconds from the backend to the end
 * @rejected: what never reached the arbiter, by enum vgpu_error; VGPU_ERR_NONE is none that
 *	should have: it waited for a fence, which was passed
 *
 * Control jobs take none of the GPU's time, and count in @submitted, @ended and @rejected
 * only.
 *
 * @rejected is counted without a lock, so that a guest whose requests are no good keeps
 * nobody else from the arbiter.  Everything else is protected by &vgpu_arb.lock, which is
 * held wherever it changes.
 */
struct vgpu_stats {
	u64 submitted;
	u64 ended[VGPU_ERR_COUNT];
	u64 gpu_ns;
	u64 copied;
	u64 switches;
	struct vgpu_hist wait;
	struct vgpu_hist run;
	atomic64_t rejected[VGPU_ERR_COUNT];
};

/**
 * struct vgpu_stats_memory - device memory
 * @used: bytes in use
 * @peak: the most there were
 *
 * Protected by &vgpu.quota.lock.
 */
struct vgpu_stats_memory {
	u64 used;
	u64 peak;
};

/**
 * struct vgpu_stats_report - all of it at one time, to be looked at
 * @jobs: the jobs
 * @memory: device memory
 */
struct vgpu_stats_report {
	struct vgpu_stats jobs;
	struct vgpu_stats_memory memory;
};

/**
 * vgpu_hist_bucket() - where a value is counted
 * @value: the value
 *
 * Context: any.
 * Return: index in &vgpu_hist.count.
 */
static inline u32 vgpu_hist_bucket(u64 value)
{
	return min_t(u32, fls64(value), VGPU_HIST_BUCKETS - 1);
}

/**
 * vgpu_stats_submit() - the arbiter has taken a job
 * @stats: of its vGPU
 * @job: the job
 *
 * Context: any; &vgpu_arb.lock is held.
 */
static inline void vgpu_stats_submit(struct vgpu_stats *stats, const struct vgpu_job *job)
{
	stats->submitted++;
	if (job->ctx_stats)
		job->ctx_stats->submitted++;
}

/**
 * vgpu_stats_dispatch() - a job is handed to the backend
 * @stats: of its vGPU
 * @job: the job; not a control job
 * @last: of whose context the one before was; changed
 *
 * Context: any; &vgpu_arb.lock is held.
 */
static inline void vgpu_stats_dispatch(struct vgpu_stats *stats, const struct vgpu_job *job,
				       const struct vgpu_stats **last)
{
	struct vgpu_stats *mine = job->ctx_stats ?: stats;

	if (*last == mine)
		return;
	*last = mine;
	stats->switches++;
	if (mine != stats)
		mine->switches++;
}

/**
 * vgpu_stats_forget() - a vGPU or a context ends
 * @stats: of which; what comes next at that address is another
 * @last: as for vgpu_stats_dispatch()
 *
 * Context: any; &vgpu_arb.lock is held.
 */
static inline void vgpu_stats_forget(const struct vgpu_stats *stats,
				     const struct vgpu_stats **last)
{
	if (*last == stats)
		*last = NULL;
}

/* Bytes that a job copies; it has its objects still. */
static inline u64 vgpu_stats_copies(const struct vgpu_job *job)
{
	switch (job->type) {
	case VGPU_JOB_WRITE:
	case VGPU_JOB_READ:
		return job->inline_copy.range.length;
	case VGPU_JOB_COPY:
		return job->copy.dst.length;
	default:
		return 0;
	}
}

static inline void vgpu_stats_ran(struct vgpu_stats *stats, const struct vgpu_job *job,
				  u64 copied, u32 wait, u32 run)
{
	stats->gpu_ns += job->gpu_ns;
	stats->copied += copied;
	stats->wait.count[wait]++;
	stats->run.count[run]++;
}

/**
 * vgpu_stats_complete() - a job that the backend had is over
 * @stats: of its vGPU
 * @job: the job, with its status and all its times
 *
 * Context: any; &vgpu_arb.lock is held.
 */
static inline void vgpu_stats_complete(struct vgpu_stats *stats, const struct vgpu_job *job)
{
	u64 copied = job->status ? 0 : vgpu_stats_copies(job);
	u32 wait = vgpu_hist_bucket(job->dispatch_ns - job->submit_ns);
	u32 run = vgpu_hist_bucket(job->complete_ns - job->dispatch_ns);
	bool gpu = job->type != VGPU_JOB_CONTROL;

	stats->ended[job->status]++;
	if (gpu)
		vgpu_stats_ran(stats, job, copied, wait, run);
	if (!job->ctx_stats)
		return;
	job->ctx_stats->ended[job->status]++;
	if (gpu)
		vgpu_stats_ran(job->ctx_stats, job, copied, wait, run);
}

/**
 * vgpu_stats_cancel() - a job was called off while it waited
 * @stats: of its vGPU
 * @job: the job, with its status and &vgpu_job.complete_ns
 *
 * Context: any; &vgpu_arb.lock is held.
 */
static inline void vgpu_stats_cancel(struct vgpu_stats *stats, const struct vgpu_job *job)
{
	u32 wait = vgpu_hist_bucket(job->complete_ns - job->submit_ns);
	bool gpu = job->type != VGPU_JOB_CONTROL;

	stats->ended[job->status]++;
	stats->wait.count[wait] += gpu;
	if (!job->ctx_stats)
		return;
	job->ctx_stats->ended[job->status]++;
	job->ctx_stats->wait.count[wait] += gpu;
}

u64 vgpu_hist_total(const struct vgpu_hist *hist);
u64 vgpu_hist_from(u32 bucket);
u64 vgpu_hist_percentile(const struct vgpu_hist *hist, u32 percent);

u64 vgpu_stats_failed(const struct vgpu_stats *stats);
u64 vgpu_stats_rejected(const struct vgpu_stats *stats);
u64 vgpu_stats_pending(const struct vgpu_stats *stats);
void vgpu_stats_clear(struct vgpu_stats *stats);
void vgpu_stats_reject(const struct vgpu_job *job, enum vgpu_error err);
void vgpu_stats_read(struct vgpu *vgpu, struct vgpu_ctx *ctx, struct vgpu_stats_report *report);
void vgpu_stats_reset(struct vgpu *vgpu);

/**
 * enum vgpu_figure - numbers to be looked at: one file each, for a vGPU
 * @VGPU_FIGURE_SUBMITTED: &vgpu_stats.submitted
 * @VGPU_FIGURE_PENDING: vgpu_stats_pending()
 * @VGPU_FIGURE_FAILED_ALL: vgpu_stats_failed()
 * @VGPU_FIGURE_REJECTED_ALL: vgpu_stats_rejected()
 * @VGPU_FIGURE_SWITCHES: &vgpu_stats.switches
 * @VGPU_FIGURE_GPU_TIME: &vgpu_stats.gpu_ns
 * @VGPU_FIGURE_WAIT_P50: of &vgpu_stats.wait
 * @VGPU_FIGURE_WAIT_P95: likewise
 * @VGPU_FIGURE_WAIT_P99: likewise
 * @VGPU_FIGURE_RUN_P50: of &vgpu_stats.run
 * @VGPU_FIGURE_RUN_P95: likewise
 * @VGPU_FIGURE_RUN_P99: likewise
 * @VGPU_FIGURE_COPIED: &vgpu_stats.copied
 * @VGPU_FIGURE_MEMORY_USED: &vgpu_stats_memory.used
 * @VGPU_FIGURE_MEMORY_PEAK: &vgpu_stats_memory.peak
 * @VGPU_FIGURE_FAILED: plus enum vgpu_error, &vgpu_stats.ended
 * @VGPU_FIGURE_REJECTED: plus enum vgpu_error, &vgpu_stats.rejected
 * @VGPU_FIGURES: how many there are
 */
enum vgpu_figure {
	VGPU_FIGURE_SUBMITTED,
	VGPU_FIGURE_PENDING,
	VGPU_FIGURE_FAILED_ALL,
	VGPU_FIGURE_REJECTED_ALL,
	VGPU_FIGURE_SWITCHES,
	VGPU_FIGURE_GPU_TIME,
	VGPU_FIGURE_WAIT_P50,
	VGPU_FIGURE_WAIT_P95,
	VGPU_FIGURE_WAIT_P99,
	VGPU_FIGURE_RUN_P50,
	VGPU_FIGURE_RUN_P95,
	VGPU_FIGURE_RUN_P99,
	VGPU_FIGURE_COPIED,
	VGPU_FIGURE_MEMORY_USED,
	VGPU_FIGURE_MEMORY_PEAK,
	VGPU_FIGURE_FAILED,
	VGPU_FIGURE_REJECTED = VGPU_FIGURE_FAILED + VGPU_ERR_COUNT,
	VGPU_FIGURES = VGPU_FIGURE_REJECTED + VGPU_ERR_COUNT,
};

/* Room for the name of a figure, and of an error */
#define VGPU_FIGURE_NAME	32
#define VGPU_ERROR_NAME		20

const char *vgpu_error_str(enum vgpu_error err);
void vgpu_figure_name(u32 figure, char name[VGPU_FIGURE_NAME]);
u64 vgpu_figure_get(u32 figure, const struct vgpu_stats_report *report);

#endif /* _VGPU_STATS_H */
