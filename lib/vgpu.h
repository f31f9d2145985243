/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libvgpu: a vGPU from C and C++.
 *
 * Errors.  A function that returns int returns 0, or a negative errno; nothing
 * else tells of success.  It comes from one of two places:
 *
 * - this library or the driver, with the meanings <linux/vgpu.h> lists;
 * - the device, which has codes of its own (enum vgpu_error).  They become:
 *
 *	INVALID_REQUEST		-EINVAL
 *	TOO_LARGE		-EMSGSIZE
 *	BACKEND_UNAVAILABLE	-EHOSTDOWN
 *	TIMEOUT			-ETIME (the driver's own is -ETIMEDOUT)
 *	GPU			-EREMOTEIO
 *	INVALID_POOL		-ENXIO
 *	QUEUE_FULL		-EBUSY
 *	UNSUPPORTED_OP		-EOPNOTSUPP
 *	INVALID_LENGTH		-EINVAL
 *	RATE_LIMITED		-EAGAIN
 *	QUARANTINED		-EACCES
 *	NO_MEMORY		-EDQUOT
 *	BAD_HANDLE		-EBADF
 *	OUT_OF_RANGE		-ERANGE
 *	CANCELED		-ECANCELED
 *	BAD_ADDRESS		-EFAULT
 *	BUSY			-EBUSY
 *	BUILD			-ENOEXEC
 *	BACKEND_LOST		-ENOTRECOVERABLE
 *	any other		-EPROTO
 *
 * vgpu_last_error() tells exactly what the device said to the last call of
 * this thread; it is VGPU_ERR_NONE if the error didn't come from the device.
 * A call that succeeds without asking the device leaves it as it is.
 *
 * Threads.  All functions may be called by several threads at once with the
 * same struct vgpu.  vgpu_close() may not: no other call may be under way or
 * follow.  vgpu_set_timeout() is in force for calls that begin after it.
 *
 * Each call that runs a job (copy, fill, read, write, kernels) waits for that of another
 * thread with the same struct vgpu: for jobs side by side there are queues.
 *
 * Waiting.  A call returns when the device is done.  On -ETIMEDOUT and -EINTR
 * the device may be at work still: what a call writes to is undefined until a
 * later call on the same struct vgpu has succeeded.
 *
 * Buffer objects belong to the struct vgpu through which they were made, and go
 * with it, once none of them is mapped any more.  Children of fork() must not use a struct
 * vgpu of their parent.
 */
#ifndef VGPU_H
#define VGPU_H

#include <stddef.h>
#include <linux/vgpu.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An open vGPU with a context of its own */
struct vgpu;

/**
 * struct vgpu_buf - a place in a buffer object
 * @bo: handle of the object
 * @offset: in bytes, from its begin
 */
struct vgpu_buf {
	__u32 bo;
	__u64 offset;
};

/**
 * vgpu_open() - open a vGPU
 * @dev: set on success
 * @path: of the device file; NULL means /dev/vgpu0
 *
 * Return: 0 or a negative errno.
 */
int vgpu_open(struct vgpu **dev, const char *path);

/**
 * vgpu_open_index() - open /dev/vgpuN
 * @dev: set on success
 * @index: N
 *
 * Return: 0 or a negative errno.
 */
int vgpu_open_index(struct vgpu **dev, unsigned int index);

/**
 * vgpu_close() - close a vGPU, and give its buffer objects back
 * @dev: not to be used any more; NULL does nothing
 *
 * What vgpu_bo_create_system() has mapped stays mapped, and until it is unmapped nothing of
 * @dev ends on the device.
 */
void vgpu_close(struct vgpu *dev);

/**
 * vgpu_fd() - the file descriptor, for ioctls of one's own
 * @dev: keeps it
 *
 * Return: a file descriptor, closed by vgpu_close().
 */
int vgpu_fd(const struct vgpu *dev);

/**
 * vgpu_check() - is the vGPU still what it was when it was opened?
 * @dev: which
 *
 * Doesn't wait.  To wait for a change there is poll(2) with vgpu_fd(): POLLPRI stands for
 * -ESTALE, POLLERR and POLLHUP for -ENODEV.
 *
 * Return: 0; -ESTALE if the device was reset and this context lost, with all that was in
 * it: close it and open it again; -ENODEV if the device is gone.
 */
int vgpu_check(const struct vgpu *dev);

/**
 * vgpu_set_timeout() - change how long a call may wait for one request
 * @dev: of which calls
 * @timeout_ms: in milliseconds; 0 means the driver's default
 *
 * A call whose job's time is over ends it by its queue, for which a device that doesn't
 * answer has some minutes more; other jobs of @dev wait as long.
 */
void vgpu_set_timeout(struct vgpu *dev, unsigned int timeout_ms);

/**
 * vgpu_set_mailbox() - through what vgpu_bo_write(), vgpu_bo_read(), vgpu_copy(),
 *	vgpu_fill() and the kernels go
 * @dev: of which calls
 * @mailbox: not 0: the mailbox; 0: a queue of @dev's own, as at first.  Where a device has
 *	none they go through the mailbox in any case
 */
void vgpu_set_mailbox(struct vgpu *dev, int mailbox);

/**
 * vgpu_get_info() - what is this vGPU?
 * @dev: of which
 * @info: filled in
 *
 * Return: 0 or a negative errno.
 */
int vgpu_get_info(struct vgpu *dev, struct vgpu_info *info);

/**
 * vgpu_request() - any request
 * @dev: through which
 * @request: as for VGPU_IOC_REQUEST; @request->size is filled in, and
 *	@request->timeout_ms if it is 0
 *
 * Return: 0 or a negative errno, be it the driver's or the device's.
 */
int vgpu_request(struct vgpu *dev, struct vgpu_request *request);

/**
 * vgpu_nop() - nothing, on the device
 * @dev: on which
 *
 * Return: 0 or a negative errno.
 */
int vgpu_nop(struct vgpu *dev);

/**
 * vgpu_compute() - add two numbers, modulo 2^32
 * @dev: on which
 * @a: the one
 * @b: the other
 * @sum: set on success
 *
 * Return: 0 or a negative errno.
 */
int vgpu_compute(struct vgpu *dev, __u32 a, __u32 b, __u32 *sum);

/**
 * vgpu_bo_create() - make a buffer object in device memory, full of zeros
 * @dev: owns it
 * @size: in bytes; rounded up to VGPU_BO_ALIGN
 * @bo: its handle
 *
 * Return: 0 or a negative errno.
 */
int vgpu_bo_create(struct vgpu *dev, __u64 size, __u32 *bo);

/**
 * vgpu_bo_destroy() - give a buffer object back
 * @dev: owns it
 * @bo: its handle, not to be used any more
 *
 * Return: 0 or a negative errno.
 */
int vgpu_bo_destroy(struct vgpu *dev, __u32 bo);

/**
 * vgpu_bo_write() - copy from memory into a buffer object
 * @dev: owns it
 * @dst: to where
 * @src: from where
 * @length: bytes, any number
 *
 * Takes many requests if @length is large.  If this fails, a part may have been
 * copied.
 *
 * Return: 0 or a negative errno.
 */
int vgpu_bo_write(struct vgpu *dev, struct vgpu_buf dst, const void *src,
		  size_t length);

/**
 * vgpu_bo_read() - copy from a buffer object into memory
 * @dev: owns it
 * @dst: to where
 * @src: from where
 * @length: bytes, any number
 *
 * Takes many requests if @length is large.  If this fails, a part may have been
 * copied.
 *
 * Return: 0 or a negative errno.
 */
int vgpu_bo_read(struct vgpu *dev, void *dst, struct vgpu_buf src,
		 size_t length);

/**
 * vgpu_copy() - copy between buffer objects, or inside of one
 * @dev: owns them
 * @dst: to where
 * @src: from where; must not overlap
 * @length: bytes
 *
 * Return: 0 or a negative errno.
 */
int vgpu_copy(struct vgpu *dev, struct vgpu_buf dst, struct vgpu_buf src,
	      __u64 length);

/**
 * vgpu_fill() - fill a part of a buffer object with a pattern
 * @dev: owns it
 * @dst: where, a multiple of 4
 * @length: bytes, a multiple of 4
 * @pattern: repeated
 *
 * Return: 0 or a negative errno.
 */
int vgpu_fill(struct vgpu *dev, struct vgpu_buf dst, __u64 length,
	      __u32 pattern);

/**
 * vgpu_launch() - run a kernel
 * @dev: where
 * @builtin: which
 * @args: its arguments, in the device's byte order (see struct vgpu_dev_arg)
 * @count: how many
 *
 * Return: 0 or a negative errno.
 */
int vgpu_launch(struct vgpu *dev, enum vgpu_builtin builtin,
		const struct vgpu_dev_arg *args, unsigned int count);

/**
 * struct vgpu_grid - how many threads run a kernel
 * @grid: blocks in each dimension, from 1
 * @block: threads of a block in each dimension, from 1
 * @shared: bytes that the threads of a block share, beside what arguments ask for
 */
struct vgpu_grid {
	__u32 grid[3];
	__u32 block[3];
	__u32 shared;
};

/**
 * vgpu_launch_grid() - run a kernel of a module
 * @dev: where
 * @kernel: of vgpu_kernel_get()
 * @grid: how many threads; NULL for one, as the built-in kernels have it
 * @args: its arguments, in the device's byte order (see struct vgpu_dev_arg)
 * @count: how many
 *
 * Return: 0 or a negative errno; -EOPNOTSUPP if the device has no queues, or after
 * vgpu_set_mailbox().
 */
int vgpu_launch_grid(struct vgpu *dev, __u32 kernel, const struct vgpu_grid *grid,
		     const struct vgpu_dev_arg *args, unsigned int count);

/* The built-in kernels; enum vgpu_builtin tells what they do and require. */

int vgpu_vecadd_u32(struct vgpu *dev, struct vgpu_buf dst, struct vgpu_buf a,
		    struct vgpu_buf b, __u64 n);
int vgpu_vecadd_f32(struct vgpu *dev, struct vgpu_buf dst, struct vgpu_buf a,
		    struct vgpu_buf b, __u64 n);
int vgpu_saxpy_f32(struct vgpu *dev, struct vgpu_buf y, struct vgpu_buf x,
		   float a, __u64 n);
int vgpu_matmul_f32(struct vgpu *dev, struct vgpu_buf c, struct vgpu_buf a,
		    struct vgpu_buf b, __u64 m, __u64 n, __u64 k);
int vgpu_reduce_u32(struct vgpu *dev, struct vgpu_buf dst, struct vgpu_buf src,
		    __u64 n);
int vgpu_sha256(struct vgpu *dev, struct vgpu_buf dst, struct vgpu_buf src,
		__u64 length);

/*
 * Queues.  The process submits jobs and reaps completions in memory that it shares
 * with the device, without a system call; only to sleep takes one.  Jobs of a queue run
 * in the order they were submitted, those of different queues in any.
 *
 * One thread at a time submits to a queue, by what takes user data, and one at a time
 * reaps.  The two may be different ones, side by side, and need no lock: nothing in here
 * waits for another thread.  Any thread may kick, wait, arm, abort, and ask for the index and the
 * statistics, at any time until vgpu_queue_destroy().
 */

/* A queue of a struct vgpu; it ends before that does */
struct vgpu_queue;

/**
 * struct vgpu_completion - a job that is over
 * @user_data: as it was submitted
 * @gpu_ns: time on the GPU in nanoseconds, 2^32 - 1 if it is more
 * @status: enum vgpu_error
 */
struct vgpu_completion {
	__u64 user_data;
	__u32 gpu_ns;
	__u32 status;
};

/**
 * struct vgpu_queue_stats - what a queue cost so far
 * @doorbells: how often the device had to be told; each is a VM exit
 * @waits: how often this process went to sleep
 */
struct vgpu_queue_stats {
	__u64 doorbells;
	__u64 waits;
};

/**
 * vgpu_bo_create_system() - make a buffer object of this machine's memory
 * @dev: owns it
 * @size: in bytes; rounded up to VGPU_BO_ALIGN
 * @bo: its handle, for jobs as any other
 * @ptr: where the process has it, full of zeros
 *
 * Return: 0 or a negative errno.
 */
int vgpu_bo_create_system(struct vgpu *dev, __u64 size, __u32 *bo, void **ptr);

/**
 * vgpu_bo_import() - make a buffer object of memory that this process has
 * @dev: owns the object
 * @ptr: where the memory begins, a multiple of the page size
 * @size: in bytes, likewise; more than 0
 * @bo: its handle, for jobs as any other
 *
 * The memory stays the process's.  It is pinned, and counts against RLIMIT_MEMLOCK, until
 * vgpu_bo_destroy_system(@dev, @bo, NULL, 0); <linux/vgpu.h> has the rules.
 *
 * Return: 0 or a negative errno: -EINVAL; -EFAULT if some of it can't be written to or
 * can't be pinned; -ENOMEM, also beyond RLIMIT_MEMLOCK.
 */
int vgpu_bo_import(struct vgpu *dev, void *ptr, __u64 size, __u32 *bo);

/**
 * vgpu_bo_destroy_system() - give such an object back
 * @dev: owns it
 * @bo: its handle, not to be used any more
 * @ptr: of vgpu_bo_create_system(), unmapped; or NULL, as for vgpu_bo_import()
 * @size: of vgpu_bo_create_system()
 *
 * Return: 0 or a negative errno; -EBUSY if a job still uses it.
 */
int vgpu_bo_destroy_system(struct vgpu *dev, __u32 bo, void *ptr, __u64 size);

/**
 * vgpu_queue_create() - make a queue
 * @dev: owns it
 * @entries: most jobs that are submitted and not reaped at a time: a power of two,
 *	VGPU_RING_MIN_ENTRIES to VGPU_RING_MAX_ENTRIES
 * @queue: set on success
 *
 * Return: 0 or a negative errno.
 */
int vgpu_queue_create(struct vgpu *dev, unsigned int entries, struct vgpu_queue **queue);

/**
 * vgpu_queue_destroy() - end a queue; what had not completed never does
 * @queue: not to be used any more; NULL does nothing
 *
 * Return: 0 or a negative errno: the device may have it still, until vgpu_close().
 */
int vgpu_queue_destroy(struct vgpu_queue *queue);

/**
 * vgpu_queue_abort() - call off what was submitted
 * @queue: goes on with what is submitted from here on
 *
 * Each job still has a completion, whose status is VGPU_ERR_CANCELED unless it had ended;
 * they are there when this returns 0.
 *
 * Return: 0 or a negative errno.
 */
int vgpu_queue_abort(struct vgpu_queue *queue);

/**
 * vgpu_queue_nop() - submit a job that does nothing
 * @queue: where
 * @user_data: for the completion
 *
 * The device sees it at vgpu_queue_kick() at the latest.
 *
 * Return: 0, or -EAGAIN if the queue is full: reap first, and see vgpu_queue_wait_room().
 */
int vgpu_queue_nop(struct vgpu_queue *queue, __u64 user_data);

/**
 * vgpu_queue_copy() - submit a copy between buffer objects, or inside of one
 * @queue: where
 * @user_data: for the completion
 * @dst: to where
 * @src: from where; must not overlap
 * @length: bytes
 *
 * Return: as vgpu_queue_nop().
 */
int vgpu_queue_copy(struct vgpu_queue *queue, __u64 user_data, struct vgpu_buf dst,
		    struct vgpu_buf src, __u64 length);

/**
 * vgpu_queue_fill() - submit a fill
 * @queue: where
 * @user_data: for the completion
 * @dst: where, a multiple of 4
 * @length: bytes, a multiple of 4
 * @pattern: repeated
 *
 * Return: as vgpu_queue_nop().
 */
int vgpu_queue_fill(struct vgpu_queue *queue, __u64 user_data, struct vgpu_buf dst,
		    __u64 length, __u32 pattern);

/**
 * vgpu_queue_after() - let what is submitted from here on run after a job of another queue
 * @queue: where
 * @user_data: for the completion, whose status is VGPU_ERR_CANCELED if @other ends first
 * @other: another queue of the same struct vgpu
 * @index: of the job there, of vgpu_queue_index() before it was submitted
 *
 * Return: as vgpu_queue_nop().
 */
int vgpu_queue_after(struct vgpu_queue *queue, __u64 user_data,
		     const struct vgpu_queue *other, __u32 index);

/**
 * vgpu_queue_timestamp() - submit a job that writes down the device's time
 * @queue: where
 * @user_data: for the completion
 * @dst: where to, at a multiple of 8: 64 bits, little-endian, nanoseconds since the vGPU
 *	was reset
 *
 * Return: as vgpu_queue_nop().
 */
int vgpu_queue_timestamp(struct vgpu_queue *queue, __u64 user_data, struct vgpu_buf dst);

/**
 * vgpu_queue_launch() - submit a launch of a kernel
 * @queue: where
 * @user_data: for the completion
 * @kernel: of vgpu_kernel_get()
 * @args: its arguments, in the device's byte order (see struct vgpu_dev_arg); copied
 * @count: how many, at most VGPU_MAX_ARGS
 *
 * Return: as vgpu_queue_nop(); the first launch of a queue makes a buffer object for
 * arguments, and so may return what vgpu_bo_create_system() does.
 */
int vgpu_queue_launch(struct vgpu_queue *queue, __u64 user_data, __u32 kernel,
		      const struct vgpu_dev_arg *args, unsigned int count);

/**
 * vgpu_queue_launch_grid() - submit a launch of a kernel by many threads
 * @queue: where
 * @user_data: for the completion
 * @kernel: of vgpu_kernel_get()
 * @grid: how many threads; NULL for one, as the built-in kernels have it
 * @args: as vgpu_queue_launch()
 * @count: likewise
 *
 * Return: as vgpu_queue_launch().
 */
int vgpu_queue_launch_grid(struct vgpu_queue *queue, __u64 user_data, __u32 kernel,
			   const struct vgpu_grid *grid, const struct vgpu_dev_arg *args,
			   unsigned int count);

/**
 * vgpu_queue_set_again() - does it do harm if jobs run more than once?
 * @queue: the queue
 * @again: 0: it does, or nobody knows; the default.  Else what is submitted from here on does
 *	no harm: it reads nothing that it, or a job behind it, writes
 *
 * If what runs the GPU for the host dies, a job that had begun then fails with
 * VGPU_ERR_BACKEND_LOST; or is run anew, if it may be, and the context has no device memory and
 * no modules.  For a thread that submits.  A host that knows no such thing refuses such jobs:
 * VGPU_ERR_INVALID_REQUEST.
 */
void vgpu_queue_set_again(struct vgpu_queue *queue, int again);

/**
 * vgpu_queue_index() - index of the next submission
 * @queue: of which
 *
 * Indices count from 0, modulo 2^32.  To another thread than the submitting one it may
 * be late, so that even more has been reaped.
 *
 * Return: the index; that of the last submission is one less.
 */
__u32 vgpu_queue_index(const struct vgpu_queue *queue);

/**
 * vgpu_queue_kick() - see to it that the device sees what was submitted
 * @queue: where
 *
 * Costs a VM exit if the device sleeps, and nothing if it is busy.
 */
void vgpu_queue_kick(struct vgpu_queue *queue);

/**
 * vgpu_queue_reap() - take the next completion
 * @queue: where
 * @completion: set if there is one
 *
 * Return: 1, or 0 if there is none yet.
 */
int vgpu_queue_reap(struct vgpu_queue *queue, struct vgpu_completion *completion);

/**
 * vgpu_queue_wait() - sleep until a submission has completed
 * @queue: where
 * @index: of the submission; what was submitted is kicked
 * @timeout_ms: longest wait in milliseconds; 0: only look
 *
 * Return: 0 and it can be reaped; or a negative errno: -ETIMEDOUT; -EINTR; -ESTALE if
 * the queue was lost in a reset; -ENODEV.
 */
int vgpu_queue_wait(struct vgpu_queue *queue, __u32 index, unsigned int timeout_ms);

/**
 * vgpu_queue_wait_room() - sleep until there is room for a submission, or soon is
 * @queue: where; only the thread that submits may ask
 * @timeout_ms: longest wait in milliseconds; 0: only look
 *
 * For who would rather wait than have -EAGAIN.  Room comes by reaping: whoever does that
 * himself does so when this returns 0, and submits then.
 *
 * Return: 1 if there is room; 0 if there is a completion to reap, perhaps by another thread
 * that is about to; or a negative errno, as vgpu_queue_wait().
 */
int vgpu_queue_wait_room(struct vgpu_queue *queue, unsigned int timeout_ms);

/**
 * vgpu_queue_arm() - let an event come with a completion, for poll(2) and the like
 * @queue: where
 * @index: of the submission; what was submitted is kicked
 *
 * The event comes once: POLLIN on vgpu_fd(), until the queue is armed again, and a signal
 * to the queue's eventfd.  So a loop over any number of queues, each with one eventfd or
 * all with the same, reaps what there is, arms each queue for its next completion, and
 * sleeps if no call has returned 1.
 *
 * Return: 1 if it has completed already, and no event will come; 0 if it will; or a
 * negative errno: -ESTALE if the queue was lost in a reset; -ENODEV.
 */
int vgpu_queue_arm(struct vgpu_queue *queue, __u32 index);

/**
 * vgpu_queue_set_eventfd() - which eventfd is to be signalled with the queue's events
 * @queue: of which; also signals it when the queue is lost
 * @fd: an eventfd(2), which stays the caller's; -1: none
 *
 * Return: 0 or a negative errno: -EBADF; -EINVAL if it is no eventfd; -ESTALE; -ENODEV.
 */
int vgpu_queue_set_eventfd(struct vgpu_queue *queue, int fd);

/**
 * vgpu_queue_get_stats() - what has the queue cost?
 * @queue: of which
 * @stats: filled in
 */
void vgpu_queue_get_stats(const struct vgpu_queue *queue, struct vgpu_queue_stats *stats);

/**
 * vgpu_module_build() - build a module of its source
 * @dev: into whose context
 * @format: what it is: VGPU_MODULE_OPENCL_C and so on; &vgpu_info.formats tells which the GPU
 *	takes
 * @source: the source; copied
 * @length: bytes of it, VGPU_MAX_SOURCE at most
 * @options: for the compiler, VGPU_MAX_BUILD_OPTIONS bytes at most; or NULL
 * @log: what the compiler says, NUL-terminated, also on success; or NULL
 * @log_size: bytes at @log
 * @module: its handle
 *
 * Takes as long as a compiler does: seconds.
 *
 * Return: 0 or a negative errno; -ENOEXEC if it can't be built, see @log; -EOPNOTSUPP if the
 * GPU doesn't take the format.
 */
int vgpu_module_build(struct vgpu *dev, enum vgpu_module_format format, const void *source,
		      size_t length, const char *options, char *log, size_t log_size,
		      __u32 *module);

/**
 * vgpu_module_load() - load the module of the built-in kernels
 * @dev: into whose context
 * @format: VGPU_MODULE_BUILTIN
 * @data: NULL
 * @length: 0
 * @module: its handle
 *
 * Return: 0 or a negative errno.
 */
int vgpu_module_load(struct vgpu *dev, enum vgpu_module_format format, const void *data,
		     size_t length, __u32 *module);

/**
 * vgpu_module_unload() - end a module and its kernels
 * @dev: of which
 * @module: its handle
 *
 * Return: 0 or a negative errno.
 */
int vgpu_module_unload(struct vgpu *dev, __u32 module);

/**
 * vgpu_kernel_get() - look a kernel up in a module
 * @dev: of which
 * @module: its handle
 * @name: of the kernel, such as "vecadd_u32"
 * @kernel: its handle, for vgpu_queue_launch()
 *
 * Return: 0 or a negative errno; -EOPNOTSUPP if there is no such kernel.
 */
int vgpu_kernel_get(struct vgpu *dev, __u32 module, const char *name, __u32 *kernel);

/**
 * vgpu_builtin_name() - name of a built-in kernel
 * @builtin: which
 *
 * Return: such as "vecadd-u32", or NULL for one this library doesn't know.
 */
const char *vgpu_builtin_name(enum vgpu_builtin builtin);

/**
 * vgpu_last_error() - what did the device say to this thread's last call?
 *
 * What succeeds without asking the device, such as vgpu_queue_copy(), doesn't count.
 *
 * Return: the code exactly as it came, which may be none of enum vgpu_error if
 *	the device is newer than this library.
 */
__u32 vgpu_last_error(void);

/**
 * vgpu_retry_us() - when is it worth to try this thread's last call again?
 *
 * With VGPU_ERR_RATE_LIMITED and VGPU_ERR_QUEUE_FULL the device tells when it may take the
 * request.  It is an estimate: others may come first.
 *
 * Return: microseconds from the time the call returned, or 0 if nobody can tell.
 */
__u32 vgpu_retry_us(void);

/**
 * vgpu_error_name() - name of a code of the device
 * @code: enum vgpu_error
 *
 * Return: a few words, such as "queue full"; "unknown error" for a code
 *	that this library doesn't know.
 */
const char *vgpu_error_name(__u32 code);

/**
 * vgpu_strerror() - what does an error of this library mean?
 * @err: what a function returned
 *
 * Unlike strerror() this knows what the errors mean here.
 *
 * Return: a sentence without a full stop; never NULL.
 */
const char *vgpu_strerror(int err);

#ifdef __cplusplus
}
#endif

#endif /* VGPU_H */
