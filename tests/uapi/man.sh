#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# man.sh PREFIX: the manual pages say what the headers and the programs say.
#
# Prints TAP.  PREFIX is where library and programs have been installed.
# shellcheck disable=SC2317 # check() calls the functions
set -eu

prefix=$(realpath "$1")
man=$prefix/share/man
cd "$(dirname "$0")/../.."
pages=Documentation/man
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

# check NAME TEXT COMMAND...
check() {
	name=$1 text=$2
	shift 2
	if "$@" >&2; then
		echo "ok $name - $text"
	else
		echo "not ok $name - $text"
		bad=1
	fi
}

# none FILE: nothing is in it; what is says what is wrong
none() {
	cat "$1"
	[ ! -s "$1" ]
}

lint() {
	mandoc -Tlint -Wwarning "$pages"/*.[134]
}

# Each symbol has a page or an alias, which leads to its declaration.
symbols() {
	sed -n 's/^[[:space:]]*\(vgpu_[a-z0-9_]*\);$/\1/p' lib/libvgpu.map >"$tmp/symbols"
	[ -s "$tmp/symbols" ] || return 1
	while read -r symbol; do
		page=$man/man3/$symbol.3
		[ ! -e "$page" ] || to=$(sed -n '1s/^\.so //p' "$page")
		[ -z "${to:-}" ] || page=$man/$to
		to=
		grep -qs "^\.F[no] $symbol\( \|\$\)" "$page" || echo "$symbol: no page"
	done <"$tmp/symbols" >"$tmp/missing"
	none "$tmp/missing"
}

# What the pages declare is what vgpu.h does, or the compiler says so.
declarations() {
	{
		echo '#include <vgpu.h>'
		awk '
			/^\.Sh / { synopsis = /SYNOPSIS/ }
			!synopsis { next }
			/^\.Ft / { type = substr($0, 5) }
			/^\.Fo / { printf "%s %s(", type, $2; comma = "" }
			/^\.Fa / { gsub(/^\.Fa "|"$/, ""); printf "%s%s", comma, $0; comma = ", " }
			/^\.Fc/ { print ");" }
			/^\.Fn / {
				name = $2
				sub(/^\.Fn [^ ]* /, "")
				gsub(/^"|"$/, "")
				gsub(/" "/, ", ")
				printf "%s %s(%s);\n", type, name, $0
			}' "$pages"/*.3
	} >"$tmp/declarations.c"
	cat "$tmp/declarations.c"
	[ "$(grep -c '^[a-z_].*);$' "$tmp/declarations.c")" = \
		"$(grep -c 'vgpu_.*;$' lib/libvgpu.map)" ] &&
		gcc -std=c11 -Wall -Wextra -Werror -I "$prefix/include" -fsyntax-only \
			"$tmp/declarations.c"
}

# structs FILE...: one on a line each, without comments
structs() {
	cat "$@" | sed -n '/^struct [a-z_]* {/,/^};/p' |
		sed 's|/\*.*\*/||; s/__aligned_u64/__u64/' | tr -s '[:space:]' ' ' |
		sed 's/ }; /\n/g' | sort
}

same_structs() {
	structs lib/vgpu.h include/uapi/linux/vgpu.h >"$tmp/public"
	structs lib/vgpu.h include/uapi/linux/vgpu.h include/uapi/linux/vgpu_dev.h \
		>"$tmp/headers"
	structs "$pages"/*.[34] >"$tmp/pages"
	[ -s "$tmp/public" ] || return 1
	comm -23 "$tmp/public" "$tmp/pages" | sed 's/^/no page: /' >"$tmp/structs"
	comm -13 "$tmp/headers" "$tmp/pages" | sed 's/^/no header: /' >>"$tmp/structs"
	none "$tmp/structs"
}

ioctls() {
	sed -n 's/^#define \(VGPU_IOC_[A-Z0-9_]*\).*/\1/p' include/uapi/linux/vgpu.h |
		sort >"$tmp/defined"
	sed -n 's/^\.It Dv \(VGPU_IOC_[A-Z0-9_]*\) .*/\1/p' "$pages/vgpu.4" |
		sort >"$tmp/documented"
	[ -s "$tmp/defined" ] && diff "$tmp/defined" "$tmp/documented"
}

# errors PAGE: the errnos in its list
errors() {
	sed -n '/^\.Sh ERRORS/,/^\.Sh SEE/s/^\.It Bq Er //p' "$pages/$1" | sort
}

# The headers' lists of errnos: " * ENOTTY:" in the one, "<tab>-EINVAL" in the other
same_errors() {
	# bits of poll(2) are no errnos
	sed -n '/^ \* EPOLL/d; s/^ \* \(E[A-Z0-9]*\):.*/\1/p' include/uapi/linux/vgpu.h |
		sort >"$tmp/driver"
	sed -n 's/^ \*	[A-Za-z_ ]*	-\(E[A-Z]*\).*/\1/p' lib/vgpu.h | sort -u >"$tmp/library"
	errors vgpu.4 >"$tmp/vgpu.4"
	errors libvgpu.3 >"$tmp/libvgpu.3"
	[ -s "$tmp/driver" ] && [ -s "$tmp/library" ] || return 1
	diff "$tmp/driver" "$tmp/vgpu.4" || return 1
	comm -23 "$tmp/library" "$tmp/libvgpu.3" >"$tmp/missing"
	none "$tmp/missing"
}

# Each option that a program offers is in its page, and no other.
options() {
	for program in "$prefix"/bin/*; do
		"$program" --help | grep -o -e '--[a-z][a-z-]*' | sort -u >"$tmp/offered"
		sed -n '/^\.Sh DESC/,$s/^\.It.*Fl \\-\([a-z-]*\).*/--\1/p' \
			"$man/man1/${program##*/}.1" | sort -u >"$tmp/described"
		[ -s "$tmp/offered" ] || echo "${program##*/}: no option"
		diff "$tmp/offered" "$tmp/described" || echo "${program##*/}"
	done >"$tmp/options"
	none "$tmp/options"
}

# Each program that is installed has a page, and each page that is referred to exists.
references() {
	{
		for program in "$prefix"/bin/*; do
			[ -e "$man/man1/${program##*/}.1" ] || echo "${program##*/}(1)"
		done
		sed -n 's/^\.Xr \([a-z]*vgpu[a-z0-9_-]*\) \([0-9]\).*/\1 \2/p' "$pages"/*.[134] |
			sort -u | while read -r page section; do
			[ -e "$man/man$section/$page.$section" ] || echo "$page($section)"
		done
	} >"$tmp/missing"
	none "$tmp/missing"
}

tests/env/apt.sh mandoc gcc libc6-dev
check man-lint "the manual pages are without a warning" lint
check man-symbols "each function of the library has a page" symbols
check man-declarations "the pages declare functions as vgpu.h does" declarations
check man-structs "structures are those of the headers" same_structs
check man-ioctls "each ioctl is in vgpu(4)" ioctls
check man-errors "each errno of the headers is in vgpu(4) and libvgpu(3)" same_errors
check man-options "each option of a program is in its page" options
check man-references "each program, and each page referred to, has one" references
exit $bad
