// SPDX-License-Identifier: GPL-2.0
/*
 * Right and wrong things in any order, while another processor writes into rings and
 * arguments.  What the device answers is only looked at for being an answer; that it
 * still works is seen afterwards, and the rest is for the host's checkers to tell.
 */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "bad.h"

#define QUEUES		6U
#define ENTRIES		32U
#define QUEUE_PAGES	2U
/* Where things are, in pages: rings, arguments, data */
#define RINGS		16U
#define ARGS		(RINGS + QUEUES * QUEUE_PAGES)
#define DATA		(ARGS + 1)
#define DATA_PAGES	32U
#define LIST		(DATA + DATA_PAGES)

/**
 * struct bad_mess - what a random guest has, as far as it knows
 * @g: the guest
 * @queue: queues, of which some are ended and don't know it
 * @answers: of the mailbox, by enum vgpu_error
 * @scribbler: another processor
 * @stop: ends it
 */
struct bad_mess {
	struct bad_guest *g;
	struct bad_queue queue[QUEUES];
	__u32 answers[VGPU_ERR_COUNT];
	pthread_t scribbler;
	bool stop;
};

static void *bad_scribble(void *arg)
{
	struct bad_mess *m = arg;
	__u32 *words = (void *)(m->g->memory + RINGS * BAD_PAGE), n, kind;
	const __u32 count = (DATA - RINGS) * BAD_PAGE / 4;
	__u64 state = 7, z;

	while (!__atomic_load_n(&m->stop, __ATOMIC_RELAXED)) {
		for (n = 0; n < 16; n++) {
			state = state * 6364136223846793005ULL + 1442695040888963407ULL;
			z = state >> 20;
			kind = z % 8;
			z /= 8;
			/* handles, control words, and anything */
			WRITE_ONCE(words[z % count], kind < 5 ? z / count % 8 :
				   kind < 7 ? VGPU_RING_PHASE | z / count % 4 :
				   (__u32)(state >> 32));
		}
		sched_yield();
	}
	return NULL;
}

/* A handle, mostly of something that is there */
static __u32 bad_handle(struct bad_guest *g)
{
	return bad_pick(g, 16) ? 1 + bad_pick(g, 6) : (__u32)bad_nasty(g);
}

static __u64 bad_number(struct bad_guest *g, __u32 usual)
{
	return bad_pick(g, 8) ? bad_pick(g, usual) : bad_nasty(g);
}

static void bad_random_args(struct bad_guest *g)
{
	struct vgpu_dev_arg *arg = (void *)(g->memory + ARGS * BAD_PAGE);
	__u32 i;

	for (i = 0; i < 6; i++) {
		arg[i].type = cpu_to_le32(bad_pick(g, 16) ? i < 3 : bad_pick(g, 3));
		arg[i].handle = cpu_to_le32(i < 3 ? bad_handle(g) : 0);
		arg[i].value = cpu_to_le64(i < 3 ? 4 * bad_number(g, 64) : bad_number(g, 256));
	}
}

