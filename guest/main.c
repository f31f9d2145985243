// SPDX-License-Identifier: GPL-2.0
/*
 * vgpu-guest: the driver for a vGPU in a virtual machine.  This file has the
 * order of things only: load and unload, probe and remove, reset, sleep.
 *
 * cdev.c	/dev/vgpuN: numbers, class, open and close
 * ioctl.c	what programs ask for
 * ctx.c	an open file's context on the device
 * object.c	its buffer objects of this machine's memory
 * object_queue.c its queues
 * mmap.c	what of them processes map
 * bo.c		memory that the device reads and writes
 * pin.c	of which some is a process's own
 * queue.c	waiting for queues
 * mailbox.c	the device's one slot for requests, and the queue for it
 * request.c	requests and responses as messages
 * irq.c	interrupts
 * record.c	what its requests have made there
 * sleep.c	what is under way when the machine goes to sleep
 * restore.c	what is on the device, made again if that was reset meanwhile
 *
 * Locks: see Documentation/locking.rst.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/vgpu.h>
#include <linux/vgpu_dev.h>

#include "bo.h"
#include "cdev.h"
#include "irq.h"
#include "mailbox.h"
#include "restore.h"
#include "sleep.h"

/* Registers, and doorbells */
#define VGPUG_PCI_BARS	(BIT(0) | BIT(2))

static bool vgpug_pci_has_bar(struct pci_dev *pdev, int bar, resource_size_t size)
{
	/* else it would be ports, which are another address space */
	if (pci_resource_flags(pdev, bar) & IORESOURCE_MEM &&
	    pci_resource_len(pdev, bar) >= size)
		return true;
	dev_err(&pdev->dev, "BAR %d is missing, too small or no memory\n", bar);
	return false;
}

static int vgpug_pci_enable(struct pci_dev *pdev, struct vgpug_mailbox *mb)
{
	int err;

	if (!vgpug_pci_has_bar(pdev, 0, VGPU_BAR0_SIZE) ||
	    !vgpug_pci_has_bar(pdev, 2, VGPU_BAR2_SIZE))
		return -ENODEV;
	err = pci_enable_device_mem(pdev);
	if (err)
		return err;
	err = pci_request_selected_regions(pdev, VGPUG_PCI_BARS, KBUILD_MODNAME);
	if (err)
		goto err_disable;
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (err)
		goto err_release_regions;
	mb->regs = pci_iomap(pdev, 0, VGPU_BAR0_SIZE);
	if (!mb->regs) {
		err = -ENOMEM;
		goto err_release_regions;
	}
	/* Message-signalled interrupts are writes by the device, as completions are */
	pci_set_master(pdev);
	return 0;

err_release_regions:
	pci_release_selected_regions(pdev, VGPUG_PCI_BARS);
err_disable:
	pci_disable_device(pdev);
	return err;
}

static void vgpug_pci_disable(struct pci_dev *pdev, struct vgpug_mailbox *mb)
{
	pci_clear_master(pdev);
	pci_iounmap(pdev, mb->regs);
	pci_release_selected_regions(pdev, VGPUG_PCI_BARS);
	pci_disable_device(pdev);
}

/*
 * Whoever had the device before us may have left contexts, buffer objects and a
 * running request: a driver that was unbound while files were open, a kernel
 * before a kexec, a program.  IDLE says that there has been no request since
 * the last reset, and so there is nothing of that; and no features are enabled.
 */
static void vgpug_pci_clean(struct pci_dev *pdev, struct vgpug_mailbox *mb)
{
	int err;

	/* not ours to reset; vgpug_mailbox_start() refuses it */
	if (readl(mb->regs + VGPU_REG_EXT_MAGIC) != VGPU_MAGIC)
		return;
	if (vgpug_mailbox_is_clean(mb))
		return;
	err = pci_reset_function_locked(pdev);
	if (err)
		dev_warn(&pdev->dev, "used before and can't be reset, error %d\n",
			 err);
}

/*
 * No context is left on the device afterwards, and so no memory of ours that it might
 * write.  One that is unplugged doesn't answer any more; the host has ended what it had.
 * Return whether that is so.
 */
static bool vgpug_pci_quiesce(struct pci_dev *pdev, struct vgpug_mailbox *mb)
{
	int err;

	if (!pci_device_is_present(pdev))
		return true;
	err = pci_reset_function_locked(pdev);
	if (err)
		dev_warn(&pdev->dev, "can't be reset, error %d\n", err);
	return !err && vgpug_mailbox_is_clean(mb);
}

static int vgpug_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct vgpug_identity identity = {};
	struct vgpug_device *vdev;
	int err;

	vdev = vgpug_cdev_alloc(&pdev->dev);
	if (!vdev)
		return -ENOMEM;
	err = vgpug_pci_enable(pdev, &vdev->mailbox);
	if (err)
		goto err_put_cdev;
	vgpug_pci_clean(pdev, &vdev->mailbox);
	pci_set_drvdata(pdev, vdev);
	vdev->doorbells = pci_resource_start(pdev, 2);
	err = vgpug_irq_init(pdev, vdev);
	if (err)
		goto err_disable;
	err = vgpug_mailbox_start(&vdev->mailbox);
	if (err)
		goto err_fini_irq;
	vdev->info_flags = pdev->msix_enabled ? VGPU_INFO_MSIX : VGPU_INFO_MSI;
	err = vgpug_cdev_add(vdev);
	if (err)
		goto err_kill_mailbox;

	vgpug_mailbox_identify(&vdev->mailbox, &identity);
	dev_info(&pdev->dev, "%s is vGPU %u of GPU %#x\n", dev_name(&vdev->dev),
		 identity.vm_id, identity.pool_id);
	return 0;

