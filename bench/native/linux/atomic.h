/* SPDX-License-Identifier: GPL-2.0 */
/* Only for the structures that have one. */
#ifndef _NATIVE_ATOMIC_H
#define _NATIVE_ATOMIC_H

#include <linux/types.h>

struct native_atomic64 {
	s64 counter;
};

#define atomic64_t	struct native_atomic64

#endif /* _NATIVE_ATOMIC_H */
