/* SPDX-License-Identifier: GPL-2.0 */
/* Requests that are wrong, and the errors they should get. */
#ifndef VFIO_CHECK_TEST_BADREQ_H
#define VFIO_CHECK_TEST_BADREQ_H

#include "session.h"

void test_badreq_length(struct session *s);
void test_badreq_head(struct session *s);
void test_badreq_params(struct session *s);

#endif /* VFIO_CHECK_TEST_BADREQ_H */
