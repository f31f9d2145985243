// SPDX-License-Identifier: GPL-2.0
/*
 * raw_bar0: a hostile guest.  Maps BAR0 and does what no driver does: accesses
 * of any width and alignment, doorbells at any moment, requests that are wrong
 * in every field.  Afterwards the device must serve a request as ever.
 *
 * Needs root and a device without a driver.  Prints TAP.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vgpu_dev.h>

#include "dev.h"
#include "tap.h"

#define DEVICES		"/sys/bus/pci/devices"
/* A job that a random request begins may take that long */
#define BUSY_S		60

static unsigned char *bar;
static unsigned long operations = 20000;
static __u64 random_state = 1;

static __u64 next_random(void)
{
	__u64 z = random_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static unsigned int pick(unsigned int count)
{
	return (unsigned int)(next_random() % count);
}

/* Relaxed atomics: one access of that width each, whatever the alignment */
static __u64 bar_read(unsigned int offset, unsigned int width)
{
	void *at = bar + offset;

	switch (width) {
	case 1:
		return __atomic_load_n((__u8 *)at, __ATOMIC_RELAXED);
	case 2:
		return __atomic_load_n((__u16 *)at, __ATOMIC_RELAXED);
	case 4:
		return __atomic_load_n((__u32 *)at, __ATOMIC_RELAXED);
	default:
		return __atomic_load_n((__u64 *)at, __ATOMIC_RELAXED);
	}
}

static void bar_write(unsigned int offset, unsigned int width, __u64 value)
{
	void *at = bar + offset;

	switch (width) {
	case 1:
		__atomic_store_n((__u8 *)at, (__u8)value, __ATOMIC_RELAXED);
		break;
	case 2:
		__atomic_store_n((__u16 *)at, (__u16)value, __ATOMIC_RELAXED);
		break;
	case 4:
		__atomic_store_n((__u32 *)at, (__u32)value, __ATOMIC_RELAXED);
		break;
	default:
		__atomic_store_n((__u64 *)at, value, __ATOMIC_RELAXED);
	}
}

static __u32 reg_read(unsigned int reg)
{
	return (__u32)bar_read(reg, 4);
}

static void reg_write(unsigned int reg, __u32 value)
{
	bar_write(reg, 4, value);
}

/* Returns the status, or BUSY if it stays so */
static __u32 wait_idle(void)
{
	double end = dev_now() + BUSY_S;
	__u32 status;

	do {
		status = reg_read(VGPU_REG_STATUS);
		if (status != VGPU_STATUS_BUSY)
			break;
		dev_sleep_ms(1);
	} while (dev_now() < end);
	return status;
}

static void put_request(const void *request, __u32 length)
{
	const unsigned char *bytes = request;
	__u32 offset, word;

	for (offset = 0; offset < length && offset < VGPU_REQ_BUF_SIZE;
	     offset += sizeof(word)) {
		memcpy(&word, bytes + offset, sizeof(word));
		reg_write(VGPU_REQ_BUF + offset, word);
	}
	reg_write(VGPU_REG_REQUEST_LEN, length);
}

/* Runs a COMPUTE and checks all that it must answer */
static void check_compute(void)
{
	const __u32 a = (__u32)next_random();
	const __u32 b = (__u32)next_random();
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

	CHECK(wait_idle() != VGPU_STATUS_BUSY);
	put_request(&request, sizeof(request));
	reg_write(VGPU_REG_REQUEST_ID, 0x1234);
	reg_write(VGPU_REG_DOORBELL, 1);
	CHECK_EQ(wait_idle(), VGPU_STATUS_DONE);
	CHECK_EQ(reg_read(VGPU_REG_ERROR_CODE), VGPU_ERR_NONE);
	CHECK_EQ(reg_read(VGPU_REG_REQUEST_ID), 0x1234);
	CHECK_EQ(reg_read(VGPU_REG_RESPONSE_LEN),
		 sizeof(struct vgpu_dev_response) + 4);
	CHECK_EQ(reg_read(VGPU_RESP_BUF), VGPU_PROTOCOL_VERSION);
	CHECK_EQ(reg_read(VGPU_RESP_BUF + 4), VGPU_ERR_NONE);
	CHECK_EQ(reg_read(VGPU_RESP_BUF + 8), 1);
	CHECK_EQ(reg_read(VGPU_RESP_BUF + sizeof(struct vgpu_dev_response)),
		 (__u32)(a + b));
}

static void check_identity(void)
{
	CHECK_EQ(reg_read(VGPU_REG_EXT_MAGIC), VGPU_MAGIC);
	CHECK_EQ(reg_read(VGPU_REG_PROTOCOL_VER), VGPU_PROTOCOL_VERSION);
	CHECK_EQ(reg_read(VGPU_REG_DOORBELL), 0);
	CHECK(reg_read(VGPU_REG_STATUS) <= VGPU_STATUS_ERROR);
	CHECK(reg_read(VGPU_REG_ERROR_CODE) < VGPU_ERR_COUNT);
}

static void test_works(void)
{
	check_identity();
	check_compute();
}

/* A read of any width and alignment is a cut out of the words it touches */
static void test_read_widths(void)
{
	static const unsigned int widths[] = { 1, 2, 4, 8 };
	static unsigned char bytes[VGPU_BAR0_SIZE];
	unsigned int i, offset, width;
	__u64 want;

	wait_idle();
	for (offset = 0; offset < sizeof(bytes); offset += 4) {
		__u32 word = reg_read(offset);

		memcpy(bytes + offset, &word, sizeof(word));
	}
	for (i = 0; i < 2000; i++) {
		width = widths[pick(ARRAY_SIZE(widths))];
		offset = i < VGPU_REG_END ? i : pick(sizeof(bytes) - width);
		want = 0;
		memcpy(&want, bytes + offset, width);
		CHECK_EQ(bar_read(offset, width), want);
	}
}

/* What is not the guest's to write keeps its value */
static void test_read_only(void)
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
		before = reg_read(registers[i]);
		reg_write(registers[i], ~before);
		reg_write(registers[i], 0);
		CHECK_EQ(reg_read(registers[i]), before);
	}
	/* A part of a register is no register */
	reg_write(VGPU_REG_SCRATCH, 0x11223344);
	bar_write(VGPU_REG_SCRATCH, 1, 0xff);
	bar_write(VGPU_REG_SCRATCH + 1, 2, 0xffff);
	bar_write(VGPU_REG_SCRATCH - 2, 4, 0xffffffff);
	CHECK_EQ(reg_read(VGPU_REG_SCRATCH), 0x11223344);
}

