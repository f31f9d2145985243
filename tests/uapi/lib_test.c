// SPDX-License-Identifier: GPL-2.0
/*
 * lib_test: libvgpu without a device.  The linker puts the functions below in
 * the place of ioctl() and of open(), which is open64() with 64-bit offsets
 * (--wrap), and they keep what they were given.  Prints TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dev.h"
#include "tap.h"
#include "vgpu.h"

/* The fake device: one buffer object, at an offset that takes both words */
#define FAKE_BO		7
#define FAKE_BASE	0x123456789000ULL
/* What it says to a request over the rate */
#define FAKE_RETRY_US	2500000
/* Its file, of which things are mapped: a doorbell, and one piece for each object */
#define FAKE_FILE	"vgpu-fake"
#define FAKE_PIECE	(4ULL << 20)
#define FAKE_PIECES	16

static struct {
	unsigned char memory[65536];
	struct vgpu_request last;
	__u32 params[16];
	unsigned char data[1024];
	unsigned int requests;
	/* What the next requests end with */
	int err;
	__u32 status;
	unsigned int fail_at;
	/* Objects of this machine's memory that were made, queues included */
	__u32 objects;
	/* What ends and waits of queues and objects are told, and how often EINTR before */
	int end_err;
	int wait_err;
	unsigned int interrupts;
	unsigned int ends;
} fake;

int __wrap_open64(const char *path, int flags, ...)
{
	int fd;

	CHECK_EQ(flags, O_RDWR | O_CLOEXEC);
	if (strcmp(path, "/dev/vgpu0") && strcmp(path, "/dev/vgpu17")) {
		errno = ENOENT;
		return -1;
	}
	fd = memfd_create(FAKE_FILE, MFD_CLOEXEC);
	CHECK(fd >= 0 && !ftruncate(fd, FAKE_PIECES * FAKE_PIECE));
	return fd;
}

/* Mappings of the file that there are */
static unsigned int fake_mapped(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	unsigned int n = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		n += !!strstr(line, "memfd:" FAKE_FILE);
	if (f)
		fclose(f);
	return n;
}

static int fake_end(void)
{
	if (fake.interrupts) {
		fake.interrupts--;
		return -EINTR;
	}
	fake.ends++;
	return fake.end_err;
}

/* Queues and memory of this machine's: 1 if it is something else */
static int fake_object(unsigned long cmd, void *args)
{
	struct vgpu_queue_create *queue = args;
	struct vgpu_bo_create *bo = args;

	switch (cmd) {
	case VGPU_IOC_QUEUE_CREATE:
		queue->queue = 0;
		queue->doorbell_offset = 0;
		queue->rings_offset = ++fake.objects * FAKE_PIECE;
		return 0;
	case VGPU_IOC_BO_CREATE:
		bo->handle = ++fake.objects;
		bo->mmap_offset = bo->handle * FAKE_PIECE;
		return 0;
	case VGPU_IOC_QUEUE_WAIT:
		return fake.wait_err;
	case VGPU_IOC_QUEUE_DESTROY:
	case VGPU_IOC_BO_DESTROY:
		return fake_end();
	default:
		return 1;
	}
}

static unsigned char *fake_place(const __u32 *params, __u32 length)
{
	__u64 offset = (params[1] | (__u64)params[2] << 32) - FAKE_BASE;

	CHECK_EQ(params[0], FAKE_BO);
	if (!CHECK(offset + length <= sizeof(fake.memory)))
		exit(1);
	return fake.memory + offset;
}

