/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * /dev/vgpu-exec: a GPU that a process drives.
 *
 * Who opens the file and calls VGPU_EXEC_IOC_REGISTER becomes the *executor* of a GPU: it
 * makes the GPU, or takes over the one of that name whose executor is gone.  There is one
 * for each GPU at a time.  It reads events (&struct vgpu_exec_event): a vGPU has begun to
 * use the GPU and needs a *worker*, a process of its own, since the guest's code runs in it.
 *
 * For each worker the executor opens the file once more and calls VGPU_EXEC_IOC_ATTACH: that
 * open file is the vGPU's *channel*.  The worker maps its rings (offset VGPU_EXEC_MMAP_SHARED)
 * and calls VGPU_EXEC_IOC_ENTER when it is ready, within a minute, and then for more to do.  A
 * channel ends when its last file descriptor is closed and its last mapping gone, when the vGPU has
 * no context any more, or when the worker breaks a rule; what it had to do then completes with
 * VGPU_ERR_BACKEND_LOST, and the vGPU's contexts of that time are lost.
 *
 * When the executor's file is closed, or it reads nothing for long (VGPU_EXEC_EVENT_PING), all its
 * channels end.  But only contexts that have something in device memory, or modules, are lost
 * then.  The others wait, with the jobs that no worker had: the next executor gets
 * VGPU_EXEC_EVENT_START for each vGPU that has some, and the workers are told of the guest memory
 * once more (VGPU_EXEC_OP_BO_MAP) before the first job.
 *
 * The rings are those of a queue, <vgpu/ring.h>: the kernel submits, the worker is the device.
 * Entries are &struct vgpu_dev_sqe and &struct vgpu_dev_cqe, the opcodes enum
 * vgpu_exec_opcode.  Objects have numbers of the channel, of at least 1; one can be another's
 * when its VGPU_EXEC_OP_BO_DESTROY has been completed.
 * &vgpu_dev_sqe.user_data is the worker's to hand back; its lower 32 bits are the number of
 * the &struct vgpu_exec_slot that belongs to the entry.  What the slot holds is valid until
 * the entry is completed.  Entries are completed in the order in which they are told.  They are
 * run in it, too, but for jobs of two queues of the guest's (&vgpu_exec_slot.queue) that follow
 * each other: these may run at the same time.
 *
 * What takes long beside its jobs, to build a guest's module, a worker is told by
 * VGPU_EXEC_IOC_TASK_GET, and answers by VGPU_EXEC_IOC_TASK_DONE: in a thread of its own, since
 * it is to run jobs meanwhile.  Modules and kernels have numbers as buffer objects have, out of
 * the same.
 *
 * Everything that a worker or an executor says is checked.  What a worker writes where it
 * must not, or completes that it was not given, ends its channel.
 *
 * General ioctl format: as in <linux/vgpu.h>.  In addition the errors mean:
 *
 * EPERM:	the open file is of another kind, or of none yet
 * EBUSY:	the GPU has an executor, or the vGPU a worker
 * ENODEV:	the channel has ended; or the open file isn't the GPU's executor any more
 * ESTALE:	no vGPU asked for this channel, or it does no longer
 * ERANGE:	parent, memory, depth, kernels or formats of a GPU that was there before don't fit
 * ENXIO:	there is no PCI function like that
 * EEXIST:	that is another GPU's, or another backend has a GPU of that name
 * ENOENT:	nobody waits for that task, or not any more
 */
#ifndef _UAPI_LINUX_VGPU_EXEC_H
#define _UAPI_LINUX_VGPU_EXEC_H

#include <linux/ioctl.h>
#include <linux/types.h>
#include <linux/vgpu_dev.h>

#define VGPU_EXEC_IOCTL_TYPE	'v'

/* Numbers of the ioctls; never reused */
enum {
	VGPU_EXEC_CMD_BASE = 0xe0,
	VGPU_EXEC_CMD_REGISTER = VGPU_EXEC_CMD_BASE,
	VGPU_EXEC_CMD_ATTACH,
	VGPU_EXEC_CMD_ENTER,
	VGPU_EXEC_CMD_TASK_GET,
	VGPU_EXEC_CMD_TASK_DONE,
};

