/* SPDX-License-Identifier: GPL-2.0 */
/* IEEE 754 binary32 by integer arithmetic: the reference for float kernels. */
#ifndef _VGPU_TEST_SOFTFLOAT_H
#define _VGPU_TEST_SOFTFLOAT_H

#include <linux/types.h>

u32 softfloat_add(u32 a, u32 b);
u32 softfloat_mul(u32 a, u32 b);
u32 softfloat_from_int(s32 value);

#endif /* _VGPU_TEST_SOFTFLOAT_H */
