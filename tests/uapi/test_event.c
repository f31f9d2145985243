// SPDX-License-Identifier: GPL-2.0
/*
 * Events of queues, by poll(2) of the file and by eventfds: none is lost, none comes
 * twice, and nobody waits for a queue or a device that is no more.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dev.h"
#include "queue.h"
#include "tap.h"
#include "tests.h"

/* Whoever waits that long has missed something */
#define LOST_MS	60000

/* What poll(2) says at once, or within @timeout_ms */
static int poll_of(int fd, short events, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };

	return poll(&poll_fd, 1, timeout_ms) < 0 ? -errno : poll_fd.revents;
}

/* The count of an eventfd that is signalled, or 0 */
static __u64 eventfd_take(int efd, int timeout_ms)
{
	eventfd_t count = 0;

	if (poll_of(efd, POLLIN, timeout_ms) != POLLIN ||
	    read(efd, &count, sizeof(count)) != sizeof(count))
		return 0;
	return count;
}

static void reap_all(struct queue *q)
{
	struct vgpu_dev_cqe cqe;

	while (vgpu_ring_reap(&q->ring, &cqe))
		;
}

/**
 * test_event_args() - what can't be armed, and what is no eventfd
 */
void test_event_args(void)
{
	struct vgpu_queue_eventfd bad;
	int efd = eventfd(0, EFD_CLOEXEC), null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct queue q, other;

	if (!queue_open(&q, 4))
		return;
	other = q;
	other.fd = dev_open();
	CHECK_EQ(queue_arm(&other, 0), -ENOENT);
	CHECK_EQ(queue_eventfd(&other, efd), -ENOENT);
	CHECK_EQ(queue_eventfd(&other, -1), -ENOENT);
	other.fd = q.fd;
	other.args.queue = q.args.queue + 1;
	CHECK_EQ(queue_arm(&other, 0), -ENOENT);
	CHECK_EQ(queue_eventfd(&other, efd), -ENOENT);
	other.args.queue = ~0U;
	CHECK_EQ(queue_arm(&other, 0), -ENOENT);

	CHECK_EQ(queue_eventfd(&q, 999), -EBADF);
	CHECK_EQ(queue_eventfd(&q, -2), -EBADF);
	CHECK_EQ(queue_eventfd(&q, null), -EINVAL);
	CHECK_EQ(queue_eventfd(&q, q.fd), -EINVAL);
	bad = (struct vgpu_queue_eventfd){
		.size = sizeof(bad), .queue = q.args.queue, .fd = efd, .__reserved = 1,
	};
	CHECK_EQ(dev_ioctl(q.fd, VGPU_IOC_QUEUE_EVENTFD, &bad), -EINVAL);
	CHECK_EQ(queue_eventfd(&q, -1), 0);
	CHECK_EQ(queue_eventfd(&q, efd), 0);
	CHECK_EQ(queue_destroy(q.fd, q.args.queue), 0);
	CHECK_EQ(queue_arm(&q, 0), -ENOENT);
	CHECK_EQ(queue_eventfd(&q, efd), -ENOENT);
	close(other.fd == q.fd ? null : other.fd);
	queue_close(&q);
	close(efd);
}

/**
 * test_event_once() - an event comes once for each time it was armed
 */
