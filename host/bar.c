// SPDX-License-Identifier: GPL-2.0
/*
 * Accesses to the BARs, of any width and alignment.
 *
 * Reads have no side effects, so any read is a cut out of the words it touches.
 * A write is taken apart at word boundaries: a register takes whole words only,
 * and what covers a word in part is ignored and counted; buffers take bytes.
 */
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "bar.h"
#include "gpu.h"
#include "vgpu.h"

static u32 vgpu_bar0_reg_read_locked(struct vgpu *vgpu, u32 reg)
{
	const struct vgpu_mailbox_regs *regs = &vgpu->mailbox.regs;

	lockdep_assert_held(&vgpu->mailbox.lock);

	switch (reg) {
	case VGPU_REG_STATUS:
		return regs->status;
	case VGPU_REG_POOL_ID:
		return 'A' + vgpu->gpu->id;
	case VGPU_REG_PRIORITY:
		return READ_ONCE(vgpu->entity.priority);
	case VGPU_REG_VM_ID:
		return vgpu->vm_id;
	case VGPU_REG_ERROR_CODE:
		return regs->error_code;
	case VGPU_REG_REQUEST_LEN:
		return regs->request_len;
	case VGPU_REG_RESPONSE_LEN:
		return regs->response_len;
	case VGPU_REG_PROTOCOL_VER:
		return VGPU_PROTOCOL_VERSION;
	case VGPU_REG_CAPABILITIES:
		return VGPU_CAP_BASIC_REQ | VGPU_CAP_INTERRUPT;
	case VGPU_REG_IRQ_CTRL:
		return regs->irq_ctrl;
	case VGPU_REG_IRQ_STATUS:
		return regs->irq_status;
	case VGPU_REG_REQUEST_ID:
		return regs->request_id;
	case VGPU_REG_TIMESTAMP_LO:
		return lower_32_bits(regs->timestamp_ns);
	case VGPU_REG_TIMESTAMP_HI:
		return upper_32_bits(regs->timestamp_ns);
	case VGPU_REG_SCRATCH:
		return regs->scratch;
	case VGPU_REG_EXT_MAGIC:
		return VGPU_MAGIC;
	case VGPU_REG_EXT_RING_ABI:
		return VGPU_RING_ABI_VERSION;
	case VGPU_REG_EXT_FEATURES_LO:
		return lower_32_bits(VGPU_FEATURES);
	case VGPU_REG_EXT_FEATURES_HI:
		return upper_32_bits(VGPU_FEATURES);
	case VGPU_REG_EXT_ACCEPTED_LO:
		return lower_32_bits(regs->accepted);
	case VGPU_REG_EXT_ACCEPTED_HI:
		return upper_32_bits(regs->accepted);
	case VGPU_REG_EXT_CONTROL:
		return regs->ext_status & VGPU_EXT_ENABLED ? VGPU_EXT_ENABLE : 0;
	case VGPU_REG_EXT_STATUS:
		return regs->ext_status;
	default:
		return 0;
	}
}

/*
 * The registers by which a guest says what it is going to use: fixed once that holds.
 * Return false if nothing takes the write.
 */
static bool vgpu_bar0_ext_write_locked(struct vgpu *vgpu, u32 reg, u32 value)
{
	struct vgpu_mailbox_regs *regs = &vgpu->mailbox.regs;

	lockdep_assert_held(&vgpu->mailbox.lock);

	if (regs->ext_status & VGPU_EXT_ENABLED)
		return false;
	switch (reg) {
	case VGPU_REG_EXT_ACCEPTED_LO:
		regs->accepted = (regs->accepted & ~(u64)U32_MAX) | value;
		return true;
	case VGPU_REG_EXT_ACCEPTED_HI:
		regs->accepted = (regs->accepted & U32_MAX) | (u64)value << 32;
		return true;
	case VGPU_REG_EXT_CONTROL:
		if (value != VGPU_EXT_ENABLE)
			return false;
		regs->ext_status = regs->accepted & ~VGPU_FEATURES ? VGPU_EXT_REFUSED :
								     VGPU_EXT_ENABLED;
		if (regs->ext_status == VGPU_EXT_ENABLED)
			WRITE_ONCE(regs->enabled, regs->accepted);
		return true;
	default:
		return false;
	}
}

