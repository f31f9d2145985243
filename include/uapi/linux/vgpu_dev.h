/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Device ABI of a vGPU: what a guest driver, or a program that maps BAR0 by
 * hand, needs to know, and nothing else.  Documentation/device-abi.rst tells
 * the protocol in prose.
 *
 * All fields are little-endian 32-bit words unless said otherwise.  BAR0
 * 0x000-0x83f is the published layout of the mailbox system this project
 * descends from and does not change; everything new lives at 0x840 and above,
 * in opcodes from 0x10 and in error codes from 0x0c.
 */
#ifndef _UAPI_LINUX_VGPU_DEV_H
#define _UAPI_LINUX_VGPU_DEV_H

#include <linux/types.h>

/* PCI identity.  0x10f0 is in the range Red Hat leaves for experiments. */
#define VGPU_PCI_VENDOR_ID		0x1af4
#define VGPU_PCI_DEVICE_ID		0x10f0
#define VGPU_PCI_SUBSYS_VENDOR_ID	0x1af4
#define VGPU_PCI_SUBSYS_ID		0x0001
#define VGPU_PCI_REVISION		0x01
#define VGPU_PCI_CLASS			0x120000	/* processing accelerator */

/* Regions */
#define VGPU_BAR0_SIZE			0x1000		/* registers and mailbox */
#define VGPU_MAX_QUEUES			16
#define VGPU_BAR2_SIZE			(VGPU_MAX_QUEUES * 0x1000) /* doorbell pages */
#define VGPU_BAR4_SIZE			0x2000		/* MSI-X table and PBA */
#define VGPU_BAR4_MSIX_TABLE		0x0000
#define VGPU_BAR4_MSIX_PBA		0x1000
#define VGPU_MSI_VECTORS		1
#define VGPU_MSIX_VECTORS		(VGPU_MAX_QUEUES + 1)
/* MSI-X vector 0: mailbox, and whatever is not a queue's.  MSI has this one for all */
#define VGPU_VECTOR_MAILBOX		0
#define VGPU_VECTOR_QUEUE(n)		(1 + (n))
/* Doorbell of queue n, in BAR2: any word written there */
#define VGPU_BAR2_DOORBELL(n)		((n) * 0x1000)

/* Vendor-specific PCI capability: lets a tool see the ABI without touching a BAR */
#define VGPU_PCI_VNDR_LEN		16	/* u8: length, at capability + 2 */
#define VGPU_PCI_VNDR_TYPE		0x01	/* u8: at capability + 3 */
#define VGPU_PCI_VNDR_MAGIC		4	/* u32: offset of VGPU_MAGIC in it */
#define VGPU_PCI_VNDR_ABI		8	/* u32: offset of VGPU_PROTOCOL_VERSION */
#define VGPU_PCI_VNDR_RING_ABI		12	/* u32: offset of VGPU_RING_ABI_VERSION */

#define VGPU_MAGIC			0x55504756U	/* "VGPU" in memory order */
#define VGPU_PROTOCOL_VERSION		0x00010000U	/* major << 16 | minor */
/*
 * Of the head of a request and of a response: their format, which every protocol
 * version 1.x shares.  A later minor adds opcodes and registers, which a guest
 * finds out about by VGPU_REG_PROTOCOL_VER.
 */
#define VGPU_HEAD_VERSION		0x00010000U
#define VGPU_RING_ABI_VERSION		1U		/* 0 would be: no rings */

