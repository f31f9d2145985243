/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VFIO_CHECK_TEST_QUEUE_H
#define VFIO_CHECK_TEST_QUEUE_H

#include "session.h"

void test_queue(struct session *s);
void test_queue_depth(struct session *s);
void test_queue_bad_memory(struct session *s);
void test_queue_limits(struct session *s);
void test_queue_unmap(struct session *s);
void test_queue_busy_end(struct session *s);
void test_queue_hostile(struct session *s);

#endif /* VFIO_CHECK_TEST_QUEUE_H */
