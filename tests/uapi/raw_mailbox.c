// SPDX-License-Identifier: GPL-2.0
/*
 * The mailbox, as no driver uses it: accesses of any width and alignment, doorbells at
 * any moment, requests that are wrong in every field.  Afterwards the device must
 * serve a request as ever.
 */
#include <string.h>

#include <linux/vgpu_dev.h>

#include "dev.h"
#include "raw.h"
#include "tap.h"

/* Runs a COMPUTE and checks all that it must answer */
static void check_compute(void)
{
	const __u32 a = (__u32)raw_random();
	const __u32 b = (__u32)raw_random();
	const struct {
		struct vgpu_dev_request head;
		__u32 params[2];
	} request = {
		.head = {
			.version = VGPU_PROTOCOL_VERSION,
			.opcode = VGPU_OP_COMPUTE,
			.param_count = 2,
		},
		.params = { a, b },
	};

	CHECK(raw_wait_idle() != VGPU_STATUS_BUSY);
	raw_put_request(&request, sizeof(request));
	raw_reg_set(VGPU_REG_REQUEST_ID, 0x1234);
	raw_reg_set(VGPU_REG_DOORBELL, 1);
	CHECK_EQ(raw_wait_idle(), VGPU_STATUS_DONE);
	CHECK_EQ(raw_reg(VGPU_REG_ERROR_CODE), VGPU_ERR_NONE);
	CHECK_EQ(raw_reg(VGPU_REG_REQUEST_ID), 0x1234);
	CHECK_EQ(raw_reg(VGPU_REG_RESPONSE_LEN),
		 sizeof(struct vgpu_dev_response) + 4);
	CHECK_EQ(raw_reg(VGPU_RESP_BUF), VGPU_PROTOCOL_VERSION);
	CHECK_EQ(raw_reg(VGPU_RESP_BUF + 4), VGPU_ERR_NONE);
	CHECK_EQ(raw_reg(VGPU_RESP_BUF + 8), 1);
	CHECK_EQ(raw_reg(VGPU_RESP_BUF + sizeof(struct vgpu_dev_response)),
		 (__u32)(a + b));
}

static void check_identity(void)
{
	CHECK_EQ(raw_reg(VGPU_REG_EXT_MAGIC), VGPU_MAGIC);
	CHECK_EQ(raw_reg(VGPU_REG_PROTOCOL_VER), VGPU_PROTOCOL_VERSION);
	CHECK_EQ(raw_reg(VGPU_REG_DOORBELL), 0);
	CHECK(raw_reg(VGPU_REG_STATUS) <= VGPU_STATUS_ERROR);
	CHECK(raw_reg(VGPU_REG_ERROR_CODE) < VGPU_ERR_COUNT);
}

/**
 * raw_test_works() - a request by hand
 */
void raw_test_works(void)
{
	check_identity();
	check_compute();
}

/**
 * raw_test_read_widths() - reads of any width and alignment are cuts
 */
void raw_test_read_widths(void)
{
	static const unsigned int widths[] = { 1, 2, 4, 8 };
	static unsigned char bytes[VGPU_BAR0_SIZE];
	unsigned int i, offset, width;
	__u64 want;

	raw_wait_idle();
	for (offset = 0; offset < sizeof(bytes); offset += 4) {
		__u32 word = raw_reg(offset);

		memcpy(bytes + offset, &word, sizeof(word));
	}
	for (i = 0; i < 2000; i++) {
		width = widths[raw_pick(ARRAY_SIZE(widths))];
		offset = i < VGPU_REG_END ? i : raw_pick(sizeof(bytes) - width);
		want = 0;
		memcpy(&want, bytes + offset, width);
		CHECK_EQ(raw_read(raw_bar0, offset, width), want);
	}
}

/**
 * raw_test_read_only() - what is not the guest's to write keeps its value
 */
