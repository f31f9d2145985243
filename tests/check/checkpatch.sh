#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# checkpatch.sh [FILE...]: the source keeps to the kernel's style and to ours.
#
# Prints TAP.  Every .c and .h that git would commit, or those named, passes
# checkpatch.pl --strict without an error, warning or check; checkpatch.allow
# lists the types that don't count, each with its reason.  Then our own rules,
# one function below each.
set -eu

here=$(realpath "$(dirname "$0")")
env=$here/../env
bad=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# report NAME TEXT FILE: FILE has one line per offence.
report() {
	if [ -s "$3" ]; then
		sed "s/^/$1: /" "$3" >&2
		echo "not ok $1 - $2: $(wc -l <"$3") offences"
		bad=1
	else
		echo "ok $1 - $2"
	fi
}

# chosen SUFFIX...: the files with any of these suffixes, NUL-terminated.
chosen() {
	for suffix; do
		grep -z "\\.$suffix\$" "$tmp/files" || true
	done
}

# shellcheck disable=SC2016
check_kernel_style() {
	allow=$(awk '!/^#/ && NF { printf "%s%s", sep, $1; sep = "," }' \
		"$here/checkpatch.allow")
	awk '!/^#/ && NF == 1 { print "checkpatch.allow: no reason for " $1 }' \
		"$here/checkpatch.allow" >"$tmp/style"
	checkpatch=$("$env/source.sh")/scripts/checkpatch.pl
	# It stops without a word at a file that is empty.
	chosen c h | xargs -0r sh -c '
		for f; do
			if [ -s "$f" ]; then
				printf "%s\0" "$f"
			else
				echo "$f: empty" >&2
			fi
		done' sh 2>>"$tmp/style" |
		xargs -0r -P "$(nproc)" -n 8 "$checkpatch" --no-tree --strict \
			--quiet --terse --show-types --no-summary \
			${allow:+--ignore "$allow"} -f >>"$tmp/style" 2>&1 || true
	report checkpatch "kernel style, $(chosen c h | tr -cd '\0' | wc -c) files" \
		"$tmp/style"
}

check_shell() {
	{
		chosen sh
		# Programs without a suffix say what they are.
		grep -z -v '\.[a-z]*$' "$tmp/files" |
			xargs -0r grep -lZ '^#!.*sh$' || true
	} | sort -zu | xargs -0r -P "$(nproc)" -n 8 \
		shellcheck -x -P SCRIPTDIR -P . -f gcc >"$tmp/shell" 2>&1 || true
	report shellcheck "shell scripts" "$tmp/shell"
}

check_licences() {
	{
		chosen c h S sh py pl awk mk config conf yml
		grep -zE '(^|/)(Kbuild|Kconfig|Makefile)$' "$tmp/files" || true
		grep -z '^\.ci/' "$tmp/files" || true
	} | sort -zu | xargs -0r -n 1 awk '
		FNR <= 3 && /SPDX-License-Identifier: [A-Z]/ { ok = 1 }
		END { if (!ok) print FILENAME ": no SPDX line" }' >"$tmp/spdx"
	report spdx "a licence in each file" "$tmp/spdx"
}

check_versions() {
	chosen c h | grep -zv '^compat/' | xargs -0r grep -nE \
		'LINUX_VERSION_CODE|KERNEL_VERSION[[:space:]]*\(' /dev/null \
		>"$tmp/versions" || true
	report versions "kernel version tests only in compat/" "$tmp/versions"
}

check_conditionals() {
	chosen c | grep -zE '^(host|guest)/' | xargs -0r grep -nE \
		'^[[:space:]]*#[[:space:]]*(if|ifdef|ifndef|elif|else)\>' \
		/dev/null >"$tmp/conditionals" || true
	report conditionals "no #if in the drivers' .c files" "$tmp/conditionals"
}

# shellcheck disable=SC2016
check_documents() {
	chosen rst | xargs -0r -n 1 sh -c 'rst2html "$1" 2>&1 >/dev/null | grep "(.*/[2-4])"' sh \
		>"$tmp/documents" || true
	report documents "reStructuredText that renders" "$tmp/documents"
}

cd "$here/../.."
"$env/apt.sh" git perl shellcheck python3 python3-docutils
if [ $# -gt 0 ]; then
	printf '%s\0' "$@" >"$tmp/files"
else
	"$env/files.sh" >"$tmp/files"
fi

check_kernel_style
check_shell
check_licences
check_versions
check_conditionals
check_documents
exit $bad
