/* SPDX-License-Identifier: GPL-2.0 */
/* The exec backend: GPUs that processes drive. */
#ifndef _VGPU_EXEC_H
#define _VGPU_EXEC_H

#include <linux/idr.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/vgpu_exec.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <vgpu/ring.h>

#include "backend.h"
#include "exec_clock.h"

struct file;
struct inode;
struct pci_dev;
struct vgpu;
struct vgpu_bo_range;
struct vgpu_exec_channel;
struct vgpu_kernel;
struct vgpu_module;
struct vgpu_module_source;
struct vm_area_struct;

/**
 * struct vgpu_exec_gpu - a GPU that has, or had, an executor
 * @node: in the list of all of them, until its parent is removed
 * @ref: one there, one for each channel and each file that became its executor
 * @pdev: the PCI function that is its parent, with a reference; or NULL
 * @gpu: the core's
 * @desc: what its first executor said of it
 * @name: &vgpu_gpu_desc.name
 * @lock: protects the rest, and of channels and contexts what they say.  Taken with
 *	&vgpu_gpu.dispatch_lock held, so nobody allocates or waits with it held
 * @executor: who it is, only compared; NULL: there is none
 * @leaving: it is going, and there are no new channels
 * @generation: how many there have been
 * @channels: channels of vGPUs that have contexts, or whose last worker isn't gone
 * @events: channels of which the executor is to be told
 * @last_channel: number of the last one
 * @ping: the executor is to read that it is to be alive
 * @ping_since: since when, in jiffies
 * @clock: what its workers' jobs take
 * @event_wait: the executor waits here
 * @heartbeat: asks it from time to time, while there is one
 * @recover: what the last executor left has workers again, and the GPU goes on
 */
struct vgpu_exec_gpu {
	struct list_head node;
	struct kref ref;
	struct pci_dev *pdev;
	struct vgpu_gpu *gpu;
	struct vgpu_gpu_desc desc;
	char name[sizeof_field(struct vgpu_exec_register, name)];
	struct mutex lock;
	const void *executor;
	bool leaving;
	u32 generation;
	struct list_head channels;
	struct list_head events;
	u64 last_channel;
	bool ping;
	unsigned long ping_since;
	struct vgpu_exec_clock clock;
	wait_queue_head_t event_wait;
	struct delayed_work heartbeat;
	struct work_struct recover;
};

/**
 * struct vgpu_exec_ctx - a context; &vgpu_ctx.priv
 * @node: in &vgpu_exec_channel.ctxs
 * @ctx: the core's
 * @channel: what its vGPU has to do, with a reference
 * @nr_device: objects in device memory, and modules.  Protected by &vgpu_exec_gpu.lock, as @node
 * @lost: these are gone, so that no job of it can run any more.  Read without a lock
 * @losing: somebody tells the core so, and has the context as long
 */
struct vgpu_exec_ctx {
	struct list_head node;
	struct vgpu_ctx *ctx;
	struct vgpu_exec_channel *channel;
	u32 nr_device;
	bool lost;
	bool losing;
};

/**
 * enum vgpu_exec_channel_state - what becomes of a channel
 * @VGPU_EXEC_STARTING: it has no worker yet, or that isn't ready
 * @VGPU_EXEC_RUNNING: it has one
 * @VGPU_EXEC_DEAD: it is not to have one any more, and nothing is with it but what is being
 *	given back; unless it is an orphan: then it begins again when there is an executor
 */
enum vgpu_exec_channel_state {
	VGPU_EXEC_STARTING,
	VGPU_EXEC_RUNNING,
	VGPU_EXEC_DEAD,
};

/**
 * struct vgpu_exec_object - a buffer object, module or kernel, as a worker knows it
 * @node: in &vgpu_exec_channel.notices
 * @refs: one for what it is, one in @notices or in an entry
 * @number: its number
 * @opcode: what the worker is to be told of it next, enum vgpu_exec_opcode
 * @end: what it is told last
 * @size: bytes
 * @life: &vgpu_exec_channel.life in which the worker was told of it; 0: it wasn't
 * @status: what the worker said when it was to make it; VGPU_ERR_COUNT before
 */
struct vgpu_exec_object {
	struct list_head node;
	u32 refs;
	u32 number;
	u32 opcode;
	u32 end;
	u64 size;
	u32 life;
	enum vgpu_error status;
};

/**
 * struct vgpu_exec_call - something that takes a worker long, beside its jobs
 * @node: in &vgpu_exec_channel.tasks
 * @task: what it is told.  Complete before the call is in the list
 * @given: it has been.  Protected by &vgpu_exec_channel.task_lock, as what follows
 * @done: what follows holds
 * @status: what it says, checked
 * @nargs: likewise, of a kernel
 * @arg: likewise
 *
 * Who waits for the answer has it, and takes it off the list.
 */
