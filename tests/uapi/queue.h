/* SPDX-License-Identifier: GPL-2.0 */
/* Queues and memory of this machine's by the bare ioctls and mmap(2). */
#ifndef UAPI_QUEUE_H
#define UAPI_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/vgpu.h>
#include <vgpu/ring.h>

#define PAGE	4096U

/**
 * struct queue - a queue by the bare ioctls
 * @fd: the file
 * @args: what VGPU_IOC_QUEUE_CREATE said
 * @rings: mapped
 * @doorbell: mapped
 * @ring: in @rings
 */
struct queue {
	int fd;
	struct vgpu_queue_create args;
	void *rings;
	__u32 *doorbell;
	struct vgpu_ring_guest ring;
};

int dev_ioctl(int fd, unsigned long cmd, void *args);
int bo_create(int fd, __u64 bytes, struct vgpu_bo_create *args);
int bo_import(int fd, const void *p, __u64 bytes, struct vgpu_bo_create *args);
int bo_destroy(int fd, __u32 handle, __u32 *status);
int queue_create(int fd, __u32 entries, struct vgpu_queue_create *args);
int queue_destroy(int fd, __u32 queue);
int queue_wait(int fd, __u32 queue, __u32 index, __u32 timeout_ms);
int queue_arm(const struct queue *q, __u32 index);
int queue_eventfd(const struct queue *q, int fd);
void *map(int fd, size_t size, __u64 offset);
bool map_fails(int fd, size_t size, __u64 offset, int flags);
bool queue_open(struct queue *q, __u32 entries);
bool queue_open_in(struct queue *q, int fd, __u32 entries);
void queue_unmap(struct queue *q);
void queue_close(struct queue *q);
void queue_nop(struct queue *q);
void queue_fill(struct queue *q, __u32 bo, __u64 length, __u32 pattern);
void queue_after(struct queue *q, const struct queue *other, __u32 index);
void queue_launch(struct queue *q, __u32 kernel, __u32 args, __u32 count);

#endif /* UAPI_QUEUE_H */