/* BAR0 registers */
#define VGPU_REG_DOORBELL		0x000	/* wo: any value submits; reads 0 */
#define VGPU_REG_STATUS			0x004	/* ro: enum vgpu_status */
#define VGPU_REG_POOL_ID		0x008	/* ro: the GPU, 'A' upwards */
#define VGPU_REG_PRIORITY		0x00c	/* ro: enum vgpu_priority */
#define VGPU_REG_VM_ID			0x010	/* ro: assigned by the host */
#define VGPU_REG_ERROR_CODE		0x014	/* ro: enum vgpu_error, valid if STATUS is ERROR */
#define VGPU_REG_REQUEST_LEN		0x018	/* rw: bytes, header included */
#define VGPU_REG_RESPONSE_LEN		0x01c	/* ro: bytes, header included */
#define VGPU_REG_PROTOCOL_VER		0x020	/* ro: VGPU_PROTOCOL_VERSION */
#define VGPU_REG_CAPABILITIES		0x024	/* ro: VGPU_CAP_* */
#define VGPU_REG_IRQ_CTRL		0x028	/* rw: VGPU_IRQ_* to be signalled */
#define VGPU_REG_IRQ_STATUS		0x02c	/* rw1c: VGPU_IRQ_* that happened */
#define VGPU_REG_REQUEST_ID		0x030	/* rw: the guest's own number for a request */
#define VGPU_REG_TIMESTAMP_LO		0x034	/* ro: last completion, ns since reset */
#define VGPU_REG_TIMESTAMP_HI		0x038	/* ro */
#define VGPU_REG_SCRATCH		0x03c	/* rw: no effect */
#define VGPU_REG_END			0x040
#define VGPU_REQ_BUF			0x040	/* rw: request buffer */
#define VGPU_REQ_BUF_SIZE		0x400
#define VGPU_RESP_BUF			0x440	/* ro: response buffer */
#define VGPU_RESP_BUF_SIZE		0x400
/* Extension block; what is not named reads 0 and ignores writes */
#define VGPU_REG_EXT_MAGIC		0x840	/* ro: VGPU_MAGIC */
#define VGPU_REG_EXT_RING_ABI		0x844	/* ro: VGPU_RING_ABI_VERSION */
#define VGPU_REG_EXT_FEATURES_LO	0x848	/* ro: VGPU_FEATURE_* the device has */
#define VGPU_REG_EXT_FEATURES_HI	0x84c	/* ro */
#define VGPU_REG_EXT_ACCEPTED_LO	0x850	/* rw until enabled: those the guest uses */
#define VGPU_REG_EXT_ACCEPTED_HI	0x854	/* rw until enabled */
#define VGPU_REG_EXT_CONTROL		0x858	/* rw: VGPU_EXT_ENABLE, until a reset */
#define VGPU_REG_EXT_STATUS		0x85c	/* ro: VGPU_EXT_* */

/* VGPU_REG_CAPABILITIES */
#define VGPU_CAP_BASIC_REQ		(1U << 0)	/* mailbox */
#define VGPU_CAP_INTERRUPT		(1U << 1)	/* mailbox completion raises an interrupt */

/*
 * VGPU_REG_EXT_FEATURES, VGPU_REG_EXT_ACCEPTED: 64 bits each.  What a feature adds is
 * VGPU_ERR_UNSUPPORTED_OP until the guest has accepted the feature and has enabled what
 * it accepted.
 */
#define VGPU_FEATURE_QUEUES		(1ULL << 0)	/* opcodes from 0x19 on */
#define VGPU_FEATURE_WAIT		(1ULL << 1)	/* VGPU_SQE_WAIT in queues */
#define VGPU_FEATURE_TIMESTAMP		(1ULL << 2)	/* VGPU_SQE_TIMESTAMP in queues */
#define VGPU_FEATURE_RESTORE		(1ULL << 3)	/* objects get the handles they had */
#define VGPU_FEATURE_AGAIN		(1ULL << 4)	/* VGPU_SQE_AGAIN in queues */

/* VGPU_REG_EXT_CONTROL */
#define VGPU_EXT_ENABLE			(1U << 0)	/* what was accepted holds */

/* VGPU_REG_EXT_STATUS */
#define VGPU_EXT_ENABLED		(1U << 0)	/* it does, until a reset */
#define VGPU_EXT_REFUSED		(1U << 1)	/* it has what the device has not */

/* VGPU_REG_IRQ_CTRL, VGPU_REG_IRQ_STATUS */
#define VGPU_IRQ_COMPLETE		(1U << 0)	/* STATUS became DONE or ERROR */

/**
 * enum vgpu_status - VGPU_REG_STATUS
 * @VGPU_STATUS_IDLE: no request since reset
 * @VGPU_STATUS_BUSY: a request is being worked on; a doorbell is refused
 * @VGPU_STATUS_DONE: the last request succeeded, the response buffer is valid
 * @VGPU_STATUS_ERROR: the last request failed, see VGPU_REG_ERROR_CODE
 */
