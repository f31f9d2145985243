/* SPDX-License-Identifier: GPL-2.0 */
/* What a guest's driver does, as it arrives at the device through a VMM. */
#ifndef VFIO_CHECK_GUEST_H
#define VFIO_CHECK_GUEST_H

#include "session.h"

void guest_job(struct session *s, int event, const char *when);
void *guest_memory(u64 size);

#endif /* VFIO_CHECK_GUEST_H */
