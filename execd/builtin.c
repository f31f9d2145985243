// SPDX-License-Identifier: GPL-2.0
/*
 * The built-in kernels, from builtin.cl, on any device: which of its kernels run for each, and
 * with what.  Each runs in pieces, so that it can be aborted between them.
 *
 * A device that does a piece in no time gets larger ones, so that it isn't waited for more
 * often than it takes to look: about once in a millisecond.
 */
#include "builtin.h"

/* Elements of the first piece, or of a sum's, or steps of matmul's */
#define PIECE		(256ULL << 10)

/* Bytes of the first: one item has them all */
#define PIECE_SHA256	(16ULL << 10)

/* A piece that took less is followed by one of twice the size, up to */
#define SHORT_NS	500000
#define PIECE_MOST	0x40000000ULL

static struct builtin_call call_begin(const struct builtin_ops *ops, struct engine *engine,
				      const char *name)
{
	struct builtin_call c = { .ops = ops, .engine = engine };

	c.err = ops->begin(&c, name);
	return c;
}

static void pass(struct builtin_call *c, const void *value, size_t size)
{
	if (!c->err)
		c->err = c->ops->pass(c, c->args++, value, size);
}

static void pass_number(struct builtin_call *c, __u64 value)
{
	pass(c, &value, sizeof(value));
}

static void pass_word(struct builtin_call *c, __u32 value)
{
	pass(c, &value, sizeof(value));
}

static void pass_mem(struct builtin_call *c, struct engine_mem *mem)
{
	if (!c->err)
		c->err = c->ops->pass_mem(c, c->args++, mem);
}

/* A buffer, and where it begins in units of @unit bytes */
static void pass_buffer(struct builtin_call *c, const struct engine_arg *arg, unsigned int unit)
{
	pass_mem(c, arg->mem);
	pass_number(c, arg->offset / unit);
}

static void pass_scratch(struct builtin_call *c)
{
	pass_mem(c, NULL);
}

static void call_run(struct builtin_call *c, size_t items, struct engine_job *job)
{
	if (!c->err)
		c->err = c->ops->run(c, items, items < BUILTIN_GROUP ? items : BUILTIN_GROUP, job);
}

/* What was passed is the device's until it has run, so nothing is released before. */
static enum vgpu_error call_end(struct builtin_call *c)
{
	c->ops->end(c);
	return c->err;
}

static enum vgpu_error call_once(struct builtin_call *c, size_t items, struct engine_job *job)
{
	call_run(c, items, job);
	return call_end(c);
}

/*
 * Pass the last two arguments, and run, for each piece of [0, n), which but for the last are
 * multiples of @piece; @items 0: one for each.
 */
static enum vgpu_error call_pieces(struct builtin_call *c, __u64 n, __u64 piece, size_t items,
				   struct engine_job *job)
{
	__u64 first, end, took;
	__u32 args = c->args;

	for (first = 0; first < n && !c->err; first = end) {
		if (engine_is_aborted(job)) {
			c->err = VGPU_ERR_CANCELED;
			break;
		}
		end = n - first < piece ? n : first + piece;
		took = job->gpu_ns;
		c->args = args;
		pass_number(c, first);
		pass_number(c, end);
		call_run(c, items ?: (end - first + BUILTIN_GROUP - 1) / BUILTIN_GROUP *
			 BUILTIN_GROUP, job);
		took = job->gpu_ns - took;
		/* none at all: the device doesn't tell */
		if (took && took < SHORT_NS && piece < PIECE_MOST)
			piece *= 2;
	}
	return call_end(c);
}

static enum vgpu_error run_vecadd(struct builtin_call c, const struct engine_arg *arg, __u64 n,
				  struct engine_job *job)
{
	pass_buffer(&c, &arg[0], sizeof(__u32));
	pass_buffer(&c, &arg[1], sizeof(__u32));
	pass_buffer(&c, &arg[2], sizeof(__u32));
	return call_pieces(&c, n, PIECE, 0, job);
}

static enum vgpu_error run_saxpy(struct builtin_call c, const struct engine_arg *arg, __u32 a,
				 __u64 n, struct engine_job *job)
{
	pass_buffer(&c, &arg[0], sizeof(__u32));
	pass_buffer(&c, &arg[1], sizeof(__u32));
	pass_word(&c, a);
	return call_pieces(&c, n, PIECE, 0, job);
}

