/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * /dev/vgpuN: the guest's API to a vGPU.
 *
 * Opening the file makes a context: objects made through one open file can't
 * be named through another, and go away with the last close.  That is when nobody has a
 * file descriptor of it any more, nor anything of it mapped: a mapping keeps it open.
 *
 * General ioctl format.  Every structure begins with its own size in bytes.
 * The driver takes any size from the structure's first published one up; a
 * field beyond what a program passes counts as 0, and bytes beyond what the
 * driver knows must be 0.  Reserved fields must be 0.  The errors mean:
 *
 * ENOTTY:	the ioctl number is not known
 * E2BIG:	a byte beyond what the driver knows is not 0
 * EOPNOTSUPP:	a known field has an unknown value (opcode, flag)
 * EINVAL:	a size, a length or a combination is wrong, or a reserved field is not 0
 * EFAULT:	a pointer is bad
 * EMSGSIZE:	parameters and data don't fit into one request
 * EAGAIN:	64 requests of this open file are under way; try again later
 * ENOSPC:	the buffers offered are too small for the answer.  The structure
 *		comes back with the sizes it takes; the request has been run
 * ETIMEDOUT:	the time is over.  The request may still be running if it had
 *		begun; its answer is thrown away
 * EINTR:	a signal came; as with ETIMEDOUT.  What a VGPU_OP_BO_CREATE made
 *		whose handle so got lost is freed when the file is closed.
 *		VGPU_IOC_BO_DESTROY and VGPU_IOC_QUEUE_DESTROY have not begun
 * ENOMEM:	out of memory
 * EIO:		the device was reset while the request was on it, or it answered
 *		with something that is no response
 * ESTALE:	the context was lost in a reset of the device; open the file again
 * ENODEV:	the device is gone
 * ENOENT:	no such buffer object or queue of this open file, or no more
 * EBADF:	a file descriptor is not open
 * EREMOTEIO:	the device refused, see &status where the structure has one
 *
 * After a sleep of the machine modules are built once more, so the buffer object with the source
 * of one has to be there as long as the module: else the file's context is lost then.
 *
 * What the device itself says to a request (enum vgpu_error) is not an errno:
 * the ioctl returns 0 and the code is in &struct vgpu_request.status.
 *
 * poll(2), with epoll and the like, tells the state of an open file; there is nothing
 * to read.  A bit stays as long as it is true:
 *
 * EPOLLIN:	the event of a queue has come, and was not armed again: see
 *		VGPU_IOC_QUEUE_ARM, also for what comes by the end of the queue
 * EPOLLPRI:	the context was lost in a reset of the device; open the file again.  A file
 *		that had no context yet has lost nothing
 * EPOLLERR, EPOLLHUP: the device is gone
 */
#ifndef _UAPI_LINUX_VGPU_H
#define _UAPI_LINUX_VGPU_H

#include <linux/ioctl.h>
#include <linux/types.h>
#include <linux/vgpu_dev.h>

#define VGPU_IOCTL_TYPE	'v'

/* Numbers of the ioctls; never reused */
enum {
	VGPU_CMD_BASE = 0xc0,
	VGPU_CMD_GET_INFO = VGPU_CMD_BASE,
	VGPU_CMD_REQUEST,
	VGPU_CMD_BO_CREATE,
	VGPU_CMD_BO_DESTROY,
	VGPU_CMD_QUEUE_CREATE,
	VGPU_CMD_QUEUE_DESTROY,
	VGPU_CMD_QUEUE_WAIT,
	VGPU_CMD_QUEUE_ARM,
	VGPU_CMD_QUEUE_EVENTFD,
};