/* Only a write of the whole register rings */
static void test_doorbell_widths(void)
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
	stamp[0] = reg_read(VGPU_REG_TIMESTAMP_LO);
	stamp[1] = reg_read(VGPU_REG_TIMESTAMP_HI);
	for (i = 0; i < ARRAY_SIZE(quiet); i++) {
		bar_write(quiet[i].offset, quiet[i].width, ~0ULL);
		wait_idle();
		CHECK_EQ(reg_read(VGPU_REG_TIMESTAMP_LO), stamp[0]);
		CHECK_EQ(reg_read(VGPU_REG_TIMESTAMP_HI), stamp[1]);
	}
	reg_write(VGPU_REG_DOORBELL, 0);
	CHECK_EQ(wait_idle(), VGPU_STATUS_DONE);
	CHECK(reg_read(VGPU_REG_TIMESTAMP_LO) != stamp[0] ||
	      reg_read(VGPU_REG_TIMESTAMP_HI) != stamp[1]);
}

/* A thousand doorbells without waiting */
static void test_doorbell_storm(void)
{
	unsigned int i;

	check_compute();
	for (i = 0; i < 1000; i++)
		reg_write(VGPU_REG_DOORBELL, i);
	CHECK_EQ(wait_idle(), VGPU_STATUS_DONE);
	check_compute();
}

/* Anything, anywhere */
static void test_random_accesses(void)
{
	static const unsigned int widths[] = { 1, 2, 4, 8 };
	unsigned int offset, width;
	unsigned long i;

	for (i = 0; i < operations; i++) {
		width = widths[pick(ARRAY_SIZE(widths))];
		switch (pick(4)) {
		case 0:
			offset = pick(VGPU_REG_END);
			break;
		case 1:
			offset = pick(16) * 4;
			width = 4;
			break;
		case 2:
			offset = VGPU_REQ_BUF + pick(64);
			break;
		default:
			offset = pick(VGPU_BAR0_SIZE - 8);
		}
		if (pick(4))
			bar_write(offset, width,
				  pick(2) ? next_random() : pick(0x20));
		else
			bar_read(offset, width);
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

	if (!pick(4))
		return (__u32)next_random();
	return numbers[pick(ARRAY_SIZE(numbers))];
}

/* A request that is right but for some fields */
static void test_random_requests(void)
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

	for (done = 0; done < operations / 20; done++) {
		op = pick(ARRAY_SIZE(opcodes));
		memset(words, 0, sizeof(words));
		words[0] = VGPU_PROTOCOL_VERSION;
		words[1] = opcodes[op];
		words[3] = counts[op];
		/* Parameters: small, as handles are, or extreme */
		for (i = 0; i < counts[op]; i++)
			words[8 + i] = pick(2) ? pick(8) : nasty_number();
		length = 32 + 4 * counts[op];
		if (opcodes[op] == VGPU_OP_BO_WRITE ||
		    opcodes[op] == VGPU_OP_LAUNCH) {
			words[4] = length;
			words[5] = 16 * (1 + pick(4));
			for (i = 0; i < words[5] / 4; i++)
				words[length / 4 + i] = pick(2) ?
					pick(3) : nasty_number();
			length += words[5];
		}
		/* Then break it, mostly */
		for (i = pick(3); i; i--)
			words[pick(8)] = nasty_number();
		put_request(words, length);
		if (!pick(4))
			reg_write(VGPU_REG_REQUEST_LEN, nasty_number());
		reg_write(VGPU_REG_DOORBELL, 1);
		/* Change it under way */
		reg_write(VGPU_REQ_BUF + 4 * pick(16), nasty_number());

		status = wait_idle();
		if (!CHECK(status == VGPU_STATUS_DONE ||
			   status == VGPU_STATUS_ERROR))
			return;
		CHECK_EQ(reg_read(VGPU_REG_ERROR_CODE),
			 reg_read(VGPU_RESP_BUF + 4));
		CHECK((status == VGPU_STATUS_DONE) ==
		      (reg_read(VGPU_REG_ERROR_CODE) == VGPU_ERR_NONE));
		CHECK(reg_read(VGPU_REG_RESPONSE_LEN) <= VGPU_RESP_BUF_SIZE);
	}
	check_identity();
	check_compute();
}

