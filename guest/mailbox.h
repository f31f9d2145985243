/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_MAILBOX_H
#define VGPUG_MAILBOX_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include "request.h"

struct device;

/* Requests one client may have waiting and on the device; more are EAGAIN */
#define VGPUG_CLIENT_MAX_REQUESTS	64

/**
 * enum vgpug_mailbox_state - may the device be touched?
 * @VGPUG_MAILBOX_STOPPED: no; requests are queued
 * @VGPUG_MAILBOX_RUNNING: yes
 * @VGPUG_MAILBOX_DEAD: never again; requests are refused with ENODEV
 * @VGPUG_MAILBOX_STATES: how many states there are
 *
 * STOPPED -> RUNNING: vgpug_mailbox_start(); the device is known to be ours.
 * RUNNING -> STOPPED: a reset; what was queued or on the device ends with EIO.
 * any -> DEAD: the device is gone or the driver lets it go; what was queued or
 * on the device ends with ENODEV.
 */
enum vgpug_mailbox_state {
	VGPUG_MAILBOX_STOPPED,
	VGPUG_MAILBOX_RUNNING,
	VGPUG_MAILBOX_DEAD,
	VGPUG_MAILBOX_STATES,
};

/**
 * struct vgpug_client - one source of requests; clients take turns
 *
 * All members are protected by &vgpug_mailbox.lock.
 */
struct vgpug_client {
	/** @node: in &vgpug_mailbox.clients while @requests is not empty */
	struct list_head node;
	/** @requests: queued, oldest first */
	struct list_head requests;
	/** @count: of its callers' requests, queued or on the device */
	unsigned int count;
};

/* What programs may use of what a device has, and the driver for them */
#define VGPUG_FEATURES	(VGPU_FEATURE_QUEUES | VGPU_FEATURE_WAIT | VGPU_FEATURE_TIMESTAMP | \
			 VGPU_FEATURE_RESTORE | VGPU_FEATURE_AGAIN)

/**
 * struct vgpug_identity - what a device says it is
 */
struct vgpug_identity {
	/** @protocol: VGPU_REG_PROTOCOL_VER */
	u32 protocol;
	/** @capabilities: VGPU_REG_CAPABILITIES */
	u32 capabilities;
	/** @vm_id: VGPU_REG_VM_ID */
	u32 vm_id;
	/** @pool_id: VGPU_REG_POOL_ID */
	u32 pool_id;
	/** @priority: VGPU_REG_PRIORITY; the host may change it at any time */
	u32 priority;
};

/**
 * struct vgpug_mailbox - the one request slot of a device, and who waits for it
 *
 * All members behind @lock are protected by it.  It is the only lock of the
 * driver and the only one under which the device's registers are touched.
 */
struct vgpug_mailbox {
	/** @dev: the PCI function, for messages; as @regs */
	struct device *dev;
	/** @regs: BAR0, set before start; used in state RUNNING only */
	void __iomem *regs;
	/** @lost: told, with @lock held, when contexts are lost */
	void (*lost)(struct vgpug_mailbox *mb);
	/** @reset: told likewise, after a reset that nobody told of: it touches no memory now */
	void (*reset)(struct vgpug_mailbox *mb);
	/** @lock: see above */
	struct mutex lock;
	/**
	 * @state: one writer: vgpug_mailbox_set_state_locked().  Waiters for a queue
	 * look at it, and at @generation, without @lock: they are woken afterwards
	 */
	enum vgpug_mailbox_state state;
	/** @generation: of contexts; a reset begins a new one */
	u64 generation;
	/** @asleep: no process runs: no signal ends a wait, and @lost is told later */
	bool asleep;
	/** @untold: @lost has to be told */
	bool untold;
	/** @ctxs: of all open files */
	struct list_head ctxs;
	/** @busy: the slot is taken */
	bool busy;
	/** @slot: by this; NULL if by something that was there before us */
	struct vgpug_request *slot;
	/** @clients: with something queued; the first is next */
	struct list_head clients;
	/** @request_len: what REQUEST_LEN holds; 0: not known */
	u32 request_len;
	/** @written: what the request buffer holds, where @known says so */
	__le64 written[VGPUG_BUF_WORDS];
	/** @known: one bit for each word of @written */
	DECLARE_BITMAP(known, VGPUG_BUF_WORDS);
	/** @features: VGPU_FEATURE_* that are enabled, since the last start */
	u64 features;
	/** @identity: what the device said it is, at the last start */
	struct vgpug_identity identity;
};

void vgpug_client_init(struct vgpug_client *client);
void vgpug_client_fail_locked(struct vgpug_mailbox *mb,
			      struct vgpug_client *client, int error,
			      u32 status);

void vgpug_mailbox_init(struct vgpug_mailbox *mb, struct device *dev,
			void (*lost)(struct vgpug_mailbox *mb),
			void (*reset)(struct vgpug_mailbox *mb));
bool vgpug_mailbox_is_clean(const struct vgpug_mailbox *mb);
int vgpug_mailbox_start(struct vgpug_mailbox *mb);
void vgpug_mailbox_stop(struct vgpug_mailbox *mb);
void vgpug_mailbox_kill(struct vgpug_mailbox *mb);
void vgpug_mailbox_sleep(struct vgpug_mailbox *mb);
void vgpug_mailbox_wake(struct vgpug_mailbox *mb);
void vgpug_mailbox_poll(struct vgpug_mailbox *mb);
int vgpug_mailbox_identify(struct vgpug_mailbox *mb,
			   struct vgpug_identity *identity);

int vgpug_mailbox_enqueue_locked(struct vgpug_mailbox *mb,
				 struct vgpug_client *client,
				 struct vgpug_request *request);
void vgpug_mailbox_dequeue_locked(struct vgpug_mailbox *mb,
				  struct vgpug_request *request);
int vgpug_mailbox_wait(struct vgpug_mailbox *mb, struct vgpug_request *request,
		       unsigned int timeout_ms);

#endif /* VGPUG_MAILBOX_H */
