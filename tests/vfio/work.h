/* SPDX-License-Identifier: GPL-2.0 */
/* A context that always has launches of one kernel waiting in a queue. */
#ifndef VFIO_CHECK_WORK_H
#define VFIO_CHECK_WORK_H

#include "queue.h"

/* Of work_builtin(): what a job hashes */
#define WORK_BYTES	131072U

/* Jobs that may be under way */
#define WORK_DEPTH	32U

/* For work_source(): bytes of a source at most */
#define WORK_SOURCE	16384U

/**
 * struct work - a context with a queue, and a kernel
 * @m: the mailbox
 * @mem: the memory
 * @there: there is a context
 * @ctx: the context
 * @q: its queue
 * @bo: guest memory: arguments, source, log
 * @data: device memory that kernels work on
 * @kernel: what is launched
 * @nargs: its arguments
 * @pending: jobs under way
 */
struct work {
	struct mbox *m;
	struct queue_mem *mem;
	bool there;
	u32 ctx;
	struct queue q;
	u32 bo;
	u32 data;
	u32 kernel;
	u32 nargs;
	u32 pending;
};

int work_open(struct work *w, struct mbox *m, struct queue_mem *mem);
void work_close(struct work *w);
int work_builtin(struct work *w);
void work_text(struct work *w, const char *source, struct mbox_request *r);
int work_source(struct work *w, const char *source);
void work_set_arg(struct work *w, u32 i, u32 type, u32 handle, u64 value);
bool work_fill(struct work *w, u32 depth);
int work_keep(struct work *w, u32 depth);
void mode_work(struct session *s);

#endif /* VFIO_CHECK_WORK_H */