struct vgpu_exec_call {
	struct list_head node;
	struct vgpu_exec_task task;
	bool given;
	bool done;
	enum vgpu_error status;
	u32 nargs;
	struct vgpu_exec_arg_type arg[VGPU_MAX_ARGS];
};

/* How often who waits for a worker looks whether he still should */
#define VGPU_EXEC_LOOK_JIFFIES		(HZ / 10)

/**
 * struct vgpu_exec_entry - something that the worker has to do
 * @node: in &vgpu_exec_channel.inflight, in the order in which it was told
 * @cookie: &vgpu_dev_sqe.user_data
 * @job: which job it is, or NULL
 * @object: which object it is about, or NULL
 * @opcode: what is to be done with that
 * @aborted: it is to end early
 * @begun: the worker is at it, and it is a job, or there are jobs behind it
 * @begin_ns: since then, by &vgpu_exec_gpu.clock
 */
struct vgpu_exec_entry {
	struct list_head node;
	u64 cookie;
	struct vgpu_job *job;
	struct vgpu_exec_object *object;
	u32 opcode;
	bool aborted;
	bool begun;
	u64 begin_ns;
};

/**
 * struct vgpu_exec_channel - what one vGPU has to do, and who does it
 * @node: in &vgpu_exec_gpu.channels
 * @ref: one there, one for each context, one for the open file, one for
 *	an event that is to be read
 * @owner: whose GPU
 * @vm_id: whose work
 * @id: its number, by which the executor attaches a worker
 * @ctxs: contexts of the vGPU.  Protected by &vgpu_exec_gpu.lock, as what follows up to @event
 * @attached: its worker's file is open, or a work item hasn't dealt with its close yet
 * @orphan: the executor has gone, and with it the worker, which wasn't at fault
 * @returning: it has been told of to the next executor
 * @generation: &vgpu_exec_gpu.generation of the executor that is to start its worker, or did
 * @event: in &vgpu_exec_gpu.events
 * @free: ends it
 * @lock: protects what follows, up to @maps, but for calls.  Taken with
 *	&vgpu_gpu.dispatch_lock held, so nobody allocates, faults or waits with it held; nor does
 *	a thread of the worker's take it once it has begun, which may stand still anywhere
 * @state: how it is
 * @life: how many workers it has had, or is about to have
 * @given_back: it has ended, and nothing is with it any more
 * @wait: woken when @state changes, when there is more to do, and when an object is made
 * @shared: what the worker has mapped and may scribble over.  Only written, but for what
 *	vgpu_ring_reap() copies and the data of a VGPU_EXEC_OP_READ
 * @ring: the kernel's side of the rings
 * @nr_entries: entries that the worker has not completed, which have a slot each
 * @nr_jobs: of these, jobs
 * @entry: by slot: the place in the ring is its number
 * @task_lock: protects what there is of calls.  The worker's threads take it.  Taken before @lock
 * @tasks: calls that aren't over, in the order in which they are told
 * @nr_tasks: how many of them aren't given
 * @last_task: &vgpu_exec_task.id of the last one
 * @task_wait: woken when there is one more, and when @state changes
 * @inflight: these entries, in order
 * @head_since: since when the first of these is the first or is to end early, in jiffies
 * @over: jobs that are over and are just being told so; only @reap's
 * @reaping: it is at that; who waits for more to do is woken after it
 * @timed: that is no job, or one that is to end early
 * @run_since: since when it has been so without a break, in jiffies
 * @owed_ns: what it was at besides while jobs waited behind that, and none was charged for
 * @notices: objects of which the worker is to be told when there is room
 * @nr_notices: how many
 * @last_cookie: upper half of the last &vgpu_exec_entry.cookie
 * @reap: looks what the worker has completed
 * @patience: ends the channel if it takes too long over what it should not
 * @kill: ends it when its file is closed
 * @maps: what of the guest's memory the worker may map
 * @maps.lock: protects the others.  The worker's page faults take it
 * @maps.inode: of its own; what is mapped is mapped of this
 * @maps.bos: objects of guest memory by number
 * @maps.ended: nothing may be mapped any more
 * @numbers: numbers of objects
 */
