/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _COMPAT_LINUX_DEVICE_CLASS_H
#define _COMPAT_LINUX_DEVICE_CLASS_H

#include <linux/version.h>
#include_next <linux/device/class.h>

/*
 * class.devnode() takes a const device since 6.2; a member's type can't be
 * probed, and no stable kernel took that change.
 */
#if KERNEL_VERSION(6, 2, 0) <= LINUX_VERSION_CODE
#define VGPU_DEVNODE_CONST const
#else
#define VGPU_DEVNODE_CONST
#endif

#endif /* _COMPAT_LINUX_DEVICE_CLASS_H */
