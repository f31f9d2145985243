// SPDX-License-Identifier: GPL-2.0
/*
 * What the service manager is told.  The protocol of sd_notify(3) is a datagram to a socket that
 * the environment names, and is promised to stay; so it takes no library.
 *
 * Nobody is told anything where there is no such socket.  A worker can't: its sandbox reaches no
 * socket, and the manager listens to the first process only.
 */
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "notify.h"

/* Return the length of the address, or 0 if it is none. */
static socklen_t address(const char *path, struct sockaddr_un *to)
{
	const size_t length = strlen(path);

	/* a name that begins with @ is not in the file system, and doesn't end with a NUL */
	if ((*path != '/' && *path != '@') || length < 2 || length >= sizeof(to->sun_path))
		return 0;
	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(to->sun_path, path, length);
	if (*path == '@')
		to->sun_path[0] = 0;
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (*path == '/'));
}

/**
 * notify() - tell the service manager
 * @state: lines such as "READY=1"
 *
 * Return: 0, also if there is nobody to tell; or a negative errno.
 */
int notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to;
	socklen_t length;
	int fd, err = 0;

	if (!path)
		return 0;
	length = address(path, &to);
	if (!length)
		return -EINVAL;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to, length) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* In milliseconds; 0 if nobody watches this process */
static long long watchdog_interval(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	long long interval;
	char *end;

	if (!usec || (pid && strtoll(pid, NULL, 10) != getpid()))
		return 0;
	errno = 0;
	interval = strtoll(usec, &end, 10);
	/* half of it, as the manual has it, for who is late now and then */
	return errno || *end || interval < 2000 ? 0 : interval / 2000;
}

/**
 * notify_watchdog() - tell the service manager that this process is alive, when it is time
 *
 * To be called by the loop that is to be watched, whenever it comes round.
 *
 * Return: milliseconds after which to call it again at the latest; -1: nobody asks.
 */
int notify_watchdog(void)
{
	static long long next;
	long long interval = watchdog_interval(), now;
	struct timespec t;

	if (!interval)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &t);
	now = t.tv_sec * 1000LL + t.tv_nsec / 1000000;
	if (now >= next) {
		notify("WATCHDOG=1");
		next = now + interval;
	}
	return next - now < INT_MAX ? (int)(next - now) : INT_MAX;
}
