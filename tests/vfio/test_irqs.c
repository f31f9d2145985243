// SPDX-License-Identifier: GPL-2.0
/*
 * Triggers from user space (DATA_NONE, DATA_BOOL: "loopback") are signalled
 * before the ioctl returns, so what was and what was not signalled can be told
 * exactly, without waiting.
 */
#include <errno.h>
#include <linux/vgpu_dev.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "io.h"
#include "irqset.h"
#include "mbox.h"
#include "tap.h"
#include "test_irqs.h"

#define IRQS_MSIX	VFIO_PCI_MSIX_IRQ_INDEX
#define IRQS_MSI	VFIO_PCI_MSI_IRQ_INDEX
#define IRQS_N		VGPU_MSIX_VECTORS

/* A crowd that takes more than a millisecond to wake on any machine */
#define CROWD_DUPS	1000
#define CROWD_EPOLLS	64

/* An eventfd for each MSI-X vector */
static bool irqs_create(int fds[IRQS_N])
{
	bool good = true;
	u32 i;

	for (i = 0; i < IRQS_N; i++) {
		fds[i] = event_create();
		good &= fds[i] >= 0;
	}
	return tap_must(good, "makes eventfds");
}

static void irqs_close(const int fds[IRQS_N])
{
	u32 i;

	for (i = 0; i < IRQS_N; i++)
		close(fds[i]);
}

/* Takes all counts; returns the vectors that were signalled exactly once. */
static u32 irqs_take(const int fds[IRQS_N])
{
	u32 i, once = 0;
	u64 count;

	for (i = 0; i < IRQS_N; i++) {
		count = event_take(fds[i]);
		tap_must(count <= 1, "vector %u: got %llu signals want 1", i,
			 (unsigned long long)count);
		if (count)
			once |= 1U << i;
	}
	return once;
}

static int irqs_trigger(struct session *s, u32 index, u32 start, u32 count)
{
	return irqset(s, IRQSET_NONE, index, start, count, NULL, 0);
}

/**
 * test_irqs_loopback() - triggers from user space
 * @s: an open session
 */
void test_irqs_loopback(struct session *s)
{
	static const u8 some[] = { 1, 0, 1, 0, 255 };
	u8 all[IRQS_N];
	int fds[IRQS_N];

	memset(all, 1, sizeof(all));
	if (!irqs_create(fds))
		return;
	tap_errno(irqset_fds(s, IRQS_MSIX, 0, IRQS_N, fds), 0,
		  "sets eventfds for all vectors");
	tap_eq(irqs_take(fds), 0, "setting signals nothing");
	tap_errno(irqs_trigger(s, IRQS_MSIX, 0, IRQS_N), 0, "NONE, all");
	tap_eq(irqs_take(fds), (1U << IRQS_N) - 1, "NONE, all: vectors");
	tap_errno(irqs_trigger(s, IRQS_MSIX, 3, 2), 0, "NONE, a range");
	tap_eq(irqs_take(fds), 3U << 3, "NONE, a range: vectors");
	tap_errno(irqs_trigger(s, IRQS_MSIX, IRQS_N - 1, 1), 0,
		  "NONE, the last");
	tap_eq(irqs_take(fds), 1U << (IRQS_N - 1), "NONE, the last: vectors");
	tap_errno(irqset(s, IRQSET_BOOL, IRQS_MSIX, 0, IRQS_N, all,
			 sizeof(all)),
		  0, "BOOL, all");
	tap_eq(irqs_take(fds), (1U << IRQS_N) - 1, "BOOL, all: vectors");
	tap_errno(irqset(s, IRQSET_BOOL, IRQS_MSIX, 5, sizeof(some), some,
			 sizeof(some)),
		  0, "BOOL, some of a range");
	tap_eq(irqs_take(fds), 0x15U << 5, "BOOL, some of a range: vectors");
	irqset_disable(s, IRQS_MSIX);

	tap_errno(irqset_fds(s, IRQS_MSI, 0, 1, fds), 0, "MSI: sets an eventfd");
	tap_errno(irqs_trigger(s, IRQS_MSI, 0, 1), 0, "MSI: NONE");
	tap_eq(irqs_take(fds), 1, "MSI: NONE: vectors");
	tap_errno(irqset(s, IRQSET_BOOL, IRQS_MSI, 0, 1, all, 1), 0,
		  "MSI: BOOL");
	tap_eq(irqs_take(fds), 1, "MSI: BOOL: vectors");
	irqset_disable(s, IRQS_MSI);
	irqs_close(fds);
}

