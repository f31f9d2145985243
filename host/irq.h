/* SPDX-License-Identifier: GPL-2.0 */
/* Interrupts of a vGPU: VFIO's IRQ indexes, signalled by eventfd. */
#ifndef _VGPUH_IRQ_H
#define _VGPUH_IRQ_H

#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/vfio.h>
#include <linux/vgpu_dev.h>
#include <linux/workqueue.h>

struct vgpu;

/**
 * struct vgpuh_irq_vector - one vector
 * @trigger: who is told, or NULL
 * @masked: don't tell now
 * @pending: it happened while @masked
 * @due: it happened, and &vgpuh_irq.work is to tell
 */
struct vgpuh_irq_vector {
	struct eventfd_ctx *trigger;
	bool masked;
	bool pending;
	bool due;
};

/**
 * struct vgpuh_irq - interrupts of one vGPU
 * @vgpu: whose
 * @set_lock: serialises SET_IRQS, and is held by whoever tells at leisure: @work, SET_IRQS.
 *	Taken before @lock
 * @lock: protects the rest; a trigger and @mode change with @set_lock held as well.  A leaf
 *	apart from what eventfd_signal() and queue_work() take
 * @work: tells of what is due
 * @deferred_until_ns: until then @work tells, and not who raises; ktime
 * @rest_until_ns: nor does @work before that; likewise
 * @defer_ns: for how long it was the last time
 * @mode: VFIO_PCI_MSI_IRQ_INDEX or VFIO_PCI_MSIX_IRQ_INDEX if that one is
 *	enabled, VFIO_PCI_NUM_IRQS if neither is
 * @msi: the MSI vector
 * @msix: the MSI-X vectors
 * @err: told of an error that the VMM should know
 * @req: told that the host wants the device back
 */
struct vgpuh_irq {
	struct vgpu *vgpu;
	struct mutex set_lock;
	spinlock_t lock;
	struct delayed_work work;
	u64 deferred_until_ns;
	u64 rest_until_ns;
	u64 defer_ns;
	u32 mode;
	struct vgpuh_irq_vector msi[VGPU_MSI_VECTORS];
	struct vgpuh_irq_vector msix[VGPU_MSIX_VECTORS];
	struct vgpuh_irq_vector err;
	struct vgpuh_irq_vector req;
};

int vgpuh_irq_wq_create(void);
void vgpuh_irq_wq_destroy(void);
void vgpuh_irq_init(struct vgpuh_irq *irq, struct vgpu *vgpu);
void vgpuh_irq_fini(struct vgpuh_irq *irq);
void vgpuh_irq_release(struct vgpuh_irq *irq);
int vgpuh_irq_info(struct vfio_irq_info *info);
int vgpuh_irq_set(struct vgpuh_irq *irq, const struct vfio_irq_set *hdr, const void *data);
u32 vgpuh_irq_count(u32 index);
void vgpuh_irq_raise(struct vgpuh_irq *irq, u32 vector);
void vgpuh_irq_flush(struct vgpuh_irq *irq);
bool vgpuh_irq_raise_req(struct vgpuh_irq *irq);

#endif /* _VGPUH_IRQ_H */
