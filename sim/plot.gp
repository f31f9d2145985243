# SPDX-License-Identifier: GPL-2.0
# plot.gp: what tenants have of the native throughput, and how fairly, against the kernel's
# length; $cells, a block for each number in tenants, and the output are set by vgpu-sim.

set terminal svg size 800,900 font "sans-serif,14" background "white"
set logscale x 10
set xlabel "kernel, microseconds"
set grid xtics ytics lt 1 lc rgb "#b8b8b8"
set lmargin 12
set offsets graph 0.05, graph 0.05, graph 0.05, 0
set yrange [0:*]
set multiplot layout 2,1

set title "Throughput of all tenants, beside native (least and most of all rounds)"
set ylabel "percent of native"
set key inside bottom right
plot for [i = 1:words(tenants)] $cells index i - 1 using 1:2:3:4 with yerrorlines lw 2 pt 7 \
	title word(tenants, i) . (word(tenants, i) eq "1" ? " tenant" : " tenants")

set title "Largest distance of a tenant's part of the work from its share"
set ylabel "percent of the share"
set key inside top right
plot for [i = 1:words(tenants)] $cells index i - 1 using 1:5 with linespoints lw 2 pt 7 \
	title word(tenants, i) . (word(tenants, i) eq "1" ? " tenant" : " tenants")
unset multiplot