/**
 * test_irqs_partial() - some vectors now, others later
 * @s: an open session
 */
void test_irqs_partial(struct session *s)
{
	int fds[IRQS_N], set[IRQS_N];
	struct vfio_irq_info info;
	u32 i, want = 0;
	int ret;

	if (!irqs_create(fds))
		return;
	/* QEMU does this, to have the index on with no vector in use yet */
	memset(set, 0xff, sizeof(set));
	tap_errno(irqset_fds(s, IRQS_MSIX, 0, IRQS_N, set), 0,
		  "sets all vectors to none");
	tap_errno(irqs_trigger(s, IRQS_MSIX, 0, IRQS_N), 0,
		  "triggering vectors set to none is no error");
	for (i = 0; i < IRQS_N; i++) {
		set[i] = i % 3 ? -1 : fds[i];
		want |= i % 3 ? 0 : 1U << i;
	}
	tap_errno(irqset_fds(s, IRQS_MSIX, 0, IRQS_N, set), 0,
		  "sets every third vector");
	irqs_trigger(s, IRQS_MSIX, 0, IRQS_N);
	tap_eq(irqs_take(fds), want, "every third vector: vectors");
	tap_errno(irqset_fds(s, IRQS_MSIX, 4, 2, fds + 4), 0,
		  "sets two more in the middle");
	want |= 3U << 4;
	irqs_trigger(s, IRQS_MSIX, 0, IRQS_N);
	tap_eq(irqs_take(fds), want, "two more, the rest as before: vectors");
	tap_errno(irqset_fds(s, IRQS_MSIX, 0, 1, fds + 1), 0,
		  "sets another eventfd for a vector");
	irqs_trigger(s, IRQS_MSIX, 0, 1);
	tap_eq(irqs_take(fds), 1U << 1, "another eventfd: which is signalled");
	irqset_disable(s, IRQS_MSIX);

	/* one eventfd may serve all vectors */
	for (i = 0; i < IRQS_N; i++)
		set[i] = fds[0];
	tap_errno(irqset_fds(s, IRQS_MSIX, 0, IRQS_N, set), 0,
		  "sets one eventfd for all vectors");
	irqs_trigger(s, IRQS_MSIX, 0, IRQS_N);
	tap_eq(event_take(fds[0]), IRQS_N, "one eventfd for all: signals");
	irqset_disable(s, IRQS_MSIX);

	tap_errno(irqset_fds(s, IRQS_MSIX, 0, 1, fds), 0,
		  "enables with the first vector only");
	ret = irqset_fds(s, IRQS_MSIX, IRQS_N - 1, 1, fds + IRQS_N - 1);
	irqset_info(s, IRQS_MSIX, &info);
	tap_errno2(ret, 0, info.flags & VFIO_IRQ_INFO_NORESIZE ? EINVAL : 0,
		   "then adds the last");
	if (!ret) {
		irqs_trigger(s, IRQS_MSIX, 0, IRQS_N);
		tap_eq(irqs_take(fds), 1 | 1U << (IRQS_N - 1),
		       "first and last: vectors");
	}
	irqset_disable(s, IRQS_MSIX);
	irqs_close(fds);
}

/* A request ends, and nobody is told. */
static void irqs_silent(struct mbox *m, const char *what)
{
	struct mbox_request r;
	u32 status;

	mbox_request_init(&r, VGPU_OP_NOP);
	if (!mbox_submit(m, &r) || !mbox_spin(m->s, &status))
		return;
	tap_eq(status, VGPU_STATUS_DONE, "%s: a request is done", what);
	tap_ok(bar0_get(m->s, VGPU_REG_IRQ_STATUS) & VGPU_IRQ_COMPLETE,
	       "%s: IRQ_STATUS tells of it", what);
	tap_eq(event_take(m->event), 0, "%s: no interrupt", what);
	bar0_put(m->s, VGPU_REG_IRQ_STATUS, VGPU_IRQ_COMPLETE);
}

