/* SPDX-License-Identifier: GPL-2.0 */
/* Calls that the device doesn't know, and bad arguments of those it does. */
#ifndef VFIO_CHECK_TEST_IOCTLS_H
#define VFIO_CHECK_TEST_IOCTLS_H

#include "session.h"

int feature_probe(struct session *s, u32 flags);
void test_ioctls(struct session *s);

#endif /* VFIO_CHECK_TEST_IOCTLS_H */
