# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Print the tables of bench/README.org from the results. Most numbers are
# medians over the rounds or turns. On awk's command line, put median.awk and
# csv.awk before this file, and the CSV files after it: rows, load, latency,
# burst, ping, pair, process, count.

function has(row, word) {
	return index(WORDS[row], " " word " ")
}

# Format a number with @decimals decimals. Without a value, return a dash.
function number(value, decimals) {
	return value == "" ? "—" : sprintf("%." decimals "f", value)
}

function ratio(a, b) {
	return a == "" || b == "" || !b ? "" : a / b
}

function scale(value, factor) {
	return value == "" ? "" : value * factor
}

# Format a rate in thousands.
function rate(value) {
	return scale(value, 0.001)
}

# Add a round's value, for the median over the rounds and for comparisons within
# the round.
function keep(key, round, value) {
	add(key, value)
	OF[key, round] = value
	LAST = round + 0 > LAST ? round + 0 : LAST
}

# Divide the value of "key" by the value of "other" in each round. Return the
# median of these ratios.
function side_by_side(key, other,    k, r) {
	k = "ratio" SUBSEP key SUBSEP other
	for (r = 1; !DONE[k] && r <= LAST; r++)
		if ((key SUBSEP r) in OF && OF[other, r] > 0)
			add(k, OF[key, r] / OF[other, r])
	DONE[k] = 1
	return median(k)
}

file == "load" {
	k = f[2] SUBSEP f[3] SUBSEP f[4] SUBSEP f[5]
	SEEN[k] = 1
	keep("rate" SUBSEP k, f[1], f[8] > 0 ? f[7] / f[8] : 0)
	add("loss" SUBSEP k, f[6] ? 100 * (1 - f[7] / f[6]) : 0)
	if (f[7] > 0) {
		add("user" SUBSEP k, f[9] / f[7])
		add("system" SUBSEP k, f[10] / f[7])
		add("cpu" SUBSEP k, (f[9] + f[10]) / f[7])
		add("softirq" SUBSEP k, f[11] / f[7])
	}
}

file == "latency" {
	k = SUBSEP f[2] SUBSEP f[3]
	keep("load50" k, f[1], f[8])
	keep("load99" k, f[1], f[9])
	add("load999" k, f[10])
	if (f[5] > 0)
		keep("loadcpu" k, f[1], (f[6] + f[7]) / f[5])
}

file == "burst" {
	add("burst" SUBSEP f[2] SUBSEP f[3], f[4])
	if (!(f[3] in BURST)) {
		BURST[f[3]] = 1
		SIZE[++SIZES] = f[3]
	}
}

# Within a round, row and interval, the lines of ping.csv are sorted by round
# trip.
file == "ping" {
	k = f[2] SUBSEP f[3] SUBSEP f[1]
	PINGS[k] += f[5]
	RTT[k, ++RTTS[k]] = f[4] + 0
	COUNT[k, RTTS[k]] = f[5]
}

file == "pair" {
	TRIP[f[1], f[2]] = f[4]
	MORE[f[1], f[2]] = f[5]
}

file == "process" {
	if (f[3] != "")
		add("first" SUBSEP f[2], f[3])
	if (f[4] != "") {
		TRIED[f[2]] += f[4]
		LOST[f[2]] += f[5]
	}
	add("memory" SUBSEP f[2], f[6] / 1024)
	add("peak" SUBSEP f[2], f[7] / 1024)
}

file == "count" && f[5] > 0 {
	add(f[3] SUBSEP f[2], f[4] / f[5])
}

function percentile(k, part,    i, n) {
	for (i = 1; i <= RTTS[k]; i++) {
		n += COUNT[k, i]
		if (n >= part * PINGS[k])
			return RTT[k, i]
	}
}

function round_trips(    k, p) {
	for (k in PINGS) {
		split(k, p, SUBSEP)
		keep("p50" SUBSEP p[1] SUBSEP p[2], p[3], percentile(k, 0.5))
		add("p99" SUBSEP p[1] SUBSEP p[2], percentile(k, 0.99))
	}
}

function key(what, row, offered) {
	return what SUBSEP row SUBSEP offered SUBSEP 62 SUBSEP 1
}

function at(what, row, offered) {
	return median(key(what, row, offered))
}

function overload(row, other) {
	return side_by_side(key("rate", row, "max"), key("rate", other, "max"))
}

function round_trip(row, other, ms) {
	return side_by_side("p50" SUBSEP row SUBSEP ms, "p50" SUBSEP other SUBSEP ms)
}

function caption(text) {
	print "\n#+caption: " text
}

# Print a line of a table. In "cells", the cells are separated by |.
function line(cells) {
	print "| " cells " |"
}

