/* SPDX-License-Identifier: GPL-2.0 */
/* Queues of jobs of which it is known what becomes of each. */
#ifndef VFIO_CHECK_LEDGER_H
#define VFIO_CHECK_LEDGER_H

#include "queue.h"
#include "random.h"

/* Of a queue */
#define LANE_ENTRIES	64U

/* Places in memory, so that each job has its own until long after it was completed */
#define LANE_SLOTS	(2 * LANE_ENTRIES)
#define LANE_WORDS	16U
#define LANE_BYTES	(LANE_WORDS * 4)

/* Pages of guest memory that a lane takes */
#define LANE_PAGES	16U

/**
 * enum lane_kind - what the jobs of a queue are
 * @LANE_AGAIN: fills and copies that may run more than once
 * @LANE_ONCE: sums that must not, and whose results show it if they do
 * @LANE_DEVICE: fills of device memory, each with a copy of it to the guest's
 */
enum lane_kind {
	LANE_AGAIN,
	LANE_ONCE,
	LANE_DEVICE,
	LANE_KINDS,
};

/**
 * struct ledger - what became of all jobs
 * @submitted: jobs that were submitted
 * @done: of these, completed with success
 * @lost: completed with VGPU_ERR_BACKEND_LOST
 * @twice: completions of jobs that had been completed, or of none
 * @missing: jobs without a completion
 * @wrong: jobs with a status that must not be, or whose effect isn't what it should be
 * @late: places that were written to when the job was completed already
 */
struct ledger {
	u64 submitted;
	u64 done;
	u64 lost;
	u64 twice;
	u64 missing;
	u64 wrong;
	u64 late;
};

/**
 * struct lane - a context with one queue, and what is known of its jobs
 * @kind: what they are
 * @ledger: where they are counted
 * @rnd: for what is up to chance
 * @page: the first of its LANE_PAGES
 * @m: the mailbox
 * @mem: the memory
 * @there: it has a context
 * @ctx: that
 * @bo: its object of guest memory
 * @dev: its object of device memory, of LANE_DEVICE
 * @kernel: the kernel, of LANE_ONCE
 * @q: its queue
 * @life: how many contexts it has had
 * @reaped: jobs of this life that were completed
 * @risked: jobs of this life before this one may be lost with an executor that was killed
 * @may_lose: how many of them still may
 * @doomed: the context is about to be lost, and all jobs with it
 * @may_return: or not: the executor goes, too, and who is first decides
 * @dead: it is, so that no job can be done any more
 * @unfit: what the device says is no more to be believed
 * @want: what a success leaves, by slot; of LANE_ONCE, what is added to each word
 * @settled: what was there when the slot's last job had been completed
 */
struct lane {
	enum lane_kind kind;
	struct ledger *ledger;
	struct random *rnd;
	u32 page;
	struct mbox *m;
	struct queue_mem *mem;
	bool there;
	u32 ctx;
	u32 bo;
	u32 dev;
	u32 kernel;
	struct queue q;
	u32 life;
	u32 reaped;
	u32 risked;
	u32 may_lose;
	bool doomed;
	bool may_return;
	bool dead;
	bool unfit;
	u32 want[LANE_SLOTS];
	u32 settled[LANE_SLOTS][LANE_WORDS];
};

void lane_init(struct lane *lane, enum lane_kind kind, struct ledger *ledger,
	       struct random *rnd, struct mbox *m, struct queue_mem *mem);
bool lane_begin(struct lane *lane);
bool lane_end(struct lane *lane);
void lane_submit(struct lane *lane, u32 jobs);
u32 lane_reap(struct lane *lane);
u32 lane_pending(const struct lane *lane);
bool lane_drain(struct lane *lane);
void lane_killed(struct lane *lane, bool worker, u32 depth);

#endif /* VFIO_CHECK_LEDGER_H */