static void irqs_remove_index(struct session *s, u32 index, const char *name)
{
	const int none = -1;
	struct mbox m;

	if (!mbox_open(&m, s, index))
		return;
	tap_eq((u64)mbox_nop(&m), 0, "%s: a request, with an eventfd", name);
	tap_errno(irqset_fds(s, index, 0, 1, &none), 0,
		  "%s: fd -1 removes", name);
	irqs_silent(&m, "after fd -1");
	tap_errno(irqset_fds(s, index, 0, 1, &none), 0,
		  "%s: fd -1 removes what isn't there", name);
	tap_errno(irqset_fds(s, index, 0, 1, &m.event), 0,
		  "%s: sets it again", name);
	tap_eq((u64)mbox_nop(&m), 0, "%s: a request, set again", name);
	tap_errno(irqset_disable(s, index), 0, "%s: disables the index", name);
	irqs_silent(&m, "after disabling");
	/* vfio-pci says EINVAL; what matters is that it does no harm */
	tap_errno2(irqset_disable(s, index), 0, EINVAL,
		   "%s: disables it again", name);
	tap_errno2(irqs_trigger(s, index, 0, 1), 0, EINVAL,
		   "%s: triggers what is disabled", name);
	tap_errno(irqset_fds(s, index, 0, 1, &m.event), 0,
		  "%s: enables it again", name);
	tap_eq((u64)mbox_nop(&m), 0, "%s: a request, enabled again", name);
	mbox_close(&m);
}

/**
 * test_irqs_remove() - fd -1, and disabling an index
 * @s: an open session
 */
void test_irqs_remove(struct session *s)
{
	struct mbox m;
	int fd;

	irqs_remove_index(s, IRQS_MSI, "MSI");
	irqs_remove_index(s, IRQS_MSIX, "MSI-X");

	/* the device holds the eventfd: closing a descriptor takes nothing */
	if (!mbox_open(&m, s, IRQS_MSIX))
		return;
	fd = dup(m.event);
	close(m.event);
	m.event = fd;
	tap_eq((u64)mbox_nop(&m), 0, "a request, its descriptor closed");
	mbox_close(&m);
}

static void irqs_not_maskable(struct session *s, u32 index, const char *name)
{
	static const u32 action[] = { VFIO_IRQ_SET_ACTION_MASK,
				      VFIO_IRQ_SET_ACTION_UNMASK };
	const u8 one = 1;
	int fd = event_create();
	u32 i;

	for (i = 0; i < ARRAY_SIZE(action); i++) {
		tap_errno2(irqset(s, VFIO_IRQ_SET_DATA_NONE | action[i], index,
				  0, 1, NULL, 0),
			   ENOTTY, EINVAL, "%s: %s by NONE", name,
			   i ? "UNMASK" : "MASK");
		tap_errno2(irqset(s, VFIO_IRQ_SET_DATA_BOOL | action[i], index,
				  0, 1, &one, 1),
			   ENOTTY, EINVAL, "%s: %s by BOOL", name,
			   i ? "UNMASK" : "MASK");
		tap_errno2(irqset(s, VFIO_IRQ_SET_DATA_EVENTFD | action[i],
				  index, 0, 1, &fd, sizeof(fd)),
			   ENOTTY, EINVAL, "%s: %s by EVENTFD", name,
			   i ? "UNMASK" : "MASK");
	}
	close(fd);
}

static void irqs_maskable(struct session *s, u32 index, const char *name)
{
	struct mbox m;

	if (!mbox_open(&m, s, index))
		return;
	tap_errno(irqset(s, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_MASK,
			 index, 0, 1, NULL, 0),
		  0, "%s: MASK", name);
	irqs_silent(&m, "masked");
	tap_errno(irqset(s, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK,
			 index, 0, 1, NULL, 0),
		  0, "%s: UNMASK", name);
	tap_eq(event_wait(m.event), 1, "%s: what was pending comes", name);
	tap_eq((u64)mbox_nop(&m), 0, "%s: a request, unmasked", name);
	mbox_close(&m);
}

/**
 * test_irqs_mask() - masking, or its absence
 * @s: an open session
 */
