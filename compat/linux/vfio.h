/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VFIO as of Linux 7.x on older kernels.
 *
 * VGPU_COMPAT_VFIO_IOMMUFD_OPS: the operations of an emulated device under
 * iommufd.  They came with 6.2, detach_ioas with 6.6; before that a device had
 * none to give.
 *
 * Region info: an operation since 6.19; before that an ioctl of the driver's.
 * VGPU_COMPAT_VFIO_REGION_INFO_OP(fn) names the operation where there is one,
 * and vgpu_compat_vfio_region_info() is the ioctl where there is none.
 */
#ifndef _VGPU_COMPAT_LINUX_VFIO_H
#define _VGPU_COMPAT_LINUX_VFIO_H

#include <linux/uaccess.h>
#include <linux/version.h>
#include_next <linux/vfio.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define VGPU_COMPAT_VFIO_IOMMUFD_OPS
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define VGPU_COMPAT_VFIO_IOMMUFD_OPS					\
	.bind_iommufd = vfio_iommufd_emulated_bind,			\
	.unbind_iommufd = vfio_iommufd_emulated_unbind,			\
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,
#else
#define VGPU_COMPAT_VFIO_IOMMUFD_OPS					\
	.bind_iommufd = vfio_iommufd_emulated_bind,			\
	.unbind_iommufd = vfio_iommufd_emulated_unbind,			\
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,		\
	.detach_ioas = vfio_iommufd_emulated_detach_ioas,
#endif

/* Before 6.2 the release operation freed the device itself */
static inline void vgpu_compat_vfio_free_device(struct vfio_device *vdev)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	vfio_free_device(vdev);
#endif
}

typedef int (*vgpu_compat_region_info_fn)(struct vfio_device *vdev,
					  struct vfio_region_info *info,
					  struct vfio_info_cap *caps);

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define VGPU_COMPAT_VFIO_REGION_INFO_OP(fn)

static inline long
vgpu_compat_vfio_region_info(struct vfio_device *vdev, unsigned long arg,
			     vgpu_compat_region_info_fn fn)
{
	unsigned long minsz = offsetofend(struct vfio_region_info, offset);
	struct vfio_region_info info = {};
	int ret;

	if (copy_from_user(&info, (void __user *)arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;
	ret = fn(vdev, &info, NULL);
	if (ret)
		return ret;
	return copy_to_user((void __user *)arg, &info, minsz) ? -EFAULT : 0;
}
#else
#define VGPU_COMPAT_VFIO_REGION_INFO_OP(fn) .get_region_info_caps = fn,

static inline long
vgpu_compat_vfio_region_info(struct vfio_device *vdev, unsigned long arg,
			     vgpu_compat_region_info_fn fn)
{
	return -ENOTTY;
}
#endif

#endif
