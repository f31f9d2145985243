// SPDX-License-Identifier: GPL-2.0
/*
 * A guest takes away memory from under its own copies: that of a VGA adapter, which is
 * memory to the VMM and so to the vGPU, as long as the adapter answers to its address.
 */
#include <string.h>

#include <linux/pci_regs.h>

#include "../bad/bad.h"
#include "dev.h"
#include "raw.h"
#include "tap.h"

/* More than are done before the memory is gone, on however slow a machine */
#define JOBS		1024U
#define SIZE		0x100000U
/* Of the guest's memory, where the list is made */
#define LIST		200U

/* An object of the adapter's memory */
static int unmap_bo(struct bad_guest *g, __u32 ctx, __u64 addr, __u32 *bo)
{
	struct vgpu_dev_page_list *list = (void *)(g->memory + LIST * BAD_PAGE);

	memset(list, 0, sizeof(*list));
	list->count = cpu_to_le32(1);
	list->extent[0].addr = cpu_to_le64(addr);
	list->extent[0].length = cpu_to_le64(SIZE);
	return bad_bo_create_system(g, ctx, SIZE, g->addr[LIST], bo);
}

/* Some were done, some were under way, the rest met an object without memory. */
static void unmap_outcome(struct bad_queue *q)
{
	__u32 count[VGPU_ERR_COUNT] = { }, i;
	int err, last = VGPU_ERR_NONE;

	for (i = 0; i < JOBS; i++) {
		err = bad_wait(q, NULL);
		if (!bad_check(q->g, err == VGPU_ERR_NONE || err == VGPU_ERR_CANCELED ||
			       err == VGPU_ERR_BAD_ADDRESS, "copy %u: got %#x", i, err))
			return;
		bad_check(q->g, err >= last, "copy %u: got %#x after %#x", i, err, last);
		count[err]++;
		last = err;
	}
	bad_check(q->g, count[VGPU_ERR_CANCELED] && count[VGPU_ERR_BAD_ADDRESS],
		  "%u copies done, %u canceled, %u without memory", count[VGPU_ERR_NONE],
		  count[VGPU_ERR_CANCELED], count[VGPU_ERR_BAD_ADDRESS]);
}

static void unmap_busy(struct bad_guest *g, const char *vga, __u64 addr)
{
	struct vgpu_dev_sqe *sqe;
	struct bad_queue q;
	__u32 ctx, dev, sys, bo, lost, i;

	raw_config_set(vga, PCI_COMMAND, PCI_COMMAND_MEMORY);
	if (!bad_check(g, g->ops->reset(g) &&
		       !bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &ctx) &&
		       !bad_queue_create(g, &q, ctx, 0, JOBS) &&
		       !unmap_bo(g, ctx, addr, &sys) &&
		       !bad_bo_create(g, ctx, SIZE, &dev),
		       "a queue, and an object of the adapter's memory"))
		return;
	bad_expect(g, bad_queue_make(g, ctx, sys, 0, 64, &lost), 0,
		   "a queue in the adapter's memory");
	for (i = 0; i < JOBS; i++) {
		sqe = bad_sqe(&q);
		sqe->copy.dst = cpu_to_le32(i % 2 ? sys : dev);
		sqe->copy.src = cpu_to_le32(i % 2 ? dev : sys);
		sqe->copy.length = cpu_to_le64(SIZE);
		vgpu_ring_submit(&q.ring, VGPU_SQE_COPY);
	}
	bad_ring(&q);
	/* when this returns nobody touches the memory any more */
	raw_config_set(vga, PCI_COMMAND, 0);
	unmap_outcome(&q);
	bad_expect(g, bad_fill(g, ctx, sys, 0, 64, 1),
		   VGPU_ERR_BAD_ADDRESS, "the object has lost its memory");
	bad_expect(g, unmap_bo(g, ctx, addr, &bo), VGPU_ERR_BAD_ADDRESS,
		   "there is none for another");
	bad_expect(g, bad_fill(g, ctx, dev, 0, 64, 1), 0,
		   "device memory is as good as before");
	bad_nop(&q);
	bad_ring(&q);
	bad_expect(g, bad_wait(&q, NULL), 0, "the queue is as good as before");
	g->ops->bar2_write(g, VGPU_BAR2_DOORBELL(lost), 4, 0);
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_QUEUE_DESTROY, ctx, lost), 0,
		   "the queue without rings ends");
	bad_expect(g, BAD_CALL(g, NULL, VGPU_OP_BO_DESTROY, ctx, sys), 0, "the object ends");
	/* it is there again, but what was unmapped under jobs stays closed */
	raw_config_set(vga, PCI_COMMAND, PCI_COMMAND_MEMORY);
	bad_expect(g, unmap_bo(g, ctx, addr, &bo), VGPU_ERR_BAD_ADDRESS,
		   "what was unmapped is not pinned again");
	bad_expect(g, bad_bo(g, ctx, 512, 16, &bo), 0, "other memory is");
}

/**
 * raw_unmap() - memory that is taken away under running copies
 * @g: the guest
 */
void raw_unmap(struct bad_guest *g)
{
	static const unsigned int vga[] = { 0x1234, 0x1111 };
	char name[256];

	if (!CHECK(raw_find(vga, name, sizeof(name))) || !CHECK(raw_bar_address(name, 0)))
		return;
	unmap_busy(g, name, raw_bar_address(name, 0));
	bad_works(g);
}
