/* SPDX-License-Identifier: GPL-2.0 */
/* Launches with kernels and arguments that are wrong. */
#ifndef VFIO_CHECK_TEST_BADLAUNCH_H
#define VFIO_CHECK_TEST_BADLAUNCH_H

#include "session.h"

void test_badlaunch(struct session *s);
void test_badlaunch_empty(struct session *s);

#endif /* VFIO_CHECK_TEST_BADLAUNCH_H */
