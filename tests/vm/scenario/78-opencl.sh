#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# A guest's own kernel, in OpenCL C, on PoCL: built on the host, by a worker, and run there on
# the guest's memory.  One that can't be built, one that isn't there, threads that can't be.
# And the examples, which a user begins with.
. "$here/tap.sh"
. "$here/host.sh"
. "$here/guest.sh"

host_load_exec --engine opencl --memory 256
# emulated, PoCL needs as long to load its compiler as a module may take
echo 120 >/sys/module/vgpu_exec/parameters/build_s
u=00000000-0000-4000-8000-000000000079
mdev_create quarter $u

# What the guest runs, with words that stand for themselves in a here-document of its shell
commands() {
	cat <<'EOF'
	vgpu-info
	# a process that has a context and stands still: so all others have the same worker
	vgpu-run vecadd-u32 --n 4096 --repeat 1000000000 &
	until vgpu-info | grep -q ' [1-9][0-9]* used'; do sleep 1; done
	kill -STOP $!
	cat >/k.cl <<'END'
kernel void scale(global uint *out, global const uint *in, uint by, local uint *l)
{
	size_t i = get_global_id(0);
	l[get_local_id(0)] = in[i] * by;
	barrier(CLK_LOCAL_MEM_FENCE);
	out[i] = l[get_local_id(0)];
}
END
	echo 'kernel void broken(global uint *out) { out[0] = nothing; }' >/bad.cl
	dd if=/dev/urandom of=/in bs=4096 count=4 2>/dev/null
	run="vgpu-run --opencl /k.cl --kernel scale --global 4096 --local 64"
	$run out:/out:16384 in:/in u32:1 local:256 && cmp /in /out && echo 'guest: same'
	$run out:/out:16384 in:/in u32:0 local:256 &&
		cmp -n 16384 /dev/zero /out && echo 'guest: zeroes'
	vgpu-run --opencl /bad.cl --kernel broken out:/out:4096 2>/log
	echo "guest: broken $?"
	cat /log
	grep -q "undeclared identifier 'nothing'" /log && echo 'guest: log'
	vgpu-run --opencl /k.cl --kernel other 2>&1; echo "guest: other $?"
	$run out:/out:16384 in:/in u32:1; echo "guest: arguments $?"
	bad=0
	for number in u32:4294967296 u32:-1 i32:2147483648 i32:-2147483649 u64:-1 u32:1x \
		u64:18446744073709551616 f32:1e39 f32:x f64: u32:; do
		$run out:/out:16384 in:/in $number local:256
		[ $? = 2 ] || bad=$((bad + 1))
	done
	for number in i32:-2147483648 u32:0xffffffff f32:1e-40; do
		$run out:/out:16384 in:/in $number local:256 || bad=$((bad + 1))
	done
	echo "guest: numbers $bad"
	vgpu-run --opencl /k.cl --kernel scale --global 8388608 --local 8388608 \
		out:/out:4096 in:/in u32:1 local:4; echo "guest: geometry $?"
	$run out:/out:16384 in:/in u32:1 local:256 --repeat 20 && cmp /in /out && echo 'guest: again'
	vgpu-run vecadd-f32 --n 1500 && vgpu-run sha256 --size 5001 && vgpu-run matmul-f32 --n 12 &&
		echo 'guest: built in'
	blur --draw 96x64 --check /before.png /after.ppm && echo 'guest: blurred'
	blur --draw 96x64 /before.ppm /again.png && blur --sigma 0.1 /again.png /again.ppm &&
		cmp /after.ppm /again.ppm && ! cmp -s /before.ppm /after.ppm && echo 'guest: png'
	nbody --bodies 256 --steps 16 --check && echo 'guest: stars'
	kill -9 $!
EOF
}

guest_start own $u "$(commands)"
guest_wait own
check_eq opencl-status "the guest ended well" "$(guest_status own)" 0
check opencl-info "it is told that the GPU takes OpenCL C" grep -q '^  modules  *opencl-c' /run/guest.own
check opencl-kernel "its kernel runs on its memory" guest_saw own 'guest: same'
check opencl-value "with another number" guest_saw own 'guest: zeroes'
check opencl-bad "source that is wrong is refused" guest_saw own 'guest: broken 2'
check opencl-log "with the compiler's words" guest_saw own 'guest: log'
check opencl-name "as is a kernel that isn't there" guest_saw own 'guest: other 2'
check opencl-arguments "and arguments that don't match" guest_saw own 'guest: arguments 2'
check opencl-numbers "and a number that isn't one of the type" guest_saw own 'guest: numbers 0'
check opencl-geometry "and a block that is too large" guest_saw own 'guest: geometry 2'
check opencl-again "after all that it works again" guest_saw own 'guest: again'
check opencl-builtin "and so do the built-in kernels, by OpenCL" guest_saw own 'guest: built in'
check opencl-blur "a picture is blurred as the CPU does it" guest_saw own 'guest: blurred'
check opencl-png "be it a PPM or a PNG, from and to" guest_saw own 'guest: png'
check opencl-nbody "a cluster of stars keeps its energy, and goes where the CPU says" \
	guest_saw own 'guest: stars'
check opencl-workers "no worker is left" exec_idle
check_eq opencl-memory "no memory is left in use" "$(stats $u memory_used_bytes)" 0
mdev_remove $u
exec_kill
