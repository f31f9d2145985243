// SPDX-License-Identifier: GPL-2.0
/*
 * Reset by ioctl, reset by the guest (FLR) and close must have one effect, with
 * or without a request running: nothing of what the guest made is left, and
 * nothing of a request that ran shows up later.  Eventfds are the VMM's: a
 * reset leaves them, a close does not.
 */
#include <linux/pci_regs.h>
#include <linux/vgpu_dev.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capability.h"
#include "gpu.h"
#include "io.h"
#include "irqset.h"
#include "longjob.h"
#include "mbox.h"
#include "tap.h"
#include "test_busy.h"
#include "test_regs.h"

/* Things a guest leaves behind, and that must be gone afterwards. */
static bool busy_litter(struct mbox *m, u32 *ctx, u32 *bo)
{
	struct session *s = m->s;
	u8 ones[16];

	memset(ones, 0xff, sizeof(ones));
	return tap_must(!gpu_ctx_create(m, ctx) &&
			!gpu_bo_create(m, *ctx, 8192, bo) &&
			!gpu_bo_write(m, *ctx, *bo, 0, "secret", 6),
			"makes an object") &&
	       bar0_put(s, VGPU_REG_SCRATCH, 0x5a5a5a5a) &&
	       config_put(s, PCI_COMMAND,
			  PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2) &&
	       io_write_all(s, IO_BAR4, VGPU_BAR4_MSIX_TABLE, ones,
			    sizeof(ones));
}

/* Is nothing left of contexts, objects and their memory? */
static void busy_nothing_left(struct mbox *m, u32 ctx, u32 bo, const char *when)
{
	struct gpu_info info;
	u8 now[64];
	u32 i, sum = 0;

	tap_eq((u64)gpu_bo_read(m, ctx, bo, 0, NULL, 4), VGPU_ERR_BAD_HANDLE,
	       "contexts are gone %s", when);
	if (!gpu_get_info(m, &info))
		tap_eq(info.memory_used, 0, "memory_used %s", when);
	if (gpu_ctx_create(m, &ctx) || gpu_bo_create(m, ctx, 8192, &bo) ||
	    gpu_bo_read(m, ctx, bo, 0, now, sizeof(now)))
		return;
	for (i = 0; i < sizeof(now); i++)
		sum += now[i];
	tap_eq(sum, 0, "new objects are zeroed %s", when);
	tap_eq((u64)gpu_ctx_destroy(m, ctx), 0, "ends them %s", when);
}

/* The eventfd that was set before a reset still works. */
static void busy_still_set(struct mbox *m, const char *when)
{
	u32 sum = 0;

	/* of what was running, it may have been told before the reset */
	event_take(m->event);
	bar0_put(m->s, VGPU_REG_IRQ_CTRL, VGPU_IRQ_COMPLETE);
	tap_eq((u64)mbox_compute(m, 7, 8, &sum), 0,
	       "the eventfd still works %s", when);
	tap_eq(sum, 15, "sum %s", when);
}

/* Starts a long job and rings for another request while it runs. */
static bool busy_ring_twice(struct mbox *m, struct longjob *j)
{
	struct session *s = m->s;
	struct mbox_request r;
	u32 ms, status;

	mbox_request_init(&r, VGPU_OP_COMPUTE);
	mbox_request_param(&r, 1);
	mbox_request_param(&r, 2);
	for (ms = LONGJOB_TEST_MS; ms < 100 * LONGJOB_TEST_MS; ms *= 4) {
		if (!longjob_open(j, m, ms) || !longjob_start_busy(j))
			return false;
		io_write_all(s, IO_BAR0, VGPU_REQ_BUF, r.buf, r.len);
		bar0_put(s, VGPU_REG_REQUEST_LEN, r.len);
		bar0_put(s, VGPU_REG_DOORBELL, 1);
		status = bar0_get(s, VGPU_REG_STATUS);
		if (status == VGPU_STATUS_BUSY)
			return tap_ok(true,
				      "a request runs while another is rung for");
		/* it may have ended before the second doorbell: once more */
		if (!tap_must_eq(status, VGPU_STATUS_DONE,
				 "STATUS after a doorbell while a request runs") ||
		    !tap_must(!session_reset(s), "resets"))
			return false;
		event_take(m->event);
		bar0_put(s, VGPU_REG_IRQ_CTRL, VGPU_IRQ_COMPLETE);
	}
	tap_skip("jobs are too short on this GPU", "rings while a job runs");
	return false;
}

/**
 * test_busy() - a doorbell is refused while a request runs
 * @s: an open session
 */
