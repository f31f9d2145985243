// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest's code tries that has a worker of the OpenCL engine to itself: to be more than a
 * worker, and to learn what host that is.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"
#include "sandbox_test.h"

static int wide(int (*try)(void), const char *channel)
{
	const struct outcome o = { .try = try, .view = engine_opencl.view, .channel = channel };

	return outcome_of(&o);
}

/* Another open file of the device's could become another GPU's executor */
static int try_reopen(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", CHANNEL);
	if (open(path, O_RDWR | O_CLOEXEC) >= 0 || errno != EACCES)
		return 1;
	if (open(path, O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
		return 2;
	if (!fchmod(CHANNEL, 0666) || errno != EPERM)
		return 3;
	return 0;
}

static void test_reopen(void)
{
	if (opencl_is_there())
		CHECK_EQ(wide(try_reopen, lock_path()), 0);
}

/* All it reaches by a number, its process group and whoever there is */
static int try_signals(void)
{
	signal(SIGTERM, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	kill(0, SIGTERM);
	kill(-1, SIGUSR1);
	kill(getppid(), SIGTERM);
	return 0;
}

static void test_signals(void)
{
	pid_t stranger;
	int status;

	if (!opencl_is_there())
		return;
	/* in the worker's process group, as its executor is */
	stranger = fork();
	if (!stranger) {
		for (;;)
			pause();
	}
	CHECK_EQ(wide(try_signals, NULL), 0);
	CHECK_EQ(waitpid(stranger, &status, WNOHANG), 0);
	kill(stranger, SIGKILL);
	waitpid(stranger, &status, 0);
}

const struct tap_test attack_tests[] = {
	{ "execd-attack-reopen", "a worker can't open the channel's device once more", test_reopen },
	{ "execd-attack-signals", "nor send signals to who began it", test_signals },
};

const size_t attack_tests_count = sizeof(attack_tests) / sizeof(*attack_tests);