enum vgpu_status {
	VGPU_STATUS_IDLE = 0,
	VGPU_STATUS_BUSY = 1,
	VGPU_STATUS_DONE = 2,
	VGPU_STATUS_ERROR = 3,
};

/**
 * enum vgpu_priority - VGPU_REG_PRIORITY
 * @VGPU_PRIORITY_LOW: below the others
 * @VGPU_PRIORITY_MEDIUM: the default
 * @VGPU_PRIORITY_HIGH: before the others
 */
enum vgpu_priority {
	VGPU_PRIORITY_LOW = 0,
	VGPU_PRIORITY_MEDIUM = 1,
	VGPU_PRIORITY_HIGH = 2,
};

/**
 * enum vgpu_error - VGPU_REG_ERROR_CODE and &struct vgpu_dev_response.status
 * @VGPU_ERR_NONE: success
 * @VGPU_ERR_INVALID_REQUEST: version, flags, a reserved field, a count, an
 *	offset or the number of parameters is wrong; a length or count is 0 or
 *	not aligned; an argument is not of its type; or source and destination
 *	overlap
 * @VGPU_ERR_TOO_LARGE: VGPU_REG_REQUEST_LEN above the request buffer's size, or
 *	a VGPU_OP_BO_READ of more than fits into a response
 * @VGPU_ERR_BACKEND_UNAVAILABLE: nobody drives the GPU at present; try again later
 * @VGPU_ERR_TIMEOUT: aborted by the watchdog
 * @VGPU_ERR_GPU: the GPU failed to run the job
 * @VGPU_ERR_INVALID_POOL: no such GPU
 * @VGPU_ERR_QUEUE_FULL: too many jobs of this vGPU wait; try again later
 * @VGPU_ERR_UNSUPPORTED_OP: unknown opcode, or unknown built-in kernel, or of a
 *	feature that is not enabled
 * @VGPU_ERR_INVALID_LENGTH: VGPU_REG_REQUEST_LEN is 0 or below the header's size
 * @VGPU_ERR_RATE_LIMITED: over the vGPU's rate; try again later
 * @VGPU_ERR_QUARANTINED: the vGPU is quarantined
 * @VGPU_ERR_NO_MEMORY: the vGPU's memory quota, its number of objects, or the
 *	GPU's memory is spent
 * @VGPU_ERR_BAD_HANDLE: no such context, or no such object in this context
 * @VGPU_ERR_OUT_OF_RANGE: an offset and length cross the end of a buffer object
 * @VGPU_ERR_CANCELED: not done, or not wholly: the vGPU was reset or closed, or guest
 *	memory was unmapped, while it waited or ran; the queue was aborted; or the queue
 *	that it waited for has ended
 * @VGPU_ERR_BAD_ADDRESS: a guest address is not memory that the device may read
 *	and write; or it was, and the object made of it has lost it
 * @VGPU_ERR_BUSY: a queue or a job still uses the system buffer object; or the wanted
 *	handle is taken
 * @VGPU_ERR_BUILD: the module can't be built of its source; the log says why
 * @VGPU_ERR_BACKEND_LOST: what ran the job has died with it, and the job is done, not done, or
 *	not wholly; or with the context, which has lost what it had in device memory
 */
enum vgpu_error {
	VGPU_ERR_NONE = 0x00,
	VGPU_ERR_INVALID_REQUEST = 0x01,
	VGPU_ERR_TOO_LARGE = 0x02,
	VGPU_ERR_BACKEND_UNAVAILABLE = 0x03,
	VGPU_ERR_TIMEOUT = 0x04,
	VGPU_ERR_GPU = 0x05,
	VGPU_ERR_INVALID_POOL = 0x06,
	VGPU_ERR_QUEUE_FULL = 0x07,
	VGPU_ERR_UNSUPPORTED_OP = 0x08,
	VGPU_ERR_INVALID_LENGTH = 0x09,
	VGPU_ERR_RATE_LIMITED = 0x0a,
	VGPU_ERR_QUARANTINED = 0x0b,
	VGPU_ERR_NO_MEMORY = 0x0c,
	VGPU_ERR_BAD_HANDLE = 0x0d,
	VGPU_ERR_OUT_OF_RANGE = 0x0e,
	VGPU_ERR_CANCELED = 0x0f,
	VGPU_ERR_BAD_ADDRESS = 0x10,
	VGPU_ERR_BUSY = 0x11,
	VGPU_ERR_BUILD = 0x12,
	VGPU_ERR_BACKEND_LOST = 0x13,
};

