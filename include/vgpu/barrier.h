/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
/* What <vgpu/ring.h> takes of the kernel, for userspace, by GCC's atomics. */
#ifndef _VGPU_BARRIER_H
#define _VGPU_BARRIER_H

#include <assert.h>
#include <endian.h>
#include <stdbool.h>
#include <linux/types.h>

#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, value)	__atomic_store_n(&(x), value, __ATOMIC_RELAXED)
/* the kernel's, with the kernel's meaning */
#define virt_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
/* likewise */
#define virt_store_release(p, value) __atomic_store_n(p, value, __ATOMIC_RELEASE)
/* likewise */
#define cmpxchg(p, old, new)						\
({									\
	__auto_type cmpxchg_old = (old);				\
									\
	__atomic_compare_exchange_n(p, &cmpxchg_old, new, false,	\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
	cmpxchg_old;							\
})

/* likewise */
#define virt_mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define cpu_to_le32(x)		htole32(x)
#define le32_to_cpu(x)		le32toh(x)
#define cpu_to_le64(x)		htole64(x)
#define le64_to_cpu(x)		le64toh(x)

#endif /* _VGPU_BARRIER_H */
