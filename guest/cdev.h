/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_CDEV_H
#define VGPUG_CDEV_H

#include <linux/cdev.h>
#include <linux/device.h>

#include "mailbox.h"

/**
 * struct vgpug_device - a vGPU and its /dev/vgpuN
 *
 * Open files hold references to @dev, so this outlives the PCI function.
 */
struct vgpug_device {
	/** @dev: of class vgpu; its release frees this */
	struct device dev;
	/** @cdev: /dev/vgpuN */
	struct cdev cdev;
	/** @mailbox: the only way to the device; knows when it is gone */
	struct vgpug_mailbox mailbox;
	/** @info_flags: VGPU_INFO_*, constant once there is a file */
	u32 info_flags;
	/** @bus_name: of the PCI function */
	char bus_name[32];
};

int vgpug_cdev_register(void);
void vgpug_cdev_unregister(void);
struct vgpug_device *vgpug_cdev_alloc(struct device *parent);
int vgpug_cdev_add(struct vgpug_device *vdev);
void vgpug_cdev_del(struct vgpug_device *vdev);
void vgpug_cdev_put(struct vgpug_device *vdev);

#endif /* VGPUG_CDEV_H */
