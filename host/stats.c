// SPDX-License-Identifier: GPL-2.0
/*
 * Accounting.  What a job does to it is in stats.h, a few instructions under the arbiter's
 * lock; here is what reads it, and what is not a job.
 *
 * A job counts for its vGPU and, if it has one, for its context, whose figures end with it.
 * What was submitted has ended or is pending: that holds at any time, also after a reset.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "arb.h"
#include "ctx.h"
#include "stats.h"
#include "trace.h"
#include "vgpu.h"

/**
 * vgpu_hist_total() - how many values were counted
 * @hist: the histogram
 *
 * Context: any; the caller serialises.
 * Return: as many.
 */
u64 vgpu_hist_total(const struct vgpu_hist *hist)
{
	u64 total = 0;
	u32 i;

	for (i = 0; i < VGPU_HIST_BUCKETS; i++)
		total += hist->count[i];
	return total;
}

/**
 * vgpu_hist_from() - the smallest value that is counted in a bucket
 * @bucket: up to VGPU_HIST_BUCKETS; there it is what none of the values reaches, but for
 *	those that are longer than anything
 *
 * Context: any.
 * Return: the value.
 */
u64 vgpu_hist_from(u32 bucket)
{
	return bucket ? BIT_ULL(bucket - 1) : 0;
}

/**
 * vgpu_hist_percentile() - a value that so many percent of the values don't exceed
 * @hist: the histogram
 * @percent: 1 to 100
 *
 * Values are taken to be spread evenly over their bucket: it is that many parts of the way
 * from its beginning to its end.  So the result is wrong by less than a factor of 2.
 *
 * Context: any; the caller serialises.
 * Return: the value; 0 if there are none.
 */
u64 vgpu_hist_percentile(const struct vgpu_hist *hist, u32 percent)
{
	u64 rank = DIV_ROUND_UP_ULL(vgpu_hist_total(hist) * percent, 100);
	u64 from, last;
	u32 i;

	if (!rank)
		return 0;
	for (i = 0; rank > hist->count[i]; i++)
		rank -= hist->count[i];
	from = vgpu_hist_from(i);
	last = vgpu_hist_from(i + 1) - 1;
	return from + mul_u64_u64_div_u64(last - from, rank, hist->count[i]);
}

/**
 * vgpu_stats_failed() - jobs that failed, for whatever reason
 * @stats: whose
 *
 * Context: any; &vgpu_arb.lock is held, or @stats is a copy.
 * Return: as many.
 */
u64 vgpu_stats_failed(const struct vgpu_stats *stats)
{
	u64 failed = 0;
	u32 i;

	for (i = VGPU_ERR_NONE + 1; i < VGPU_ERR_COUNT; i++)
		failed += stats->ended[i];
	return failed;
}

/**
 * vgpu_stats_rejected() - what was refused, for whatever reason
 * @stats: whose
 *
 * Context: any.
 * Return: as many.
 */
u64 vgpu_stats_rejected(const struct vgpu_stats *stats)
{
	u64 rejected = 0;
	u32 i;

	for (i = VGPU_ERR_NONE + 1; i < VGPU_ERR_COUNT; i++)
		rejected += atomic64_read(&stats->rejected[i]);
	return rejected;
}

/**
 * vgpu_stats_pending() - jobs that wait or run
 * @stats: whose
 *
 * Context: any; &vgpu_arb.lock is held, or @stats is a copy.
 * Return: as many.
 */
u64 vgpu_stats_pending(const struct vgpu_stats *stats)
{
	return stats->submitted - stats->ended[VGPU_ERR_NONE] - vgpu_stats_failed(stats);
}

/**
 * vgpu_stats_clear() - begin again
 * @stats: whose; what is pending counts as submitted
 *
 * Context: any; &vgpu_arb.lock is held.
 */
void vgpu_stats_clear(struct vgpu_stats *stats)
{
	u64 pending = vgpu_stats_pending(stats);
	u32 i;

	for (i = 0; i < VGPU_ERR_COUNT; i++)
		atomic64_set(&stats->rejected[i], 0);
	memset(stats, 0, offsetof(struct vgpu_stats, rejected));
	stats->submitted = pending;
}

/**
 * vgpu_stats_reject() - something is over that never was in the arbiter
 * @job: what it would have been, with its vGPU and context
 * @err: why; VGPU_ERR_NONE: it was no job, and is done
 *
 * Context: any; the caller owns @job.
 */