static void fake_run(struct vgpu_request *request)
{
	const __u32 *params = fake.params;
	__u32 sum;

	switch (request->opcode) {
	case VGPU_OP_COMPUTE:
		sum = params[0] + params[1];
		memcpy((void *)(uintptr_t)request->results, &sum, sizeof(sum));
		request->result_count = 1;
		break;
	case VGPU_OP_BO_WRITE:
		CHECK(16 + request->data_length <= VGPU_REQ_MAX_PAYLOAD);
		memcpy(fake_place(params, request->data_length), fake.data,
		       request->data_length);
		break;
	case VGPU_OP_BO_READ:
		CHECK_EQ(params[3], request->answer_length);
		CHECK(params[3] <= VGPU_RESP_MAX_PAYLOAD);
		memcpy((void *)(uintptr_t)request->answer,
		       fake_place(params, params[3]), params[3]);
		break;
	default:
		request->result_count = 0;
	}
}

int __wrap_ioctl(int fd, unsigned long cmd, ...)
{
	struct vgpu_request *request;
	va_list list;
	int ret;

	(void)fd;
	va_start(list, cmd);
	request = va_arg(list, void *);
	va_end(list);
	ret = fake_object(cmd, request);
	if (ret < 0)
		errno = -ret;
	if (ret <= 0)
		return ret ? -1 : 0;

	CHECK_EQ(cmd, VGPU_IOC_REQUEST);
	CHECK_EQ(request->size, sizeof(*request));
	CHECK(request->param_count <= ARRAY_SIZE(fake.params));
	CHECK(request->data_length <= sizeof(fake.data));
	fake.last = *request;
	memcpy(fake.params, (void *)(uintptr_t)request->params,
	       request->param_count * sizeof(__u32));
	memcpy(fake.data, (void *)(uintptr_t)request->data,
	       request->data_length);
	if (++fake.requests == fake.fail_at && fake.err) {
		errno = -fake.err;
		return -1;
	}
	request->status = fake.requests == fake.fail_at ? fake.status : 0;
	request->retry_us = request->status == VGPU_ERR_RATE_LIMITED ? FAKE_RETRY_US : 0;
	if (!request->status)
		fake_run(request);
	return 0;
}

static struct vgpu *fake_open(void)
{
	struct vgpu *dev = NULL;

	memset(&fake, 0, sizeof(fake));
	CHECK_EQ(vgpu_open(&dev, NULL), 0);
	/* what is looked at here are requests */
	vgpu_set_mailbox(dev, 1);
	return dev;
}

static void fake_fail(int err, __u32 status, unsigned int at)
{
	fake.requests = 0;
	fake.err = err;
	fake.status = status;
	fake.fail_at = at;
}

static void test_open(void)
{
	struct vgpu *dev;

	CHECK_EQ(vgpu_open(&dev, "/dev/vgpu1"), -ENOENT);
	CHECK_EQ(vgpu_open_index(&dev, 1), -ENOENT);
	CHECK_EQ(vgpu_open_index(&dev, 17), 0);
	vgpu_close(dev);
	vgpu_close(NULL);
}

static void refused(struct vgpu *dev)
{
	fake_fail(0, VGPU_ERR_RATE_LIMITED, 1);
	CHECK_EQ(vgpu_nop(dev), -EAGAIN);
}

/* A full queue is the library's -EAGAIN, not the device's of the call before */
static void test_errors_of_queue(struct vgpu *dev)
{
	struct vgpu_dev_arg args[VGPU_MAX_ARGS + 1] = { };
	struct vgpu_queue *queue;
	int i;

	CHECK_EQ(vgpu_queue_create(dev, 2, &queue), 0);
	refused(dev);
	for (i = 0; i < 2; i++)
		CHECK_EQ(vgpu_queue_nop(queue, 0), 0);
	CHECK_EQ(vgpu_last_error(), VGPU_ERR_RATE_LIMITED);
	CHECK_EQ(vgpu_queue_nop(queue, 0), -EAGAIN);
	CHECK_EQ(vgpu_last_error(), VGPU_ERR_NONE);
	CHECK_EQ(vgpu_retry_us(), 0);
	refused(dev);
	CHECK_EQ(vgpu_queue_launch(queue, 0, 1, args, VGPU_MAX_ARGS + 1), -EINVAL);
	CHECK_EQ(vgpu_last_error(), VGPU_ERR_NONE);
	refused(dev);
	CHECK_EQ(vgpu_queue_launch(queue, 0, 1, args, 1), -EAGAIN);
	CHECK_EQ(vgpu_last_error(), VGPU_ERR_NONE);
	CHECK_EQ(vgpu_queue_destroy(queue), 0);
}

