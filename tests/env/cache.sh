# SPDX-License-Identifier: GPL-2.0
# cache.sh: sourced; things slow to make are kept outside the tree.
#
# Nothing relies on the cache being there, and nothing half-made is ever used:
# an entry is made under another name and renamed once complete.
# shellcheck shell=sh

VGPU_CACHE=${VGPU_CACHE:-${HOME:-/root}/.cache/vgpu}
export VGPU_CACHE

# cache_hash FILE...: a short name for the content of the files, or of stdin.
cache_hash() {
	cat "$@" | sha256sum | cut -c1-12
}

# cache_make KEY CMD...: prints the folder KEY, made by CMD... DIR if need be.
#
# KEY is KIND/NAME-HASH, where HASH covers all that the content depends on.
# CMD should be a program, not a function: a function called below "||" runs
# on after an error.  Other hashes of a NAME unused for a month are removed.
cache_make() {
	_key=$1
	_dir=$VGPU_CACHE/$1
	shift
	mkdir -p "${_dir%/*}" || return 1
	[ -d "$_dir" ] || (
		flock -n 9 || {
			echo "waiting for another run to make $_key" >&2
			flock 9
		} || exit 1
		[ ! -d "$_dir" ] || exit 0
		_start=$(date +%s)
		echo "making $_key" >&2
		# A name of its own: what a killed run left may still be at work.
		rm -rf --one-file-system "$_dir".tmp.*
		_tmp=$(mktemp -d "$_dir.tmp.XXXXXX") && chmod 755 "$_tmp" &&
			"$@" "$_tmp" >&2 9>&- || {
			echo "making $_key failed; see $_tmp" >&2
			exit 1
		}
		mv "$_tmp" "$_dir" || exit 1
		echo "made $_key in $(($(date +%s) - _start)) s" >&2
		cache_prune "${_dir%-*}" || true
	) 9>"$_dir.lock" || return 1
	touch "$_dir.lock"
	echo "$_dir"
}

# cache_prune STEM: removes STEM-* that nobody asked for in 30 days.
cache_prune() {
	find "${1%/*}" -maxdepth 1 -name "${1##*/}-*.lock" -mtime +30 |
		while read -r _lock; do
			echo "removing ${_lock%.lock}: unused for a month" >&2
			rm -rf --one-file-system "${_lock%.lock}" "$_lock"
		done
}