/**
 * struct vgpu_exec_register - ioctl(VGPU_EXEC_IOC_REGISTER): drive a GPU
 * @size: sizeof(struct vgpu_exec_register)
 * @flags: must be 0
 * @name: name of the GPU, the same after every restart, NUL-terminated: letters, digits,
 *	'-', '_' and '.'
 * @parent: PCI function that becomes the mdev parent, as 0000:01:00.0; NUL-terminated, or
 *	empty to have a virtual device.  When it is removed the GPU goes with it
 * @memory_size: bytes of device memory there are to share
 * @builtins: bit n set: the worker runs enum vgpu_builtin n
 * @depth: most jobs that are with workers at a time, 1 to VGPU_EXEC_MAX_DEPTH
 * @formats: bit n set: the worker builds modules of enum vgpu_module_format n.  Bit 0 must be 0
 *
 * A GPU that was there before has its parent; @memory_size must be what it was, @depth,
 * @builtins and @formats at least.
 */
struct vgpu_exec_register {
	__u32 size;
	__u32 flags;
	char name[32];
	char parent[32];
	__aligned_u64 memory_size;
	__aligned_u64 builtins;
	__u32 depth;
	__u32 formats;
};

#define VGPU_EXEC_IOC_REGISTER	_IO(VGPU_EXEC_IOCTL_TYPE, VGPU_EXEC_CMD_REGISTER)

/**
 * enum vgpu_exec_event_type - what an executor is told
 * @VGPU_EXEC_EVENT_START: a vGPU needs a worker: attach one to the channel
 * @VGPU_EXEC_EVENT_END: a channel has ended, and its worker's file isn't closed: end that
 *	worker, whatever it is at.  There is no other for its vGPU before
 * @VGPU_EXEC_EVENT_PING: nothing: to have read it is enough.  There is one every few seconds;
 *	who leaves it unread for half a minute (the module's parameter heartbeat_s) is the
 *	executor no more
 */
enum vgpu_exec_event_type {
	VGPU_EXEC_EVENT_START = 1,
	VGPU_EXEC_EVENT_END,
	VGPU_EXEC_EVENT_PING,
};

/**
 * struct vgpu_exec_event - what read(2) of an executor's open file returns, whole ones only
 * @type: enum vgpu_exec_event_type
 * @vm_id: number of the vGPU; or 0
 * @channel: number of the channel; or 0; for VGPU_EXEC_IOC_ATTACH
 */
struct vgpu_exec_event {
	__u32 type;
	__u32 vm_id;
	__aligned_u64 channel;
};

/**
 * struct vgpu_exec_attach - ioctl(VGPU_EXEC_IOC_ATTACH): make an open file a channel
 * @size: sizeof(struct vgpu_exec_attach)
 * @executor: file descriptor of the executor
 * @channel: &vgpu_exec_event.channel
 */
struct vgpu_exec_attach {
	__u32 size;
	__s32 executor;
	__aligned_u64 channel;
};

#define VGPU_EXEC_IOC_ATTACH	_IO(VGPU_EXEC_IOCTL_TYPE, VGPU_EXEC_CMD_ATTACH)

/**
 * struct vgpu_exec_enter - ioctl(VGPU_EXEC_IOC_ENTER): what was completed is told; wait
 * @size: sizeof(struct vgpu_exec_enter)
 * @fetched: index of the entry that the worker would take next
 * @timeout_ms: wait at most so long until there is one; 0: not at all
 * @__reserved: must be 0
 *
 * Returns 0 if there is one, ETIMEDOUT if there is none.
 */
struct vgpu_exec_enter {
	__u32 size;
	__u32 fetched;
	__u32 timeout_ms;
	__u32 __reserved;
};

#define VGPU_EXEC_IOC_ENTER	_IO(VGPU_EXEC_IOCTL_TYPE, VGPU_EXEC_CMD_ENTER)

/* Entries of a channel's rings, and slots; a power of 2 */
#define VGPU_EXEC_ENTRIES	128

/* Of these, jobs: the others are for objects */
#define VGPU_EXEC_MAX_DEPTH	64

