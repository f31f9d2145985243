// SPDX-License-Identifier: GPL-2.0
/*
 * The errno dictionary of <linux/vgpu.h>, as far as a wrong call provokes it,
 * and the device's own errors, which are no errnos.  test_wait.c and
 * test_remove.c have the others.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dev.h"
#include "tap.h"
#include "tests.h"

/* No process has memory there */
#define BAD_POINTER	((uintptr_t)-4096)

/**
 * test_eopnotsupp() - unknown opcodes and flags, and those of the driver alone
 */
void test_eopnotsupp(void)
{
	static const __u32 opcodes[] = {
		0x02, 0x03, 0x04, 0x06, 0x0f, VGPU_OP_CTX_CREATE,
		VGPU_OP_CTX_DESTROY, VGPU_OP_BO_CREATE_SYSTEM, VGPU_OP_QUEUE_CREATE,
		VGPU_OP_QUEUE_DESTROY, VGPU_OP_QUEUE_ABORT + 1, 0x7fffffff,
		0x80000000, 0xffffffff,
	};
	struct vgpu_request request = { };
	int fd = dev_open();
	__u32 bit;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		request.opcode = opcodes[i];
		CHECK_EQ(dev_request(fd, &request), -EOPNOTSUPP);
	}
	request.opcode = VGPU_OP_NOP;
	for (bit = 0; bit < 32; bit++) {
		request.flags = 1U << bit;
		CHECK_EQ(dev_request(fd, &request), -EOPNOTSUPP);
	}
	close(fd);
}

/**
 * test_einval() - reserved fields
 */
void test_einval(void)
{
	struct vgpu_info info = { .size = sizeof(info), .__reserved = 1 };
	int fd = dev_open();

	CHECK_EQ(ioctl(fd, VGPU_IOC_GET_INFO, &info), -1);
	CHECK_EQ(errno, EINVAL);
	close(fd);
}

/**
 * test_emsgsize() - more than one request can carry
 */
void test_emsgsize(void)
{
	static const struct {
		__u32 opcode;
		__u32 params;
		__u32 data;
		int err;
	} sizes[] = {
		/* The device refuses what fits: NOP takes neither */
		{ VGPU_OP_NOP, 248, 0, VGPU_ERR_INVALID_REQUEST },
		{ VGPU_OP_NOP, 249, 0, -EMSGSIZE },
		{ VGPU_OP_NOP, 0x3fffffff, 0, -EMSGSIZE },
		{ VGPU_OP_NOP, 0x40000000, 0, -EMSGSIZE },
		{ VGPU_OP_NOP, 0xffffffff, 0, -EMSGSIZE },
		{ VGPU_OP_NOP, 0, 993, -EMSGSIZE },
		{ VGPU_OP_NOP, 0, 0xffffffff, -EMSGSIZE },
		{ VGPU_OP_NOP, 1, 989, -EMSGSIZE },
		{ VGPU_OP_NOP, 0xffffffff, 0xffffffff, -EMSGSIZE },
		/* The context takes a word */
		{ VGPU_OP_BO_DESTROY, 247, 0, VGPU_ERR_INVALID_REQUEST },
		{ VGPU_OP_BO_DESTROY, 248, 0, -EMSGSIZE },
		{ VGPU_OP_BO_WRITE, 3, 977, -EMSGSIZE },
	};
	static __u32 params[1024];
	static char data[1024];
	int fd = dev_open();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct vgpu_request request = {
			.opcode = sizes[i].opcode,
			.params = (uintptr_t)params,
			.param_count = sizes[i].params,
			.data = (uintptr_t)data,
			.data_length = sizes[i].data,
		};

		CHECK_EQ(dev_request(fd, &request), sizes[i].err);
	}
	close(fd);
}

/**
 * test_enospc() - buffers too small for the answer; the needed sizes are told
 */
void test_enospc(void)
{
	const __u32 operands[] = { 1, 2 };
	__u32 result = 77;
	struct vgpu_request compute = {
		.opcode = VGPU_OP_COMPUTE,
		.params = (uintptr_t)operands,
		.param_count = 2,
		.results = (uintptr_t)&result,
	};
	char answer[VGPU_RESP_MAX_PAYLOAD];
	struct vgpu_request info = {
		.opcode = VGPU_OP_GET_DEVICE_INFO,
		.answer = (uintptr_t)answer,
	};
	int fd = dev_open();
	__u32 length;

	CHECK_EQ(dev_request(fd, &compute), -ENOSPC);
	CHECK_EQ(compute.result_count, 1);
	CHECK_EQ(result, 77);

	CHECK_EQ(dev_request(fd, &info), -ENOSPC);
	CHECK(info.answer_length >= sizeof(struct vgpu_dev_info));
	length = info.answer_length;
	memset(answer, 0x5a, sizeof(answer));
	info.answer_length = length - 1;
	CHECK_EQ(dev_request(fd, &info), -ENOSPC);
	CHECK_EQ(answer[0], 0x5a);
	CHECK_EQ(info.answer_length, length);
	CHECK_EQ(dev_request(fd, &info), 0);
	/* Not a byte more than the answer has */
	CHECK_EQ(answer[length], 0x5a);
	close(fd);
}

/**
 * test_efault() - bad pointers
 */
