/* SPDX-License-Identifier: GPL-2.0 */
/* A guest's side of a queue. */
#ifndef _VGPU_TEST_QUEUE_GUEST_H
#define _VGPU_TEST_QUEUE_GUEST_H

#include <linux/types.h>
#include <vgpu/ring.h>

struct kunit;
struct vgpu_fixture_vgpu;

/* The rings are in these pages of the guest's memory */
#define QUEUE_GUEST_PAGE	16
#define QUEUE_GUEST_PAGES	96

/**
 * struct queue_guest - a guest's side of a queue
 * @v: its vGPU
 * @ctx: its context
 * @bo: where the rings are
 * @id: its number
 * @ring: the rings
 */
struct queue_guest {
	struct vgpu_fixture_vgpu *v;
	u32 ctx;
	u32 bo;
	u32 id;
	struct vgpu_ring_guest ring;
};

u32 queue_guest_request(struct queue_guest *q, u32 entries);
void queue_guest_create(struct kunit *test, struct queue_guest *q,
			struct vgpu_fixture_vgpu *v, u32 entries);
void queue_guest_add(struct kunit *test, struct queue_guest *q,
		     const struct queue_guest *first, u32 page, u32 entries);
void queue_guest_doorbell(struct queue_guest *q);
struct vgpu_dev_sqe *queue_guest_sqe(struct queue_guest *q, u64 user_data);
void queue_guest_nops(struct queue_guest *q, u32 n);
bool queue_guest_kick(struct queue_guest *q);
void queue_guest_settle(const struct queue_guest *q);
int queue_guest_reap(struct kunit *test, struct queue_guest *q, u64 user_data);

#endif /* _VGPU_TEST_QUEUE_GUEST_H */
