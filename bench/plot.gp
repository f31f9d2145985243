# SPDX-License-Identifier: GPL-2.0
# plot.gp: what a null job costs, against the depth; data and svg are set by run.sh.

set terminal svg size 800,900 font "sans-serif,14" background "white"
set output svg
set datafile missing "?"
set logscale xy 2
set logscale y 10
set xrange [0.9:300]
set xtics (1, 2, 4, 8, 16, 32, 64, 128, 256)
set grid xtics ytics lt 1 lc rgb "#b8b8b8"
set key inside top right
set lmargin 12
set xlabel "jobs in flight (depth)"
set multiplot layout 2,1

set title "A null job through a queue: exits and interrupts"
set ylabel "per job"
set format y "%g"
plot data using 1:2 with linespoints lw 2 pt 7 title "all exits of the guest", \
	"" using 1:3 with linespoints lw 2 pt 5 title "exits to the VMM", \
	"" using 1:4 with linespoints lw 2 pt 9 title "interrupts (none: no point)"

set title "Instructions per null job: guest, host and VMM together"
set ylabel "instructions per job"
set format y "%.0s %c"
set yrange [1000:200000]
plot data using 1:5 with linespoints lw 2 pt 7 title "vgpu queue", \
	"" using 1:6 with linespoints lw 2 pt 5 title "virtio-blk on a null device, I/O thread", \
	"" using 1:7 with linespoints lw 2 pt 9 title "virtio-blk on a null device, main loop"