/**
 * struct vgpu_info - ioctl(VGPU_IOC_GET_INFO)
 * @size: sizeof(struct vgpu_info)
 * @flags: VGPU_INFO_*, out
 * @protocol: VGPU_REG_PROTOCOL_VER, out
 * @capabilities: VGPU_REG_CAPABILITIES, out
 * @vm_id: the number the host gave this vGPU, out
 * @pool_id: which GPU, 'A' upwards, out
 * @priority: enum vgpu_priority, out
 * @max_queues: queues the device offers, 0 if none, out
 * @memory_size: quota of device memory in bytes, out
 * @memory_used: of which used now, by all of this vGPU's contexts, out
 * @builtins: bit n set: enum vgpu_builtin n can be launched, out
 * @irq_vectors: interrupt vectors in use, out
 * @__reserved: must be 0
 * @gpu_name: name of the GPU, NUL-terminated, out
 * @backend: name of its backend, NUL-terminated, out
 * @bus_name: name of the PCI function in this guest, NUL-terminated, out
 * @formats: bit n set: modules of enum vgpu_module_format n can be built, out
 * @__reserved1: must be 0
 *
 * What the device itself is asked for, from @max_queues to @builtins, @formats, and the
 * names of GPU and backend, is 0 if it refuses to tell.
 */
struct vgpu_info {
	__u32 size;
	__u32 flags;
	__u32 protocol;
	__u32 capabilities;
	__u32 vm_id;
	__u32 pool_id;
	__u32 priority;
	__u32 max_queues;
	__aligned_u64 memory_size;
	__aligned_u64 memory_used;
	__aligned_u64 builtins;
	__u32 irq_vectors;
	__u32 __reserved;
	char gpu_name[32];
	char backend[16];
	char bus_name[32];
	__u32 formats;
	__u32 __reserved1;
};

#define VGPU_INFO_MSIX		(1U << 0)	/* interrupts come by MSI-X */
#define VGPU_INFO_MSI		(1U << 1)	/* interrupts come by MSI */

#define VGPU_IOC_GET_INFO	_IO(VGPU_IOCTL_TYPE, VGPU_CMD_GET_INFO)

/**
 * struct vgpu_request - ioctl(VGPU_IOC_REQUEST): one request, done when it returns
 * @size: sizeof(struct vgpu_request)
 * @opcode: enum vgpu_opcode.  VGPU_OP_CTX_CREATE and VGPU_OP_CTX_DESTROY are
 *	the driver's own: EOPNOTSUPP.  So is an opcode the driver doesn't know
 * @flags: must be 0
 * @timeout_ms: longest wait in milliseconds, waiting for its turn included; 0
 *	means the driver's default (10 s)
 * @params: pointer to the 32-bit parameters.  The driver puts the context in
 *	front where enum vgpu_opcode lists "ctx"; a program leaves it out
 * @data: pointer to the data of the request
 * @results: pointer to where 32-bit results go
 * @answer: pointer to where the data of the response go
 * @param_count: how many parameters
 * @data_length: bytes at @data
 * @result_count: in: room at @results, in words; out: how many came
 * @answer_length: in: room at @answer, in bytes; out: how many came
 * @status: enum vgpu_error, out
 * @exec_time_us: time on the GPU, out
 * @retry_us: with VGPU_ERR_QUEUE_FULL and VGPU_ERR_RATE_LIMITED: in so many microseconds it
 *	may be worth another try, if the device can tell; else 0; out
 * @__reserved: must be 0
 */
struct vgpu_request {
	__u32 size;
	__u32 opcode;
	__u32 flags;
	__u32 timeout_ms;
	__aligned_u64 params;
	__aligned_u64 data;
	__aligned_u64 results;
	__aligned_u64 answer;
	__u32 param_count;
	__u32 data_length;
	__u32 result_count;
	__u32 answer_length;
	__u32 status;
	__u32 exec_time_us;
	__u32 retry_us;
	__u32 __reserved;
};

#define VGPU_IOC_REQUEST	_IO(VGPU_IOCTL_TYPE, VGPU_CMD_REQUEST)