function rule() {
	print "|-"
}

function rates(    i, j, row, s, n, offered) {
	n = split("20000 100000 300000 max", offered, " ")
	caption("Thousands of replies a second, and the lost part of the requests. The generator offers 20,000, 100,000 or 300,000 requests a second, or its maximum. Columns that begin with \"of\" have ratios")
	line("| 20 | lost | 100 | lost | 300 | lost | maximum | lost | of plain, poll() | of testpmd")
	rule()
	for (i = 1; i <= ROWS; i++) {
		row = ROW[i]
		s = TITLE[row]
		for (j = 1; j <= n; j++)
			s = s " | " number(rate(at("rate", row, offered[j])), 1) \
				" | " number(at("loss", row, offered[j]), 1) "%"
		line(s " | " number(overload(row, "plain"), 2) \
			" | " number(overload(row, "testpmd"), 2))
	}
}

function costs(    i, row, user) {
	caption("The cost of a reply: CPU time of the process and of the machine's soft interrupts in microseconds, at 100,000 requests a second; system calls and user instructions, at 20,000 requests a second. The column \"of plain, poll()\" has the ratio of \"both\"")
	line("| user | system | both | of plain, poll() | soft interrupts | system calls | instructions")
	rule()
	for (i = 1; i <= ROWS; i++) {
		row = ROW[i]
		user = has(row, "process")
		line(TITLE[row] " | " number(user ? at("user", row, 100000) : 0, 2) \
			" | " number(user ? at("system", row, 100000) : 0, 2) \
			" | " number(user ? at("cpu", row, 100000) : 0, 2) \
			" | " number(user ? ratio(at("cpu", row, 100000), at("cpu", "plain", 100000)) : 0, 2) \
			" | " number(at("softirq", row, 100000), 2) \
			" | " number(user ? median("syscalls" SUBSEP row) : 0, 2) \
			" | " number(user ? median("instructions" SUBSEP row) : 0, 0))
	}
}

function latencies(    i, row) {
	caption("Round trip of a ping in microseconds, at 1,000 and at 50 pings a second; milliseconds from the start of the process to the first answer; pings lost while the process starts and stops; memory in MiB. Columns that begin with \"of\" have ratios of the medians at 1,000")
	line("| median | 99% | of the kernel's | of plain, poll() | median at 50 | 99% | first answer | lost | resident | peak")
	rule()
	for (i = 1; i <= ROWS; i++) {
		row = ROW[i]
		line(TITLE[row] " | " number(median("p50" SUBSEP row SUBSEP 1), 1) \
			" | " number(median("p99" SUBSEP row SUBSEP 1), 1) \
			" | " number(round_trip(row, "kernel", 1), 2) \
			" | " number(round_trip(row, "plain", 1), 2) \
			" | " number(median("p50" SUBSEP row SUBSEP 20), 0) \
			" | " number(median("p99" SUBSEP row SUBSEP 20), 0) \
			" | " number(median("first" SUBSEP row), 0) \
			" | " (row in TRIED ? LOST[row] " of " TRIED[row] : "—") \
			" | " number(median("memory" SUBSEP row), 1) \
			" | " number(median("peak" SUBSEP row), 1))
	}
}

# Divide a row's value by the plain loop's value in each turn. Return the median
# of these ratios.
function of_plain(what, row, pps) {
	return side_by_side(what SUBSEP row SUBSEP pps, what SUBSEP "plain" SUBSEP pps)
}

# Return the least and the greatest of the ratios of of_plain(), as text.
function spread(what, row, pps,    k) {
	k = "ratio" SUBSEP what SUBSEP row SUBSEP pps SUBSEP what SUBSEP "plain" SUBSEP pps
	return N[k] ? sprintf(" (%.2f to %.2f)", least(k), most(k)) : ""
}

function trip(what, row, pps) {
	return number(median(what SUBSEP row SUBSEP pps), 1)
}

function under_load(    i, j, row, s) {
	caption("Round trips under load in microseconds: the median, the 99th percentile and the 99.9th percentile")
	line("| 1,000/s | 5,000/s | 20,000/s | 100,000/s | 300,000/s")
	rule()
	for (i = 1; i <= ROWS; i++) {
		row = ROW[i]
		if (!N["load50", row, 1000])
			continue
		s = TITLE[row]
		for (j = 1; j <= LATENCIES; j++)
			s = s " | " trip("load50", row, LATENCY[j]) " / " \
				trip("load99", row, LATENCY[j]) " / " trip("load999", row, LATENCY[j])
		line(s)
	}
	caption("Relative to the plain loop with poll(): the median round trip, the 99th percentile, and the CPU time for a reply")
	line("| 1,000/s | 5,000/s | 20,000/s | 100,000/s | 300,000/s")
	rule()
	for (i = 1; i <= ROWS; i++) {
		row = ROW[i]
		if (!N["load50", row, 1000] || row == "plain")
			continue
		s = TITLE[row]
		for (j = 1; j <= LATENCIES; j++)
			s = s " | " number(of_plain("load50", row, LATENCY[j]), 2) " / " \
				number(of_plain("load99", row, LATENCY[j]), 2) " / " \
				(has(row, "process") ? number(of_plain("loadcpu", row, LATENCY[j]), 2) : "—")
		line(s)
	}
}

