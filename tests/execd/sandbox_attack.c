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

static bool has_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char byte;
	bool text = fd >= 0 && read(fd, &byte, 1) == 1;

	if (fd >= 0)
		close(fd);
	return text;
}

/* What says which host that is, and whose.  A guest needs no more for that than an #include. */
static int try_host(void)
{
	static const char *const secret[] = {
		"/proc/cmdline", "/proc/version", "/proc/modules", "/proc/interrupts",
		"/proc/partitions", "/proc/diskstats", "/proc/keys", "/proc/loadavg",
		"/proc/fs/ext4", "/proc/irq/0/spurious", "/proc/sys/kernel/hostname",
		"/proc/sys/kernel/random/boot_id", "/proc/sys/fs/file-nr", "/proc/1/environ",
	};
	static const char *const needed[] = {
		"/proc/cpuinfo", "/proc/meminfo", "/proc/self/maps", "/proc/1/stat",
		"/proc/sys/vm/overcommit_memory",
	};
	unsigned int i;

	for (i = 0; i < sizeof(secret) / sizeof(*secret); i++)
		if (has_text(secret[i]))
			return 10 + i;
	for (i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!has_text(needed[i]))
			return 50 + i;
	return 0;
}

static void test_host(void)
{
	if (opencl_is_there())
		CHECK_EQ(wide(try_host, NULL), 0);
}

const struct tap_test attack_tests[] = {
	{ "execd-attack-reopen", "a worker can't open the channel's device once more",
	  test_reopen },
	{ "execd-attack-signals", "nor send signals to who began it", test_signals },
	{ "execd-attack-host", "nor see which host it is on", test_host },
};

const size_t attack_tests_count = sizeof(attack_tests) / sizeof(*attack_tests);
