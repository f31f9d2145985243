// SPDX-License-Identifier: GPL-2.0
/*
 * The mailbox: one request at a time is on the device, the others wait here.
 *
 * Clients (open files) take turns, one request each; the requests of one
 * client are served in order.  Whoever finds the slot free fills it: a caller
 * that enqueues, or the interrupt thread when it has taken an answer.
 *
 * A caller that gives up takes its request back from the queue.  If it is on
 * the device already, the slot stays taken until the device answers: there is
 * no way to recall a request, and a doorbell would be refused.
 *
 * Every access to a register leaves the virtual machine, at a thousand times
 * the price of one to memory.  So the driver remembers what it wrote into the
 * request buffer and writes only what differs, and of a response it reads only
 * what it can't know.
 *
 * Invariants: vgpug_mailbox.slot is owned by the DEVICE and set only while
 * busy; a client is in vgpug_mailbox.clients if and only if it has requests;
 * registers are touched under vgpug_mailbox.lock, in state RUNNING or to get
 * there.
 */
#include <linux/bitmap.h>
#include <linux/device.h>
#include <linux/freezer.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/jiffies.h>
#include <linux/math.h>
#include <linux/sched/signal.h>

#include "mailbox.h"
#include "record.h"

/* A register of a PCI function that is not there any more */
#define VGPUG_GONE	U32_MAX

static const bool
vgpug_mailbox_arcs[VGPUG_MAILBOX_STATES][VGPUG_MAILBOX_STATES] = {
	[VGPUG_MAILBOX_STOPPED] = {
		[VGPUG_MAILBOX_RUNNING] = true,
		[VGPUG_MAILBOX_DEAD] = true,
	},
	[VGPUG_MAILBOX_RUNNING] = {
		[VGPUG_MAILBOX_STOPPED] = true,
		[VGPUG_MAILBOX_DEAD] = true,
	},
};

static void vgpug_mailbox_set_state_locked(struct vgpug_mailbox *mb,
					   enum vgpug_mailbox_state state)
{
	lockdep_assert_held(&mb->lock);
	WARN(!vgpug_mailbox_arcs[mb->state][state],
	     "vgpu-guest: mailbox goes from state %d to %d\n", mb->state,
	     state);
	WRITE_ONCE(mb->state, state);
}

/**
 * vgpug_client_init() - make a source of requests
 * @client: without requests afterwards
 *
 * Context: Any.
 */
void vgpug_client_init(struct vgpug_client *client)
{
	INIT_LIST_HEAD(&client->node);
	INIT_LIST_HEAD(&client->requests);
	client->count = 0;
}

/* Takes a request out of its client's queue; the reference goes to the caller */
static void vgpug_client_remove_locked(struct vgpug_mailbox *mb,
				       struct vgpug_request *request)
{
	lockdep_assert_held(&mb->lock);
	list_del_init(&request->node);
	if (list_empty(&request->client->requests))
		list_del_init(&request->client->node);
}

/* Ends a request that is in no list any more, and drops its reference */
static void vgpug_mailbox_finish_locked(struct vgpug_mailbox *mb,
					struct vgpug_request *request,
					int error, u32 status)
{
	lockdep_assert_held(&mb->lock);
	request->error = error;
	request->status = status;
	request->owner = VGPUG_OWNER_DONE;
	if (!request->done && !request->abandoned)
		request->client->count--;
	complete_all(&request->answered);
	/* Last: it may use the request again */
	if (request->done)
		request->done(request);
	vgpug_request_put(request);
}

/**
 * vgpug_client_fail_locked() - end what a client has queued
 * @mb: its mailbox
 * @client: has nothing queued afterwards that has no context but needs one, and
 *	nothing at all if @error is set; kept by the caller
 * @error: negative errno, or 0
 * @status: enum vgpu_error, if @error is 0
 *
 * Context: Process context, &vgpug_mailbox.lock held.
 */
void vgpug_client_fail_locked(struct vgpug_mailbox *mb,
			      struct vgpug_client *client, int error,
			      u32 status)
{
	struct vgpug_request *request, *next;

	lockdep_assert_held(&mb->lock);
	list_for_each_entry_safe(request, next, &client->requests, node) {
		/* an answer for the context says nothing about the others */
		if (!error && !request->wants_ctx)
			continue;
		vgpug_client_remove_locked(mb, request);
		vgpug_mailbox_finish_locked(mb, request, error, status);
	}
}

