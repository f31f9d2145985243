// SPDX-License-Identifier: GPL-2.0
/*
 * TAP.  Checks may be made by several threads at once.
 */
#include <stdio.h>
#include <time.h>

#include "tap.h"

/* A test that loops must not flood the console */
#define TAP_MAX_FAILURES	10

static int tap_failures;
static const char *tap_skipped;
static int tap_tests;
static int tap_failed_tests;

static bool tap_fail(void)
{
	return __atomic_add_fetch(&tap_failures, 1, __ATOMIC_RELAXED) <=
	       TAP_MAX_FAILURES;
}

/**
 * tap_check() - see CHECK()
 */
bool tap_check(const char *file, int line, const char *text, bool good)
{
	if (!good && tap_fail())
		fprintf(stderr, "# %s:%d: not true: %s\n", file, line, text);
	return good;
}

/**
 * tap_check_eq() - see CHECK_EQ()
 */
bool tap_check_eq(const char *file, int line, const char *text, long long got,
		  long long want)
{
	if (got != want && tap_fail())
		fprintf(stderr, "# %s:%d: %s is %lld, not %lld\n", file, line,
			text, got, want);
	return got == want;
}

/**
 * tap_skip() - the running test can't be made here
 * @reason: why
 */
void tap_skip(const char *reason)
{
	tap_skipped = reason;
}

/**
 * tap_failed() - for a child process to tell its parent
 *
 * Return: whether a check of the running test has failed.
 */
bool tap_failed(void)
{
	return __atomic_load_n(&tap_failures, __ATOMIC_RELAXED);
}

/**
 * tap_run() - run a test and print its line
 * @test: which
 */
void tap_run(const struct tap_test *test)
{
	struct timespec begin, end;
	double took;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	tap_failures = 0;
	tap_skipped = NULL;
	test->run();
	clock_gettime(CLOCK_MONOTONIC, &end);
	took = end.tv_sec - begin.tv_sec + (end.tv_nsec - begin.tv_nsec) / 1e9;
	/* for whoever wants to make them faster */
	if (took >= 1)
		fprintf(stderr, "# %s took %.0f s\n", test->name, took);
	fflush(stderr);
	tap_tests++;
	if (tap_failures)
		tap_failed_tests++;
	printf("%s %s - %s", tap_failures ? "not ok" : "ok", test->name,
	       test->text);
	if (tap_skipped && !tap_failures)
		printf(" # SKIP %s", tap_skipped);
	printf("\n");
	fflush(stdout);
}

/**
 * tap_end() - all tests were run
 *
 * Return: exit status of the program.
 */
int tap_end(void)
{
	return tap_failed_tests || !tap_tests;
}
