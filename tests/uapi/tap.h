/* SPDX-License-Identifier: GPL-2.0 */
/* What a test program prints: "ok NAME - text" or "not ok NAME - text". */
#ifndef UAPI_TAP_H
#define UAPI_TAP_H

#include <stdbool.h>

/**
 * struct tap_test - a test, which prints one line
 * @name: without blanks
 * @text: what is true if it passes
 * @run: checks it, with the macros below
 */
struct tap_test {
	const char *name;
	const char *text;
	void (*run)(void);
};

/* The checks of a test go on after a failure; it is told on stderr */
#define CHECK(condition) \
	tap_check(__FILE__, __LINE__, #condition, (condition))
#define CHECK_EQ(got, want) \
	tap_check_eq(__FILE__, __LINE__, #got, (long long)(got), \
		     (long long)(want))

bool tap_check(const char *file, int line, const char *text, bool good);
bool tap_check_eq(const char *file, int line, const char *text, long long got,
		  long long want);
void tap_skip(const char *reason);
bool tap_failed(void);
void tap_run(const struct tap_test *test);
int tap_end(void);

#endif /* UAPI_TAP_H */
