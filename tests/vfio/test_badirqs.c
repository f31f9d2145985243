// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel has a function that checks heads, and a driver should call it:
 * what it refuses and how is vfio_set_irqs_validate_and_prepare().
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vgpu_dev.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "irqset.h"
#include "mbox.h"
#include "tap.h"
#include "test_badirqs.h"

#define BADIRQS_MSIX	VFIO_PCI_MSIX_IRQ_INDEX
#define BADIRQS_N	VGPU_MSIX_VECTORS

/* argsz below: 20 bytes of head, and 4 for each descriptor */
static const struct badirqs_case {
	u32 argsz, flags, index, start, count;
	int or_want;	/* another errno beside EINVAL; 0: none */
	const char *what;
} badirqs[] = {
	{ 19, IRQSET_NONE, BADIRQS_MSIX, 0, 0, 0, "argsz 19" },
	{ 0, IRQSET_NONE, BADIRQS_MSIX, 0, 0, 0, "argsz 0" },
	{ 20, IRQSET_FDS, BADIRQS_MSIX, 0, 1, 0, "argsz without the data" },
	{ 23, IRQSET_FDS, BADIRQS_MSIX, 0, 1, 0, "argsz a byte short" },
	{ 24, IRQSET_FDS, BADIRQS_MSIX, 0, 2, 0, "argsz for one of two" },
	{ 20, IRQSET_BOOL, BADIRQS_MSIX, 0, 1, 0, "argsz without the bool" },
	{ 24, IRQSET_FDS, VFIO_PCI_INTX_IRQ_INDEX, 0, 1, 0,
	  "INTx, which has none" },
	{ 20, IRQSET_NONE, VFIO_PCI_INTX_IRQ_INDEX, 0, 0, 0,
	  "disabling INTx, which has none" },
	{ 20, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK,
	  VFIO_PCI_INTX_IRQ_INDEX, 0, 1, 0, "unmasking INTx, which has none" },
	{ 24, IRQSET_FDS, VFIO_PCI_NUM_IRQS, 0, 1, 0, "index 5" },
	{ 24, IRQSET_FDS, 0xffffffff, 0, 1, 0, "index of ones" },
	{ 20, IRQSET_NONE, VFIO_PCI_NUM_IRQS, 0, 0, 0, "disabling index 5" },
	{ 24, IRQSET_FDS, VFIO_PCI_MSI_IRQ_INDEX, 1, 1, 0, "MSI vector 1" },
	{ 28, IRQSET_FDS, VFIO_PCI_MSI_IRQ_INDEX, 0, 2, 0, "two MSI vectors" },
	{ 24, IRQSET_FDS, BADIRQS_MSIX, BADIRQS_N, 1, 0, "MSI-X vector 17" },
	{ 28, IRQSET_FDS, BADIRQS_MSIX, BADIRQS_N - 1, 2, 0,
	  "MSI-X vectors 16 and 17" },
	{ 92, IRQSET_FDS, BADIRQS_MSIX, 0, BADIRQS_N + 1, 0,
	  "18 MSI-X vectors" },
	{ 20, IRQSET_NONE, BADIRQS_MSIX, BADIRQS_N, 0, 0,
	  "none, from vector 17" },
	{ 24, IRQSET_FDS, BADIRQS_MSIX, 0xffffffff, 1, 0, "start of ones" },
	{ 20, IRQSET_NONE, BADIRQS_MSIX, 0xffffffff, 2, 0,
	  "start + count is 1" },
	{ 20, IRQSET_NONE, BADIRQS_MSIX, 1, 0xffffffff, 0,
	  "start + count is 0" },
	{ 20, IRQSET_NONE, BADIRQS_MSIX, 0, 0xffffffff, 0, "count of ones" },
	{ 24, IRQSET_FDS, BADIRQS_MSIX, 0, 0x40000001, 0,
	  "count times 4 is 4" },
	{ 24, IRQSET_FDS, BADIRQS_MSIX, 16, 0xfffffff1, 0,
	  "start + count is 1, with data" },
	{ 28, IRQSET_FDS | VFIO_IRQ_SET_DATA_BOOL, BADIRQS_MSIX, 0, 1, 0,
	  "two types of data" },
	{ 28, IRQSET_FDS | VFIO_IRQ_SET_DATA_NONE, BADIRQS_MSIX, 0, 1, 0,
	  "data and no data" },
	{ 28, VFIO_IRQ_SET_ACTION_TRIGGER, BADIRQS_MSIX, 0, 1, 0,
	  "no type of data" },
	{ 28, VFIO_IRQ_SET_DATA_EVENTFD, BADIRQS_MSIX, 0, 1, ENOTTY,
	  "no action" },
	{ 28, IRQSET_FDS | VFIO_IRQ_SET_ACTION_MASK, BADIRQS_MSIX, 0, 1, ENOTTY,
	  "two actions" },
	{ 28, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_MASK |
		  VFIO_IRQ_SET_ACTION_UNMASK | VFIO_IRQ_SET_ACTION_TRIGGER,
	  BADIRQS_MSIX, 0, 1, ENOTTY, "three actions" },
	{ 28, IRQSET_FDS | 1U << 6, BADIRQS_MSIX, 0, 1, 0, "flag 6" },
	{ 28, IRQSET_NONE | 1U << 31, BADIRQS_MSIX, 0, 0, 0, "flag 31" },
	{ 28, 0, BADIRQS_MSIX, 0, 1, 0, "no flags" },
	{ 28, 0xffffffff, BADIRQS_MSIX, 0, 1, 0, "all flags" },
};