struct vgpu_exec_channel {
	struct list_head node;
	struct kref ref;
	struct vgpu_exec_gpu *owner;
	u32 vm_id;
	u64 id;
	struct list_head ctxs;
	bool attached;
	bool orphan;
	bool returning;
	u32 generation;
	struct list_head event;
	struct work_struct free;
	struct mutex lock;
	enum vgpu_exec_channel_state state;
	u32 life;
	bool given_back;
	wait_queue_head_t wait;
	struct vgpu_exec_shared *shared;
	struct vgpu_ring_guest ring;
	u32 nr_entries;
	u32 nr_jobs;
	struct vgpu_exec_entry entry[VGPU_EXEC_ENTRIES];
	struct mutex task_lock;
	struct list_head tasks;
	u32 nr_tasks;
	u64 last_task;
	wait_queue_head_t task_wait;
	struct list_head inflight;
	unsigned long head_since;
	struct vgpu_job_result over[VGPU_EXEC_MAX_DEPTH];
	bool reaping;
	bool timed;
	unsigned long run_since;
	u64 owed_ns;
	struct list_head notices;
	u32 nr_notices;
	u32 last_cookie;
	struct work_struct reap;
	struct delayed_work patience;
	struct work_struct kill;
	struct {
		struct mutex lock;
		struct inode *inode;
		struct xarray bos;
		bool ended;
	} maps;
	struct ida numbers;
};

/* exec_channel.c */
int vgpu_exec_wq_create(void);
void vgpu_exec_wq_flush(void);
void vgpu_exec_wq_destroy(void);
struct vgpu_exec_channel *vgpu_exec_channel_create(struct vgpu_exec_gpu *owner, u32 vm_id);
void vgpu_exec_channel_get(struct vgpu_exec_channel *channel);
void vgpu_exec_channel_put(struct vgpu_exec_channel *channel);
bool vgpu_exec_channel_is_dead(const struct vgpu_exec_channel *channel);
int vgpu_exec_channel_attach(struct vgpu_exec_channel *channel, struct file *file);
int vgpu_exec_channel_await(struct vgpu_exec_channel *channel, const struct vgpu *vgpu);
void vgpu_exec_channel_kill(struct vgpu_exec_channel *channel, u32 life, const char *why);
void vgpu_exec_channel_closed(struct vgpu_exec_channel *channel);
void vgpu_exec_channel_revive(struct vgpu_exec_channel *channel);
void vgpu_exec_channel_submit(struct vgpu_exec_channel *channel, struct vgpu_job *job);
void vgpu_exec_channel_abort(struct vgpu_exec_channel *channel,
			     bool (*match)(const struct vgpu_job *job, const void *what),
			     const void *what);
int vgpu_exec_channel_enter(struct vgpu_exec_channel *channel,
			    const struct vgpu_exec_enter *enter);
void vgpu_exec_channel_look_later(struct vgpu_exec_channel *channel);

/* exec_entry.c */
void vgpu_exec_ring_init(struct vgpu_exec_channel *channel);
struct vgpu_exec_entry *vgpu_exec_head_locked(struct vgpu_exec_channel *channel);
void vgpu_exec_head_changed_locked(struct vgpu_exec_channel *channel);
void vgpu_exec_send_notices_locked(struct vgpu_exec_channel *channel);
void vgpu_exec_object_put_locked(struct vgpu_exec_channel *channel,
				 struct vgpu_exec_object *object);
void vgpu_exec_object_done_locked(struct vgpu_exec_channel *channel,
				  struct vgpu_exec_object *object, u32 opcode,
				  enum vgpu_error status);
int vgpu_exec_reap_locked(struct vgpu_exec_channel *channel,
			  struct vgpu_job_result *result, u64 now_ns);
void vgpu_exec_take_back_locked(struct vgpu_exec_channel *channel,
				struct vgpu_job_result *result);
struct vgpu_job *vgpu_exec_take_again_locked(struct vgpu_exec_channel *channel);
void vgpu_exec_job_give_locked(struct vgpu_exec_channel *channel, struct vgpu_job *job);
void vgpu_exec_jobs_abort_locked(struct vgpu_exec_channel *channel,
				 bool (*match)(const struct vgpu_job *job, const void *what),
				 const void *what);

/* exec_ctx.c */
struct vgpu_exec_channel *vgpu_exec_channel_find(struct vgpu_exec_gpu *gpu, u32 vm_id);
int vgpu_exec_ctx_create(struct vgpu_gpu *gpu, struct vgpu_ctx *ctx);
void vgpu_exec_ctx_destroy(struct vgpu_gpu *gpu, struct vgpu_ctx *ctx);
bool vgpu_exec_ctx_gains(struct vgpu_exec_ctx *ctx, const struct vgpu_exec_object *object);
void vgpu_exec_ctx_loses(struct vgpu_exec_ctx *ctx);
enum vgpu_error vgpu_exec_ctx_gone(const struct vgpu_exec_ctx *ctx);

