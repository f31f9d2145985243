/* SPDX-License-Identifier: GPL-2.0 */
/* Access to a device's regions. */
#ifndef VFIO_CHECK_IO_H
#define VFIO_CHECK_IO_H

#include <stddef.h>
#include <sys/types.h>

#include "session.h"

/* The region indexes by shorter names */
#define IO_BAR0		VFIO_PCI_BAR0_REGION_INDEX
#define IO_BAR2		VFIO_PCI_BAR2_REGION_INDEX
#define IO_BAR4		VFIO_PCI_BAR4_REGION_INDEX
#define IO_CONFIG	VFIO_PCI_CONFIG_REGION_INDEX

ssize_t io_read(struct session *s, u32 index, u64 offset, void *buf,
		size_t len);
ssize_t io_write(struct session *s, u32 index, u64 offset, const void *buf,
		 size_t len);
bool io_read_all(struct session *s, u32 index, u64 offset, void *buf,
		 size_t len);
bool io_write_all(struct session *s, u32 index, u64 offset, const void *buf,
		  size_t len);
u32 io_get(struct session *s, u32 index, u64 offset, size_t width);
bool io_put(struct session *s, u32 index, u64 offset, u32 value, size_t width);

static inline u32 bar0_get(struct session *s, u32 reg)
{
	return io_get(s, IO_BAR0, reg, 4);
}

static inline bool bar0_put(struct session *s, u32 reg, u32 value)
{
	return io_put(s, IO_BAR0, reg, value, 4);
}

static inline u32 config_get(struct session *s, u32 offset, size_t width)
{
	return io_get(s, IO_CONFIG, offset, width);
}

static inline bool config_put(struct session *s, u32 offset, u32 value,
			      size_t width)
{
	return io_put(s, IO_CONFIG, offset, value, width);
}

#endif /* VFIO_CHECK_IO_H */
