// SPDX-License-Identifier: GPL-2.0
/*
 * The hostile guest of tests/bad, with memory that is mapped for the device here.  Its
 * pages are mapped backwards, so that none follows the one before it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gpu.h"
#include "irqset.h"
#include "io.h"
#include "mbox.h"
#include "queue.h"
#include "tap.h"
#include "test_bad.h"
#include "watchdog.h"
#include "../bad/bad.h"

#define BAD_IOVA	0x100000000ULL
#define BAD_READONLY	0x200000000ULL
#define BAD_BAR		0x300000000ULL
#define BAD_SIZE	(BAD_PAGES * BAD_PAGE)
#define BAD_ROUNDS	20000U
#define BAD_OPERATIONS	200000UL

/* Of a device of this machine that is no vGPU */
#define PCI_DEVICES	"/sys/bus/pci/devices"

static int bad_vfio_request(struct bad_guest *g, __u32 opcode, const __u32 *param,
			    __u32 nparams, const void *data, __u32 length, __u32 *result)
{
	struct mbox *m = g->priv;
	struct mbox_request r;
	__u32 i;
	int error;

	mbox_request_init(&r, opcode);
	for (i = 0; i < nparams; i++)
		mbox_request_param(&r, param[i]);
	if (length)
		mbox_request_data(&r, data, length);
	error = mbox_run(m, &r);
	if (!error && result)
		*result = m->resp.result[0];
	return error;
}

static bool bad_vfio_info(struct bad_guest *g, struct vgpu_dev_info *info)
{
	struct gpu_info decoded;

	memset(info, 0, sizeof(*info));
	if (gpu_get_info(g->priv, &decoded))
		return false;
	info->memory_size = htole64(decoded.memory_size);
	info->memory_used = htole64(decoded.memory_used);
	return true;
}

static void bad_vfio_bar2_write(struct bad_guest *g, __u32 offset, unsigned int width,
				__u64 value)
{
	struct mbox *m = g->priv;

	io_write_all(m->s, IO_BAR2, offset, &value, width);
}

static __u64 bad_vfio_bar2_read(struct bad_guest *g, __u32 offset, unsigned int width)
{
	struct mbox *m = g->priv;
	__u64 value = 0;

	io_read_all(m->s, IO_BAR2, offset, &value, width);
	return value;
}

static void bad_vfio_pause(struct bad_guest *g)
{
	(void)g;
	watchdog_pet();
	sched_yield();
}

/* What a driver does afterwards, too */
static bool bad_vfio_reset(struct bad_guest *g)
{
	struct mbox *m = g->priv;

	if (session_reset(m->s))
		return false;
	/* of a request that it has ended */
	event_take(m->event);
	return queue_enable(m->s, BAD_FEATURES) &&
	       bar0_put(m->s, VGPU_REG_IRQ_CTRL, VGPU_IRQ_COMPLETE);
}

static void bad_vfio_fail(struct bad_guest *g, const char *text)
{
	(void)g;
	tap_must(false, "%s", text);
}

static const struct bad_ops bad_vfio_ops = {
	.request = bad_vfio_request,
	.info = bad_vfio_info,
	.bar2_write = bad_vfio_bar2_write,
	.bar2_read = bad_vfio_bar2_read,
	.pause = bad_vfio_pause,
	.reset = bad_vfio_reset,
	.fail = bad_vfio_fail,
};

static void bad_hole(struct bad_guest *g, const char *text, u64 addr, bool readable)
{
	struct bad_hole *hole = &g->hole[g->holes++];

	snprintf(hole->text, sizeof(hole->text), "%s", text);
	hole->addr = addr;
	hole->readable = readable;
}