void test_busy(struct session *s)
{
	struct longjob j;
	struct mbox m;
	u32 sum = 0;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (!busy_ring_twice(&m, &j))
		goto out;
	tap_eq(bar0_get(s, VGPU_REG_REQUEST_ID), m.request_id,
	       "registers answer meanwhile: REQUEST_ID");
	bar0_put(s, VGPU_REG_SCRATCH, 0x600df00d);
	tap_eq(bar0_get(s, VGPU_REG_SCRATCH), 0x600df00d,
	       "registers answer meanwhile: SCRATCH");
	if (!mbox_wait(&m) || !mbox_read_response(&m))
		goto out;
	tap_eq(m.resp.error, 0, "the running request succeeds");
	tap_eq(m.resp.result_count, 0, "its answer is its own: no results");
	if (longjob_result(&j))
		tap_ok(true, "its result is right");
	tap_eq((u64)mbox_compute(&m, 30, 12, &sum), 0,
	       "the next request is the next to be told of");
	tap_eq(sum, 42, "the next request: sum");
out:
	mbox_close(&m);
}

static int busy_flr(struct session *s)
{
	u32 at = capability_find(s, PCI_CAP_ID_EXP), control;

	if (!tap_must(at, "there is PCIe"))
		return -1;
	control = config_get(s, at + PCI_EXP_DEVCTL, 2);
	tap_must(!(control & PCI_EXP_DEVCTL_BCR_FLR), "the reset bit reads 0");
	config_put(s, at + PCI_EXP_DEVCTL, control | PCI_EXP_DEVCTL_BCR_FLR, 2);
	tap_eq(config_get(s, at + PCI_EXP_DEVCTL, 2) & PCI_EXP_DEVCTL_BCR_FLR,
	       0, "the reset bit reads 0 once written");
	return 0;
}

static void busy_reset_idle(struct session *s, int (*reset)(struct session *),
			    const char *when)
{
	struct mbox m;
	u32 ctx, bo;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (busy_litter(&m, &ctx, &bo)) {
		tap_errno(reset(s), 0, "resets %s", when);
		regs_initial(s, when);
		busy_still_set(&m, when);
		busy_nothing_left(&m, ctx, bo, when);
		/* again, with nothing to reset */
		tap_errno(reset(s), 0, "resets again %s", when);
		tap_errno(reset(s), 0, "and again %s", when);
		regs_initial(s, when);
		busy_still_set(&m, when);
	}
	mbox_close(&m);
}

/* @start: longjob_start_busy() or longjob_start_amid() */
static void busy_reset_running(struct session *s,
			       int (*reset)(struct session *),
			       bool (*start)(struct longjob *),
			       const char *when)
{
	struct longjob j;
	struct mbox m;
	u32 ctx, bo, i;
	int ret;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (!busy_litter(&m, &ctx, &bo) ||
	    !longjob_open(&j, &m, LONGJOB_TEST_MS) || !start(&j))
		goto out;
	ret = reset(s);
	tap_errno(ret, 0, "resets %s", when);
	regs_initial(s, when);
	busy_still_set(&m, when);
	busy_nothing_left(&m, ctx, bo, when);

	/* a late completion would be counted with a later request's */
	if (!longjob_open(&j, &m, LONGJOB_TEST_MS) || !longjob_start(&j) ||
	    !mbox_wait(&m) || !mbox_read_response(&m))
		goto out;
	tap_eq(m.resp.error, 0, "a request as long as that one succeeds %s",
	       when);
	for (i = 0; i < 20; i++) {
		if (!longjob_start(&j))
			break;
		ret = reset(s);
		if (!tap_must(!ret, "resets %s, time %u", when, i))
			break;
		event_take(m.event);
		bar0_put(s, VGPU_REG_IRQ_CTRL, VGPU_IRQ_COMPLETE);
		if (!tap_must_eq((u64)mbox_nop(&m), 0,
				 "a request right after reset %u %s", i, when))
			break;
	}
	tap_eq(i, 20, "resets right after doorbells %s", when);
out:
	mbox_close(&m);
}

/**
 * test_reset() - VFIO_DEVICE_RESET of an idle device
 * @s: an open session
 */
void test_reset(struct session *s)
{
	busy_reset_idle(s, session_reset, "by ioctl");
}

/**
 * test_reset_busy() - VFIO_DEVICE_RESET while a request runs
 * @s: an open session
 */
void test_reset_busy(struct session *s)
{
	busy_reset_running(s, session_reset, longjob_start_busy,
			   "by ioctl, a request waiting");
	busy_reset_running(s, session_reset, longjob_start_amid,
			   "by ioctl, a request running");
}

static u64 busy_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000000 + (u64)now.tv_nsec / 1000;
}

/**
 * test_reset_prompt() - a reset ends what runs, and doesn't wait for its end
 * @s: an open session
 *
 * Else a guest could keep its VMM, and whoever removes the device, waiting.
 * On a machine with other things to do any single reset may take long, so one
 * out of a few has to take less than a quarter of what the job would have, and
 * the jobs are longer each time.
 */
