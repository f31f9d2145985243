// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts.  A VMM registers an eventfd for each vector by SET_IRQS; KVM's
 * irqfd is at its other end.  The rules are those of vfio-pci: MSI and MSI-X
 * exclude one another, an index is disabled as a whole by a count of 0, a
 * single vector by the file descriptor -1, and triggering by hand is possible
 * for tests.  A call does all it was asked to or nothing.
 */
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/lockdep.h>
#include <linux/slab.h>

#include "irq.h"

/**
 * vgpuh_irq_init() - make the interrupts of a vGPU, none enabled
 * @irq: the interrupts
 *
 * Context: any.
 */
void vgpuh_irq_init(struct vgpuh_irq *irq)
{
	mutex_init(&irq->set_lock);
	spin_lock_init(&irq->lock);
	irq->mode = VFIO_PCI_NUM_IRQS;
}

/**
 * vgpuh_irq_count() - how many vectors an index has
 * @index: any value
 *
 * Context: any.
 * Return: a number; 0 for an index that is absent.
 */
u32 vgpuh_irq_count(u32 index)
{
	switch (index) {
	case VFIO_PCI_MSI_IRQ_INDEX:
		return VGPU_MSI_VECTORS;
	case VFIO_PCI_MSIX_IRQ_INDEX:
		return VGPU_MSIX_VECTORS;
	case VFIO_PCI_ERR_IRQ_INDEX:
	case VFIO_PCI_REQ_IRQ_INDEX:
		return 1;
	default:
		return 0;
	}
}

/**
 * vgpuh_irq_info() - VFIO_DEVICE_GET_IRQ_INFO
 * @info: @index is set; @flags and @count are filled in
 *
 * INTx succeeds with a count of 0: that is how a VMM learns that there is none.
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int vgpuh_irq_info(struct vfio_irq_info *info)
{
	if (info->index >= VFIO_PCI_NUM_IRQS)
		return -EINVAL;
	info->count = vgpuh_irq_count(info->index);
	info->flags = info->count ? VFIO_IRQ_INFO_EVENTFD : 0;
	if (info->index == VFIO_PCI_MSI_IRQ_INDEX ||
	    info->index == VFIO_PCI_MSIX_IRQ_INDEX)
		info->flags |= VFIO_IRQ_INFO_MASKABLE;
	return 0;
}

static struct vgpuh_irq_vector *vgpuh_irq_vectors(struct vgpuh_irq *irq, u32 index)
{
	switch (index) {
	case VFIO_PCI_MSI_IRQ_INDEX:
		return irq->msi;
	case VFIO_PCI_MSIX_IRQ_INDEX:
		return irq->msix;
	case VFIO_PCI_ERR_IRQ_INDEX:
		return &irq->err;
	default:
		return &irq->req;
	}
}

static bool vgpuh_irq_is_msi(u32 index)
{
	return index == VFIO_PCI_MSI_IRQ_INDEX || index == VFIO_PCI_MSIX_IRQ_INDEX;
}

static void vgpuh_irq_vector_raise_locked(struct vgpuh_irq *irq,
					  struct vgpuh_irq_vector *vector)
{
	lockdep_assert_held(&irq->lock);

	if (!vector->trigger)
		return;
	if (vector->masked)
		vector->pending = true;
	else
		eventfd_signal(vector->trigger);
}

/* Replace a vector's trigger.  Return the old one, to be put by the caller. */
static struct eventfd_ctx *
vgpuh_irq_vector_replace(struct vgpuh_irq *irq, struct vgpuh_irq_vector *vector,
			 struct eventfd_ctx *trigger)
{
	struct eventfd_ctx *old;

	spin_lock(&irq->lock);
	old = vector->trigger;
	vector->trigger = trigger;
	vector->masked = false;
	vector->pending = false;
	spin_unlock(&irq->lock);
	return old;
}

