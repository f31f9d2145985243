/* SPDX-License-Identifier: GPL-2.0 */
/* A program's <linux/limits.h> is another. */
#ifndef _NATIVE_LIMITS_H
#define _NATIVE_LIMITS_H

#include <linux/types.h>

#define U32_MAX		((u32)~0U)
#define U64_MAX		((u64)~0ULL)

#endif /* _NATIVE_LIMITS_H */
