// SPDX-License-Identifier: GPL-2.0
/*
 * The hostile guest of tests/bad, with this machine's memory: pages whose physical
 * addresses are known, and the addresses of devices and of nothing at all.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vgpu_dev.h>

#include "../bad/bad.h"
#include "dev.h"
#include "raw.h"
#include "tap.h"

#define DOORBELL_ROUNDS	2000U
/* Huge pages stay where they are; others are moved, locked or not */
#define HUGE_PAGES	"/proc/sys/vm/nr_hugepages"
#define HUGE_COUNT	"8"

static struct bad_guest guest;

static int raw_request(struct bad_guest *g, __u32 opcode, const __u32 *param, __u32 nparams,
		       const void *data, __u32 length, __u32 *result)
{
	__u32 words[VGPU_REQ_BUF_SIZE / 4] = { VGPU_HEAD_VERSION, opcode, 0, nparams };
	__u32 end = sizeof(struct vgpu_dev_request) + 4 * nparams, offset, status;
	__u64 pair;

	(void)g;
	memcpy(words + 8, param, 4 * nparams);
	if (length) {
		words[4] = end;
		words[5] = length;
		memcpy((char *)words + end, data, length);
	}
	if (raw_wait_idle() == VGPU_STATUS_BUSY)
		return -1;
	for (offset = 0; offset < end + length; offset += sizeof(pair)) {
		memcpy(&pair, (char *)words + offset, sizeof(pair));
		raw_write(raw_bar0, VGPU_REQ_BUF + offset, sizeof(pair), pair);
	}
	raw_reg_set(VGPU_REG_REQUEST_LEN, end + length);
	raw_reg_set(VGPU_REG_DOORBELL, 1);
	status = raw_wait_idle();
	if (status == VGPU_STATUS_ERROR)
		return (int)raw_reg(VGPU_REG_ERROR_CODE);
	if (status != VGPU_STATUS_DONE)
		return -1;
	if (result)
		*result = raw_reg(VGPU_RESP_BUF + sizeof(struct vgpu_dev_response));
	return 0;
}

static bool raw_info(struct bad_guest *g, struct vgpu_dev_info *info)
{
	__u32 i, word;

	if (raw_request(g, VGPU_OP_GET_DEVICE_INFO, NULL, 0, NULL, 0, NULL))
		return false;
	for (i = 0; i < sizeof(*info); i += 4) {
		word = raw_reg(VGPU_RESP_BUF + sizeof(struct vgpu_dev_response) + i);
		memcpy((char *)info + i, &word, 4);
	}
	return true;
}

static void raw_bar2_write(struct bad_guest *g, __u32 offset, unsigned int width, __u64 value)
{
	(void)g;
	raw_write(raw_bar2, offset, width, value);
}

static __u64 raw_bar2_read(struct bad_guest *g, __u32 offset, unsigned int width)
{
	(void)g;
	return raw_read(raw_bar2, offset, width);
}

/* The processor is the host's meanwhile */
static void raw_pause(struct bad_guest *g)
{
	(void)g;
	usleep(20);
}

static bool raw_reset(struct bad_guest *g)
{
	(void)g;
	if (!raw_flr())
		return false;
	raw_reg_set(VGPU_REG_EXT_ACCEPTED_LO, (__u32)BAD_FEATURES);
	raw_reg_set(VGPU_REG_EXT_CONTROL, VGPU_EXT_ENABLE);
	return raw_reg(VGPU_REG_EXT_STATUS) == VGPU_EXT_ENABLED;
}

static void raw_fail(struct bad_guest *g, const char *text)
{
	(void)g;
	fprintf(stderr, "# %s\n", text);
}

static const struct bad_ops raw_ops = {
	.request = raw_request,
	.info = raw_info,
	.bar2_write = raw_bar2_write,
	.bar2_read = raw_bar2_read,
	.pause = raw_pause,
	.reset = raw_reset,
	.fail = raw_fail,
};

static void raw_hole(const char *text, __u64 addr, bool readable)
{
	struct bad_hole *hole = &guest.hole[guest.holes];

	if (guest.holes == BAD_HOLES)
		return;
	snprintf(hole->text, sizeof(hole->text), "%s", text);
	hole->addr = addr;
	hole->readable = readable;
	guest.holes++;
}

