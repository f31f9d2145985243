// SPDX-License-Identifier: GPL-2.0
/*
 * The mock backend.  Its device memory has no bytes: a read answers with the
 * low byte of each offset, which is as good for whoever asks.
 */
#include <linux/errno.h>
#include <linux/slab.h>

#include "bo.h"
#include "ctx.h"
#include "job.h"
#include "mock_backend.h"
#include "module.h"

static struct vgpu_mock *vgpu_mock_from_gpu(struct vgpu_gpu *gpu)
{
	return vgpu_gpu_priv(gpu);
}

static void vgpu_mock_record(struct vgpu_mock *mock, enum vgpu_mock_op op,
			     const void *what)
{
	spin_lock(&mock->lock);
	if (mock->nr_calls < VGPU_MOCK_CALLS) {
		mock->call[mock->nr_calls].op = op;
		mock->call[mock->nr_calls].what = what;
	}
	mock->nr_calls++;
	spin_unlock(&mock->lock);
}

/* what the core promised; tells which promise was broken */
static void vgpu_mock_promise(struct vgpu_mock *mock, bool kept, const char *what)
{
	if (kept)
		return;
	pr_err("vgpu mock: broken promise: %s\n", what);
	mock->violations++;
}

static bool vgpu_mock_fails(u32 *countdown)
{
	return *countdown && !--*countdown;
}

static u32 vgpu_mock_job_bos(struct vgpu_job *job, struct vgpu_bo_range *range[])
{
	u32 n = 0, i;

	switch (job->type) {
	case VGPU_JOB_WRITE:
	case VGPU_JOB_READ:
		range[n++] = &job->inline_copy.range;
		break;
	case VGPU_JOB_COPY:
		range[n++] = &job->copy.dst;
		range[n++] = &job->copy.src;
		break;
	case VGPU_JOB_FILL:
		range[n++] = &job->fill.dst;
		break;
	case VGPU_JOB_LAUNCH:
		for (i = 0; i < job->launch.nargs; i++) {
			if (job->launch.arg[i].range.bo)
				range[n++] = &job->launch.arg[i].range;
		}
		break;
	case VGPU_JOB_TIMESTAMP:
		range[n++] = &job->timestamp.dst;
		break;
	default:
		break;
	}
	return n;
}

static bool vgpu_mock_names_bo(struct vgpu_job *job, const struct vgpu_bo *bo)
{
	struct vgpu_bo_range *range[VGPU_MAX_ARGS];
	u32 n = vgpu_mock_job_bos(job, range);

	while (n--) {
		if (range[n]->bo == bo)
			return true;
	}
	return false;
}

static int vgpu_mock_ctx_create(struct vgpu_gpu *gpu, struct vgpu_ctx *ctx)
{
	struct vgpu_mock *mock = vgpu_mock_from_gpu(gpu);

	vgpu_mock_record(mock, VGPU_MOCK_CTX_CREATE, ctx);
	if (vgpu_mock_fails(&mock->fail_ctx_create))
		return -ENOMEM;
	/* a count of its buffer objects, to be seen back at the end */
	ctx->priv = kzalloc(sizeof(u32), GFP_KERNEL);
	if (!ctx->priv)
		return -ENOMEM;
	mock->nr_ctxs++;
	return 0;
}

static void vgpu_mock_ctx_destroy(struct vgpu_gpu *gpu, struct vgpu_ctx *ctx)
{
	struct vgpu_mock *mock = vgpu_mock_from_gpu(gpu);

	vgpu_mock_record(mock, VGPU_MOCK_CTX_DESTROY, ctx);
	vgpu_mock_promise(mock, !*(u32 *)ctx->priv,
			  "ctx_destroy while it has objects");
	kfree(ctx->priv);
	ctx->priv = NULL;
	mock->nr_ctxs--;
}

static int vgpu_mock_bo_create(struct vgpu_gpu *gpu, struct vgpu_bo *bo)
{
	struct vgpu_mock *mock = vgpu_mock_from_gpu(gpu);

	vgpu_mock_record(mock, VGPU_MOCK_BO_CREATE, bo);
	vgpu_mock_promise(mock, bo->size && !(bo->size % VGPU_BO_ALIGN),
			  "bo_create with an odd size");
	vgpu_mock_promise(mock, bo->size <= gpu->desc.memory_size - mock->bo_bytes,
			  "bo_create beyond the GPU's memory");
	if (vgpu_mock_fails(&mock->fail_bo_create))
		return -ENOMEM;
	bo->priv = kzalloc(1, GFP_KERNEL);
	if (!bo->priv)
		return -ENOMEM;
	mock->nr_bos++;
	mock->bo_bytes += bo->size;
	++*(u32 *)bo->ctx->priv;
	return 0;
}

