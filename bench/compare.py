# SPDX-License-Identifier: GPL-2.0
"""compare.py [--update] JSON RST: what compare.sh measured, as a table.

Prints it, and says so if the one in RST is another; or puts it there.
"""
import json
import re
import sys

HEAD = ("Rule", "GPU lost, %", "Jain's index", "p99 wait, ms", "Worst wait, ms",
        "Flood gains, %")
BEGIN = ".. what bench/compare.py --update put here\n\n"


def wait(figures, name):
    """Milliseconds; at least so many if the job still waited at the end."""
    sign = ">= " if figures[f"wait_{name}_open"] else ""
    return f"{sign}{figures[f'wait_{name}_us'] / 1000:.1f}"


def row(rule, figures):
    """The cells of one rule."""
    served = figures["gpu_percent"]
    gain = ""
    if "flood" in served:
        gain = 100 * (len(served) * served["flood"] / sum(served.values()) - 1)
        gain = f"{round(gain, 1) + 0:+.1f}"  # no -0.0
    return (rule, f"{figures['idle_percent'] + figures['switch_percent']:.1f}",
            f"{figures['jain']:.4f}" if "jain" in figures else "",
            wait(figures, "p99"), wait(figures, "max"), gain)


def table(mixes):
    """A simple table of reStructuredText."""
    rows = []
    for mix, rules in mixes.items():
        rows.append((f"**{mix}**", "", "", "", "", ""))
        rows += [row(rule, figures) for rule, figures in rules.items()]
    widths = [max(len(r[i]) for r in [HEAD] + rows) for i in range(len(HEAD))]
    line = "  ".join("=" * width for width in widths)

    def text(cells):
        first = cells[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:])]
        return "  ".join([first] + rest).rstrip()

    return "\n".join([line, text(HEAD), line] + [text(r) for r in rows] + [line]) + "\n"


def main():
    """Reads what is named on the command line."""
    update = sys.argv[1] == "--update"
    source, document = sys.argv[1 + update:]
    with open(source, encoding="utf-8") as f:
        made = table(json.load(f))
    with open(document, encoding="utf-8") as f:
        text = f.read()
    before, after = text.split(BEGIN)
    rest = re.sub(r"\A(.+\n)+", "", after)
    if update:
        with open(document, "w", encoding="utf-8") as f:
            f.write(before + BEGIN + made + rest)
        return
    print(made, end="")
    if text != before + BEGIN + made + rest:
        print(f"{document} has another table; bench/compare.py --update puts this one there")


main()