function pair_line(title, name,    i, ms, s) {
	s = title
	for (i = 1; i <= split("1 80", ms, " "); i++)
		s = s " | " number(TRIP[name, ms[i]], 2) " | " number(MORE[name, ms[i]], 2)
	line(s)
}

function pairs() {
	caption("Side by side: four processes run at the same time, and each sleeps while it has no packet. They are pinged in turn, first each 1,000 times a second, then each 12 times a second. Median round trip in microseconds, and the median of the differences from the first row")
	line("| 1,000/s | more | 12/s | more")
	rule()
	pair_line("plain loop, poll()", "plain")
	pair_line("af_xdp_user", "poll")
	pair_line("af_xdp_user --no-sandbox", "poll-no-sandbox")
	pair_line("plain loop, poll(), second process", "plain-again")
}

# Return the ratio of a program's round trip to the plain loop's. Both come from
# the measurement "side by side", pair.csv.
function paired(name, ms) {
	return TRIP["plain", ms] ? 1 + MORE[name, ms] / TRIP["plain", ms] : ""
}

# Print the table of bursts: the median, and in brackets the worst round if it
# differs from the median.
function bursts(    i, j, s, k) {
	caption("Packets answered within 100 ms after a burst at full rate, for each number of packets in the burst (in brackets: in the worst round)")
	s = ""
	for (j = 1; j <= SIZES; j++)
		s = s " | " SIZE[j]
	line(s)
	rule()
	for (i = 1; i <= ROWS; i++) {
		s = TITLE[ROW[i]]
		for (j = 1; j <= SIZES; j++) {
			k = "burst" SUBSEP ROW[i] SUBSEP SIZE[j]
			s = s " | " number(median(k), 0)
			if (least(k) != median(k))
				s = s " (" number(least(k), 0) ")"
		}
		line(s)
	}
}

function grown(label, row, bytes, flows,    k) {
	k = SUBSEP bytes SUBSEP flows
	if ((row SUBSEP 100000 k) in SEEN)
		line(label " | " number(median("cpu" SUBSEP row SUBSEP 100000 k), 2) \
			" | " number(median("softirq" SUBSEP row SUBSEP 100000 k), 2) \
			" | " number(rate(median("rate" SUBSEP row SUBSEP "max" k)), 0))
}

function growth_head(what) {
	line(what " | CPU us per reply at 100,000/s | soft interrupts, us per reply | thousand replies/s, at most")
	rule()
}

function growth(    i, n, list) {
	caption("How the cost grows with the size of a packet, in poll mode")
	growth_head("bytes")
	n = split("64 128 256 512 1024 1500", list, " ")
	for (i = 1; i <= n; i++)
		grown(list[i], "poll-size", list[i], 1)
	caption("How the cost grows with the number of flows (source addresses)")
	growth_head("flows")
	n = split("1 16 256 4096", list, " ")
	for (i = 1; i <= n; i++)
		grown(list[i], "poll-flows", 62, list[i])
	caption("How the cost changes with the sizes of batches and rings, which are constants of the program (as it is: batches of 128 packets)")
	growth_head("")
	grown("as it is", "poll-as", 62, 1)
	n = split("BATCH-8 BATCH-32 BATCH-256 RING-256 RING-1024", list, " ")
	for (i = 1; i <= n; i++)
		grown(list[i], "poll-as-" list[i], 62, 1)
}

# --- targets ----------------------------------------------------------------

# Print a line of the table of targets. Value and limit are numbers as text; the
# value is empty if it was not measured. Print @more after the value.
function target(what, value, sense, limit, decimals, more,    verdict) {
	if (value == "")
		verdict = "not measured"
	else if (sense == ">=" ? value + 0 >= limit + 0 : \
		 sense == "<=" ? value + 0 <= limit + 0 : value + 0 < limit + 0)
		verdict = "met"
	else
		verdict = "*missed*"
	line(what " | " sense " " limit " | " number(value, decimals) \
		more " | " verdict)
}

