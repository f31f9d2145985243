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

/* Pages of each vGPU's guest, from address 0.  Page 0 stands for what isn't there */
#define VGPU_FIXTURE_PAGES	256

/**
 * struct vgpu_fixture_vgpu - a vGPU and what it did
 * @vgpu: the vGPU
 * @irqs: interrupts raised
 * @vector: vector of the last one
 * @mem: the guest's memory
 * @pins: how often each page is pinned
 * @pinned: sum of @pins
 * @fail_pin: fail the n-th call from now; 0: none
 * @on_pin: called before pages are pinned
 * @on_unpin: called before pages are unpinned
 * @on_irq: called when an interrupt is raised, by whoever raises it
 */
struct vgpu_fixture_vgpu {
	struct vgpu vgpu;
	u32 irqs;
	u32 vector;
	u8 *mem;
	u32 pins[VGPU_FIXTURE_PAGES];
	u32 pinned;
	u32 fail_pin;
	void (*on_pin)(struct vgpu_fixture_vgpu *v);
	void (*on_unpin)(struct vgpu_fixture_vgpu *v);
	void (*on_irq)(struct vgpu_fixture_vgpu *v);
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
u32 vgpu_fixture_system_bo(struct kunit *test, struct vgpu_fixture_vgpu *v, u32 ctx,
			   u32 page, u32 npages);
void vgpu_fixture_enable(struct kunit *test, struct vgpu *vgpu, u64 features);
u32 vgpu_fixture_ctx(struct kunit *test, struct vgpu *vgpu);
u64 vgpu_fixture_requests(const struct vgpu *vgpu);
u32 vgpu_fixture_bo(struct kunit *test, struct vgpu *vgpu, u32 ctx, u64 size);

/* what a vGPU has counted */
#define vgpu_counter(vgpu, which) \
	((u64)atomic64_read(&(vgpu)->counters.event[which]))

#endif /* _VGPU_TEST_FIXTURE_H */
