// SPDX-License-Identifier: GPL-2.0
/*
 * A system call that never returns would leave a test run without a word on
 * what it was doing.  A second thread watches a counter that every check and
 * every wait moves; if it stands still for too long, it prints a failure and
 * ends the program.  (If the first thread can't be killed, the line is at least
 * out.)  It is a thread and not a process since a process would share, and so
 * keep open, the VFIO file descriptors.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tap.h"
#include "watchdog.h"

/* Longer than any single wait in the tests */
#define WATCHDOG_SECONDS	180

static atomic_uint watchdog_count;
static pthread_t watchdog_thread;
static int watchdog_fd = -1;

static void *watchdog_run(void *unused)
{
	unsigned int seen = atomic_load(&watchdog_count), now;
	struct pollfd pfd = { .fd = watchdog_fd, .events = POLLIN };

	while (!poll(&pfd, 1, WATCHDOG_SECONDS * 1000)) {
		now = atomic_load(&watchdog_count);
		if (now == seen) {
			tap_ok(false, "gets on: stuck for %d s",
			       WATCHDOG_SECONDS);
			_exit(1);
		}
		seen = now;
	}
	return unused;
}

/**
 * watchdog_start() - start watching
 *
 * Return: 0 or a negative errno.
 */
int watchdog_start(void)
{
	int ret;

	watchdog_fd = eventfd(0, EFD_CLOEXEC);
	if (watchdog_fd < 0)
		return -errno;
	ret = pthread_create(&watchdog_thread, NULL, watchdog_run, NULL);
	if (ret) {
		close(watchdog_fd);
		watchdog_fd = -1;
	}
	return -ret;
}

/**
 * watchdog_pet() - the program gets on
 */
void watchdog_pet(void)
{
	atomic_fetch_add(&watchdog_count, 1);
}

/**
 * watchdog_stop() - end watching: from here on the program may wait for ever
 */
void watchdog_stop(void)
{
	u64 one = 1;

	if (watchdog_fd < 0)
		return;
	if (write(watchdog_fd, &one, sizeof(one)) == sizeof(one))
		pthread_join(watchdog_thread, NULL);
	close(watchdog_fd);
	watchdog_fd = -1;
}