/* Return false if nothing takes the write. */
static bool vgpu_bar0_reg_write(struct vgpu *vgpu, u32 reg, u32 value)
{
	struct vgpu_mailbox *mailbox = &vgpu->mailbox;
	struct vgpu_mailbox_regs *regs = &mailbox->regs;
	bool taken = true;

	if (reg == VGPU_REG_DOORBELL) {
		vgpu_mailbox_doorbell(vgpu);
		return true;
	}

	spin_lock(&mailbox->lock);
	switch (reg) {
	case VGPU_REG_REQUEST_LEN:
		regs->request_len = value;
		break;
	case VGPU_REG_IRQ_CTRL:
		regs->irq_ctrl = value & VGPU_IRQ_COMPLETE;
		break;
	case VGPU_REG_IRQ_STATUS:
		regs->irq_status &= ~value;
		break;
	case VGPU_REG_REQUEST_ID:
		regs->request_id = value;
		break;
	case VGPU_REG_SCRATCH:
		regs->scratch = value;
		break;
	default:
		taken = vgpu_bar0_ext_write_locked(vgpu, reg, value);
	}
	spin_unlock(&mailbox->lock);
	return taken;
}

/* the part of [offset, offset + len) up to the next multiple of 4 */
static u32 vgpu_bar_piece(u32 offset, u32 len)
{
	return min_t(u32, len, 4 - offset % 4);
}

/* the part of [offset, offset + len) below end */
static u32 vgpu_bar_until(u32 offset, u32 len, u32 end)
{
	return min(len, end - offset);
}

/**
 * vgpu_bar0_read() - read registers and buffers
 * @vgpu: the vGPU
 * @offset: first byte; inside BAR0
 * @buf: where the bytes go
 * @len: how many; inside BAR0
 *
 * Context: process context; takes &vgpu_mailbox.lock.
 */
void vgpu_bar0_read(struct vgpu *vgpu, u32 offset, void *buf, u32 len)
{
	struct vgpu_mailbox *mailbox = &vgpu->mailbox;
	u32 n;

	/* one critical section: the bytes belong together */
	spin_lock(&mailbox->lock);
	for (; len; offset += n, buf += n, len -= n) {
		u8 word[4];

		if (offset >= VGPU_REQ_BUF && offset < VGPU_RESP_BUF) {
			n = vgpu_bar_until(offset, len, VGPU_RESP_BUF);
			memcpy(buf, mailbox->request + offset - VGPU_REQ_BUF, n);
			continue;
		}
		if (offset >= VGPU_RESP_BUF && offset < VGPU_REG_EXT_MAGIC) {
			n = vgpu_bar_until(offset, len, VGPU_REG_EXT_MAGIC);
			memcpy(buf, mailbox->response + offset - VGPU_RESP_BUF, n);
			continue;
		}
		n = vgpu_bar_piece(offset, len);
		put_unaligned_le32(vgpu_bar0_reg_read_locked(vgpu, offset & ~3U),
				   word);
		memcpy(buf, word + offset % 4, n);
	}
	spin_unlock(&mailbox->lock);
}

/**
 * vgpu_bar0_write() - write registers and buffers
 * @vgpu: the vGPU
 * @offset: first byte; inside BAR0
 * @buf: private copy of the bytes
 * @len: how many; inside BAR0
 *
 * Context: may sleep.
 */
