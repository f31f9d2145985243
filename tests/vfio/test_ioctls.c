// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "mbox.h"
#include "tap.h"
#include "test_ioctls.h"

/**
 * feature_probe() - VFIO_DEVICE_FEATURE
 * @s: an open session
 * @flags: VFIO_DEVICE_FEATURE_*
 *
 * Return: 0 or a negative errno.
 */
int feature_probe(struct session *s, u32 flags)
{
	struct {
		u32 argsz;
		u32 flags;
		u8 data[64];
	} feature = { .argsz = sizeof(feature), .flags = flags };

	return ioctl(s->device, VFIO_DEVICE_FEATURE, &feature) ? -errno : 0;
}

static void ioctls_unknown(struct session *s)
{
	static const struct {
		unsigned long cmd;
		const char *name;
	} cmd[] = {
		{ VFIO_DEVICE_GET_PCI_HOT_RESET_INFO,
		  "GET_PCI_HOT_RESET_INFO" },
		{ VFIO_DEVICE_PCI_HOT_RESET, "PCI_HOT_RESET" },
		{ VFIO_DEVICE_QUERY_GFX_PLANE, "QUERY_GFX_PLANE" },
		{ VFIO_DEVICE_GET_GFX_DMABUF, "GET_GFX_DMABUF" },
		{ VFIO_DEVICE_IOEVENTFD, "IOEVENTFD" },
		{ _IO(VFIO_TYPE, VFIO_BASE + 60), "an unknown VFIO ioctl" },
		{ _IO(VFIO_TYPE, 0), "VFIO ioctl number 0" },
		{ _IO('x', VFIO_BASE + 7), "an ioctl of another type" },
		{ _IOWR(VFIO_TYPE, VFIO_BASE + 7, u64),
		  "GET_INFO with a size in its number" },
		{ 0, "ioctl 0" },
	};
	u8 buf[256];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cmd); i++) {
		memset(buf, 0, sizeof(buf));
		buf[0] = sizeof(buf) - 1;
		tap_errno(ioctl(s->device, cmd[i].cmd, buf) ? -errno : 0,
			  ENOTTY, "%s", cmd[i].name);
	}
}

static void ioctls_pointer(struct session *s)
{
	static const struct {
		unsigned long cmd;
		const char *name;
	} cmd[] = {
		{ VFIO_DEVICE_GET_INFO, "GET_INFO" },
		{ VFIO_DEVICE_GET_REGION_INFO, "GET_REGION_INFO" },
		{ VFIO_DEVICE_GET_IRQ_INFO, "GET_IRQ_INFO" },
		{ VFIO_DEVICE_SET_IRQS, "SET_IRQS" },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cmd); i++)
		tap_errno(ioctl(s->device, cmd[i].cmd, (void *)1) ? -errno : 0,
			  EFAULT, "%s with a bad pointer", cmd[i].name);
}

/**
 * test_ioctls() - unknown ioctls, features and pointers
 * @s: an open session
 */
void test_ioctls(struct session *s)
{
	const u32 get = VFIO_DEVICE_FEATURE_GET;
	const u32 probe = VFIO_DEVICE_FEATURE_PROBE | get;

	ioctls_unknown(s);
	ioctls_pointer(s);
	/* what cloud-hypervisor and QEMU take for "can't migrate" */
	tap_errno(feature_probe(s, get | VFIO_DEVICE_FEATURE_MIGRATION), ENOTTY,
		  "feature MIGRATION");
	tap_errno(feature_probe(s, probe | VFIO_DEVICE_FEATURE_MIGRATION),
		  ENOTTY, "probing feature MIGRATION");
	tap_errno(feature_probe(s, get |
				   VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE),
		  ENOTTY, "feature MIG_DEVICE_STATE");
	/* until Linux 6.2 the core itself says EINVAL */
	tap_errno2(feature_probe(s, probe |
				    VFIO_DEVICE_FEATURE_PCI_VF_TOKEN),
		   ENOTTY, EINVAL, "probing feature PCI_VF_TOKEN");
	mbox_works(s, "after unknown ioctls");
}
