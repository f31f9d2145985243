// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts.  A VMM registers an eventfd for each vector by SET_IRQS; KVM's
 * irqfd is at its other end.  The rules are those of vfio-pci: MSI and MSI-X
 * exclude one another, an index is disabled as a whole by a count of 0, a
 * single vector by the file descriptor -1, and triggering by hand is possible
 * for tests.  A call does all it was asked to or nothing.
 *
 * Whoever signals an eventfd wakes all that wait for it, and a VMM may have millions
 * waiting.  What its own thread asks for its own thread may do.  Who raises for the device
 * may be the engine, which is everybody's: it signals itself, which is quickest, until that
 * has once taken longer than VGPUH_IRQ_LONG_NS.  For a while then a work item does it, no more
 * than half of the time, and the vGPU owes the others what it takes.  If it happens again soon
 * the while is twice as long.
 */
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "backend.h"
#include "irq.h"
#include "vgpu.h"

/* A thousand times what it takes to wake one thread; below what anybody would notice */
#define VGPUH_IRQ_LONG_NS	(1 * NSEC_PER_MSEC)

/*
 * For how long it is the work item's, at first and at most.  Whoever was well-behaved for as
 * long again begins anew: what was measured may have been an interrupt of somebody else's.
 */
#define VGPUH_IRQ_DEFER_MIN_NS	(60 * (u64)NSEC_PER_SEC)
#define VGPUH_IRQ_DEFER_MAX_NS	(86400 * (u64)NSEC_PER_SEC)

/* Its own: each item may take long, and there are as many as vGPUs */
static struct workqueue_struct *vgpuh_irq_wq;

static void vgpuh_irq_work(struct work_struct *work);

/**
 * vgpuh_irq_wq_create() - be ready for vgpuh_irq_init()
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int vgpuh_irq_wq_create(void)
{
	vgpuh_irq_wq = alloc_workqueue("vgpu-irq", WQ_UNBOUND, 0);
	return vgpuh_irq_wq ? 0 : -ENOMEM;
}

/**
 * vgpuh_irq_wq_destroy() - undo vgpuh_irq_wq_create(); no interrupts are left
 *
 * Context: may sleep.
 */
void vgpuh_irq_wq_destroy(void)
{
	destroy_workqueue(vgpuh_irq_wq);
}

/**
 * vgpuh_irq_init() - make the interrupts of a vGPU, none enabled
 * @irq: the interrupts
 * @vgpu: whose they are
 *
 * Context: any.
 */
void vgpuh_irq_init(struct vgpuh_irq *irq, struct vgpu *vgpu)
{
	mutex_init(&irq->set_lock);
	spin_lock_init(&irq->lock);
	INIT_DELAYED_WORK(&irq->work, vgpuh_irq_work);
	irq->vgpu = vgpu;
	irq->mode = VFIO_PCI_NUM_IRQS;
	irq->defer_ns = VGPUH_IRQ_DEFER_MIN_NS;
}

/**
 * vgpuh_irq_fini() - end the interrupts of a vGPU
 * @irq: the interrupts, released, and nobody raises one
 *
 * Context: may sleep.
 */