void vgpu_bar0_write(struct vgpu *vgpu, u32 offset, const void *buf, u32 len)
{
	struct vgpu_mailbox *mailbox = &vgpu->mailbox;
	u32 n;

	for (; len; offset += n, buf += n, len -= n) {
		if (offset >= VGPU_REQ_BUF && offset < VGPU_RESP_BUF) {
			n = vgpu_bar_until(offset, len, VGPU_RESP_BUF);
			spin_lock(&mailbox->lock);
			memcpy(mailbox->request + offset - VGPU_REQ_BUF, buf, n);
			spin_unlock(&mailbox->lock);
			continue;
		}
		n = vgpu_bar_piece(offset, len);
		if (n != 4 ||
		    !vgpu_bar0_reg_write(vgpu, offset, get_unaligned_le32(buf)))
			vgpu_count(&vgpu->counters, VGPU_COUNT_BAD_BAR);
	}
}

/**
 * vgpu_bar2_read() - read doorbell pages
 * @vgpu: the vGPU
 * @offset: first byte; inside BAR2
 * @buf: where the bytes go
 * @len: how many; inside BAR2
 *
 * Doorbells read as 0.
 *
 * Context: any.
 */
void vgpu_bar2_read(struct vgpu *vgpu, u32 offset, void *buf, u32 len)
{
	memset(buf, 0, len);
}

/**
 * vgpu_bar2_write() - write doorbell pages
 * @vgpu: the vGPU
 * @offset: first byte; inside BAR2
 * @buf: private copy of the bytes
 * @len: how many; inside BAR2
 *
 * The first word of page n is the doorbell of queue n.  What is not a whole word at
 * a doorbell of a queue that exists is counted, without effect.
 *
 * Context: may sleep.
 */
void vgpu_bar2_write(struct vgpu *vgpu, u32 offset, const void *buf, u32 len)
{
	u32 id = offset / VGPU_BAR2_DOORBELL(1);

	if (len != 4 || offset != VGPU_BAR2_DOORBELL(id) || !vgpu_queue_doorbell(vgpu, id))
		vgpu_count(&vgpu->counters, VGPU_COUNT_BAD_BAR);
}

/**
 * vgpu_bar4_reset() - back to the initial values
 * @vgpu: the vGPU
 *
 * Context: process context; takes &vgpu_mailbox.lock.
 */
void vgpu_bar4_reset(struct vgpu *vgpu)
{
	spin_lock(&vgpu->mailbox.lock);
	memset(vgpu->msix, 0, sizeof(vgpu->msix));
	spin_unlock(&vgpu->mailbox.lock);
}

/**
 * vgpu_bar4_read() - read the MSI-X table and PBA
 * @vgpu: the vGPU
 * @offset: first byte; inside BAR4
 * @buf: where the bytes go
 * @len: how many; inside BAR4
 *
 * A VMM answers for both and a guest never gets here.  No vector is ever
 * pending in our sight.
 *
 * Context: process context; takes &vgpu_mailbox.lock.
 */
void vgpu_bar4_read(struct vgpu *vgpu, u32 offset, void *buf, u32 len)
{
	memset(buf, 0, len);
	if (offset >= sizeof(vgpu->msix))
		return;
	spin_lock(&vgpu->mailbox.lock);
	memcpy(buf, vgpu->msix + offset,
	       vgpu_bar_until(offset, len, sizeof(vgpu->msix)));
	spin_unlock(&vgpu->mailbox.lock);
}

/**
 * vgpu_bar4_write() - write the MSI-X table
 * @vgpu: the vGPU
 * @offset: first byte; inside BAR4
 * @buf: private copy of the bytes
 * @len: how many; inside BAR4
 *
 * Context: process context; takes &vgpu_mailbox.lock.
 */
void vgpu_bar4_write(struct vgpu *vgpu, u32 offset, const void *buf, u32 len)
{
	if (offset >= sizeof(vgpu->msix)) {
		vgpu_count(&vgpu->counters, VGPU_COUNT_BAD_BAR);
		return;
	}
	spin_lock(&vgpu->mailbox.lock);
	memcpy(vgpu->msix + offset, buf,
	       vgpu_bar_until(offset, len, sizeof(vgpu->msix)));
	spin_unlock(&vgpu->mailbox.lock);
}
