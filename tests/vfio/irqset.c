// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "irqset.h"
#include "tap.h"

/**
 * irqset_info() - ask about an interrupt index
 * @s: an open session
 * @index: which
 * @info: the answer
 *
 * Return: 0 or a negative errno.
 */
int irqset_info(struct session *s, u32 index, struct vfio_irq_info *info)
{
	memset(info, 0, sizeof(*info));
	info->argsz = sizeof(*info);
	info->index = index;
	return ioctl(s->device, VFIO_DEVICE_GET_IRQ_INFO, info) ? -errno : 0;
}

/**
 * irqset_raw() - VFIO_DEVICE_SET_IRQS with any head
 * @s: an open session
 * @head: the head, which may lie
 * @data: what follows it
 * @len: bytes of it
 *
 * Return: 0 or a negative errno.
 */
int irqset_raw(struct session *s, const struct vfio_irq_set *head,
	       const void *data, size_t len)
{
	struct vfio_irq_set *set;
	int ret;

	set = malloc(sizeof(*set) + len);
	if (!set)
		return -ENOMEM;
	memcpy(set, head, sizeof(*set));
	if (len)
		memcpy(set->data, data, len);
	ret = ioctl(s->device, VFIO_DEVICE_SET_IRQS, set) ? -errno : 0;
	free(set);
	return ret;
}

/**
 * irqset() - VFIO_DEVICE_SET_IRQS
 * @s: an open session
 * @flags: VFIO_IRQ_SET_*
 * @index: which interrupts
 * @start: the first of them
 * @count: how many of them
 * @data: a byte or a file descriptor for each
 * @len: bytes of @data
 *
 * Return: 0 or a negative errno.
 */
int irqset(struct session *s, u32 flags, u32 index, u32 start, u32 count,
	   const void *data, size_t len)
{
	struct vfio_irq_set head = {
		.argsz = (u32)(sizeof(head) + len),
		.flags = flags,
		.index = index,
		.start = start,
		.count = count,
	};

	return irqset_raw(s, &head, data, len);
}

/**
 * irqset_fds() - have eventfds signalled
 * @s: an open session
 * @index: which interrupts
 * @start: the first of them
 * @count: how many of them
 * @fds: an eventfd for each; -1 for none
 *
 * Return: 0 or a negative errno.
 */
int irqset_fds(struct session *s, u32 index, u32 start, u32 count,
	       const int *fds)
{
	return irqset(s, IRQSET_FDS, index, start, count, fds,
		      count * sizeof(*fds));
}

/**
 * irqset_disable() - switch all of an index off
 * @s: an open session
 * @index: which interrupts
 *
 * Return: 0 or a negative errno.
 */
int irqset_disable(struct session *s, u32 index)
{
	return irqset(s, IRQSET_NONE, index, 0, 0, NULL, 0);
}

/**
 * event_create() - make an eventfd
 *
 * Return: the file descriptor or -1.
 */
int event_create(void)
{
	return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

/**
 * event_take() - how often has it been signalled since last asked?
 * @fd: an eventfd
 *
 * Return: how often; at once.
 */
u64 event_take(int fd)
{
	u64 count;

	if (read(fd, &count, sizeof(count)) != sizeof(count))
		return 0;
	return count;
}

/**
 * event_wait() - wait until it is signalled
 * @fd: an eventfd
 *
 * Return: how often it has been; 0 if not within IRQSET_WAIT_MS.
 */
u64 event_wait(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	time_t since = time(NULL), took;
	int ret;

	do {
		ret = poll(&pfd, 1, IRQSET_WAIT_MS);
	} while (ret < 0 && errno == EINTR);
	took = time(NULL) - since;
	if (took >= IRQSET_SLOW_S)
		tap_note("waited %d s", (int)took);
	return ret == 1 ? event_take(fd) : 0;
}