void test_event_once(void)
{
	int efd = eventfd(0, EFD_CLOEXEC), second = eventfd(0, EFD_CLOEXEC);
	struct queue q;

	if (!queue_open(&q, 8))
		return;
	CHECK_EQ(queue_eventfd(&q, efd), 0);
	CHECK_EQ(poll_of(q.fd, POLLIN | POLLPRI, 0), 0);
	/* not armed: nothing comes */
	queue_nop(&q);
	CHECK_EQ(queue_wait(q.fd, q.args.queue, 0, LOST_MS), 0);
	CHECK_EQ(poll_of(q.fd, POLLIN, 0), 0);
	CHECK_EQ(eventfd_take(efd, 0), 0);
	/* over already: it says so, and nothing comes */
	CHECK_EQ(queue_arm(&q, 0), 1);
	CHECK_EQ(poll_of(q.fd, POLLIN, 0), 0);
	CHECK_EQ(eventfd_take(efd, 0), 0);
	/* armed: it comes, once */
	CHECK_EQ(queue_arm(&q, 1), 0);
	CHECK_EQ(poll_of(q.fd, POLLIN, 0), 0);
	queue_nop(&q);
	CHECK_EQ(poll_of(q.fd, POLLIN, LOST_MS), POLLIN);
	CHECK_EQ(eventfd_take(efd, LOST_MS), 1);
	queue_nop(&q);
	CHECK_EQ(queue_wait(q.fd, q.args.queue, 2, LOST_MS), 0);
	CHECK_EQ(eventfd_take(efd, 0), 0);
	/* the file says so until it is armed again, be it that it has passed */
	CHECK_EQ(poll_of(q.fd, POLLIN, 0), POLLIN);
	CHECK_EQ(queue_arm(&q, 2), 1);
	CHECK_EQ(poll_of(q.fd, POLLIN, 0), 0);
	/* not for what comes before, but for what was armed last */
	CHECK_EQ(queue_arm(&q, 9), 0);
	CHECK_EQ(queue_arm(&q, 4), 0);
	queue_nop(&q);
	CHECK_EQ(queue_wait(q.fd, q.args.queue, 3, LOST_MS), 0);
	CHECK_EQ(poll_of(q.fd, POLLIN, 0), 0);
	/* another eventfd takes the place of the first, whose owner has gone */
	close(efd);
	CHECK_EQ(queue_eventfd(&q, second), 0);
	reap_all(&q);
	queue_nop(&q);
	CHECK_EQ(eventfd_take(second, LOST_MS), 1);
	/* without one the file has it still, also if it was armed for less at first */
	CHECK_EQ(queue_eventfd(&q, -1), 0);
	CHECK_EQ(queue_arm(&q, 5), 0);
	CHECK_EQ(queue_arm(&q, 6), 0);
	queue_nop(&q);
	CHECK_EQ(queue_wait(q.fd, q.args.queue, 5, LOST_MS), 0);
	CHECK_EQ(poll_of(q.fd, POLLIN, 0), 0);
	queue_nop(&q);
	CHECK_EQ(poll_of(q.fd, POLLIN, LOST_MS), POLLIN);
	CHECK_EQ(eventfd_take(second, 0), 0);
	/* and with its queue it is gone */
	CHECK_EQ(queue_destroy(q.fd, q.args.queue), 0);
	CHECK_EQ(poll_of(q.fd, POLLIN | POLLPRI, 0), 0);
	queue_close(&q);
	close(second);
}

/**
 * struct poller - a thread that polls a file
 * @thread: the thread
 * @fd: the file
 * @events: for which
 * @revents: what it was told
 */
struct poller {
	pthread_t thread;
	int fd;
	short events;
	int revents;
};

static void *poll_one(void *arg)
{
	struct poller *p = arg;

	p->revents = poll_of(p->fd, p->events, LOST_MS);
	return NULL;
}

/**
 * test_event_ended() - a queue ends whose event was to come: it comes
 */
void test_event_ended(void)
{
	struct poller p = { .events = POLLIN }, e = { .events = POLLIN };
	int efd = eventfd(0, EFD_CLOEXEC);
	struct queue q, other;

	if (!queue_open(&q, 4) || !queue_open_in(&other, q.fd, 4))
		return;
	CHECK_EQ(queue_eventfd(&q, efd), 0);
	CHECK_EQ(queue_arm(&q, 0), 0);
	p.fd = q.fd;
	e.fd = efd;
	pthread_create(&p.thread, NULL, poll_one, &p);
	pthread_create(&e.thread, NULL, poll_one, &e);
	dev_sleep_ms(100);
	CHECK_EQ(queue_destroy(q.fd, q.args.queue), 0);
	pthread_join(p.thread, NULL);
	pthread_join(e.thread, NULL);
	CHECK_EQ(p.revents, POLLIN);
	CHECK_EQ(e.revents, POLLIN);
	CHECK_EQ(eventfd_take(efd, 0), 1);
	/* who doesn't ask for it has nothing of it; who does has it until something is armed */
	CHECK_EQ(poll_of(q.fd, POLLPRI, 0), 0);
	CHECK_EQ(poll_of(q.fd, POLLIN, 0), POLLIN);
	CHECK_EQ(queue_arm(&q, 0), -ENOENT);
	CHECK_EQ(poll_of(q.fd, POLLIN, 0), 0);
	/* one that was not armed has none */
	CHECK_EQ(queue_eventfd(&other, efd), 0);
	CHECK_EQ(queue_destroy(q.fd, other.args.queue), 0);
	CHECK_EQ(poll_of(q.fd, POLLIN, 0), 0);
	CHECK_EQ(eventfd_take(efd, 0), 0);
	queue_unmap(&other);
	queue_close(&q);
	close(efd);
}

