/* SPDX-License-Identifier: GPL-2.0 */
/* Where one thread leaves what another one takes. */
#ifndef VGPU_SIM_INBOX_H
#define VGPU_SIM_INBOX_H

#include <pthread.h>

#include <linux/list.h>

/**
 * struct inbox - what was left, in order
 * @lock: protects @list
 * @filled: signalled when there is something in it
 * @list: what
 */
struct inbox {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct list_head list;
};

/**
 * inbox_init() - make one that is empty
 * @inbox: which
 */
static inline void inbox_init(struct inbox *inbox)
{
	pthread_mutex_init(&inbox->lock, NULL);
	pthread_cond_init(&inbox->filled, NULL);
	INIT_LIST_HEAD(&inbox->list);
}

/**
 * inbox_put() - leave something
 * @inbox: where
 * @list: what; it is empty afterwards
 */
static inline void inbox_put(struct inbox *inbox, struct list_head *list)
{
	pthread_mutex_lock(&inbox->lock);
	list_splice_tail_init(list, &inbox->list);
	pthread_cond_signal(&inbox->filled);
	pthread_mutex_unlock(&inbox->lock);
}

/**
 * inbox_take() - take all that there is
 * @inbox: where
 * @list: it is put behind what is there
 * @wait: if there is nothing, sleep until there is
 */
static inline void inbox_take(struct inbox *inbox, struct list_head *list, bool wait)
{
	pthread_mutex_lock(&inbox->lock);
	while (wait && list_empty(&inbox->list))
		pthread_cond_wait(&inbox->filled, &inbox->lock);
	list_splice_tail_init(&inbox->list, list);
	pthread_mutex_unlock(&inbox->lock);
}

#endif /* VGPU_SIM_INBOX_H */
