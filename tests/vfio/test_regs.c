// SPDX-License-Identifier: GPL-2.0
#include <linux/vgpu_dev.h>
#include <string.h>

#include "io.h"
#include "mbox.h"
#include "tap.h"
#include "test_regs.h"

/* What a register holds after a reset */
enum regs_initial {
	REGS_VALUE,	/* a constant */
	REGS_HOST,	/* whatever the host gave this device */
};

/* What a write does */
enum regs_kind {
	REGS_RO,
	REGS_RW,
	REGS_SPECIAL,
};

static const struct regs_desc {
	const char *name;
	u32 offset;
	enum regs_kind kind;
	enum regs_initial initial;
	u32 value;
} regs[] = {
	{ "DOORBELL", VGPU_REG_DOORBELL, REGS_SPECIAL, REGS_VALUE, 0 },
	{ "STATUS", VGPU_REG_STATUS, REGS_RO, REGS_VALUE, VGPU_STATUS_IDLE },
	{ "POOL_ID", VGPU_REG_POOL_ID, REGS_RO, REGS_HOST, 0 },
	{ "PRIORITY", VGPU_REG_PRIORITY, REGS_RO, REGS_HOST, 0 },
	{ "VM_ID", VGPU_REG_VM_ID, REGS_RO, REGS_HOST, 0 },
	{ "ERROR_CODE", VGPU_REG_ERROR_CODE, REGS_RO, REGS_VALUE, 0 },
	{ "REQUEST_LEN", VGPU_REG_REQUEST_LEN, REGS_RW, REGS_VALUE, 0 },
	{ "RESPONSE_LEN", VGPU_REG_RESPONSE_LEN, REGS_RO, REGS_VALUE, 0 },
	{ "PROTOCOL_VER", VGPU_REG_PROTOCOL_VER, REGS_RO, REGS_VALUE,
	  VGPU_PROTOCOL_VERSION },
	{ "CAPABILITIES", VGPU_REG_CAPABILITIES, REGS_RO, REGS_HOST, 0 },
	{ "IRQ_CTRL", VGPU_REG_IRQ_CTRL, REGS_SPECIAL, REGS_VALUE, 0 },
	{ "IRQ_STATUS", VGPU_REG_IRQ_STATUS, REGS_SPECIAL, REGS_VALUE, 0 },
	{ "REQUEST_ID", VGPU_REG_REQUEST_ID, REGS_RW, REGS_VALUE, 0 },
	{ "TIMESTAMP_LO", VGPU_REG_TIMESTAMP_LO, REGS_RO, REGS_VALUE, 0 },
	{ "TIMESTAMP_HI", VGPU_REG_TIMESTAMP_HI, REGS_RO, REGS_VALUE, 0 },
	{ "SCRATCH", VGPU_REG_SCRATCH, REGS_RW, REGS_VALUE, 0 },
	{ "EXT_MAGIC", VGPU_REG_EXT_MAGIC, REGS_RO, REGS_VALUE, VGPU_MAGIC },
	{ "EXT_RING_ABI", VGPU_REG_EXT_RING_ABI, REGS_RO, REGS_VALUE,
	  VGPU_RING_ABI_VERSION },
	{ "EXT_FEATURES_LO", VGPU_REG_EXT_FEATURES_LO, REGS_RO, REGS_VALUE,
	  VGPU_FEATURE_QUEUES | VGPU_FEATURE_WAIT | VGPU_FEATURE_TIMESTAMP |
	  VGPU_FEATURE_RESTORE | VGPU_FEATURE_AGAIN },
	{ "EXT_FEATURES_HI", VGPU_REG_EXT_FEATURES_HI, REGS_RO, REGS_VALUE, 0 },
	{ "EXT_ACCEPTED_LO", VGPU_REG_EXT_ACCEPTED_LO, REGS_RW, REGS_VALUE, 0 },
	{ "EXT_ACCEPTED_HI", VGPU_REG_EXT_ACCEPTED_HI, REGS_RW, REGS_VALUE, 0 },
	{ "EXT_CONTROL", VGPU_REG_EXT_CONTROL, REGS_SPECIAL, REGS_VALUE, 0 },
	{ "EXT_STATUS", VGPU_REG_EXT_STATUS, REGS_RO, REGS_VALUE, 0 },
};

static u32 regs_nonzero(const u8 *bar, u32 from, u32 to)
{
	u32 i, count = 0;

	for (i = from; i < to; i++)
		count += !!bar[i];
	return count;
}

/**
 * regs_initial() - check that BAR0 is as after a reset
 * @s: an open session
 * @when: to be printed
 *
 * Return: whether it is.
 */
bool regs_initial(struct session *s, const char *when)
{
	u8 bar[VGPU_BAR0_SIZE];
	bool good = true;
	u32 i;

	if (!io_read_all(s, IO_BAR0, 0, bar, sizeof(bar)))
		return false;
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		if (regs[i].initial == REGS_VALUE &&
		    !tap_must_eq(get_le32(bar + regs[i].offset), regs[i].value,
				 "%s %s", regs[i].name, when))
			good = false;
	if (!tap_must_eq(regs_nonzero(bar, VGPU_REQ_BUF, VGPU_RESP_BUF), 0,
			 "bytes not 0 in the request buffer %s", when) ||
	    !tap_must_eq(regs_nonzero(bar, VGPU_RESP_BUF, VGPU_REG_EXT_MAGIC),
			 0, "bytes not 0 in the response buffer %s", when) ||
	    !tap_must_eq(regs_nonzero(bar, VGPU_REG_EXT_STATUS + 4,
				      sizeof(bar)),
			 0, "bytes not 0 where no register is %s", when))
		good = false;
	return tap_ok(good, "BAR0 has its initial values %s", when);
}

