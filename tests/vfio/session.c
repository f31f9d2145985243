// SPDX-License-Identifier: GPL-2.0
/*
 * Opens a device the way a VMM does, without checking more than it must: what
 * each step should answer is the business of test_session.c and order_*.c.
 *
 * Order: container, group into container, IOMMU type, device; close in reverse.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "iommufd.h"
#include "session.h"

static int session_fail(struct session *s, const char *what, int err)
{
	snprintf(s->error, sizeof(s->error), "%s: %s", what, strerror(-err));
	return err;
}

static int session_find_group(struct session *s)
{
	char link[512], target[PATH_MAX];
	const char *number;
	ssize_t len;

	if (snprintf(link, sizeof(link), "%s/iommu_group", s->path) >=
	    (int)sizeof(link))
		return session_fail(s, s->path, -ENAMETOOLONG);
	len = readlink(link, target, sizeof(target) - 1);
	if (len < 0)
		return session_fail(s, link, -errno);
	target[len] = '\0';
	number = strrchr(target, '/');
	number = number ? number + 1 : target;
	/* libvirt and KubeVirt, too, want a number here */
	if (!*number || number[strspn(number, "0123456789")])
		return session_fail(s, "iommu_group is no number", -EINVAL);
	snprintf(s->node, sizeof(s->node), "/dev/vfio/%.16s", number);
	return 0;
}

/**
 * session_init() - find a device; opens nothing
 * @s: what to fill in
 * @path: the device's sysfs folder
 * @iommufd: reach it through its own node
 *
 * Return: 0 or a negative errno, with @s->error.
 */
int session_init(struct session *s, const char *path, bool iommufd)
{
	const char *end = path + strlen(path), *name;
	int ret;

	memset(s, 0, sizeof(*s));
	s->path = path;
	s->iommufd = iommufd;
	s->container = -1;
	s->group = -1;
	s->device = -1;

	while (end > path && end[-1] == '/')
		end--;
	for (name = end; name > path && name[-1] != '/'; name--)
		;
	if (name == end || end - name >= (int)sizeof(s->uuid))
		return session_fail(s, path, -EINVAL);
	memcpy(s->uuid, name, (size_t)(end - name));

	if (!iommufd)
		return session_find_group(s);
	ret = iommufd_find_cdev(path, s->node, sizeof(s->node));
	if (ret < 0)
		return session_fail(s, "vfio-dev", ret);
	if (ret != 1)
		return session_fail(s, "vfio-dev has not one entry", -EINVAL);
	return 0;
}

/**
 * session_open_container() - open all but the device
 * @s: a session without anything open
 *
 * Return: 0 or a negative errno, with @s->error.
 */
