/* SPDX-License-Identifier: GPL-2.0 */
/* BAR0 read and written in every width at every alignment. */
#ifndef VFIO_CHECK_TEST_MATRIX_H
#define VFIO_CHECK_TEST_MATRIX_H

#include "session.h"

void test_matrix_read(struct session *s);
void test_matrix_write(struct session *s);
void test_matrix_doorbell(struct session *s);

#endif /* VFIO_CHECK_TEST_MATRIX_H */
