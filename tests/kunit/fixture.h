/* SPDX-License-Identifier: GPL-2.0 */
/* Two started vGPUs on one mock GPU: what most suites stand on. */
#ifndef _VGPU_TEST_FIXTURE_H
#define _VGPU_TEST_FIXTURE_H

#include <linux/sizes.h>
#include <linux/types.h>

#include "mock_backend.h"
#include "request.h"
#include "vgpu.h"

struct kunit;

/* Each vGPU's quota; half of the GPU's memory */
#define VGPU_FIXTURE_QUOTA	SZ_1M
#define VGPU_FIXTURE_DEPTH	2

/**
 * struct vgpu_fixture_vgpu - a vGPU and what it did
 * @vgpu: the vGPU
 * @irqs: interrupts raised
 * @vector: vector of the last one
 */
struct vgpu_fixture_vgpu {
	struct vgpu vgpu;
	u32 irqs;
	u32 vector;
};

/**
 * struct vgpu_fixture - a GPU and its vGPUs; &kunit.priv
 * @mock: the GPU; its jobs complete at once unless the test says otherwise
 * @v: the vGPUs, vm_id 1 and 2
 * @made: how far vgpu_fixture_init() got
 */
struct vgpu_fixture {
	struct vgpu_mock mock;
	struct vgpu_fixture_vgpu v[2];
	u32 made;
};

int vgpu_fixture_init(struct kunit *test);
void vgpu_fixture_exit(struct kunit *test);
u32 vgpu_fixture_ctx(struct kunit *test, struct vgpu *vgpu);
u32 vgpu_fixture_bo(struct kunit *test, struct vgpu *vgpu, u32 ctx, u64 size);

/* what a vGPU has counted */
#define vgpu_counter(vgpu, which) \
	((u64)atomic64_read(&(vgpu)->counters.event[which]))

#endif /* _VGPU_TEST_FIXTURE_H */
