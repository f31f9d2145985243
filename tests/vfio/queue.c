// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io.h"
#include "irqset.h"
#include "queue.h"
#include "tap.h"

/**
 * queue_enable() - accept features and enable them, unless that was done
 * @s: an open session
 * @features: VGPU_FEATURE_*
 *
 * Return: whether these hold; if not, a failed check has been printed.
 */
bool queue_enable(struct session *s, u64 features)
{
	if (!(bar0_get(s, VGPU_REG_EXT_STATUS) & VGPU_EXT_ENABLED)) {
		bar0_put(s, VGPU_REG_EXT_ACCEPTED_LO, (u32)features);
		bar0_put(s, VGPU_REG_EXT_ACCEPTED_HI, features >> 32);
		bar0_put(s, VGPU_REG_EXT_CONTROL, VGPU_EXT_ENABLE);
	}
	return tap_must(bar0_get(s, VGPU_REG_EXT_STATUS) == VGPU_EXT_ENABLED &&
			bar0_get(s, VGPU_REG_EXT_ACCEPTED_LO) == (u32)features,
			"features %#llx are enabled", (unsigned long long)features);
}

/**
 * queue_mem_open() - enable all features, and map memory for the device
 * @mem: what to fill in
 * @s: an open session
 *
 * Return: whether it worked; if not, a failed check has been printed.
 */
bool queue_mem_open(struct queue_mem *mem, struct session *s)
{
	int ret;

	if (!queue_enable(s, VGPU_FEATURE_QUEUES | VGPU_FEATURE_WAIT | VGPU_FEATURE_TIMESTAMP |
			  VGPU_FEATURE_AGAIN))
		return false;
	mem->s = s;
	mem->list = QUEUE_MEM_SIZE / QUEUE_PAGE - 1;
	mem->va = mmap(NULL, QUEUE_MEM_SIZE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!tap_must(mem->va != MAP_FAILED, "allocates memory"))
		return false;
	ret = session_dma_map(s, mem->va, QUEUE_IOVA, QUEUE_MEM_SIZE);
	if (tap_must(!ret, "maps memory for the device: got %s want success",
		     tap_errno_name(ret)))
		return true;
	munmap(mem->va, QUEUE_MEM_SIZE);
	return false;
}

/**
 * queue_mem_close() - undo queue_mem_open()
 * @mem: memory; perhaps unmapped already
 */
void queue_mem_close(struct queue_mem *mem)
{
	session_dma_unmap(mem->s, QUEUE_IOVA, QUEUE_MEM_SIZE);
	munmap(mem->va, QUEUE_MEM_SIZE);
}

/**
 * queue_bo_list() - VGPU_OP_BO_CREATE_SYSTEM
 * @m: a mailbox
 * @ctx: a context
 * @size: bytes
 * @list: address of the list
 * @bo: the handle
 *
 * Return: as mbox_run().
 */
int queue_bo_list(struct mbox *m, u32 ctx, u64 size, u64 list, u32 *bo)
{
	struct mbox_request r;
	int error;

	mbox_request_init(&r, VGPU_OP_BO_CREATE_SYSTEM);
	mbox_request_param(&r, ctx);
	mbox_request_param64(&r, size);
	mbox_request_param64(&r, list);
	error = mbox_run(m, &r);
	*bo = m->resp.result[0];
	return error;
}

/**
 * queue_bo_at() - an object of guest memory that is in one piece
 * @m: a mailbox
 * @mem: where its list is made
 * @ctx: a context
 * @iova: where the device sees it
 * @npages: pages
 * @bo: the handle
 *
 * Return: as mbox_run().
 */
int queue_bo_at(struct mbox *m, struct queue_mem *mem, u32 ctx, u64 iova, u32 npages, u32 *bo)
{
	u64 at = (u64)mem->list * QUEUE_PAGE;
	struct vgpu_dev_page_list *list = (void *)(mem->va + at);

	memset(list, 0, sizeof(*list));
	list->count = htole32(1);
	list->extent[0].addr = htole64(iova);
	list->extent[0].length = htole64((u64)npages * QUEUE_PAGE);
	return queue_bo_list(m, ctx, (u64)npages * QUEUE_PAGE, QUEUE_IOVA + at, bo);
}

/**
 * queue_bo() - make an object of pages that follow one another
 * @m: a mailbox
 * @mem: the memory
 * @ctx: a context
 * @page: the first
 * @npages: how many
 * @bo: the handle
 *
 * Return: as mbox_run().
 */
int queue_bo(struct mbox *m, struct queue_mem *mem, u32 ctx, u32 page, u32 npages,
	     u32 *bo)
{
	return queue_bo_at(m, mem, ctx, QUEUE_IOVA + (u64)page * QUEUE_PAGE, npages, bo);
}

/**
 * queue_create() - make a queue
 * @q: what to fill in
 * @m: a mailbox, of MSI-X
 * @mem: the memory
 * @ctx: a context
 * @page: where its rings begin; they are zeroed
 * @entries: of the rings
 *
 * Return: as mbox_run(); -EIO if its interrupt can't be set up.
 */
