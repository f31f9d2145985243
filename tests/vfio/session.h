/* SPDX-License-Identifier: GPL-2.0 */
/* An open device: container, group and device, or iommufd and device. */
#ifndef VFIO_CHECK_SESSION_H
#define VFIO_CHECK_SESSION_H

#include <linux/vfio.h>
#include <stdbool.h>

#include "bytes.h"

/**
 * struct session - an open device
 * @path: its sysfs folder, as the user gave it
 * @uuid: its name
 * @node: /dev/vfio/N or, with @iommufd, /dev/vfio/devices/vfioN
 * @iommufd: reached through its own node, not its group's
 * @container: the container or iommufd; -1 if closed
 * @group: the group; -1 if closed or not used
 * @device: the device; -1 if closed
 * @ioas: address space in the iommufd
 * @info: what the device says of itself
 * @region: what it says of its regions; size 0 where it says nothing
 * @error: why the last call failed, for the user to read
 */
struct session {
	const char *path;
	char uuid[64];
	char node[512];
	bool iommufd;
	int container;
	int group;
	int device;
	u32 ioas;
	struct vfio_device_info info;
	struct vfio_region_info region[VFIO_PCI_NUM_REGIONS];
	char error[640];
};

int session_init(struct session *s, const char *path, bool iommufd);
int session_open(struct session *s);
void session_close(struct session *s);
int session_open_container(struct session *s);
int session_open_device(struct session *s);
void session_close_device(struct session *s);
int session_reset(struct session *s);
int session_region_info(struct session *s, u32 index,
			struct vfio_region_info *info);
int session_dma_map(struct session *s, void *va, u64 iova, u64 size);
int session_dma_map_readonly(struct session *s, void *va, u64 iova, u64 size);
long long session_dma_unmap(struct session *s, u64 iova, u64 size);

#endif /* VFIO_CHECK_SESSION_H */
