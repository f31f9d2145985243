/* SPDX-License-Identifier: GPL-2.0 */
/* Opening: container, group, device; or iommufd and device. */
#ifndef VFIO_CHECK_TEST_SESSION_H
#define VFIO_CHECK_TEST_SESSION_H

#include "session.h"

void test_session(struct session *s);
void test_dma(struct session *s);
void test_second_open(struct session *s);

#endif /* VFIO_CHECK_TEST_SESSION_H */
