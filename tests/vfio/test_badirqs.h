/* SPDX-License-Identifier: GPL-2.0 */
/* VFIO_DEVICE_SET_IRQS with arguments that are wrong. */
#ifndef VFIO_CHECK_TEST_BADIRQS_H
#define VFIO_CHECK_TEST_BADIRQS_H

#include "session.h"

void test_badirqs_head(struct session *s);
void test_badirqs_fd(struct session *s);
void test_badirqs_atomic(struct session *s);

#endif /* VFIO_CHECK_TEST_BADIRQS_H */
