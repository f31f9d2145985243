/* SPDX-License-Identifier: GPL-2.0 */
/* The device under test, without libvgpu between. */
#ifndef UAPI_DEV_H
#define UAPI_DEV_H

#include <stddef.h>

#include <linux/types.h>
#include <linux/vgpu.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

extern const char *dev_path;

int dev_open(void);
int dev_info(int fd, struct vgpu_info *info);
int dev_request(int fd, struct vgpu_request *request);
int dev_call(int fd, __u32 opcode, const __u32 *params, __u32 count,
	     __u32 *result);
int dev_nop(int fd, __u32 timeout_ms);
int dev_bo_create(int fd, __u64 size, __u32 *bo);
int dev_bo_write(int fd, __u32 bo, __u64 offset, const void *data,
		 __u32 length);
int dev_bo_read(int fd, __u32 bo, __u64 offset, void *data, __u32 length);
__u64 dev_memory_used(void);
size_t dev_memory_available(void);
double dev_now(void);
void dev_sleep_ms(unsigned int ms);
int dev_write_text(const char *path, const char *text);

#define SLOW_ARGS	6

/**
 * struct slow - a way to keep the device busy for a while
 * @fd: an open file of its own
 * @bos: a, b and c of a matrix product
 * @us_per_row: what one row of a costs
 */
struct slow {
	int fd;
	__u32 bos[3];
	double us_per_row;
};

int slow_init(struct slow *slow);
void slow_args(const struct slow *slow, unsigned int ms, struct vgpu_dev_arg *args);
int slow_run(const struct slow *slow, unsigned int ms, __u32 timeout_ms);
void slow_fini(struct slow *slow);

#endif /* UAPI_DEV_H */