/**
 * test_event_ended_epoll() - the same with an epoll, which looks more often than it tells
 */
void test_event_ended_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN }, got = { };
	int ep = epoll_create1(EPOLL_CLOEXEC), outer = epoll_create1(EPOLL_CLOEXEC);
	struct queue q, other;

	if (!queue_open(&q, 4) || !queue_open_in(&other, q.fd, 4))
		return;
	CHECK(!epoll_ctl(outer, EPOLL_CTL_ADD, ep, &event));
	CHECK_EQ(queue_arm(&q, 0), 0);
	CHECK_EQ(queue_destroy(q.fd, q.args.queue), 0);
	CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, q.fd, &event));
	CHECK(!epoll_ctl(ep, EPOLL_CTL_MOD, q.fd, &event));
	CHECK_EQ(epoll_wait(outer, &got, 1, LOST_MS), 1);
	CHECK_EQ(epoll_wait(ep, &got, 1, LOST_MS), 1);
	CHECK_EQ(got.events, EPOLLIN);
	/* until another is armed; what comes afterwards comes */
	CHECK_EQ(queue_arm(&other, 0), 0);
	CHECK_EQ(epoll_wait(ep, &got, 1, 0), 0);
	CHECK_EQ(queue_destroy(q.fd, other.args.queue), 0);
	CHECK_EQ(epoll_wait(ep, &got, 1, LOST_MS), 1);
	/* or made */
	queue_unmap(&other);
	if (queue_open_in(&other, q.fd, 4))
		CHECK_EQ(epoll_wait(ep, &got, 1, 0), 0);
	queue_unmap(&other);
	queue_close(&q);
	close(outer);
	close(ep);
}

/**
 * test_event_many() - thousands of times armed, before the job and after it
 */
void test_event_many(void)
{
	int efd = eventfd(0, EFD_CLOEXEC);
	__u32 i, passed = 0;
	struct queue q;
	int ret;

	if (!queue_open(&q, 8))
		return;
	CHECK_EQ(queue_eventfd(&q, efd), 0);
	for (i = 0; i < 20000; i++)
		CHECK_EQ(queue_arm(&q, i), 0);
	for (i = 0; i < 3000; i++) {
		if (i % 2)
			ret = queue_arm(&q, i);
		queue_nop(&q);
		if (i % 2 == 0)
			ret = queue_arm(&q, i);
		if (ret == 1) {
			passed++;
			CHECK(i % 2 == 0);
		} else if (!CHECK_EQ(ret, 0) || !CHECK_EQ(eventfd_take(efd, LOST_MS), 1)) {
			break;
		}
		reap_all(&q);
		if (!CHECK_EQ(q.ring.reaped, i + 1))
			break;
	}
	CHECK(passed < 3000);
	CHECK_EQ(eventfd_take(efd, 0), 0);
	queue_close(&q);
	close(efd);
}

#define LOOP_QUEUES	5
#define LOOP_JOBS	500

/* A job is over: reap it, submit the next, and arm for that.  True: once more. */
static bool loop_step(struct queue *q)
{
	int ret;

	reap_all(q);
	if (q->ring.reaped == q->ring.submitted && q->ring.submitted < LOOP_JOBS)
		queue_nop(q);
	if (q->ring.reaped == LOOP_JOBS)
		return false;
	ret = queue_arm(q, q->ring.reaped);
	CHECK(ret == 0 || ret == 1);
	return ret == 1;
}

/**
 * test_event_loop() - one thread, an epoll, and queues with an eventfd each, one for two
 *	of them, and none but the file
 */
