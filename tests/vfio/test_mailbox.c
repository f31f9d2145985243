// SPDX-License-Identifier: GPL-2.0
#include <linux/vgpu_dev.h>
#include <string.h>
#include <unistd.h>

#include "gpu.h"
#include "io.h"
#include "irqset.h"
#include "mbox.h"
#include "tap.h"
#include "test_mailbox.h"

static void mailbox_basic(struct session *s, u32 index, const char *name)
{
	static const struct {
		u32 a, b;
	} pair[] = {
		{ 0, 0 }, { 1, 2 }, { 0xffffffff, 1 }, { 0x80000000, 0x80000000 },
		{ 0xffffffff, 0xffffffff }, { 0x12345678, 0x9abcdef0 },
	};
	struct mbox m;
	int error;
	u32 i, sum;

	if (!mbox_open(&m, s, index))
		return;
	error = mbox_nop(&m);
	tap_ok(!error, "%s: NOP: got %s want success", name,
	       mbox_error_name(error));
	tap_eq(m.resp.result_count, 0, "%s: NOP has no results", name);
	tap_eq(m.resp.data_length, 0, "%s: NOP has no data", name);
	for (i = 0; i < ARRAY_SIZE(pair); i++) {
		sum = ~(pair[i].a + pair[i].b);
		error = mbox_compute(&m, pair[i].a, pair[i].b, &sum);
		if (tap_must(!error, "%s: COMPUTE: got %s want success", name,
			     mbox_error_name(error)))
			tap_eq(sum, pair[i].a + pair[i].b,
			       "%s: COMPUTE(%#x, %#x)", name, pair[i].a,
			       pair[i].b);
	}
	mbox_close(&m);
}

/**
 * test_mailbox_msi() - NOP and COMPUTE, completions by MSI
 * @s: an open session
 */
void test_mailbox_msi(struct session *s)
{
	mailbox_basic(s, VFIO_PCI_MSI_IRQ_INDEX, "MSI");
}

/**
 * test_mailbox_msix() - NOP and COMPUTE, completions by MSI-X
 * @s: an open session
 */
void test_mailbox_msix(struct session *s)
{
	int fds[VGPU_MSIX_VECTORS];
	struct mbox m;
	u32 i, others = 0;

	mailbox_basic(s, VFIO_PCI_MSIX_IRQ_INDEX, "MSI-X");

	/* with all vectors set, only the mailbox's is used */
	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	fds[0] = m.event;
	for (i = 1; i < ARRAY_SIZE(fds); i++)
		fds[i] = event_create();
	tap_errno(irqset_fds(s, VFIO_PCI_MSIX_IRQ_INDEX, 0, ARRAY_SIZE(fds),
			     fds),
		  0, "MSI-X: sets eventfds for all vectors at once");
	tap_eq((u64)mbox_nop(&m), 0, "MSI-X: NOP with all vectors set");
	for (i = 1; i < ARRAY_SIZE(fds); i++) {
		others += !!event_take(fds[i]);
		close(fds[i]);
	}
	tap_eq(others, 0, "MSI-X: vectors signalled other than the mailbox's");
	mbox_close(&m);
}

/**
 * test_mailbox_info() - GET_DEVICE_INFO
 * @s: an open session
 */
void test_mailbox_info(struct session *s)
{
	struct gpu_info info, more;
	struct mbox m;
	u32 ctx, bo;
	int error;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	error = gpu_get_info(&m, &info);
	if (!tap_ok(!error, "GET_DEVICE_INFO: got %s want success",
		    mbox_error_name(error)))
		goto out;
	tap_eq(info.size, m.resp.data_length, "size against the data's length");
	tap_eq(info.vm_id, bar0_get(s, VGPU_REG_VM_ID), "vm_id against VM_ID");
	tap_eq(info.pool_id, bar0_get(s, VGPU_REG_POOL_ID),
	       "pool_id against POOL_ID");
	tap_eq(info.max_queues, VGPU_MAX_QUEUES, "queues that can be made");
	tap_ok(info.memory_size >= VGPU_BO_ALIGN, "there is device memory");
	tap_eq(info.memory_used, 0, "none of it is used at first");
	tap_ok(!(info.builtins & ~0x7eULL), "builtins that have names: got %#llx",
	       (unsigned long long)info.builtins);
	tap_ok(info.gpu_name[0] && strlen(info.gpu_name) < 32,
	       "gpu_name is a string: '%s'", info.gpu_name);
	tap_ok(info.backend[0] && strlen(info.backend) < 16,
	       "backend is a string: '%s'", info.backend);

	if (gpu_ctx_create(&m, &ctx) || gpu_bo_create(&m, ctx, 1, &bo) ||
	    gpu_get_info(&m, &more))
		goto out;
	tap_eq(more.memory_used, VGPU_BO_ALIGN, "memory_used with an object of 1 byte");
	tap_eq(more.memory_size, info.memory_size, "memory_size stays");
	if (gpu_ctx_destroy(&m, ctx) || gpu_get_info(&m, &more))
		goto out;
	tap_eq(more.memory_used, 0, "memory_used when its context is gone");
out:
	mbox_close(&m);
}