/* Takes the request whose turn it is out of its queue.  NULL: none waits. */
static struct vgpug_request *
vgpug_mailbox_next_locked(struct vgpug_mailbox *mb)
{
	struct vgpug_request *request;
	struct vgpug_client *client;

	lockdep_assert_held(&mb->lock);
	client = list_first_entry_or_null(&mb->clients, struct vgpug_client,
					  node);
	if (!client)
		return NULL;
	list_move_tail(&client->node, &mb->clients);
	request = list_first_entry(&client->requests, struct vgpug_request,
				   node);
	vgpug_client_remove_locked(mb, request);
	return request;
}

/*
 * Ends all requests.  No callback enqueues: the state is not RUNNING.  But it
 * may free the client, so each round begins from the mailbox.
 */
static void vgpug_mailbox_fail_all_locked(struct vgpug_mailbox *mb, int error)
{
	struct vgpug_request *request = mb->slot;

	lockdep_assert_held(&mb->lock);
	mb->slot = NULL;
	mb->busy = false;
	if (request)
		vgpug_mailbox_finish_locked(mb, request, error, VGPU_ERR_NONE);
	while ((request = vgpug_mailbox_next_locked(mb)))
		vgpug_mailbox_finish_locked(mb, request, error, VGPU_ERR_NONE);
}

static void vgpug_mailbox_kill_locked(struct vgpug_mailbox *mb)
{
	lockdep_assert_held(&mb->lock);
	if (mb->state == VGPUG_MAILBOX_DEAD)
		return;
	vgpug_mailbox_set_state_locked(mb, VGPUG_MAILBOX_DEAD);
	vgpug_mailbox_fail_all_locked(mb, -ENODEV);
	mb->lost(mb);
}

static void vgpug_mailbox_stop_locked(struct vgpug_mailbox *mb)
{
	lockdep_assert_held(&mb->lock);
	vgpug_mailbox_set_state_locked(mb, VGPUG_MAILBOX_STOPPED);
	WRITE_ONCE(mb->generation, mb->generation + 1);
	vgpug_mailbox_fail_all_locked(mb, -EIO);
	if (mb->asleep)
		mb->untold = true;
	else
		mb->lost(mb);
}

/* Puts a request into the free slot */
static void vgpug_mailbox_send_locked(struct vgpug_mailbox *mb,
				      struct vgpug_request *request)
{
	unsigned int words = DIV_ROUND_UP(request->length, sizeof(__le64));
	unsigned int i;

	lockdep_assert_held(&mb->lock);
	for (i = 0; i < words; i++) {
		if (test_bit(i, mb->known) &&
		    mb->written[i] == request->words[i])
			continue;
		mb->written[i] = request->words[i];
		__set_bit(i, mb->known);
		writeq(le64_to_cpu(request->words[i]),
		       mb->regs + VGPU_REQ_BUF + i * sizeof(__le64));
	}
	if (mb->request_len != request->length) {
		mb->request_len = request->length;
		writel(request->length, mb->regs + VGPU_REG_REQUEST_LEN);
	}

	request->owner = VGPUG_OWNER_DEVICE;
	request->sent = true;
	mb->slot = request;
	mb->busy = true;
	writel(1, mb->regs + VGPU_REG_DOORBELL);
}

/* Fills the slot, if it is free and someone waits */
static void vgpug_mailbox_run_locked(struct vgpug_mailbox *mb)
{
	struct vgpug_request *request;

	lockdep_assert_held(&mb->lock);
	if (mb->state != VGPUG_MAILBOX_RUNNING || mb->busy)
		return;
	request = vgpug_mailbox_next_locked(mb);
	if (request)
		vgpug_mailbox_send_locked(mb, request);
}

static u64 vgpug_mailbox_response_word(struct vgpug_mailbox *mb,
				       unsigned int word)
{
	return readq(mb->regs + VGPU_RESP_BUF + word * sizeof(u64));
}

/*
 * Takes the response to a request that succeeded.  Of its head, version and
 * status are not read: STATUS has said as much.
 */
static int vgpug_mailbox_receive_locked(struct vgpug_mailbox *mb,
					struct vgpug_request *request)
{
	unsigned int word, end;
	u64 counts, sizes;
	int err;

	lockdep_assert_held(&mb->lock);
	word = offsetof(struct vgpu_dev_response, result_count) / sizeof(u64);
	counts = vgpug_mailbox_response_word(mb, word);
	sizes = vgpug_mailbox_response_word(mb, word + 1);
	err = vgpug_request_decode(request, counts, sizes);
	if (err) {
		dev_warn_ratelimited(mb->dev,
				     "the device answered with something that is no response\n");
		return err;
	}