#define VGPU_ERR_COUNT			0x14	/* grows with the list */

/**
 * enum vgpu_opcode - &struct vgpu_dev_request.opcode
 *
 * Parameters and results are 32-bit words.  A 64-bit value takes two, low word
 * first, written "x:2" below.  "ctx" is a context that VGPU_OP_CTX_CREATE gave.
 * With VGPU_FEATURE_RESTORE those in brackets may follow, all of them or none: "want" is
 * the handle that the object is to have, 0 for any.  One that is taken is VGPU_ERR_BUSY,
 * one that the device never gives VGPU_ERR_BAD_HANDLE.
 *
 * @VGPU_OP_NOP: () -> ()
 * @VGPU_OP_COMPUTE: (a, b) -> (a + b modulo 2^32)
 * @VGPU_OP_GET_DEVICE_INFO: () -> () and &struct vgpu_dev_info as data
 * @VGPU_OP_CTX_CREATE: () -> (ctx)
 * @VGPU_OP_CTX_DESTROY: (ctx) -> (); its queues and buffer objects go with it
 * @VGPU_OP_BO_CREATE: (ctx, size:2 [, want]) -> (handle); zeroed device memory, the size
 *	is rounded up to VGPU_BO_ALIGN
 * @VGPU_OP_BO_DESTROY: (ctx, handle) -> (); a system buffer object that a queue or
 *	a job uses is VGPU_ERR_BUSY, device memory lasts as long as such jobs
 * @VGPU_OP_BO_WRITE: (ctx, handle, offset:2) and data -> ()
 * @VGPU_OP_BO_READ: (ctx, handle, offset:2, length) -> () and data
 * @VGPU_OP_COPY: (ctx, dst, dst_offset:2, src, src_offset:2, length:2) -> ();
 *	the ranges must not overlap
 * @VGPU_OP_FILL: (ctx, dst, offset:2, length:2, pattern) -> (); offset and
 *	length are multiples of 4
 * @VGPU_OP_LAUNCH: (ctx, enum vgpu_builtin) and an array of
 *	&struct vgpu_dev_arg as data -> ()
 * @VGPU_OP_BO_CREATE_SYSTEM: (ctx, size:2, list:2 [, want]) -> (handle); a buffer object
 *	of guest memory.  size is a multiple of VGPU_BO_ALIGN, list the guest
 *	address of a &struct vgpu_dev_page_list.  The memory is the device's
 *	until VGPU_OP_BO_DESTROY or VGPU_OP_CTX_DESTROY has succeeded
 * @VGPU_OP_MODULE_BUILD: (ctx, enum vgpu_module_format, source, source_offset:2,
 *	source_length:2, log, log_offset:2, log_length:2 [, want]) and the compiler's options as
 *	data, without NUL, VGPU_MAX_BUILD_OPTIONS bytes at most -> (module).  source is a system
 *	buffer object, of which so many bytes, VGPU_MAX_SOURCE at most, are the module.  So is
 *	log, of which so many bytes become what the compiler has to say, NUL-terminated, cut to
 *	fit, also with VGPU_ERR_BUILD; if log_length is 0 log must be 0, too, and there is none
 * @VGPU_OP_QUEUE_CREATE: (ctx, handle, offset:2, entries, flags [, want, start]) ->
 *	(queue); flags must be 0; a queue whose rings are VGPU_QUEUE_SIZE(entries) bytes of a
 *	system buffer object from an offset that is a multiple of VGPU_BO_ALIGN: all zeroes,
 *	or those of a queue in which the entries before start have completed.  want is the
 *	number plus 1
 * @VGPU_OP_QUEUE_DESTROY: (ctx, queue) -> (); its jobs are over then, those that
 *	hadn't ended without a completion
 * @VGPU_OP_QUEUE_ABORT: (ctx, queue) -> (); what was submitted before has completed
 *	then, with VGPU_ERR_CANCELED if it had not ended.  The queue goes on
 * @VGPU_OP_MODULE_LOAD: (ctx, VGPU_MODULE_BUILTIN [, want]) -> (module); others by
 *	VGPU_OP_MODULE_BUILD
 * @VGPU_OP_MODULE_UNLOAD: (ctx, module) -> (); its kernels go with it
 * @VGPU_OP_KERNEL_GET: (ctx, module [, want]) and the kernel's name as data, without NUL ->
 *	(kernel), for &vgpu_dev_sqe.launch
 */
