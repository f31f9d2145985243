// SPDX-License-Identifier: GPL-2.0
/*
 * The device goes away or is reset under those who wait for it.  Each of these
 * tests changes the machine, so each is run only if asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dev.h"
#include "queue.h"
#include "tap.h"
#include "tests.h"

#define DRIVER	"/sys/bus/pci/drivers/vgpu-guest"
#define WAITERS	8
#define SLOW_MS	6000
#define NODE	"/node"
#define KEPT	(32U << 20)

struct waiter {
	pthread_t thread;
	const struct slow *slow;
	int fd;
	int ret;
};

static void *wait_any(void *arg)
{
	struct waiter *waiter = arg;

	if (waiter->slow)
		waiter->ret = slow_run(waiter->slow, SLOW_MS, 60000);
	else
		waiter->ret = dev_nop(waiter->fd, 60000);
	return NULL;
}

/* One request on the device, the others behind it */
static bool begin_waiting(struct slow *slow, struct waiter *waiters)
{
	unsigned int i;

	if (!CHECK_EQ(slow_init(slow), 0)) {
		slow_fini(slow);
		return false;
	}
	for (i = 0; i < WAITERS; i++) {
		waiters[i] = (struct waiter) {
			.slow = i ? NULL : slow,
			.fd = dev_open(),
		};
		pthread_create(&waiters[i].thread, NULL, wait_any, &waiters[i]);
		dev_sleep_ms(50);
	}
	return true;
}

/* All ended with @err; what happens to a file afterwards is for the caller */
static void end_waiting(struct waiter *waiters, int err)
{
	unsigned int i;

	for (i = 0; i < WAITERS; i++) {
		pthread_join(waiters[i].thread, NULL);
		CHECK_EQ(waiters[i].ret, err);
	}
}

static void close_waiting(struct slow *slow, struct waiter *waiters)
{
	unsigned int i;

	for (i = 0; i < WAITERS; i++)
		close(waiters[i].fd);
	slow_fini(slow);
}

static void check_gone(const struct slow *slow, const struct waiter *waiters)
{
	struct vgpu_info info;
	__u32 bo;

	CHECK_EQ(dev_nop(waiters[0].fd, 0), -ENODEV);
	CHECK_EQ(dev_info(waiters[0].fd, &info), -ENODEV);
	CHECK_EQ(dev_bo_create(waiters[0].fd, 4096, &bo), -ENODEV);
	CHECK_EQ(dev_bo_create(slow->fd, 4096, &bo), -ENODEV);
}

/* Waits until the device file is there and does what it should */
static void check_back(void)
{
	double end = dev_now() + 60;
	int fd;

	while (access(dev_path, F_OK) && dev_now() < end)
		dev_sleep_ms(10);
	fd = dev_open();
	CHECK_EQ(dev_nop(fd, 60000), 0);
	close(fd);
}

static bool get_bus_name(char *bus_name, size_t size)
{
	struct vgpu_info info;
	int fd = dev_open();
	int err = dev_info(fd, &info);

	close(fd);
	snprintf(bus_name, size, "%s", info.bus_name);
	return CHECK_EQ(err, 0);
}

/**
 * test_unbind_while_waiting() - the driver is taken off the device
 */
void test_unbind_while_waiting(void)
{
	struct waiter waiters[WAITERS];
	char bus_name[64];
	struct slow slow;

	if (!get_bus_name(bus_name, sizeof(bus_name)) || !queue_lost_begin() ||
	    !event_lost_begin() || !import_lost_begin() || !begin_waiting(&slow, waiters))
		return;
	/* had it been waited for what runs, that would have ended well */
	CHECK_EQ(dev_write_text(DRIVER "/unbind", bus_name), 0);
	end_waiting(waiters, -ENODEV);
	check_gone(&slow, waiters);
	CHECK(access(dev_path, F_OK));
	queue_lost_end(-ENODEV);
	event_lost_end(-ENODEV);
	import_lost_end(-ENODEV);

	/* The device may be busy still, and old files are open */
	CHECK_EQ(dev_write_text(DRIVER "/bind", bus_name), 0);
	check_back();
	check_gone(&slow, waiters);
	close_waiting(&slow, waiters);
	check_back();
}

/**
 * test_unbind_node() - the first to open it did so by a file system that is no more
 *
 * What is left behind there the kernel complains of: "Busy inodes".
 */
void test_unbind_node(void)
{
	char bus_name[64];
	struct stat st;
	int fd;

	if (!get_bus_name(bus_name, sizeof(bus_name)) ||
	    !CHECK_EQ(dev_write_text(DRIVER "/unbind", bus_name), 0) ||
	    !CHECK_EQ(dev_write_text(DRIVER "/bind", bus_name), 0) ||
	    !CHECK_EQ(stat(dev_path, &st), 0) ||
	    !CHECK(!mkdir(NODE, 0700) && !mount("none", NODE, "ramfs", 0, NULL)))
		return;
	CHECK(!mknod(NODE "/vgpu", S_IFCHR | 0600, st.st_rdev));
	fd = open(NODE "/vgpu", O_RDWR | O_CLOEXEC);
	CHECK_EQ(dev_nop(fd, 0), 0);
	close(fd);
	CHECK(!umount(NODE) && !rmdir(NODE));
	/* doorbells are found, and taken away */
	if (!queue_lost_begin())
		return;
	CHECK_EQ(dev_write_text(DRIVER "/unbind", bus_name), 0);
	queue_lost_end(-ENODEV);
	CHECK_EQ(dev_write_text(DRIVER "/bind", bus_name), 0);
	check_back();
}

