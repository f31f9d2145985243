/* SPDX-License-Identifier: GPL-2.0 */
/* What happens to a request while it runs: doorbells, resets, the end. */
#ifndef VFIO_CHECK_TEST_BUSY_H
#define VFIO_CHECK_TEST_BUSY_H

#include "session.h"

void test_busy(struct session *s);
void test_reset(struct session *s);
void test_reset_busy(struct session *s);
void test_reset_prompt(struct session *s);
void test_flr(struct session *s);
void test_flr_busy(struct session *s);
void test_reopen(struct session *s);
void test_reopen_busy(struct session *s);

#endif /* VFIO_CHECK_TEST_BUSY_H */
