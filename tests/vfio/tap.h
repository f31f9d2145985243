/* SPDX-License-Identifier: GPL-2.0 */
/* What the tool prints: one line per check, written at once. */
#ifndef VFIO_CHECK_TAP_H
#define VFIO_CHECK_TAP_H

#include <stdbool.h>

#include "bytes.h"

#define TAP_FORMAT	__format__
#define __printf(a, b)	__attribute__((TAP_FORMAT(printf, a, b)))

void tap_begin(const char *name);
const char *tap_name(void);
const char *tap_errno_name(int err);
__printf(2, 3) bool tap_ok(bool good, const char *fmt, ...);
__printf(2, 3) bool tap_must(bool good, const char *fmt, ...);
__printf(3, 4) bool tap_eq(u64 got, u64 want, const char *fmt, ...);
__printf(3, 4) bool tap_must_eq(u64 got, u64 want, const char *fmt, ...);
__printf(3, 4) bool tap_errno(int ret, int want, const char *fmt, ...);
__printf(4, 5) bool tap_errno2(int ret, int want, int or_want,
			       const char *fmt, ...);
__printf(2, 3) void tap_skip(const char *why, const char *fmt, ...);
__printf(1, 2) void tap_note(const char *fmt, ...);
bool tap_failed(void);
int tap_end(void);

#endif /* VFIO_CHECK_TAP_H */
