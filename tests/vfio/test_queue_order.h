/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VFIO_CHECK_TEST_QUEUE_ORDER_H
#define VFIO_CHECK_TEST_QUEUE_ORDER_H

#include "session.h"

void test_queue_features(struct session *s);
void test_queue_wait(struct session *s);
void test_queue_timestamp(struct session *s);
void test_queue_abort(struct session *s);

#endif /* VFIO_CHECK_TEST_QUEUE_ORDER_H */
