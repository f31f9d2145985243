/* SPDX-License-Identifier: GPL-2.0 */
/* What QEMU does, in its order. */
#ifndef VFIO_CHECK_ORDER_QEMU_H
#define VFIO_CHECK_ORDER_QEMU_H

#include "session.h"

void test_order_qemu(struct session *s);

#endif /* VFIO_CHECK_ORDER_QEMU_H */
