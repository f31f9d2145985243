/* SPDX-License-Identifier: GPL-2.0 */
/* A VMM and a guest that do whatever comes to mind. */
#ifndef VFIO_CHECK_HOSTILE_H
#define VFIO_CHECK_HOSTILE_H

#include "session.h"

void hostile_run(struct session *s, u64 seed, u32 count);

#endif /* VFIO_CHECK_HOSTILE_H */
