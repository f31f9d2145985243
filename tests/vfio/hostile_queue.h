/* SPDX-License-Identifier: GPL-2.0 */
/* What a random hostile guest does with guest memory and queues. */
#ifndef VFIO_CHECK_HOSTILE_QUEUE_H
#define VFIO_CHECK_HOSTILE_QUEUE_H

#include "mbox.h"
#include "random.h"

/* Addresses below this many pages are mapped now and then */
#define HOSTILE_PAGES	256U

void hostile_queue_request(struct random *rnd, struct mbox_request *r);
void hostile_queue_scribble(struct random *rnd, u8 *page);

#endif /* VFIO_CHECK_HOSTILE_QUEUE_H */
