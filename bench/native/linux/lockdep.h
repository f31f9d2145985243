/* SPDX-License-Identifier: GPL-2.0 */
/* A program has no lockdep; the unit tests run with the real one. */
#ifndef _NATIVE_LOCKDEP_H
#define _NATIVE_LOCKDEP_H

#define lockdep_assert_held(lock)	((void)(lock))

#endif /* _NATIVE_LOCKDEP_H */
