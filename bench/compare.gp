# SPDX-License-Identifier: GPL-2.0
# compare.gp: who had the GPU when, by mix and rule; dir and svg are set by run.sh.

set terminal svg size 1500,900 font "sans-serif,13" background "white"
set output svg
set yrange [0:100]
set ytics 25
set xrange [0:1000]
set xtics 250
set style fill solid noborder
set multiplot layout 3,5 margins 0.06,0.98,0.10,0.90 spacing 0.03,0.10 \
	title "Share of GPU time in windows of 10 ms"

rules = "arbiter fifo urgency round-robin drm-fair"
mixes = "weights heavy-light flood"
firsts = "a heavy flood"
seconds = "b light steady"
# of weights what is around their change
begins = "29500 0 0"

do for [m = 1:3] {
	do for [r = 1:5] {
		file = sprintf("%s/%s.%s.dat", dir, word(mixes, m), word(rules, r))
		begin = real(word(begins, m))
		set title (m == 1 ? word(rules, r) : "")
		set xlabel (m == 3 ? "ms" : "")
		set ylabel (r == 1 ? word(mixes, m) . ", %" : "")
		if (r == 1) { set key inside right bottom opaque box } else { unset key }
		if (int(system("test -e '" . file . "' && echo 1 || echo 0"))) {
			set grid front xtics ytics lt 1 lc rgb "#d0d0d0"
			plot file using ($1 - begin):2 with filledcurves y1=0 \
					lc rgb "#e69f00" title word(firsts, m), \
				"" using ($1 - begin):2:3 with filledcurves \
					lc rgb "#0072b2" title word(seconds, m)
		} else {
			unset grid
			set label 1 "knows no weights" at graph 0.5, graph 0.5 center
			plot NaN notitle
			unset label 1
		}
	}
}
unset multiplot