	word = sizeof(struct vgpu_dev_response) / sizeof(u64);
	end = DIV_ROUND_UP(sizeof(struct vgpu_dev_response) +
			   request->result_count * sizeof(__le32), sizeof(u64));
	for (; word < end; word++)
		request->words[word] =
			cpu_to_le64(vgpug_mailbox_response_word(mb, word));
	/* The data may begin in a word that is here already, or after a gap */
	word = max_t(unsigned int, word, request->data_offset / sizeof(u64));
	end = DIV_ROUND_UP(request->data_offset + request->data_length,
			   sizeof(u64));
	for (; word < end; word++)
		request->words[word] =
			cpu_to_le64(vgpug_mailbox_response_word(mb, word));
	return 0;
}

/* When the device thinks that a request it has refused for now may be tried again */
static u32 vgpug_mailbox_retry_us_locked(struct vgpug_mailbox *mb, u32 code)
{
	lockdep_assert_held(&mb->lock);
	if (code != VGPU_ERR_QUEUE_FULL && code != VGPU_ERR_RATE_LIMITED)
		return 0;
	return readl(mb->regs + VGPU_RESP_BUF +
		     offsetof(struct vgpu_dev_response, retry_us));
}

/* The device says it is done with what is in the slot */
static void vgpug_mailbox_answer_locked(struct vgpug_mailbox *mb, u32 status)
{
	struct vgpug_request *request = mb->slot;
	u32 code = VGPU_ERR_NONE;
	int err = 0;

	lockdep_assert_held(&mb->lock);
	mb->slot = NULL;
	mb->busy = false;
	if (!request)
		return;

	request->result_count = 0;
	request->data_length = 0;
	request->exec_time_us = 0;
	request->retry_us = 0;
	if (request->abandoned) {
		err = -ETIMEDOUT;
	} else if (status == VGPU_STATUS_DONE) {
		err = vgpug_mailbox_receive_locked(mb, request);
	} else {
		code = readl(mb->regs + VGPU_REG_ERROR_CODE);
		if (status != VGPU_STATUS_ERROR || code == VGPU_ERR_NONE ||
		    code == VGPUG_GONE)
			err = -EIO;
		else
			request->retry_us = vgpug_mailbox_retry_us_locked(mb, code);
	}
	if (status == VGPU_STATUS_DONE)
		vgpug_record_note(request);
	vgpug_mailbox_finish_locked(mb, request, err, code);
}

/* Reads what the device is.  It may be one that this driver can't use. */
static int vgpug_mailbox_check_locked(struct vgpug_mailbox *mb)
{
	struct vgpug_identity *id = &mb->identity;
	u32 magic;

	lockdep_assert_held(&mb->lock);
	magic = readl(mb->regs + VGPU_REG_EXT_MAGIC);
	if (magic != VGPU_MAGIC) {
		dev_err(mb->dev, "not a vgpu device: magic number is %#x\n",
			magic);
		return -ENODEV;
	}
	id->protocol = readl(mb->regs + VGPU_REG_PROTOCOL_VER);
	if (id->protocol >> 16 != VGPU_PROTOCOL_VERSION >> 16) {
		dev_err(mb->dev, "protocol version %u.%u is not supported\n",
			id->protocol >> 16, id->protocol & 0xffff);
		return -ENODEV;
	}
	id->capabilities = readl(mb->regs + VGPU_REG_CAPABILITIES);
	if (!(id->capabilities & VGPU_CAP_BASIC_REQ) ||
	    !(id->capabilities & VGPU_CAP_INTERRUPT)) {
		dev_err(mb->dev, "no mailbox, or one without interrupt: capabilities are %#x\n",
			id->capabilities);
		return -ENODEV;
	}
	id->vm_id = readl(mb->regs + VGPU_REG_VM_ID);
	id->pool_id = readl(mb->regs + VGPU_REG_POOL_ID);
	return 0;
}

/**
 * vgpug_mailbox_is_clean() - is the device as a reset leaves it?
 * @mb: nobody uses its registers
 *
 * Nothing has been asked of it then, and it touches no memory.  It could not have been
 * brought there by anything but a reset.
 *
 * Context: Process context.
 * Return: true if so.
 */
bool vgpug_mailbox_is_clean(const struct vgpug_mailbox *mb)
{
	return readl(mb->regs + VGPU_REG_STATUS) == VGPU_STATUS_IDLE &&
	       !readl(mb->regs + VGPU_REG_EXT_STATUS);
}

