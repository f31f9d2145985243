// SPDX-License-Identifier: GPL-2.0
/*
 * The built-in kernels in OpenCL C, to the bit as enum vgpu_builtin says: no contraction.
 *
 * They run in pieces, from the host's loop: "first" is the first element of a piece, and "end"
 * the first that isn't in it; the last group may be larger than what is left.  Buffers are whole
 * memories, and the numbers after them the words, or bytes, where the arguments begin: a
 * sub-buffer could not begin just anywhere.
 */
#pragma OPENCL FP_CONTRACT OFF

kernel void vecadd_u32(global uint *dst, ulong d, global const uint *a, ulong ao,
		       global const uint *b, ulong bo, ulong first, ulong end)
{
	ulong i = first + get_global_id(0);

	if (i < end)
		dst[d + i] = a[ao + i] + b[bo + i];
}

kernel void vecadd_f32(global float *dst, ulong d, global const float *a, ulong ao,
		       global const float *b, ulong bo, ulong first, ulong end)
{
	ulong i = first + get_global_id(0);

	if (i < end)
		dst[d + i] = a[ao + i] + b[bo + i];
}

kernel void saxpy_f32(global float *y, ulong yo, global const float *x, ulong xo, uint bits,
		      ulong first, ulong end)
{
	ulong i = first + get_global_id(0);
	float product;

	if (i < end) {
		product = as_float(bits) * x[xo + i];
		y[yo + i] = product + y[yo + i];
	}
}

kernel void matmul_f32(global float *c, ulong co, global const float *a, ulong ao,
		       global const float *b, ulong bo, ulong n, ulong k, ulong first, ulong end)
{
	ulong at = first + get_global_id(0), row, col, i;
	float sum = 0, product;

	if (at >= end)
		return;
	row = at / n;
	col = at % n;
	for (i = 0; i < k; i++) {
		product = a[ao + row * k + i] * b[bo + i * n + col];
		sum += product;
	}
	c[co + at] = sum;
}

/* Each item's sum goes on from piece to piece; the last step adds them up. */
kernel void reduce_begin(global uint *sums)
{
	sums[get_global_id(0)] = 0;
}

kernel void reduce_step(global uint *sums, global const uint *src, ulong so, ulong first,
			ulong end)
{
	uint sum = sums[get_global_id(0)];
	ulong i;

	for (i = first + get_global_id(0); i < end; i += get_global_size(0))
		sum += src[so + i];
	sums[get_global_id(0)] = sum;
}

kernel void reduce_end(global const uint *sums, uint n, global uint *dst, ulong d)
{
	uint sum = 0, i;

	for (i = 0; i < n; i++)
		sum += sums[i];
	dst[d] = sum;
}

constant uint sha256_k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

/* Right, in all but name: left by what is missing to 32 */
#define ROR(x, n)	rotate((x), 32U - (n))

/* One block of 16 words, which becomes the schedule as it goes */
void sha256_block(uint state[8], uint w[16])
{
	uint a = state[0], b = state[1], c = state[2], d = state[3];
	uint e = state[4], f = state[5], g = state[6], h = state[7];
	uint i, t1, t2, s0, s1;

	for (i = 0; i < 64; i++) {
		if (i >= 16) {
			s0 = w[(i + 1) % 16];
			s0 = ROR(s0, 7U) ^ ROR(s0, 18U) ^ (s0 >> 3);
			s1 = w[(i + 14) % 16];
			s1 = ROR(s1, 17U) ^ ROR(s1, 19U) ^ (s1 >> 10);
			w[i % 16] += s0 + w[(i + 9) % 16] + s1;
		}
		t1 = h + (ROR(e, 6U) ^ ROR(e, 11U) ^ ROR(e, 25U)) + ((e & f) ^ (~e & g)) +
		     sha256_k[i] + w[i % 16];
		t2 = (ROR(a, 2U) ^ ROR(a, 13U) ^ ROR(a, 22U)) + ((a & b) ^ (a & c) ^ (b & c));
		h = g;
		g = f;
		f = e;
		e = d + t1;
		d = c;
		c = b;
		b = a;
		a = t1 + t2;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

kernel void sha256_begin(global uint *saved)
{
	saved[0] = 0x6a09e667;
	saved[1] = 0xbb67ae85;
	saved[2] = 0x3c6ef372;
	saved[3] = 0xa54ff53a;
	saved[4] = 0x510e527f;
	saved[5] = 0x9b05688c;
	saved[6] = 0x1f83d9ab;
	saved[7] = 0x5be0cd19;
}

/* Whole blocks: bytes from "first" up to "end" */
kernel void sha256_step(global uint *saved, global const uchar *src, ulong so, ulong first,
			ulong end)
{
	uint state[8], w[16], i;

	for (i = 0; i < 8; i++)
		state[i] = saved[i];
	for (; first < end; first += 64) {
		for (i = 0; i < 16; i++) {
			global const uchar *at = src + so + first + 4 * i;

			w[i] = (uint)at[0] << 24 | (uint)at[1] << 16 | (uint)at[2] << 8 | at[3];
		}
		sha256_block(state, w);
	}
	for (i = 0; i < 8; i++)
		saved[i] = state[i];
}

/* What is left of "bytes", the padding and the length: one block, or two */
kernel void sha256_end(global const uint *saved, global const uchar *src, ulong so, ulong bytes,
		       global uchar *dst, ulong d)
{
	uint state[8], w[16], i, left = bytes % 64;
	global const uchar *at = src + so + (bytes - left);

	for (i = 0; i < 8; i++)
		state[i] = saved[i];
	for (i = 0; i < 16; i++)
		w[i] = 0;
	for (i = 0; i < left; i++)
		w[i / 4] |= (uint)at[i] << (24 - 8 * (i % 4));
	w[left / 4] |= 0x80U << (24 - 8 * (left % 4));
	if (left >= 56) {
		sha256_block(state, w);
		for (i = 0; i < 16; i++)
			w[i] = 0;
	}
	w[14] = (uint)(bytes >> 29);
	w[15] = (uint)(bytes << 3);
	sha256_block(state, w);
	for (i = 0; i < 32; i++)
		dst[d + i] = (uchar)(state[i / 4] >> (24 - 8 * (i % 4)));
}
