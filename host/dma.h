/* SPDX-License-Identifier: GPL-2.0 */
/* Guest memory: pinned, mapped into the kernel, and lost when the VMM unmaps it. */
#ifndef _VGPU_DMA_H
#define _VGPU_DMA_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct page;
struct vgpu_bo;
struct vgpu;

/* An address as the guest's device sees it; guest-physical without a virtual IOMMU */
typedef u64 __bitwise vgpu_iova_t;

/* Pages pinned or unpinned in one call: what VFIO takes (VFIO_PIN_PAGES_MAX_ENTRIES) */
#define VGPU_DMA_BATCH		512

/* Most pages of guest memory that one vGPU keeps pinned: 8 GiB */
#define VGPU_DMA_MAX_PAGES	(2U << 20)

/* Unmapped ranges remembered apart from one another, see vgpu_dma_forbid() */
#define VGPU_DMA_FORBIDDEN	8

/**
 * struct vgpu_dma_ops - how a vGPU reaches the memory of its guest
 * @pin: pin pages that follow one another at @iova for reading and writing, at most
 *	VGPU_DMA_BATCH; all or none.  May sleep.  Return 0; -EFAULT if some are
 *	not there or not writable; -ENOMEM, also if the VMM may lock no more
 * @unpin: undo @pin, of the same pages.  May sleep
 * @read: copy from guest memory.  May sleep.  Return 0 or -EFAULT
 */
struct vgpu_dma_ops {
	int (*pin)(struct vgpu *vgpu, vgpu_iova_t iova, u32 npages, struct page **pages);
	void (*unpin)(struct vgpu *vgpu, vgpu_iova_t iova, u32 npages);
	int (*read)(struct vgpu *vgpu, vgpu_iova_t iova, void *buf, size_t len);
};

/**
 * struct vgpu_dma_space - the memory of a vGPU's guest
 * @ops: how to reach it
 * @lock: protects the rest, and &vgpu_dma.node, &vgpu_dma.nr_extents.  Taken before
 *	VFIO's own
 * @dmas: every &struct vgpu_dma that has, or is about to have, something pinned
 * @nr_pages: pages of all of them
 * @nr_forbidden: members of @forbidden that hold
 * @forbidden: ranges that were unmapped while they were pinned
 * @forbidden.first: first page number
 * @forbidden.last: last page number
 */
struct vgpu_dma_space {
	const struct vgpu_dma_ops *ops;
	struct mutex lock;
	struct list_head dmas;
	u32 nr_pages;
	u32 nr_forbidden;
	struct {
		u64 first;
		u64 last;
	} forbidden[VGPU_DMA_FORBIDDEN];
};

/**
 * struct vgpu_dma_extent - pages that follow one another in guest memory
 * @iova: the first
 * @npages: how many
 */
struct vgpu_dma_extent {
	vgpu_iova_t iova;
	u32 npages;
};

/**
 * struct vgpu_dma - a piece of guest memory
 * @vgpu: whose
 * @bo: the object that the backend was told of, until it has been told that it can't use it
 *	any more; else NULL
 * @node: in &vgpu_dma_space.dmas
 * @nr_pages: pages of it
 * @nr_extents: extents that are pinned, or being pinned
 * @room: how many there is room for in @extent
 * @extent: what it is made of; NULL once it is lost
 * @pages: its pages, in order, until it is mapped; then NULL
 * @vaddr: where the kernel sees all of it in one piece; NULL once it is lost
 */
struct vgpu_dma {
	struct vgpu *vgpu;
	struct vgpu_bo *bo;
	struct list_head node;
	u32 nr_pages;
	u32 nr_extents;
	u32 room;
	struct vgpu_dma_extent *extent;
	struct page **pages;
	void *vaddr;
};

vgpu_iova_t vgpu_dma_iova(u64 addr);
u64 vgpu_dma_addr(vgpu_iova_t iova);
void vgpu_dma_space_init(struct vgpu_dma_space *space, const struct vgpu_dma_ops *ops);
void vgpu_dma_space_fini(struct vgpu_dma_space *space);
struct vgpu_dma *vgpu_dma_create(struct vgpu *vgpu, vgpu_iova_t list, u64 size);
void vgpu_dma_destroy(struct vgpu_dma *dma);
bool vgpu_dma_forbid(struct vgpu *vgpu, vgpu_iova_t iova, u64 length);
void vgpu_dma_permit(struct vgpu *vgpu);
void vgpu_dma_lose(struct vgpu *vgpu, vgpu_iova_t iova, u64 length);

#endif /* _VGPU_DMA_H */
