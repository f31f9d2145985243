/* SPDX-License-Identifier: GPL-2.0 */
/* How VMMs and firmware find out how large BARs are. */
#ifndef VFIO_CHECK_TEST_SIZING_H
#define VFIO_CHECK_TEST_SIZING_H

#include "session.h"

/**
 * struct sizing - what six BARs and the ROM answered
 * @bar: read back after a write of ones
 * @rom: likewise
 */
struct sizing {
	u32 bar[6];
	u32 rom;
};

void sizing_probe(struct session *s, struct sizing *z);
void sizing_check(struct session *s, const struct sizing *z);
void test_sizing(struct session *s);

#endif /* VFIO_CHECK_TEST_SIZING_H */
