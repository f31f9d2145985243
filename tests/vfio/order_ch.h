/* SPDX-License-Identifier: GPL-2.0 */
/* What cloud-hypervisor does, in its order. */
#ifndef VFIO_CHECK_ORDER_CH_H
#define VFIO_CHECK_ORDER_CH_H

#include "session.h"

void test_order_ch(struct session *s);

#endif /* VFIO_CHECK_ORDER_CH_H */
