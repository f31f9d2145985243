// SPDX-License-Identifier: GPL-2.0
/*
 * The mailbox: a request in the request buffer, a doorbell, an answer in the
 * response buffer.  The slow path, but by the same road as any other: its
 * request becomes a job in the arbiter.
 *
 *	IDLE, DONE, ERROR --doorbell--> BUSY --completion--> DONE or ERROR
 *
 * On the doorbell the whole request is copied: what the guest does to the buffer
 * while the request runs has no effect on it.
 */
#include <linux/bug.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "call.h"
#include "gpu.h"
#include "mailbox.h"
#include "vgpu.h"

static void vgpu_mailbox_job_done(struct vgpu_job *job);

/**
 * vgpu_mailbox_init() - make a mailbox with its initial values
 * @mailbox: the mailbox
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int vgpu_mailbox_init(struct vgpu_mailbox *mailbox)
{
	mailbox->call = kzalloc(sizeof(*mailbox->call), GFP_KERNEL_ACCOUNT);
	if (!mailbox->call)
		return -ENOMEM;
	INIT_LIST_HEAD(&mailbox->call->job.node);
	mailbox->call->job.owner = VGPU_JOB_GUEST;
	mailbox->call->job.done = vgpu_mailbox_job_done;
	spin_lock_init(&mailbox->lock);
	vgpu_mailbox_reset(mailbox);
	return 0;
}

/**
 * vgpu_mailbox_fini() - end a mailbox
 * @mailbox: the mailbox; no request is running
 *
 * Context: may sleep.
 */
void vgpu_mailbox_fini(struct vgpu_mailbox *mailbox)
{
	kfree(mailbox->call);
}

/**
 * vgpu_mailbox_reset() - back to the initial values
 * @mailbox: the mailbox; no request of it is being worked on, and none begins
 *
 * Context: process context; takes @mailbox->lock.
 */
void vgpu_mailbox_reset(struct vgpu_mailbox *mailbox)
{
	spin_lock(&mailbox->lock);
	WARN_ON_ONCE(mailbox->regs.status == VGPU_STATUS_BUSY);
	memset(&mailbox->regs, 0, sizeof(mailbox->regs));
	mailbox->regs.epoch_ns = ktime_get_ns();
	memset(mailbox->request, 0, sizeof(mailbox->request));
	memset(mailbox->response, 0, sizeof(mailbox->response));
	spin_unlock(&mailbox->lock);
}

/* Show the guest how its request ended.  The call is the caller's. */
static void vgpu_mailbox_answer(struct vgpu *vgpu, enum vgpu_error status)
{
	struct vgpu_mailbox *mailbox = &vgpu->mailbox;
	struct vgpu_mailbox_regs *regs = &mailbox->regs;
	struct vgpu_call *call = mailbox->call;
	bool irq;

	call->retry_ns = 0;
	if (status == VGPU_ERR_QUEUE_FULL || status == VGPU_ERR_RATE_LIMITED)
		call->retry_ns = vgpu_arb_retry_ns(&call->job, status);

	spin_lock(&mailbox->lock);
	regs->response_len = vgpu_call_respond(call, status, mailbox->response);
	spin_unlock(&mailbox->lock);

	/* may sleep; and before the guest may ring again and reuse the call */
	vgpu_call_finish(call);

	spin_lock(&mailbox->lock);
	regs->timestamp_ns = ktime_get_ns() - regs->epoch_ns;
	regs->error_code = status;
	regs->status = status ? VGPU_STATUS_ERROR : VGPU_STATUS_DONE;
	regs->irq_status |= VGPU_IRQ_COMPLETE;
	irq = regs->irq_ctrl & VGPU_IRQ_COMPLETE;
	vgpu_job_set_owner(&call->job, VGPU_JOB_GUEST);
	spin_unlock(&mailbox->lock);

	if (irq) {
		vgpu_count(&vgpu->counters, VGPU_COUNT_INTERRUPTS);
		vgpu->raise_irq(vgpu, VGPU_VECTOR_MAILBOX);
	}
}

static void vgpu_mailbox_job_done(struct vgpu_job *job)
{
	struct vgpu_call *call = container_of(job, struct vgpu_call, job);

	vgpu_mailbox_answer(call->vgpu, job->status);
}

static void vgpu_mailbox_doorbell_locked(struct vgpu *vgpu)
{
	struct vgpu_mailbox *mailbox = &vgpu->mailbox;
	struct vgpu_call *call = mailbox->call;
	enum vgpu_error err;
	u32 len;

	lockdep_assert_held(&vgpu->reset_lock);

	spin_lock(&mailbox->lock);
	if (mailbox->regs.status == VGPU_STATUS_BUSY) {
		spin_unlock(&mailbox->lock);
		vgpu_count(&vgpu->counters, VGPU_COUNT_DOORBELL_BUSY);
		return;
	}
	mailbox->regs.status = VGPU_STATUS_BUSY;
	mailbox->regs.error_code = VGPU_ERR_NONE;
	vgpu_job_set_owner(&call->job, VGPU_JOB_QUEUE);
	len = mailbox->regs.request_len;
	memcpy(call->request.bytes, mailbox->request,
	       min_t(u32, len, sizeof(mailbox->request)));
	spin_unlock(&mailbox->lock);

	call->vgpu = vgpu;
	call->job.entity = &vgpu->entity;
	call->job.from.vm_id = vgpu->vm_id;
	call->job.from.queue = VGPU_JOB_FROM_MAILBOX;
	err = vgpu_call_prepare(call, len);
	if (!err)
		err = vgpu_gpu_submit(vgpu->gpu, &call->job);
	if (err) {
		vgpu_stats_reject(&call->job, err);
		vgpu_job_set_owner(&call->job, VGPU_JOB_DONE);
		vgpu_mailbox_answer(vgpu, err);
	}
}

/**
 * vgpu_mailbox_doorbell() - the guest wants its request to be run
 * @vgpu: whose mailbox
 *
 * While a request is running the doorbell is counted and has no other effect.
 * A request that is no good is answered before this returns.
 *
 * Context: may sleep; takes &vgpu.reset_lock.
 */
void vgpu_mailbox_doorbell(struct vgpu *vgpu)
{
	/* so that no request is half submitted while the vGPU is reset */
	mutex_lock(&vgpu->reset_lock);
	vgpu_mailbox_doorbell_locked(vgpu);
	mutex_unlock(&vgpu->reset_lock);
}
