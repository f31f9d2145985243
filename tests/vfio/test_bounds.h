/* SPDX-License-Identifier: GPL-2.0 */
/* Access at and beyond the ends of regions, and to no region at all. */
#ifndef VFIO_CHECK_TEST_BOUNDS_H
#define VFIO_CHECK_TEST_BOUNDS_H

#include "session.h"

void test_bounds(struct session *s);
void test_bounds_absent(struct session *s);
void test_bounds_pointer(struct session *s);

#endif /* VFIO_CHECK_TEST_BOUNDS_H */
