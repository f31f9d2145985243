// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts: by MSI-X one vector for the mailbox and one for each queue, or by MSI
 * one for all.
 *
 * The device sends one message for each answer of the mailbox, whatever IRQ_STATUS
 * holds, so that register is neither read nor written: each access would cost a VM
 * exit.
 */
#include <linux/interrupt.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/vgpu_dev.h>

#include "cdev.h"
#include "irq.h"

static bool msix = true;
module_param(msix, bool, 0444);
MODULE_PARM_DESC(msix, "use MSI-X if the device has it (default), else MSI");

/* Behind an answer there is MMIO under a mutex: a thread's work */
static irqreturn_t vgpug_irq_mailbox(int irq, void *data)
{
	struct vgpug_device *vdev = data;

	vgpug_mailbox_poll(&vdev->mailbox);
	return IRQ_HANDLED;
}

static irqreturn_t vgpug_irq_queue(int irq, void *data)
{
	struct vgpug_queue_irq *queue_irq = data;

	vgpug_queues_interrupt_one(queue_irq->queues, queue_irq->id);
	return IRQ_HANDLED;
}

/* Whose it is the one vector doesn't say: all look, and the mailbox's thread too */
static irqreturn_t vgpug_irq_any(int irq, void *data)
{
	struct vgpug_device *vdev = data;

	vgpug_queues_interrupt(&vdev->queues);
	return IRQ_WAKE_THREAD;
}

static void vgpug_irq_free(struct pci_dev *pdev, struct vgpug_device *vdev)
{
	int i;

	for (i = 1; i < vdev->nr_irqs; i++)
		free_irq(pci_irq_vector(pdev, i), &vdev->queue_irq[i - 1]);
	free_irq(pci_irq_vector(pdev, VGPU_VECTOR_MAILBOX), vdev);
	pci_free_irq_vectors(pdev);
}

/* Returns with @vdev->nr_irqs requested, all or none */
static int vgpug_irq_request(struct pci_dev *pdev, struct vgpug_device *vdev, int count)
{
	struct vgpug_queue_irq *queue_irq;
	int err;

	/* the numbers of MSI-X vectors need not follow one another */
	BUILD_BUG_ON(VGPU_VECTOR_MAILBOX != 0 || VGPU_VECTOR_QUEUE(0) != 1);
	err = request_threaded_irq(pci_irq_vector(pdev, VGPU_VECTOR_MAILBOX),
				   count == 1 ? vgpug_irq_any : NULL, vgpug_irq_mailbox,
				   IRQF_ONESHOT, "vgpu-guest", vdev);
	if (err) {
		pci_free_irq_vectors(pdev);
		return err;
	}
	for (vdev->nr_irqs = 1; vdev->nr_irqs < count; vdev->nr_irqs++) {
		queue_irq = &vdev->queue_irq[vdev->nr_irqs - 1];
		queue_irq->queues = &vdev->queues;
		queue_irq->id = vdev->nr_irqs - 1;
		err = request_irq(pci_irq_vector(pdev, vdev->nr_irqs), vgpug_irq_queue, 0,
				  "vgpu-guest-queue", queue_irq);
		if (err) {
			vgpug_irq_free(pdev, vdev);
			return err;
		}
	}
	return 0;
}

/**
 * vgpug_irq_init() - listen to the device
 * @pdev: enabled, bus master
 * @vdev: its mailbox is polled and its queues are woken by interrupts
 *
 * Context: Process context.
 * Return: 0 or a negative errno.
 */
int vgpug_irq_init(struct pci_dev *pdev, struct vgpug_device *vdev)
{
	int err = -ENOSPC;

	if (msix)
		err = pci_alloc_irq_vectors(pdev, VGPU_MSIX_VECTORS, VGPU_MSIX_VECTORS,
					    PCI_IRQ_MSIX);
	if (err < 0)
		err = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI);
	if (err < 0) {
		dev_err(&pdev->dev, "neither MSI-X nor MSI can be had, error %d\n",
			err);
		return err;
	}
	err = vgpug_irq_request(pdev, vdev, err);
	if (err)
		dev_err(&pdev->dev, "no interrupt, error %d\n", err);
	return err;
}

/**
 * vgpug_irq_fini() - stop listening
 * @pdev: of vgpug_irq_init()
 * @vdev: of vgpug_irq_init(); no interrupt leads to it any more on return
 *
 * Context: Process context; waits for the handlers.
 */
void vgpug_irq_fini(struct pci_dev *pdev, struct vgpug_device *vdev)
{
	vgpug_irq_free(pdev, vdev);
}
