/* SPDX-License-Identifier: GPL-2.0 */
/* Guest memory and user-mode queues, as a guest uses them. */
#ifndef VFIO_CHECK_QUEUE_H
#define VFIO_CHECK_QUEUE_H

#include <vgpu/ring.h>

#include "mbox.h"

/* Where the device sees the memory, and how much there is */
#define QUEUE_IOVA	0x100000000ULL
#define QUEUE_MEM_SIZE	(8U << 20)
#define QUEUE_PAGE	4096U

/**
 * struct queue_mem - memory that the device sees from QUEUE_IOVA on
 * @s: the device
 * @va: the memory, QUEUE_MEM_SIZE bytes
 * @list: page of @va in which queue_bo() makes its list: the last
 */
struct queue_mem {
	struct session *s;
	u8 *va;
	u32 list;
};

/**
 * struct queue - a queue
 * @m: mailbox of its device
 * @mem: the memory it is in
 * @ctx: its context
 * @bo: the object its rings are in
 * @id: its number
 * @event: eventfd of its vector
 * @doorbells: how often it was rung
 * @ring: the rings
 */
struct queue {
	struct mbox *m;
	struct queue_mem *mem;
	u32 ctx;
	u32 bo;
	u32 id;
	int event;
	u32 doorbells;
	struct vgpu_ring_guest ring;
};

bool queue_enable(struct session *s, u64 features);
bool queue_mem_open(struct queue_mem *mem, struct session *s);
void queue_mem_close(struct queue_mem *mem);
int queue_bo_list(struct mbox *m, u32 ctx, u64 size, u64 list, u32 *bo);
int queue_bo_at(struct mbox *m, struct queue_mem *mem, u32 ctx, u64 iova, u32 npages, u32 *bo);
int queue_bo(struct mbox *m, struct queue_mem *mem, u32 ctx, u32 page, u32 npages,
	     u32 *bo);
int queue_create(struct queue *q, struct mbox *m, struct queue_mem *mem, u32 ctx,
		 u32 page, u32 entries);
int queue_destroy(struct queue *q);
struct vgpu_dev_sqe *queue_sqe(struct queue *q, u64 user_data);
void queue_submit(struct queue *q, u32 opcode);
void queue_copy(struct queue *q, u64 user_data, u32 dst, u64 dst_offset, u32 src,
		u64 src_offset, u64 length);
bool queue_doorbell(struct queue *q);
bool queue_kick(struct queue *q);
bool queue_wait(struct queue *q, struct vgpu_dev_cqe *cqe);
int queue_status(const struct vgpu_dev_cqe *cqe);

#endif /* VFIO_CHECK_QUEUE_H */
