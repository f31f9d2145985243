#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# root.sh bookworm|trixie|sid: prints the path of a root of that release.
#
# Each has a compiler and kernel headers; trixie also has the kernel source that
# the test kernels are made of; bookworm has dkms.  Treat it as read-only: take a
# copy to change things in, or a folder of your own under /build.
#
# Debian's mirror is the one this machine's apt uses; VGPU_MIRROR overrides it.
set -eu

env=$(dirname "$0")
# shellcheck source=tests/env/cache.sh
. "$env/cache.sh"

# The archive that serves this machine's own release, not its updates or others'.
mirror() {
	if [ -n "${VGPU_MIRROR:-}" ]; then
		echo "$VGPU_MIRROR"
		return
	fi
	# shellcheck source=/dev/null
	suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' |
		awk -v suite="$suite" '$2 == suite && $3 == "main" && $1 ~ /debian\/?$/ {
			print $1; exit }'
}

make_root() {
	uri=$(mirror)
	if [ -z "$uri" ]; then
		echo "root.sh: apt knows no Debian mirror: set VGPU_MIRROR" >&2
		exit 1
	fi
	"$env/apt.sh" mmdebstrap debian-archive-keyring
	# A way out of this machine that apt was told of is needed in there too.
	apt-config dump | grep '^Acquire::[^ ]*[Pp]roxy' >"$2.apt" || true
	# The Release file of a mirror that lags may have expired.
	echo 'Acquire::Check-Valid-Until "false";' >>"$2.apt"
	mmdebstrap --quiet --variant=apt --include="$packages" \
		--aptopt="$2.apt" "$1" "$2" "$uri"
	rm -f "$2.apt" "$2/etc/apt/apt.conf.d/99mmdebstrap"
	mkdir "$2/build"
}

packages=linux-headers-amd64,gcc,make,libc6-dev,kmod
case ${1:-} in
bookworm) packages=$packages,dkms ;;
trixie) packages=$packages,sparse,linux-source-6.12 ;;
sid) packages=$packages,sparse ;;
*)
	echo "usage: root.sh bookworm|trixie|sid" >&2
	exit 2
	;;
esac

if [ $# = 2 ]; then
	make_root "$@"
else
	key=$(echo "$1 $packages" | cache_hash -)
	cache_make "roots/$1-$key" "$0" "$1"
fi
