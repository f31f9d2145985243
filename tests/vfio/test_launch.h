/* SPDX-License-Identifier: GPL-2.0 */
/* The built-in kernels and their results. */
#ifndef VFIO_CHECK_TEST_LAUNCH_H
#define VFIO_CHECK_TEST_LAUNCH_H

#include "session.h"

void test_builtins(struct session *s);

#endif /* VFIO_CHECK_TEST_LAUNCH_H */
