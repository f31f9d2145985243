// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks that go on for a while each, one after the other, for bench/neighbour.sh to
 * see what they cost somebody else.  Which one is on stands in SCRATCH, where the
 * host can read it: it has no effect.
 */
#include <stdio.h>
#include <string.h>

#include <linux/vgpu_dev.h>

#include "../bad/bad.h"
#include "dev.h"
#include "raw.h"
#include "tap.h"

#define ENTRIES		1024U
/* Pages of memory: rings, arguments of kernels, a second queue's rings */
#define ARGS_PAGE	64U
#define CHURN_PAGE	72U
/* Between two looks at the clock */
#define BURST		64U

/* What kernels work on: bytes, that of a usual job, and that of one without measure */
#define DATA		(4U << 20)
#define FAIR_BYTES	131072U
#define GIANT_BYTES	DATA
#define FAIR_DEPTH	16U
#define GIANT_DEPTH	4U
/* What is made and ended again and again; to zero it is the host's work */
#define CHURN_BYTES	(8U << 20)

static struct bad_queue queue;
static __u32 args_bo, kernel;

/* Of what all others are measured against: a guest that uses its processor */
static void attack_spin(void)
{
	unsigned int i;

	for (i = 0; i < 100000; i++)
		__asm__ volatile("" : : : "memory");
}

/* Keep @depth jobs under way.  @block: which arguments, see attack_prepare() */
static void attack_work(__u32 block, __u32 depth)
{
	struct vgpu_dev_cqe cqe;
	struct vgpu_dev_sqe *sqe;
	unsigned int i;

	while (vgpu_ring_reap(&queue.ring, &cqe))
		;
	while (queue.ring.submitted - queue.ring.reaped < depth) {
		sqe = bad_sqe(&queue);
		sqe->launch.kernel = cpu_to_le32(kernel);
		for (i = 0; i < 3; i++) {
			sqe->launch.grid[i] = cpu_to_le32(1);
			sqe->launch.block[i] = cpu_to_le32(1);
		}
		sqe->launch.args = cpu_to_le32(args_bo);
		sqe->launch.args_offset = cpu_to_le64(block * BAD_PAGE);
		sqe->launch.args_length = cpu_to_le32(3 * sizeof(struct vgpu_dev_arg));
		vgpu_ring_submit(&queue.ring, VGPU_SQE_LAUNCH);
	}
	if (vgpu_ring_need_kick(&queue.ring))
		bad_ring(&queue);
}

/* No attack: the same jobs as the victim's, and no pause */
static void attack_fair(void)
{
	attack_work(0, FAIR_DEPTH);
	attack_spin();
}

static void attack_doorbells(void)
{
	unsigned int i;

	for (i = 0; i < BURST; i++)
		bad_ring(&queue);
}

static void attack_nobody(void)
{
	unsigned int i;

	for (i = 0; i < BURST; i++)
		raw_write(raw_bar2, VGPU_BAR2_DOORBELL(1 + i % 15), 1U << i % 4, i);
}

/* Entries as many as there is room for, and never more than one doorbell */
static void attack_entries(__u32 opcode)
{
	__u32 done = le32_to_cpu(READ_ONCE(queue.ring.events->completed));

	while (queue.ring.submitted - done < ENTRIES) {
		/* all else in the entry is zeroes since the queue was made */
		vgpu_ring_submit(&queue.ring, opcode);
	}
	if (vgpu_ring_need_kick(&queue.ring))
		bad_ring(&queue);
}

static void attack_garbage(void)
{
	attack_entries(0xff);
}

static void attack_tiny(void)
{
	attack_entries(VGPU_SQE_NOP);
}

static void attack_lists(void)
{
	__u32 bo;

	bad_bo_create_system(queue.g, queue.ctx, BAD_PAGE, 1ULL << 40, &bo);
}

/* Anything anywhere in the rings, the page of events included */
static void attack_rings(void)
{
	unsigned char *rings = (unsigned char *)queue.ring.events - VGPU_QUEUE_EVENTS;
	unsigned int i;
	__u64 word;

	for (i = 0; i < BURST; i++) {
		word = bad_nasty(queue.g);
		memcpy(rings + 8 * bad_pick(queue.g, VGPU_QUEUE_SIZE(ENTRIES) / 8), &word,
		       sizeof(word));
	}
	bad_ring(&queue);
}

static void attack_giant(void)
{
	attack_work(1, GIANT_DEPTH);
	attack_spin();
}

static void attack_cancel(void)
{
	attack_work(0, FAIR_DEPTH);
	BAD_CALL(queue.g, NULL, VGPU_OP_QUEUE_ABORT, queue.ctx, queue.id);
}

static void attack_contexts(void)
{
	__u32 ctx;

	if (!bad_call(queue.g, VGPU_OP_CTX_CREATE, NULL, 0, &ctx))
		BAD_CALL(queue.g, NULL, VGPU_OP_CTX_DESTROY, ctx);
}

static void attack_objects(void)
{
	__u32 bo;

	if (!bad_bo_create(queue.g, queue.ctx, CHURN_BYTES, &bo))
		BAD_CALL(queue.g, NULL, VGPU_OP_BO_DESTROY, queue.ctx, bo);
}