int queue_create(struct queue *q, struct mbox *m, struct queue_mem *mem, u32 ctx,
		 u32 page, u32 entries)
{
	u32 npages = (VGPU_QUEUE_SIZE(entries) + QUEUE_PAGE - 1) / QUEUE_PAGE;
	u8 *rings = mem->va + (u64)page * QUEUE_PAGE;
	struct mbox_request r;
	int error;

	memset(q, 0, sizeof(*q));
	q->m = m;
	q->mem = mem;
	q->ctx = ctx;
	q->event = -1;
	memset(rings, 0, (size_t)npages * QUEUE_PAGE);
	error = queue_bo(m, mem, ctx, page, npages, &q->bo);
	if (error)
		return error;
	mbox_request_init(&r, VGPU_OP_QUEUE_CREATE);
	mbox_request_param(&r, ctx);
	mbox_request_param(&r, q->bo);
	mbox_request_param64(&r, 0);
	mbox_request_param(&r, entries);
	mbox_request_param(&r, 0);
	error = mbox_run(m, &r);
	if (error)
		return error;
	q->id = m->resp.result[0];
	q->ring.events = (void *)(rings + VGPU_QUEUE_EVENTS);
	q->ring.sq = (void *)(rings + VGPU_QUEUE_SQ);
	q->ring.cq = (void *)(rings + VGPU_QUEUE_CQ(entries));
	q->ring.mask = entries - 1;
	q->event = event_create();
	return irqset_fds(m->s, VFIO_PCI_MSIX_IRQ_INDEX, VGPU_VECTOR_QUEUE(q->id), 1,
			  &q->event);
}

/**
 * queue_destroy() - end a queue
 * @q: the queue
 *
 * Return: as mbox_run().
 */
int queue_destroy(struct queue *q)
{
	struct mbox_request r;

	if (q->event >= 0)
		close(q->event);
	q->event = -1;
	mbox_request_init(&r, VGPU_OP_QUEUE_DESTROY);
	mbox_request_param(&r, q->ctx);
	mbox_request_param(&r, q->id);
	return mbox_run(q->m, &r);
}

/**
 * queue_sqe() - the entry to fill in next
 * @q: a queue with room
 * @user_data: for its completion
 *
 * Return: the entry, all zeroes otherwise but for &vgpu_dev_sqe.control.
 */
struct vgpu_dev_sqe *queue_sqe(struct queue *q, u64 user_data)
{
	struct vgpu_dev_sqe *sqe = vgpu_ring_sqe(&q->ring);

	sqe->reserved = 0;
	sqe->user_data = htole64(user_data);
	memset(sqe->words, 0, sizeof(sqe->words));
	return sqe;
}

/**
 * queue_submit() - make the entry of queue_sqe() valid
 * @q: a queue
 * @opcode: enum vgpu_sqe_opcode
 */
void queue_submit(struct queue *q, u32 opcode)
{
	vgpu_ring_submit(&q->ring, opcode);
}

/**
 * queue_copy() - submit a copy
 * @q: a queue with room
 * @user_data: for its completion
 * @dst: object to write
 * @dst_offset: where in it
 * @src: object to read
 * @src_offset: where in it
 * @length: bytes
 */
void queue_copy(struct queue *q, u64 user_data, u32 dst, u64 dst_offset, u32 src,
		u64 src_offset, u64 length)
{
	struct vgpu_dev_sqe *sqe = queue_sqe(q, user_data);

	sqe->copy.dst = htole32(dst);
	sqe->copy.src = htole32(src);
	sqe->copy.dst_offset = htole64(dst_offset);
	sqe->copy.src_offset = htole64(src_offset);
	sqe->copy.length = htole64(length);
	queue_submit(q, VGPU_SQE_COPY);
}

/**
 * queue_doorbell() - ring
 * @q: a queue
 *
 * Return: whether the write was accepted; if not, a failed check has been printed.
 */
bool queue_doorbell(struct queue *q)
{
	q->doorbells++;
	return io_put(q->m->s, VFIO_PCI_BAR2_REGION_INDEX, VGPU_BAR2_DOORBELL(q->id), 0, 4);
}

/**
 * queue_kick() - ring if it is asked for
 * @q: a queue
 *
 * Return: as queue_doorbell().
 */
bool queue_kick(struct queue *q)
{
	return vgpu_ring_need_kick(&q->ring) ? queue_doorbell(q) : true;
}

/**
 * queue_wait() - wait for the next completion
 * @q: a queue
 * @cqe: gets a copy
 *
 * Sleeps on the queue's interrupt, and trusts it: a wake-up that is lost is seen.
 *
 * Return: false if there was none within IRQSET_WAIT_MS.
 */
bool queue_wait(struct queue *q, struct vgpu_dev_cqe *cqe)
{
	while (!vgpu_ring_reap(&q->ring, cqe)) {
		vgpu_ring_arm_irq(&q->ring, 0);
		if (vgpu_ring_reap(&q->ring, cqe))
			return true;
		if (!event_wait(q->event))
			return false;
	}
	return true;
}

/**
 * queue_status() - how a job ended
 * @cqe: its completion
 *
 * Return: enum vgpu_error.
 */
int queue_status(const struct vgpu_dev_cqe *cqe)
{
	return (int)(le32toh(cqe->control) & VGPU_CQE_STATUS_MASK);
}
