/* SPDX-License-Identifier: GPL-2.0 */
/* What the device says of itself, its regions and its interrupts. */
#ifndef VFIO_CHECK_TEST_INFO_H
#define VFIO_CHECK_TEST_INFO_H

#include "session.h"

void test_info(struct session *s);
void test_region_info(struct session *s);
void test_irq_info(struct session *s);

#endif /* VFIO_CHECK_TEST_INFO_H */