/**
 * test_regs_initial() - values at first
 * @s: an open session
 */
void test_regs_initial(struct session *s)
{
	const u32 caps = VGPU_CAP_BASIC_REQ | VGPU_CAP_INTERRUPT;
	u32 pool, priority;

	regs_initial(s, "at first");
	pool = bar0_get(s, VGPU_REG_POOL_ID);
	tap_ok(pool >= 'A' && pool <= 'Z', "POOL_ID: got %#x want 'A' upwards",
	       pool);
	priority = bar0_get(s, VGPU_REG_PRIORITY);
	tap_ok(priority <= VGPU_PRIORITY_HIGH, "PRIORITY: got %u want 0 to 2",
	       priority);
	tap_eq(bar0_get(s, VGPU_REG_CAPABILITIES) & caps, caps,
	       "CAPABILITIES has mailbox and interrupt");
}

/**
 * test_regs_readonly() - registers that ignore writes
 * @s: an open session
 */
void test_regs_readonly(struct session *s)
{
	static const u32 value[] = { 0xffffffff, 0, 0xa5a5a5a5, 2 };
	u32 i, k, before, after;
	bool good;

	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		if (regs[i].kind != REGS_RO)
			continue;
		before = bar0_get(s, regs[i].offset);
		good = true;
		for (k = 0; k < ARRAY_SIZE(value); k++) {
			bar0_put(s, regs[i].offset, value[k]);
			after = bar0_get(s, regs[i].offset);
			good &= tap_must_eq(after, before,
					    "%s after a write of %#x",
					    regs[i].name, value[k]);
		}
		tap_ok(good, "%s ignores writes", regs[i].name);
	}
	tap_eq(bar0_get(s, VGPU_REG_DOORBELL), 0, "DOORBELL reads 0");
	regs_initial(s, "after writes to read-only registers");
}

/**
 * test_regs_writable() - registers that store
 * @s: an open session
 */
void test_regs_writable(struct session *s)
{
	static const u32 value[] = { 0xffffffff, 0, 0xa5a5a5a5, 0x12345678, 1 };
	u32 i, k;
	bool good;

	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		if (regs[i].kind != REGS_RW)
			continue;
		good = true;
		for (k = 0; k < ARRAY_SIZE(value); k++) {
			bar0_put(s, regs[i].offset, value[k]);
			good &= tap_must_eq(bar0_get(s, regs[i].offset),
					    value[k], "%s after a write of %#x",
					    regs[i].name, value[k]);
		}
		tap_ok(good, "%s stores", regs[i].name);
		bar0_put(s, regs[i].offset, 0);
	}
	bar0_put(s, VGPU_REG_IRQ_CTRL, VGPU_IRQ_COMPLETE);
	tap_eq(bar0_get(s, VGPU_REG_IRQ_CTRL), VGPU_IRQ_COMPLETE,
	       "IRQ_CTRL stores a one");
	bar0_put(s, VGPU_REG_IRQ_CTRL, 0);
	tap_eq(bar0_get(s, VGPU_REG_IRQ_CTRL), 0, "IRQ_CTRL stores a zero");
	bar0_put(s, VGPU_REG_IRQ_CTRL, ~0U);
	tap_ok(bar0_get(s, VGPU_REG_IRQ_CTRL) & VGPU_IRQ_COMPLETE,
	       "IRQ_CTRL takes bits that are not known yet");
	bar0_put(s, VGPU_REG_IRQ_CTRL, 0);
	regs_initial(s, "after all was put back");
	mbox_works(s, "after writes to registers");
}

/**
 * test_regs_irq_status() - a bit goes by writing a one to it, and only so
 * @s: an open session
 */
void test_regs_irq_status(struct session *s)
{
	static const struct {
		u32 offset;
		u32 value;
		u32 width;
		const char *what;
	} no[] = {
		{ 0, 0, 4, "a zero" },
		{ 0, ~VGPU_IRQ_COMPLETE, 4, "ones to other bits" },
		{ 0, 0xff, 1, "one byte" },
		{ 0, 0xffff, 2, "two bytes" },
		{ 1, 0xffffffff, 2, "two bytes at an odd place" },
	};
	struct mbox_request r;
	struct mbox m = { .s = s, .event = -1 };
	u32 i, status;

	mbox_request_init(&r, VGPU_OP_NOP);
	bar0_put(s, VGPU_REG_IRQ_STATUS, ~0U);
	tap_eq(bar0_get(s, VGPU_REG_IRQ_STATUS), 0,
	       "IRQ_STATUS can't be set by a write");
	if (!mbox_submit(&m, &r) || !mbox_spin(s, &status))
		return;
	tap_eq(bar0_get(s, VGPU_REG_IRQ_STATUS), VGPU_IRQ_COMPLETE,
	       "IRQ_STATUS tells of a completion");
	for (i = 0; i < ARRAY_SIZE(no); i++) {
		io_put(s, IO_BAR0, VGPU_REG_IRQ_STATUS + no[i].offset,
		       no[i].value, no[i].width);
		tap_eq(bar0_get(s, VGPU_REG_IRQ_STATUS), VGPU_IRQ_COMPLETE,
		       "IRQ_STATUS is not cleared by writing %s", no[i].what);
	}
	bar0_put(s, VGPU_REG_IRQ_STATUS, VGPU_IRQ_COMPLETE);
	tap_eq(bar0_get(s, VGPU_REG_IRQ_STATUS), 0,
	       "IRQ_STATUS is cleared by writing a one");
}