static const struct tap_test tests[] = {
	{ "raw-works", "a request by hand", test_works },
	{ "raw-read-widths", "reads of any width and alignment",
	  test_read_widths },
	{ "raw-read-only", "writes to what is read-only, and to parts",
	  test_read_only },
	{ "raw-doorbell-widths", "only a whole doorbell rings",
	  test_doorbell_widths },
	{ "raw-doorbell-storm", "doorbells without waiting",
	  test_doorbell_storm },
	{ "raw-random", "random accesses, then a request that works",
	  test_random_accesses },
	{ "raw-requests", "random requests, then one that works",
	  test_random_requests },
};

/* True if the device directory @name is a vGPU */
static bool is_vgpu(const char *name)
{
	static const struct {
		const char *file;
		unsigned int id;
	} ids[] = {
		{ "vendor", VGPU_PCI_VENDOR_ID },
		{ "device", VGPU_PCI_DEVICE_ID },
	};
	char path[512], text[16] = "";
	size_t i;
	FILE *file;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		snprintf(path, sizeof(path), DEVICES "/%s/%s", name,
			 ids[i].file);
		file = fopen(path, "r");
		if (!file)
			return false;
		if (!fgets(text, sizeof(text), file))
			text[0] = '\0';
		fclose(file);
		if (strtoul(text, NULL, 0) != ids[i].id)
			return false;
	}
	return true;
}

static bool find_device(char *name, size_t size)
{
	struct dirent *entry;
	DIR *dir = opendir(DEVICES);
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		found = is_vgpu(entry->d_name);
		if (found)
			snprintf(name, size, "%s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

static bool map_bar(const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), DEVICES "/%s/driver", name);
	if (!access(path, F_OK)) {
		fprintf(stderr, "raw_bar0: %s has a driver; unbind it first\n",
			name);
		return false;
	}
	snprintf(path, sizeof(path), DEVICES "/%s/enable", name);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "1", 1) != 1)
		perror(path);
	if (fd >= 0)
		close(fd);
	snprintf(path, sizeof(path), DEVICES "/%s/resource0", name);
	fd = open(path, O_RDWR | O_SYNC);
	if (fd >= 0) {
		bar = mmap(NULL, VGPU_BAR0_SIZE, PROT_READ | PROT_WRITE,
			   MAP_SHARED, fd, 0);
		close(fd);
	}
	if (fd < 0 || bar == MAP_FAILED) {
		perror(path);
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "ops", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 's' },
		{ }
	};
	char name[256] = "";
	size_t i;
	int opt;

	while ((opt = getopt_long(argc, argv, "n:s:", options, NULL)) != -1) {
		if (opt == 'n') {
			operations = strtoul(optarg, NULL, 0);
		} else if (opt == 's') {
			random_state = strtoull(optarg, NULL, 0);
		} else {
			fprintf(stderr,
				"usage: raw_bar0 [--ops N] [--seed S] [PCI-NAME]\n");
			return 2;
		}
	}
	if (optind < argc) {
		snprintf(name, sizeof(name), "%s", argv[optind]);
	} else if (!find_device(name, sizeof(name))) {
		fprintf(stderr, "raw_bar0: no vGPU\n");
		return 2;
	}
	if (!map_bar(name))
		return 2;
	for (i = 0; i < ARRAY_SIZE(tests); i++)
		tap_run(&tests[i]);
	return tap_end();
}
