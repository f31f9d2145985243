// SPDX-License-Identifier: GPL-2.0
/*
 * What a neighbour does: the same launch again and again, with some always waiting.  Nothing is
 * checked here: the vGPU may be one whose worker was just killed.
 */
#include <string.h>
#include <unistd.h>

#include "gpu.h"
#include "module.h"
#include "tap.h"
#include "watchdog.h"
#include "work.h"

/* In the guest's memory, by page: rings; and, in one object, arguments, the log, the source */
enum {
	WORK_RINGS,
	WORK_ARGS = 8,
	WORK_LOG,
	WORK_CODE,
	WORK_END = WORK_CODE + WORK_SOURCE / QUEUE_PAGE,
};

#define WORK_ENTRIES	64U

/**
 * work_open() - make a context with a queue, and memory
 * @w: what to fill in; it has no kernel yet
 * @m: the mailbox, of MSI-X
 * @mem: the memory
 *
 * Return: 0, enum vgpu_error, or -1; then there is nothing of it.
 */
int work_open(struct work *w, struct mbox *m, struct queue_mem *mem)
{
	int err;

	memset(w, 0, sizeof(*w));
	w->m = m;
	w->mem = mem;
	w->q.event = -1;
	err = gpu_ctx_create(m, &w->ctx);
	if (err)
		return err;
	w->there = true;
	err = queue_create(&w->q, m, mem, w->ctx, WORK_RINGS, WORK_ENTRIES);
	if (!err)
		err = queue_bo(m, mem, w->ctx, WORK_ARGS, WORK_END - WORK_ARGS, &w->bo);
	if (!err)
		err = gpu_bo_create(m, w->ctx, WORK_BYTES + QUEUE_PAGE, &w->data);
	if (err)
		work_close(w);
	return err;
}

/**
 * work_close() - undo work_open()
 * @w: the work, or one that was closed
 *
 * What is under way ends with the context.
 */
void work_close(struct work *w)
{
	if (w->q.event >= 0)
		close(w->q.event);
	w->q.event = -1;
	if (w->there)
		gpu_ctx_destroy(w->m, w->ctx);
	w->there = false;
}

/**
 * work_set_arg() - set an argument of what is launched from now on
 * @w: the work; the argument is one of it then
 * @i: which
 * @type: enum vgpu_arg_type
 * @handle: see &struct vgpu_dev_arg
 * @value: see &struct vgpu_dev_arg
 */
void work_set_arg(struct work *w, u32 i, u32 type, u32 handle, u64 value)
{
	struct vgpu_dev_arg *arg = (void *)(w->mem->va + WORK_ARGS * QUEUE_PAGE);

	arg[i].type = htole32(type);
	arg[i].handle = htole32(handle);
	arg[i].value = htole64(value);
	if (w->nargs <= i)
		w->nargs = i + 1;
}

/**
 * work_builtin() - launch sha256 of WORK_BYTES bytes from now on
 * @w: the work
 *
 * Return: 0, enum vgpu_error, or -1.
 */
int work_builtin(struct work *w)
{
	u32 module;
	int err = module_builtin(w->m, w->ctx, &module);

	if (!err)
		err = module_kernel(w->m, w->ctx, module, "sha256", &w->kernel);
	w->nargs = 0;
	work_set_arg(w, 0, VGPU_ARG_BO, w->data, WORK_BYTES);
	work_set_arg(w, 1, VGPU_ARG_BO, w->data, 0);
	work_set_arg(w, 2, VGPU_ARG_VALUE, 0, WORK_BYTES);
	return err;
}

/**
 * work_text() - make a VGPU_OP_MODULE_BUILD of a source
 * @w: the work, in whose memory the source is put
 * @source: OpenCL C, WORK_SOURCE bytes at most
 * @r: the request
 */
void work_text(struct work *w, const char *source, struct mbox_request *r)
{
	const struct module_text text = {
		.ctx = w->ctx,
		.bo = w->bo,
		.code = (WORK_CODE - WORK_ARGS) * QUEUE_PAGE,
		.code_size = strlen(source),
		.log = (WORK_LOG - WORK_ARGS) * QUEUE_PAGE,
		.log_size = QUEUE_PAGE,
		.options = "",
	};

	memcpy(w->mem->va + WORK_CODE * QUEUE_PAGE, source, text.code_size);
	module_request(r, &text);
}

/**
 * work_source() - launch a kernel of the guest's own from now on
 * @w: the work
 * @source: as work_text(); its kernel is called "k", and gets a buffer
 *
 * Return: 0, enum vgpu_error, or -1.
 */
int work_source(struct work *w, const char *source)
{
	struct mbox_request r;
	int err;

	work_text(w, source, &r);
	err = mbox_run(w->m, &r);
	if (!err)
		err = module_kernel(w->m, w->ctx, w->m->resp.result[0], "k", &w->kernel);
	w->nargs = 0;
	work_set_arg(w, 0, VGPU_ARG_BO, w->data, 0);
	return err;
}

static void work_submit(struct work *w)
{
	struct vgpu_dev_sqe *sqe = queue_sqe(&w->q, 0);
	u32 i;

	sqe->launch.kernel = htole32(w->kernel);
	for (i = 0; i < 3; i++) {
		sqe->launch.grid[i] = htole32(1);
		sqe->launch.block[i] = htole32(1);
	}
	sqe->launch.args = htole32(w->bo);
	sqe->launch.args_offset = 0;
	sqe->launch.args_length = htole32(w->nargs * sizeof(struct vgpu_dev_arg));
	queue_submit(&w->q, VGPU_SQE_LAUNCH);
	w->pending++;
}

/**
 * work_fill() - have so many jobs under way
 * @w: the work, with a kernel
 * @depth: 1 to WORK_DEPTH
 *
 * Return: whether the device could be told.
 */
bool work_fill(struct work *w, u32 depth)
{
	while (w->pending < depth)
		work_submit(w);
	return queue_kick(&w->q);
}

/**
 * work_keep() - have so many jobs under way, and wait until one or more have ended
 * @w: the work, with a kernel
 * @depth: up to WORK_DEPTH; 0: no more than there are
 *
 * Return: how the last job ended that did not end well; 0 if there was none; -1 if none ended.
 */
int work_keep(struct work *w, u32 depth)
{
	struct vgpu_dev_cqe cqe;
	int err = 0;

	if (!w->there)
		return -1;
	if (!work_fill(w, depth) || !queue_wait(&w->q, &cqe))
		return -1;
	do {
		w->pending--;
		err = queue_status(&cqe) ?: err;
	} while (vgpu_ring_reap(&w->q.ring, &cqe));
	return err;
}

/**
 * mode_work() - launch sha256, with WORK_DEPTH jobs always under way, until killed
 * @s: an open session
 */
void mode_work(struct session *s)
{
	struct queue_mem mem;
	struct work w;
	struct mbox m;
	int err;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX) || !queue_mem_open(&mem, s))
		return;
	err = work_open(&w, &m, &mem);
	if (!err)
		err = work_builtin(&w);
	tap_note("working");
	while (!err) {
		err = work_keep(&w, WORK_DEPTH);
		watchdog_pet();
	}
	tap_ok(false, "a job of somebody who does no harm: %s", mbox_error_name(err));
}
