// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "gpu.h"
#include "irqset.h"
#include "longjob.h"
#include "mbox.h"
#include "modes.h"
#include "queue.h"
#include "random.h"
#include "tap.h"
#include "watchdog.h"

/* Long enough to be killed in, short enough for any watchdog in the host */
#define MODE_BUSY_MS	1000

/* @jobs copies through a queue, in pairs: to the device, and back to another place */
static u32 mode_victim_copies(struct mbox *m, u32 jobs)
{
	struct random rnd = { .state = 15 };
	struct vgpu_dev_cqe cqe;
	struct queue_mem mem;
	struct queue q;
	u32 ctx, up, dev, i, done = 0;
	u8 *data;
	bool good;

	if (!queue_mem_open(&mem, m->s))
		return 0;
	data = mem.va + 64 * QUEUE_PAGE;
	if (!tap_must(!gpu_ctx_create(m, &ctx) && !queue_create(&q, m, &mem, ctx, 0, 64) &&
		      !queue_bo(m, &mem, ctx, 64, 64, &up) &&
		      !gpu_bo_create(m, ctx, 32 * QUEUE_PAGE, &dev), "makes a queue"))
		goto out;
	for (good = true; done < jobs && good; done += 64) {
		random_fill(&rnd, data, 32 * QUEUE_PAGE);
		memset(data + 32 * QUEUE_PAGE, 0, 32 * QUEUE_PAGE);
		for (i = 0; i < 32; i++) {
			queue_copy(&q, i, dev, i * QUEUE_PAGE, up, i * QUEUE_PAGE, QUEUE_PAGE);
			queue_copy(&q, i, up, (32 + i) * QUEUE_PAGE, dev, i * QUEUE_PAGE,
				   QUEUE_PAGE);
		}
		queue_kick(&q);
		for (i = 0; i < 64 && good; i++)
			good = queue_wait(&q, &cqe) && !queue_status(&cqe) &&
			       le64toh(cqe.user_data) == i / 2;
		good = good && !memcmp(data, data + 32 * QUEUE_PAGE, 32 * QUEUE_PAGE);
	}
	tap_must(good, "a job in front of the %uth", done);
out:
	gpu_ctx_destroy(m, ctx);
	queue_mem_close(&mem);
	return done;
}

/**
 * mode_victim() - do honest work, and check every result
 * @s: an open session
 * @jobs: how many by the mailbox; and as many by a queue, rounded up
 */
void mode_victim(struct session *s, u32 jobs)
{
	struct random rnd = { .state = 14 };
	u32 i, a, b, sum, wrong = 0;
	struct mbox m;
	int error;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	for (i = 0; i < jobs; i++) {
		a = (u32)random_next(&rnd);
		b = (u32)random_next(&rnd);
		sum = ~(a + b);
		error = mbox_compute(&m, a, b, &sum);
		if (!error && sum == a + b)
			continue;
		if (!wrong++)
			tap_note("job %u: %s, %#x + %#x = %#x", i,
				 mbox_error_name(error), a, b, sum);
		if (error < 0)
			break;
	}
	tap_ok(!wrong && i == jobs, "%u jobs, %u mismatches", i, wrong);
	tap_ok(mode_victim_copies(&m, jobs) >= jobs && !tap_failed(), "as many by a queue");
	mbox_close(&m);
}

static int mode_timer(long seconds)
{
	struct itimerspec when = { .it_value.tv_sec = seconds };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (fd >= 0 && timerfd_settime(fd, 0, &when, NULL)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Is there nothing more to come?  Takes what there is. */
static bool mode_at_end(int fd)
{
	char buf[256];

	return read(fd, buf, sizeof(buf)) <= 0;
}

/**
 * mode_hold() - keep the device open
 * @s: an open session
 * @seconds: for how long; negative: until standard input is closed
 * @req: what to do when asked to let go
 */
void mode_hold(struct session *s, long seconds, enum hold_req req)
{
	struct pollfd pfd[2] = { { .fd = event_create(), .events = POLLIN },
				 { .fd = STDIN_FILENO, .events = POLLIN } };

	if (req != HOLD_DEAF &&
	    !tap_errno(irqset_fds(s, VFIO_PCI_REQ_IRQ_INDEX, 0, 1, &pfd[0].fd),
		       0, "sets an eventfd for REQ"))
		return;
	if (seconds >= 0)
		pfd[1].fd = mode_timer(seconds);
	watchdog_stop();
	tap_note("holding");
	while (poll(pfd, 2, -1) > 0 || errno == EINTR) {
		if (pfd[0].revents && event_take(pfd[0].fd)) {
			tap_note("asked to let go");
			if (req == HOLD_LET_GO)
				break;
		}
		if (pfd[1].revents && (seconds >= 0 || mode_at_end(pfd[1].fd)))
			break;
	}
	close(pfd[0].fd);
	session_close(s);
	tap_ok(true, "let go");
}

/**
 * mode_busy() - have a request running all the time, until killed
 * @s: an open session
 */
void mode_busy(struct session *s)
{
	struct longjob j;
	struct mbox m;
	bool told = false;

	if (!mbox_open(&m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return;
	if (!longjob_open(&j, &m, MODE_BUSY_MS))
		return;
	do {
		if (!longjob_start(&j))
			return;
		if (!told)
			tap_note("busy");
		told = true;
	} while (mbox_wait(&m) && mbox_read_response(&m) &&
		 tap_must(!m.resp.error, "a long job: got %s want success",
			  mbox_error_name((int)m.resp.error)));
}