enum vgpu_opcode {
	VGPU_OP_NOP = 0x00,
	VGPU_OP_COMPUTE = 0x01,
	VGPU_OP_GET_DEVICE_INFO = 0x05,
	VGPU_OP_CTX_CREATE = 0x10,
	VGPU_OP_CTX_DESTROY = 0x11,
	VGPU_OP_BO_CREATE = 0x12,
	VGPU_OP_BO_DESTROY = 0x13,
	VGPU_OP_BO_WRITE = 0x14,
	VGPU_OP_BO_READ = 0x15,
	VGPU_OP_COPY = 0x16,
	VGPU_OP_FILL = 0x17,
	VGPU_OP_LAUNCH = 0x18,
	VGPU_OP_BO_CREATE_SYSTEM = 0x19,
	VGPU_OP_MODULE_BUILD = 0x1f,
	VGPU_OP_QUEUE_CREATE = 0x20,
	VGPU_OP_QUEUE_DESTROY = 0x21,
	VGPU_OP_MODULE_LOAD = 0x22,
	VGPU_OP_MODULE_UNLOAD = 0x23,
	VGPU_OP_KERNEL_GET = 0x24,
	VGPU_OP_QUEUE_ABORT = 0x25,
};

/**
 * enum vgpu_module_format - of what a module is made
 * @VGPU_MODULE_BUILTIN: the built-in kernels; no data.  Their names are those of enum
 *	vgpu_builtin in lower case, without the prefix: "vecadd_u32"
 * @VGPU_MODULE_OPENCL_C: a program in OpenCL C, as text without NUL
 * @VGPU_MODULE_SPIRV: SPIR-V for OpenCL
 * @VGPU_MODULE_PTX: NVIDIA's PTX, as text without NUL
 * @VGPU_MODULE_CUBIN: NVIDIA's machine code
 */
enum vgpu_module_format {
	VGPU_MODULE_BUILTIN = 0,
	VGPU_MODULE_OPENCL_C = 1,
	VGPU_MODULE_SPIRV = 2,
	VGPU_MODULE_PTX = 3,
	VGPU_MODULE_CUBIN = 4,
};

#define VGPU_MODULE_FORMATS		5	/* grows with the list */

/* Bytes of a module, and of the options it is built with */
#define VGPU_MAX_SOURCE			(16U << 20)
#define VGPU_MAX_BUILD_OPTIONS		512U

/* Buffer objects are whole pages of this size */
#define VGPU_BO_ALIGN			4096U

/**
 * struct vgpu_dev_extent - a piece of guest memory
 * @addr: guest address, a multiple of VGPU_BO_ALIGN
 * @length: bytes, a multiple of VGPU_BO_ALIGN and not 0
 */
struct vgpu_dev_extent {
	__le64 addr;
	__le64 length;
};

#define VGPU_PAGE_LIST_EXTENTS		255

/**
 * struct vgpu_dev_page_list - the guest memory that a system buffer object is made of
 * @next: guest address of the list that goes on from here, aligned like this one;
 *	0 in the last
 * @count: extents in this list, 1 to VGPU_PAGE_LIST_EXTENTS
 * @reserved: must be 0
 * @extent: in the order of the object's bytes; all of them together are its size
 *
 * A list is at a guest address that is a multiple of VGPU_BO_ALIGN, and is read
 * once, before the request is answered.
 */
struct vgpu_dev_page_list {
	__le64 next;
	__le32 count;
	__le32 reserved;
	struct vgpu_dev_extent extent[VGPU_PAGE_LIST_EXTENTS];
};

