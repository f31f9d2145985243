# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# demo-opencl.sh: sourced by demo-l1.sh, its third act, on the GPU that vgpu-execd drives by OpenCL.
# Each guest brings a program in OpenCL C along, which is built on the host, in a worker of that
# guest's, and the guest compares what comes out with the same in C.  $jobs and $mismatches go on.

say "third act: OpenCL C of the guests' own on $parent, built by a worker each; vm1 blurs a"
say "picture, vm2 moves a cluster of stars, and both compare with what their own CPU makes of it"
tell vm1 "blur --device /dev/vgpu1 --draw 96x64 --sigma 2 --check before.ppm after.ppm"
tell vm2 "nbody --device /dev/vgpu1 --bodies 128 --steps 16 --check"
await vm1 || failed "vm1's picture is wrong"
await vm2 || failed "vm2's stars are wrong"
say "vm_id $(vm_id "$v1"): $(stats "$v1" completed) jobs; vm_id $(vm_id "$v2"): $(stats "$v2" completed) jobs (set-up included)"
jobs=$((jobs + $(stats "$v1" completed) + $(stats "$v2" completed)))
differ=$(sed -n 's/^blur: \([0-9]*\) of .* differ.*/\1/p' /run/vm1.out)
mismatches=$((mismatches + ${differ:?}))
exec_idle || failed "a worker is left"