/* Registers of some PCI device of this machine; reading them must do no harm. */
static void *bad_map_bar(void)
{
	struct dirent *entry;
	char path[512], text[16];
	void *p = MAP_FAILED;
	DIR *dir = opendir(PCI_DEVICES);
	FILE *file;
	int fd;

	while (dir && p == MAP_FAILED && (entry = readdir(dir))) {
		/* QEMU's pci-testdev is made for this */
		snprintf(path, sizeof(path), PCI_DEVICES "/%s/device", entry->d_name);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (!fgets(text, sizeof(text), file) || strcmp(text, "0x0005\n"))
			text[0] = '\0';
		fclose(file);
		if (!text[0])
			continue;
		snprintf(path, sizeof(path), PCI_DEVICES "/%s/enable", entry->d_name);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0 && write(fd, "1", 1) != 1)
			tap_note("%s can't be enabled", entry->d_name);
		if (fd >= 0)
			close(fd);
		snprintf(path, sizeof(path), PCI_DEVICES "/%s/resource0", entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		p = mmap(NULL, BAD_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
	}
	if (dir)
		closedir(dir);
	return p == MAP_FAILED ? NULL : p;
}

static void bad_holes(struct bad_guest *g, struct session *s)
{
	void *bar = bad_map_bar();

	bad_hole(g, "nothing, behind the memory", BAD_IOVA + BAD_SIZE, false);
	bad_hole(g, "nothing, in front of the memory", BAD_IOVA - BAD_PAGE, false);
	bad_hole(g, "page 0", 0, false);
	if (tap_must(!session_dma_map_readonly(s, g->memory, BAD_READONLY, BAD_PAGE),
		     "maps memory that may only be read"))
		bad_hole(g, "memory that may only be read", BAD_READONLY, true);
	/* iommufd takes no registers at all */
	if (bar && !session_dma_map(s, bar, BAD_BAR, BAD_PAGE))
		bad_hole(g, "registers of another device", BAD_BAR, true);
	else
		tap_note("no registers of another device can be mapped here");
}

/* Play the guest: @test has all it needs, and all of it goes afterwards. */
static void bad_play(struct session *s, void (*test)(struct bad_guest *g), const char *what)
{
	static struct bad_guest g;
	struct mbox m;
	u32 i;

	memset(&g, 0, sizeof(g));
	g.ops = &bad_vfio_ops;
	g.priv = &m;
	g.random = 65;
	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	g.memory = mmap(NULL, BAD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (!tap_must(g.memory != MAP_FAILED, "allocates memory"))
		goto out;
	for (i = 0; i < BAD_PAGES; i++)
		g.addr[i] = BAD_IOVA + (u64)(BAD_PAGES - 1 - i) * BAD_PAGE;
	for (i = 0; i < BAD_PAGES; i++) {
		if (!tap_must(!session_dma_map(s, g.memory + i * BAD_PAGE, g.addr[i], BAD_PAGE),
			      "maps memory"))
			goto out;
	}
	bad_holes(&g, s);
	test(&g);
	tap_ok(!g.failures, "%s: %u checks", what, g.checks);
out:
	mbox_close(&m);
}

/**
 * test_bad_queues() - see bad_test_queues()
 * @s: an open session
 */
void test_bad_queues(struct session *s)
{
	bad_play(s, bad_test_queues, "queues that can't be made or ended");
}

/**
 * test_bad_entries() - see bad_test_entries()
 * @s: an open session
 */
void test_bad_entries(struct session *s)
{
	bad_play(s, bad_test_entries, "entries that are wrong");
}

/**
 * test_bad_launches() - see bad_test_launches()
 * @s: an open session
 */
void test_bad_launches(struct session *s)
{
	bad_play(s, bad_test_launches, "launches that are wrong");
}

/**
 * test_bad_modules() - see bad_test_modules()
 * @s: an open session
 */
void test_bad_modules(struct session *s)
{
	bad_play(s, bad_test_modules, "modules that are garbage");
}

/**
 * test_bad_lists() - see bad_test_lists()
 * @s: an open session
 */
void test_bad_lists(struct session *s)
{
	bad_play(s, bad_test_lists, "lists of pages that are wrong");
}

/**
 * test_bad_lists_change() - see bad_test_lists_change()
 * @s: an open session
 */
void test_bad_lists_change(struct session *s)
{
	bad_play(s, bad_test_lists_change, "lists that change while they are read");
}

/**
 * test_bad_rings() - see bad_test_rings()
 * @s: an open session
 */
void test_bad_rings(struct session *s)
{
	bad_play(s, bad_test_rings, "rings that lie");
}

/**
 * test_bad_turns() - see bad_test_turns()
 * @s: an open session
 */
void test_bad_turns(struct session *s)
{
	bad_play(s, bad_test_turns, "entries that are over at once");
}

/**
 * test_bad_undrained() - see bad_test_undrained()
 * @s: an open session
 */
void test_bad_undrained(struct session *s)
{
	bad_play(s, bad_test_undrained, "completions that nobody takes");
}

/**
 * test_bad_many() - see bad_test_many()
 * @s: an open session
 */
void test_bad_many(struct session *s)
{
	bad_play(s, bad_test_many, "thousands of contexts and queues");
}

static void bad_doorbells(struct bad_guest *g)
{
	__u64 rang = bad_test_doorbells(g, BAD_ROUNDS);

	/* to be compared with what the host counts */
	tap_note("rang %llu times", (unsigned long long)rang);
}

/**
 * test_bad_doorbells() - see bad_test_doorbells()
 * @s: an open session
 */
void test_bad_doorbells(struct session *s)
{
	bad_play(s, bad_doorbells, "a storm of doorbells");
}

static void bad_mess(struct bad_guest *g)
{
	bad_test_random(g, BAD_OPERATIONS);
}

/**
 * test_bad_mess() - see bad_test_random()
 * @s: an open session
 */
void test_bad_mess(struct session *s)
{
	bad_play(s, bad_mess, "anything");
}

/* A list that goes on with itself, for as long as the object takes */
static void bad_lists_endless(struct bad_guest *g)
{
	struct vgpu_dev_page_list *list = (void *)g->memory;
	struct mbox *m = g->priv;
	struct mbox_request r;
	u32 ctx;

	if (!tap_must(g->ops->reset(g) && !gpu_ctx_create(m, &ctx), "makes a context"))
		return;
	memset(list, 0, sizeof(*list));
	list->next = htole64(g->addr[0]);
	list->count = htole32(1);
	list->extent[0].addr = htole64(g->addr[1]);
	list->extent[0].length = htole64(BAD_PAGE);
	mbox_request_init(&r, VGPU_OP_BO_CREATE_SYSTEM);
	mbox_request_param(&r, ctx);
	mbox_request_param64(&r, 8ULL << 30);
	mbox_request_param64(&r, g->addr[0]);
	mbox_submit(m, &r);
	/* two million lists are not waited for by whoever takes the device back */
	bad_check(g, g->ops->reset(g), "resets under a list without end");
	bad_works(g);
}

/**
 * test_bad_lists_endless() - a list that keeps the host busy, and a reset
 * @s: an open session
 */
void test_bad_lists_endless(struct session *s)
{
	bad_play(s, bad_lists_endless, "a list without end");
}
