/* SPDX-License-Identifier: GPL-2.0 */
/* Removing a vGPU that is in use. */
#ifndef VFIO_CHECK_TEST_REMOVE_H
#define VFIO_CHECK_TEST_REMOVE_H

#include "session.h"

void test_remove(struct session *s);

#endif /* VFIO_CHECK_TEST_REMOVE_H */
