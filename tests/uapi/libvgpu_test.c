// SPDX-License-Identifier: GPL-2.0
/*
 * libvgpu_test: libvgpu with a device, from inside of a guest: events of queues, memory of
 * the process, loss of the device.  Prints TAP.  The device is reset at the end.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dev.h"
#include "tap.h"
#include "vgpu.h"

#define PAGE	4096
#define JOBS	300
#define LOST_MS	60000

static bool open_queue(struct vgpu **dev, struct vgpu_queue **queue)
{
	return CHECK_EQ(vgpu_open(dev, NULL), 0) &&
	       CHECK_EQ(vgpu_queue_create(*dev, 16, queue), 0);
}

static int poll_of(int fd, short events, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };

	return poll(&poll_fd, 1, timeout_ms) < 0 ? -errno : poll_fd.revents;
}

/* A loop as vgpu_queue_arm() describes it; every other time the file says it, too */
static void test_events(void)
{
	struct vgpu_completion completion;
	int efd = eventfd(0, EFD_CLOEXEC), ret;
	struct vgpu_queue *queue;
	unsigned int done = 0, n = 0;
	struct vgpu *dev;
	eventfd_t count;

	if (!open_queue(&dev, &queue))
		return;
	CHECK_EQ(vgpu_queue_set_eventfd(queue, 9999), -EBADF);
	CHECK_EQ(vgpu_queue_set_eventfd(queue, vgpu_fd(dev)), -EINVAL);
	CHECK_EQ(vgpu_queue_set_eventfd(queue, efd), 0);
	while (done < JOBS) {
		while (n < JOBS && !vgpu_queue_nop(queue, n))
			n++;
		ret = vgpu_queue_arm(queue, done);
		if (!CHECK(ret == 0 || ret == 1))
			break;
		if (!ret && (!CHECK_EQ(poll_of(efd, POLLIN, LOST_MS), POLLIN) ||
			     !CHECK_EQ(poll_of(vgpu_fd(dev), POLLIN, 0), POLLIN) ||
			     !CHECK_EQ(eventfd_read(efd, &count), 0)))
			break;
		while (vgpu_queue_reap(queue, &completion))
			CHECK_EQ(completion.user_data, done++);
	}
	CHECK_EQ(done, JOBS);
	CHECK_EQ(vgpu_queue_set_eventfd(queue, -1), 0);
	CHECK_EQ(vgpu_check(dev), 0);
	vgpu_queue_destroy(queue);
	vgpu_close(dev);
	close(efd);
}

/* Memory of the process, filled by a job */
static void test_import(void)
{
	__u32 *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	struct vgpu_buf dst = { };
	struct vgpu_queue *queue;
	struct vgpu *dev;
	__u32 bo = 0;

	if (!CHECK(p != MAP_FAILED) || !open_queue(&dev, &queue))
		return;
	CHECK_EQ(vgpu_bo_import(dev, p + 1, PAGE, &bo), -EINVAL);
	CHECK_EQ(vgpu_bo_import(dev, NULL, PAGE, &bo), -EFAULT);
	CHECK_EQ(vgpu_bo_import(dev, p, 4 * PAGE, &bo), 0);
	dst = (struct vgpu_buf){ .bo = bo, .offset = PAGE };
	CHECK_EQ(vgpu_queue_fill(queue, 0, dst, 2 * PAGE, 0x600dcafe), 0);
	CHECK_EQ(vgpu_queue_wait(queue, 0, LOST_MS), 0);
	CHECK_EQ(p[PAGE / 4 - 1], 0);
	CHECK_EQ(p[PAGE / 4], 0x600dcafe);
	CHECK_EQ(p[3 * PAGE / 4 - 1], 0x600dcafe);
	CHECK_EQ(p[3 * PAGE / 4], 0);
	CHECK_EQ(vgpu_bo_destroy_system(dev, bo, NULL, 0), 0);
	CHECK_EQ(vgpu_bo_destroy_system(dev, bo, NULL, 0), -ENOENT);
	vgpu_queue_destroy(queue);
	vgpu_close(dev);
	munmap(p, 4 * PAGE);
}

