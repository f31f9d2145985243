/* SPDX-License-Identifier: GPL-2.0 */
/* VFIO_DEVICE_SET_IRQS as it is meant to be used. */
#ifndef VFIO_CHECK_TEST_IRQS_H
#define VFIO_CHECK_TEST_IRQS_H

#include "session.h"

void test_irqs_loopback(struct session *s);
void test_irqs_partial(struct session *s);
void test_irqs_remove(struct session *s);
void test_irqs_mask(struct session *s);
void test_irqs_exclusive(struct session *s);
void test_irqs_err_req(struct session *s);
void test_irqs_crowd(struct session *s);

#endif /* VFIO_CHECK_TEST_IRQS_H */
