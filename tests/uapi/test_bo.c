// SPDX-License-Identifier: GPL-2.0
/*
 * Buffer objects and contexts: what is written is read, nobody else sees it,
 * and it goes with the file.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dev.h"
#include "tap.h"
#include "tests.h"

#define MAX_WRITE	(VGPU_REQ_MAX_PAYLOAD - 4 * sizeof(__u32))
#define MAX_READ	VGPU_RESP_MAX_PAYLOAD

/**
 * test_info() - VGPU_IOC_GET_INFO tells something plausible
 */
void test_info(void)
{
	struct vgpu_info info;
	int fd = dev_open();

	CHECK_EQ(dev_info(fd, &info), 0);
	CHECK_EQ(info.size, sizeof(info));
	CHECK_EQ(info.protocol, VGPU_PROTOCOL_VERSION);
	CHECK(info.capabilities & VGPU_CAP_BASIC_REQ);
	CHECK(info.flags == VGPU_INFO_MSIX || info.flags == VGPU_INFO_MSI);
	CHECK(info.vm_id != 0);
	CHECK(info.pool_id >= 'A' && info.pool_id <= 'Z');
	CHECK(info.priority <= VGPU_PRIORITY_HIGH);
	CHECK(info.memory_size > 0);
	CHECK(info.memory_used <= info.memory_size);
	CHECK(info.builtins >> VGPU_BUILTIN_VECADD_U32 & 1);
	CHECK_EQ(info.irq_vectors, info.flags & VGPU_INFO_MSIX ? VGPU_MSIX_VECTORS : 1);
	CHECK_EQ(info.__reserved, 0);
	CHECK(info.gpu_name[0] && info.backend[0] && info.bus_name[0]);
	close(fd);
}

/**
 * test_bo_lengths() - reads and writes of any length and alignment
 */
void test_bo_lengths(void)
{
	static const __u32 lengths[] = {
		1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 100, 255, 975,
		MAX_WRITE,
	};
	unsigned char out[MAX_WRITE], in[MAX_WRITE];
	int fd = dev_open();
	__u32 bo = 0, offset;
	size_t i, j;

	if (!CHECK_EQ(dev_bo_create(fd, 8192, &bo), 0))
		goto out_close;
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		for (offset = 0; offset < 5; offset++) {
			for (j = 0; j < lengths[i]; j++)
				out[j] = (unsigned char)(j * 7 + i + offset);
			memset(in, 0, sizeof(in));
			CHECK_EQ(dev_bo_write(fd, bo, offset, out, lengths[i]),
				 0);
			CHECK_EQ(dev_bo_read(fd, bo, offset, in, lengths[i]),
				 0);
			CHECK(!memcmp(in, out, lengths[i]));
		}
	}
	CHECK_EQ(dev_bo_read(fd, bo, 0, in, 0), VGPU_ERR_INVALID_REQUEST);

out_close:
	close(fd);
}

/**
 * test_bo_random() - requests of changing shape don't leave traces in each other
 */
void test_bo_random(void)
{
	static unsigned char mirror[8192], buf[MAX_READ];
	unsigned int i, j, length, offset;
	__u32 operands[2], sum, bo = 0;
	int fd = dev_open();

	srandom(1);
	if (!CHECK_EQ(dev_bo_create(fd, sizeof(mirror), &bo), 0))
		goto out_close;
	memset(mirror, 0, sizeof(mirror));
	for (i = 0; i < 1000; i++) {
		length = 1 + (unsigned int)random() % MAX_WRITE;
		if (random() % 2)
			length = 1 + length % 32;
		offset = (unsigned int)random() % (sizeof(mirror) - length);
		switch (random() % 4) {
		case 0:
			for (j = 0; j < length; j++)
				mirror[offset + j] = (unsigned char)random();
			CHECK_EQ(dev_bo_write(fd, bo, offset, mirror + offset,
					      length), 0);
			break;
		case 1:
			CHECK_EQ(dev_bo_read(fd, bo, offset, buf, length), 0);
			CHECK(!memcmp(buf, mirror + offset, length));
			break;
		case 2:
			operands[0] = (__u32)random();
			operands[1] = (__u32)random();
			CHECK_EQ(dev_call(fd, VGPU_OP_COMPUTE, operands, 2,
					  &sum), 0);
			CHECK_EQ(sum, operands[0] + operands[1]);
			break;
		default:
			CHECK_EQ(dev_nop(fd, 0), 0);
		}
	}

out_close:
	close(fd);
}