static void test_errors(void)
{
	static const int errs[VGPU_ERR_COUNT] = {
		0, -EINVAL, -EMSGSIZE, -EHOSTDOWN, -ETIME, -EREMOTEIO, -ENXIO,
		-EBUSY, -EOPNOTSUPP, -EINVAL, -EAGAIN, -EACCES, -EDQUOT,
		-EBADF, -ERANGE, -ECANCELED, -EFAULT,
		-EBUSY, -ENOEXEC, -ENOTRECOVERABLE,
	};
	struct vgpu *dev = fake_open();
	__u32 code;
	int err;

	for (code = 1; code < VGPU_ERR_COUNT; code++) {
		fake_fail(0, code, 1);
		CHECK_EQ(vgpu_nop(dev), errs[code]);
		CHECK_EQ(vgpu_last_error(), code);
		CHECK_EQ(vgpu_retry_us(), code == VGPU_ERR_RATE_LIMITED ? FAKE_RETRY_US : 0);
		CHECK(strcmp(vgpu_error_name(code), "unknown error"));
		CHECK(vgpu_strerror(errs[code])[0]);
	}
	fake_fail(0, 0xabcd, 1);
	CHECK_EQ(vgpu_nop(dev), -EPROTO);
	CHECK_EQ(vgpu_last_error(), 0xabcd);
	CHECK(!strcmp(vgpu_error_name(0xabcd), "unknown error"));
	/* An error that isn't the device's says so, as does success */
	fake_fail(-ENODEV, 0, 1);
	CHECK_EQ(vgpu_nop(dev), -ENODEV);
	CHECK_EQ(vgpu_last_error(), VGPU_ERR_NONE);
	CHECK_EQ(vgpu_nop(dev), 0);
	/* nor does one of a call that doesn't get that far */
	fake_fail(0, VGPU_ERR_GPU, 1);
	CHECK_EQ(vgpu_nop(dev), -EREMOTEIO);
	CHECK_EQ(vgpu_module_load(dev, VGPU_MODULE_BUILTIN, NULL, VGPU_REQ_MAX_PAYLOAD + 1, &code),
		 -EMSGSIZE);
	CHECK_EQ(vgpu_last_error(), VGPU_ERR_NONE);
	test_errors_of_queue(dev);
	for (err = 0; err < 200; err++)
		CHECK(vgpu_strerror(-err)[0]);
	vgpu_close(dev);
}

static void *other_thread(void *arg)
{
	CHECK_EQ(vgpu_last_error(), VGPU_ERR_NONE);
	CHECK_EQ(vgpu_nop(arg), 0);
	return NULL;
}

static void test_error_threads(void)
{
	struct vgpu *dev = fake_open();
	pthread_t thread;

	fake_fail(0, VGPU_ERR_GPU, 1);
	CHECK_EQ(vgpu_nop(dev), -EREMOTEIO);
	pthread_create(&thread, NULL, other_thread, dev);
	pthread_join(thread, NULL);
	CHECK_EQ(vgpu_last_error(), VGPU_ERR_GPU);
	vgpu_close(dev);
}