/**
 * struct vgpu_bo_create - ioctl(VGPU_IOC_BO_CREATE): a buffer object of this machine's
 *	memory, which the device reads and writes, and the process, too
 * @size: sizeof(struct vgpu_bo_create)
 * @flags: VGPU_BO_CREATE_*
 * @bytes: of the object; rounded up to VGPU_BO_ALIGN
 * @address: with VGPU_BO_CREATE_IMPORT: where the process has the memory; else must be 0
 * @mmap_offset: for mmap(2) of the open file, MAP_SHARED; out.  0 with
 *	VGPU_BO_CREATE_IMPORT: it can't be mapped a second time by this file
 * @handle: for jobs and requests of this open file, out
 * @status: enum vgpu_error, out, valid on 0 and EREMOTEIO
 *
 * Without a flag it is new memory, all zeroes.  It ends by VGPU_IOC_BO_DESTROY (not by
 * VGPU_OP_BO_DESTROY), and what is mapped of it stays mapped; or with the last close.
 *
 * VGPU_BO_CREATE_IMPORT makes it of memory that the process has, as it is: private or
 * shared, but such that may be written to and be pinned for long.  @address and @bytes
 * are multiples of the page size.
 *
 * - EFAULT: some of it is not mapped, or not to be written to, or not memory but a
 *   device's, or a file whose pages can't be pinned for long: DAX, and, where Linux
 *   refuses it (6.5 and later), a shared mapping of a file on a disk.
 * - ENOMEM: also if with it the user would have more pinned than RLIMIT_MEMLOCK and has
 *   not CAP_IPC_LOCK; likewise if the limit is 0, for which mlock(2) has EPERM.
 *
 * The object is these pages, not the addresses: whoever unmaps them, or maps something
 * else there, changes nothing for the device.  They stay pinned and charged until the
 * object ends and the device has let go of them.  After a fork(2) the parent has the
 * pages and the child copies of what was private; so there is no need for MADV_DONTFORK.
 */
struct vgpu_bo_create {
	__u32 size;
	__u32 flags;
	__aligned_u64 bytes;
	__aligned_u64 address;
	__aligned_u64 mmap_offset;
	__u32 handle;
	__u32 status;
};

#define VGPU_BO_CREATE_IMPORT	(1U << 0)	/* of memory of the process */

#define VGPU_IOC_BO_CREATE	_IO(VGPU_IOCTL_TYPE, VGPU_CMD_BO_CREATE)

/**
 * struct vgpu_bo_destroy - ioctl(VGPU_IOC_BO_DESTROY): end what VGPU_IOC_BO_CREATE made
 * @size: sizeof(struct vgpu_bo_destroy)
 * @handle: the object
 * @status: enum vgpu_error, out, valid on 0 and EREMOTEIO.  VGPU_ERR_BUSY: a queue or
 *	a job still uses it
 * @__reserved: must be 0
 */
struct vgpu_bo_destroy {
	__u32 size;
	__u32 handle;
	__u32 status;
	__u32 __reserved;
};

#define VGPU_IOC_BO_DESTROY	_IO(VGPU_IOCTL_TYPE, VGPU_CMD_BO_DESTROY)

/**
 * struct vgpu_queue_create - ioctl(VGPU_IOC_QUEUE_CREATE): a queue of this open file
 * @size: sizeof(struct vgpu_queue_create)
 * @flags: must be 0
 * @entries: of its rings, a power of two, VGPU_RING_MIN_ENTRIES to
 *	VGPU_RING_MAX_ENTRIES
 * @queue: its number, out
 * @rings_offset: for mmap(2) of VGPU_QUEUE_SIZE(@entries) bytes, MAP_SHARED; out
 * @doorbell_offset: for mmap(2) of a page, MAP_SHARED; out.  To ring, write any 32-bit
 *	word at its beginning; once the device is gone that does nothing
 * @status: enum vgpu_error, out, valid on 0 and EREMOTEIO
 * @__reserved: must be 0
 *
 * The rings are those of struct vgpu_dev_sqe; the process writes submissions and
 * reads completions without asking the driver.  &vgpu_dev_queue_events.cq_event is the
 * driver's to write: for VGPU_IOC_QUEUE_WAIT.
 */
struct vgpu_queue_create {
	__u32 size;
	__u32 flags;
	__u32 entries;
	__u32 queue;
	__aligned_u64 rings_offset;
	__aligned_u64 doorbell_offset;
	__u32 status;
	__u32 __reserved;
};

