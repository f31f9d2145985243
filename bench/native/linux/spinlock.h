/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A lock that costs what the kernel's does where nobody else has it: one atomic operation to
 * take it and a store to give it back.  The pthread mutex that Linux's tools have instead takes
 * two and fifty instructions, a seventh of a decision.  Who has it may be preempted here, so
 * who waits for long gives way.
 */
#ifndef _NATIVE_SPINLOCK_H
#define _NATIVE_SPINLOCK_H

#include <sched.h>
#include <stdbool.h>

struct native_spinlock {
	bool locked;
};

#define spinlock_t	struct native_spinlock
#define NATIVE_SPINS	1000

static inline void spin_lock_init(spinlock_t *lock)
{
	lock->locked = false;
}

static inline void spin_lock(spinlock_t *lock)
{
	int spins = 0;

	while (__atomic_exchange_n(&lock->locked, true, __ATOMIC_ACQUIRE)) {
		while (__atomic_load_n(&lock->locked, __ATOMIC_RELAXED)) {
			if (++spins % NATIVE_SPINS == 0)
				sched_yield();
		}
	}
}

static inline void spin_unlock(spinlock_t *lock)
{
	__atomic_store_n(&lock->locked, false, __ATOMIC_RELEASE);
}

#endif /* _NATIVE_SPINLOCK_H */
