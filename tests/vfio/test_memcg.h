/* SPDX-License-Identifier: GPL-2.0 */
/* Who pays for what a guest makes the host allocate. */
#ifndef VFIO_CHECK_TEST_MEMCG_H
#define VFIO_CHECK_TEST_MEMCG_H

#include "session.h"

void test_memcg(struct session *s);

#endif /* VFIO_CHECK_TEST_MEMCG_H */
