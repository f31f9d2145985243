// SPDX-License-Identifier: GPL-2.0
/*
 * Random operations, the same for the same seed as far as this program goes
 * (what the device answers changes nothing but how long is waited for it).
 * Little is checked on the way: access inside a region is never refused, and
 * opening works.  What is checked is that the device does its work afterwards;
 * whether the kernel took harm is for its log, its sanitizers and other vGPUs
 * to tell.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <linux/vgpu_dev.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capability.h"
#include "gpu.h"
#include "guest.h"
#include "hostile.h"
#include "hostile_queue.h"
#include "io.h"
#include "irqset.h"
#include "mbox.h"
#include "random.h"
#include "tap.h"
#include "watchdog.h"
#include "../bad/bad.h"

#define HOSTILE_BUF	(80 << 10)	/* more than any region holds */
#define HOSTILE_MEMORY	0x100000U
#define HOSTILE_FDS	8
#define HOSTILE_BO_MAX	0x100000ULL	/* so that no kernel takes for ever */

/**
 * struct hostile - the state of it
 * @s: the device
 * @rnd: where all decisions come from
 * @memory: to be mapped for DMA
 * @fd: good and bad descriptors for interrupts
 * @buf: for access to regions
 * @ended: requests that ended, by error; a run without successes, or with
 *	nothing else, would not be worth much
 * @good: no check has failed
 */
struct hostile {
	struct session *s;
	struct random rnd;
	u8 *memory;
	int fd[HOSTILE_FDS];
	u8 buf[HOSTILE_BUF];
	u32 ended[VGPU_ERR_COUNT];
	bool good;
};

static u32 hostile_below(struct hostile *h, u32 limit)
{
	return random_below(&h->rnd, limit);
}

/* True in one of @n cases */
static bool hostile_once_in(struct hostile *h, u32 n)
{
	return !hostile_below(h, n);
}

static u64 hostile_offset(struct hostile *h, u64 size)
{
	switch (hostile_below(h, 8)) {
	case 0:
		return random_nasty(&h->rnd);
	case 1:
		return size + hostile_below(h, 16) - 8;
	case 2:
		/* registers and the ends of buffers are what matters most */
		return hostile_below(h, 0x48);
	default:
		return size ? random_next(&h->rnd) % size : 0;
	}
}

static u32 hostile_length(struct hostile *h)
{
	if (hostile_once_in(h, 20))
		return hostile_below(h, HOSTILE_BUF);
	if (hostile_once_in(h, 4))
		return hostile_below(h, 64);
	return 1U << hostile_below(h, 4);
}

static void hostile_io(struct hostile *h)
{
	u32 index = hostile_below(h, VFIO_PCI_NUM_REGIONS);
	u64 size = h->s->region[index].size;
	u64 offset = hostile_offset(h, size);
	u32 len = hostile_length(h);
	bool write = hostile_once_in(h, 2);
	bool inside = offset < size && len <= size - offset;
	void *buf = h->buf;
	ssize_t ret;

	if (hostile_once_in(h, 50)) {
		buf = NULL;
		inside = false;
	}
	if (write && buf)
		random_fill(&h->rnd, buf, len);
	ret = write ? io_write(h->s, index, offset, buf, len) :
		      io_read(h->s, index, offset, buf, len);
	if (inside)
		h->good &= tap_must(ret == (ssize_t)len,
				    "%s of %u at %#llx of region %u: got %zd",
				    write ? "write" : "read", len,
				    (unsigned long long)offset, index, ret);
}

/* A number of the kind due, or another */
static u32 hostile_handle(struct hostile *h)
{
	return hostile_once_in(h, 8) ? (u32)random_nasty(&h->rnd) :
				       1 + hostile_below(h, 3);
}

static u64 hostile_number(struct hostile *h, u32 usual)
{
	return hostile_once_in(h, 4) ? random_nasty(&h->rnd) :
				       hostile_below(h, usual);
}

static u64 hostile_bo_size(struct hostile *h)
{
	u64 size = hostile_number(h, 1U << 16);

	return size > HOSTILE_BO_MAX && size < 1ULL << 40 ? HOSTILE_BO_MAX :
							    size;
}

