/* SPDX-License-Identifier: GPL-2.0 */
/* The mailbox's own requests, and how completions are told. */
#ifndef VFIO_CHECK_TEST_MAILBOX_H
#define VFIO_CHECK_TEST_MAILBOX_H

#include "session.h"

void test_mailbox_msi(struct session *s);
void test_mailbox_msix(struct session *s);
void test_mailbox_info(struct session *s);
void test_mailbox_irq_ctrl(struct session *s);
void test_mailbox_timestamp(struct session *s);
void test_mailbox_irq_full(struct session *s);

#endif /* VFIO_CHECK_TEST_MAILBOX_H */