void test_irqs_mask(struct session *s)
{
	static const struct {
		u32 index;
		const char *name;
	} irq[] = {
		{ IRQS_MSI, "MSI" },
		{ IRQS_MSIX, "MSI-X" },
		{ VFIO_PCI_ERR_IRQ_INDEX, "ERR" },
		{ VFIO_PCI_REQ_IRQ_INDEX, "REQ" },
	};
	struct vfio_irq_info info;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(irq); i++) {
		if (irqset_info(s, irq[i].index, &info))
			continue;
		if (!(info.flags & VFIO_IRQ_INFO_MASKABLE))
			irqs_not_maskable(s, irq[i].index, irq[i].name);
		else if (irq[i].index == IRQS_MSI || irq[i].index == IRQS_MSIX)
			irqs_maskable(s, irq[i].index, irq[i].name);
	}
	mbox_works(s, "after masking");
}

/**
 * test_irqs_exclusive() - MSI or MSI-X, not both
 * @s: an open session
 */
void test_irqs_exclusive(struct session *s)
{
	static const u32 index[] = { IRQS_MSIX, IRQS_MSI };
	int fd = event_create();
	const int none = -1;
	struct mbox m;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(index); i++) {
		const char *name = i ? "MSI" : "MSI-X";
		u32 other = index[!i];

		if (!mbox_open(&m, s, index[i]))
			continue;
		tap_errno(irqset_fds(s, other, 0, 1, &fd), EINVAL,
			  "enabling the other while %s is on", name);
		tap_errno2(irqset_fds(s, other, 0, 1, &none), EINVAL, 0,
			   "removing from the other while %s is on", name);
		tap_errno2(irqs_trigger(s, other, 0, 1), EINVAL, 0,
			   "triggering the other while %s is on", name);
		tap_errno2(irqset_disable(s, other), EINVAL, 0,
			   "disabling the other while %s is on", name);
		tap_eq(event_take(fd), 0, "the other signals nothing");
		tap_eq((u64)mbox_nop(&m), 0, "%s is still on", name);
		mbox_close(&m);
		tap_errno(irqset_fds(s, other, 0, 1, &fd), 0,
			  "enabling the other when %s is off", name);
		irqset_disable(s, other);
	}
	close(fd);
	mbox_works(s, "after changing between MSI and MSI-X");
}

static void irqs_single(struct session *s, u32 index, const char *name)
{
	int fds[2] = { event_create(), event_create() };
	const u8 bools[2] = { 1, 1 };
	const int none = -1;
	const u8 zero = 0;

	tap_errno(irqset_fds(s, index, 0, 1, fds), 0, "%s: sets an eventfd",
		  name);
	tap_errno(irqs_trigger(s, index, 0, 1), 0, "%s: NONE", name);
	tap_eq(event_take(fds[0]), 1, "%s: NONE: signals", name);
	tap_errno(irqset(s, IRQSET_BOOL, index, 0, 1, bools, 1), 0, "%s: BOOL",
		  name);
	tap_eq(event_take(fds[0]), 1, "%s: BOOL: signals", name);
	tap_errno(irqset(s, IRQSET_BOOL, index, 0, 1, &zero, 1), 0,
		  "%s: BOOL of 0", name);
	tap_eq(event_take(fds[0]), 0, "%s: BOOL of 0: signals", name);
	tap_errno(irqset_fds(s, index, 0, 2, fds), EINVAL, "%s: two of one",
		  name);
	tap_errno(irqset_fds(s, index, 1, 1, fds), EINVAL, "%s: the second",
		  name);
	tap_errno(irqset_fds(s, index, 0, 1, fds + 1), 0,
		  "%s: sets another eventfd", name);
	irqs_trigger(s, index, 0, 1);
	tap_eq(event_take(fds[0]), 0, "%s: the first is forgotten", name);
	tap_eq(event_take(fds[1]), 1, "%s: the other is signalled", name);
	tap_errno(irqset_fds(s, index, 0, 1, &none), 0, "%s: fd -1 removes",
		  name);
	tap_errno2(irqs_trigger(s, index, 0, 1), EINVAL, 0,
		   "%s: triggers what isn't there", name);
	tap_errno(irqset_fds(s, index, 0, 1, fds), 0, "%s: sets it again", name);
	tap_errno(irqset_disable(s, index), 0, "%s: count 0 removes", name);
	irqs_trigger(s, index, 0, 1);
	tap_eq(event_take(fds[0]) + event_take(fds[1]), 0,
	       "%s: signals once removed", name);
	close(fds[0]);
	close(fds[1]);
}

