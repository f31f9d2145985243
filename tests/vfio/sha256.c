// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "sha256.h"

static const u32 sha256_k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static u32 sha256_ror(u32 x, int n)
{
	return x >> n | x << (32 - n);
}

static void sha256_schedule(const u8 *block, u32 w[64])
{
	u32 s0, s1;
	int i;

	for (i = 0; i < 16; i++, block += 4)
		w[i] = (u32)block[0] << 24 | (u32)block[1] << 16 |
		       (u32)block[2] << 8 | block[3];
	for (; i < 64; i++) {
		s0 = sha256_ror(w[i - 15], 7) ^ sha256_ror(w[i - 15], 18) ^
		     w[i - 15] >> 3;
		s1 = sha256_ror(w[i - 2], 17) ^ sha256_ror(w[i - 2], 19) ^
		     w[i - 2] >> 10;
		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
}

static void sha256_block(u32 h[8], const u8 *block)
{
	u32 w[64], v[8], t1, t2;
	int i;

	sha256_schedule(block, w);
	memcpy(v, h, sizeof(v));
	for (i = 0; i < 64; i++) {
		t1 = v[7] + sha256_k[i] + w[i] + ((v[4] & v[5]) ^ (~v[4] & v[6])) +
		     (sha256_ror(v[4], 6) ^ sha256_ror(v[4], 11) ^
		      sha256_ror(v[4], 25));
		t2 = ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])) +
		     (sha256_ror(v[0], 2) ^ sha256_ror(v[0], 13) ^
		      sha256_ror(v[0], 22));
		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (i = 0; i < 8; i++)
		h[i] += v[i];
}

/**
 * sha256() - digest of bytes
 * @data: the bytes
 * @len: how many
 * @digest: their digest
 */
void sha256(const u8 *data, size_t len, u8 digest[32])
{
	u32 h[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};
	u64 bits = (u64)len * 8;
	u8 last[128] = { 0 };
	size_t tail;
	int i;

	for (; len >= 64; data += 64, len -= 64)
		sha256_block(h, data);
	if (len)
		memcpy(last, data, len);
	last[len] = 0x80;
	tail = len < 56 ? 64 : 128;
	for (i = 0; i < 8; i++)
		last[tail - 1 - i] = (u8)(bits >> (8 * i));
	sha256_block(h, last);
	if (tail == 128)
		sha256_block(h, last + 64);
	for (i = 0; i < 32; i++)
		digest[i] = (u8)(h[i / 4] >> (24 - 8 * (i % 4)));
}
