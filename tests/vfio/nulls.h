/* SPDX-License-Identifier: GPL-2.0 */
/* What null jobs take, of all of a machine. */
#ifndef VFIO_CHECK_NULLS_H
#define VFIO_CHECK_NULLS_H

#include "session.h"

void mode_nulls(struct session *s, u32 depth, u32 jobs);

#endif /* VFIO_CHECK_NULLS_H */
