/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_BO_H
#define VGPUG_BO_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/scatterlist.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "pin.h"

struct device;

/**
 * struct vgpug_bos - memory of this machine that a device reads and writes
 */
struct vgpug_bos {
	/** @dev: the PCI function; used until vgpug_bos_fini() */
	struct device *dev;
	/** @lock: protects the rest, and &vgpug_bo.mapped */
	struct mutex lock;
	/** @bos: all of it */
	struct list_head bos;
	/** @gone: after vgpug_bos_fini() */
	bool gone;
	/** @orphans: of which nobody here wants these, but perhaps the device */
	struct list_head orphans;
};

/**
 * struct vgpug_bo - a piece of it
 *
 * Constant but for @mapped, @list and where mmap(2) finds it, as long as there is a reference.
 */
struct vgpug_bo {
	/** @ref: one for whoever may be asked for it, one for each queue in it */
	struct kref ref;
	/** @bos: where it belongs */
	struct vgpug_bos *bos;
	/** @all: in &vgpug_bos.bos */
	struct list_head all;
	/** @node: in a list of its owner's */
	struct list_head node;
	/** @npages: how many pages */
	unsigned int npages;
	/** @pages: which */
	struct page **pages;
	/** @mmap_node: in &vgpug_objects.offsets, if @mmap_pgoff is not 0 */
	struct rb_node mmap_node;
	/** @mmap_pgoff: where mmap(2) finds it, in pages; protected as that; 0: nowhere */
	u64 mmap_pgoff;
	/** @imported: they are a process's own, pinned; else the driver's */
	bool imported;
	/** @pin: if @imported */
	struct vgpug_pin pin;
	/** @sgt: the same, as the device sees them */
	struct sg_table sgt;
	/** @mapped: the device can reach it */
	bool mapped;
	/** @list: names it to the device, made before the machine sleeps; or NULL */
	struct vgpug_bo *list;
	/** @list_addr: the device's address of @list */
	u64 list_addr;
	/** @free_work: for vgpug_bo_put_later() */
	struct work_struct free_work;
};

int vgpug_bo_register(void);
void vgpug_bo_unregister(void);

void vgpug_bos_init(struct vgpug_bos *bos, struct device *dev);
void vgpug_bos_reclaim(struct vgpug_bos *bos);
void vgpug_bos_fini(struct vgpug_bos *bos, bool reset);

struct vgpug_bo *vgpug_bo_create(struct vgpug_bos *bos, u64 bytes);
struct vgpug_bo *vgpug_bo_import(struct vgpug_bos *bos, u64 address, u64 bytes);
struct vgpug_bo *vgpug_bo_create_list(struct vgpug_bo *bo, u64 *addr);
void vgpug_bo_get(struct vgpug_bo *bo);
void vgpug_bo_put(struct vgpug_bo *bo);
void vgpug_bo_put_later(struct vgpug_bo *bo);
void vgpug_bo_orphan(struct vgpug_bo *bo);

#endif /* VGPUG_BO_H */