#define VGPU_IOC_QUEUE_CREATE	_IO(VGPU_IOCTL_TYPE, VGPU_CMD_QUEUE_CREATE)

/**
 * struct vgpu_queue_destroy - ioctl(VGPU_IOC_QUEUE_DESTROY): end a queue
 * @size: sizeof(struct vgpu_queue_destroy)
 * @queue: its number
 * @status: enum vgpu_error, out, valid on 0 and EREMOTEIO
 * @__reserved: must be 0
 *
 * Its jobs are over when this returns 0, without a completion if they had not ended.
 * Whoever waits for one of them by VGPU_IOC_QUEUE_WAIT has ENOENT, and if its event was
 * to come it comes by this.
 */
struct vgpu_queue_destroy {
	__u32 size;
	__u32 queue;
	__u32 status;
	__u32 __reserved;
};

#define VGPU_IOC_QUEUE_DESTROY	_IO(VGPU_IOCTL_TYPE, VGPU_CMD_QUEUE_DESTROY)

/**
 * struct vgpu_queue_wait - ioctl(VGPU_IOC_QUEUE_WAIT): wait for a fence
 * @size: sizeof(struct vgpu_queue_wait)
 * @queue: its number
 * @index: of the submission that must have completed
 * @timeout_ms: longest wait in milliseconds; 0: only look
 *
 * 0 means that it has completed, by whatever status, ETIMEDOUT that it has not yet, ENOENT
 * that the queue has ended.  After a signal that no handler is run for, as when the process
 * is stopped and continued, the time begins anew.
 */
struct vgpu_queue_wait {
	__u32 size;
	__u32 queue;
	__u32 index;
	__u32 timeout_ms;
};

#define VGPU_IOC_QUEUE_WAIT	_IO(VGPU_IOCTL_TYPE, VGPU_CMD_QUEUE_WAIT)

/**
 * struct vgpu_queue_arm - ioctl(VGPU_IOC_QUEUE_ARM): an event for a fence
 * @size: sizeof(struct vgpu_queue_arm)
 * @queue: its number
 * @index: of the submission with whose completion the event comes
 * @passed: 1: it has completed already, and no event will come; 0: it will; out
 *
 * A queue has one event, which comes once for each time it is armed: poll(2) of the
 * file says EPOLLIN, until the queue is armed again, and its eventfd, if it has one, is
 * signalled.  To arm replaces what was armed before; for the index of the next
 * submission it is as good as not armed.
 *
 * No wake-up gets lost by: reap what there is, arm for the next completion, and begin
 * again if it has passed already.
 *
 * If the queue ends while it is armed the event comes by that.  As nobody can arm it again
 * the file then says EPOLLIN until the next VGPU_IOC_QUEUE_ARM, of whatever queue, also of this
 * one, which says ENOENT, or VGPU_IOC_QUEUE_CREATE: of several threads that poll one file
 * others may not see it, but do by an eventfd.
 */
struct vgpu_queue_arm {
	__u32 size;
	__u32 queue;
	__u32 index;
	__u32 passed;
};

#define VGPU_IOC_QUEUE_ARM	_IO(VGPU_IOCTL_TYPE, VGPU_CMD_QUEUE_ARM)

/**
 * struct vgpu_queue_eventfd - ioctl(VGPU_IOC_QUEUE_EVENTFD): an eventfd for its events
 * @size: sizeof(struct vgpu_queue_eventfd)
 * @queue: its number
 * @fd: an eventfd(2), also one that others have; -1: none.  EINVAL: a file, but not an
 *	eventfd
 * @__reserved: must be 0
 *
 * It takes the place of the one before.  It is signalled, too, armed or not, when the
 * queue is lost: VGPU_IOC_QUEUE_ARM says ESTALE or ENODEV then.
 */
struct vgpu_queue_eventfd {
	__u32 size;
	__u32 queue;
	__s32 fd;
	__u32 __reserved;
};

#define VGPU_IOC_QUEUE_EVENTFD	_IO(VGPU_IOCTL_TYPE, VGPU_CMD_QUEUE_EVENTFD)

#endif /* _UAPI_LINUX_VGPU_H */
