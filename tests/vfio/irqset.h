/* SPDX-License-Identifier: GPL-2.0 */
/* VFIO_DEVICE_SET_IRQS and the eventfds it takes. */
#ifndef VFIO_CHECK_IRQSET_H
#define VFIO_CHECK_IRQSET_H

#include <stddef.h>

#include "session.h"

/* How long to wait for what must come: emulated machines are slow */
#define IRQSET_WAIT_MS	120000

/* It is said if it was as long as that */
#define IRQSET_SLOW_S	5

#define IRQSET_FDS	(VFIO_IRQ_SET_DATA_EVENTFD | \
			 VFIO_IRQ_SET_ACTION_TRIGGER)
#define IRQSET_NONE	(VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER)
#define IRQSET_BOOL	(VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_TRIGGER)

int irqset_info(struct session *s, u32 index, struct vfio_irq_info *info);
int irqset_raw(struct session *s, const struct vfio_irq_set *head,
	       const void *data, size_t len);
int irqset(struct session *s, u32 flags, u32 index, u32 start, u32 count,
	   const void *data, size_t len);
int irqset_fds(struct session *s, u32 index, u32 start, u32 count,
	       const int *fds);
int irqset_disable(struct session *s, u32 index);

int event_create(void);
u64 event_take(int fd);
u64 event_wait(int fd);

#endif /* VFIO_CHECK_IRQSET_H */
