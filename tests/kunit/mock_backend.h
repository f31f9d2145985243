/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A backend without a GPU.  Jobs stay with it until the test says how they end;
 * it refuses and fails on demand, remembers what it was asked in which order,
 * and checks that the core keeps the promises of struct vgpu_backend_ops.
 */
#ifndef _VGPU_MOCK_BACKEND_H
#define _VGPU_MOCK_BACKEND_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "gpu.h"

/* What the mock remembers of the calls it got, from the first */
#define VGPU_MOCK_CALLS		64

/**
 * enum vgpu_mock_op - a call
 * @VGPU_MOCK_CTX_CREATE: of a &struct vgpu_ctx
 * @VGPU_MOCK_CTX_DESTROY: of a &struct vgpu_ctx
 * @VGPU_MOCK_BO_CREATE: of a &struct vgpu_bo
 * @VGPU_MOCK_BO_DESTROY: of a &struct vgpu_bo
 * @VGPU_MOCK_SUBMIT: of a &struct vgpu_job
 * @VGPU_MOCK_ABORT: of a &struct vgpu_arb_entity
 * @VGPU_MOCK_ABORT_JOB: of a &struct vgpu_arb_entity
 */
enum vgpu_mock_op {
	VGPU_MOCK_CTX_CREATE,
	VGPU_MOCK_CTX_DESTROY,
	VGPU_MOCK_BO_CREATE,
	VGPU_MOCK_BO_DESTROY,
	VGPU_MOCK_SUBMIT,
	VGPU_MOCK_ABORT,
	VGPU_MOCK_ABORT_JOB,
};

/**
 * struct vgpu_mock - a GPU that the mock drives
 * @gpu: the GPU
 * @lock: protects the rest; not held over a hook or a completion
 * @jobs: with the backend, in the order they came
 * @nr_jobs: how many
 * @max_jobs: the most there were at a time
 * @nr_ctxs: contexts alive
 * @nr_bos: buffer objects alive
 * @bo_bytes: their size
 * @bo_destroy_jiffies: for so long the end of an object takes
 * @bo_destroyer: who destroyed the last one; only compared
 * @nr_modules: modules alive
 * @nr_kernels: kernels alive
 * @fail_kernel: what every kernel_get() says, if not 0
 * @violations: promises the core broke
 * @gpu_ns: GPU time of what @sync and abort complete
 * @sync: complete each job before submit returns, with VGPU_ERR_NONE
 * @keep_on_abort: abort is only recorded
 * @coarse_abort: it can't end one job alone: all of the vGPU end with it
 * @refuse: say -EAGAIN to as many submissions
 * @refuse_until_complete: and to all that come before the next completion, up to
 *	VGPU_MOCK_REFUSE_MAX so that a test can fail rather than hang
 * @refused: how often it said so
 * @fail_ctx_create: fail the n-th from now; 0: none
 * @fail_bo_create: fail the n-th from now; 0: none
 * @on_submit: called before a submission is looked at
 * @on_abort: called before an abort is looked at
 * @hook_arg: for the hooks' use
 * @call: the calls
 * @nr_calls: how many there were, remembered or not
 */
struct vgpu_mock {
	struct vgpu_gpu gpu;
	spinlock_t lock;	/* a leaf */
	struct list_head jobs;
	u32 nr_jobs;
	u32 max_jobs;
	u32 nr_ctxs;
	u32 nr_bos;
	u64 bo_bytes;
	u32 bo_destroy_jiffies;
	const struct task_struct *bo_destroyer;
	u32 nr_modules;
	u32 nr_kernels;
	enum vgpu_error fail_kernel;
	u32 violations;
	u64 gpu_ns;
	bool sync;
	bool keep_on_abort;
	bool coarse_abort;
	u32 refuse;
	bool refuse_until_complete;
	u32 refused;
	u32 fail_ctx_create;
	u32 fail_bo_create;
	void (*on_submit)(struct vgpu_mock *mock, struct vgpu_job *job);
	void (*on_abort)(struct vgpu_mock *mock, struct vgpu_arb_entity *entity);
	void *hook_arg;
	struct {
		enum vgpu_mock_op op;
		const void *what;
	} call[VGPU_MOCK_CALLS];
	u32 nr_calls;
};

#define VGPU_MOCK_REFUSE_MAX	100

/* What vgpu_mock_complete_all() ends at most */
#define VGPU_MOCK_TOGETHER	16

int vgpu_mock_init(struct vgpu_mock *mock, u64 memory_size, u32 depth);
void vgpu_mock_fini(struct vgpu_mock *mock);
void vgpu_mock_settle(struct vgpu_mock *mock);
struct vgpu_job *vgpu_mock_first(struct vgpu_mock *mock);
void vgpu_mock_complete(struct vgpu_mock *mock, struct vgpu_job *job,
			enum vgpu_error status, u64 gpu_ns);
u32 vgpu_mock_complete_all(struct vgpu_mock *mock);
bool vgpu_mock_complete_first(struct vgpu_mock *mock, enum vgpu_error status);
int vgpu_mock_call_find(struct vgpu_mock *mock, enum vgpu_mock_op op,
			const void *what);

#endif /* _VGPU_MOCK_BACKEND_H */