static void vgpuh_irq_disable_index(struct vgpuh_irq *irq, u32 index)
{
	struct vgpuh_irq_vector *vector = vgpuh_irq_vectors(irq, index);
	struct eventfd_ctx *old;
	u32 i;

	lockdep_assert_held(&irq->set_lock);

	for (i = 0; i < vgpuh_irq_count(index); i++) {
		old = vgpuh_irq_vector_replace(irq, &vector[i], NULL);
		if (old)
			eventfd_ctx_put(old);
	}
	spin_lock(&irq->lock);
	if (irq->mode == index)
		irq->mode = VFIO_PCI_NUM_IRQS;
	spin_unlock(&irq->lock);
}

/**
 * vgpuh_irq_release() - disable everything and let go of every eventfd
 * @irq: the interrupts
 *
 * Context: may sleep.
 */
void vgpuh_irq_release(struct vgpuh_irq *irq)
{
	u32 index;

	mutex_lock(&irq->set_lock);
	for (index = 0; index < VFIO_PCI_NUM_IRQS; index++)
		vgpuh_irq_disable_index(irq, index);
	mutex_unlock(&irq->set_lock);
}

/* Register @count eventfds, or none. */
static int vgpuh_irq_set_eventfds(struct vgpuh_irq *irq, u32 index, u32 start,
				  u32 count, const s32 *fd)
{
	struct vgpuh_irq_vector *vector = vgpuh_irq_vectors(irq, index) + start;
	struct eventfd_ctx **trigger;
	int ret = 0;
	u32 i;

	lockdep_assert_held(&irq->set_lock);

	if (!count)
		return -EINVAL;
	trigger = kcalloc(count, sizeof(*trigger), GFP_KERNEL);
	if (!trigger)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		if (fd[i] == -1)
			continue;
		trigger[i] = eventfd_ctx_fdget(fd[i]);
		if (IS_ERR(trigger[i])) {
			ret = PTR_ERR(trigger[i]);
			trigger[i] = NULL;
			goto out_put;
		}
	}

	if (vgpuh_irq_is_msi(index)) {
		spin_lock(&irq->lock);
		irq->mode = index;
		spin_unlock(&irq->lock);
	}
	for (i = 0; i < count; i++)
		trigger[i] = vgpuh_irq_vector_replace(irq, &vector[i], trigger[i]);

out_put:
	/* what was not registered, or what was before */
	for (i = 0; i < count; i++) {
		if (trigger[i])
			eventfd_ctx_put(trigger[i]);
	}
	kfree(trigger);
	return ret;
}

static int vgpuh_irq_set_trigger(struct vgpuh_irq *irq,
				 const struct vfio_irq_set *hdr, const void *data)
{
	struct vgpuh_irq_vector *vector;
	const u8 *want = NULL;
	u32 i;

	lockdep_assert_held(&irq->set_lock);

	if (!hdr->count && hdr->flags & VFIO_IRQ_SET_DATA_NONE) {
		vgpuh_irq_disable_index(irq, hdr->index);
		return 0;
	}
	/* only SET_IRQS changes the mode, and it is serialised */
	if (vgpuh_irq_is_msi(hdr->index) && irq->mode != hdr->index &&
	    (irq->mode != VFIO_PCI_NUM_IRQS ||
	     !(hdr->flags & VFIO_IRQ_SET_DATA_EVENTFD)))
		return -EINVAL;
	if (hdr->flags & VFIO_IRQ_SET_DATA_EVENTFD)
		return vgpuh_irq_set_eventfds(irq, hdr->index, hdr->start,
					      hdr->count, data);

	if (hdr->flags & VFIO_IRQ_SET_DATA_BOOL)
		want = data;
	vector = vgpuh_irq_vectors(irq, hdr->index) + hdr->start;
	spin_lock(&irq->lock);
	for (i = 0; i < hdr->count; i++) {
		if (!want || want[i])
			vgpuh_irq_vector_raise_locked(irq, &vector[i]);
	}
	spin_unlock(&irq->lock);
	return 0;
}