static void vgpu_mock_bo_destroy(struct vgpu_gpu *gpu, struct vgpu_bo *bo)
{
	struct vgpu_mock *mock = vgpu_mock_from_gpu(gpu);
	struct vgpu_job *job;
	bool named = false;

	vgpu_mock_record(mock, VGPU_MOCK_BO_DESTROY, bo);
	spin_lock(&mock->lock);
	list_for_each_entry(job, &mock->jobs, node)
		named = named || vgpu_mock_names_bo(job, bo);
	spin_unlock(&mock->lock);
	vgpu_mock_promise(mock, !named, "bo_destroy while a job names it");
	kfree(bo->priv);
	bo->priv = NULL;
	if (mock->bo_destroy_jiffies)
		schedule_timeout_uninterruptible(mock->bo_destroy_jiffies);
	mock->bo_destroyer = current;
	mock->nr_bos--;
	mock->bo_bytes -= bo->size;
	--*(u32 *)bo->ctx->priv;
}

/* A module that begins with 'x' can't be built. */
static enum vgpu_error vgpu_mock_module_build(struct vgpu_gpu *gpu, struct vgpu_module *module,
					      const struct vgpu_module_source *source)
{
	const char *code = vgpu_bo_vaddr(source->code.bo) + source->code.offset;
	struct vgpu_mock *mock = vgpu_mock_from_gpu(gpu);

	vgpu_mock_promise(mock, gpu->desc.formats & BIT(module->format),
			  "module_build of another format");
	vgpu_mock_promise(mock, source->code.length && source->code.offset <=
			  source->code.bo->size && source->code.length <=
			  source->code.bo->size - source->code.offset,
			  "module_build of a range outside its object");
	if (source->log.bo)
		strscpy(vgpu_bo_vaddr(source->log.bo) + source->log.offset,
			*code == 'x' ? "bad" : "good", source->log.length);
	if (*code == 'x')
		return VGPU_ERR_BUILD;
	module->priv = mock;
	mock->nr_modules++;
	return VGPU_ERR_NONE;
}

static void vgpu_mock_module_destroy(struct vgpu_gpu *gpu, struct vgpu_module *module)
{
	struct vgpu_mock *mock = vgpu_mock_from_gpu(gpu);

	vgpu_mock_promise(mock, module->priv == mock, "module_destroy of none of ours");
	mock->nr_modules--;
}

/* Each has a kernel "three": a buffer, a number of 4 bytes, local memory; and "none" */
static enum vgpu_error vgpu_mock_kernel_get(struct vgpu_gpu *gpu, struct vgpu_kernel *kernel,
					    const char *name, u32 length)
{
	struct vgpu_mock *mock = vgpu_mock_from_gpu(gpu);

	if (mock->fail_kernel)
		return mock->fail_kernel;
	if (length == 4 && !memcmp(name, "none", 4)) {
		kernel->priv = mock;
		mock->nr_kernels++;
		return VGPU_ERR_NONE;
	}
	if (length != 5 || (memcmp(name, "three", 5) && memcmp(name, "any01", 5)))
		return VGPU_ERR_UNSUPPORTED_OP;
	kernel->nargs = 3;
	kernel->arg[0].type = VGPU_ARG_BO;
	/* the first of these may be a number as well */
	kernel->arg[0].size = name[0] == 'a' ? sizeof(u64) : 0;
	kernel->arg[1].type = VGPU_ARG_VALUE;
	kernel->arg[1].size = sizeof(u32);
	kernel->arg[2].type = VGPU_ARG_LOCAL;
	kernel->priv = mock;
	mock->nr_kernels++;
	return VGPU_ERR_NONE;
}

static void vgpu_mock_kernel_put(struct vgpu_gpu *gpu, struct vgpu_kernel *kernel)
{
	struct vgpu_mock *mock = vgpu_mock_from_gpu(gpu);
	struct vgpu_job *job;
	bool named = false;

	spin_lock(&mock->lock);
	list_for_each_entry(job, &mock->jobs, node)
		named = named || (job->type == VGPU_JOB_LAUNCH && job->launch.object == kernel);
	spin_unlock(&mock->lock);
	vgpu_mock_promise(mock, !named, "kernel_put while a job launches it");
	vgpu_mock_promise(mock, kernel->priv == mock, "kernel_put of none of ours");
	mock->nr_kernels--;
}

static void vgpu_mock_check_job(struct vgpu_mock *mock, struct vgpu_job *job)
{
	struct vgpu_bo_range *range[VGPU_MAX_ARGS];
	u32 n = vgpu_mock_job_bos(job, range);

	vgpu_mock_promise(mock, job->owner == VGPU_JOB_BACKEND,
			  "submit of a job that isn't ours");
	vgpu_mock_promise(mock, job->type != VGPU_JOB_CONTROL,
			  "submit of a control job");
	while (n--) {
		struct vgpu_bo *bo = range[n]->bo;

		vgpu_mock_promise(mock, bo->priv || vgpu_bo_vaddr(bo), "submit with a dead object");
		vgpu_mock_promise(mock, range[n]->offset <= bo->size &&
				  range[n]->length <= bo->size - range[n]->offset,
				  "submit with a range outside its object");
	}
}