/**
 * test_other_file() - handles mean nothing through another open file
 */
void test_other_file(void)
{
	__u32 bos[3] = { }, params[8], bo;
	int one = dev_open();
	int two = dev_open();
	char byte = 1;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bos); i++)
		CHECK_EQ(dev_bo_create(one, 4096, &bos[i]), 0);
	/* The other has no context yet, then an empty one, then an object */
	for (i = 0; i < ARRAY_SIZE(bos); i++) {
		CHECK_EQ(dev_bo_read(two, bos[2], 0, &byte, 1),
			 VGPU_ERR_BAD_HANDLE);
		CHECK_EQ(dev_bo_write(two, bos[2], 0, &byte, 1),
			 VGPU_ERR_BAD_HANDLE);
		CHECK_EQ(dev_call(two, VGPU_OP_BO_DESTROY, &bos[2], 1, NULL),
			 VGPU_ERR_BAD_HANDLE);
		if (i == 1)
			CHECK_EQ(dev_bo_create(two, 4096, &bo), 0);
	}
	/* Copies neither out of it nor into it */
	memset(params, 0, sizeof(params));
	params[0] = bo;
	params[3] = bos[2];
	params[6] = 16;
	CHECK_EQ(dev_call(two, VGPU_OP_COPY, params, 8, NULL),
		 VGPU_ERR_BAD_HANDLE);
	params[0] = bos[2];
	params[3] = bo;
	CHECK_EQ(dev_call(two, VGPU_OP_COPY, params, 8, NULL),
		 VGPU_ERR_BAD_HANDLE);
	CHECK_EQ(dev_bo_read(one, bos[2], 0, &byte, 1), 0);
	CHECK_EQ(byte, 0);
	close(two);
	close(one);
}

/* Waits until the device has so much memory in use; files close without waiting */
static void expect_memory_used(__u64 want)
{
	double end = dev_now() + 10;
	__u64 used;

	do {
		used = dev_memory_used();
		if (used == want)
			return;
		dev_sleep_ms(10);
	} while (dev_now() < end);
	CHECK_EQ(used, want);
}

/**
 * test_close_frees() - what a file had, goes with it
 */
void test_close_frees(void)
{
	__u64 before = dev_memory_used();
	unsigned int i;
	__u32 bo;
	int fd;

	for (i = 0; i < 50; i++) {
		fd = dev_open();
		CHECK_EQ(dev_bo_create(fd, 1 << 20, &bo), 0);
		CHECK_EQ(dev_bo_create(fd, 1 << 16, &bo), 0);
		close(fd);
	}
	expect_memory_used(before);
}

/**
 * test_contexts_limit() - the device runs out of contexts, and recovers
 */
void test_contexts_limit(void)
{
	static int fds[600];
	__u64 before = dev_memory_used();
	unsigned int i, good = 0, round;
	__u32 bo;
	int ret;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < ARRAY_SIZE(fds); i++) {
			fds[i] = dev_open();
			ret = dev_bo_create(fds[i], 4096, &bo);
			if (!ret)
				good++;
			else
				CHECK_EQ(ret, VGPU_ERR_NO_MEMORY);
		}
		CHECK(good > 0);
		/* One that was refused works once there is room */
		if (good < ARRAY_SIZE(fds)) {
			close(fds[0]);
			ret = dev_bo_create(fds[ARRAY_SIZE(fds) - 1], 4096, &bo);
			CHECK_EQ(ret, 0);
			fds[0] = dev_open();
		}
		for (i = 0; i < ARRAY_SIZE(fds); i++)
			close(fds[i]);
	}
	expect_memory_used(before);
}