/* A device that refuses has no queues for us; everything else works without. */
static void vgpug_mailbox_enable_locked(struct vgpug_mailbox *mb)
{
	u64 features;

	lockdep_assert_held(&mb->lock);
	mb->features = 0;
	if (readl(mb->regs + VGPU_REG_EXT_RING_ABI) != VGPU_RING_ABI_VERSION)
		return;
	features = lo_hi_readq(mb->regs + VGPU_REG_EXT_FEATURES_LO) & VGPUG_FEATURES;
	lo_hi_writeq(features, mb->regs + VGPU_REG_EXT_ACCEPTED_LO);
	writel(VGPU_EXT_ENABLE, mb->regs + VGPU_REG_EXT_CONTROL);
	if (readl(mb->regs + VGPU_REG_EXT_STATUS) & VGPU_EXT_ENABLED)
		mb->features = features;
	else
		dev_warn(mb->dev, "the device refuses features %#llx\n", features);
}

static int vgpug_mailbox_start_locked(struct vgpug_mailbox *mb)
{
	u32 status;
	int err;

	lockdep_assert_held(&mb->lock);
	err = vgpug_mailbox_check_locked(mb);
	if (err)
		return err;
	/* in use once more: then contexts of before are over, and their memory is given back */
	if (mb->generation && !vgpug_mailbox_is_clean(mb)) {
		dev_err(mb->dev, "the device was not reset\n");
		return -ENODEV;
	}
	vgpug_mailbox_enable_locked(mb);
	mb->request_len = 0;
	bitmap_zero(mb->known, VGPUG_BUF_WORDS);
	/*
	 * Before STATUS is read: a request that a former driver left there
	 * ends either before the read or with an interrupt.
	 */
	writel(VGPU_IRQ_COMPLETE, mb->regs + VGPU_REG_IRQ_CTRL);
	status = readl(mb->regs + VGPU_REG_STATUS);
	if (status == VGPUG_GONE)
		return -ENODEV;
	mb->busy = status == VGPU_STATUS_BUSY;
	vgpug_mailbox_set_state_locked(mb, VGPUG_MAILBOX_RUNNING);
	vgpug_mailbox_run_locked(mb);
	return 0;
}

/* Looks whether the slot has become free; @late: it should have by now */
static void vgpug_mailbox_poll_locked(struct vgpug_mailbox *mb, bool late)
{
	u32 status;

	lockdep_assert_held(&mb->lock);
	if (mb->state != VGPUG_MAILBOX_RUNNING || !mb->busy)
		return;

	status = readl(mb->regs + VGPU_REG_STATUS);
	/* a reset that nobody told us of: the interrupt is off */
	if (late && !(readl(mb->regs + VGPU_REG_IRQ_CTRL) & VGPU_IRQ_COMPLETE) &&
	    status != VGPUG_GONE)
		status = VGPU_STATUS_IDLE;

	switch (status) {
	case VGPU_STATUS_BUSY:
		return;
	case VGPUG_GONE:
		dev_warn(mb->dev, "the device is gone\n");
		vgpug_mailbox_kill_locked(mb);
		return;
	case VGPU_STATUS_IDLE:
		/* Nobody told us, but only a reset makes it forget */
		dev_warn_ratelimited(mb->dev, "the device was reset\n");
		vgpug_mailbox_stop_locked(mb);
		if (vgpug_mailbox_start_locked(mb))
			vgpug_mailbox_kill_locked(mb);
		else
			mb->reset(mb);
		return;
	default:
		vgpug_mailbox_answer_locked(mb, status);
		vgpug_mailbox_run_locked(mb);
	}
}

/**
 * vgpug_mailbox_init() - prepare a mailbox
 * @mb: in state STOPPED afterwards
 * @dev: the PCI function, for messages
 * @lost: see &vgpug_mailbox.lost
 * @reset: see &vgpug_mailbox.reset
 *
 * Context: Process context.
 */
void vgpug_mailbox_init(struct vgpug_mailbox *mb, struct device *dev,
			void (*lost)(struct vgpug_mailbox *mb),
			void (*reset)(struct vgpug_mailbox *mb))
{
	mb->dev = dev;
	mb->lost = lost;
	mb->reset = reset;
	mutex_init(&mb->lock);
	mb->state = VGPUG_MAILBOX_STOPPED;
	INIT_LIST_HEAD(&mb->ctxs);
	INIT_LIST_HEAD(&mb->clients);
}

