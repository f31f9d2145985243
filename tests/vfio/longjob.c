// SPDX-License-Identifier: GPL-2.0
/*
 * How fast a GPU is, differs by orders of magnitude, and more so on emulated
 * machines, so a job's size is found by measuring: the time of a matrix product
 * is proportional to the rows of its left matrix.
 */
#include <sched.h>
#include <string.h>
#include <time.h>

#include "gpu.h"
#include "io.h"
#include "longjob.h"
#include "tap.h"

#define LONGJOB_ONE		0x3f800000U	/* 1.0f */
#define LONGJOB_MEMORY_MAX	(24ULL << 20)

static u32 longjob_float(u32 number)
{
	float f = (float)number;
	u32 bits;

	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

static bool longjob_size(struct longjob *j, const struct gpu_info *info)
{
	u64 room = (info->memory_size - info->memory_used) / 2;

	if (room > LONGJOB_MEMORY_MAX)
		room = LONGJOB_MEMORY_MAX;
	j->dim = room >= (4U << 20) ? 512 : 128;
	if (room < 4ULL * j->dim * j->dim * 3)
		return false;
	j->max_rows = (u32)((room - 4ULL * j->dim * j->dim) / (8 * j->dim));
	return true;
}

static int longjob_create(struct longjob *j)
{
	u64 square = 4ULL * j->dim * j->dim;
	u64 tall = 4ULL * j->dim * j->max_rows;
	int error;

	error = gpu_ctx_create(j->m, &j->ctx);
	if (!error)
		error = gpu_bo_create(j->m, j->ctx, tall, &j->a);
	if (!error)
		error = gpu_bo_create(j->m, j->ctx, square, &j->b);
	if (!error)
		error = gpu_bo_create(j->m, j->ctx, tall, &j->c);
	if (!error)
		error = gpu_fill(j->m, j->ctx, j->a, 0, tall, LONGJOB_ONE);
	if (!error)
		error = gpu_fill(j->m, j->ctx, j->b, 0, square, LONGJOB_ONE);
	return error;
}

static void longjob_request(struct longjob *j, struct mbox_request *r)
{
	struct gpu_arg arg[] = {
		gpu_bo(j->c, 0),   gpu_bo(j->a, 0),   gpu_bo(j->b, 0),
		gpu_value(j->rows), gpu_value(j->dim), gpu_value(j->dim),
	};

	gpu_launch_request(r, j->ctx, VGPU_BUILTIN_MATMUL_F32, arg,
			   ARRAY_SIZE(arg));
}

/**
 * longjob_open() - find a job of a given length
 * @j: what to fill in
 * @m: the mailbox
 * @target_ms: the length, roughly, on the GPU
 *
 * Nothing need be closed: the context goes with a reset.
 *
 * Return: whether there is one; if not, a failed or skipped check has been
 * printed.
 */
bool longjob_open(struct longjob *j, struct mbox *m, u32 target_ms)
{
	struct mbox_request r;
	struct gpu_info info;
	u64 rows, measured;
	int error;

	memset(j, 0, sizeof(*j));
	j->m = m;
	error = gpu_get_info(m, &info);
	if (!tap_must(!error, "gets device info: %s", mbox_error_name(error)))
		return false;
	if (!(info.builtins & (1ULL << VGPU_BUILTIN_MATMUL_F32)) ||
	    !longjob_size(j, &info)) {
		tap_skip("no matrix multiplication, or no memory for it",
			 "has a long job");
		return false;
	}
	error = longjob_create(j);
	if (!tap_must(!error, "prepares a long job: %s",
		      mbox_error_name(error)))
		return false;
	for (rows = 1;;) {
		j->rows = (u32)rows;
		longjob_request(j, &r);
		error = mbox_run(m, &r);
		if (!tap_must(!error, "measures a job: %s",
			      mbox_error_name(error)))
			return false;
		/* too short to be extrapolated from */
		if (m->resp.exec_us >= 500 || rows * 4 > j->max_rows)
			break;
		rows *= 4;
	}
	measured = rows;
	rows = rows * target_ms * 1000 / (m->resp.exec_us + 1) + 1;
	j->rows = rows < j->max_rows ? (u32)rows : j->max_rows;
	j->expect_us = (u64)m->resp.exec_us * j->rows / measured;
	return true;
}

/**
 * longjob_start() - start it; don't wait
 * @j: the job
 *
 * Return: whether it was submitted.
 */
bool longjob_start(struct longjob *j)
{
	struct mbox_request r;

	longjob_request(j, &r);
	return mbox_submit(j->m, &r);
}

/**
 * longjob_grow() - make it longer, for a next start
 * @j: the job, over
 *
 * Return: whether that was possible; if not, a skipped check has been printed.
 */
bool longjob_grow(struct longjob *j)
{
	if (j->rows >= j->max_rows) {
		tap_skip("jobs are too short on this GPU",
			 "does something while a job runs");
		return false;
	}
	j->rows = j->rows < j->max_rows / 4 ? j->rows * 4 : j->max_rows;
	return true;
}

/**
 * longjob_start_busy() - start it and see it run
 * @j: the job
 *
 * Return: true if it was seen running; if false, a failed or skipped check has
 * been printed.
 */
bool longjob_start_busy(struct longjob *j)
{
	u32 status;

	do {
		if (!longjob_start(j))
			return false;
		status = bar0_get(j->m->s, VGPU_REG_STATUS);
		if (status == VGPU_STATUS_BUSY)
			return true;
		if (!tap_must_eq(status, VGPU_STATUS_DONE,
				 "STATUS after a doorbell") ||
		    !mbox_wait(j->m))
			return false;
	} while (longjob_grow(j));
	return false;
}

static u64 longjob_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000000 + (u64)now.tv_nsec / 1000;
}

/**
 * longjob_start_amid() - start it, and return when the GPU is at it
 * @j: the job
 *
 * Right after the doorbell it waits in some queue.  That it has begun can't be
 * seen, so an eighth of its time is let pass.
 *
 * Return: as longjob_start_busy().
 */
bool longjob_start_amid(struct longjob *j)
{
	u32 status;
	u64 end;

	do {
		if (!longjob_start_busy(j))
			return false;
		end = longjob_now_us() + j->expect_us / 8;
		do {
			status = bar0_get(j->m->s, VGPU_REG_STATUS);
			if (status == VGPU_STATUS_BUSY &&
			    longjob_now_us() >= end)
				return true;
			sched_yield();
		} while (status == VGPU_STATUS_BUSY);
		if (!mbox_wait(j->m))
			return false;
	} while (longjob_grow(j));
	return false;
}

/**
 * longjob_result() - check what it computed
 * @j: the job, over, without error
 *
 * Return: whether first and last row are right; if not, a failed check has been
 * printed.
 */
bool longjob_result(struct longjob *j)
{
	u64 row[2] = { 0, (u64)(j->rows - 1) * j->dim * 4 };
	u32 want = longjob_float(j->dim), i, k;
	u8 buf[512 * 4];
	int error;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		error = gpu_download(j->m, j->ctx, j->c, row[i], buf,
				     j->dim * 4);
		if (!tap_must(!error, "reads the long job's result: %s",
			      mbox_error_name(error)))
			return false;
		for (k = 0; k < j->dim; k++) {
			if (!tap_must_eq(get_le32(buf + 4 * k), want,
					 "the long job's result at row %llu column %u",
					 (unsigned long long)row[i] / 4 / j->dim,
					 k))
				return false;
		}
	}
	return true;
}
