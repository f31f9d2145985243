// SPDX-License-Identifier: GPL-2.0
/*
 * The few structures of <linux/iommufd.h> and of newer <linux/vfio.h> that are
 * needed stand here, under names of our own, since the headers of the
 * distributions that this must build on are older than the interface.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "iommufd.h"

#define IOC_BIND_IOMMUFD	_IO(';', 100 + 18)
#define IOC_ATTACH_IOMMUFD_PT	_IO(';', 100 + 19)
#define IOC_IOAS_ALLOC		_IO(';', 0x81)
#define IOC_IOAS_MAP		_IO(';', 0x85)
#define IOC_IOAS_UNMAP		_IO(';', 0x86)

#define IOAS_MAP_FIXED_IOVA	1U
#define IOAS_MAP_WRITEABLE	2U
#define IOAS_MAP_READABLE	4U

/* struct vfio_device_bind_iommufd */
struct ioc_bind {
	u32 argsz;
	u32 flags;
	__s32 iommufd;
	u32 out_devid;
};

/* struct vfio_device_attach_iommufd_pt */
struct ioc_attach {
	u32 argsz;
	u32 flags;
	u32 pt_id;
};

/* struct iommu_ioas_alloc */
struct ioc_ioas_alloc {
	u32 size;
	u32 flags;
	u32 out_ioas_id;
};

/* struct iommu_ioas_map */
struct ioc_ioas_map {
	u32 size;
	u32 flags;
	u32 ioas_id;
	u32 reserved;
	__aligned_u64 user_va;
	__aligned_u64 length;
	__aligned_u64 iova;
};

/* struct iommu_ioas_unmap */
struct ioc_ioas_unmap {
	u32 size;
	u32 ioas_id;
	__aligned_u64 iova;
	__aligned_u64 length;
};

/**
 * iommufd_find_cdev() - find a device's own node
 * @path: the device's sysfs folder
 * @cdev: where to write the node's path
 * @size: of @cdev
 *
 * Return: how many nodes it has (a VMM wants exactly one) or a negative errno;
 * -ENOENT if this kernel has none for any device.
 */
int iommufd_find_cdev(const char *path, char *cdev, size_t size)
{
	struct dirent *entry;
	char folder[512];
	int found = 0;
	DIR *dir;

	if (snprintf(folder, sizeof(folder), "%s/vfio-dev", path) >=
	    (int)sizeof(folder))
		return -ENAMETOOLONG;
	dir = opendir(folder);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(cdev, size, "/dev/vfio/devices/%s", entry->d_name);
		found++;
	}
	closedir(dir);
	return found;
}

/**
 * iommufd_open() - open an iommufd with one address space
 * @ioas: number of the address space
 *
 * Return: file descriptor or a negative errno.
 */
int iommufd_open(u32 *ioas)
{
	struct ioc_ioas_alloc alloc = { .size = sizeof(alloc) };
	int fd, err;

	fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, IOC_IOAS_ALLOC, &alloc)) {
		err = -errno;
		close(fd);
		return err;
	}
	*ioas = alloc.out_ioas_id;
	return fd;
}

/**
 * iommufd_bind() - claim a device
 * @device: the device's node
 * @iommufd: from iommufd_open()
 *
 * Return: 0 or a negative errno.
 */
int iommufd_bind(int device, int iommufd)
{
	struct ioc_bind bind = { .argsz = sizeof(bind), .iommufd = iommufd };

	return ioctl(device, IOC_BIND_IOMMUFD, &bind) ? -errno : 0;
}

/**
 * iommufd_attach() - give a claimed device its address space
 * @device: the device's node
 * @ioas: from iommufd_open()
 *
 * Return: 0 or a negative errno.
 */
int iommufd_attach(int device, u32 ioas)
{
	struct ioc_attach attach = { .argsz = sizeof(attach), .pt_id = ioas };

	return ioctl(device, IOC_ATTACH_IOMMUFD_PT, &attach) ? -errno : 0;
}

/**
 * iommufd_map() - map memory for the device
 * @iommufd: from iommufd_open()
 * @ioas: the address space
 * @va: the memory
 * @iova: where the device sees it
 * @size: bytes
 * @write: the device may write it, too
 *
 * Return: 0 or a negative errno.
 */
int iommufd_map(int iommufd, u32 ioas, void *va, u64 iova, u64 size, bool write)
{
	struct ioc_ioas_map map = {
		.size = sizeof(map),
		.flags = IOAS_MAP_FIXED_IOVA | IOAS_MAP_READABLE |
			 (write ? IOAS_MAP_WRITEABLE : 0),
		.ioas_id = ioas,
		.user_va = (unsigned long)va,
		.length = size,
		.iova = iova,
	};

	return ioctl(iommufd, IOC_IOAS_MAP, &map) ? -errno : 0;
}

/**
 * iommufd_unmap() - undo iommufd_map()
 * @iommufd: from iommufd_open()
 * @ioas: the address space
 * @iova: where the device sees the memory
 * @size: bytes
 *
 * Return: bytes unmapped or a negative errno.
 */
long long iommufd_unmap(int iommufd, u32 ioas, u64 iova, u64 size)
{
	struct ioc_ioas_unmap unmap = {
		.size = sizeof(unmap),
		.ioas_id = ioas,
		.iova = iova,
		.length = size,
	};

	if (ioctl(iommufd, IOC_IOAS_UNMAP, &unmap))
		return -errno;
	return (long long)unmap.length;
}
