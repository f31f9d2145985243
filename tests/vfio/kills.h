/* SPDX-License-Identifier: GPL-2.0 */
/* Executors and workers that are killed under load, with a ledger of all jobs. */
#ifndef VFIO_CHECK_KILLS_H
#define VFIO_CHECK_KILLS_H

#include "session.h"

void kills_run(struct session *s, const char *executor, u64 seed, u32 count);

#endif /* VFIO_CHECK_KILLS_H */