void test_efault(void)
{
	const __u32 params[] = { 1, 2, 3 };
	long page = sysconf(_SC_PAGESIZE);
	struct vgpu_request request;
	__u32 result;
	char *memory;
	int fd = dev_open();

	CHECK_EQ(ioctl(fd, VGPU_IOC_GET_INFO, NULL) ? errno : 0, EFAULT);
	CHECK_EQ(ioctl(fd, VGPU_IOC_REQUEST, BAD_POINTER) ? errno : 0, EFAULT);

	/* The structure ends in nowhere */
	memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(memory + page, page);
	memcpy(memory + page - 16, &(__u32){ sizeof(request) }, 4);
	CHECK_EQ(ioctl(fd, VGPU_IOC_REQUEST, memory + page - 16) ? errno : 0,
		 EFAULT);
	/* It can be read only */
	memset(memory, 0, sizeof(request));
	memcpy(memory, &(__u32){ sizeof(request) }, 4);
	mprotect(memory, page, PROT_READ);
	CHECK_EQ(ioctl(fd, VGPU_IOC_REQUEST, memory) ? errno : 0, EFAULT);
	munmap(memory, page);

	request = (struct vgpu_request) {
		.opcode = VGPU_OP_COMPUTE,
		.params = BAD_POINTER,
		.param_count = 2,
		.results = (uintptr_t)&result,
		.result_count = 1,
	};
	CHECK_EQ(dev_request(fd, &request), -EFAULT);
	request.__reserved = 1;
	CHECK_EQ(dev_request(fd, &request), -EINVAL);
	request.__reserved = 0;
	request.params = (uintptr_t)params;
	request.results = BAD_POINTER;
	CHECK_EQ(dev_request(fd, &request), -EFAULT);
	/* A kernel address, and one that isn't canonical */
	request.results = 0xffff888000000000ULL;
	CHECK_EQ(dev_request(fd, &request), -EFAULT);
	request.results = 0x8000000000000000ULL;
	CHECK_EQ(dev_request(fd, &request), -EFAULT);

	request = (struct vgpu_request) {
		.opcode = VGPU_OP_BO_WRITE,
		.params = (uintptr_t)params,
		.param_count = 3,
		.data = BAD_POINTER,
		.data_length = 8,
	};
	CHECK_EQ(dev_request(fd, &request), -EFAULT);
	request = (struct vgpu_request) {
		.opcode = VGPU_OP_GET_DEVICE_INFO,
		.answer = BAD_POINTER,
		.answer_length = VGPU_RESP_MAX_PAYLOAD,
	};
	CHECK_EQ(dev_request(fd, &request), -EFAULT);
	/* And after all that */
	CHECK_EQ(dev_nop(fd, 0), 0);
	close(fd);
}

/**
 * test_device_errors() - what the device refuses is in status, not in errno
 */
void test_device_errors(void)
{
	const __u32 bad_builtin[] = { 0x1000 };
	int fd = dev_open();
	__u32 bo = 0;
	char byte = 0;

	CHECK_EQ(dev_bo_create(fd, ~0ULL >> 1, &bo), VGPU_ERR_NO_MEMORY);
	CHECK_EQ(dev_bo_create(fd, 0, &bo), VGPU_ERR_INVALID_REQUEST);
	CHECK_EQ(dev_call(fd, VGPU_OP_COMPUTE, bad_builtin, 1, NULL),
		 VGPU_ERR_INVALID_REQUEST);
	CHECK_EQ(dev_call(fd, VGPU_OP_LAUNCH, bad_builtin, 1, NULL),
		 VGPU_ERR_UNSUPPORTED_OP);
	CHECK_EQ(dev_bo_write(fd, 0x12345678, 0, &byte, 1),
		 VGPU_ERR_BAD_HANDLE);
	if (CHECK_EQ(dev_bo_create(fd, 1, &bo), 0)) {
		/* The size was rounded up */
		CHECK_EQ(dev_bo_read(fd, bo, VGPU_BO_ALIGN - 1, &byte, 1), 0);
		CHECK_EQ(dev_bo_read(fd, bo, VGPU_BO_ALIGN, &byte, 1),
			 VGPU_ERR_OUT_OF_RANGE);
		CHECK_EQ(dev_bo_read(fd, bo, ~0ULL, &byte, 1),
			 VGPU_ERR_OUT_OF_RANGE);
		CHECK_EQ(dev_call(fd, VGPU_OP_BO_DESTROY, &bo, 1, NULL), 0);
		CHECK_EQ(dev_call(fd, VGPU_OP_BO_DESTROY, &bo, 1, NULL),
			 VGPU_ERR_BAD_HANDLE);
	}
	close(fd);
}

/**
 * test_file_operations() - there is nothing but ioctls
 */
void test_file_operations(void)
{
	struct pollfd poll_fd;
	int fd = dev_open();
	char byte = 0;

	CHECK_EQ(read(fd, &byte, 1), -1);
	CHECK_EQ(write(fd, &byte, 1), -1);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), -1);
	CHECK_EQ(errno, ESPIPE);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	poll_fd = (struct pollfd) { .fd = fd, .events = POLLIN };
	CHECK(poll(&poll_fd, 1, 0) >= 0);
	close(fd);
}