void vgpu_stats_reject(const struct vgpu_job *job, enum vgpu_error err)
{
	if (err)
		trace_vgpu_refuse(job, err);
	atomic64_inc(&job->entity->stats.rejected[err]);
	if (job->ctx_stats)
		atomic64_inc(&job->ctx_stats->rejected[err]);
}

/**
 * vgpu_stats_read() - copy the figures of a vGPU or a context
 * @vgpu: the vGPU
 * @ctx: a context of it; NULL: all of the vGPU
 * @report: where to
 *
 * Jobs and memory are copied one after the other.
 *
 * Context: process context; takes &vgpu_arb.lock and &vgpu.quota.lock.
 */
void vgpu_stats_read(struct vgpu *vgpu, struct vgpu_ctx *ctx, struct vgpu_stats_report *report)
{
	struct vgpu_arb *arb = vgpu->entity.arb;

	spin_lock(&arb->lock);
	report->jobs = ctx ? ctx->stats : vgpu->entity.stats;
	spin_unlock(&arb->lock);
	spin_lock(&vgpu->quota.lock);
	report->memory = ctx ? ctx->memory : vgpu->quota.memory;
	spin_unlock(&vgpu->quota.lock);
}

static void vgpu_stats_reset_one(struct vgpu *vgpu, struct vgpu_stats *stats,
				 struct vgpu_stats_memory *memory)
{
	struct vgpu_arb *arb = vgpu->entity.arb;

	spin_lock(&arb->lock);
	vgpu_stats_clear(stats);
	spin_unlock(&arb->lock);
	spin_lock(&vgpu->quota.lock);
	memory->peak = memory->used;
	spin_unlock(&vgpu->quota.lock);
}

/**
 * vgpu_stats_reset() - begin to count again
 * @vgpu: for which vGPU and all its contexts
 *
 * What is pending counts as submitted, memory in use as its peak.  A job that ends while
 * this runs may count for its vGPU and not for its context, or the other way round.
 *
 * Context: may sleep, to free a context that ends meanwhile.
 */
void vgpu_stats_reset(struct vgpu *vgpu)
{
	struct vgpu_ctx *ctx;
	unsigned long id;

	vgpu_stats_reset_one(vgpu, &vgpu->entity.stats, &vgpu->quota.memory);
	for (id = 0; (ctx = vgpu_ctx_next(vgpu, &id)); id++) {
		vgpu_stats_reset_one(vgpu, &ctx->stats, &ctx->memory);
		vgpu_ctx_put(ctx);
	}
}

static const char * const vgpu_figure_names[VGPU_FIGURE_FAILED] = {
	[VGPU_FIGURE_SUBMITTED] = "submitted",
	[VGPU_FIGURE_PENDING] = "pending",
	[VGPU_FIGURE_FAILED_ALL] = "failed",
	[VGPU_FIGURE_REJECTED_ALL] = "rejected",
	[VGPU_FIGURE_SWITCHES] = "context_switches",
	[VGPU_FIGURE_GPU_TIME] = "gpu_time_ns",
	[VGPU_FIGURE_WAIT_P50] = "wait_p50_ns",
	[VGPU_FIGURE_WAIT_P95] = "wait_p95_ns",
	[VGPU_FIGURE_WAIT_P99] = "wait_p99_ns",
	[VGPU_FIGURE_RUN_P50] = "run_p50_ns",
	[VGPU_FIGURE_RUN_P95] = "run_p95_ns",
	[VGPU_FIGURE_RUN_P99] = "run_p99_ns",
	[VGPU_FIGURE_COPIED] = "copied_bytes",
	[VGPU_FIGURE_MEMORY_USED] = "memory_used_bytes",
	[VGPU_FIGURE_MEMORY_PEAK] = "memory_peak_bytes",
};