/**
 * enum vgpu_exec_opcode - what a worker is to do
 * @VGPU_EXEC_OP_NOP: nothing
 * @VGPU_EXEC_OP_COPY: &vgpu_dev_sqe.copy
 * @VGPU_EXEC_OP_FILL: &vgpu_dev_sqe.fill
 * @VGPU_EXEC_OP_LAUNCH: &vgpu_exec_launch, in the slot; &vgpu_dev_sqe.launch.kernel is an enum
 *	vgpu_builtin
 * @VGPU_EXEC_OP_WRITE: as COPY, from &vgpu_exec_slot.data
 * @VGPU_EXEC_OP_READ: as COPY, to &vgpu_exec_slot.data
 * @VGPU_EXEC_OP_TIMESTAMP: &vgpu_dev_sqe.fill: the 8 bytes at @offset become CLOCK_MONOTONIC, in
 *	ns, less @length, as a little-endian number
 * @VGPU_EXEC_OP_BO_CREATE: &vgpu_dev_sqe.fill: object @dst is @length bytes of zeroed
 *	device memory
 * @VGPU_EXEC_OP_BO_MAP: object @dst is @length bytes of the guest's memory: mmap() at offset
 *	@dst * VGPU_EXEC_MMAP_BO
 * @VGPU_EXEC_OP_BO_DESTROY: object @dst ends.  What was mapped is out of reach already
 * @VGPU_EXEC_OP_KERNEL: as LAUNCH; &vgpu_dev_sqe.launch.kernel is the number of a kernel of
 *	VGPU_EXEC_TASK_KERNEL_GET, and @grid, @block and @shared hold.  VGPU_ERR_INVALID_REQUEST if
 *	the GPU can't have so many threads, or so much shared memory
 * @VGPU_EXEC_OP_MODULE_DESTROY: &vgpu_dev_sqe.fill: the module with number @dst ends.  There
 *	are no kernels of it any more
 * @VGPU_EXEC_OP_KERNEL_DESTROY: likewise, a kernel
 *
 * Ranges lie in their objects, and arguments match the kernel's signature.
 */
enum vgpu_exec_opcode {
	VGPU_EXEC_OP_NOP,
	VGPU_EXEC_OP_COPY,
	VGPU_EXEC_OP_FILL,
	VGPU_EXEC_OP_LAUNCH,
	VGPU_EXEC_OP_WRITE,
	VGPU_EXEC_OP_READ,
	VGPU_EXEC_OP_TIMESTAMP,
	VGPU_EXEC_OP_BO_CREATE,
	VGPU_EXEC_OP_BO_MAP,
	VGPU_EXEC_OP_BO_DESTROY,
	VGPU_EXEC_OP_KERNEL,
	VGPU_EXEC_OP_MODULE_DESTROY,
	VGPU_EXEC_OP_KERNEL_DESTROY,
};

/**
 * struct vgpu_exec_arg - an argument of a kernel
 * @bo: number of an object, if it is a buffer; else 0
 * @type: enum vgpu_arg_type
 * @value: first byte in @bo; or the argument itself; else 0
 * @length: bytes in @bo, or of @value from its first, 8 for built-in kernels, or of VGPU_ARG_LOCAL
 */
struct vgpu_exec_arg {
	__u32 bo;
	__u32 type;
	__aligned_u64 value;
	__aligned_u64 length;
};

/* Bytes of VGPU_EXEC_OP_WRITE and READ at most */
#define VGPU_EXEC_SLOT_DATA	1008

/**
 * struct vgpu_exec_slot - what belongs to an entry and doesn't fit in it
 * @abort: not 0: the entry is to end as soon as possible, with VGPU_ERR_CANCELED
 * @nargs: members of @arg that hold
 * @queue: number of the queue that a job is from, of all of the vGPU's, from 1; 0: of none
 * @__reserved: 0
 * @arg: arguments of VGPU_EXEC_OP_LAUNCH
 * @data: bytes of VGPU_EXEC_OP_WRITE and READ
 */
struct vgpu_exec_slot {
	__u32 abort;
	__u32 nargs;
	__u32 queue;
	__u32 __reserved;
	union {
		struct vgpu_exec_arg arg[VGPU_MAX_ARGS];
		__u8 data[VGPU_EXEC_SLOT_DATA];
	};
};

/**
 * struct vgpu_exec_shared - a channel's rings, as mapped at VGPU_EXEC_MMAP_SHARED
 * @events: where <vgpu/ring.h> has them.  The kernel looks at none: it is told by being entered,
 *	and wakes who waits there
 * @sq: what is to be done
 * @cq: what has been
 * @__pad0: 0; so that @sq begins with a page
 * @__pad1: 0; so that @slot does
 * @slot: one for each entry
 */