void vgpuh_irq_fini(struct vgpuh_irq *irq)
{
	cancel_delayed_work_sync(&irq->work);
	mutex_destroy(&irq->set_lock);
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

/*
 * An interrupt happens.  Return who is to be told now, or NULL.  What is returned stays
 * as long as @irq->lock or @irq->set_lock is held.
 */
static struct eventfd_ctx *vgpuh_irq_vector_raise_locked(struct vgpuh_irq *irq,
							 struct vgpuh_irq_vector *vector)
{
	lockdep_assert_held(&irq->lock);

	if (vector->trigger && vector->masked) {
		vector->pending = true;
		return NULL;
	}
	return vector->trigger;
}

/* The same, and the VMM's own thread or the work item tells, for as long as it takes. */
static void vgpuh_irq_vector_tell(struct vgpuh_irq *irq, struct vgpuh_irq_vector *vector)
{
	struct eventfd_ctx *trigger;

	lockdep_assert_held(&irq->set_lock);

	spin_lock(&irq->lock);
	trigger = vgpuh_irq_vector_raise_locked(irq, vector);
	spin_unlock(&irq->lock);
	if (trigger)
		eventfd_signal(trigger);
}

/* Replace a vector's trigger.  Return the old one, to be put by the caller. */
static struct eventfd_ctx *
vgpuh_irq_vector_replace(struct vgpuh_irq *irq, struct vgpuh_irq_vector *vector,
			 struct eventfd_ctx *trigger)
{
	struct eventfd_ctx *old;
	bool tell;

	lockdep_assert_held(&irq->set_lock);

	spin_lock(&irq->lock);
	old = vector->trigger;
	/* it happened while this was the one to be told: a VMM that swaps them loses nothing */
	tell = vector->due && !vector->masked;
	vector->trigger = trigger;
	vector->masked = false;
	vector->pending = false;
	vector->due = false;
	spin_unlock(&irq->lock);
	if (tell)
		eventfd_signal(old);
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
 * Context: may sleep, as long as it takes to wake who waits for one: whoever does has @set_lock.
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
	for (i = 0; i < hdr->count; i++) {
		if (!want || want[i])
			vgpuh_irq_vector_tell(irq, &vector[i]);
	}
	return 0;
}

static int vgpuh_irq_set_mask(struct vgpuh_irq *irq,
			      const struct vfio_irq_set *hdr, const void *data,
			      bool mask)
{
	struct vgpuh_irq_vector *vector;
	const u8 *want = NULL;
	bool raise;
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
	for (i = 0; i < hdr->count; i++) {
		if (want && !want[i])
			continue;
		spin_lock(&irq->lock);
		vector[i].masked = mask;
		raise = !mask && vector[i].pending;
		vector[i].pending &= mask;
		spin_unlock(&irq->lock);
		if (raise)
			vgpuh_irq_vector_tell(irq, &vector[i]);
	}
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

/* Tell of what the engine left. */
static void vgpuh_irq_work(struct work_struct *work)
{
	struct vgpuh_irq *irq = container_of(to_delayed_work(work), struct vgpuh_irq, work);
	struct vgpuh_irq_vector *vector;
	u64 began_ns = ktime_get_ns(), delay_ns = vgpu_run_delay_ns(), took_ns;
	bool due;
	u32 i;

	mutex_lock(&irq->set_lock);
	vector = vgpuh_irq_vectors(irq, irq->mode);
	for (i = 0; i < vgpuh_irq_count(irq->mode); i++) {
		spin_lock(&irq->lock);
		due = vector[i].due;
		vector[i].due = false;
		spin_unlock(&irq->lock);
		if (due)
			vgpuh_irq_vector_tell(irq, &vector[i]);
	}
	took_ns = ktime_get_ns() - began_ns;
	spin_lock(&irq->lock);
	irq->rest_until_ns = began_ns + 2 * took_ns;
	spin_unlock(&irq->lock);
	mutex_unlock(&irq->set_lock);
	vgpu_arb_entity_owes(&irq->vgpu->entity,
			     took_ns - min(took_ns, vgpu_run_delay_ns() - delay_ns));
}

static void vgpuh_irq_tell_locked(struct vgpuh_irq *irq, struct vgpuh_irq_vector *vector)
{
	struct eventfd_ctx *trigger;
	u64 now_ns, took_ns, rest_ns;

	lockdep_assert_held(&irq->lock);

	trigger = vgpuh_irq_vector_raise_locked(irq, vector);
	if (!trigger)
		return;
	now_ns = ktime_get_ns();
	if (now_ns < irq->deferred_until_ns) {
		vgpu_count(&irq->vgpu->counters, VGPU_COUNT_DEFERRED_IRQ);
		vector->due = true;
		rest_ns = irq->rest_until_ns - min(irq->rest_until_ns, now_ns);
		queue_delayed_work(vgpuh_irq_wq, &irq->work, nsecs_to_jiffies(rest_ns));
		return;
	}
	eventfd_signal(trigger);
	took_ns = ktime_get_ns() - now_ns;
	if (took_ns <= VGPUH_IRQ_LONG_NS)
		return;
	vgpu_count(&irq->vgpu->counters, VGPU_COUNT_LONG_IRQ);
	if (irq->deferred_until_ns && now_ns - irq->deferred_until_ns < irq->defer_ns)
		irq->defer_ns = min(2 * irq->defer_ns, VGPUH_IRQ_DEFER_MAX_NS);
	else
		irq->defer_ns = VGPUH_IRQ_DEFER_MIN_NS;
	irq->deferred_until_ns = now_ns + took_ns + irq->defer_ns;
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
		vgpuh_irq_tell_locked(irq, &irq->msix[vector]);
	else if (irq->mode == VFIO_PCI_MSI_IRQ_INDEX)
		vgpuh_irq_tell_locked(irq, &irq->msi[0]);
	spin_unlock(&irq->lock);
}

/**
 * vgpuh_irq_flush() - whoever is to be told of an interrupt that was raised before, has been
 * @irq: the interrupts
 *
 * Context: may sleep, as long as it takes to wake who waits for one.
 */
void vgpuh_irq_flush(struct vgpuh_irq *irq)
{
	flush_delayed_work(&irq->work);
}

/**
 * vgpuh_irq_raise_req() - tell the VMM that the host wants the device back
 * @irq: the interrupts
 *
 * Context: may sleep.
 * Return: false if the VMM doesn't listen.
 */
bool vgpuh_irq_raise_req(struct vgpuh_irq *irq)
{
	bool heard;

	mutex_lock(&irq->set_lock);
	heard = irq->req.trigger;
	vgpuh_irq_vector_tell(irq, &irq->req);
	mutex_unlock(&irq->set_lock);
	return heard;
}