static void test_chunks(void)
{
	static const size_t lengths[] = {
		0, 1, 975, 976, 977, 991, 992, 993, 1952, 5000, 60000,
	};
	static unsigned char out[60000], in[60000];
	struct vgpu *dev = fake_open();
	struct vgpu_buf buf = { .bo = FAKE_BO };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		buf.offset = FAKE_BASE + i;
		for (j = 0; j < lengths[i]; j++)
			out[j] = (unsigned char)random();
		memset(in, 0, sizeof(in));
		fake.requests = 0;
		CHECK_EQ(vgpu_bo_write(dev, buf, out, lengths[i]), 0);
		CHECK_EQ(fake.requests, (lengths[i] + 975) / 976);
		CHECK(!memcmp(fake.memory + i, out, lengths[i]));
		CHECK_EQ(vgpu_bo_read(dev, in, buf, lengths[i]), 0);
		CHECK(!memcmp(in, out, lengths[i]));
	}
	/* The first error ends it */
	fake_fail(0, VGPU_ERR_OUT_OF_RANGE, 3);
	CHECK_EQ(vgpu_bo_write(dev, buf, out, 5000), -ERANGE);
	CHECK_EQ(fake.requests, 3);
	fake_fail(-EINTR, 0, 2);
	CHECK_EQ(vgpu_bo_read(dev, in, buf, 5000), -EINTR);
	CHECK_EQ(fake.requests, 2);
	vgpu_close(dev);
}

static void test_params(void)
{
	const struct vgpu_buf dst = { 1, 0x1111111122222222 };
	const struct vgpu_buf src = { 2, 0x3333333344444444 };
	const __u32 copy[] = {
		1, 0x22222222, 0x11111111, 2, 0x44444444, 0x33333333,
		0x66666666, 0x55555555,
	};
	const __u32 fill[] = {
		1, 0x22222222, 0x11111111, 0x66666666, 0x55555555, 0x77777777,
	};
	struct vgpu *dev = fake_open();
	__u32 sum;

	CHECK_EQ(vgpu_compute(dev, 5, 0xffffffff, &sum), 0);
	CHECK_EQ(sum, 4);
	CHECK_EQ(vgpu_copy(dev, dst, src, 0x5555555566666666), 0);
	CHECK_EQ(fake.last.opcode, VGPU_OP_COPY);
	CHECK_EQ(fake.last.param_count, 8);
	CHECK(!memcmp(fake.params, copy, sizeof(copy)));
	CHECK_EQ(vgpu_fill(dev, dst, 0x5555555566666666, 0x77777777), 0);
	CHECK_EQ(fake.last.opcode, VGPU_OP_FILL);
	CHECK_EQ(fake.last.param_count, 6);
	CHECK(!memcmp(fake.params, fill, sizeof(fill)));
	/* A result that doesn't come is an error */
	CHECK_EQ(vgpu_bo_create(dev, 1, &sum), -EIO);
	CHECK_EQ(vgpu_module_load(dev, VGPU_MODULE_BUILTIN, NULL, 0, &sum), -EIO);
	CHECK_EQ(vgpu_kernel_get(dev, 1, "sha256", &sum), -EIO);
	vgpu_set_timeout(dev, 1234);
	CHECK_EQ(vgpu_nop(dev), 0);
	CHECK_EQ(fake.last.timeout_ms, 1234);
	vgpu_close(dev);
}

static void test_launch(void)
{
	const struct vgpu_buf y = { 3, 64 };
	const struct vgpu_buf x = { 4, 1ULL << 40 };
	const struct vgpu_dev_arg want[] = {
		{ VGPU_ARG_BO, 3, 64 },
		{ VGPU_ARG_BO, 4, 1ULL << 40 },
		/* -2.5 */
		{ VGPU_ARG_VALUE, 0, 0xc0200000 },
		{ VGPU_ARG_VALUE, 0, 1000 },
	};
	struct vgpu_dev_arg many[VGPU_MAX_ARGS + 1] = { };
	struct vgpu *dev = fake_open();

	CHECK_EQ(vgpu_saxpy_f32(dev, y, x, -2.5f, 1000), 0);
	CHECK_EQ(fake.last.opcode, VGPU_OP_LAUNCH);
	CHECK_EQ(fake.last.param_count, 1);
	CHECK_EQ(fake.params[0], VGPU_BUILTIN_SAXPY_F32);
	CHECK_EQ(fake.last.data_length, sizeof(want));
	CHECK(!memcmp(fake.data, want, sizeof(want)));
	CHECK_EQ(vgpu_launch(dev, VGPU_BUILTIN_SHA256, many, VGPU_MAX_ARGS), 0);
	CHECK_EQ(vgpu_launch(dev, VGPU_BUILTIN_SHA256, many, VGPU_MAX_ARGS + 1),
		 -EINVAL);
	CHECK(!strcmp(vgpu_builtin_name(VGPU_BUILTIN_SHA256), "sha256"));
	CHECK(!vgpu_builtin_name(0));
	CHECK(!vgpu_builtin_name(VGPU_BUILTIN_COUNT));
	vgpu_close(dev);
}

