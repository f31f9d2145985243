/* SPDX-License-Identifier: GPL-2.0 */
/* The registers of BAR0, one by one. */
#ifndef VFIO_CHECK_TEST_REGS_H
#define VFIO_CHECK_TEST_REGS_H

#include "session.h"

bool regs_initial(struct session *s, const char *when);
void test_regs_initial(struct session *s);
void test_regs_readonly(struct session *s);
void test_regs_writable(struct session *s);
void test_regs_irq_status(struct session *s);

#endif /* VFIO_CHECK_TEST_REGS_H */
