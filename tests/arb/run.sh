#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh: the arbiter, natively, through whatever may happen to it, at random, with a model beside
# it and every access watched.  Prints TAP.
set -eu

repo=$(cd "$(dirname "$0")/../.." && pwd)
out=$repo/build/arb
bad=0

mkdir -p "$out"
CFLAGS="-O1 -g -Werror -fsanitize=address,undefined -fno-sanitize-recover=undefined" \
	"$repo/bench/native/cc.sh" "$out/arb_beyond" "$repo/bench/arb_beyond.c"
# The first seeds are the same each time, the last is another.
for seed in 1 2 "$(date +%s)"; do
	if "$out/arb_beyond" 100000 "$seed" >&2; then
		echo "ok arb-beyond - nobody is kept out by those who stand still, seed $seed"
	else
		echo "not ok arb-beyond - nobody is kept out by those who stand still, seed $seed"
		bad=1
	fi
done
exit $bad
