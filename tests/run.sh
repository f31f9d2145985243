#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh [--quick] [STAGE...]: runs the tests, or those stages of them.
#
# A stage is a command that prints TAP lines on stdout,
#	ok NAME - text
#	not ok NAME - text
#	ok NAME - text # SKIP reason
# and whatever else it has to say on stderr.  Both are kept in build/test, as
# STAGE.tap and STAGE.log.  A stage that fails without such a line, or prints
# none, counts as one failure.
#
# --quick leaves out what is slow; it takes under two minutes once the kernels
# and roots are in the cache (see tests/env/cache.sh).  Environment:
#	VGPU_JOBS	stages at a time (default: one for each CPU, at most 4)
#	VGPU_TIMEOUT	seconds that a stage may take (default: 3600)
#
# The last line is "N passed, N failed, N skipped"; the exit status is 1 if
# anything failed.
set -eu

# name, when (quick, full or both), command.  In the order they are started: what takes
# longest goes first, and the rest beside it.
stages() {
	cat <<-'EOF'
	checkpatch		both	tests/check/checkpatch.sh
	vm-sanitizer-guests	full	tests/vm/run.sh sanitizer-guests
	vm-sanitizer		full	tests/vm/run.sh sanitizer
	kunit			both	tests/kunit/run.sh
	vm-debian		quick	tests/vm/run.sh debian 10-types 20-vfio 30-removal
	build			quick	tests/check/build.sh 6.1
	sparse			both	tests/check/sparse.sh
	tools			both	tests/uapi/run.sh
	ring			both	tests/ring/run.sh
	arb			both	tests/arb/run.sh
	build			full	tests/check/build.sh
	dkms			full	tests/check/dkms.sh
	vm-debian		full	tests/vm/run.sh debian
	vm-guest-sanitizer	full	tests/vm/run.sh guest-sanitizer
	vm-debian-guests	full	tests/vm/run.sh debian-guests
	EOF
}

# What most stages need, in one go; each sees to the rest by itself.
packages="git rsync gcc make libc6-dev perl python3 shellcheck sparse kmod
	busybox-static linux-headers-amd64"

usage() {
	sed -n '3,/^set -eu/{/^#/{s/^# \{0,1\}//;p;};}' "$0"
	echo
	echo "Stages:"
	stages | sed 's/^/  /'
}

elapsed() {
	echo $(($(date +%s) - started))
}

say() {
	printf '[%4d s] %s\n' "$(elapsed)" "$*"
}

# count PATTERN FILE, skipped tests being no passed ones
count() {
	case $1 in
	pass) grep '^ok ' "$2" | grep -civ '# skip' ;;
	fail) grep -c '^not ok ' "$2" ;;
	skip) grep '^ok ' "$2" | grep -ci '# skip' ;;
	esac || true
}

# start STAGE COMMAND
start() {
	say "$1: started"
	date +%s >"$dir/$1.started"
	: >"$dir/$1.tap"
	(
		# timeout makes a process group of its own, and ends all of it.
		timeout --kill-after=20 "${VGPU_TIMEOUT:-3600}" sh -c "exec $2" \
			</dev/null >"$dir/$1.tap" 2>"$dir/$1.log" 3<&- 9>&- &
		echo $! >"$dir/$1.pid"
		rc=0
		wait $! || rc=$?
		echo $rc >"$dir/$1.rc.new"
		mv "$dir/$1.rc.new" "$dir/$1.rc"
	) &
	running="$running $1"
}

# finish STAGE: its verdict; a stage can't fail without a line that says so.
finish() {
	rc=$(cat "$dir/$1.rc")
	rm -f "$dir/$1.pid"
	if [ "$rc" = 124 ] || [ "$rc" = 137 ]; then
		echo "not ok $1 - ended after ${VGPU_TIMEOUT:-3600} s" >>"$dir/$1.tap"
	elif ! grep -q '^\(not \)\{0,1\}ok ' "$dir/$1.tap"; then
		echo "not ok $1 - printed no test; exit status $rc" >>"$dir/$1.tap"
	elif [ "$rc" != 0 ] && ! grep -q '^not ok ' "$dir/$1.tap"; then
		echo "not ok $1 - died with exit status $rc" >>"$dir/$1.tap"
	fi
	say "$1: $(count pass "$dir/$1.tap") passed," \
		"$(count fail "$dir/$1.tap") failed," \
		"$(count skip "$dir/$1.tap") skipped" \
		"($(($(date +%s) - $(cat "$dir/$1.started"))) s)"
	grep '^not ok ' "$dir/$1.tap" | sed 's/^/         /' || true
}

# reap: takes note of the stages that have ended
reap() {
	left=
	for s in $running; do
		if [ -e "$dir/$s.rc" ]; then
			finish "$s"
		else
			left="$left $s"
		fi
	done
	running=$left
}

words() {
	echo $#
}

# wait_below N: until fewer than N stages run, with a sign of life
wait_below() {
	reap
	# shellcheck disable=SC2086
	while [ "$(words $running)" -ge "$1" ]; do
		sleep 0.2
		if [ "$(elapsed)" -ge $alive ]; then
			alive=$(($(elapsed) + 30))
			say "running:$running"
		fi
		reap
	done
}

stop() {
	trap '' INT TERM
	for s in $running; do
		[ ! -e "$dir/$s.pid" ] || kill "$(cat "$dir/$s.pid")" || true
	done
	wait
	echo "interrupted" >&2
	exit 130
}

mode=full
while [ $# -gt 0 ]; do
	case $1 in
	--quick) mode=quick ;;
	-h | --help)
		usage
		exit
		;;
	-*)
		usage >&2
		exit 2
		;;
	*) break ;;
	esac
	shift
done

cd "$(dirname "$0")/.."
dir=build/test
started=$(date +%s)
alive=30
running=
chosen=
mkdir -p "$dir"

table=$(stages | awk -v mode=$mode '$2 == mode || $2 == "both"')
for s; do
	echo "$table" | grep -q "^${s}[[:space:]]" || {
		echo "run.sh: no stage $s when $mode; see run.sh -h" >&2
		exit 2
	}
done

exec 9>"$dir/lock"
flock -n 9 || {
	echo "run.sh: another run uses $dir" >&2
	exit 2
}
trap stop INT TERM
rm -f "$dir"/*.tap "$dir"/*.log "$dir"/*.rc "$dir"/*.pid "$dir"/*.started

# shellcheck disable=SC2086
tests/env/apt.sh $packages || echo "some packages could not be installed"

jobs=$(nproc)
[ "$jobs" -le 4 ] || jobs=4
jobs=${VGPU_JOBS:-$jobs}

while read -r name _ command <&3; do
	case " ${*:-$name} " in
	*" $name "*) ;;
	*) continue ;;
	esac
	wait_below "$jobs"
	chosen="$chosen $name"
	start "$name" "$command"
done 3<<EOF
$table
EOF
wait_below 1

passed=0
failed=0
skipped=0
for s in $chosen; do
	tap=$dir/$s.tap
	passed=$((passed + $(count pass "$tap")))
	skipped=$((skipped + $(count skip "$tap")))
	n=$(count fail "$tap")
	failed=$((failed + n))
	grep '^ok ' "$tap" | grep -i '# skip' || true
	if [ "$n" != 0 ]; then
		echo "--- $s: the end of $dir/$s.log"
		tail -n 40 "$dir/$s.log"
		echo "---"
		grep '^not ok ' "$tap"
	fi
done

say "done"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
