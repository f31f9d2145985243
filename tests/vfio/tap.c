// SPDX-License-Identifier: GPL-2.0
/*
 * Lines in the manner of TAP.  Each is formatted into one buffer and written by
 * one write(2), so that what was printed before a crash, of this program or of
 * the machine, can be read after it.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"
#include "watchdog.h"

static const char *tap_current = "-";
static unsigned int tap_passed, tap_fails, tap_skips;

/* &tap_fails when the test that runs now began */
static unsigned int tap_fails_before;

static void tap_write(const char *line, size_t len)
{
	ssize_t ret;

	while (len) {
		ret = write(STDOUT_FILENO, line, len);
		if (ret < 0 && errno == EINTR)
			continue;
		if (ret <= 0)
			return;
		line += ret;
		len -= (size_t)ret;
	}
}

static void tap_line(const char *head, const char *fmt, va_list ap,
		     const char *tail)
{
	char line[1024];
	size_t len;
	int ret;

	ret = snprintf(line, sizeof(line) - 1, "%s", head);
	len = ret < 0 ? 0 : (size_t)ret;
	ret = vsnprintf(line + len, sizeof(line) - 1 - len, fmt, ap);
	if (ret > 0)
		len = strlen(line);
	ret = snprintf(line + len, sizeof(line) - 1 - len, "%s", tail);
	if (ret > 0)
		len = strlen(line);
	line[len++] = '\n';
	tap_write(line, len);
	watchdog_pet();
}

static void tap_result(bool good, const char *fmt, va_list ap, const char *tail)
{
	char head[128];

	snprintf(head, sizeof(head), "%sok %s - ", good ? "" : "not ",
		 tap_current);
	tap_line(head, fmt, ap, good ? "" : tail);
	if (good)
		tap_passed++;
	else
		tap_fails++;
}

/**
 * tap_begin() - name the checks that follow
 * @name: the test; must stay valid
 */
void tap_begin(const char *name)
{
	tap_current = name;
	tap_fails_before = tap_fails;
	watchdog_pet();
}

/**
 * tap_name() - the test that runs now
 *
 * Return: what tap_begin() was given.
 */
const char *tap_name(void)
{
	return tap_current;
}

/**
 * tap_errno_name() - an error's name
 * @err: an errno, of either sign; 0 is "success"
 *
 * Return: such as "EINVAL".
 */
const char *tap_errno_name(int err)
{
	const char *name;

	if (!err)
		return "success";
	name = strerrorname_np(err < 0 ? -err : err);
	return name ? name : "an unknown error";
}

/**
 * tap_ok() - a check
 * @good: did it pass?
 * @fmt: what was checked
 *
 * Return: @good.
 */
bool tap_ok(bool good, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tap_result(good, fmt, ap, "");
	va_end(ap);
	return good;
}

/**
 * tap_must() - a step on which checks depend: silent if it passes
 * @good: did it pass?
 * @fmt: what was checked
 *
 * Return: @good.
 */
bool tap_must(bool good, const char *fmt, ...)
{
	va_list ap;

	watchdog_pet();
	if (good)
		return true;
	va_start(ap, fmt);
	tap_result(false, fmt, ap, "");
	va_end(ap);
	return false;
}

static void tap_eq_tail(char *tail, size_t size, u64 got, u64 want)
{
	snprintf(tail, size, ": got %#llx want %#llx", (unsigned long long)got,
		 (unsigned long long)want);
}

/**
 * tap_eq() - check a number
 * @got: what it is
 * @want: what it should be
 * @fmt: what was checked
 *
 * Return: whether they are equal.
 */
bool tap_eq(u64 got, u64 want, const char *fmt, ...)
{
	char tail[64];
	va_list ap;

	tap_eq_tail(tail, sizeof(tail), got, want);
	va_start(ap, fmt);
	tap_result(got == want, fmt, ap, tail);
	va_end(ap);
	return got == want;
}

/**
 * tap_must_eq() - as tap_eq(), but silent if it passes
 * @got: what it is
 * @want: what it should be
 * @fmt: what was checked
 *
 * Return: whether they are equal.
 */
bool tap_must_eq(u64 got, u64 want, const char *fmt, ...)
{
	char tail[64];
	va_list ap;

	watchdog_pet();
	if (got == want)
		return true;
	tap_eq_tail(tail, sizeof(tail), got, want);
	va_start(ap, fmt);
	tap_result(false, fmt, ap, tail);
	va_end(ap);
	return false;
}

/**
 * tap_errno() - check how a call ended
 * @ret: what it returned: negative errno, or anything else for success
 * @want: the errno it should have failed with, positive; 0 for success
 * @fmt: what was checked
 *
 * Return: whether it ended like that.
 */
bool tap_errno(int ret, int want, const char *fmt, ...)
{
	int got = ret < 0 ? -ret : 0;
	char tail[64];
	va_list ap;

	snprintf(tail, sizeof(tail), ": got %s want %s", tap_errno_name(got),
		 tap_errno_name(want));
	va_start(ap, fmt);
	tap_result(got == want, fmt, ap, tail);
	va_end(ap);
	return got == want;
}

/**
 * tap_errno2() - check how a call ended where two ways are right
 * @ret: what it returned
 * @want: a right errno, positive; 0 for success
 * @or_want: the other one
 * @fmt: what was checked
 *
 * Return: whether it ended in one of these ways.
 */
bool tap_errno2(int ret, int want, int or_want, const char *fmt, ...)
{
	int got = ret < 0 ? -ret : 0;
	bool good = got == want || got == or_want;
	char tail[96];
	va_list ap;

	snprintf(tail, sizeof(tail), ": got %s want %s or %s",
		 tap_errno_name(got), tap_errno_name(want),
		 tap_errno_name(or_want));
	va_start(ap, fmt);
	tap_result(good, fmt, ap, tail);
	va_end(ap);
	return good;
}

/**
 * tap_skip() - a check that can't be made here
 * @why: why not
 * @fmt: what would have been checked
 */
void tap_skip(const char *why, const char *fmt, ...)
{
	char head[128], tail[256];
	va_list ap;

	snprintf(head, sizeof(head), "ok %s - ", tap_current);
	snprintf(tail, sizeof(tail), " # SKIP %s", why);
	va_start(ap, fmt);
	tap_line(head, fmt, ap, tail);
	va_end(ap);
	tap_skips++;
}

/**
 * tap_note() - something worth knowing that is no check
 * @fmt: what
 */
void tap_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tap_line("# ", fmt, ap, "");
	va_end(ap);
}

/**
 * tap_failed() - has a check of the test that runs now failed?
 *
 * Return: true if so.
 */
bool tap_failed(void)
{
	return tap_fails != tap_fails_before;
}

/**
 * tap_end() - print the counts
 *
 * Return: the program's exit status: 0 if nothing failed, else 1.
 */
int tap_end(void)
{
	tap_note("%u passed, %u failed, %u skipped", tap_passed, tap_fails,
		 tap_skips);
	return tap_fails ? 1 : 0;
}
