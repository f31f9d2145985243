/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VGPUG_RECORD_H
#define VGPUG_RECORD_H

#include <linux/rbtree.h>
#include <linux/types.h>

struct vgpug_bo;
struct vgpug_request;

/* Of a request that makes something, without the context and the wish for a handle */
#define VGPUG_RECORD_MAX_PARAMS	11

/**
 * struct vgpug_records - what requests of an open file have made on the device
 *
 * Protected by &vgpug_mailbox.lock.  While the machine sleeps nothing is made or ended.
 */
struct vgpug_records {
	/** @made: &struct vgpug_record by opcode, then handle */
	struct rb_root made;
};

/**
 * struct vgpug_record - a request that has made something which is there still
 *
 * In the order of opcodes nothing needs what comes later.
 */
struct vgpug_record {
	/** @node: in &vgpug_records.made */
	struct rb_node node;
	/** @opcode: VGPU_OP_BO_CREATE, _MODULE_BUILD, _MODULE_LOAD or _KERNEL_GET */
	u32 opcode;
	/** @handle: the device's answer */
	u32 handle;
	/** @content: of a buffer object, while the machine sleeps; or NULL */
	struct vgpug_bo **content;
	/** @pieces: of @content */
	u32 pieces;
	/** @nparams: parameters of the request, up to VGPUG_RECORD_MAX_PARAMS */
	u32 nparams;
	/** @length: bytes of its data */
	u32 length;
	/** @words: the parameters, and the data behind them */
	__le32 words[];
};

void vgpug_records_fini(struct vgpug_records *records);
struct vgpug_record *vgpug_record_next(const struct vgpug_records *records,
				       const struct vgpug_record *record);
int vgpug_record_made_by(struct vgpug_records *records, struct vgpug_request *request);
void vgpug_record_ended_by(struct vgpug_records *records, struct vgpug_request *request,
			   u32 opcode);
void vgpug_record_note(struct vgpug_request *request);

u64 vgpug_record_bytes(const struct vgpug_record *record);

#endif /* VGPUG_RECORD_H */