void test_reset_prompt(struct session *s)
{
	u64 begin, took, best = ~0ULL, expect = 0;
	struct longjob j;
	struct mbox m;
	u32 i;

	for (i = 0; i < 5 && (!expect || best >= expect / 4); i++) {
		if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
			return;
		if (!longjob_open(&j, &m, (4 + 2 * i) * LONGJOB_TEST_MS) ||
		    !longjob_start_amid(&j)) {
			mbox_close(&m);
			return;
		}
		begin = busy_now_us();
		tap_must(!session_reset(s), "resets");
		took = busy_now_us() - begin;
		mbox_close(&m);
		if (took < best)
			best = took;
		expect = j.expect_us;
	}
	if (expect < 20000)
		tap_skip("jobs are too short on this GPU",
			 "a reset does not wait for a job");
	else
		tap_ok(best < expect / 4,
		       "a reset does not wait for a job of %llu us: got %llu us",
		       (unsigned long long)expect, (unsigned long long)best);
}

/**
 * test_flr() - a guest's reset of an idle device
 * @s: an open session
 */
void test_flr(struct session *s)
{
	busy_reset_idle(s, busy_flr, "by FLR");
}

/**
 * test_flr_busy() - a guest's reset while a request runs
 * @s: an open session
 */
void test_flr_busy(struct session *s)
{
	busy_reset_running(s, busy_flr, longjob_start_busy,
			   "by FLR, a request waiting");
	busy_reset_running(s, busy_flr, longjob_start_amid,
			   "by FLR, a request running");
}

/**
 * struct busy_image - what a device shows when freshly opened
 * @config: config space
 * @bar4: MSI-X table and PBA
 */
struct busy_image {
	u8 config[4096];
	u8 bar4[VGPU_BAR4_SIZE];
};

static bool busy_image_take(struct session *s, struct busy_image *image)
{
	return io_read_all(s, IO_CONFIG, 0, image->config,
			   sizeof(image->config)) &&
	       io_read_all(s, IO_BAR4, 0, image->bar4, sizeof(image->bar4));
}

static void busy_image_compare(struct session *s, const struct busy_image *was,
			       const char *when)
{
	struct busy_image now;
	u32 i;

	if (!busy_image_take(s, &now))
		return;
	for (i = 0; i < sizeof(now.config) && now.config[i] == was->config[i];)
		i++;
	tap_eq(i, sizeof(now.config),
	       "first byte of config space that differs %s", when);
	tap_ok(!memcmp(now.bar4, was->bar4, sizeof(now.bar4)),
	       "BAR4 is as at first %s", when);
	regs_initial(s, when);
}

static bool busy_reopen(struct session *s, bool all)
{
	int ret;

	if (all)
		session_close(s);
	else
		session_close_device(s);
	ret = all ? session_open(s) : session_open_device(s);
	return tap_ok(!ret, "opens again, %s: %s",
		      all ? "container and all" : "only the device",
		      ret ? s->error : "success");
}

/* @start: longjob_start_busy(), longjob_start_amid(), or NULL for no job */
static void busy_reopened(struct session *s, bool (*start)(struct longjob *),
			  bool all, const char *when)
{
	struct busy_image image;
	struct longjob j;
	struct mbox m, again;
	u32 ctx, bo;
	int event;

	if (!busy_image_take(s, &image) ||
	    !mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	event = m.event;
	config_put(s, PCI_BASE_ADDRESS_0, 0xfebc0000, 4);
	config_put(s, PCI_INTERRUPT_LINE, 11, 1);
	if (!busy_litter(&m, &ctx, &bo))
		goto out;
	if (start &&
	    (!longjob_open(&j, &m, LONGJOB_TEST_MS) || !start(&j)))
		goto out;
	if (!busy_reopen(s, all))
		goto out;
	event_take(event);
	busy_image_compare(s, &image, when);
	if (mbox_open(&again, s, VFIO_PCI_MSI_IRQ_INDEX)) {
		tap_eq((u64)mbox_nop(&again), 0, "a request %s", when);
		busy_nothing_left(&again, ctx, bo, when);
		mbox_close(&again);
	}
	tap_eq(event_take(event), 0, "eventfds of before are forgotten %s",
	       when);
out:
	close(event);
}

/**
 * test_reopen() - close and open again
 * @s: an open session
 */
void test_reopen(struct session *s)
{
	busy_reopened(s, NULL, true, "after close and open");
	if (s->device >= 0 && !s->iommufd)
		busy_reopened(s, NULL, false,
			      "after close and open of the device");
}

/**
 * test_reopen_busy() - close while a request runs, and open again
 * @s: an open session
 */
void test_reopen_busy(struct session *s)
{
	busy_reopened(s, longjob_start_busy, true,
		      "after close, a request waiting");
	if (s->device < 0)
		return;
	busy_reopened(s, longjob_start_amid, true,
		      "after close, a request running");
	if (s->device >= 0 && !s->iommufd)
		busy_reopened(s, longjob_start_amid, false,
			      "after close of the device, a request running");
}