/* What is not memory: the device's own registers, others', the ROM, and nothing */
static void raw_holes(void)
{
	static const unsigned int vgpu[] = { VGPU_PCI_VENDOR_ID, VGPU_PCI_DEVICE_ID };
	static const unsigned int console[] = { 0x1af4, 0x1003 };
	static const struct {
		const char *text;
		__u64 addr;
	} fixed[] = {
		{ "the I/O APIC", 0xfec00000 }, { "the local APIC", 0xfee00000 },
		{ "PCI config space", 0xb0000000 }, { "nothing, at 1 TiB", 1ULL << 40 },
		{ "nothing, at 2 GiB", 1ULL << 31 },
	};
	char name[256], text[32];
	unsigned int bar;
	size_t i;

	CHECK(raw_find(vgpu, name, sizeof(name)));
	for (bar = 0; bar < 6; bar += 2) {
		snprintf(text, sizeof(text), "BAR%u of the vGPU", bar);
		if (CHECK(raw_bar_address(name, bar)))
			raw_hole(text, raw_bar_address(name, bar), false);
	}
	CHECK(raw_find(console, name, sizeof(name)));
	for (bar = 0; bar < 6; bar++) {
		snprintf(text, sizeof(text), "BAR%u of another device", bar);
		if (raw_bar_address(name, bar))
			raw_hole(text, raw_bar_address(name, bar), false);
	}
	for (i = 0; i < ARRAY_SIZE(fixed); i++)
		raw_hole(fixed[i].text, fixed[i].addr, false);
	/* memory to the host, but not to be written */
	raw_hole("the ROM", 0xfffff000, true);
}

static bool raw_memory(void)
{
	const size_t size = BAD_PAGES * BAD_PAGE;
	__u64 entry;
	size_t i;
	int fd;

	fd = open(HUGE_PAGES, O_WRONLY);
	if (!CHECK(fd >= 0 && write(fd, HUGE_COUNT, strlen(HUGE_COUNT)) > 0))
		return false;
	close(fd);
	guest.memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1, 0);
	if (!CHECK(guest.memory != MAP_FAILED))
		return false;
	fd = open("/proc/self/pagemap", O_RDONLY);
	for (i = 0; i < BAD_PAGES; i++) {
		off_t at = (off_t)((uintptr_t)guest.memory / BAD_PAGE + i) * 8;

		if (!CHECK_EQ(pread(fd, &entry, 8, at), 8) || !CHECK(entry >> 63))
			return false;
		guest.addr[i] = (entry & ((1ULL << 55) - 1)) * BAD_PAGE;
		if (!CHECK(guest.addr[i]))
			return false;
	}
	close(fd);
	return true;
}

/**
 * raw_guest() - the guest, made once
 *
 * Return: the guest, or NULL.
 */
struct bad_guest *raw_guest(void)
{
	if (!guest.ops) {
		if (!raw_memory())
			return NULL;
		raw_holes();
		guest.ops = &raw_ops;
		guest.random = raw_random();
	}
	guest.failures = 0;
	return &guest;
}

static void raw_bad(void (*test)(struct bad_guest *g))
{
	struct bad_guest *g = raw_guest();

	if (!CHECK(g))
		return;
	test(g);
	CHECK_EQ(g->failures, 0);
}

/**
 * raw_test_queues() - see bad_test_queues()
 */
void raw_test_queues(void)
{
	raw_bad(bad_test_queues);
}

/**
 * raw_test_entries() - see bad_test_entries()
 */
void raw_test_entries(void)
{
	raw_bad(bad_test_entries);
}

/**
 * raw_test_launches() - see bad_test_launches()
 */
void raw_test_launches(void)
{
	raw_bad(bad_test_launches);
}

/**
 * raw_test_modules() - see bad_test_modules()
 */
void raw_test_modules(void)
{
	raw_bad(bad_test_modules);
}

/**
 * raw_test_lists() - see bad_test_lists()
 */
void raw_test_lists(void)
{
	raw_bad(bad_test_lists);
}

/**
 * raw_test_lists_change() - see bad_test_lists_change()
 */
void raw_test_lists_change(void)
{
	raw_bad(bad_test_lists_change);
}

/**
 * raw_test_rings() - see bad_test_rings()
 */
void raw_test_rings(void)
{
	raw_bad(bad_test_rings);
}

/**
 * raw_test_turns() - see bad_test_turns()
 */
void raw_test_turns(void)
{
	raw_bad(bad_test_turns);
}

/**
 * raw_test_undrained() - see bad_test_undrained()
 */
void raw_test_undrained(void)
{
	raw_bad(bad_test_undrained);
}

/**
 * raw_test_many() - see bad_test_many()
 */
void raw_test_many(void)
{
	raw_bad(bad_test_many);
}

static void raw_doorbells(struct bad_guest *g)
{
	bad_test_doorbells(g, DOORBELL_ROUNDS);
}

/**
 * raw_test_doorbells() - see bad_test_doorbells()
 */
void raw_test_doorbells(void)
{
	raw_bad(raw_doorbells);
}

static void raw_random_test(struct bad_guest *g)
{
	bad_test_random(g, 5 * raw_operations);
}

/**
 * raw_test_random() - see bad_test_random()
 */
void raw_test_random(void)
{
	raw_bad(raw_random_test);
}

/**
 * raw_test_unmap() - see raw_unmap()
 */
void raw_test_unmap(void)
{
	raw_bad(raw_unmap);
}
