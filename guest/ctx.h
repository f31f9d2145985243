/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_CTX_H
#define VGPUG_CTX_H

#include <linux/kref.h>
#include <linux/types.h>

#include "mailbox.h"
#include "object.h"
#include "record.h"

struct device;

/**
 * enum vgpug_ctx_state - has the device a context for this open file?
 * @VGPUG_CTX_NONE: no
 * @VGPUG_CTX_CREATING: it has been asked for one
 * @VGPUG_CTX_READY: yes; lost if the mailbox is in a later generation
 *
 * NONE -> CREATING: the first request that needs it.
 * CREATING -> READY: the device gave one.
 * CREATING -> NONE: it refused, was reset, or the file was closed in time.
 */
enum vgpug_ctx_state {
	VGPUG_CTX_NONE,
	VGPUG_CTX_CREATING,
	VGPUG_CTX_READY,
};

/**
 * struct vgpug_ctx - an open file: a client of the mailbox with, from the
 *	first request that needs it, a context on the device
 *
 * Members behind @client but @objects are protected by &vgpug_mailbox.lock.
 */
struct vgpug_ctx {
	/** @ref: the file holds one, and @own one while in the mailbox */
	struct kref ref;
	/** @dev: kept, so that @mb stays */
	struct device *dev;
	/** @mb: constant */
	struct vgpug_mailbox *mb;
	/** @own: creates the context and, later, destroys it */
	struct vgpug_request *own;
	/** @client: its turn in the mailbox */
	struct vgpug_client client;
	/** @state: see the enum */
	enum vgpug_ctx_state state;
	/** @node: in &vgpug_mailbox.ctxs, until the file is closed */
	struct list_head node;
	/** @sleep_node: in &vgpug_sleep.ctxs, with a reference; whose driver it is */
	struct list_head sleep_node;
	/** @closed: the file is gone */
	bool closed;
	/** @lost: for good: it could not be saved, or made again */
	bool lost;
	/** @id: the device's number for it, if READY */
	u32 id;
	/** @generation: of the mailbox, when it became READY */
	u64 generation;
	/** @released: the device has nothing of it: said so of the context, or was reset */
	bool released;
	/** @objects: what it has on the device, and behind it */
	struct vgpug_objects objects;
	/** @records: what else it has */
	struct vgpug_records records;
};

struct vgpug_ctx *vgpug_ctx_create(struct device *dev,
				   struct vgpug_mailbox *mb);
int vgpug_ctx_submit(struct vgpug_ctx *ctx, struct vgpug_request *request,
		     bool needs_ctx);
int vgpug_ctx_run(struct vgpug_ctx *ctx, struct vgpug_request *request,
		  bool needs_ctx, u32 timeout_ms);
int vgpug_ctx_lost(struct vgpug_ctx *ctx);
bool vgpug_ctx_is_there_locked(const struct vgpug_ctx *ctx);
int vgpug_ctx_renew(struct vgpug_ctx *ctx);
void vgpug_ctx_give_up(struct vgpug_ctx *ctx);
void vgpug_ctx_get(struct vgpug_ctx *ctx);
void vgpug_ctx_put(struct vgpug_ctx *ctx);
void vgpug_ctx_close(struct vgpug_ctx *ctx);

#endif /* VGPUG_CTX_H */