static void bad_random_entry(struct bad_guest *g, struct bad_queue *q)
{
	static const __u32 lengths[] = { 48, 64, 64, 64, 96, 48, 0, 63 };
	struct vgpu_dev_sqe *sqe = bad_sqe(q);
	__u32 opcode = bad_pick(g, 6), i;

	switch (opcode) {
	case VGPU_SQE_COPY:
		sqe->copy.dst = cpu_to_le32(bad_handle(g));
		sqe->copy.src = cpu_to_le32(bad_handle(g));
		sqe->copy.dst_offset = cpu_to_le64(bad_number(g, 4096));
		sqe->copy.src_offset = cpu_to_le64(bad_number(g, 4096));
		sqe->copy.length = cpu_to_le64(bad_number(g, 4096));
		break;
	case VGPU_SQE_FILL:
		sqe->fill.dst = cpu_to_le32(bad_handle(g));
		sqe->fill.offset = cpu_to_le64(4 * bad_number(g, 1024));
		sqe->fill.length = cpu_to_le64(4 * bad_number(g, 1024));
		break;
	case VGPU_SQE_LAUNCH:
		bad_random_args(g);
		sqe->launch.kernel = cpu_to_le32(bad_handle(g));
		for (i = 0; i < 3; i++) {
			sqe->launch.grid[i] = cpu_to_le32(bad_pick(g, 32) ? 1 : bad_nasty(g));
			sqe->launch.block[i] = cpu_to_le32(bad_pick(g, 32) ? 1 : bad_nasty(g));
		}
		sqe->launch.args = cpu_to_le32(bad_handle(g));
		sqe->launch.args_length = cpu_to_le32(lengths[bad_pick(g, 8)]);
		break;
	}
	if (opcode == VGPU_SQE_WAIT) {
		/* mostly for what has been */
		sqe->wait.queue = cpu_to_le32(bad_handle(g) - 1);
		sqe->wait.index = cpu_to_le32(bad_pick(g, 64) ? bad_pick(g, 4) - 4 :
					      (__u32)bad_nasty(g));
	} else if (opcode == VGPU_SQE_TIMESTAMP) {
		sqe->timestamp.dst = cpu_to_le32(bad_handle(g));
		sqe->timestamp.offset = cpu_to_le64(8 * bad_number(g, 512));
	}
	for (i = bad_pick(g, 8) ? 0 : bad_pick(g, 3); i; i--)
		sqe->words[bad_pick(g, VGPU_SQE_WORDS)] = cpu_to_le64(bad_nasty(g));
	if (!bad_pick(g, 16))
		opcode = (__u32)bad_nasty(g) & ~VGPU_RING_PHASE;
	vgpu_ring_submit(&q->ring, opcode);
	/* where the host really is, or a lie about it */
	if (!bad_pick(g, 16))
		q->ring.submitted = le32_to_cpu(READ_ONCE(q->ring.events->completed));
	if (!bad_pick(g, 64))
		q->ring.submitted += (__u32)bad_nasty(g);
}

static int bad_random_list(struct bad_guest *g, __u32 ctx)
{
	struct vgpu_dev_page_list *list = (void *)(g->memory + LIST * BAD_PAGE);
	__u32 n = 1 + bad_pick(g, 4), i, bo;
	__u64 addr;

	memset(list, 0, sizeof(*list));
	list->count = cpu_to_le32(bad_pick(g, 16) ? n : (__u32)bad_nasty(g));
	list->next = cpu_to_le64(bad_pick(g, 16) ? 0 : bad_nasty(g));
	for (i = 0; i < n; i++) {
		addr = g->addr[bad_pick(g, 3) ? DATA + bad_pick(g, DATA_PAGES) : ARGS];
		if (g->holes && !bad_pick(g, 16))
			addr = g->hole[bad_pick(g, g->holes)].addr;
		if (!bad_pick(g, 16))
			addr = bad_nasty(g);
		list->extent[i].addr = cpu_to_le64(addr);
		list->extent[i].length = cpu_to_le64(bad_pick(g, 16) ? BAD_PAGE : bad_nasty(g));
	}
	return bad_bo_create_system(g, ctx, (__u64)n * BAD_PAGE,
				    bad_pick(g, 16) ? g->addr[LIST] : bad_nasty(g), &bo);
}

static int bad_random_queue(struct bad_mess *m, __u32 ctx)
{
	__u32 i = bad_pick(m->g, QUEUES);

	if (!bad_pick(m->g, 3))
		return BAD_CALL(m->g, NULL, VGPU_OP_QUEUE_DESTROY, ctx, bad_handle(m->g) - 1);
	if (!bad_pick(m->g, 2))
		return BAD_CALL(m->g, NULL, VGPU_OP_QUEUE_ABORT, ctx, bad_handle(m->g) - 1);
	if (!bad_pick(m->g, 4))
		return BAD_CALL(m->g, &m->queue[i].id, VGPU_OP_QUEUE_CREATE, ctx, bad_handle(m->g),
				0, 0, ENTRIES, 0, bad_handle(m->g), (__u32)bad_nasty(m->g));
	if (!bad_pick(m->g, 3))
		return bad_queue_make(m->g, ctx, bad_handle(m->g), bad_number(m->g, 2) << 12,
				      bad_pick(m->g, 4) ? ENTRIES : (__u32)bad_nasty(m->g),
				      &m->queue[i].id);
	return bad_queue_create(m->g, &m->queue[i], ctx, RINGS + i * QUEUE_PAGES, ENTRIES);
}

