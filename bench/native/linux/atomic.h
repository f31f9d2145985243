/* SPDX-License-Identifier: GPL-2.0 */
/* For one thread. */
#ifndef _NATIVE_ATOMIC_H
#define _NATIVE_ATOMIC_H

#include <linux/types.h>

struct native_atomic64 {
	s64 counter;
};

#define atomic64_t	struct native_atomic64

static inline s64 atomic64_read(const atomic64_t *v)
{
	return v->counter;
}

static inline void atomic64_set(atomic64_t *v, s64 i)
{
	v->counter = i;
}

static inline void atomic64_add(s64 i, atomic64_t *v)
{
	v->counter += i;
}

static inline s64 atomic64_xchg(atomic64_t *v, s64 i)
{
	s64 old = v->counter;

	v->counter = i;
	return old;
}

#endif /* _NATIVE_ATOMIC_H */
