/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_SLEEP_H
#define VGPUG_SLEEP_H

#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/types.h>

struct pci_dev;
struct vgpug_device;

/* For all that is under way, and what is refused; who asks for sleep waits as long */
#define VGPUG_SLEEP_TIMEOUT	(10 * HZ)

/**
 * struct vgpug_sleep - a device while the machine sleeps
 */
struct vgpug_sleep {
	/** @mark: what was written into the device before, or 0 */
	u32 mark;
	/** @doorbells: BAR2; NULL while the machine is awake */
	void __iomem *doorbells;
	/** @ctxs: &struct vgpug_ctx that can be made again */
	struct list_head ctxs;
	/** @features: VGPU_FEATURE_* that were enabled */
	u64 features;
	/** @end: in jiffies, until when what the device refuses for now is asked again */
	unsigned long end;
};

int vgpug_sleep_begin(struct pci_dev *pdev, struct vgpug_device *vdev);
bool vgpug_sleep_is_same(struct vgpug_device *vdev);
void vgpug_sleep_end(struct pci_dev *pdev, struct vgpug_device *vdev);

#endif /* VGPUG_SLEEP_H */
