// SPDX-License-Identifier: GPL-2.0
/*
 * The built-in kernels, computed here: what the device must give, to the bit.
 *
 * The device ABI fixes each rounding.  So this file has to be compiled without
 * fused multiply-add and without excess precision (-ffp-contract=off, SSE).
 */
#include <endian.h>
#include <sha2.h>
#include <string.h>

#include "run-kernels.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/**
 * run_random() - splitmix64: good enough, and the same everywhere
 * @state: the seed, at first
 *
 * Return: a number.
 */
__u64 run_random(__u64 *state)
{
	__u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Of any sign and of sizes 2^-8 to 2^8, so that sums have to be rounded */
static __u32 random_f32_bits(__u64 *state)
{
	__u64 r = run_random(state);

	return (__u32)(r >> 32 & 0x807fffff) |
	       (127 - 8 + (__u32)(r & 0xffff) % 17) << 23;
}

static int launch_vecadd_u32(struct vgpu *dev, struct vgpu_buf out,
			     const struct vgpu_buf *in, __u64 n, float a)
{
	(void)a;
	return vgpu_vecadd_u32(dev, out, in[0], in[1], n);
}

static void reference_vecadd_u32(void *out, void * const *in, __u64 n, float a)
{
	const __u32 *x = in[0];
	const __u32 *y = in[1];
	__u32 *sum = out;
	__u64 i;

	(void)a;
	for (i = 0; i < n; i++)
		sum[i] = x[i] + y[i];
}

static int launch_vecadd_f32(struct vgpu *dev, struct vgpu_buf out,
			     const struct vgpu_buf *in, __u64 n, float a)
{
	(void)a;
	return vgpu_vecadd_f32(dev, out, in[0], in[1], n);
}

static void reference_vecadd_f32(void *out, void * const *in, __u64 n, float a)
{
	const float *x = in[0];
	const float *y = in[1];
	float *sum = out;
	__u64 i;

	(void)a;
	for (i = 0; i < n; i++)
		sum[i] = x[i] + y[i];
}

static int launch_saxpy_f32(struct vgpu *dev, struct vgpu_buf out,
			    const struct vgpu_buf *in, __u64 n, float a)
{
	return vgpu_saxpy_f32(dev, out, in[0], a, n);
}

static void reference_saxpy_f32(void *out, void * const *in, __u64 n, float a)
{
	const float *x = in[0];
	float *y = out;
	float product;
	__u64 i;

	for (i = 0; i < n; i++) {
		product = a * x[i];
		y[i] = product + y[i];
	}
}

static int launch_matmul_f32(struct vgpu *dev, struct vgpu_buf out,
			     const struct vgpu_buf *in, __u64 n, float a)
{
	(void)a;
	return vgpu_matmul_f32(dev, out, in[0], in[1], n, n, n);
}

static void reference_matmul_f32(void *out, void * const *in, __u64 n, float a)
{
	const float *x = in[0];
	const float *y = in[1];
	float *c = out;
	float product, sum;
	__u64 i, j, k;

	(void)a;
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			sum = 0;
			for (k = 0; k < n; k++) {
				product = x[i * n + k] * y[k * n + j];
				sum = sum + product;
			}
			c[i * n + j] = sum;
		}
	}
}

static int launch_reduce_u32(struct vgpu *dev, struct vgpu_buf out,
			     const struct vgpu_buf *in, __u64 n, float a)
{
	(void)a;
	return vgpu_reduce_u32(dev, out, in[0], n);
}

static void reference_reduce_u32(void *out, void * const *in, __u64 n, float a)
{
	const __u32 *x = in[0];
	__u32 *sum = out;
	__u64 i;

	(void)a;
	*sum = 0;
	for (i = 0; i < n; i++)
		*sum += x[i];
}

static int launch_sha256(struct vgpu *dev, struct vgpu_buf out,
			 const struct vgpu_buf *in, __u64 n, float a)
{
	(void)a;
	return vgpu_sha256(dev, out, in[0], n);
}

static void reference_sha256(void *out, void * const *in, __u64 n, float a)
{
	SHA2_CTX ctx;

	(void)a;
	SHA256Init(&ctx);
	SHA256Update(&ctx, in[0], n);
	SHA256Final(out, &ctx);
}