static enum vgpu_error run_matmul(struct builtin_call c, const struct engine_arg *arg, __u64 m,
				  __u64 n, __u64 k, struct engine_job *job)
{
	pass_buffer(&c, &arg[0], sizeof(__u32));
	pass_buffer(&c, &arg[1], sizeof(__u32));
	pass_buffer(&c, &arg[2], sizeof(__u32));
	pass_number(&c, n);
	pass_number(&c, k);
	return call_pieces(&c, m * n, k < PIECE / BUILTIN_GROUP ? PIECE / k : BUILTIN_GROUP, 0,
			   job);
}

static enum vgpu_error run_reduce(const struct builtin_ops *ops, struct engine *engine,
				  const struct engine_arg *arg, __u64 n, struct engine_job *job)
{
	struct builtin_call c = call_begin(ops, engine, "reduce_begin");
	enum vgpu_error err;

	pass_scratch(&c);
	err = call_once(&c, ops->sums, job);
	if (err)
		return err;
	c = call_begin(ops, engine, "reduce_step");
	pass_scratch(&c);
	pass_buffer(&c, &arg[1], sizeof(__u32));
	err = call_pieces(&c, n, PIECE, ops->sums, job);
	if (err)
		return err;
	c = call_begin(ops, engine, "reduce_end");
	pass_scratch(&c);
	pass_word(&c, ops->sums);
	pass_buffer(&c, &arg[0], sizeof(__u32));
	return call_once(&c, 1, job);
}

static enum vgpu_error run_sha256(const struct builtin_ops *ops, struct engine *engine,
				  const struct engine_arg *arg, __u64 bytes,
				  struct engine_job *job)
{
	struct builtin_call c = call_begin(ops, engine, "sha256_begin");
	enum vgpu_error err;

	pass_scratch(&c);
	err = call_once(&c, 1, job);
	if (err)
		return err;
	c = call_begin(ops, engine, "sha256_step");
	pass_scratch(&c);
	pass_buffer(&c, &arg[1], 1);
	err = call_pieces(&c, bytes / 64 * 64, PIECE_SHA256, 1, job);
	if (err)
		return err;
	c = call_begin(ops, engine, "sha256_end");
	pass_scratch(&c);
	pass_buffer(&c, &arg[1], 1);
	pass_number(&c, bytes);
	pass_buffer(&c, &arg[0], 1);
	return call_once(&c, 1, job);
}

static __u64 number(const struct engine_arg *arg)
{
	return *(const __u64 *)arg->value;
}

/**
 * builtin_run() - run a built-in kernel
 * @ops: how the engine runs those of builtin.cl
 * @engine: the engine
 * @kernel: which
 * @arg: as for &engine_ops.launch_builtin
 * @job: what goes with it
 *
 * Return: as &engine_ops.launch_builtin; the guest has nothing wrong to say here that hasn't been
 * checked.
 */
enum vgpu_error builtin_run(const struct builtin_ops *ops, struct engine *engine,
			    enum vgpu_builtin kernel, const struct engine_arg *arg,
			    struct engine_job *job)
{
	enum vgpu_error err = VGPU_ERR_GPU;

	switch (kernel) {
	case VGPU_BUILTIN_VECADD_U32:
		err = run_vecadd(call_begin(ops, engine, "vecadd_u32"), arg, number(&arg[3]), job);
		break;
	case VGPU_BUILTIN_VECADD_F32:
		err = run_vecadd(call_begin(ops, engine, "vecadd_f32"), arg, number(&arg[3]), job);
		break;
	case VGPU_BUILTIN_SAXPY_F32:
		err = run_saxpy(call_begin(ops, engine, "saxpy_f32"), arg, number(&arg[2]),
				number(&arg[3]), job);
		break;
	case VGPU_BUILTIN_MATMUL_F32:
		err = run_matmul(call_begin(ops, engine, "matmul_f32"), arg, number(&arg[3]),
				 number(&arg[4]), number(&arg[5]), job);
		break;
	case VGPU_BUILTIN_REDUCE_U32:
		err = run_reduce(ops, engine, arg, number(&arg[2]), job);
		break;
	case VGPU_BUILTIN_SHA256:
		err = run_sha256(ops, engine, arg, number(&arg[2]), job);
		break;
	}
	return err == VGPU_ERR_INVALID_REQUEST ? VGPU_ERR_GPU : err;
}
