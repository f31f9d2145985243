// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io.h"
#include "iommufd.h"
#include "mbox.h"
#include "tap.h"
#include "test_session.h"

static int test_group_flags(int group)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };

	if (ioctl(group, VFIO_GROUP_GET_STATUS, &status))
		return -errno;
	return (int)status.flags;
}

/* Returns whether the rest makes sense. */
static bool test_group_open(struct session *s)
{
	int flags;

	s->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (!tap_errno(s->container < 0 ? -errno : 0, 0, "opens a container"))
		return false;
	tap_eq((u64)ioctl(s->container, VFIO_GET_API_VERSION), VFIO_API_VERSION,
	       "VFIO_GET_API_VERSION");
	tap_ok(ioctl(s->container, VFIO_CHECK_EXTENSION,
		     VFIO_TYPE1v2_IOMMU) > 0,
	       "the container can do TYPE1v2");

	s->group = open(s->node, O_RDWR | O_CLOEXEC);
	if (!tap_errno(s->group < 0 ? -errno : 0, 0, "opens %s", s->node))
		return false;
	flags = test_group_flags(s->group);
	/* cloud-hypervisor compares with ==, not & */
	tap_eq((u64)flags, VFIO_GROUP_FLAGS_VIABLE, "group is viable, no more");
	tap_errno(ioctl(s->group, VFIO_GROUP_GET_DEVICE_FD, s->uuid) < 0 ?
			  -errno :
			  0,
		  EINVAL, "no device before there is a container");

	tap_errno(ioctl(s->group, VFIO_GROUP_SET_CONTAINER, &s->container) ?
			  -errno :
			  0,
		  0, "VFIO_GROUP_SET_CONTAINER");
	tap_errno(ioctl(s->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) ?
			  -errno :
			  0,
		  0, "VFIO_SET_IOMMU");
	flags = test_group_flags(s->group);
	return tap_eq((u64)flags,
		      VFIO_GROUP_FLAGS_VIABLE | VFIO_GROUP_FLAGS_CONTAINER_SET,
		      "group has a container");
}

static void test_group(struct session *s)
{
	int fd;

	if (!test_group_open(s))
		return;
	fd = ioctl(s->group, VFIO_GROUP_GET_DEVICE_FD,
		   "ffffffff-0000-0000-0000-000000000000");
	tap_errno(fd < 0 ? -errno : 0, ENODEV,
		  "VFIO_GROUP_GET_DEVICE_FD of another name");
	s->device = ioctl(s->group, VFIO_GROUP_GET_DEVICE_FD, s->uuid);
	tap_errno(s->device < 0 ? -errno : 0, 0,
		  "VFIO_GROUP_GET_DEVICE_FD by UUID");
	fd = open(s->node, O_RDWR | O_CLOEXEC);
	tap_errno(fd < 0 ? -errno : 0, EBUSY, "the group opens only once");
	if (fd >= 0)
		close(fd);
	tap_errno(ioctl(s->group, VFIO_GROUP_UNSET_CONTAINER) ? -errno : 0,
		  EBUSY, "no UNSET_CONTAINER while the device is open");
	session_close_device(s);
	tap_errno(ioctl(s->group, VFIO_GROUP_UNSET_CONTAINER) ? -errno : 0, 0,
		  "UNSET_CONTAINER once it is closed");
}

static void test_cdev(struct session *s)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	int fd;

	s->container = iommufd_open(&s->ioas);
	if (!tap_errno(s->container < 0 ? s->container : 0, 0,
		       "opens an iommufd with an address space"))
		return;
	s->device = open(s->node, O_RDWR | O_CLOEXEC);
	if (!tap_errno(s->device < 0 ? -errno : 0, 0, "opens %s", s->node))
		return;
	tap_errno(ioctl(s->device, VFIO_DEVICE_GET_INFO, &info) ? -errno : 0,
		  EINVAL, "no access before VFIO_DEVICE_BIND_IOMMUFD");
	tap_errno(iommufd_bind(s->device, s->container), 0,
		  "VFIO_DEVICE_BIND_IOMMUFD");
	fd = open(s->node, O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		tap_errno2(iommufd_bind(fd, s->container), EINVAL, EBUSY,
			   "the device binds only once");
		close(fd);
	}
	tap_errno(iommufd_attach(s->device, s->ioas), 0,
		  "VFIO_DEVICE_ATTACH_IOMMUFD_PT");
	tap_errno(ioctl(s->device, VFIO_DEVICE_GET_INFO, &info) ? -errno : 0, 0,
		  "access after it");
}

/**
 * test_session() - the steps to an open device
 * @s: a session without anything open
 */
void test_session(struct session *s)
{
	if (s->iommufd)
		test_cdev(s);
	else
		test_group(s);
	session_close(s);
}

/**
 * test_dma() - mapping memory while the device is open
 * @s: an open session
 */
void test_dma(struct session *s)
{
	struct vfio_iommu_type1_info info = { .argsz = sizeof(info) };
	const u64 size = 1U << 20, iova = 0x40000000;
	void *va;

	va = mmap(NULL, size, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!tap_must(va != MAP_FAILED, "allocates memory"))
		return;
	if (!s->iommufd) {
		tap_errno(ioctl(s->container, VFIO_IOMMU_GET_INFO, &info) ?
				  -errno :
				  0,
			  0, "VFIO_IOMMU_GET_INFO");
		tap_ok(info.iova_pgsizes & 4096, "the IOMMU can do 4 KiB pages");
	}
	tap_errno(session_dma_map(s, va, 0, size), 0, "maps 1 MiB at 0");
	tap_errno(session_dma_map(s, va, iova, size), 0, "maps 1 MiB at 1 GiB");
	tap_errno(session_dma_map(s, va, iova, size), EEXIST,
		  "does not map twice to the same place");
	tap_eq((u64)session_dma_unmap(s, iova, size), size, "unmaps 1 MiB");
	tap_errno(session_dma_map(s, va, iova, size), 0, "maps it again");
	tap_eq((u64)session_dma_unmap(s, iova, size), size, "unmaps it again");
	mbox_works(s, "with memory mapped");
	/* the other mapping stays: closing must cope with it */
	tap_errno(munmap(va, size) ? -errno : 0, 0, "lets mapped memory go");
	mbox_works(s, "with memory gone that is still mapped");
}

/**
 * test_second_open() - two file descriptors of one device
 * @s: an open session
 */
void test_second_open(struct session *s)
{
	struct session other = *s;

	if (s->iommufd) {
		tap_skip("a device opens once through its own node",
			 "a second descriptor is the same device");
		return;
	}
	bar0_put(s, VGPU_REG_SCRATCH, 0x12345678);
	other.device = ioctl(s->group, VFIO_GROUP_GET_DEVICE_FD, s->uuid);
	if (!tap_errno(other.device < 0 ? -errno : 0, 0,
		       "opens the device a second time through its group"))
		return;
	tap_eq(bar0_get(&other, VGPU_REG_SCRATCH), 0x12345678,
	       "a second descriptor is the same device: SCRATCH");
	session_close_device(&other);
	tap_eq(bar0_get(s, VGPU_REG_SCRATCH), 0x12345678,
	       "closing one of two descriptors resets nothing: SCRATCH");
	mbox_works(s, "when one of two descriptors is closed");
}
