#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# spec.sh: prints one line for each promise of Documentation/specification.rst:
# its id, the promise, the figure, and "holds", "falls short" or "not measured
# here: WHY".  Figures come from build/bench.json; make bench writes it, and is
# called if it isn't there.
set -eu

cd "$(dirname "$0")/.."
[ -e build/bench.json ] || bench/run.sh >/dev/null
exec python3 bench/spec.py Documentation/specification.rst build/bench.json