void raw_test_read_only(void)
{
	static const unsigned int registers[] = {
		VGPU_REG_STATUS, VGPU_REG_POOL_ID, VGPU_REG_PRIORITY,
		VGPU_REG_VM_ID, VGPU_REG_ERROR_CODE, VGPU_REG_RESPONSE_LEN,
		VGPU_REG_PROTOCOL_VER, VGPU_REG_CAPABILITIES,
		VGPU_REG_TIMESTAMP_LO, VGPU_REG_TIMESTAMP_HI,
		VGPU_RESP_BUF, VGPU_RESP_BUF + VGPU_RESP_BUF_SIZE - 4,
		VGPU_REG_EXT_MAGIC, VGPU_REG_EXT_RING_ABI,
		VGPU_BAR0_SIZE - 4,
	};
	__u32 before;
	size_t i;

	check_compute();
	for (i = 0; i < ARRAY_SIZE(registers); i++) {
		before = raw_reg(registers[i]);
		raw_reg_set(registers[i], ~before);
		raw_reg_set(registers[i], 0);
		CHECK_EQ(raw_reg(registers[i]), before);
	}
	/* A part of a register is no register */
	raw_reg_set(VGPU_REG_SCRATCH, 0x11223344);
	raw_write(raw_bar0, VGPU_REG_SCRATCH, 1, 0xff);
	raw_write(raw_bar0, VGPU_REG_SCRATCH + 1, 2, 0xffff);
	raw_write(raw_bar0, VGPU_REG_SCRATCH - 2, 4, 0xffffffff);
	CHECK_EQ(raw_reg(VGPU_REG_SCRATCH), 0x11223344);
}

/**
 * raw_test_doorbell_widths() - only a write of the whole register rings
 */
void raw_test_doorbell_widths(void)
{
	static const struct {
		unsigned int offset;
		unsigned int width;
	} quiet[] = {
		{ 0, 1 }, { 0, 2 }, { 1, 1 }, { 1, 2 }, { 2, 2 }, { 3, 1 },
		{ 1, 4 }, { 3, 4 }, { 1, 8 },
	};
	__u32 stamp[2];
	size_t i;

	check_compute();
	stamp[0] = raw_reg(VGPU_REG_TIMESTAMP_LO);
	stamp[1] = raw_reg(VGPU_REG_TIMESTAMP_HI);
	for (i = 0; i < ARRAY_SIZE(quiet); i++) {
		raw_write(raw_bar0, quiet[i].offset, quiet[i].width, ~0ULL);
		raw_wait_idle();
		CHECK_EQ(raw_reg(VGPU_REG_TIMESTAMP_LO), stamp[0]);
		CHECK_EQ(raw_reg(VGPU_REG_TIMESTAMP_HI), stamp[1]);
	}
	raw_reg_set(VGPU_REG_DOORBELL, 0);
	CHECK_EQ(raw_wait_idle(), VGPU_STATUS_DONE);
	CHECK(raw_reg(VGPU_REG_TIMESTAMP_LO) != stamp[0] ||
	      raw_reg(VGPU_REG_TIMESTAMP_HI) != stamp[1]);
}

/**
 * raw_test_doorbell_storm() - a thousand doorbells without waiting
 */
void raw_test_doorbell_storm(void)
{
	unsigned int i;

	check_compute();
	for (i = 0; i < 1000; i++)
		raw_reg_set(VGPU_REG_DOORBELL, i);
	CHECK_EQ(raw_wait_idle(), VGPU_STATUS_DONE);
	check_compute();
}

/**
 * raw_test_random_accesses() - anything, anywhere
 */
void raw_test_random_accesses(void)
{
	static const unsigned int widths[] = { 1, 2, 4, 8 };
	unsigned int offset, width;
	unsigned long i;

	for (i = 0; i < raw_operations; i++) {
		width = widths[raw_pick(ARRAY_SIZE(widths))];
		switch (raw_pick(4)) {
		case 0:
			offset = raw_pick(VGPU_REG_END);
			break;
		case 1:
			offset = raw_pick(16) * 4;
			width = 4;
			break;
		case 2:
			offset = VGPU_REQ_BUF + raw_pick(64);
			break;
		default:
			offset = raw_pick(VGPU_BAR0_SIZE - 8);
		}
		if (raw_pick(4))
			raw_write(raw_bar0, offset, width,
				  raw_pick(2) ? raw_random() : raw_pick(0x20));
		else
			raw_read(raw_bar0, offset, width);
	}
	check_identity();
	check_compute();
}

