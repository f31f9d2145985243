// SPDX-License-Identifier: GPL-2.0
/* What the service manager hears, which here is a socket of the test's own. */
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "notify.h"
#include "tap.h"

/* A path, or an abstract name with @ for its NUL; return the socket. */
static int manager(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	socklen_t length = sizeof(at);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", name);
	if (*name == '@') {
		at.sun_path[0] = 0;
		length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	}
	CHECK(!bind(fd, (struct sockaddr *)&at, length));
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static bool hears(int fd, const char *what)
{
	char got[256];
	ssize_t n = recv(fd, got, sizeof(got), 0);

	return n == (ssize_t)strlen(what) && !memcmp(got, what, (size_t)n);
}

static bool hears_nothing(int fd)
{
	char byte;

	return recv(fd, &byte, 1, 0) < 0 && errno == EAGAIN;
}

static void check_manager(const char *name)
{
	int fd = manager(name);

	CHECK_EQ(notify("READY=1\nSTATUS=a word"), 0);
	CHECK_EQ(notify("STOPPING=1"), 0);
	CHECK(hears(fd, "READY=1\nSTATUS=a word"));
	CHECK(hears(fd, "STOPPING=1"));
	CHECK(hears_nothing(fd));
	close(fd);
	unsetenv("NOTIFY_SOCKET");
}

static void test_tell(void)
{
	char name[128];

	/* as long as the test runs nobody else has its pid */
	snprintf(name, sizeof(name), "/tmp/vgpu-notify-%d", (int)getpid());
	check_manager(name);
	unlink(name);
	*name = '@';
	check_manager(name);
}

static void test_nobody(void)
{
	char name[200];

	unsetenv("NOTIFY_SOCKET");
	CHECK_EQ(notify("READY=1"), 0);
	setenv("NOTIFY_SOCKET", "/tmp/vgpu-notify-none/socket", 1);
	CHECK_EQ(notify("READY=1"), -ENOENT);
	setenv("NOTIFY_SOCKET", "@vgpu-notify-none", 1);
	CHECK_EQ(notify("READY=1"), -ECONNREFUSED);
	setenv("NOTIFY_SOCKET", "relative", 1);
	CHECK_EQ(notify("READY=1"), -EINVAL);
	setenv("NOTIFY_SOCKET", "", 1);
	CHECK_EQ(notify("READY=1"), -EINVAL);
	memset(name, 'x', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = 0;
	setenv("NOTIFY_SOCKET", name, 1);
	CHECK_EQ(notify("READY=1"), -EINVAL);
	unsetenv("NOTIFY_SOCKET");
}

static void test_watchdog(void)
{
	int fd = manager("@vgpu-notify-watchdog"), left;
	char pid[16];

	CHECK_EQ(notify_watchdog(), -1);
	setenv("WATCHDOG_USEC", "soon", 1);
	CHECK_EQ(notify_watchdog(), -1);
	setenv("WATCHDOG_USEC", "-30000000", 1);
	CHECK_EQ(notify_watchdog(), -1);
	/* another process is meant, and so it is in a child of the one that is */
	setenv("WATCHDOG_USEC", "100000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	CHECK_EQ(notify_watchdog(), -1);
	CHECK(hears_nothing(fd));

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	CHECK_EQ(notify_watchdog(), 50);
	CHECK(hears(fd, "WATCHDOG=1"));
	left = notify_watchdog();
	CHECK(left > 0 && left <= 50);
	CHECK(hears_nothing(fd));
	/* who comes when told to is in time */
	poll(NULL, 0, left);
	CHECK_EQ(notify_watchdog(), 50);
	CHECK(hears(fd, "WATCHDOG=1"));
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	unsetenv("NOTIFY_SOCKET");
	close(fd);
}

static const struct tap_test tests[] = {
	{ "execd-notify-tell", "the service manager is told, by a path or an abstract name",
	  test_tell },
	{ "execd-notify-nobody", "nobody is told where there is nobody", test_nobody },
	{ "execd-notify-watchdog", "the watchdog is told in time, and not more often",
	  test_watchdog },
};

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		tap_run(&tests[i]);
	return tap_end();
}
