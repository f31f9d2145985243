/* SPDX-License-Identifier: GPL-2.0 */
/* Executors and workers that lie; for a device of the exec backend without one. */
#ifndef VFIO_CHECK_TEST_EXEC_H
#define VFIO_CHECK_TEST_EXEC_H

#include "session.h"

void test_exec_register(struct session *s);
void test_exec_lies(struct session *s);
void test_exec_maps(struct session *s);
void test_exec_tasks(struct session *s);

/* test_exec_return.c */
void test_exec_return(struct session *s);
void test_exec_again(struct session *s);
void test_exec_hung(struct session *s);
void test_exec_slow(struct session *s);

/* test_exec_grip.c */
void test_exec_grip(struct session *s);

/* test_exec_storm.c */
void test_exec_storm(struct session *s);
void test_exec_vain(struct session *s);
void test_exec_churn(struct session *s);

#endif /* VFIO_CHECK_TEST_EXEC_H */