static __u32 nasty_number(void)
{
	static const __u32 numbers[] = {
		0, 1, 2, 3, 4, 7, 8, 31, 32, 33, 36, 40, 248, 249, 992, 993,
		1000, 1023, 1024, 1025, 4096, 0x10000, 0x3fffffff, 0x40000000,
		0x7fffffff, 0x80000000, 0xfffffff8, 0xfffffffc, 0xffffffff,
	};

	if (!raw_pick(4))
		return (__u32)raw_random();
	return numbers[raw_pick(ARRAY_SIZE(numbers))];
}

/**
 * raw_test_random_requests() - requests that are right but for some fields
 */
void raw_test_random_requests(void)
{
	static const __u32 opcodes[] = {
		VGPU_OP_NOP, VGPU_OP_COMPUTE, VGPU_OP_GET_DEVICE_INFO,
		VGPU_OP_CTX_CREATE, VGPU_OP_CTX_DESTROY, VGPU_OP_BO_CREATE,
		VGPU_OP_BO_DESTROY, VGPU_OP_BO_WRITE, VGPU_OP_BO_READ,
		VGPU_OP_COPY, VGPU_OP_FILL, VGPU_OP_LAUNCH,
	};
	/* What each takes, so that some get far */
	static const __u32 counts[] = { 0, 2, 0, 0, 1, 3, 2, 4, 5, 9, 7, 2 };
	__u32 words[VGPU_REQ_BUF_SIZE / 4];
	unsigned int op, i;
	unsigned long done;
	__u32 length, status;

	for (done = 0; done < raw_operations / 20; done++) {
		op = raw_pick(ARRAY_SIZE(opcodes));
		memset(words, 0, sizeof(words));
		words[0] = VGPU_PROTOCOL_VERSION;
		words[1] = opcodes[op];
		words[3] = counts[op];
		/* Parameters: small, as handles are, or extreme */
		for (i = 0; i < counts[op]; i++)
			words[8 + i] = raw_pick(2) ? raw_pick(8) : nasty_number();
		length = 32 + 4 * counts[op];
		if (opcodes[op] == VGPU_OP_BO_WRITE ||
		    opcodes[op] == VGPU_OP_LAUNCH) {
			words[4] = length;
			words[5] = 16 * (1 + raw_pick(4));
			for (i = 0; i < words[5] / 4; i++)
				words[length / 4 + i] = raw_pick(2) ?
					raw_pick(3) : nasty_number();
			length += words[5];
		}
		/* Then break it, mostly */
		for (i = raw_pick(3); i; i--)
			words[raw_pick(8)] = nasty_number();
		raw_put_request(words, length);
		if (!raw_pick(4))
			raw_reg_set(VGPU_REG_REQUEST_LEN, nasty_number());
		raw_reg_set(VGPU_REG_DOORBELL, 1);
		/* Change it under way */
		raw_reg_set(VGPU_REQ_BUF + 4 * raw_pick(16), nasty_number());

		status = raw_wait_idle();
		if (!CHECK(status == VGPU_STATUS_DONE ||
			   status == VGPU_STATUS_ERROR))
			return;
		CHECK_EQ(raw_reg(VGPU_REG_ERROR_CODE),
			 raw_reg(VGPU_RESP_BUF + 4));
		CHECK((status == VGPU_STATUS_DONE) ==
		      (raw_reg(VGPU_REG_ERROR_CODE) == VGPU_ERR_NONE));
		CHECK(raw_reg(VGPU_REG_RESPONSE_LEN) <= VGPU_RESP_BUF_SIZE);
	}
	check_identity();
	check_compute();
}
