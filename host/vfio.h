/* SPDX-License-Identifier: GPL-2.0 */
/* A vGPU as a VFIO device. */
#ifndef _VGPUH_VFIO_H
#define _VGPUH_VFIO_H

#include <linux/ratelimit.h>
#include <linux/vfio.h>

#include "irq.h"
#include "vgpu.h"

struct dentry;

/**
 * struct vgpuh_vfio - a vGPU as a VMM sees it
 * @vdev: VFIO's part; it holds the references
 * @vgpu: the vGPU
 * @irq: its interrupts
 * @timeouts: how often an operator is told of jobs that took too long
 * @debugfs: its folder
 */
struct vgpuh_vfio {
	struct vfio_device vdev;
	struct vgpu vgpu;
	struct vgpuh_irq irq;
	struct ratelimit_state timeouts;
	struct dentry *debugfs;
};

struct vgpuh_vfio *vgpuh_vfio_create(struct device *dev);

#endif /* _VGPUH_VFIO_H */
