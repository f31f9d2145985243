// SPDX-License-Identifier: GPL-2.0
/*
 * cxx_test: libvgpu and its headers from C++.  That this compiles, with every warning,
 * and links is most of the test; what it calls needs no device.  Exit status: 0.
 */
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include <vgpu.h>
/* each on its own, too, as a program without the library has them */
#include <linux/vgpu.h>
#include <linux/vgpu_dev.h>

/*
 * The library's own structures: whoever is linked with this version has these sizes.
 * Those of the ioctls may grow, from the ones that guest/ioctl.c asserts.
 */
static_assert(sizeof(vgpu_buf) == 16, "");
static_assert(offsetof(vgpu_buf, bo) == 0, "");
static_assert(offsetof(vgpu_buf, offset) == 8, "");
static_assert(sizeof(vgpu_completion) == 16, "");
static_assert(offsetof(vgpu_completion, user_data) == 0, "");
static_assert(offsetof(vgpu_completion, gpu_ns) == 8, "");
static_assert(offsetof(vgpu_completion, status) == 12, "");
static_assert(sizeof(vgpu_queue_stats) == 16, "");
static_assert(offsetof(vgpu_queue_stats, doorbells) == 0, "");
static_assert(offsetof(vgpu_queue_stats, waits) == 8, "");
static_assert(sizeof(vgpu_dev_arg) == 16, "");
static_assert(sizeof(vgpu_dev_sqe) == 64, "");
static_assert(sizeof(vgpu_dev_cqe) == 16, "");
/* enums are passed as int */
static_assert(sizeof(vgpu_builtin) == sizeof(int), "");
static_assert(sizeof(vgpu_module_format) == sizeof(int), "");
static_assert(std::is_trivially_copyable<vgpu_completion>::value, "");

/* A class with the name of a function needs its keyword, as in C */
static_assert(std::is_standard_layout<struct vgpu_request>::value, "");
static_assert(std::is_standard_layout<struct vgpu_queue_create>::value, "");

/* Functions are C's, and take what vgpu.h says */
static int (*const submit)(struct vgpu_queue *, __u64, vgpu_buf, vgpu_buf, __u64) =
	vgpu_queue_copy;

int main()
{
	vgpu_dev_sqe sqe = {};
	vgpu *dev = nullptr;

	sqe.copy.length = 4096;
	sqe.fill.pattern = 1;
	if (vgpu_open(&dev, "/dev/null/none") != -ENOTDIR || dev)
		return 1;
	if (std::strcmp(vgpu_error_name(VGPU_ERR_NONE), "success"))
		return 2;
	if (std::strcmp(vgpu_builtin_name(VGPU_BUILTIN_SHA256), "sha256"))
		return 3;
	/* does nothing, as free() */
	vgpu_close(dev);
	if (vgpu_queue_destroy(nullptr))
		return 4;
	return submit == vgpu_queue_copy && sqe.words[0] ? 0 : 5;
}
