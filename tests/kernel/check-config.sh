#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# check-config.sh FRAGMENT DOTCONFIG: every line of FRAGMENT holds in DOTCONFIG.
# Kconfig drops what it does not know or what lacks a dependency, silently.
set -eu

bad=0
while read -r line; do
	case $line in
	''|'#'*) continue ;;
	*=n)
		if grep -q "^${line%=n}=" "$2"; then
			echo "$1: $line did not take effect" >&2
			bad=1
		fi ;;
	*)
		if ! grep -qxF "$line" "$2"; then
			echo "$1: $line did not take effect" >&2
			bad=1
		fi ;;
	esac
done <"$1"
exit $bad
