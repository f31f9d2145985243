/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VFIO_CHECK_TEST_QUEUE_LARGE_H
#define VFIO_CHECK_TEST_QUEUE_LARGE_H

#include "session.h"

void test_queue_large(struct session *s);

#endif /* VFIO_CHECK_TEST_QUEUE_LARGE_H */
