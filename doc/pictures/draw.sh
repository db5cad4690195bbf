#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Draw README.org's pictures (umem.svg, ring.svg, queues.svg and loop.svg) into
# DIRECTORY. The default is the directory of this script.
#
#	doc/pictures/draw.sh [DIRECTORY]
#
# Each picture paints its own background and has two sets of colours, for light
# and for dark mode. Lengths are in pixels. After a change, look at both modes.

set -eu
out=${1-$(dirname "${BASH_SOURCE[0]}")}

begin() { # WIDTH HEIGHT TITLE
	cat <<-SVG
		<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $1 $2" width="$1" height="$2" role="img">
		<!-- SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause -->
		<!-- Drawn by draw.sh: edit draw.sh, not this file. -->
		<title>$3</title>
		<style>
		text { font: 14px sans-serif; fill: #1f2328 }
		.code { font-family: monospace; font-size: 13px }
		.note { font-size: 12px; fill: #57606a }
		.big { font-weight: bold }
		.paper { fill: #ffffff }
		.box { stroke: #57606a; stroke-width: 1.2 }
		.plain { fill: #f6f8fa }
		.ours { fill: #cfe3ff }
		.kernel { fill: #ffe0b8 }
		.both { fill: #d6f0d6 }
		.line { fill: none; stroke: #1f2328; stroke-width: 1.6 }
		.thin { fill: none; stroke: #57606a; stroke-width: 1; stroke-dasharray: 4 3 }
		.tick { stroke: #57606a; stroke-width: 1 }
		.tip { fill: #1f2328 }
		@media (prefers-color-scheme: dark) {
		text { fill: #e6edf3 }
		.note { fill: #9da7b1 }
		.paper { fill: #0d1117 }
		.box { stroke: #9da7b1 }
		.plain { fill: #21262d }
		.ours { fill: #153e75 }
		.kernel { fill: #6b3d0c }
		.both { fill: #1d4d27 }
		.line { stroke: #e6edf3 }
		.thin, .tick { stroke: #9da7b1 }
		.tip { fill: #e6edf3 }
		}
		</style>
		<marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="tip" d="M0 0L10 5L0 10z"/></marker>
		<rect class="paper" width="$1" height="$2"/>
	SVG
}

end() {
	echo "</svg>"
}

box() { # X Y WIDTH HEIGHT CLASS
	echo "<rect class=\"box $5\" x=\"$1\" y=\"$2\" width=\"$3\" height=\"$4\" rx=\"3\"/>"
}

# Draw TEXT. ANCHOR is start, middle or end; CLASS may be left out.
text() { # X Y ANCHOR TEXT [CLASS]
	echo "<text x=\"$1\" y=\"$2\" text-anchor=\"$3\"${5:+ class=\"$5\"}>$4</text>"
}

line() { # PATH [CLASS]
	echo "<path class=\"${2-line}\" d=\"$1\"/>"
}

arrow() { # PATH
	echo "<path class=\"line\" marker-end=\"url(#tip)\" d=\"$1\"/>"
}

# Draw a box with TEXT in its middle.
labelled() { # X Y WIDTH HEIGHT CLASS TEXT [TEXT-CLASS]
	box "$1" "$2" "$3" "$4" "$5"
	text $(($1 + $3 / 2)) $(($2 + $4 / 2 + 5)) middle "$6" "${7-}"
}

# Draw a UMEM and one of its frames, to show where an address points.
umem() {
	local i

	begin 760 350 "UMEM, and the addresses of one frame"
	text 20 28 start "UMEM: 6,144 frames of 2,048 bytes, one piece of memory" big
	for i in 0 1 2 3; do
		labelled $((20 + i * 90)) 42 90 34 plain "frame $i"
	done
	box 200 42 90 34 both
	text 245 64 middle "frame 2"
	text 410 64 middle "..."
	labelled 430 42 110 34 plain "frame 6143"
	line "M200 76L20 128" thin
	line "M290 76L740 128" thin

	box 20 128 150 56 plain
	text 95 152 middle "headroom"
	text 95 170 middle "256 bytes" note
	box 170 128 330 56 both
	text 335 152 middle "packet, from its Ethernet header on"
	text 335 170 middle "len bytes" note
	box 500 128 240 56 plain
	text 620 152 middle "rest"
	text 620 170 middle "1,792 - len bytes" note

	arrow "M20 232L20 188"
	text 20 250 start "addr in FILL: 4096" code
	text 20 268 start "The frame's start. The kernel" note
	text 20 284 start "clears the low bits of the address." note
	arrow "M235 216C200 216 171 210 171 188"
	text 241 220 start "addr in RX: 4096 + 256 = 4352, and len" code
	text 241 238 start "The first byte of the packet." note
	arrow "M500 278C400 278 180 296 171 188"
	text 506 270 start "addr in TX and COMPLETION:" code
	text 506 288 start "The address that we put into TX." note
	text 506 304 start "An answer uses its request's address." note
	text 20 336 start "An address counts bytes from the start of UMEM. The frame's number is addr / 2048." note
	end
}

# Draw the entries of a ring in the order of their indices, and show which side
# moves each index.
ring() {
	local i x

	begin 760 300 "A ring: two shared indices, and two private ones"
	text 20 28 start "One ring, unrolled: 16 entries; the indices count up and wrap around" big
	labelled 28 112 132 40 kernel "being read"
	labelled 160 112 220 40 both "submitted"
	labelled 380 112 88 40 ours "written"
	labelled 468 112 264 40 plain "free"
	for ((i = 1; i < 16; i++)); do
		x=$((28 + i * 44))
		line "M$x 112v6M$x 146v6" tick
	done

	arrow "M28 190L28 156"
	text 20 206 start "consumer" code
	text 20 222 start "shared" note
	arrow "M160 190L160 156"
	text 160 206 middle "cached_cons" code
	text 160 222 middle "the consumer's own" note
	arrow "M380 190L380 156"
	text 372 206 middle "producer" code
	text 372 222 middle "shared" note
	arrow "M468 190L468 156"
	text 476 206 start "cached_prod" code
	text 476 222 start "the producer's own" note

	arrow "M160 98C180 76 235 76 255 98"
	text 206 72 middle "peek(n)" code
	arrow "M28 98C50 76 130 76 154 98"
	text 92 72 middle "release(n)" code
	arrow "M380 98C400 76 440 76 462 98"
	text 420 72 middle "submit(n)" code
	arrow "M468 98C490 76 545 76 565 98"
	text 524 72 middle "reserve(n)" code

	text 20 252 start "The producer reserves entries, writes them, and submits them. Only then may the consumer see them." note
	text 20 270 start "The consumer peeks at entries, reads them, and releases them. Only then may the producer reuse them." note
	text 20 288 start "Each shared index has one writer, so no lock is needed. An entry's place is index % size; sizes are powers of two." note
	end
}

# Draw the path of packets from the device's RX queues through the map to
# sockets, or to the kernel.
queues() {
	local i y value

	begin 760 330 "RX queues, xsks_map and sockets"
	text 75 30 middle "network card" big
	text 262 30 middle "XDP program" big
	text 450 30 middle "xsks_map" big
	text 650 30 middle "your process" big
	box 20 44 110 220 plain
	text 75 66 middle "RSS or a filter"
	text 75 84 middle "picks a queue"
	for i in 0 1 2 3; do
		y=$((100 + i * 40))
		labelled 35 "$y" 80 30 kernel "queue $i"
		arrow "M115 $((y + 15))L192 $((y + 15))"
		value=-
		[[ $i != 0 ]] || value=socket
		labelled 400 "$y" 30 30 plain "$i"
		labelled 430 "$y" 70 30 plain "$value"
	done
	box 195 92 135 174 kernel
	text 262 150 middle "runs once for"
	text 262 168 middle "each packet;"
	text 262 186 middle "the map's key is"
	text 262 204 middle "rx_queue_index" code
	arrow "M330 115L396 115"
	labelled 570 92 160 46 ours "AF_XDP socket" big
	text 650 156 middle "bound to queue 0" note
	arrow "M500 115L566 115"
	line "M330 155L396 155" thin
	line "M330 195L396 195" thin
	line "M330 235L396 235" thin
	text 400 284 start "no socket in xsks_map: XDP_PASS" note
	line "M396 280L268 280" thin
	arrow "M262 266L262 290"
	labelled 162 292 200 30 kernel "kernel's network stack"
	end
}

# Draw the places of a frame, and the functions that move it from place to
# place.
loop() {
	begin 760 420 "The path of a frame through four rings"
	box 10 44 220 360 ours
	text 120 30 middle "our process" big
	box 540 44 210 360 kernel
	text 645 30 middle "kernel" big

	labelled 46 74 164 44 plain "free frames"
	box 46 186 164 64 plain
	text 128 212 middle "in hand:"
	text 128 232 middle "process_packet()" code
	labelled 560 74 170 44 plain "receives a packet"
	labelled 560 336 170 44 plain "sends the packet"

	text 385 66 middle "fill_refill()" code
	labelled 325 74 120 44 both "FILL" big
	arrow "M210 96L321 96"
	arrow "M445 96L556 96"

	text 385 156 middle "rx_peek(), rx_release()" code
	labelled 325 164 120 44 both "RX" big
	arrow "M645 118C645 168 560 186 449 186"
	arrow "M325 186C290 186 250 200 214 210"

	text 385 248 middle "tx_send(), tx_submit()" code
	labelled 325 256 120 44 both "TX" big
	arrow "M160 250C180 276 240 278 321 278"
	arrow "M445 278C560 278 645 290 645 332"
	text 560 268 middle "kick" code

	text 385 328 middle "completion_reclaim()" code
	labelled 325 336 120 44 both "COMPLETION" big
	arrow "M560 358L449 358"
	arrow "M325 358C60 372 28 330 28 216C28 130 28 96 42 96"
	arrow "M98 186L98 122"
	text 106 158 start "no answer"
	end
}

for picture in umem ring queues loop; do
	"$picture" >"$out/$picture.svg"
done
