// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One step of N bodies that attract one another; G is 1.  Each thread moves one body.  The
 * threads of a block bring that many bodies at a time into memory which they share, so each is
 * read from the GPU's memory once for a block.
 *
 * x, y, z and, of a position, the mass.  @softening2 keeps near misses from becoming infinite.
 */
kernel void leap(global float4 *to, global float4 *velocity, global const float4 *from, uint n,
		 float softening2, float kick, float drift, local float4 *tile)
{
	uint i = get_global_id(0), l = get_local_id(0), size = get_local_size(0), j, k;
	float4 here = from[i], v = velocity[i];
	float3 acceleration = 0, d;
	float near;

	for (j = 0; j < n; j += size) {
		tile[l] = from[j + l];
		barrier(CLK_LOCAL_MEM_FENCE);
		/* 19 operations: 3, 6, 1, 3 and 6 */
		for (k = 0; k < size; k++) {
			d = tile[k].xyz - here.xyz;
			near = d.x * d.x + d.y * d.y + d.z * d.z + softening2;
			near = rsqrt(near);
			acceleration += d * (tile[k].w * near * near * near);
		}
		/* nobody takes the next ones before all are done with these */
		barrier(CLK_LOCAL_MEM_FENCE);
	}
	v.xyz += acceleration * kick;
	here.xyz += v.xyz * drift;
	velocity[i] = v;
	to[i] = here;
}
