#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Check that --usage, the man page, doc/options.org and the completion for bash
# have the same options as --help. Check that command lines in the .org files,
# the man page, af_xdp_user.c and af_xdp_kern.c have no other options.
#
# These shellcheck warnings are off because bats sets or reads some variables of
# this file, and each test runs in a subshell. Text in single quotes is for
# another shell.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2153,SC2154

bats_require_minimum_version 1.5.0

setup() {
	ROOT=$(readlink -f "$BATS_TEST_DIRNAME/..")
	PROGRAM=${AF_XDP_USER:-$ROOT/af_xdp_user}
	[[ $PROGRAM == /* ]] || PROGRAM=$ROOT/$PROGRAM
	MANUAL=$ROOT/af_xdp_user.8
	TABLE=$ROOT/doc/options.org
	COMPLETION=$ROOT/completions/af_xdp_user
	[[ -x $PROGRAM ]] || skip "$PROGRAM is not built"
	in_help >"$BATS_TEST_TMPDIR/help"
	[[ -s $BATS_TEST_TMPDIR/help ]]
}

# Print only the options at the beginning of each line, because the text after
# them may mention other options.
leading_options() {
	grep -oE '^ *(--?[A-Za-z][a-z-]*([= ][A-Z]+)?(, *)?)+' |
		grep -oE -- '--?[A-Za-z][a-z-]*' | sort -u
}

in_help() {
	"$PROGRAM" --help | leading_options
}

manual_text() {
	groff -man -Tascii -P-c -P-b -P-o -P-u -rLL=200n "$MANUAL"
}

in_manual() {
	manual_text | sed -n '/^OPTIONS/,/^[A-Z]/{/^ /p}' | leading_options
}

# Print the options in the first column of the table in doc/options.org.
in_table() {
	sed -n 's/^| \(~-[^|]*\)|.*/\1/p' "$TABLE" | tr -d '~' | leading_options
}

# Print the options that command lines in FILE give to af_xdp_user. Leave out
# options of a command after a pipe.
in_commands() { # FILE
	sed 's/\\-/-/g' "$1" | grep -E '(^|[ =~/$])af_xdp_user +-' |
		sed -E 's/.*af_xdp_user +(-.*)/\1/; s/(--[a-z-]+)=[^ =~]*/\1/g; s/[|;&>=~)].*//' |
		grep -oE -- '(^| )--?[A-Za-z][a-z-]*' | tr -d ' ' | sort -u
}

# Print the completions that bash offers for the last word.
completed() { # WORD...
	env -u BASH_ENV bash -c '
		compopt() { :; }
		. "$0"
		COMP_WORDS=(af_xdp_user "$@")
		COMP_CWORD=$#
		_af_xdp_user
		((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"' \
		"$COMPLETION" "$@"
}

# Check a list of options against --help. Print the options that are only in the
# list or only in --help.
assert_same_as_help() { # OPTIONS-FILE NAME
	local missing superfluous

	missing=$(comm -23 "$BATS_TEST_TMPDIR/help" "$1" | paste -sd' ')
	superfluous=$(comm -13 "$BATS_TEST_TMPDIR/help" "$1" | paste -sd' ')
	[[ -z $missing ]] || echo "$2 lacks options of --help: $missing"
	[[ -z $superfluous ]] || echo "$2 has options that --help lacks: $superfluous"
	[[ -z $missing && -z $superfluous ]]
}

@test "--help lists the most important options, and a long form for each short option" {
	for option in -d --dev -Q --queue --filename --progname --set -A -N -S -F --force \
		-c --copy -z --zero-copy -p --rxdrop --interval --duration -q -v -h -V; do
		grep -qxe "$option" "$BATS_TEST_TMPDIR/help" || {
			echo "missing: $option"
			return 1
		}
	done
	# Each short option is on the same line as its long form.
	run ! grep -E '^ +-[A-Za-z]( |$)' <("$PROGRAM" --help)
}

@test "the parser accepts each option that --help lists" {
	while read -r option; do
		run "$PROGRAM" "$option=1"
		[[ $output != *"unrecognized option"* ]]
		run "$PROGRAM" "$option"
		[[ $output != *"unrecognized option"* && $output != *"invalid option"* ]]
	done <"$BATS_TEST_TMPDIR/help"
	run "$PROGRAM" --surely-not
	[[ $output == *"unrecognized option"* ]]
}

@test "--usage lists the same options as --help" {
	"$PROGRAM" --usage >"$BATS_TEST_TMPDIR/text"
	# [-BcpzAFNSqvhV] stands for all short options without a value.
	{
		grep -oE -- '--[a-z-]+' "$BATS_TEST_TMPDIR/text"
		grep -oE -- '\[-[A-Za-z]+' "$BATS_TEST_TMPDIR/text" | tr -d '[-' | grep -o . | sed 's/^/-/'
	} | sort -u >"$BATS_TEST_TMPDIR/usage"
	assert_same_as_help "$BATS_TEST_TMPDIR/usage" --usage
}

@test "the man page lists the same options as --help" {
	command -v groff >/dev/null || skip "no groff here"
	[[ -e $MANUAL ]]
	in_manual >"$BATS_TEST_TMPDIR/manual"
	assert_same_as_help "$BATS_TEST_TMPDIR/manual" "the man page"
}

@test "doc/options.org lists the same options as --help" {
	[[ -e $TABLE ]]
	in_table >"$BATS_TEST_TMPDIR/table"
	assert_same_as_help "$BATS_TEST_TMPDIR/table" doc/options.org
}

@test "the completion offers the options of --help, and appends = to an option that takes a value" {
	completed - | tr -d = | sort -u >"$BATS_TEST_TMPDIR/completion"
	assert_same_as_help "$BATS_TEST_TMPDIR/completion" "the completion"
	diff <(completed -- | grep '=' | sort) \
		<("$PROGRAM" --help | grep -oE -- '^ .*--[a-z-]+=' | grep -oE -- '--[a-z-]+=' | sort)
}

@test "the completion offers devices for --dev, files for --filename, and nothing for an option that takes a number" {
	cd "$BATS_TEST_TMPDIR"
	touch one.o
	mkdir lo
	[[ $(completed -d lo) == lo ]]
	[[ $(completed --dev = lo) == lo ]]
	diff <(completed --dev = | sort) <(cd /sys/class/net && printf '%s\n' */ | tr -d / | sort)
	[[ $(completed --filename = on) == one.o ]]
	[[ $(completed --filename on) == one.o ]]
	[[ -z $(completed -Q "") && -z $(completed --interval =) ]]
	[[ $(completed -d lo --rxd) == --rxdrop ]]
}

@test "command lines in the texts, the man page and the program's sources have only options that --help lists" {
	for file in "$ROOT"/*.org "$ROOT"/*/*.org "$MANUAL" "$ROOT"/*.c; do
		[[ -e $file ]]
		unknown=$(comm -13 "$BATS_TEST_TMPDIR/help" <(in_commands "$file") | paste -sd' ')
		[[ -z $unknown ]] || {
			echo "${file##*/}: $unknown"
			return 1
		}
	done
	# Check that in_commands finds a known option, because otherwise this
	# test would prove nothing.
	in_commands "$ROOT/af_xdp_kern.c" | grep -qx -e --filename
}