/**
 * test_mailbox_irq_ctrl() - no interrupt that was not asked for
 * @s: an open session
 */
void test_mailbox_irq_ctrl(struct session *s)
{
	struct mbox_request r;
	struct mbox m;
	u32 status;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	mbox_request_init(&r, VGPU_OP_NOP);
	bar0_put(s, VGPU_REG_IRQ_CTRL, 0);
	if (!mbox_submit(&m, &r) || !mbox_spin(s, &status))
		goto out;
	tap_eq(status, VGPU_STATUS_DONE, "IRQ_CTRL 0: the request is done");
	tap_ok(bar0_get(s, VGPU_REG_IRQ_STATUS) & VGPU_IRQ_COMPLETE,
	       "IRQ_CTRL 0: IRQ_STATUS tells of it");
	tap_eq(event_take(m.event), 0, "IRQ_CTRL 0: no interrupt");
	bar0_put(s, VGPU_REG_IRQ_STATUS, VGPU_IRQ_COMPLETE);

	/* a late one would be counted together with the one that is due */
	bar0_put(s, VGPU_REG_IRQ_CTRL, VGPU_IRQ_COMPLETE);
	tap_eq((u64)mbox_nop(&m), 0, "IRQ_CTRL 1: one interrupt");

	/* IRQ_STATUS left standing must not hide the next completion */
	if (!mbox_submit(&m, &r))
		goto out;
	tap_eq(event_wait(m.event), 1, "an interrupt, IRQ_STATUS left set");
	if (!mbox_submit(&m, &r))
		goto out;
	tap_eq(event_wait(m.event), 1, "an interrupt with IRQ_STATUS set");
	bar0_put(s, VGPU_REG_IRQ_STATUS, VGPU_IRQ_COMPLETE);
	tap_eq((u64)mbox_nop(&m), 0, "NOP as usual");
out:
	mbox_close(&m);
}

static u64 mailbox_timestamp(struct session *s)
{
	u64 lo = bar0_get(s, VGPU_REG_TIMESTAMP_LO);

	return (u64)bar0_get(s, VGPU_REG_TIMESTAMP_HI) << 32 | lo;
}

/**
 * test_mailbox_timestamp() - time of the last completion
 * @s: an open session
 */
void test_mailbox_timestamp(struct session *s)
{
	struct mbox m;
	u64 first, second;

	tap_eq(mailbox_timestamp(s), 0, "TIMESTAMP before any completion");
	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	tap_must_eq((u64)mbox_nop(&m), 0, "NOP");
	first = mailbox_timestamp(s);
	tap_ok(first, "TIMESTAMP after a completion is not 0");
	tap_ok(mailbox_timestamp(s) == first, "TIMESTAMP stands still meanwhile");
	tap_must_eq((u64)mbox_nop(&m), 0, "NOP");
	second = mailbox_timestamp(s);
	tap_ok(second > first, "TIMESTAMP goes up: got %llu after %llu",
	       (unsigned long long)second, (unsigned long long)first);
	tap_ok(second < 3600ULL * 1000000000,
	       "TIMESTAMP counts from the reset: got %llu ns",
	       (unsigned long long)second);
	mbox_close(&m);
}

/**
 * test_mailbox_irq_full() - an eventfd whose counter is full
 * @s: an open session
 */
void test_mailbox_irq_full(struct session *s)
{
	const u64 full = 0xfffffffffffffffeULL;
	struct mbox_request r;
	struct mbox m;
	u32 status;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (!tap_must(write(m.event, &full, sizeof(full)) == sizeof(full),
		      "fills an eventfd's counter"))
		goto out;
	mbox_request_init(&r, VGPU_OP_NOP);
	if (mbox_submit(&m, &r) && mbox_spin(s, &status))
		tap_eq(status, VGPU_STATUS_DONE,
		       "a request ends although its eventfd is full");
	/*
	 * Whoever signals may come after the status: take it with the next
	 * request, of which more than its own must not be seen.
	 */
	event_take(m.event);
	bar0_put(s, VGPU_REG_IRQ_STATUS, VGPU_IRQ_COMPLETE);
	if (mbox_submit(&m, &r))
		tap_ok(event_wait(m.event), "the next one signals again");
out:
	mbox_close(&m);
	mbox_works(s, "after a full eventfd");
}