static const struct run_kernel kernels[] = {
	{
		.name = "vecadd-u32",
		.unit = "elements",
		.inputs = 2,
		.default_n = 4096,
		.element = 4,
		.launch = launch_vecadd_u32,
		.reference = reference_vecadd_u32,
	}, {
		.name = "vecadd-f32",
		.unit = "elements",
		.inputs = 2,
		.default_n = 4096,
		.is_float = true,
		.element = 4,
		.launch = launch_vecadd_f32,
		.reference = reference_vecadd_f32,
	}, {
		.name = "saxpy-f32",
		.unit = "elements",
		.inputs = 1,
		.default_n = 4096,
		.in_place = true,
		.scalar = true,
		.is_float = true,
		.element = 4,
		.launch = launch_saxpy_f32,
		.reference = reference_saxpy_f32,
	}, {
		.name = "matmul-f32",
		.unit = "rows and columns",
		.inputs = 2,
		.default_n = 32,
		.is_float = true,
		.element = 4,
		.square = true,
		.launch = launch_matmul_f32,
		.reference = reference_matmul_f32,
	}, {
		.name = "reduce-u32",
		.unit = "elements",
		.inputs = 1,
		.default_n = 4096,
		.element = 4,
		.out_bytes = 4,
		.launch = launch_reduce_u32,
		.reference = reference_reduce_u32,
	}, {
		.name = "sha256",
		.unit = "bytes",
		.inputs = 1,
		.default_n = 4096,
		.element = 1,
		.out_bytes = SHA256_DIGEST_LENGTH,
		.launch = launch_sha256,
		.reference = reference_sha256,
	},
};

/**
 * run_kernel_find() - look up a kernel
 * @name: such as "vecadd-u32"
 *
 * Return: the kernel, or NULL.
 */
const struct run_kernel *run_kernel_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kernels); i++) {
		if (!strcmp(kernels[i].name, name))
			return &kernels[i];
	}
	return NULL;
}

/**
 * run_kernel_n() - what n makes an input of a size
 * @kernel: the kernel
 * @size: of one input in bytes
 *
 * Return: the largest n whose inputs are not larger; 0 if none is.
 */
__u64 run_kernel_n(const struct run_kernel *kernel, __u64 size)
{
	__u64 n = 0;

	if (!kernel->square)
		return size / kernel->element;
	while ((n + 1) * (n + 1) * kernel->element <= size)
		n++;
	return n;
}

/**
 * run_kernel_generate() - make an input up
 * @kernel: the kernel
 * @mem: where
 * @bytes: of it, a multiple of the element's
 * @state: of run_random()
 */
void run_kernel_generate(const struct run_kernel *kernel, void *mem, size_t bytes,
			 __u64 *state)
{
	unsigned char *byte = mem;
	__u32 *word = mem;
	size_t i;

	if (kernel->element == 1) {
		for (i = 0; i < bytes; i++)
			byte[i] = (unsigned char)run_random(state);
		return;
	}
	for (i = 0; i < bytes / sizeof(*word); i++)
		word[i] = kernel->is_float ? random_f32_bits(state) : (__u32)run_random(state);
}

static struct vgpu_dev_arg value_arg(__u64 value)
{
	return (struct vgpu_dev_arg) { .type = htole32(VGPU_ARG_VALUE), .value = htole64(value) };
}

static struct vgpu_dev_arg buf_arg(struct vgpu_buf buf)
{
	return (struct vgpu_dev_arg) {
		.type = htole32(VGPU_ARG_BO),
		.handle = htole32(buf.bo),
		.value = htole64(buf.offset),
	};
}

/**
 * run_kernel_args() - the arguments of a launch, for vgpu_queue_launch()
 * @kernel: the kernel
 * @args: VGPU_MAX_ARGS of them; filled in
 * @out: the output
 * @in: the inputs, as many as the kernel has
 * @n: elements, or rows and columns
 * @a: the float, for a kernel that takes one
 *
 * Return: how many arguments there are.
 */
unsigned int run_kernel_args(const struct run_kernel *kernel, struct vgpu_dev_arg *args,
			     struct vgpu_buf out, const struct vgpu_buf *in, __u64 n,
			     float a)
{
	unsigned int count = 0, i;
	__u32 bits;

	args[count++] = buf_arg(out);
	for (i = 0; i < kernel->inputs; i++)
		args[count++] = buf_arg(in[i]);
	if (kernel->scalar) {
		memcpy(&bits, &a, sizeof(bits));
		args[count++] = value_arg(bits);
	}
	for (i = 0; i < (kernel->square ? 3 : 1); i++)
		args[count++] = value_arg(n);
	return count;
}