static void vgpu_mock_run(struct vgpu_job *job)
{
	u64 i;

	if (job->type == VGPU_JOB_ADD)
		job->add.sum = job->add.a + job->add.b;
	if (job->type == VGPU_JOB_READ) {
		for (i = 0; i < job->inline_copy.range.length; i++)
			job->inline_copy.data[i] = job->inline_copy.range.offset + i;
	}
}

static int vgpu_mock_submit(struct vgpu_gpu *gpu, struct vgpu_job *job)
{
	struct vgpu_mock *mock = vgpu_mock_from_gpu(gpu);

	vgpu_mock_record(mock, VGPU_MOCK_SUBMIT, job);
	vgpu_mock_check_job(mock, job);
	if (mock->on_submit)
		mock->on_submit(mock, job);
	if (mock->refuse) {
		mock->refuse--;
		mock->refused++;
		return -EAGAIN;
	}
	if (mock->refuse_until_complete && mock->refused < VGPU_MOCK_REFUSE_MAX) {
		mock->refused++;
		return -EAGAIN;
	}

	spin_lock(&mock->lock);
	list_add_tail(&job->node, &mock->jobs);
	mock->nr_jobs++;
	mock->max_jobs = max(mock->max_jobs, mock->nr_jobs);
	spin_unlock(&mock->lock);
	vgpu_mock_promise(mock, mock->nr_jobs <= gpu->desc.depth,
			  "more jobs than depth");
	if (mock->sync)
		vgpu_mock_complete(mock, job, VGPU_ERR_NONE, mock->gpu_ns);
	return 0;
}

/* Those of @entity, and of @stream or with @id if these are given */
static void vgpu_mock_end(struct vgpu_mock *mock, struct vgpu_arb_entity *entity,
			  const void *stream, u64 id)
{
	struct vgpu_job *job, *next;
	LIST_HEAD(aborted);

	if (mock->on_abort)
		mock->on_abort(mock, entity);
	if (mock->keep_on_abort)
		return;
	spin_lock(&mock->lock);
	list_for_each_entry_safe(job, next, &mock->jobs, node) {
		if (job->entity != entity || (stream && job->stream != stream) ||
		    (id && job->id != id))
			continue;
		list_move_tail(&job->node, &aborted);
		mock->nr_jobs--;
	}
	spin_unlock(&mock->lock);
	list_for_each_entry_safe(job, next, &aborted, node) {
		list_del_init(&job->node);
		vgpu_job_complete(job, VGPU_ERR_CANCELED, mock->gpu_ns);
	}
}

static void vgpu_mock_abort(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity,
			    const void *stream)
{
	struct vgpu_mock *mock = vgpu_mock_from_gpu(gpu);

	vgpu_mock_record(mock, VGPU_MOCK_ABORT, entity);
	vgpu_mock_end(mock, entity, stream, 0);
}

static void vgpu_mock_abort_job(struct vgpu_gpu *gpu, struct vgpu_arb_entity *entity, u64 id)
{
	struct vgpu_mock *mock = vgpu_mock_from_gpu(gpu);

	vgpu_mock_record(mock, VGPU_MOCK_ABORT_JOB, entity);
	vgpu_mock_end(mock, entity, NULL, mock->coarse_abort ? 0 : id);
}

static const struct vgpu_backend_ops vgpu_mock_ops = {
	.name = "mock",
	.ctx_create = vgpu_mock_ctx_create,
	.ctx_destroy = vgpu_mock_ctx_destroy,
	.bo_create = vgpu_mock_bo_create,
	.bo_destroy = vgpu_mock_bo_destroy,
	.module_build = vgpu_mock_module_build,
	.module_destroy = vgpu_mock_module_destroy,
	.kernel_get = vgpu_mock_kernel_get,
	.kernel_put = vgpu_mock_kernel_put,
	.submit = vgpu_mock_submit,
	.abort = vgpu_mock_abort,
	.abort_job = vgpu_mock_abort_job,
};

/**
 * vgpu_mock_init() - make a GPU
 * @mock: zeroed memory
 * @memory_size: its device memory
 * @depth: the most jobs it takes at a time
 *
 * Context: may sleep.
 * Return: as vgpu_gpu_init().
 */
