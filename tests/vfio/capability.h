/* SPDX-License-Identifier: GPL-2.0 */
/* PCI capabilities in config space. */
#ifndef VFIO_CHECK_CAPABILITY_H
#define VFIO_CHECK_CAPABILITY_H

#include "session.h"

/* More than fit */
#define CAPABILITY_MAX	48

u32 capability_find(struct session *s, u8 id);

#endif /* VFIO_CHECK_CAPABILITY_H */