/**
 * enum vgpu_builtin - built-in kernels and their arguments, in order
 *
 * "buf" is a VGPU_ARG_BO, everything else a VGPU_ARG_VALUE.  f32 is IEEE 754
 * binary32; elements are 4 bytes, matrices are row-major and dense.  Buffers
 * must start on a multiple of 4 bytes.  An output buffer must not overlap an
 * input buffer unless it begins at the same byte of the same object; the output
 * of VGPU_BUILTIN_MATMUL_F32 and VGPU_BUILTIN_REDUCE_U32 must not overlap at all.
 *
 * @VGPU_BUILTIN_VECADD_U32: (buf dst, buf a, buf b, n): dst[i] = a[i] + b[i] modulo 2^32
 * @VGPU_BUILTIN_VECADD_F32: (buf dst, buf a, buf b, n): dst[i] = a[i] + b[i]
 * @VGPU_BUILTIN_SAXPY_F32: (buf y, buf x, f32 a, n): y[i] = a * x[i] + y[i], rounded twice
 * @VGPU_BUILTIN_MATMUL_F32: (buf c, buf a, buf b, m, n, k): c (m x n) = a (m x k) * b (k x n);
 *	each element summed in order of k, each product and sum rounded
 * @VGPU_BUILTIN_REDUCE_U32: (buf dst, buf src, n): dst[0] = sum of src[i] modulo 2^32
 * @VGPU_BUILTIN_SHA256: (buf dst, buf src, bytes): the 32-byte digest of src
 */
enum vgpu_builtin {
	VGPU_BUILTIN_VECADD_U32 = 1,
	VGPU_BUILTIN_VECADD_F32 = 2,
	VGPU_BUILTIN_SAXPY_F32 = 3,
	VGPU_BUILTIN_MATMUL_F32 = 4,
	VGPU_BUILTIN_REDUCE_U32 = 5,
	VGPU_BUILTIN_SHA256 = 6,
};

#define VGPU_BUILTIN_COUNT		7	/* grows with the list */

/**
 * struct vgpu_dev_request - head of a request, at VGPU_REQ_BUF
 * @version: VGPU_HEAD_VERSION
 * @opcode: enum vgpu_opcode
 * @flags: must be 0
 * @param_count: 32-bit parameters that follow this head
 * @data_offset: where the data begin, in bytes from the start of this head;
 *	behind the parameters and inside VGPU_REG_REQUEST_LEN.  May be 0 if
 *	@data_length is 0
 * @data_length: bytes of data
 * @reserved: must be 0
 */
struct vgpu_dev_request {
	__le32 version;
	__le32 opcode;
	__le32 flags;
	__le32 param_count;
	__le32 data_offset;
	__le32 data_length;
	__le32 reserved[2];
};

/**
 * struct vgpu_dev_response - head of a response, at VGPU_RESP_BUF
 * @version: VGPU_HEAD_VERSION
 * @status: enum vgpu_error, the same as VGPU_REG_ERROR_CODE
 * @result_count: 32-bit results that follow this head
 * @data_offset: where the data begin, in bytes from the start of this head; 0
 *	if there are none
 * @data_length: bytes of data
 * @exec_time_us: time the job took on the GPU, in microseconds, rounded up
 * @retry_us: with VGPU_ERR_QUEUE_FULL and VGPU_ERR_RATE_LIMITED: in so many microseconds
 *	it may be worth while to try again; else 0
 * @reserved: 0
 */
struct vgpu_dev_response {
	__le32 version;
	__le32 status;
	__le32 result_count;
	__le32 data_offset;
	__le32 data_length;
	__le32 exec_time_us;
	__le32 retry_us;
	__le32 reserved;
};

#define VGPU_REQ_MAX_PAYLOAD	(VGPU_REQ_BUF_SIZE - sizeof(struct vgpu_dev_request))
#define VGPU_RESP_MAX_PAYLOAD	(VGPU_RESP_BUF_SIZE - sizeof(struct vgpu_dev_response))

/**
 * enum vgpu_arg_type - &struct vgpu_dev_arg.type
 * @VGPU_ARG_VALUE: a number
 * @VGPU_ARG_BO: a place in a buffer object
 * @VGPU_ARG_LOCAL: memory that the threads of a block share, for each block
 */
enum vgpu_arg_type {
	VGPU_ARG_VALUE = 0,
	VGPU_ARG_BO = 1,
	VGPU_ARG_LOCAL = 2,
};

#define VGPU_MAX_ARGS			16

/**
 * struct vgpu_dev_arg - one argument of a kernel
 * @type: enum vgpu_arg_type
 * @handle: VGPU_ARG_BO: the buffer object; else must be 0
 * @value: VGPU_ARG_BO: byte offset in it; VGPU_ARG_VALUE: the number, little-endian, of as
 *	many bytes as the argument has, from the first, an f32 as its bits; VGPU_ARG_LOCAL: bytes
 */
