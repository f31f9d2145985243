// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A Gaussian blur in two passes, each thread one pixel of three bytes.  Weights are whole
 * numbers, 65536 all together, so the result is the same on any device.  Beyond the picture its
 * edge goes on.
 */
kernel void rows(global ushort *out, global const uchar *in, constant uint *weight, int radius,
		 int width, int height)
{
	int x = get_global_id(0), y = get_global_id(1), i;
	uint3 sum = 0;

	/* the last blocks may be larger than what is left */
	if (x >= width || y >= height)
		return;
	for (i = -radius; i <= radius; i++)
		sum += weight[abs(i)] *
		       convert_uint3(vload3(y * width + clamp(x + i, 0, width - 1), in));
	/* eight bits of the fraction are kept for the other pass */
	vstore3(convert_ushort3(sum >> 8), y * width + x, out);
}

kernel void columns(global uchar *out, global const ushort *in, constant uint *weight, int radius,
		    int width, int height)
{
	int x = get_global_id(0), y = get_global_id(1), i;
	uint3 sum = 1 << 23;

	if (x >= width || y >= height)
		return;
	for (i = -radius; i <= radius; i++)
		sum += weight[abs(i)] *
		       convert_uint3(vload3(clamp(y + i, 0, height - 1) * width + x, in));
	vstore3(convert_uchar3(sum >> 24), y * width + x, out);
}