static int vgpuh_irq_set_mask(struct vgpuh_irq *irq,
			      const struct vfio_irq_set *hdr, const void *data,
			      bool mask)
{
	struct vgpuh_irq_vector *vector;
	const u8 *want = NULL;
	u32 i;

	lockdep_assert_held(&irq->set_lock);

	if (!vgpuh_irq_is_msi(hdr->index) ||
	    hdr->flags & VFIO_IRQ_SET_DATA_EVENTFD)
		return -ENOTTY;
	if (irq->mode != hdr->index)
		return -EINVAL;

	if (hdr->flags & VFIO_IRQ_SET_DATA_BOOL)
		want = data;
	vector = vgpuh_irq_vectors(irq, hdr->index) + hdr->start;
	spin_lock(&irq->lock);
	for (i = 0; i < hdr->count; i++) {
		if (want && !want[i])
			continue;
		vector[i].masked = mask;
		if (!mask && vector[i].pending) {
			vector[i].pending = false;
			vgpuh_irq_vector_raise_locked(irq, &vector[i]);
		}
	}
	spin_unlock(&irq->lock);
	return 0;
}

/**
 * vgpuh_irq_set() - VFIO_DEVICE_SET_IRQS
 * @irq: the interrupts
 * @hdr: what is asked for, passed by vfio_set_irqs_validate_and_prepare()
 * @data: private copy of the data behind it
 *
 * Context: may sleep.
 * Return: 0; -EINVAL if the flags name no or several actions, or the index is
 * not in a state for it; -ENOTTY if it can't be masked; -EBADF or -EINVAL if a
 * file descriptor is closed or no eventfd; -ENOMEM.  Nothing is changed then.
 */
int vgpuh_irq_set(struct vgpuh_irq *irq, const struct vfio_irq_set *hdr, const void *data)
{
	int ret;

	mutex_lock(&irq->set_lock);
	switch (hdr->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) {
	case VFIO_IRQ_SET_ACTION_TRIGGER:
		ret = vgpuh_irq_set_trigger(irq, hdr, data);
		break;
	case VFIO_IRQ_SET_ACTION_MASK:
		ret = vgpuh_irq_set_mask(irq, hdr, data, true);
		break;
	case VFIO_IRQ_SET_ACTION_UNMASK:
		ret = vgpuh_irq_set_mask(irq, hdr, data, false);
		break;
	default:
		ret = -EINVAL;
	}
	mutex_unlock(&irq->set_lock);
	return ret;
}

/**
 * vgpuh_irq_raise() - raise an interrupt of the device
 * @irq: the interrupts
 * @vector: MSI-X vector, below VGPU_MSIX_VECTORS.  With MSI all are the same
 *
 * Context: process context; takes @irq->lock.
 */
void vgpuh_irq_raise(struct vgpuh_irq *irq, u32 vector)
{
	spin_lock(&irq->lock);
	if (irq->mode == VFIO_PCI_MSIX_IRQ_INDEX)
		vgpuh_irq_vector_raise_locked(irq, &irq->msix[vector]);
	else if (irq->mode == VFIO_PCI_MSI_IRQ_INDEX)
		vgpuh_irq_vector_raise_locked(irq, &irq->msi[0]);
	spin_unlock(&irq->lock);
}

/**
 * vgpuh_irq_raise_req() - tell the VMM that the host wants the device back
 * @irq: the interrupts
 *
 * Context: process context; takes @irq->lock.
 * Return: false if the VMM doesn't listen.
 */
bool vgpuh_irq_raise_req(struct vgpuh_irq *irq)
{
	bool heard;

	spin_lock(&irq->lock);
	heard = irq->req.trigger;
	vgpuh_irq_vector_raise_locked(irq, &irq->req);
	spin_unlock(&irq->lock);
	return heard;
}
