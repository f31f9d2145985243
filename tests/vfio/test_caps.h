/* SPDX-License-Identifier: GPL-2.0 */
/* The capability list and what is in it. */
#ifndef VFIO_CHECK_TEST_CAPS_H
#define VFIO_CHECK_TEST_CAPS_H

#include "session.h"

void test_caps(struct session *s);
void test_power_state(struct session *s);

#endif /* VFIO_CHECK_TEST_CAPS_H */