struct vgpu_dev_arg {
	__le32 type;
	__le32 handle;
	__le64 value;
};

/**
 * struct vgpu_dev_info - data of a VGPU_OP_GET_DEVICE_INFO response
 * @size: bytes the host filled in; a later version may append fields
 * @vm_id: as VGPU_REG_VM_ID
 * @pool_id: as VGPU_REG_POOL_ID
 * @max_queues: queues that can be made; 0 while VGPU_REG_EXT_RING_ABI is 0
 * @memory_size: the vGPU's quota of device memory, in bytes
 * @memory_used: of which used now
 * @builtins: bit n set: enum vgpu_builtin n can be launched
 * @gpu_name: name of the GPU, NUL-terminated
 * @backend: name of the backend that reaches it, NUL-terminated
 * @formats: bit n set: enum vgpu_module_format n can be built
 * @reserved: 0
 */
struct vgpu_dev_info {
	__le32 size;
	__le32 vm_id;
	__le32 pool_id;
	__le32 max_queues;
	__le64 memory_size;
	__le64 memory_used;
	__le64 builtins;
	char gpu_name[32];
	char backend[16];
	__le32 formats;
	__le32 reserved;
};

/*
 * Rings of a user-mode queue.
 *
 * A queue is a piece of a system buffer object: a page of events, struct
 * vgpu_dev_queue_events, a submission ring of entries of 64 bytes, and a completion
 * ring of as many entries of 16 bytes.  The number of entries is a power of two.
 *
 * An entry is numbered by a free-running 32-bit index, from 0; it is at the index
 * modulo the number of entries.  Its lap is the index divided by the number of
 * entries; its phase is 1 in laps 0, 2, 4, ... and 0 in the others.  Rings are all
 * zeroes at first.  Whoever makes an entry writes its control word last, with the
 * entry's phase: that is what makes it valid.  So no index is told to the other
 * side, and there is none to lie about.
 *
 * Completion n belongs to submission n: a queue completes in order.  A submission's
 * place is free again when its completion was seen; whoever submits earlier
 * overwrites what is its own.
 */
#define VGPU_RING_MIN_ENTRIES		2
#define VGPU_RING_MAX_ENTRIES		4096

/* Where the pieces are, and the bytes of all of them */
#define VGPU_QUEUE_EVENTS		0
#define VGPU_QUEUE_SQ			4096
#define VGPU_QUEUE_CQ(entries)		(VGPU_QUEUE_SQ + (entries) * 64U)
#define VGPU_QUEUE_SIZE(entries)	(VGPU_QUEUE_SQ + (entries) * (64U + 16U))

#define VGPU_RING_PHASE			(1U << 31)	/* in a control word */
#define VGPU_SQE_WORDS			6		/* behind the head of an entry */
#define VGPU_SQE_OPCODE_MASK		0xffU		/* enum vgpu_sqe_opcode */
#define VGPU_SQE_AGAIN			(1U << 8)	/* no harm if it runs more than once */
#define VGPU_CQE_STATUS_MASK		0xffffU		/* enum vgpu_error */

/**
 * enum vgpu_sqe_opcode - what a submission entry asks for
 * @VGPU_SQE_NOP: nothing
 * @VGPU_SQE_COPY: &vgpu_dev_sqe.copy; the ranges must not overlap
 * @VGPU_SQE_FILL: &vgpu_dev_sqe.fill; offset and length are multiples of 4
 * @VGPU_SQE_LAUNCH: &vgpu_dev_sqe.launch
 * @VGPU_SQE_WAIT: &vgpu_dev_sqe.wait; entries behind it run after that fence
 * @VGPU_SQE_TIMESTAMP: &vgpu_dev_sqe.timestamp
 */
enum vgpu_sqe_opcode {
	VGPU_SQE_NOP = 0,
	VGPU_SQE_COPY = 1,
	VGPU_SQE_FILL = 2,
	VGPU_SQE_LAUNCH = 3,
	VGPU_SQE_WAIT = 4,
	VGPU_SQE_TIMESTAMP = 5,
};