/* What waits for a job that never comes is called off */
static void test_abort(void)
{
	struct vgpu_queue *queue, *other;
	struct vgpu_completion completion = { };
	struct vgpu *dev;
	int i;

	if (!open_queue(&dev, &queue) || !CHECK_EQ(vgpu_queue_create(dev, 4, &other), 0))
		return;
	CHECK_EQ(vgpu_queue_after(queue, 0, other, 0), 0);
	CHECK_EQ(vgpu_queue_nop(queue, 1), 0);
	CHECK_EQ(vgpu_queue_arm(queue, 1), 0);
	CHECK_EQ(vgpu_queue_abort(queue), 0);
	CHECK_EQ(poll_of(vgpu_fd(dev), POLLIN, LOST_MS), POLLIN);
	for (i = 0; i < 2; i++) {
		CHECK_EQ(vgpu_queue_reap(queue, &completion), 1);
		CHECK_EQ(completion.user_data, i);
		CHECK_EQ(completion.status, VGPU_ERR_CANCELED);
	}
	CHECK_EQ(vgpu_queue_nop(queue, 2), 0);
	CHECK_EQ(vgpu_queue_wait(queue, 2, LOST_MS), 0);
	CHECK_EQ(vgpu_queue_reap(queue, &completion), 1);
	CHECK_EQ(completion.status, VGPU_ERR_NONE);
	vgpu_queue_destroy(other);
	vgpu_queue_destroy(queue);
	vgpu_close(dev);
}

/* Who would rather wait: one thread that also reaps */
static void test_room(void)
{
	struct vgpu_completion completion;
	unsigned int done = 0, n = 0;
	struct vgpu_queue *queue, *other;
	struct vgpu *dev;
	int ret;

	if (!open_queue(&dev, &queue) || !CHECK_EQ(vgpu_queue_create(dev, 4, &other), 0))
		return;
	CHECK_EQ(vgpu_queue_wait_room(queue, 0), 1);
	/* full, and nothing completes until the other queue has a submission */
	CHECK_EQ(vgpu_queue_after(queue, n++, other, 0), 0);
	while (!vgpu_queue_nop(queue, n))
		n++;
	CHECK_EQ(n, 16);
	CHECK_EQ(vgpu_queue_wait_room(queue, 0), -ETIMEDOUT);
	CHECK_EQ(vgpu_queue_wait_room(queue, 10), -ETIMEDOUT);
	CHECK_EQ(vgpu_queue_nop(other, 0), 0);
	vgpu_queue_kick(other);
	while (n < JOBS) {
		ret = vgpu_queue_wait_room(queue, LOST_MS);
		if (!CHECK(ret == 0 || ret == 1))
			break;
		if (ret)
			CHECK_EQ(vgpu_queue_nop(queue, n++), 0);
		while (!ret && vgpu_queue_reap(queue, &completion)) {
			CHECK_EQ(completion.user_data, done++);
			CHECK_EQ(completion.status, VGPU_ERR_NONE);
		}
	}
	/* it slept until there was something to reap */
	CHECK(done >= JOBS - 16);
	vgpu_queue_destroy(other);
	vgpu_queue_destroy(queue);
	vgpu_close(dev);
}

/* A reset: whoever has a context is told */
static void test_reset(void)
{
	struct vgpu *dev, *idle;
	struct vgpu_queue *queue;
	struct vgpu_info info;
	char path[128];

	if (!open_queue(&dev, &queue) || !CHECK_EQ(vgpu_open(&idle, NULL), 0) ||
	    !CHECK_EQ(vgpu_get_info(dev, &info), 0))
		return;
	CHECK_EQ(vgpu_check(dev), 0);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset", info.bus_name);
	CHECK_EQ(dev_write_text(path, "1"), 0);
	CHECK_EQ(vgpu_check(dev), -ESTALE);
	CHECK_EQ(vgpu_queue_arm(queue, 0), -ESTALE);
	CHECK_EQ(vgpu_check(idle), 0);
	CHECK_EQ(vgpu_nop(idle), 0);
	vgpu_queue_destroy(queue);
	vgpu_close(dev);
	vgpu_close(idle);
}

static const struct tap_test tests[] = {
	{ "libvgpu-events", "a loop over events of a queue", test_events },
	{ "libvgpu-import", "a job that writes to memory of the process", test_import },
	{ "libvgpu-abort", "jobs that are called off", test_abort },
	{ "libvgpu-room", "a submitter that waits for room", test_room },
	{ "libvgpu-reset", "vgpu_check() tells of a reset", test_reset },
};

int main(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tests); i++)
		tap_run(&tests[i]);
	return tap_end();
}
