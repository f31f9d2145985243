// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts: one vector, for the mailbox, by MSI-X or else by MSI.
 *
 * The device sends one message for each answer, whatever IRQ_STATUS holds, so
 * that register is neither read nor written: each access would cost a VM exit.
 */
#include <linux/interrupt.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/vgpu_dev.h>

#include "irq.h"
#include "mailbox.h"

static bool msix = true;
module_param(msix, bool, 0444);
MODULE_PARM_DESC(msix, "use MSI-X if the device has it (default), else MSI");

/* Behind an answer there is MMIO under a mutex: a thread's work */
static irqreturn_t vgpug_irq_thread(int irq, void *data)
{
	vgpug_mailbox_poll(data);
	return IRQ_HANDLED;
}

/**
 * vgpug_irq_init() - listen to the device
 * @pdev: enabled, bus master
 * @mb: polled on each interrupt
 *
 * Context: Process context.
 * Return: 0 or a negative errno.
 */
int vgpug_irq_init(struct pci_dev *pdev, struct vgpug_mailbox *mb)
{
	int err;

	err = pci_alloc_irq_vectors(pdev, 1, 1,
				    (msix ? PCI_IRQ_MSIX : 0) | PCI_IRQ_MSI);
	if (err < 0) {
		dev_err(&pdev->dev, "neither MSI-X nor MSI can be had, error %d\n",
			err);
		return err;
	}
	err = request_threaded_irq(pci_irq_vector(pdev, VGPU_VECTOR_MAILBOX),
				   NULL, vgpug_irq_thread, IRQF_ONESHOT,
				   "vgpu-guest", mb);
	if (err) {
		dev_err(&pdev->dev, "no interrupt, error %d\n", err);
		goto err_free_vectors;
	}
	return 0;

err_free_vectors:
	pci_free_irq_vectors(pdev);
	return err;
}

/**
 * vgpug_irq_fini() - stop listening
 * @pdev: of vgpug_irq_init()
 * @mb: of vgpug_irq_init(); not polled by an interrupt any more on return
 *
 * Context: Process context; waits for the handler.
 */
void vgpug_irq_fini(struct pci_dev *pdev, struct vgpug_mailbox *mb)
{
	free_irq(pci_irq_vector(pdev, VGPU_VECTOR_MAILBOX), mb);
	pci_free_irq_vectors(pdev);
}
