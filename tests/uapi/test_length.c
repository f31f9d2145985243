// SPDX-License-Identifier: GPL-2.0
/*
 * The size of each ioctl's structure: short is EINVAL, a tail that isn't zero
 * is E2BIG, one that is makes no difference.  A new ioctl needs a line here.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "dev.h"
#include "tap.h"
#include "tests.h"

/* Runs an ioctl on a copy of @cmd that claims and has @size bytes */
static int length_ioctl(int fd, unsigned int ioctl_cmd, const void *cmd,
			size_t known, __u32 size, unsigned char tail,
			void *after)
{
	size_t room = size > known ? size : known;
	unsigned char *buf = calloc(1, room + 1);
	int ret;

	memcpy(buf, cmd, known);
	memcpy(buf, &size, sizeof(size));
	if (size > known)
		buf[size - 1] = tail;
	/* Not the driver's business */
	buf[room] = 0xa5;
	ret = ioctl(fd, ioctl_cmd, buf) ? -errno : 0;
	CHECK_EQ(buf[room], 0xa5);
	if (after)
		memcpy(after, buf, known);
	free(buf);
	return ret;
}

/*
 * A structure of any size that it can have gives @want, and if that is 0, the first @same
 * bytes of the result, but for the size, are always the same
 */
static void length_test(unsigned int cmd, const void *in, size_t known,
			size_t min_size, int want, size_t same, void *out)
{
	unsigned char *first = calloc(1, known);
	__u32 page = (__u32)sysconf(_SC_PAGESIZE);
	int fd = dev_open();
	__u32 size;

	for (size = 0; size < min_size; size++)
		CHECK_EQ(length_ioctl(fd, cmd, in, known, size, 0, NULL),
			 -EINVAL);
	CHECK_EQ(length_ioctl(fd, cmd, in, known, known, 0, first), want);

	CHECK_EQ(length_ioctl(fd, cmd, in, known, known + 1, 1, NULL), -E2BIG);
	CHECK_EQ(length_ioctl(fd, cmd, in, known, known + 8, 1, NULL), -E2BIG);
	CHECK_EQ(length_ioctl(fd, cmd, in, known, page, 1, NULL), -E2BIG);
	CHECK_EQ(length_ioctl(fd, cmd, in, known, page + 1, 0, NULL), -E2BIG);

	CHECK_EQ(length_ioctl(fd, cmd, in, known, known + 1, 0, out), want);
	CHECK_EQ(length_ioctl(fd, cmd, in, known, page, 0, out), want);
	CHECK(want || !memcmp(first + sizeof(size), (char *)out + sizeof(size),
			      same - sizeof(size)));

	size = ~0U;
	CHECK_EQ(ioctl(fd, cmd, &size) ? errno : 0, E2BIG);
	close(fd);
	free(first);
}

/**
 * test_length_get_info() - sizes of VGPU_IOC_GET_INFO
 */
void test_length_get_info(void)
{
	const struct vgpu_info in = { };
	struct vgpu_info out;

	length_test(VGPU_IOC_GET_INFO, &in, sizeof(in),
		    offsetof(struct vgpu_info, bus_name) + sizeof(in.bus_name),
		    0, sizeof(in), &out);
}

/**
 * test_length_request() - sizes of VGPU_IOC_REQUEST
 */
void test_length_request(void)
{
	const __u32 params[] = { 4, 5 };
	__u32 sum = 0;
	const struct vgpu_request in = {
		.opcode = VGPU_OP_COMPUTE,
		.params = (uintptr_t)params,
		.param_count = 2,
		.results = (uintptr_t)&sum,
		.result_count = 1,
	};
	struct vgpu_request out;

	length_test(VGPU_IOC_REQUEST, &in, sizeof(in),
		    offsetof(struct vgpu_request, exec_time_us) +
		    sizeof(in.exec_time_us), 0,
		    offsetof(struct vgpu_request, exec_time_us), &out);
	CHECK_EQ(sum, 9);
	CHECK_EQ(out.status, VGPU_ERR_NONE);
	CHECK_EQ(out.result_count, 1);
}

/**
 * test_length_objects() - sizes of what makes and ends buffer objects and queues
 */
void test_length_objects(void)
{
	const struct vgpu_bo_create bo = { .bytes = 4096 };
	const struct vgpu_bo_destroy bo_destroy = { .handle = 99 };
	const struct vgpu_queue_create queue = { .entries = 2 };
	const struct vgpu_queue_destroy queue_destroy = { .queue = 99 };
	const struct vgpu_queue_wait wait = { .queue = 99 };
	const struct vgpu_queue_arm arm = { .queue = 99 };
	const struct vgpu_queue_eventfd eventfd = { .queue = 99, .fd = -1 };
	union {
		struct vgpu_bo_create bo;
		struct vgpu_bo_destroy bo_destroy;
		struct vgpu_queue_create queue;
		struct vgpu_queue_destroy queue_destroy;
		struct vgpu_queue_wait wait;
		struct vgpu_queue_arm arm;
		struct vgpu_queue_eventfd eventfd;
	} out;

	length_test(VGPU_IOC_BO_CREATE, &bo, sizeof(bo), sizeof(bo), 0,
		    offsetof(struct vgpu_bo_create, mmap_offset), &out);
	length_test(VGPU_IOC_BO_DESTROY, &bo_destroy, sizeof(bo_destroy), sizeof(bo_destroy),
		    -ENOENT, 0, &out);
	length_test(VGPU_IOC_QUEUE_CREATE, &queue, sizeof(queue), sizeof(queue), 0,
		    offsetof(struct vgpu_queue_create, queue), &out);
	length_test(VGPU_IOC_QUEUE_DESTROY, &queue_destroy, sizeof(queue_destroy),
		    sizeof(queue_destroy), -ENOENT, 0, &out);
	length_test(VGPU_IOC_QUEUE_WAIT, &wait, sizeof(wait), sizeof(wait), -ENOENT, 0, &out);
	length_test(VGPU_IOC_QUEUE_ARM, &arm, sizeof(arm), sizeof(arm), -ENOENT, 0, &out);
	length_test(VGPU_IOC_QUEUE_EVENTFD, &eventfd, sizeof(eventfd), sizeof(eventfd), -ENOENT, 0,
		    &out);
}

/**
 * test_unknown_ioctls() - ENOTTY for what isn't an ioctl of ours
 */
void test_unknown_ioctls(void)
{
	static const unsigned int cmds[] = {
		_IO(VGPU_IOCTL_TYPE, VGPU_CMD_BASE - 1),
		_IO(VGPU_IOCTL_TYPE, VGPU_CMD_QUEUE_EVENTFD + 1),
		_IO(VGPU_IOCTL_TYPE, 0),
		_IO(VGPU_IOCTL_TYPE, 0xff),
		_IO(VGPU_IOCTL_TYPE + 1, VGPU_CMD_REQUEST),
		_IOWR(VGPU_IOCTL_TYPE, VGPU_CMD_REQUEST, struct vgpu_request),
		_IOR(VGPU_IOCTL_TYPE, VGPU_CMD_GET_INFO, struct vgpu_info),
		0,
		~0U,
	};
	struct vgpu_info info = { .size = sizeof(info) };
	int fd = dev_open();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		CHECK_EQ(ioctl(fd, cmds[i], &info), -1);
		CHECK_EQ(errno, ENOTTY);
	}
	close(fd);
}
