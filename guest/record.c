// SPDX-License-Identifier: GPL-2.0
/*
 * What there is on the device because a program asked for it by VGPU_IOC_REQUEST: the
 * request is kept for as long as what it has made, so that it can be made once more.
 *
 * Noted in the order in which the device answers, under the mailbox's lock, also if
 * nobody waits for the answer any more.  What was made and not seen by anybody is not
 * noted: nobody can name it.
 */
#include <linux/align.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "record.h"
#include "request.h"

static int vgpug_record_compare(u32 opcode, u32 handle, const struct rb_node *node)
{
	const struct vgpug_record *record = rb_entry(node, struct vgpug_record, node);

	if (opcode != record->opcode)
		return opcode < record->opcode ? -1 : 1;
	if (handle != record->handle)
		return handle < record->handle ? -1 : 1;
	return 0;
}

static int vgpug_record_compare_nodes(struct rb_node *new, const struct rb_node *node)
{
	const struct vgpug_record *record = rb_entry(new, struct vgpug_record, node);

	return vgpug_record_compare(record->opcode, record->handle, node);
}

/**
 * struct vgpug_record_key - what a record is found by
 * @opcode: &vgpug_record.opcode
 * @handle: &vgpug_record.handle
 */
struct vgpug_record_key {
	u32 opcode;
	u32 handle;
};

static int vgpug_record_compare_key(const void *key, const struct rb_node *node)
{
	const struct vgpug_record_key *k = key;

	return vgpug_record_compare(k->opcode, k->handle, node);
}

static struct vgpug_record *vgpug_record_find(const struct vgpug_records *records, u32 opcode,
					      u32 handle)
{
	const struct vgpug_record_key key = { opcode, handle };

	return rb_entry_safe(rb_find(&key, &records->made, vgpug_record_compare_key),
			     struct vgpug_record, node);
}

/* Without the context, and a wish for a handle, which may follow and is known by then */
static u32 vgpug_record_nparams(u32 opcode)
{
	switch (opcode) {
	case VGPU_OP_BO_CREATE:
		return 2;
	case VGPU_OP_MODULE_BUILD:
		return 11;
	default:
		return 1;
	}
}

static void vgpug_record_erase(struct vgpug_records *records, struct vgpug_record *record)
{
	rb_erase(&record->node, &records->made);
	kfree(record);
}

/**
 * vgpug_records_fini() - forget everything
 * @records: of a file that is closed, and whose requests are answered
 *
 * Context: Any.
 */
void vgpug_records_fini(struct vgpug_records *records)
{
	struct vgpug_record *record, *next;

	rbtree_postorder_for_each_entry_safe(record, next, &records->made, node)
		kfree(record);
	records->made = RB_ROOT;
}

/**
 * vgpug_record_next() - go through everything in order
 * @records: of an open file; nothing is made or ended meanwhile
 * @record: one of them, or NULL
 *
 * Context: Any.
 * Return: the one behind @record, or the first; NULL if there is none.
 */
struct vgpug_record *vgpug_record_next(const struct vgpug_records *records,
				       const struct vgpug_record *record)
{
	struct rb_node *node = record ? rb_next(&record->node) : rb_first(&records->made);

	return rb_entry_safe(node, struct vgpug_record, node);
}

/**
 * vgpug_record_made_by() - if a request succeeds, it will have made something
 * @records: of its file
 * @request: complete, but for the context; owned by the caller
 *
 * Context: Process context.
 * Return: 0 or -ENOMEM.
 */
int vgpug_record_made_by(struct vgpug_records *records, struct vgpug_request *request)
{
	u32 opcode = le32_to_cpu(request->head.opcode);
	u32 length = le32_to_cpu(request->head.data_length);
	u32 nparams = vgpug_record_nparams(opcode);
	struct vgpug_record *record;

	record = kzalloc(struct_size(record, words, nparams) + length, GFP_KERNEL_ACCOUNT);
	if (!record)
		return -ENOMEM;
	record->opcode = opcode;
	record->nparams = nparams;
	record->length = length;
	/* if it has fewer parameters these are no words of it, but then it fails */
	memcpy(record->words, vgpug_request_params(request) + 1, nparams * sizeof(__le32));
	memcpy(record->words + nparams, vgpug_request_data(request), length);
	request->records = records;
	request->record = record;
	return 0;
}

/**
 * vgpug_record_ended_by() - if a request succeeds, something will be no more
 * @records: of its file
 * @request: complete, but for the context; owned by the caller
 * @opcode: of what has made it; the handle is the first parameter
 *
 * Context: Any.
 */
void vgpug_record_ended_by(struct vgpug_records *records, struct vgpug_request *request,
			   u32 opcode)
{
	request->records = records;
	request->ends = opcode;
	request->ends_handle = le32_to_cpu(vgpug_request_params(request)[1]);
}

static void vgpug_record_note_made(struct vgpug_request *request)
{
	struct vgpug_records *records = request->records;
	struct vgpug_record *record = request->record;
	struct rb_node *old;

	record->handle = le32_to_cpu(*vgpug_request_results(request));
	old = rb_find_add(&record->node, &records->made, vgpug_record_compare_nodes);
	if (old) {
		/* the device knows better */
		rb_replace_node(old, &record->node, &records->made);
		kfree(rb_entry(old, struct vgpug_record, node));
	}
	request->record = NULL;
}

static void vgpug_record_note_ended(struct vgpug_request *request)
{
	struct vgpug_records *records = request->records;
	struct vgpug_record *record, *next;

	record = vgpug_record_find(records, request->ends, request->ends_handle);
	/* the handles of modules are the same, however they were made */
	if (!record && request->ends == VGPU_OP_MODULE_LOAD)
		record = vgpug_record_find(records, VGPU_OP_MODULE_BUILD, request->ends_handle);
	/* while the machine sleeps restore.c has it, which ends only what is its own */
	if (record && !record->content)
		vgpug_record_erase(records, record);
	if (request->ends != VGPU_OP_MODULE_LOAD)
		return;
	/* the kernels of a module end with it */
	for (record = vgpug_record_next(records, NULL); record; record = next) {
		next = vgpug_record_next(records, record);
		if (record->opcode == VGPU_OP_KERNEL_GET &&
		    le32_to_cpu(record->words[0]) == request->ends_handle)
			vgpug_record_erase(records, record);
	}
}

/**
 * vgpug_record_note() - a request has succeeded
 * @request: answered; of one that nobody waits for, without the results
 *
 * Context: Process context, &vgpug_mailbox.lock held.
 */
void vgpug_record_note(struct vgpug_request *request)
{
	if (!request->records)
		return;
	if (request->record && request->result_count)
		vgpug_record_note_made(request);
	else if (request->ends)
		vgpug_record_note_ended(request);
}

/**
 * vgpug_record_bytes() - the size of a buffer object
 * @record: of one
 *
 * Context: Any.
 * Return: bytes, rounded up as the device does.
 */
u64 vgpug_record_bytes(const struct vgpug_record *record)
{
	return ALIGN((u64)le32_to_cpu(record->words[1]) << 32 | le32_to_cpu(record->words[0]),
		     VGPU_BO_ALIGN);
}