/**
 * test_irqs_err_req() - ERR and REQ, beside MSI-X
 * @s: an open session
 */
void test_irqs_err_req(struct session *s)
{
	struct mbox m;

	if (!mbox_open(&m, s, IRQS_MSIX))
		return;
	irqs_single(s, VFIO_PCI_ERR_IRQ_INDEX, "ERR");
	irqs_single(s, VFIO_PCI_REQ_IRQ_INDEX, "REQ");
	tap_eq((u64)mbox_nop(&m), 0, "MSI-X is still on");
	mbox_close(&m);
}

/* Has this many wait for an event: epoll counts each descriptor of it as another. */
static bool irqs_crowd(int event, int dups[CROWD_DUPS], int epolls[CROWD_EPOLLS])
{
	const struct rlimit files = { 2 * CROWD_DUPS, 2 * CROWD_DUPS };
	struct epoll_event in = { .events = EPOLLIN };
	bool good = !setrlimit(RLIMIT_NOFILE, &files);
	u32 i, j;

	for (i = 0; i < CROWD_DUPS; i++) {
		dups[i] = dup(event);
		good &= dups[i] >= 0;
	}
	for (i = 0; i < CROWD_EPOLLS; i++) {
		epolls[i] = epoll_create1(EPOLL_CLOEXEC);
		good &= epolls[i] >= 0;
		for (j = 0; good && j < CROWD_DUPS; j++)
			good = !epoll_ctl(epolls[i], EPOLL_CTL_ADD, dups[j], &in);
	}
	return tap_must(good, "has %u wait for an interrupt", CROWD_EPOLLS * CROWD_DUPS);
}

/*
 * Another eventfd is set while nobody has been told yet: one of both is, once.  QEMU does
 * that whenever a guest masks and unmasks a vector.
 */
static bool irqs_swap(struct mbox *m)
{
	int old = m->event, new = event_create(), tries;
	struct pollfd both[2] = { { old, POLLIN, 0 }, { new, POLLIN, 0 } };
	struct mbox_request r;
	u32 status;
	u64 told;

	mbox_request_init(&r, VGPU_OP_NOP);
	if (!mbox_submit(m, &r) || !mbox_spin(m->s, &status))
		return false;
	irqset_fds(m->s, m->index, 0, 1, &new);
	/* DONE is seen before anybody is told, so it may still be the new one's */
	poll(both, 2, IRQSET_WAIT_MS);
	told = event_take(old) + event_take(new);
	bar0_put(m->s, VGPU_REG_IRQ_STATUS, VGPU_IRQ_COMPLETE);
	/* one request more: by then a second would be there, too */
	m->event = new;
	if (mbox_nop(m))
		return false;
	told += event_take(old);
	tries = irqset_fds(m->s, m->index, 0, 1, &old);
	m->event = old;
	close(new);
	return tap_must(told == 1 && !tries, "told %llu times want 1", (unsigned long long)told);
}

/**
 * test_irqs_crowd() - an interrupt that it takes long to raise
 * @s: an open session
 *
 * Whether somebody else then raises it the caller sees by the counters.
 */
void test_irqs_crowd(struct session *s)
{
	int dups[CROWD_DUPS], epolls[CROWD_EPOLLS];
	struct mbox m;
	u32 i;

	if (!mbox_open(&m, s, IRQS_MSIX))
		return;
	if (irqs_crowd(m.event, dups, epolls)) {
		for (i = 0; i < 3; i++)
			tap_eq((u64)mbox_nop(&m), 0, "a request whose end wakes many");
		for (i = 0; i < 20 && irqs_swap(&m); i++)
			;
		tap_eq(i, 20, "eventfds swapped, and no interrupt lost");
	}
	for (i = 0; i < CROWD_EPOLLS; i++)
		close(epolls[i]);
	for (i = 0; i < CROWD_DUPS; i++)
		close(dups[i]);
	mbox_close(&m);
}
