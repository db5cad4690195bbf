#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Check that README.org is short enough, and that each solution comes after its
# exercise. Check that the .org files, the pictures and vm/guest/cells agree
# with the files that they depend on. readme.bats runs the commands in the .org
# files. The tests in this file need no root.

bats_require_minimum_version 1.5.0

README_WORDS=4500

setup() {
	cd "$BATS_TEST_DIRNAME/.." || return
}

# Print the number of the first line of README.org that contains TEXT.
line_of() { # TEXT
	grep -nF -m 1 -- "$1" README.org | cut -d: -f1
}

@test "README.org has at most 4,500 words, so that it can be read in an evening" {
	words=$(wc -w <README.org)
	echo "$words words"
	[[ $words -gt 1000 && $words -le $README_WORDS ]]
}

@test "in README.org the link to each solution comes after the exercise" {
	exercise=$(line_of "** Assignment 2: ")
	solution=$(line_of "[[file:af_xdp_kern.c]")
	[[ $solution -gt $exercise ]]
	exercise=$(line_of "** Assignment 3: ")
	for file in headers/icmp6_echo.h headers/xsk.h af_xdp_user.c; do
		solution=$(line_of "[[file:$file]")
		[[ $solution -gt $exercise ]]
	done
}

@test "the XDP program in README.org is the built-in program" {
	sed -n '/^#+begin_src C$/,/^#+end_src$/p' README.org | sed '1d;$d' >"$BATS_TEST_TMPDIR/shown"
	[[ -s $BATS_TEST_TMPDIR/shown ]]
	sed -n '/^SEC("xdp")$/,/^}$/p' common/default_kern.c | diff "$BATS_TEST_TMPDIR/shown" -
}

@test "each link leads to a file or heading that exists" {
	links=0
	for text in *.org */*.org; do
		while read -r link; do
			file=${link%%::*}
			links=$((links + 1))
			[[ -e $(dirname "$text")/$file ]] || {
				echo "$text: no file $file"
				missing=true
			}
			[[ $link == *::\** ]] || continue
			grep -qxE "\*+ ${link#*::\*}" "$(dirname "$text")/$file" || {
				echo "$text: no heading ${link#*::\*} in $file"
				missing=true
			}
		done < <(grep -oE '\[\[file:[^]]*' "$text" | sed 's/\[\[file://')
		while read -r heading; do
			grep -qxE "\*+ $heading" "$text" || {
				echo "$text: no heading $heading"
				missing=true
			}
		done < <(grep -oE '\[\[\*[^]]*' "$text" | sed 's/\[\[\*//')
	done
	[[ $links -gt 40 && -z ${missing-} ]]
}

@test "README.org has a link to each text in doc/" {
	for text in doc/*.org; do
		grep -qF "[[file:$text]" README.org || {
			echo "no link to $text"
			missing=true
		}
	done
	[[ -z ${missing-} ]]
}

@test "each picture equals the output of draw.sh, and README.org shows the picture" {
	doc/pictures/draw.sh "$BATS_TEST_TMPDIR"
	for picture in doc/pictures/*.svg; do
		cmp "$picture" "$BATS_TEST_TMPDIR/${picture##*/}"
		grep -qxF "[[file:$picture]]" README.org
		# Check that the picture has colours for dark mode.
		grep -q 'prefers-color-scheme: dark' "$picture"
	done
	diff <(cd doc/pictures && ls ./*.svg) <(cd "$BATS_TEST_TMPDIR" && ls ./*.svg)
}

@test "doc/code.org names files that exist" {
	files=$(sed -n 's/^| \([a-z_/0-9]*\.[ch]\) .*/\1/p' doc/code.org)
	[[ $(wc -l <<<"$files") -gt 10 ]]
	for file in $files; do
		[[ -e $file ]] || { echo "no $file"; missing=true; }
	done
	[[ -z ${missing-} ]]
}

@test "each message that vm/guest/cells looks for is in the sources, or is a text of strerror()" {
	# shellcheck disable=SC2016 # sed's own $
	texts=$(sed -n '/^said_of() {/,/^}/s/.*grep -q .\(.*\). \$err; then$/\1/p' vm/guest/cells |
		sed 's/^^\[a-z\]\*: //; s/\\|/\n/g; s/\\\././g')
	[[ $(wc -l <<<"$texts") -ge 12 ]]
	while IFS= read -r text; do
		grep -rqF --include='*.c' "$text" common lessons ||
			grep -qF "$text" <(LC_ALL=C perl -e 'for (1..133) { $! = $_; print "$!\n" }') || {
			echo "no message has '$text'"
			missing=true
		}
	done <<<"$texts"
	[[ -z ${missing-} ]]
}