/**
 * vgpug_mailbox_start() - take the device into use
 * @mb: after vgpug_mailbox_init() or vgpug_mailbox_stop(), else this has no
 *	effect; interrupts can come
 *
 * What was queued meanwhile begins to flow.
 *
 * Context: Process context.  Takes and releases &vgpug_mailbox.lock.
 * Return: 0, or -ENODEV if the device isn't one this driver can use; it said
 *	why.  The state is DEAD then.
 */
int vgpug_mailbox_start(struct vgpug_mailbox *mb)
{
	int err = 0;

	mutex_lock(&mb->lock);
	if (mb->state == VGPUG_MAILBOX_STOPPED)
		err = vgpug_mailbox_start_locked(mb);
	if (err)
		vgpug_mailbox_kill_locked(mb);
	if (mb->state == VGPUG_MAILBOX_DEAD)
		err = -ENODEV;
	mutex_unlock(&mb->lock);
	return err;
}

/**
 * vgpug_mailbox_stop() - leave the device alone until the next start
 * @mb: its requests end with -EIO, and its contexts are lost
 *
 * Context: Process context.  Takes and releases &vgpug_mailbox.lock.
 */
void vgpug_mailbox_stop(struct vgpug_mailbox *mb)
{
	mutex_lock(&mb->lock);
	if (mb->state == VGPUG_MAILBOX_RUNNING)
		vgpug_mailbox_stop_locked(mb);
	mutex_unlock(&mb->lock);
}

/**
 * vgpug_mailbox_kill() - leave the device alone for good
 * @mb: its requests end with -ENODEV, now and in future
 *
 * Registers are the caller's once it has returned.
 *
 * Context: Process context.  Takes and releases &vgpug_mailbox.lock.
 */
void vgpug_mailbox_kill(struct vgpug_mailbox *mb)
{
	mutex_lock(&mb->lock);
	if (mb->state == VGPUG_MAILBOX_RUNNING)
		writel(0, mb->regs + VGPU_REG_IRQ_CTRL);
	vgpug_mailbox_kill_locked(mb);
	mutex_unlock(&mb->lock);
}

/**
 * vgpug_mailbox_sleep() - the machine goes to sleep
 * @mb: its requests are the driver's own until vgpug_mailbox_wake()
 *
 * Context: Process context.  Takes and releases &vgpug_mailbox.lock.
 */
void vgpug_mailbox_sleep(struct vgpug_mailbox *mb)
{
	mutex_lock(&mb->lock);
	mb->asleep = true;
	mutex_unlock(&mb->lock);
}

/**
 * vgpug_mailbox_wake() - processes are about to run again
 * @mb: after vgpug_mailbox_sleep().  They are told of what was lost meanwhile and is still
 *
 * Context: Process context.  Takes and releases &vgpug_mailbox.lock.
 */
void vgpug_mailbox_wake(struct vgpug_mailbox *mb)
{
	mutex_lock(&mb->lock);
	mb->asleep = false;
	if (mb->untold)
		mb->lost(mb);
	mb->untold = false;
	mutex_unlock(&mb->lock);
}

/**
 * vgpug_mailbox_poll() - the device may have answered
 * @mb: does nothing if it hasn't
 *
 * Context: Process context.  Takes and releases &vgpug_mailbox.lock.
 */
void vgpug_mailbox_poll(struct vgpug_mailbox *mb)
{
	mutex_lock(&mb->lock);
	vgpug_mailbox_poll_locked(mb, false);
	mutex_unlock(&mb->lock);
}

/**
 * vgpug_mailbox_identify() - what is this device?
 * @mb: of the device
 * @identity: what it said at start, and its priority now
 *
 * Context: Process context.  Takes and releases &vgpug_mailbox.lock.
 * Return: 0, -EIO during a reset, -ENODEV.
 */
int vgpug_mailbox_identify(struct vgpug_mailbox *mb,
			   struct vgpug_identity *identity)
{
	int err = 0;

	mutex_lock(&mb->lock);
	if (mb->state == VGPUG_MAILBOX_RUNNING) {
		mb->identity.priority = readl(mb->regs + VGPU_REG_PRIORITY);
		*identity = mb->identity;
	} else {
		err = mb->state == VGPUG_MAILBOX_DEAD ? -ENODEV : -EIO;
	}
	mutex_unlock(&mb->lock);
	return err;
}