/* A queue with arguments, and one of the library's own with data on their way */
static void end_all(struct vgpu *dev, struct vgpu_queue *queue)
{
	CHECK_EQ(vgpu_queue_destroy(queue), fake.end_err);
	vgpu_close(dev);
	/* whatever it was told: else the file would be open still */
	CHECK_EQ(fake_mapped(), 0);
}

static struct vgpu *begin_all(struct vgpu_queue **queue, int wait_err)
{
	struct vgpu *dev = fake_open();
	struct vgpu_dev_arg arg = { };
	__u32 word = 0;

	vgpu_set_mailbox(dev, 0);
	CHECK_EQ(vgpu_queue_create(dev, 4, queue), 0);
	CHECK_EQ(vgpu_queue_launch(*queue, 0, 1, &arg, 1), 0);
	CHECK_EQ(fake_mapped(), 3);
	fake.wait_err = wait_err;
	CHECK_EQ(vgpu_bo_write(dev, (struct vgpu_buf){ .bo = FAKE_BO }, &word, sizeof(word)),
		 wait_err);
	return dev;
}

static void test_mappings(void)
{
	struct vgpu_queue *queue;
	struct vgpu *dev;

	dev = begin_all(&queue, -ESTALE);
	/* its queue has ended, so the data's memory is used again; what goes wrong comes now */
	CHECK_EQ(fake_mapped(), 4);
	fake.end_err = -ESTALE;
	end_all(dev, queue);
	/* likewise a queue that can't be ended when its job is over in no time */
	dev = begin_all(&queue, -ETIMEDOUT);
	fake.end_err = -ETIMEDOUT;
	CHECK_EQ(vgpu_fill(dev, (struct vgpu_buf){ .bo = FAKE_BO }, 4, 0), -ETIMEDOUT);
	CHECK_EQ(fake_mapped(), 3);
	end_all(dev, queue);
}

/* Whoever has signals all the time ends what he has all the same */
static void test_interrupted(void)
{
	struct vgpu_queue *queue;
	struct vgpu *dev;

	dev = begin_all(&queue, -ETIMEDOUT);
	fake.ends = 0;
	fake.interrupts = 5;
	/* the queue and its arguments; then the data of the library's own, which has ended */
	CHECK_EQ(vgpu_queue_destroy(queue), 0);
	CHECK_EQ(fake.interrupts, 0);
	CHECK_EQ(fake.ends, 2);
	fake.interrupts = 5;
	vgpu_close(dev);
	CHECK_EQ(fake.interrupts, 0);
	CHECK_EQ(fake.ends, 3);
	CHECK_EQ(fake_mapped(), 0);
}

static const struct tap_test tests[] = {
	{ "lib-open", "opening by path and number", test_open },
	{ "lib-errors", "each code of the device has its errno", test_errors },
	{ "lib-error-threads", "the last error is the thread's own",
	  test_error_threads },
	{ "lib-chunks", "writes and reads of any length", test_chunks },
	{ "lib-params", "parameters are where the device looks for them",
	  test_params },
	{ "lib-launch", "arguments of kernels", test_launch },
	{ "lib-mappings", "nothing of the library's stays mapped, whatever the device says",
	  test_mappings },
	{ "lib-interrupted", "what is ended in spite of signals", test_interrupted },
};

int main(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tests); i++)
		tap_run(&tests[i]);
	return tap_end();
}
