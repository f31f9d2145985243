/* SPDX-License-Identifier: GPL-2.0 */
/* BAR2, the doorbell pages, and BAR4, the MSI-X table. */
#ifndef VFIO_CHECK_TEST_BARS_H
#define VFIO_CHECK_TEST_BARS_H

#include "session.h"

void test_bar2(struct session *s);
void test_bar4(struct session *s);

#endif /* VFIO_CHECK_TEST_BARS_H */
