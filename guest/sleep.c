// SPDX-License-Identifier: GPL-2.0
/*
 * The machine's sleep.  Processes are frozen by then, so nothing new comes; what is on
 * the device ends, and then it touches neither memory nor interrupts.  What it has stays
 * as it is, for whoever wakes up with the same device; restore.c brings it back on one
 * that was reset.
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
#include "mailbox.h"
#include "queue.h"
#include "restore.h"
#include "sleep.h"

/* What the device works on, with a reference, or NULL; @busy: or has to yet */
static struct vgpug_request *vgpug_sleep_get_slot(struct vgpug_mailbox *mb, bool *busy)
{
	struct vgpug_request *request;

	mutex_lock(&mb->lock);
	request = mb->slot;
	if (request)
		vgpug_request_get(request);
	*busy = mb->state == VGPUG_MAILBOX_RUNNING && (mb->busy || !list_empty(&mb->clients));
	mutex_unlock(&mb->lock);
	return request;
}

static int vgpug_sleep_drain_mailbox(struct vgpug_mailbox *mb, unsigned long end)
{
	struct vgpug_request *request;
	unsigned long now;
	bool busy;

	while ((request = vgpug_sleep_get_slot(mb, &busy))) {
		now = jiffies;
		if (time_before(now, end))
			wait_for_completion_timeout(&request->answered, end - now);
		vgpug_request_put(request);
		if (!time_before(jiffies, end))
			return -ETIMEDOUT;
	}
	/* at something that was there before us */
	return busy ? -EBUSY : 0;
}

static int vgpug_sleep_drain_queues(struct vgpug_device *vdev, unsigned long end)
{
	struct vgpug_queues *queues = &vdev->queues;
	struct vgpug_queue *queue;
	int err = 0;

	/* one that waits for another may go on when that has ended */
	while (!err && (queue = vgpug_queues_find_busy(queues))) {
		/* perhaps the process was about to */
		writel(0, vdev->sleep.doorbells + VGPU_BAR2_DOORBELL(queue->id));
		err = vgpug_queues_drain(queues, queue, end);
		if (err)
			dev_err(vdev->dev.parent, "jobs of queue %u don't end: no sleep\n",
				queue->id);
		vgpug_queue_put(queue);
	}
	return err;
}

static int vgpug_sleep_drain(struct vgpug_device *vdev)
{
	unsigned long end = jiffies + VGPUG_SLEEP_TIMEOUT;
	int err;

	err = vgpug_sleep_drain_mailbox(&vdev->mailbox, end);
	if (err) {
		dev_err(vdev->dev.parent, "a request doesn't end: no sleep\n");
		return err;
	}
	return vgpug_sleep_drain_queues(vdev, end);
}

/**
 * vgpug_sleep_begin() - let what is under way end, save what there is, mark the device
 * @pdev: enabled
 * @vdev: no process runs
 *
 * If this fails all goes on as before; else vgpug_sleep_end() has to follow.
 *
 * Context: Process context, may sleep.  Takes and releases &vgpug_mailbox.lock.
 * Return: 0; -ETIMEDOUT if something takes too long; -EBUSY; -ENOMEM; or as
 * vgpug_restore_save().
 */
int vgpug_sleep_begin(struct pci_dev *pdev, struct vgpug_device *vdev)
{
	struct vgpug_mailbox *mb = &vdev->mailbox;
	int err;

	vdev->sleep.mark = 0;
	vdev->sleep.doorbells = pci_iomap(pdev, 2, VGPU_BAR2_SIZE);
	if (!vdev->sleep.doorbells)
		return -ENOMEM;
	vgpug_mailbox_sleep(mb);
	err = vgpug_sleep_drain(vdev);
	if (!err) {
		err = vgpug_restore_save(vdev);
		/* the end of what could not be */
		if (!err)
			err = vgpug_sleep_drain_mailbox(mb, jiffies + VGPUG_SLEEP_TIMEOUT);
		if (err)
			dev_err(vdev->dev.parent, "can't be saved, error %d: no sleep\n", err);
	}
	if (err) {
		vgpug_sleep_end(pdev, vdev);
		return err;
	}
	mutex_lock(&mb->lock);
	if (mb->state == VGPUG_MAILBOX_RUNNING) {
		/* not 0: that is what a reset writes */
		vdev->sleep.mark = get_random_u32() | 1;
		writel(vdev->sleep.mark, mb->regs + VGPU_REG_SCRATCH);
	}
	mutex_unlock(&mb->lock);
	return 0;
}

/**
 * vgpug_sleep_is_same() - is the device what it was?
 * @vdev: after vgpug_sleep_begin()
 *
 * Context: Process context.  Takes and releases &vgpug_mailbox.lock.
 * Return: true if so, or if it was not in use then; false if it was reset, or is gone.
 */
bool vgpug_sleep_is_same(struct vgpug_device *vdev)
{
	struct vgpug_mailbox *mb = &vdev->mailbox;
	bool same;

	mutex_lock(&mb->lock);
	same = !vdev->sleep.mark ||
	       (mb->state == VGPUG_MAILBOX_RUNNING &&
		readl(mb->regs + VGPU_REG_SCRATCH) == vdev->sleep.mark);
	mutex_unlock(&mb->lock);
	return same;
}

/**
 * vgpug_sleep_end() - processes are about to run again, or the device has gone
 * @pdev: as for vgpug_sleep_begin()
 * @vdev: likewise; what was lost and not restored they are told of
 *
 * Context: Process context, may sleep.  Takes and releases &vgpug_mailbox.lock.
 */
void vgpug_sleep_end(struct pci_dev *pdev, struct vgpug_device *vdev)
{
	vgpug_restore_drop(vdev);
	pci_iounmap(pdev, vdev->sleep.doorbells);
	vdev->sleep.doorbells = NULL;
	vgpug_mailbox_wake(&vdev->mailbox);
}
