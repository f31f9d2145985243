/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_SLEEP_H
#define VGPUG_SLEEP_H

#include <linux/list.h>
#include <linux/types.h>

struct pci_dev;
struct vgpug_device;

/**
 * struct vgpug_sleep - a device while the machine sleeps
 */
struct vgpug_sleep {
	/** @mark: what was written into the device before, or 0 */
	u32 mark;
	/** @doorbells: BAR2 */
	void __iomem *doorbells;
	/** @ctxs: &struct vgpug_ctx that can be made again */
	struct list_head ctxs;
	/** @features: VGPU_FEATURE_* that were enabled */
	u64 features;
};

int vgpug_sleep_begin(struct pci_dev *pdev, struct vgpug_device *vdev);
bool vgpug_sleep_is_same(struct vgpug_device *vdev);
void vgpug_sleep_end(struct pci_dev *pdev, struct vgpug_device *vdev);

#endif /* VGPUG_SLEEP_H */