int session_open_container(struct session *s)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };

	if (s->iommufd) {
		s->container = iommufd_open(&s->ioas);
		if (s->container < 0)
			return session_fail(s, "/dev/iommu", s->container);
		return 0;
	}
	s->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (s->container < 0)
		return session_fail(s, "/dev/vfio/vfio", -errno);
	s->group = open(s->node, O_RDWR | O_CLOEXEC);
	if (s->group < 0)
		return session_fail(s, s->node, -errno);
	if (ioctl(s->group, VFIO_GROUP_GET_STATUS, &status))
		return session_fail(s, "GROUP_GET_STATUS", -errno);
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return session_fail(s, "group is not viable", -EPERM);
	if (ioctl(s->group, VFIO_GROUP_SET_CONTAINER, &s->container))
		return session_fail(s, "GROUP_SET_CONTAINER", -errno);
	if (ioctl(s->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return session_fail(s, "SET_IOMMU", -errno);
	return 0;
}

/**
 * session_region_info() - ask about a region
 * @s: an open session
 * @index: the region
 * @info: the answer
 *
 * Return: 0 or a negative errno.
 */
int session_region_info(struct session *s, u32 index,
			struct vfio_region_info *info)
{
	memset(info, 0, sizeof(*info));
	info->argsz = sizeof(*info);
	info->index = index;
	return ioctl(s->device, VFIO_DEVICE_GET_REGION_INFO, info) ? -errno : 0;
}

static int session_query(struct session *s)
{
	u32 i;

	s->info.argsz = sizeof(s->info);
	if (ioctl(s->device, VFIO_DEVICE_GET_INFO, &s->info))
		return session_fail(s, "DEVICE_GET_INFO", -errno);
	for (i = 0; i < ARRAY_SIZE(s->region); i++) {
		if (session_region_info(s, i, &s->region[i]))
			s->region[i].size = 0;
	}
	return 0;
}

/**
 * session_open_device() - open the device and ask about its regions
 * @s: a session with all but the device open
 *
 * Return: 0 or a negative errno, with @s->error.
 */
int session_open_device(struct session *s)
{
	int ret;

	if (s->iommufd) {
		s->device = open(s->node, O_RDWR | O_CLOEXEC);
		if (s->device < 0)
			return session_fail(s, s->node, -errno);
		ret = iommufd_bind(s->device, s->container);
		if (ret)
			return session_fail(s, "DEVICE_BIND_IOMMUFD", ret);
		ret = iommufd_attach(s->device, s->ioas);
		if (ret)
			return session_fail(s, "DEVICE_ATTACH_IOMMUFD_PT", ret);
	} else {
		s->device = ioctl(s->group, VFIO_GROUP_GET_DEVICE_FD, s->uuid);
		if (s->device < 0)
			return session_fail(s, "GROUP_GET_DEVICE_FD", -errno);
	}
	return session_query(s);
}

/**
 * session_open() - open everything
 * @s: a session without anything open
 *
 * Return: 0 or a negative errno, with @s->error and nothing open.
 */
int session_open(struct session *s)
{
	int ret;

	ret = session_open_container(s);
	if (!ret)
		ret = session_open_device(s);
	if (ret)
		session_close(s);
	return ret;
}

/**
 * session_close_device() - close the device and nothing else
 * @s: a session
 */
void session_close_device(struct session *s)
{
	if (s->device >= 0)
		close(s->device);
	s->device = -1;
}

/**
 * session_close() - close everything
 * @s: a session, with whatever is open of it
 */
void session_close(struct session *s)
{
	session_close_device(s);
	if (s->group >= 0)
		close(s->group);
	s->group = -1;
	if (s->container >= 0)
		close(s->container);
	s->container = -1;
}

/**
 * session_reset() - VFIO_DEVICE_RESET
 * @s: an open session
 *
 * Return: 0 or a negative errno.
 */
int session_reset(struct session *s)
{
	return ioctl(s->device, VFIO_DEVICE_RESET) ? -errno : 0;
}

static int session_map(struct session *s, void *va, u64 iova, u64 size, bool write)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | (write ? VFIO_DMA_MAP_FLAG_WRITE : 0),
		.vaddr = (unsigned long)va,
		.iova = iova,
		.size = size,
	};

	if (s->iommufd)
		return iommufd_map(s->container, s->ioas, va, iova, size, write);
	return ioctl(s->container, VFIO_IOMMU_MAP_DMA, &map) ? -errno : 0;
}

/**
 * session_dma_map() - map memory for the device
 * @s: a session with a container
 * @va: the memory
 * @iova: where the device sees it
 * @size: bytes
 *
 * Return: 0 or a negative errno.
 */
int session_dma_map(struct session *s, void *va, u64 iova, u64 size)
{
	return session_map(s, va, iova, size, true);
}

/**
 * session_dma_map_readonly() - the same, but the device may only read it
 * @s: a session with a container
 * @va: the memory
 * @iova: where the device sees it
 * @size: bytes
 *
 * Return: 0 or a negative errno.
 */
int session_dma_map_readonly(struct session *s, void *va, u64 iova, u64 size)
{
	return session_map(s, va, iova, size, false);
}

/**
 * session_dma_unmap() - undo session_dma_map()
 * @s: a session with a container
 * @iova: where the device sees the memory
 * @size: bytes
 *
 * Return: bytes unmapped or a negative errno.
 */
long long session_dma_unmap(struct session *s, u64 iova, u64 size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = iova,
		.size = size,
	};

	if (s->iommufd)
		return iommufd_unmap(s->container, s->ioas, iova, size);
	if (ioctl(s->container, VFIO_IOMMU_UNMAP_DMA, &unmap))
		return -errno;
	return (long long)unmap.size;
}
