/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VFIO_CHECK_TEST_BAD_H
#define VFIO_CHECK_TEST_BAD_H

#include "session.h"

void test_bad_queues(struct session *s);
void test_bad_entries(struct session *s);
void test_bad_launches(struct session *s);
void test_bad_modules(struct session *s);
void test_bad_lists(struct session *s);
void test_bad_lists_change(struct session *s);
void test_bad_lists_endless(struct session *s);
void test_bad_rings(struct session *s);
void test_bad_turns(struct session *s);
void test_bad_undrained(struct session *s);
void test_bad_many(struct session *s);
void test_bad_doorbells(struct session *s);
void test_bad_mess(struct session *s);

#endif /* VFIO_CHECK_TEST_BAD_H */
