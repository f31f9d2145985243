/* SPDX-License-Identifier: GPL-2.0 */
/* The way to a device without container and group (Linux 6.6 and later). */
#ifndef VFIO_CHECK_IOMMUFD_H
#define VFIO_CHECK_IOMMUFD_H

#include <stddef.h>

#include <stdbool.h>

#include "bytes.h"

int iommufd_find_cdev(const char *path, char *cdev, size_t size);
int iommufd_open(u32 *ioas);
int iommufd_bind(int device, int iommufd);
int iommufd_attach(int device, u32 ioas);
int iommufd_map(int iommufd, u32 ioas, void *va, u64 iova, u64 size, bool write);
long long iommufd_unmap(int iommufd, u32 ioas, u64 iova, u64 size);

#endif /* VFIO_CHECK_IOMMUFD_H */