static void hostile_launch(struct hostile *h, struct mbox_request *r)
{
	struct gpu_arg arg[VGPU_MAX_ARGS + 2];
	u32 i, n;
	static const u32 bufs[] = { 0, 3, 3, 2, 3, 2, 2 };
	static const u32 args[] = { 0, 4, 4, 4, 6, 3, 3 };
	u32 kernel = 1 + hostile_below(h, 6);

	n = hostile_once_in(h, 8) ? hostile_below(h, ARRAY_SIZE(arg)) :
				    args[kernel];
	for (i = 0; i < ARRAY_SIZE(arg); i++)
		arg[i] = i < bufs[kernel] ?
				 gpu_bo(hostile_handle(h),
					4 * hostile_number(h, 16)) :
				 gpu_value(hostile_number(h, 64));
	if (hostile_once_in(h, 8) && n)
		arg[hostile_below(h, n)].type = hostile_below(h, 4);
	if (hostile_once_in(h, 16))
		kernel = (u32)random_nasty(&h->rnd);
	gpu_launch_request(r, hostile_handle(h), kernel, arg, n);
}

static void hostile_bo_op(struct hostile *h, struct mbox_request *r, u32 opcode)
{
	u32 i, len;

	mbox_request_init(r, opcode);
	mbox_request_param(r, hostile_handle(h));
	switch (opcode) {
	case VGPU_OP_BO_CREATE:
		mbox_request_param64(r, hostile_bo_size(h));
		break;
	case VGPU_OP_BO_DESTROY:
		mbox_request_param(r, hostile_handle(h));
		break;
	case VGPU_OP_BO_WRITE:
		mbox_request_param(r, hostile_handle(h));
		mbox_request_param64(r, hostile_number(h, 4096));
		len = hostile_below(h, GPU_WRITE_MAX + 1);
		mbox_request_data(r, h->buf, len);
		break;
	case VGPU_OP_BO_READ:
		mbox_request_param(r, hostile_handle(h));
		mbox_request_param64(r, hostile_number(h, 4096));
		mbox_request_param(r, (u32)hostile_number(h, GPU_READ_MAX + 8));
		break;
	case VGPU_OP_COPY:
		for (i = 0; i < 2; i++) {
			mbox_request_param(r, hostile_handle(h));
			mbox_request_param64(r, hostile_number(h, 4096));
		}
		mbox_request_param64(r, hostile_number(h, 4096));
		break;
	case VGPU_OP_FILL:
		mbox_request_param(r, hostile_handle(h));
		mbox_request_param64(r, 4 * hostile_number(h, 1024));
		mbox_request_param64(r, 4 * hostile_number(h, 1024));
		mbox_request_param(r, (u32)random_next(&h->rnd));
		break;
	}
}

static void hostile_make_request(struct hostile *h, struct mbox_request *r)
{
	u32 i;

	switch (hostile_below(h, 16)) {
	case 0:
		mbox_request_init(r, VGPU_OP_NOP);
		break;
	case 1:
		mbox_request_init(r, VGPU_OP_COMPUTE);
		mbox_request_param(r, (u32)random_next(&h->rnd));
		mbox_request_param(r, (u32)random_next(&h->rnd));
		break;
	case 2:
		mbox_request_init(r, VGPU_OP_GET_DEVICE_INFO);
		break;
	case 3:
		mbox_request_init(r, VGPU_OP_CTX_CREATE);
		break;
	case 4:
		mbox_request_init(r, VGPU_OP_CTX_DESTROY);
		mbox_request_param(r, hostile_handle(h));
		break;
	case 5:
	case 6:
		hostile_bo_op(h, r, VGPU_OP_BO_CREATE);
		break;
	case 7:
	case 8:
		hostile_launch(h, r);
		break;
	case 9:
	case 10:
	case 11:
	case 12:
		hostile_queue_request(&h->rnd, r);
		break;
	default:
		hostile_bo_op(h, r, VGPU_OP_BO_DESTROY + hostile_below(h, 5));
		break;
	}
	/* lies */
	if (hostile_once_in(h, 4))
		mbox_request_word(r, 4 * hostile_below(h, 8),
				  (u32)random_nasty(&h->rnd));
	if (hostile_once_in(h, 16))
		for (i = 0; i < 16; i++)
			r->buf[hostile_below(h, sizeof(r->buf))] =
				(u8)random_next(&h->rnd);
	if (hostile_once_in(h, 8))
		r->len = (u32)random_nasty(&h->rnd);
}