/* exec_encode.c */
u32 vgpu_exec_bo_number(const struct vgpu_bo *bo);
struct vgpu_exec_arg vgpu_exec_range(const struct vgpu_bo_range *range);
u32 vgpu_exec_encode(struct vgpu_exec_slot *slot, struct vgpu_dev_sqe *sqe,
		     const struct vgpu_job *job);

/* exec_module.c */
void vgpu_exec_calls_end(struct vgpu_exec_channel *channel);
enum vgpu_error vgpu_exec_module_build(struct vgpu_gpu *gpu, struct vgpu_module *module,
				       const struct vgpu_module_source *source);
void vgpu_exec_module_destroy(struct vgpu_gpu *gpu, struct vgpu_module *module);
enum vgpu_error vgpu_exec_kernel_get(struct vgpu_gpu *gpu, struct vgpu_kernel *kernel,
				     const char *name, u32 length);
void vgpu_exec_kernel_put(struct vgpu_gpu *gpu, struct vgpu_kernel *kernel);
u32 vgpu_exec_kernel_number(const struct vgpu_kernel *kernel);
int vgpu_exec_task_get(struct vgpu_exec_channel *channel, struct vgpu_exec_task *task);
int vgpu_exec_task_done(struct vgpu_exec_channel *channel,
			const struct vgpu_exec_task_done *done);

/* exec_object.c */
struct vgpu_exec_object *vgpu_exec_object_new(struct vgpu_exec_channel *channel, u32 end,
					      u64 size);
void vgpu_exec_object_end(struct vgpu_exec_channel *channel, struct vgpu_exec_object *object);
void vgpu_exec_object_forget(struct vgpu_exec_channel *channel, struct vgpu_exec_object *object);
void vgpu_exec_bos_remap(struct vgpu_exec_channel *channel);
int vgpu_exec_bo_map(struct vgpu_exec_channel *channel, struct vgpu_bo *bo);
void vgpu_exec_bo_unmap(struct vgpu_exec_channel *channel, struct vgpu_bo *bo);
int vgpu_exec_bo_create(struct vgpu_exec_ctx *ctx, struct vgpu_bo *bo);
void vgpu_exec_bo_destroy(struct vgpu_exec_ctx *ctx, struct vgpu_bo *bo);

/* exec_map.c */
int vgpu_exec_mnt_create(void);
void vgpu_exec_mnt_destroy(void);
int vgpu_exec_maps_init(struct vgpu_exec_channel *channel);
void vgpu_exec_maps_fini(struct vgpu_exec_channel *channel);
void vgpu_exec_maps_end(struct vgpu_exec_channel *channel);
void vgpu_exec_maps_begin(struct vgpu_exec_channel *channel);
int vgpu_exec_maps_add(struct vgpu_exec_channel *channel, u32 number, struct vgpu_bo *bo);
void vgpu_exec_maps_del(struct vgpu_exec_channel *channel, u32 number);
int vgpu_exec_mmap(struct vgpu_exec_channel *channel, struct vm_area_struct *vma);

/* exec_gpu.c */
struct vgpu_exec_gpu *vgpu_exec_gpu_register(const struct vgpu_exec_register *reg,
					     const void *executor);
void vgpu_exec_gpu_get(struct vgpu_exec_gpu *gpu);
void vgpu_exec_gpu_put(struct vgpu_exec_gpu *gpu);
int vgpu_exec_gpus_init(void);
void vgpu_exec_gpus_unregister(void);

/* exec_executor.c */
void vgpu_exec_executor_init(struct vgpu_exec_gpu *gpu);
void vgpu_exec_executor_fini(struct vgpu_exec_gpu *gpu);
void vgpu_exec_executor_begin_locked(struct vgpu_exec_gpu *gpu, const void *executor);
void vgpu_exec_executor_leave(struct vgpu_exec_gpu *gpu, const void *executor);
void vgpu_exec_tell_executor_locked(struct vgpu_exec_gpu *gpu, struct vgpu_exec_channel *channel);
void vgpu_exec_forget(struct vgpu_exec_channel *channel, bool closed);
void vgpu_exec_lose(struct vgpu_exec_channel *channel, bool all);
ssize_t vgpu_exec_read(struct vgpu_exec_gpu *gpu, const void *executor, char __user *buf,
		       size_t count, bool nonblock);
bool vgpu_exec_has_event(struct vgpu_exec_gpu *gpu, const void *executor);
struct vgpu_exec_channel *vgpu_exec_attach(struct vgpu_exec_gpu *gpu, const void *executor,
					   u64 id);

#endif /* _VGPU_EXEC_H */
