/* SPDX-License-Identifier: GPL-2.0 */
/* Being a VMM for scripts that do something to it or beside it. */
#ifndef VFIO_CHECK_MODES_H
#define VFIO_CHECK_MODES_H

#include "session.h"

/* What to do when the host asks for the device by REQ */
enum hold_req {
	HOLD_LET_GO,	/* close, as QEMU */
	HOLD_IGNORE,	/* be told, and do nothing */
	HOLD_DEAF,	/* not even be told, as cloud-hypervisor */
};

void mode_victim(struct session *s, u32 jobs);
void mode_hold(struct session *s, long seconds, enum hold_req req);
void mode_busy(struct session *s);

#endif /* VFIO_CHECK_MODES_H */