struct vgpu_exec_shared {
	struct vgpu_dev_queue_events events;
	__u8 __pad0[4096 - sizeof(struct vgpu_dev_queue_events)];
	struct vgpu_dev_sqe sq[VGPU_EXEC_ENTRIES];
	struct vgpu_dev_cqe cq[VGPU_EXEC_ENTRIES];
	__u8 __pad1[2048];
	struct vgpu_exec_slot slot[VGPU_EXEC_ENTRIES];
};

/**
 * enum vgpu_exec_task_type - what takes long
 * @VGPU_EXEC_TASK_MODULE_BUILD: build a module of @format of the bytes @code, which the guest
 *	may change meanwhile, with the options @text; what the compiler says goes to @log.
 *	VGPU_ERR_BUILD if it can't be built
 * @VGPU_EXEC_TASK_KERNEL_GET: find the kernel with the name @text in @module, and tell what its
 *	arguments are.  VGPU_ERR_UNSUPPORTED_OP if there is none, or it has arguments of other
 *	kinds than enum vgpu_arg_type, more than VGPU_MAX_ARGS, or values of more than 8 bytes
 */
enum vgpu_exec_task_type {
	VGPU_EXEC_TASK_MODULE_BUILD = 1,
	VGPU_EXEC_TASK_KERNEL_GET,
};

/**
 * struct vgpu_exec_task - ioctl(VGPU_EXEC_IOC_TASK_GET): something to do that takes long
 * @size: sizeof(struct vgpu_exec_task)
 * @timeout_ms: wait at most so long until there is one; 0: not at all
 * @id: of the task, for VGPU_EXEC_IOC_TASK_DONE; out, as all that follows
 * @type: enum vgpu_exec_task_type
 * @number: of the module or kernel that it makes
 * @module: number of the module it is about
 * @format: enum vgpu_module_format
 * @code: where the module is in guest memory: can be mapped at @bo * VGPU_EXEC_MMAP_BO
 * @log: where the log goes, likewise, NUL-terminated; @bo is 0 if nowhere
 * @text_length: bytes of @text
 * @__reserved: 0
 * @text: NUL-terminated
 *
 * Returns 0 if there is one, ETIMEDOUT if there is none.  A task is told once.
 */
struct vgpu_exec_task {
	__u32 size;
	__u32 timeout_ms;
	__aligned_u64 id;
	__u32 type;
	__u32 number;
	__u32 module;
	__u32 format;
	struct vgpu_exec_arg code;
	struct vgpu_exec_arg log;
	__u32 text_length;
	__u32 __reserved;
	char text[1024];
};

#define VGPU_EXEC_IOC_TASK_GET	_IO(VGPU_EXEC_IOCTL_TYPE, VGPU_EXEC_CMD_TASK_GET)

/**
 * struct vgpu_exec_arg_type - what a kernel takes as an argument
 * @type: enum vgpu_arg_type
 * @size: bytes of a VGPU_ARG_VALUE, 1 to 8.  8 for a VGPU_ARG_BO of which the code doesn't say
 *	that it is one: a guest may as well give a VGPU_ARG_VALUE.  Else 0
 * @__reserved: must be 0
 */
struct vgpu_exec_arg_type {
	__u8 type;
	__u8 size;
	__u16 __reserved;
};

/**
 * struct vgpu_exec_task_done - ioctl(VGPU_EXEC_IOC_TASK_DONE): a task is done
 * @size: sizeof(struct vgpu_exec_task_done)
 * @status: enum vgpu_error: what became of it
 * @id: &vgpu_exec_task.id
 * @nargs: arguments of the kernel; else 0
 * @__reserved: must be 0
 * @arg: what they are; the others are 0
 *
 * Returns ENOENT if nobody waits for it any more; it can be forgotten then, and the channel is
 * about to end.
 */
struct vgpu_exec_task_done {
	__u32 size;
	__u32 status;
	__aligned_u64 id;
	__u32 nargs;
	__u32 __reserved;
	struct vgpu_exec_arg_type arg[VGPU_MAX_ARGS];
};

#define VGPU_EXEC_IOC_TASK_DONE	_IO(VGPU_EXEC_IOCTL_TYPE, VGPU_EXEC_CMD_TASK_DONE)

/* Where a channel's memory is mapped: its rings, and the object with number n at n times that */
#define VGPU_EXEC_MMAP_SHARED	0ULL
#define VGPU_EXEC_MMAP_BO	(1ULL << 36)

#endif /* _UAPI_LINUX_VGPU_EXEC_H */