int vgpu_mock_init(struct vgpu_mock *mock, u64 memory_size, u32 depth)
{
	const struct vgpu_gpu_desc desc = {
		.name = "mock0",
		.ops = &vgpu_mock_ops,
		.priv = mock,
		.memory_size = memory_size,
		/* one is missing */
		.builtins = GENMASK_ULL(VGPU_BUILTIN_COUNT - 1, 1) &
			    ~BIT_ULL(VGPU_BUILTIN_VECADD_F32),
		.formats = BIT(VGPU_MODULE_OPENCL_C) | BIT(VGPU_MODULE_PTX),
		.depth = depth,
	};

	spin_lock_init(&mock->lock);
	INIT_LIST_HEAD(&mock->jobs);
	return vgpu_gpu_init(&mock->gpu, &desc, 0);
}

/**
 * vgpu_mock_fini() - end a GPU
 * @mock: the GPU; no job is with it
 *
 * Context: may sleep.
 */
void vgpu_mock_fini(struct vgpu_mock *mock)
{
	vgpu_gpu_fini(&mock->gpu);
}

/**
 * vgpu_mock_settle() - wait until the dispatcher has nothing to do
 * @mock: the GPU
 *
 * Context: may sleep.
 */
void vgpu_mock_settle(struct vgpu_mock *mock)
{
	u32 i;

	/*
	 * What is queued while a flush waits, that flush doesn't wait for: the
	 * dispatcher queues a control job, which queues the dispatcher.
	 */
	for (i = 0; i < 4; i++) {
		flush_workqueue(mock->gpu.poll_wq);
		flush_workqueue(mock->gpu.wq);
		flush_workqueue(mock->gpu.leaf_wq);
	}
	while (flush_work(&mock->gpu.dispatch))
		;
}

/**
 * vgpu_mock_first() - the job that has been with the backend longest
 * @mock: the GPU
 *
 * Context: process context.
 * Return: the job or NULL.
 */
struct vgpu_job *vgpu_mock_first(struct vgpu_mock *mock)
{
	struct vgpu_job *job;

	spin_lock(&mock->lock);
	job = list_first_entry_or_null(&mock->jobs, struct vgpu_job, node);
	spin_unlock(&mock->lock);
	return job;
}

/**
 * vgpu_mock_complete() - end a job
 * @mock: the GPU
 * @job: a job in &vgpu_mock.jobs
 * @status: how it ends
 * @gpu_ns: its GPU time
 *
 * Context: process context.
 */
void vgpu_mock_complete(struct vgpu_mock *mock, struct vgpu_job *job,
			enum vgpu_error status, u64 gpu_ns)
{
	spin_lock(&mock->lock);
	list_del_init(&job->node);
	mock->nr_jobs--;
	mock->refuse_until_complete = false;
	spin_unlock(&mock->lock);
	if (!status)
		vgpu_mock_run(job);
	vgpu_job_complete(job, status, gpu_ns);
}

/**
 * vgpu_mock_complete_first() - end the job that has been there longest
 * @mock: the GPU
 * @status: how it ends
 *
 * Context: may sleep.
 * Return: false if there was none.
 */
bool vgpu_mock_complete_first(struct vgpu_mock *mock, enum vgpu_error status)
{
	struct vgpu_job *job = vgpu_mock_first(mock);

	if (!job)
		return false;
	vgpu_mock_complete(mock, job, status, mock->gpu_ns);
	vgpu_mock_settle(mock);
	return true;
}

/**
 * vgpu_mock_complete_all() - end all jobs that are there, with VGPU_ERR_NONE, together
 * @mock: the GPU
 *
 * Context: may sleep.
 * Return: how many there were, at most VGPU_MOCK_TOGETHER.
 */
u32 vgpu_mock_complete_all(struct vgpu_mock *mock)
{
	struct vgpu_job_result result[VGPU_MOCK_TOGETHER];
	struct vgpu_job *job, *next;
	u32 n = 0;

	spin_lock(&mock->lock);
	list_for_each_entry_safe(job, next, &mock->jobs, node) {
		if (n == VGPU_MOCK_TOGETHER)
			break;
		list_del_init(&job->node);
		mock->nr_jobs--;
		result[n++] = (struct vgpu_job_result){
			.job = job,
			.status = VGPU_ERR_NONE,
			.gpu_ns = mock->gpu_ns,
		};
	}
	mock->refuse_until_complete = false;
	spin_unlock(&mock->lock);
	if (n)
		vgpu_jobs_complete(result, n);
	return n;
}

/**
 * vgpu_mock_call_find() - when was an op first called?
 * @mock: the GPU
 * @op: the op
 * @what: for which object; NULL: for any
 *
 * Context: any.
 * Return: number of the call, or -1.
 */
int vgpu_mock_call_find(struct vgpu_mock *mock, enum vgpu_mock_op op,
			const void *what)
{
	u32 i;

	for (i = 0; i < min_t(u32, mock->nr_calls, VGPU_MOCK_CALLS); i++) {
		if (mock->call[i].op == op && (!what || mock->call[i].what == what))
			return i;
	}
	return -1;
}