static const char * const vgpu_error_names[VGPU_ERR_COUNT] = {
	[VGPU_ERR_NONE] = "none",
	[VGPU_ERR_INVALID_REQUEST] = "invalid_request",
	[VGPU_ERR_TOO_LARGE] = "too_large",
	[VGPU_ERR_BACKEND_UNAVAILABLE] = "backend_unavailable",
	[VGPU_ERR_TIMEOUT] = "timeout",
	[VGPU_ERR_GPU] = "gpu_error",
	[VGPU_ERR_INVALID_POOL] = "invalid_pool",
	[VGPU_ERR_QUEUE_FULL] = "queue_full",
	[VGPU_ERR_UNSUPPORTED_OP] = "unsupported_op",
	[VGPU_ERR_INVALID_LENGTH] = "invalid_length",
	[VGPU_ERR_RATE_LIMITED] = "rate_limited",
	[VGPU_ERR_QUARANTINED] = "quarantined",
	[VGPU_ERR_NO_MEMORY] = "no_memory",
	[VGPU_ERR_BAD_HANDLE] = "bad_handle",
	[VGPU_ERR_OUT_OF_RANGE] = "out_of_range",
	[VGPU_ERR_CANCELED] = "canceled",
	[VGPU_ERR_BAD_ADDRESS] = "bad_address",
	[VGPU_ERR_BUSY] = "busy",
	[VGPU_ERR_BUILD] = "build",
	[VGPU_ERR_BACKEND_LOST] = "backend_lost",
};

/**
 * vgpu_error_str() - what an error is called in files and traces
 * @err: the error, below VGPU_ERR_COUNT
 *
 * Context: any.
 * Return: a constant string.
 */
const char *vgpu_error_str(enum vgpu_error err)
{
	return vgpu_error_names[err];
}

/**
 * vgpu_figure_name() - what a figure is called
 * @figure: enum vgpu_figure, and the error where it is one by error
 * @name: its name
 *
 * Context: any.
 */
void vgpu_figure_name(u32 figure, char name[VGPU_FIGURE_NAME])
{
	u32 err = (figure - VGPU_FIGURE_FAILED) % VGPU_ERR_COUNT;
	bool rejected = figure >= VGPU_FIGURE_REJECTED;

	if (figure < VGPU_FIGURE_FAILED)
		strscpy(name, vgpu_figure_names[figure], VGPU_FIGURE_NAME);
	else if (err == VGPU_ERR_NONE)
		strscpy(name, rejected ? "fences_passed" : "completed", VGPU_FIGURE_NAME);
	else
		snprintf(name, VGPU_FIGURE_NAME, "%s_%s", rejected ? "rejected" : "failed",
			 vgpu_error_str(err));
}

/**
 * vgpu_figure_get() - a figure
 * @figure: as for vgpu_figure_name()
 * @report: of what
 *
 * Context: any.
 * Return: the figure.
 */
u64 vgpu_figure_get(u32 figure, const struct vgpu_stats_report *report)
{
	const struct vgpu_stats *jobs = &report->jobs;

	switch (figure) {
	case VGPU_FIGURE_SUBMITTED:
		return jobs->submitted;
	case VGPU_FIGURE_PENDING:
		return vgpu_stats_pending(jobs);
	case VGPU_FIGURE_FAILED_ALL:
		return vgpu_stats_failed(jobs);
	case VGPU_FIGURE_REJECTED_ALL:
		return vgpu_stats_rejected(jobs);
	case VGPU_FIGURE_SWITCHES:
		return jobs->switches;
	case VGPU_FIGURE_GPU_TIME:
		return jobs->gpu_ns;
	case VGPU_FIGURE_WAIT_P50:
		return vgpu_hist_percentile(&jobs->wait, 50);
	case VGPU_FIGURE_WAIT_P95:
		return vgpu_hist_percentile(&jobs->wait, 95);
	case VGPU_FIGURE_WAIT_P99:
		return vgpu_hist_percentile(&jobs->wait, 99);
	case VGPU_FIGURE_RUN_P50:
		return vgpu_hist_percentile(&jobs->run, 50);
	case VGPU_FIGURE_RUN_P95:
		return vgpu_hist_percentile(&jobs->run, 95);
	case VGPU_FIGURE_RUN_P99:
		return vgpu_hist_percentile(&jobs->run, 99);
	case VGPU_FIGURE_COPIED:
		return jobs->copied;
	case VGPU_FIGURE_MEMORY_USED:
		return report->memory.used;
	case VGPU_FIGURE_MEMORY_PEAK:
		return report->memory.peak;
	}
	if (figure < VGPU_FIGURE_REJECTED)
		return jobs->ended[figure - VGPU_FIGURE_FAILED];
	return atomic64_read(&jobs->rejected[figure - VGPU_FIGURE_REJECTED]);
}