static int bad_random_request(struct bad_mess *m)
{
	static const char name[] = "matmul_f32vecadd_u32reduce_u32";
	struct bad_guest *g = m->g;
	__u32 ctx = bad_pick(g, 16) ? 1 + bad_pick(g, 3) : (__u32)bad_nasty(g), h;

	switch (bad_pick(g, 12)) {
	case 0:
	case 1:
		return bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &h);
	case 2:
		return BAD_CALL(g, NULL, VGPU_OP_CTX_DESTROY, ctx);
	case 3:
		return BAD_CALL(g, &h, VGPU_OP_BO_CREATE, ctx, 1 + bad_pick(g, 0x8000), 0,
				bad_handle(g));
	case 4:
		return bad_bo_create(g, ctx, bad_pick(g, 8) ? 1 + bad_pick(g, 0x8000) :
				     bad_nasty(g) | 1ULL << 40, &h);
	case 5:
		return BAD_CALL(g, NULL, VGPU_OP_BO_DESTROY, ctx, bad_handle(g));
	case 6:
	case 7:
		return bad_random_list(g, ctx);
	case 8:
		return BAD_CALL(g, &h, VGPU_OP_MODULE_LOAD, ctx, bad_pick(g, 8) == 7) ?:
		       bad_call_data(g, VGPU_OP_KERNEL_GET, ctx, bad_handle(g),
				     name + 10 * bad_pick(g, 3), 10, &h);
	case 9:
		return bad_copy(g, ctx, bad_handle(g), bad_number(g, 4096), bad_handle(g),
				bad_number(g, 4096), bad_number(g, 4096));
	default:
		return bad_random_queue(m, ctx);
	}
}

static void bad_random_one(struct bad_mess *m)
{
	struct bad_guest *g = m->g;
	struct bad_queue *q = &m->queue[bad_pick(g, QUEUES)];
	__u32 what = bad_pick(g, 10000);
	int err;

	if (what < 8500) {
		bad_random_entry(g, q);
	} else if (what < 9700) {
		bad_ring(q);
	} else if (what < 9780) {
		g->ops->bar2_write(g, bad_pick(g, VGPU_BAR2_SIZE / 8) * 8,
				   1U << bad_pick(g, 4), bad_random(g));
	} else if (what < 9800) {
		g->ops->pause(g);
	} else if (what < 9998) {
		err = bad_random_request(m);
		if (bad_check(g, err >= 0 && err < VGPU_ERR_COUNT && err != VGPU_ERR_GPU,
			      "an answer: got %#x", err))
			m->answers[err]++;
	} else {
		bad_check(g, g->ops->reset(g), "resets");
	}
}

/**
 * bad_test_random() - anything
 * @g: the guest; &bad_guest.random decides
 * @operations: how many
 */
void bad_test_random(struct bad_guest *g, unsigned long operations)
{
	struct bad_mess m = { .g = g };
	unsigned long i;

	if (!bad_check(g, g->ops->reset(g), "resets"))
		return;
	for (i = 0; i < QUEUES; i++) {
		bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &m.queue[i].ctx);
		bad_queue_create(g, &m.queue[i], 1 + i % 3, RINGS + i * QUEUE_PAGES, ENTRIES);
	}
	if (!bad_check(g, !pthread_create(&m.scribbler, NULL, bad_scribble, &m), "a thread"))
		return;
	for (i = 0; i < operations && g->failures < 10; i++)
		bad_random_one(&m);
	__atomic_store_n(&m.stop, true, __ATOMIC_RELAXED);
	pthread_join(m.scribbler, NULL);
	bad_check(g, m.answers[VGPU_ERR_NONE] && m.answers[VGPU_ERR_BAD_HANDLE],
		  "some requests were right, some were not");
	bad_works(g);
}