/**
 * test_badirqs_head() - heads that are wrong
 * @s: an open session
 */
void test_badirqs_head(struct session *s)
{
	const struct badirqs_case *c;
	struct vfio_irq_set head;
	int data[32], fd, ret;
	struct mbox m;
	u32 i;

	if (!mbox_open(&m, s, BADIRQS_MSIX))
		return;
	fd = event_create();
	for (i = 0; i < ARRAY_SIZE(data); i++)
		data[i] = fd;
	for (i = 0; i < ARRAY_SIZE(badirqs); i++) {
		c = &badirqs[i];
		head = (struct vfio_irq_set){ .argsz = c->argsz,
					      .flags = c->flags,
					      .index = c->index,
					      .start = c->start,
					      .count = c->count };
		ret = irqset_raw(s, &head, data, sizeof(data));
		if (c->or_want)
			tap_errno2(ret, EINVAL, c->or_want, "%s", c->what);
		else
			tap_errno(ret, EINVAL, "%s", c->what);
	}
	tap_eq(event_take(fd), 0, "signals by what was refused");
	tap_eq((u64)mbox_nop(&m), 0, "MSI-X is as it was");
	mbox_close(&m);
	close(fd);
}

/**
 * test_badirqs_fd() - descriptors that are no eventfds
 * @s: an open session
 */
void test_badirqs_fd(struct session *s)
{
	static const struct {
		u32 index;
		const char *name;
	} irq[] = {
		{ VFIO_PCI_MSI_IRQ_INDEX, "MSI" },
		{ BADIRQS_MSIX, "MSI-X" },
		{ VFIO_PCI_ERR_IRQ_INDEX, "ERR" },
		{ VFIO_PCI_REQ_IRQ_INDEX, "REQ" },
	};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int closed = event_create(), high = 0x7fffffff;
	u32 i;

	close(closed);
	for (i = 0; i < ARRAY_SIZE(irq); i++) {
		tap_errno(irqset_fds(s, irq[i].index, 0, 1, &closed), EBADF,
			  "%s: a closed descriptor", irq[i].name);
		tap_errno(irqset_fds(s, irq[i].index, 0, 1, &high), EBADF,
			  "%s: a descriptor that never was", irq[i].name);
		tap_errno(irqset_fds(s, irq[i].index, 0, 1, &null), EINVAL,
			  "%s: /dev/null", irq[i].name);
		tap_errno(irqset_fds(s, irq[i].index, 0, 1, &s->device), EINVAL,
			  "%s: the device itself", irq[i].name);
	}
	close(null);
	/* nothing was enabled by that: else the other of the two would fail */
	mbox_works(s, "after bad descriptors");
}

static void badirqs_atomic_at(struct session *s, const int *old, int *fresh,
			      u32 bad, int value, int want)
{
	int keep = fresh[bad];
	u32 i, lost = 0, leaked = 0;

	fresh[bad] = value;
	tap_errno(irqset_fds(s, BADIRQS_MSIX, 0, BADIRQS_N, fresh), want,
		  "descriptor %u of 17 is bad", bad);
	fresh[bad] = keep;
	irqset(s, IRQSET_NONE, BADIRQS_MSIX, 0, BADIRQS_N, NULL, 0);
	for (i = 0; i < BADIRQS_N; i++) {
		lost += event_take(old[i]) != 1;
		leaked += !!event_take(fresh[i]);
	}
	tap_eq(leaked, 0, "new eventfds in use though one was bad");
	tap_eq(lost, 0, "old eventfds lost though nothing was set");
}

/* Enabling that fails must leave nothing enabled. */
static void badirqs_enable(struct session *s, const int *good, int closed)
{
	int fds[BADIRQS_N];

	memcpy(fds, good, sizeof(fds));
	fds[5] = closed;
	tap_errno(irqset_fds(s, BADIRQS_MSIX, 0, BADIRQS_N, fds), EBADF,
		  "enabling with a bad descriptor");
	tap_errno(irqset_fds(s, VFIO_PCI_MSI_IRQ_INDEX, 0, 1, good), 0,
		  "leaves MSI-X off, so that MSI can be enabled");
	irqset_disable(s, VFIO_PCI_MSI_IRQ_INDEX);
}

/**
 * test_badirqs_atomic() - all descriptors are taken, or none
 * @s: an open session
 */
void test_badirqs_atomic(struct session *s)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int old[BADIRQS_N], fresh[BADIRQS_N], closed;
	u32 i;

	for (i = 0; i < BADIRQS_N; i++) {
		old[i] = event_create();
		fresh[i] = event_create();
	}
	closed = event_create();
	close(closed);
	tap_errno(irqset_fds(s, BADIRQS_MSIX, 0, BADIRQS_N, old), 0,
		  "sets eventfds for all vectors");
	badirqs_atomic_at(s, old, fresh, 0, closed, EBADF);
	badirqs_atomic_at(s, old, fresh, 9, closed, EBADF);
	badirqs_atomic_at(s, old, fresh, BADIRQS_N - 1, null, EINVAL);
	irqset_disable(s, BADIRQS_MSIX);
	badirqs_enable(s, old, closed);
	for (i = 0; i < BADIRQS_N; i++) {
		close(old[i]);
		close(fresh[i]);
	}
	close(null);
	mbox_works(s, "after bad descriptors among good ones");
}
