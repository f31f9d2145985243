// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks that go on for a while each, one after the other, for bench/neighbour.sh to
 * see what they cost somebody else.  Which one is on stands in REQUEST_ID, where the
 * host can read it: it has no effect.
 */
#include <stdio.h>

#include <linux/vgpu_dev.h>

#include "../bad/bad.h"
#include "dev.h"
#include "raw.h"
#include "tap.h"

#define ENTRIES		1024U
/* Between two looks at the clock */
#define BURST		64U

static struct bad_queue queue;

/* Of what all others are measured against: a guest that uses its processor */
static void attack_spin(void)
{
	unsigned int i;

	for (i = 0; i < 100000; i++)
		__asm__ volatile("" : : : "memory");
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

/* The request buffer holds an opcode that isn't there */
static void attack_requests(void)
{
	unsigned int i;

	for (i = 0; i < BURST; i++)
		raw_reg_set(VGPU_REG_DOORBELL, 1);
}

/* As many entries as there is room for, and never more than one doorbell */
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

static void attack_flood(void)
{
	attack_entries(VGPU_SQE_NOP);
}

static void attack_lists(void)
{
	__u32 bo;

	bad_bo_create_system(queue.g, queue.ctx, BAD_PAGE, 1ULL << 40, &bo);
}

static const struct {
	const char *name;
	void (*burst)(void);
} attacks[] = {
	{ "spin", attack_spin },
	{ "doorbells", attack_doorbells },
	{ "doorbells_of_nobody", attack_nobody },
	{ "refused_requests", attack_requests },
	{ "refused_lists", attack_lists },
	{ "refused_entries", attack_garbage },
	{ "valid_nops", attack_flood },
};

static bool attack_prepare(struct bad_guest *g)
{
	static const struct vgpu_dev_request request = {
		.version = VGPU_HEAD_VERSION,
		.opcode = 0xff,
	};
	__u32 ctx;

	if (!g || !g->ops->reset(g) || bad_call(g, VGPU_OP_CTX_CREATE, NULL, 0, &ctx) ||
	    bad_queue_create(g, &queue, ctx, 0, ENTRIES))
		return false;
	raw_put_request(&request, sizeof(request));
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
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attacks); i++)
		printf("# attack %zu %s\n", i + 1, attacks[i].name);
	fflush(stdout);
	for (i = 0;; i = (i + 1) % ARRAY_SIZE(attacks)) {
		double end;

		if (!attack_prepare(raw_guest()))
			return 1;
		raw_reg_set(VGPU_REG_REQUEST_ID, (__u32)i + 1);
		end = dev_now() + ms / 1000.0;
		while (dev_now() < end)
			attacks[i].burst();
		raw_reg_set(VGPU_REG_REQUEST_ID, 0);
	}
}
