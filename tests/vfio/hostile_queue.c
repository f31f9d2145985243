// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of whatever is mapped at the moment, queues in them, and pages that look like
 * lists, rings or arguments, wherever the device happens to look.
 */
#include <string.h>

#include "../bad/bad.h"
#include "hostile_queue.h"

static u32 hostile_queue_handle(struct random *rnd)
{
	return random_below(rnd, 8) ? 1 + random_below(rnd, 6) : (u32)random_nasty(rnd);
}

static u64 hostile_queue_addr(struct random *rnd)
{
	return random_below(rnd, 8) ? random_below(rnd, HOSTILE_PAGES) * (u64)BAD_PAGE :
				      random_nasty(rnd);
}

/**
 * hostile_queue_request() - make a request about guest memory, queues or modules
 * @rnd: what decides
 * @r: the request
 */
void hostile_queue_request(struct random *rnd, struct mbox_request *r)
{
	static const u32 opcodes[] = {
		VGPU_OP_BO_CREATE_SYSTEM, VGPU_OP_BO_CREATE_SYSTEM, VGPU_OP_BO_CREATE_SYSTEM,
		VGPU_OP_QUEUE_CREATE, VGPU_OP_QUEUE_CREATE, VGPU_OP_QUEUE_DESTROY,
		VGPU_OP_MODULE_LOAD, VGPU_OP_MODULE_UNLOAD, VGPU_OP_KERNEL_GET,
	};
	u32 opcode = opcodes[random_below(rnd, ARRAY_SIZE(opcodes))];

	mbox_request_init(r, opcode);
	mbox_request_param(r, 1 + random_below(rnd, 3));
	switch (opcode) {
	case VGPU_OP_BO_CREATE_SYSTEM:
		mbox_request_param64(r, (1 + random_below(rnd, 4)) * (u64)BAD_PAGE);
		mbox_request_param64(r, hostile_queue_addr(rnd));
		break;
	case VGPU_OP_QUEUE_CREATE:
		mbox_request_param(r, hostile_queue_handle(rnd));
		mbox_request_param64(r, random_below(rnd, 2) * (u64)BAD_PAGE);
		mbox_request_param(r, random_below(rnd, 8) ? 2U << random_below(rnd, 6) :
				   (u32)random_nasty(rnd));
		mbox_request_param(r, !random_below(rnd, 8));
		break;
	case VGPU_OP_KERNEL_GET:
		mbox_request_param(r, hostile_queue_handle(rnd));
		mbox_request_data(r, "vecadd_u32", random_below(rnd, 8) ? 10 : 9);
		break;
	default:
		mbox_request_param(r, hostile_queue_handle(rnd) - 1);
	}
}

static void hostile_queue_list(struct random *rnd, u8 *page)
{
	struct vgpu_dev_page_list *list = (void *)page;
	u32 i;

	list->next = htole64(random_below(rnd, 4) ? 0 : hostile_queue_addr(rnd));
	list->count = htole32(random_below(rnd, 8) ? 1 + random_below(rnd, 4) :
			      (u32)random_nasty(rnd));
	list->reserved = 0;
	for (i = 0; i < 8; i++) {
		list->extent[i].addr = htole64(hostile_queue_addr(rnd));
		list->extent[i].length = htole64(random_below(rnd, 8) ? BAD_PAGE :
						 random_nasty(rnd));
	}
}

static void hostile_queue_entry(struct random *rnd, struct vgpu_dev_sqe *sqe)
{
	u32 i;

	for (i = 0; i < VGPU_SQE_WORDS; i++)
		sqe->words[i] = htole64(random_below(rnd, 8) ? random_below(rnd, 4096) :
					random_nasty(rnd));
	sqe->copy.dst = htole32(hostile_queue_handle(rnd));
	sqe->copy.src = htole32(hostile_queue_handle(rnd));
	sqe->copy.reserved[0] = 0;
	sqe->copy.reserved[1] = 0;
	sqe->reserved = 0;
	sqe->control = htole32(random_below(rnd, 5) | random_below(rnd, 2) * VGPU_RING_PHASE);
}

/**
 * hostile_queue_scribble() - write what the device may take for something
 * @rnd: what decides
 * @page: a page of the guest's memory
 */
void hostile_queue_scribble(struct random *rnd, u8 *page)
{
	u32 i;

	switch (random_below(rnd, 4)) {
	case 0:
	case 1:
		hostile_queue_list(rnd, page);
		break;
	case 2:
		for (i = 0; i < BAD_PAGE / sizeof(struct vgpu_dev_sqe); i++)
			hostile_queue_entry(rnd, (struct vgpu_dev_sqe *)page + i);
		break;
	default:
		random_fill(rnd, page, BAD_PAGE);
	}
}