/**
 * test_unbind_no_reset() - a device that can't be reset may still write to memory
 */
void test_unbind_no_reset(void)
{
	char bus_name[64], path[128];
	struct vgpu_bo_create bo;
	size_t before;
	int fd;

	if (!get_bus_name(bus_name, sizeof(bus_name)))
		return;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset_method", bus_name);
	before = dev_memory_available();
	fd = dev_open();
	if (!CHECK_EQ(bo_create(fd, KEPT, &bo), 0) || !CHECK_EQ(dev_write_text(path, "\n"), 0))
		return;
	CHECK_EQ(dev_write_text(DRIVER "/unbind", bus_name), 0);
	close(fd);
	CHECK(dev_memory_available() + KEPT / 2 < before);
	CHECK_EQ(dev_write_text(path, "default"), 0);
	CHECK_EQ(dev_write_text(DRIVER "/bind", bus_name), 0);
	check_back();
}

/**
 * test_script_while_waiting() - whoever runs this takes the device away
 *
 * "# waiting" on stdout says when.
 */
void test_script_while_waiting(void)
{
	struct waiter waiters[WAITERS];
	struct slow slow;

	if (!queue_lost_begin() || !event_lost_begin() || !import_lost_begin() ||
	    !begin_waiting(&slow, waiters))
		return;
	printf("# waiting\n");
	fflush(stdout);
	end_waiting(waiters, -ENODEV);
	queue_lost_end(-ENODEV);
	event_lost_end(-ENODEV);
	import_lost_end(-ENODEV);
	check_gone(&slow, waiters);
	close_waiting(&slow, waiters);
}

/**
 * test_reset_while_waiting() - the function is reset
 */
void test_reset_while_waiting(void)
{
	struct waiter waiters[WAITERS];
	char bus_name[64], path[128];
	struct slow slow;
	__u32 bo;

	if (!get_bus_name(bus_name, sizeof(bus_name)))
		return;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset", bus_name);
	if (access(path, W_OK)) {
		tap_skip("the function can't be reset");
		return;
	}
	if (!queue_lost_begin() || !event_lost_begin() || !import_lost_begin() ||
	    !begin_waiting(&slow, waiters))
		return;
	CHECK_EQ(dev_write_text(path, "1"), 0);
	end_waiting(waiters, -EIO);
	queue_lost_end(-ESTALE);
	event_lost_end(-ESTALE);
	import_lost_end(-ESTALE);
	/* Files without a context don't mind; the context of the other is gone */
	CHECK_EQ(dev_nop(waiters[1].fd, 0), 0);
	CHECK_EQ(dev_bo_create(waiters[1].fd, 4096, &bo), 0);
	CHECK_EQ(dev_nop(slow.fd, 0), 0);
	CHECK_EQ(dev_bo_create(slow.fd, 4096, &bo), -ESTALE);
	CHECK_EQ(dev_bo_create(slow.fd, 4096, &bo), -ESTALE);
	close_waiting(&slow, waiters);
	check_back();
}

static bool storm_stop;

static void *storm(void *arg)
{
	__u32 bo;
	int fd, ret;

	(void)arg;
	while (!__atomic_load_n(&storm_stop, __ATOMIC_RELAXED)) {
		fd = open(dev_path, O_RDWR | O_CLOEXEC);
		if (fd < 0) {
			CHECK(errno == ENOENT || errno == ENXIO ||
			      errno == ENODEV);
			dev_sleep_ms(1);
			continue;
		}
		do {
			ret = dev_nop(fd, 0);
			if (!ret)
				ret = dev_bo_create(fd, 4096, &bo);
			if (!ret)
				ret = queue_try(fd);
		} while (!ret && !__atomic_load_n(&storm_stop,
						  __ATOMIC_RELAXED));
		CHECK(ret == 0 || ret == -ENODEV || ret == VGPU_ERR_NO_MEMORY);
		close(fd);
	}
	return NULL;
}

/* How often test_unbind_storm() does it */
unsigned int unbind_storm_times = 50;

/**
 * test_unbind_storm() - unbind and bind, many times, under load
 */
void test_unbind_storm(void)
{
	pthread_t threads[WAITERS];
	char bus_name[64];
	unsigned int i;

	if (!get_bus_name(bus_name, sizeof(bus_name)))
		return;
	storm_stop = false;
	for (i = 0; i < WAITERS; i++)
		pthread_create(&threads[i], NULL, storm, NULL);
	for (i = 0; i < unbind_storm_times; i++) {
		dev_sleep_ms(20);
		CHECK_EQ(dev_write_text(DRIVER "/unbind", bus_name), 0);
		CHECK_EQ(dev_write_text(DRIVER "/bind", bus_name), 0);
	}
	__atomic_store_n(&storm_stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < WAITERS; i++)
		pthread_join(threads[i], NULL);
	check_back();
}