/**
 * struct vgpu_dev_sqe - submission entry
 * @control: enum vgpu_sqe_opcode, VGPU_RING_PHASE, and VGPU_SQE_AGAIN if what has begun may be
 *	begun anew where it would be VGPU_ERR_BACKEND_LOST; other bits must be 0
 * @reserved: must be 0
 * @user_data: comes back in the completion
 * @copy: from one buffer object to another, or inside one
 * @copy.dst: handle
 * @copy.src: handle
 * @copy.dst_offset: bytes
 * @copy.src_offset: bytes
 * @copy.length: bytes
 * @copy.reserved: must be 0
 * @fill: write a pattern over and over
 * @fill.dst: handle
 * @fill.pattern: the word
 * @fill.offset: bytes
 * @fill.length: bytes
 * @fill.reserved: must be 0
 * @launch: run a kernel
 * @launch.kernel: handle, of VGPU_OP_KERNEL_GET
 * @launch.grid: blocks in each dimension, from 1; 1 for a built-in kernel, whose size is in
 *	its arguments
 * @launch.block: threads of a block in each dimension; likewise
 * @launch.shared: bytes of shared memory for each block; 0 for a built-in kernel
 * @launch.args: handle of the system buffer object that holds the argument block, an
 *	array of &struct vgpu_dev_arg.  It is read before the entry completes, and once
 * @launch.args_length: bytes of it
 * @launch.args_offset: bytes
 * @wait: a fence of another queue of the context.  No entry behind this one is looked at
 *	before; it completes with VGPU_ERR_CANCELED if that queue ends first
 * @wait.queue: its number
 * @wait.index: index of the submission that must have completed; not more than 2^31 - 2
 *	before the last one that has, else it counts as one to come
 * @wait.reserved: must be 0
 * @timestamp: when the entry runs, in ns since the vGPU was reset, as 64 bits: the same
 *	clock as VGPU_REG_TIMESTAMP
 * @timestamp.dst: handle
 * @timestamp.reserved0: must be 0
 * @timestamp.offset: bytes, a multiple of 8
 * @timestamp.reserved: must be 0
 * @words: all of it
 */
struct vgpu_dev_sqe {
	__le32 control;
	__le32 reserved;
	__le64 user_data;
	union {
		struct {
			__le32 dst;
			__le32 src;
			__le64 dst_offset;
			__le64 src_offset;
			__le64 length;
			__le64 reserved[2];
		} copy;
		struct {
			__le32 dst;
			__le32 pattern;
			__le64 offset;
			__le64 length;
			__le64 reserved[3];
		} fill;
		struct {
			__le32 kernel;
			__le32 grid[3];
			__le32 block[3];
			__le32 shared;
			__le32 args;
			__le32 args_length;
			__le64 args_offset;
		} launch;
		struct {
			__le32 queue;
			__le32 index;
			__le64 reserved[5];
		} wait;
		struct {
			__le32 dst;
			__le32 reserved0;
			__le64 offset;
			__le64 reserved[4];
		} timestamp;
		__le64 words[VGPU_SQE_WORDS];
	};
};

/**
 * struct vgpu_dev_cqe - completion entry
 * @user_data: of the submission
 * @gpu_ns: time on the GPU in ns, 2^32 - 1 if it is more
 * @control: enum vgpu_error in the lower 16 bits, and VGPU_RING_PHASE; the others are
 *	0 and to be ignored
 */
struct vgpu_dev_cqe {
	__le64 user_data;
	__le32 gpu_ns;
	__le32 control;
};

/**
 * struct vgpu_dev_queue_events - who wants to be woken when
 * @sq_event: by the device: ring the doorbell when the submission of this index
 *	has been made.  2^31 ahead if it needs no doorbell
 * @completed: by the device: index of the next completion
 * @cq_event: by the guest: raise the queue's interrupt when the completion of this
 *	index has been made
 * @reserved0: 0; so that each of the others has a cache line
 * @reserved1: as @reserved0
 * @reserved2: as @reserved0
 */
struct vgpu_dev_queue_events {
	__le32 sq_event;
	__le32 reserved0[15];
	__le32 completed;
	__le32 reserved1[15];
	__le32 cq_event;
	__le32 reserved2[15];
};

#endif /* _UAPI_LINUX_VGPU_DEV_H */