void test_event_loop(void)
{
	struct epoll_event event = { .events = EPOLLIN }, got;
	struct queue q[LOOP_QUEUES];
	int efd[LOOP_QUEUES], ep = epoll_create1(EPOLL_CLOEXEC), i;
	eventfd_t count;
	__u32 done;

	for (i = 0; i < LOOP_QUEUES; i++) {
		if (!(i ? queue_open_in(&q[i], q[0].fd, 4) : queue_open(&q[i], 4)))
			return;
		/* the last has none; the file says that its event came */
		efd[i] = i == 1 ? efd[0] : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (i == LOOP_QUEUES - 1)
			break;
		CHECK_EQ(queue_eventfd(&q[i], efd[i]), 0);
		event.data.fd = efd[i];
		CHECK(i == 1 || !epoll_ctl(ep, EPOLL_CTL_ADD, efd[i], &event));
	}
	event.data.fd = q[0].fd;
	CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, q[0].fd, &event));
	do {
		for (i = 0, done = 0; i < LOOP_QUEUES; i++) {
			while (loop_step(&q[i]))
				;
			/* nothing to come; what has come is seen */
			if (q[i].ring.reaped == LOOP_JOBS) {
				CHECK_EQ(queue_arm(&q[i], LOOP_JOBS), 0);
				done++;
			}
		}
		if (done == LOOP_QUEUES)
			break;
		if (!CHECK_EQ(epoll_wait(ep, &got, 1, LOST_MS), 1))
			break;
		if (got.data.fd != q[0].fd)
			CHECK_EQ(read(got.data.fd, &count, sizeof(count)), 8);
	} while (1);
	CHECK_EQ(done, LOOP_QUEUES);
	for (i = 1; i < LOOP_QUEUES; i++)
		queue_unmap(&q[i]);
	queue_close(&q[0]);
	for (i = 0; i < LOOP_QUEUES; i++) {
		if (i != 1)
			close(efd[i]);
	}
	close(ep);
}

/**
 * test_event_kill() - processes that die with an eventfd of another's armed
 */
void test_event_kill(void)
{
	int efd = eventfd(0, EFD_CLOEXEC), i, status;
	struct queue q;
	__u32 armed;
	pid_t pid;

	for (i = 0; i < 10; i++) {
		pid = fork();
		if (!pid) {
			if (!queue_open(&q, 8) || queue_eventfd(&q, efd) || queue_arm(&q, 0))
				_exit(1);
			for (armed = 0;;) {
				while (vgpu_ring_room(&q.ring))
					queue_nop(&q);
				reap_all(&q);
				/* Moved on before it has come, it might never come. */
				if (q.ring.reaped > armed) {
					armed = q.ring.submitted;
					queue_arm(&q, armed);
				}
			}
		}
		/* its jobs run */
		CHECK(eventfd_take(efd, LOST_MS) >= 1);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		CHECK(WIFSIGNALED(status));
	}
	CHECK_EQ(write(efd, &(eventfd_t){ 1 }, 8), 8);
	CHECK(eventfd_take(efd, 0) >= 1);
	close(efd);
}

static struct poller lost_pollers[3];
static struct queue lost;
static int lost_efd;

/**
 * event_lost_begin() - wait for events of a device that is about to be lost
 *
 * Return: false if it can't be set up; a check has failed then.
 */
bool event_lost_begin(void)
{
	size_t i;

	lost_efd = eventfd(0, EFD_CLOEXEC);
	if (!queue_open(&lost, 4) || !CHECK_EQ(queue_eventfd(&lost, lost_efd), 0) ||
	    !CHECK_EQ(queue_arm(&lost, 0), 0))
		return false;
	/* the file by what it says, the file for a job, and the eventfd */
	lost_pollers[0] = (struct poller){ .fd = lost.fd, .events = POLLPRI };
	lost_pollers[1] = (struct poller){ .fd = lost.fd, .events = POLLIN | POLLPRI };
	lost_pollers[2] = (struct poller){ .fd = lost_efd, .events = POLLIN };
	for (i = 0; i < ARRAY_SIZE(lost_pollers); i++)
		pthread_create(&lost_pollers[i].thread, NULL, poll_one, &lost_pollers[i]);
	return true;
}

/**
 * event_lost_end() - the device was reset, or is gone
 * @err: -ESTALE or -ENODEV
 */
void event_lost_end(int err)
{
	int want = err == -ESTALE ? POLLPRI : POLLERR | POLLHUP, fd;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lost_pollers); i++) {
		pthread_join(lost_pollers[i].thread, NULL);
		CHECK_EQ(lost_pollers[i].revents, i == 2 ? POLLIN : want);
	}
	CHECK_EQ(eventfd_take(lost_efd, 0), 1);
	/* and who comes late is told the same */
	CHECK_EQ(poll_of(lost.fd, POLLIN | POLLPRI, 0), want);
	CHECK_EQ(queue_arm(&lost, 0), err);
	CHECK_EQ(queue_eventfd(&lost, lost_efd), err);
	CHECK_EQ(queue_eventfd(&lost, -1), 0);
	CHECK_EQ(eventfd_take(lost_efd, 0), 0);
	queue_close(&lost);
	close(lost_efd);
	if (err == -ESTALE) {
		fd = dev_open();
		CHECK_EQ(poll_of(fd, POLLIN | POLLPRI, 0), 0);
		close(fd);
	}
}