static void attack_queues(void)
{
	struct bad_queue q;

	if (!bad_queue_create(queue.g, &q, queue.ctx, CHURN_PAGE, 64))
		bad_queue_destroy(&q);
}

/* Requests that do nothing, some of them while another is under way */
static void attack_mailbox(void)
{
	bad_call(queue.g, VGPU_OP_NOP, NULL, 0, NULL);
	raw_reg_set(VGPU_REG_DOORBELL, 1);
	raw_reg_set(VGPU_REG_DOORBELL, 1);
}

/* One that isn't there, without a look at what became of it */
static void attack_requests(void)
{
	static const struct vgpu_dev_request request = {
		.version = VGPU_HEAD_VERSION,
		.opcode = 0xff,
	};
	unsigned int i;

	raw_put_request(&request, sizeof(request));
	for (i = 0; i < BURST; i++)
		raw_reg_set(VGPU_REG_DOORBELL, 1);
}

static void attack_resets(void)
{
	queue.g->ops->reset(queue.g);
}

/*
 * Of "resets" SCRATCH doesn't tell: a reset clears it.
 *
 * @times: so many times as long as the others: where a job of the attacker or of the victim
 * more or less in the time is to be no more than a percent of it.  In neighbour.py "timeouts"
 * has a meaning: it shortens the limit of a job meanwhile.
 */
static const struct {
	const char *name;
	void (*burst)(void);
	unsigned int times;
} attacks[] = {
	{ "spin", attack_spin, 1 },
	{ "fair", attack_fair, 40 },
	{ "doorbells", attack_doorbells, 1 },
	{ "doorbells_of_nobody", attack_nobody, 1 },
	{ "refused_entries", attack_garbage, 1 },
	{ "refused_lists", attack_lists, 1 },
	{ "rings", attack_rings, 1 },
	{ "cancels", attack_cancel, 1 },
	{ "contexts", attack_contexts, 1 },
	{ "objects", attack_objects, 1 },
	{ "queues", attack_queues, 1 },
	{ "giant_jobs", attack_giant, 150 },
	{ "tiny_jobs", attack_tiny, 1 },
	{ "requests", attack_mailbox, 1 },
	{ "refused_requests", attack_requests, 1 },
	{ "resets", attack_resets, 1 },
	{ "timeouts", attack_giant, 3 },
};

/* Arguments of sha256, each block in a page of its own: few bytes, and many */
static void attack_args(struct bad_guest *g, __u32 data)
{
	static const __u32 bytes[] = { FAIR_BYTES, GIANT_BYTES };
	struct vgpu_dev_arg *arg;
	__u32 i;

	for (i = 0; i < ARRAY_SIZE(bytes); i++) {
		arg = (void *)(g->memory + (ARGS_PAGE + i) * BAD_PAGE);
		memset(arg, 0, BAD_PAGE);
		arg[0].type = cpu_to_le32(VGPU_ARG_BO);
		arg[0].handle = cpu_to_le32(args_bo);
		arg[0].value = cpu_to_le64(i * BAD_PAGE + BAD_PAGE / 2);
		arg[1].type = cpu_to_le32(VGPU_ARG_BO);
		arg[1].handle = cpu_to_le32(data);
		arg[2].type = cpu_to_le32(VGPU_ARG_VALUE);
		arg[2].value = cpu_to_le64(bytes[i]);
	}
}

static bool attack_prepare(struct bad_guest *g)
{
	static const char name[] = "sha256";
	__u32 ctx, data, module;

	if (!g->ops->reset(g) || bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &ctx) ||
	    bad_queue_create(g, &queue, ctx, 0, ENTRIES) ||
	    bad_bo(g, ctx, ARGS_PAGE, 2, &args_bo) || bad_bo_create(g, ctx, DATA, &data) ||
	    BAD_CALL(g, &module, VGPU_OP_MODULE_LOAD, ctx, VGPU_MODULE_BUILTIN) ||
	    bad_call_data(g, VGPU_OP_KERNEL_GET, ctx, module, name, strlen(name), &kernel))
		return false;
	attack_args(g, data);
	return true;
}

/**
 * raw_attack() - attack, for the rest of the guest's life
 * @ms: how long each time
 *
 * Return: exit status of the program, if it can't be done.
 */
int raw_attack(unsigned int ms)
{
	struct bad_guest *g = raw_guest();
	size_t i;

	if (!g)
		return 1;
	for (i = 0; i < ARRAY_SIZE(attacks); i++)
		printf("# attack %zu %s\n", i + 1, attacks[i].name);
	fflush(stdout);
	for (i = 0;; i = (i + 1) % ARRAY_SIZE(attacks)) {
		double end = dev_now() + 10;

		/* after the last one it is for the host to release the vGPU */
		while (!attack_prepare(g))
			if (dev_now() > end)
				return 1;
		raw_reg_set(VGPU_REG_SCRATCH, (__u32)i + 1);
		end = dev_now() + ms * attacks[i].times / 1000.0;
		while (dev_now() < end)
			attacks[i].burst();
		raw_reg_set(VGPU_REG_SCRATCH, 0);
	}
}
