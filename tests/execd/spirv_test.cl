// SPDX-License-Identifier: GPL-2.0
// What spirv_test.spv is made of: make -C tests/execd spirv
kernel void scale(global uint *out, global const uint *in, uint by)
{
	size_t i = get_global_id(0);

	out[i] = in[i] * by;
}