# Print a target: the limit on a row's ratio to the plain loop. Print the median
# of the turns' ratios, and in brackets the least and the greatest ratio.
function target_of_plain(text, what, row, pps, limit) {
	target(text ", relative to the plain loop with poll()", of_plain(what, row, pps), \
		"<=", limit, 3, spread(what, row, pps))
}

# Return the largest number of unanswered packets in a burst, over all rounds
# and burst sizes.
function unanswered(row,    i, n, k) {
	n = ""
	for (i = 1; i <= SIZES; i++) {
		k = "burst" SUBSEP row SUBSEP SIZE[i]
		if (N[k] && SIZE[i] - least(k) > n + 0 || n == "" && N[k])
			n = SIZE[i] - least(k)
	}
	return n
}

# Return a row's count per reply, divided by the plain loop's count.
function calls_of_plain(row, what) {
	return ratio(median(what SUBSEP row), median(what SUBSEP "plain"))
}

function targets_of_waiting(    i) {
	for (i = 1; i <= LATENCIES; i++) {
		target_of_plain("af_xdp_user: median round trip at " LATENCY[i] "/s", \
			"load50", "poll", LATENCY[i], 1.05)
		target_of_plain("af_xdp_user: 99th percentile of round trips at " LATENCY[i] "/s", \
			"load99", "poll", LATENCY[i], 1.05)
	}
	target_of_plain("af_xdp_user: CPU per reply at 100,000/s", "loadcpu", "poll", 100000, 1)
	target("af_xdp_user: system calls per reply at 100,000/s, relative to the plain loop with poll()", \
		calls_of_plain("poll", "syscalls-100000"), "<=", 1, 3)
	target_of_plain("af_xdp_user --coalesce=50: CPU per reply at 100,000/s", \
		"loadcpu", "coalesce-50", 100000, 0.8)
	target("af_xdp_user --coalesce=50: system calls per reply at 100,000/s", \
		median("syscalls-100000" SUBSEP "coalesce-50"), "<=", 0.5, 2)
}

function targets(    i, row, k) {
	k = SUBSEP 62 SUBSEP 1
	caption("The targets")
	line("target | limit | measured | ")
	rule()
	for (i = 1; i <= ROWS; i++) {
		row = ROW[i]
		if (row != "poll" && row != "busy")
			continue
		target(TITLE[row] ": unanswered packets of a burst, worst round", \
			unanswered(row), "<=", 0, 0)
		target(TITLE[row] ": % of packets lost at 100,000/s, worst round", \
			most("loss" SUBSEP row SUBSEP 100000 k), "<=", 0, 3)
		target(TITLE[row] ": replies in overload, relative to the plain loop with poll()", \
			overload(row, "plain"), ">=", 1.1, 3)
		target(TITLE[row] ": replies in overload, relative to testpmd's", \
			overload(row, "testpmd"), ">=", 1, 3)
		target(TITLE[row] ": peak memory, MiB", median("peak" SUBSEP row), "<=", 20, 1)
		target(TITLE[row] ": first answer, ms after start", \
			median("first" SUBSEP row), "<", 100, 0)
		target(TITLE[row] ": pings lost by starting and stopping", \
			row in LOST ? LOST[row] : "", "<=", 0, 0)
	}
	target("af_xdp_user: user instructions per reply at 20,000/s", \
		median("instructions" SUBSEP "poll"), "<=", 285, 0)
	target("af_xdp_user: system calls per reply at 20,000/s", \
		median("syscalls" SUBSEP "poll"), "<=", 1.1, 2)
	target("af_xdp_user: heap allocations in 1,000 replies", \
		scale(median("allocations" SUBSEP "poll"), 1000), "<=", 0, 0)
	targets_of_waiting()
	target("af_xdp_user: round trip at 1,000/s, relative to the plain loop with poll(), side by side", \
		paired("poll", 1), "<=", 1, 3)
	target("af_xdp_user: round trip at 12/s, relative to the plain loop with poll(), side by side", \
		paired("poll", 80), "<=", 1, 3)
	target("af_xdp_user -B: median round trip at 1,000/s, relative to the kernel's responder", \
		round_trip("busy", "kernel", 1), "<=", 1.05, 3)
	target("af_xdp_user -B: median round trip at 50/s, relative to the kernel's responder", \
		round_trip("busy", "kernel", 20), "<=", 1.05, 3)
}

END {
	round_trips()
	targets()
	rates()
	costs()
	latencies()
	under_load()
	pairs()
	bursts()
	growth()
	print ""
	for (i = 1; i <= LEFT; i++)
		print "Left out here: " LEFT_OUT[i] "\n"
}