static void hostile_request(struct hostile *h)
{
	struct mbox m = { .s = h->s, .event = -1 };
	struct mbox_request r;
	u32 status, error;

	hostile_make_request(h, &r);
	h->good &= mbox_submit(&m, &r);
	/* change it while it is being read */
	if (hostile_once_in(h, 4))
		io_write(h->s, IO_BAR0, VGPU_REQ_BUF + 4 * hostile_below(h, 16),
			 h->buf, 4);
	if (hostile_once_in(h, 3))
		return;
	h->good &= mbox_spin(h->s, &status);
	error = bar0_get(h->s, VGPU_REG_ERROR_CODE);
	if (error < ARRAY_SIZE(h->ended))
		h->ended[error]++;
}

static void hostile_irqs(struct hostile *h)
{
	static const u32 usual[] = { IRQSET_FDS, IRQSET_FDS, IRQSET_NONE,
				     IRQSET_BOOL };
	struct {
		struct vfio_irq_set head;
		int data[1024];
	} set;
	u32 i;

	set.head.flags = hostile_once_in(h, 4) ? (u32)random_next(&h->rnd) & 0x7f :
						 usual[hostile_below(h, 4)];
	set.head.index = hostile_once_in(h, 10) ? (u32)random_nasty(&h->rnd) :
						  hostile_below(h, 6);
	set.head.start = hostile_once_in(h, 4) ? (u32)random_nasty(&h->rnd) :
						 hostile_below(h, 3);
	set.head.count = hostile_once_in(h, 4) ? (u32)random_nasty(&h->rnd) :
						 hostile_below(h, 18);
	set.head.argsz = hostile_once_in(h, 4) ? (u32)random_nasty(&h->rnd) :
						 (u32)sizeof(set);
	for (i = 0; i < ARRAY_SIZE(set.data); i++)
		set.data[i] = h->fd[hostile_once_in(h, 10) ?
					    hostile_below(h, HOSTILE_FDS) :
					    hostile_below(h, 4)];
	ioctl(h->s->device, VFIO_DEVICE_SET_IRQS, &set);
}

static void hostile_ioctl(struct hostile *h)
{
	u32 argsz = hostile_once_in(h, 2) ? hostile_below(h, 256) :
					    (u32)random_nasty(&h->rnd);
	unsigned long cmd = _IO(VFIO_TYPE, VFIO_BASE + hostile_below(h, 32));

	random_fill(&h->rnd, h->buf, 256);
	put_le32(h->buf, argsz);
	if (hostile_once_in(h, 2))
		put_le32(h->buf + 4, hostile_below(h, 8));
	if (hostile_once_in(h, 2))
		put_le32(h->buf + 8, hostile_below(h, 12));
	if (hostile_once_in(h, 8))
		cmd = (u32)random_next(&h->rnd);
	ioctl(h->s->device, cmd, hostile_once_in(h, 20) ? NULL : h->buf);
}

static void hostile_dma(struct hostile *h)
{
	u64 iova = hostile_number(h, HOSTILE_PAGES) * 4096;
	u64 size = hostile_number(h, 64) * 4096;
	u8 *va = h->memory + 4096 * hostile_below(h, 192);

	if (hostile_once_in(h, 2))
		session_dma_map(h->s, va, iova, size);
	else
		session_dma_unmap(h->s, iova, size);
}

/* Something in memory, and a doorbell for whoever has a queue there */
static void hostile_rings(struct hostile *h)
{
	u32 i, value = 0;

	for (i = 0; i < 4; i++)
		hostile_queue_scribble(&h->rnd, h->memory + 4096 * hostile_below(h, 256));
	for (i = 0; i < 4; i++)
		h->good &= io_write_all(h->s, IO_BAR2,
					VGPU_BAR2_DOORBELL(hostile_below(h, 4)), &value, 4);
}

static void hostile_map(struct hostile *h)
{
	u32 index = hostile_below(h, VFIO_PCI_NUM_REGIONS);
	void *map;

	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
		   h->s->device, (off_t)h->s->region[index].offset);
	h->good &= tap_must(map == MAP_FAILED, "region %u can't be mapped",
			    index);
	if (map != MAP_FAILED)
		munmap(map, 4096);
}

/* One honest request, whatever state the mailbox is in. */
static void hostile_honest(struct hostile *h, const struct mbox_request *r)
{
	struct mbox m = { .s = h->s, .event = -1 };
	u32 status;

	h->good &= mbox_spin(h->s, &status) && mbox_submit(&m, r) &&
		   mbox_spin(h->s, &status);
}

/*
 * All features, and contexts and objects under the numbers that hostile_handle() prefers: without
 * them most requests would be refused before they get anywhere.
 */
