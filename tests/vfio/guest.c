// SPDX-License-Identifier: GPL-2.0
#include <linux/vgpu_dev.h>
#include <sys/mman.h>

#include "guest.h"
#include "io.h"
#include "irqset.h"
#include "mbox.h"
#include "tap.h"

/**
 * guest_memory() - memory to serve as a guest's
 * @size: bytes
 *
 * Return: the memory, never to be freed, or NULL.
 */
void *guest_memory(u64 size)
{
	void *va = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return va == MAP_FAILED ? NULL : va;
}

/**
 * guest_job() - a request in the accesses of 4 bytes that guests make
 * @s: an open session
 * @event: eventfd of the mailbox's interrupt
 * @when: to be printed
 */
void guest_job(struct session *s, int event, const char *when)
{
	struct mbox_request r;
	u32 at;

	mbox_request_init(&r, VGPU_OP_COMPUTE);
	mbox_request_param(&r, 0x11111111);
	mbox_request_param(&r, 0x22222222);
	bar0_put(s, VGPU_REG_IRQ_CTRL, VGPU_IRQ_COMPLETE);
	bar0_put(s, VGPU_REG_IRQ_STATUS, VGPU_IRQ_COMPLETE);
	for (at = 0; at < r.len; at += 4)
		bar0_put(s, VGPU_REQ_BUF + at, get_le32(r.buf + at));
	bar0_put(s, VGPU_REG_REQUEST_LEN, r.len);
	bar0_put(s, VGPU_REG_REQUEST_ID, 1);
	bar0_put(s, VGPU_REG_DOORBELL, 1);
	if (!tap_ok(event_wait(event) == 1, "%s: the interrupt of a request",
		    when))
		return;
	tap_eq(bar0_get(s, VGPU_REG_IRQ_STATUS), VGPU_IRQ_COMPLETE,
	       "%s: IRQ_STATUS", when);
	bar0_put(s, VGPU_REG_IRQ_STATUS, VGPU_IRQ_COMPLETE);
	tap_eq(bar0_get(s, VGPU_REG_STATUS), VGPU_STATUS_DONE, "%s: STATUS",
	       when);
	tap_eq(bar0_get(s, VGPU_RESP_BUF + MBOX_RESP_HEAD), 0x33333333,
	       "%s: the sum", when);
}