/**
 * vgpug_mailbox_enqueue_locked() - let a request have its turn
 * @mb: may put it on the device at once
 * @client: whose it is
 * @request: encoded, owned by the caller; afterwards owned by the queue
 *
 * Context: Process context, &vgpug_mailbox.lock held.
 * Return: 0, -EAGAIN if @client has too many, -ENODEV.
 */
int vgpug_mailbox_enqueue_locked(struct vgpug_mailbox *mb,
				 struct vgpug_client *client,
				 struct vgpug_request *request)
{
	lockdep_assert_held(&mb->lock);
	if (mb->state == VGPUG_MAILBOX_DEAD)
		return -ENODEV;
	if (!request->done) {
		if (client->count >= VGPUG_CLIENT_MAX_REQUESTS)
			return -EAGAIN;
		client->count++;
	}

	vgpug_request_get(request);
	request->owner = VGPUG_OWNER_QUEUE;
	request->client = client;
	if (list_empty(&client->requests))
		list_add_tail(&client->node, &mb->clients);
	list_add_tail(&request->node, &client->requests);
	vgpug_mailbox_run_locked(mb);
	return 0;
}

/**
 * vgpug_mailbox_dequeue_locked() - take a request back
 * @mb: where it waits
 * @request: owned by the queue; afterwards owned by the caller
 *
 * Context: Process context, &vgpug_mailbox.lock held.
 */
void vgpug_mailbox_dequeue_locked(struct vgpug_mailbox *mb,
				  struct vgpug_request *request)
{
	lockdep_assert_held(&mb->lock);
	vgpug_client_remove_locked(mb, request);
	request->owner = VGPUG_OWNER_CALLER;
	if (!request->done)
		request->client->count--;
	vgpug_request_put(request);
}

/* The caller goes; the request stays where the device has it */
static void vgpug_mailbox_abandon_locked(struct vgpug_mailbox *mb,
					 struct vgpug_request *request)
{
	lockdep_assert_held(&mb->lock);
	request->abandoned = true;
	request->client->count--;
	/* The client may go too, before the device answers */
	request->client = NULL;
}

/*
 * A wait has ended with @left, as wait_for_completion_..._timeout() has it.  -EAGAIN: not for
 * this request, since the device has it
 */
static int vgpug_mailbox_end_wait(struct vgpug_mailbox *mb, struct vgpug_request *request,
				  long left)
{
	int err;

	if (left > 0)
		return 0;
	mutex_lock(&mb->lock);
	/* An interrupt that got lost must not take the mailbox with it */
	if (!left)
		vgpug_mailbox_poll_locked(mb, true);
	err = left ? -EINTR : -ETIMEDOUT;
	switch (request->owner) {
	case VGPUG_OWNER_QUEUE:
		vgpug_mailbox_dequeue_locked(mb, request);
		break;
	case VGPUG_OWNER_DEVICE:
		if (left && request->patient && !fatal_signal_pending(current))
			err = -EAGAIN;
		else
			vgpug_mailbox_abandon_locked(mb, request);
		break;
	default:
		err = 0;
	}
	mutex_unlock(&mb->lock);
	return err;
}

/**
 * vgpug_mailbox_wait() - wait until a request is done
 * @mb: where it was enqueued
 * @request: owned by the caller afterwards; or, if this fails and it was on
 *	the device, still by the device, and not to be looked at
 * @timeout_ms: longest wait; begins anew after a signal that doesn't end it
 *
 * Context: Process context, may sleep.  Takes and releases &vgpug_mailbox.lock.
 * Return: 0 if it is done (its own error may tell more), -ETIMEDOUT, -EINTR.
 */
int vgpug_mailbox_wait(struct vgpug_mailbox *mb, struct vgpug_request *request,
		       unsigned int timeout_ms)
{
	long left;
	int err;

	left = wait_for_completion_interruptible_timeout(&request->answered,
							 msecs_to_jiffies(timeout_ms));
	/* a signal to whoever had the machine sleep or wake up */
	if (left < 0 && READ_ONCE(mb->asleep))
		left = wait_for_completion_timeout(&request->answered,
						   msecs_to_jiffies(timeout_ms));
	/* no signal, but a sleep of the machine: that waits, and the answer isn't lost */
	if (left < 0 && freezing(current))
		left = wait_for_completion_killable_timeout(&request->answered,
							    msecs_to_jiffies(timeout_ms));
	err = vgpug_mailbox_end_wait(mb, request, left);
	if (err != -EAGAIN)
		return err;
	left = wait_for_completion_killable_timeout(&request->answered,
						    msecs_to_jiffies(timeout_ms));
	return vgpug_mailbox_end_wait(mb, request, left);
}