static void hostile_settle(struct hostile *h)
{
	struct mbox_request r;
	u32 ctx, bo;

	/* what is enabled already stays as it is */
	bar0_put(h->s, VGPU_REG_EXT_ACCEPTED_LO, BAD_FEATURES);
	bar0_put(h->s, VGPU_REG_EXT_ACCEPTED_HI, 0);
	bar0_put(h->s, VGPU_REG_EXT_CONTROL, VGPU_EXT_ENABLE);
	for (ctx = 1; ctx <= 3; ctx++) {
		mbox_request_init(&r, VGPU_OP_CTX_CREATE);
		hostile_honest(h, &r);
		for (bo = 1; bo <= 3; bo++) {
			mbox_request_init(&r, VGPU_OP_BO_CREATE);
			mbox_request_param(&r, ctx);
			mbox_request_param64(&r, hostile_below(h, 0x8000) + 1);
			hostile_honest(h, &r);
		}
	}
}

static void hostile_reset(struct hostile *h)
{
	u32 express;
	int ret;

	if (hostile_once_in(h, 2)) {
		express = capability_find(h->s, PCI_CAP_ID_EXP);
		config_put(h->s, express + PCI_EXP_DEVCTL,
			   PCI_EXP_DEVCTL_BCR_FLR, 2);
		return;
	}
	ret = session_reset(h->s);
	h->good &= tap_must(!ret, "resets: got %s want success",
			    tap_errno_name(ret));
}

static void hostile_reopen(struct hostile *h)
{
	session_close(h->s);
	h->good &= tap_must(!session_open(h->s), "opens again: %s",
			    h->s->error);
}

static void hostile_one(struct hostile *h)
{
	u32 what = hostile_below(h, 1000);

	if (what < 300)
		hostile_io(h);
	else if (what < 400)
		hostile_rings(h);
	else if (what < 800)
		hostile_request(h);
	else if (what < 900)
		hostile_irqs(h);
	else if (what < 940)
		hostile_ioctl(h);
	else if (what < 970)
		hostile_dma(h);
	else if (what < 975)
		hostile_map(h);
	else if (what < 985)
		hostile_settle(h);
	else if (what < 996)
		hostile_reset(h);
	else
		hostile_reopen(h);
}

static void hostile_fds(struct hostile *h)
{
	u32 i;

	for (i = 0; i < 4; i++)
		h->fd[i] = event_create();
	h->fd[4] = -1;
	h->fd[5] = open("/dev/null", O_RDWR | O_CLOEXEC);
	h->fd[6] = 0x7fffffff;
	h->fd[7] = -2;
}

/* After all that: one context, one object, one result, as if nothing was. */
static void hostile_afterwards(struct session *s)
{
	u8 now[6] = { 0 };
	struct mbox m;
	u32 ctx, bo;

	session_close(s);
	if (!tap_errno(session_open(s), 0, "opens afterwards"))
		return;
	mbox_works(s, "afterwards");
	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	tap_ok(!gpu_ctx_create(&m, &ctx) &&
	       !gpu_bo_create(&m, ctx, 4096, &bo) &&
	       !gpu_bo_write(&m, ctx, bo, 100, "afterwards", 10) &&
	       !gpu_bo_read(&m, ctx, bo, 105, now, 5) &&
	       !memcmp(now, "wards", 5),
	       "an object holds what is written to it afterwards");
	mbox_close(&m);
}

/**
 * hostile_run() - do anything, then check that the device still works
 * @s: an open session
 * @seed: what decides what is done
 * @count: how many operations
 */
void hostile_run(struct session *s, u64 seed, u32 count)
{
	static struct hostile h;
	u32 i;

	h.s = s;
	h.rnd.state = seed;
	h.good = true;
	h.memory = guest_memory(HOSTILE_MEMORY);
	if (!tap_must(h.memory, "allocates memory"))
		return;
	hostile_fds(&h);
	tap_note("seed %llu, %u operations", (unsigned long long)seed, count);
	hostile_settle(&h);
	for (i = 0; i < count && h.good; i++) {
		hostile_one(&h);
		watchdog_pet();
	}
	if (!h.good)
		tap_note("stopped at operation %u of seed %llu", i,
			 (unsigned long long)seed);
	tap_ok(h.good, "%u operations of seed %llu", i,
	       (unsigned long long)seed);
	for (i = 0; i < ARRAY_SIZE(h.ended); i++)
		if (h.ended[i])
			tap_note("%u requests ended with %s", h.ended[i],
				 mbox_error_name((int)i));
	hostile_afterwards(s);
}