err_kill_mailbox:
	vgpug_mailbox_kill(&vdev->mailbox);
err_fini_irq:
	vgpug_irq_fini(pdev, vdev);
err_disable:
	vgpug_pci_disable(pdev, &vdev->mailbox);
err_put_cdev:
	vgpug_cdev_put(vdev);
	return err;
}

static void vgpug_pci_remove(struct pci_dev *pdev)
{
	struct vgpug_device *vdev = pci_get_drvdata(pdev);

	vgpug_cdev_del(vdev);
	/* Open files stay; from here on they don't reach the device */
	vgpug_mailbox_kill(&vdev->mailbox);
	/* It went while the machine slept: nobody wakes it up any more */
	if (vdev->sleep.doorbells)
		vgpug_sleep_end(pdev, vdev);
	vgpug_cdev_unmap_doorbells(vdev);
	vgpug_irq_fini(pdev, vdev);
	/* and it doesn't reach their memory; or that is nobody's any more */
	vgpug_bos_fini(&vdev->bos, vgpug_pci_quiesce(pdev, &vdev->mailbox));
	vgpug_pci_disable(pdev, &vdev->mailbox);
	vgpug_cdev_put(vdev);
}

/*
 * The machine goes off, or to another kernel by kexec.  That has other things in memory, and
 * only a reset keeps the device from there: it ignores the bit for bus mastering.
 */
static void vgpug_pci_shutdown(struct pci_dev *pdev)
{
	struct vgpug_device *vdev = pci_get_drvdata(pdev);

	vgpug_mailbox_kill(&vdev->mailbox);
	vgpug_pci_quiesce(pdev, &vdev->mailbox);
}

static void vgpug_pci_reset_prepare(struct pci_dev *pdev)
{
	struct vgpug_device *vdev = pci_get_drvdata(pdev);

	/* NULL: the reset is vgpug_pci_clean()'s own */
	if (vdev)
		vgpug_mailbox_stop(&vdev->mailbox);
}

static void vgpug_pci_reset_done(struct pci_dev *pdev)
{
	struct vgpug_device *vdev = pci_get_drvdata(pdev);

	if (!vdev)
		return;
	/* else it may be the device's still */
	if (vgpug_mailbox_is_clean(&vdev->mailbox))
		vgpug_bos_reclaim(&vdev->bos);
	/* Has said why if it fails, and refuses requests from then on */
	vgpug_mailbox_start(&vdev->mailbox);
}

static const struct pci_error_handlers vgpug_pci_error_handlers = {
	.reset_prepare = vgpug_pci_reset_prepare,
	.reset_done = vgpug_pci_reset_done,
};

static int vgpug_pci_suspend(struct device *dev)
{
	return vgpug_sleep_begin(to_pci_dev(dev), dev_get_drvdata(dev));
}

static int vgpug_pci_resume(struct device *dev)
{
	struct vgpug_device *vdev = dev_get_drvdata(dev);
	int err = 0;

	if (!vgpug_sleep_is_same(vdev)) {
		dev_info(dev, "was reset while the machine slept\n");
		/* contexts are lost; whatever else there is now goes, too */
		vgpug_mailbox_stop(&vdev->mailbox);
		vgpug_pci_quiesce(to_pci_dev(dev), &vdev->mailbox);
		err = vgpug_mailbox_start(&vdev->mailbox);
		if (!err)
			vgpug_restore(vdev);
	}
	vgpug_sleep_end(to_pci_dev(dev), vdev);
	return err;
}

static DEFINE_SIMPLE_DEV_PM_OPS(vgpug_pci_pm_ops, vgpug_pci_suspend,
				vgpug_pci_resume);

static const struct pci_device_id vgpug_pci_ids[] = {
	{ PCI_DEVICE(VGPU_PCI_VENDOR_ID, VGPU_PCI_DEVICE_ID) },
	{ }
};
MODULE_DEVICE_TABLE(pci, vgpug_pci_ids);

static struct pci_driver vgpug_pci_driver = {
	.name = "vgpu-guest",
	.id_table = vgpug_pci_ids,
	.probe = vgpug_pci_probe,
	.remove = vgpug_pci_remove,
	.shutdown = vgpug_pci_shutdown,
	.err_handler = &vgpug_pci_error_handlers,
	.driver.pm = pm_sleep_ptr(&vgpug_pci_pm_ops),
};

static int __init vgpug_init(void)
{
	int err;

	err = vgpug_bo_register();
	if (err)
		return err;
	err = vgpug_cdev_register();
	if (err)
		goto err_unregister_bo;
	err = pci_register_driver(&vgpug_pci_driver);
	if (err)
		goto err_unregister_cdev;
	return 0;

err_unregister_cdev:
	vgpug_cdev_unregister();
err_unregister_bo:
	vgpug_bo_unregister();
	return err;
}
module_init(vgpug_init);

static void __exit vgpug_exit(void)
{
	pci_unregister_driver(&vgpug_pci_driver);
	vgpug_cdev_unregister();
	vgpug_bo_unregister();
}
module_exit(vgpug_exit);

MODULE_DESCRIPTION("Driver for a vgpu device in a virtual machine");
MODULE_AUTHOR("The vgpu project");
MODULE_LICENSE("GPL");
