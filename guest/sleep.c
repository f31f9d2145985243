// SPDX-License-Identifier: GPL-2.0
/*
 * The machine's sleep.  Processes are frozen by then, so nothing new comes; what is on
 * the device ends, and then it touches neither memory nor interrupts.  What it has stays
 * as it is, for whoever wakes up with the same device.
 *
 * Whether it is the same says the SCRATCH register: a number of chance is written there
 * and a reset clears it.  (A flag would not do.  After hibernation another kernel, which
 * has loaded this one, may have had the device and set the same flag.)
 *
 * The rings are the process's.  What it writes there can make a sleep fail, not more.
 */
#include <linux/jiffies.h>
#include <linux/pci.h>
#include <linux/random.h>
#include <linux/vgpu_dev.h>

#include "cdev.h"
#include "queue.h"
#include "sleep.h"

/* For all that is under way; who asks for sleep waits as long */
#define VGPUG_SLEEP_TIMEOUT	(10 * HZ)

static int vgpug_sleep_drain_queues(struct pci_dev *pdev, struct vgpug_queues *queues,
				    unsigned long end)
{
	void __iomem *doorbells;
	u32 id;
	int err = 0;

	doorbells = pci_iomap(pdev, 2, VGPU_BAR2_SIZE);
	if (!doorbells)
		return -ENOMEM;
	/* one that waits for another may go on when that has ended */
	while (!err && vgpug_queues_find_busy(queues, &id)) {
		/* perhaps the process was about to */
		writel(0, doorbells + VGPU_BAR2_DOORBELL(id));
		err = vgpug_queues_drain(queues, id, end);
		if (err)
			dev_err(&pdev->dev, "jobs of queue %u don't end: no sleep\n", id);
	}
	pci_iounmap(pdev, doorbells);
	return err;
}

/**
 * vgpug_sleep_begin() - let what is under way end, and mark the device
 * @pdev: enabled
 * @vdev: no process runs
 *
 * If this fails all goes on as before.
 *
 * Context: Process context, may sleep.
 * Return: 0; -ETIMEDOUT if something takes too long; -EBUSY; -ENOMEM.
 */
int vgpug_sleep_begin(struct pci_dev *pdev, struct vgpug_device *vdev)
{
	unsigned long end = jiffies + VGPUG_SLEEP_TIMEOUT;
	int err;

	err = vgpug_mailbox_drain(&vdev->mailbox, end);
	if (err) {
		dev_err(&pdev->dev, "a request doesn't end: no sleep\n");
		return err;
	}
	err = vgpug_sleep_drain_queues(pdev, &vdev->queues, end);
	if (err)
		return err;
	/* not 0: that is what a reset writes */
	vdev->sleep_mark = get_random_u32() | 1;
	if (!vgpug_mailbox_write_scratch(&vdev->mailbox, vdev->sleep_mark))
		vdev->sleep_mark = 0;
	return 0;
}

/**
 * vgpug_sleep_end() - is the device what it was?
 * @vdev: after vgpug_sleep_begin()
 *
 * Context: Process context.
 * Return: true if so, or if it was not in use then; false if it was reset, or is gone.
 */
bool vgpug_sleep_end(struct vgpug_device *vdev)
{
	return !vdev->sleep_mark ||
	       vgpug_mailbox_read_scratch(&vdev->mailbox) == vdev->sleep_mark;
}
