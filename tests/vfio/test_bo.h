/* SPDX-License-Identifier: GPL-2.0 */
/* Contexts and buffer objects. */
#ifndef VFIO_CHECK_TEST_BO_H
#define VFIO_CHECK_TEST_BO_H

#include "session.h"

void test_bo(struct session *s);
void test_bo_zeroed(struct session *s);
void test_handles(struct session *s);
void test_ranges(struct session *s);
void test_copy_fill(struct session *s);
void test_quota(struct session *s);

#endif /* VFIO_CHECK_TEST_BO_H */
