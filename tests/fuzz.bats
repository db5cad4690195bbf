#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test the fuzzer of headers/icmp6_echo.h and common/sample.c. With a fixed
# random seed, the fuzzer finds no fault in these two files. With the same seed
# it finds each fault that a test puts into a copy of a file.
#
# bats sets status and output.
# shellcheck disable=SC2154

load lib

readonly RULES=headers/icmp6_echo.h

setup_file() {
	[[ -x $ROOT/build/fuzz/icmp6_echo ]] || skip "build/fuzz/icmp6_echo is not built: make fuzz-program"
}

setup() {
	cd "$ROOT" || return
	WORK=$BATS_TEST_TMPDIR
}

teardown() {
	: # these tests have no lab to check
}

# Without -reload=0, libFuzzer reads found/ again each second. Then its packets
# depend on the machine's speed.
fuzz() { # FUZZER
	run tests/fuzz/run.sh "$1" -seed=1 -runs=200000 -reload=0
}

# A mutant, which is a source file with a fault, may write through an
# uninitialised pointer, and so damage the fuzzer's report. Let the compiler
# initialise such pointers with a value that is not a valid address.
readonly UNSET=-ftrivial-auto-var-init=pattern

# Check that the fuzzer finds the fault in the changed file within 200,000 runs.
assert_found() { # NAME
	$CLANG -D_GNU_SOURCE -I"$WORK" -I. -std=gnu11 -w $UNSET \
		-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-o "$WORK/fuzzer" tests/fuzz/icmp6_echo.c
	rm -rf "$WORK/found"
	fuzz "$WORK/fuzzer"
	MUTANTS=$((MUTANTS + 1))
	[[ $status -eq 1 && $output == *"to repeat the failure: "* ]] || MISSED+=("$1")
}

@test "the fuzzer finds no fault with 54 seeds and with 200,000 packets made from them" {
	cp build/fuzz/icmp6_echo "$WORK/fuzzer"
	fuzz "$WORK/fuzzer"
	echo "$output"
	[[ $status -eq 0 ]]
	[[ $output == "54 seeds"*"Done 200000 runs in "* ]]
}

@test "if the fuzzer finds a fault, it ends with status 1 and prints the packet and a command that repeats the fault" {
	mkdir "$WORK/headers"
	sed 's/^\(#define ICMP6_ECHO_HOP_LIMIT\) 64/\1 63/' $RULES >"$WORK/$RULES"
	assert_found "hop limit"
	echo "$output"
	[[ $status -eq 1 && ${#MISSED[@]} -eq 0 ]]
	[[ $output == *"icmp6_echo_reply() returned "*"expected: "*"got: "*"add the packet to tests/fuzz/seeds:"*"02 ca fe 00"* ]]
	[[ $output =~ to\ repeat\ the\ failure:\ ([^[:space:]]+)\ ([^[:space:]]+) ]]
	[[ -s ${BASH_REMATCH[2]} ]]
	run "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
	[[ $status -ne 0 && $output == *"icmp6_echo_reply() returned "* ]]
}

@test "if any one rule of headers/icmp6_echo.h is broken, the fuzzer finds the fault" {
	mkdir "$WORK/headers"
	MUTANTS=0
	MISSED=()
	while IFS='|' read -r name edit; do
		sed -E "$edit" $RULES >"$WORK/$RULES"
		refute cmp -s $RULES "$WORK/$RULES"
		assert_found "$name"
	done < <(broken_rules)
	for patch in tests/mutants/*.patch; do
		grep -q "^+++ b/$RULES" "$patch" || continue
		# This mutant breaks no rule: it ends the fuzzer's process.
		[[ $patch != */ends-the-check.patch ]] || continue
		cp $RULES "$WORK/$RULES"
		patch -s -p1 -F0 --no-backup-if-mismatch -d "$WORK" <"$patch"
		assert_found "$patch"
	done
	echo "$MUTANTS mutants; not found: ${MISSED[*]-none}"
	[[ $MUTANTS -ge 50 && ${#MISSED[@]} -eq 0 ]]
}

# List the rules of the header, each with a sed command that breaks the rule.
broken_rules() {
	cat <<-'EOF'
	Ethernet header's bound|/^\tif \(data \+ head > data_end\)/,+1d
	Ethernet header's bound, by one|s/^(\tif \(data \+ head) > data_end/\1 - 1 > data_end/
	other EtherTypes|s/i == ICMP6_ECHO_VLAN_TAGS \|\| !icmp6_echo_is_vlan\(proto\)/i == ICMP6_ECHO_VLAN_TAGS/
	no tag|s/^(#define ICMP6_ECHO_VLAN_TAGS) 2/\1 0/
	one tag|s/^(#define ICMP6_ECHO_VLAN_TAGS) 2/\1 1/
	three tags|s/^(#define ICMP6_ECHO_VLAN_TAGS) 2/\1 3/
	802.1Q|s/ETH_P_8021Q\)/ETH_P_8021AH)/
	802.1ad|s/ETH_P_8021AD/ETH_P_8021AH/
	a tag's bound|/^\t\tif \(data \+ head > data_end\)/,+1d
	a tag's bound, by one|s/^(\t\tif \(data \+ head) > data_end/\1 - 1 > data_end/
	a tag's bound, strict|s/^(\t\tif \(data \+ head) > data_end/\1 >= data_end/
	IPv6 header's bound|/head \+= ICMP6_ECHO_IPV6_LEN/,+2{/if|return/d}
	IPv6 header's bound, by one|/head \+= ICMP6_ECHO_IPV6_LEN/,+1s/head > data_end/head - 1 > data_end/
	version|s/e->version >> 4 != 6/0/
	version, one bit|s/e->version >> 4 != 6/!(e->version \& 0x40)/
	next header|s/e->next_header != ICMP6_ECHO_ICMPV6/icmp6_echo_is_extension(e->next_header)/
	next header, ICMP's|s/^(#define ICMP6_ECHO_ICMPV6) +58/\1 1/
	extension headers|s/icmp6_echo_is_extension\(e->next_header\)$/0/
	every next header is an extension header|s/icmp6_echo_is_extension\(e->next_header\)$/1/
	hop-by-hop options|/case 0:/d
	routing|/case 43:/d
	fragment|/case 44:/d
	encapsulation|/case 50:/d
	authentication|/case 51:/d
	destination options|/case 60:/d
	mobility|/case 135:/d
	host identity|/case 139:/d
	shim6|/case 140:/d
	least length|s/len < ICMP6_ECHO_ICMPV6_LEN \|\|/0 \|\|/
	least length, by one|s/len < ICMP6_ECHO_ICMPV6_LEN/len < ICMP6_ECHO_ICMPV6_LEN - 1/
	least length, strict|s/len < ICMP6_ECHO_ICMPV6_LEN/len <= ICMP6_ECHO_ICMPV6_LEN/
	payload's bound|s/data \+ head \+ len > data_end/0/
	payload's bound, by one|s/data \+ head \+ len > data_end/data + head + len - 1 > data_end/
	payload's bound, strict|s/data \+ head \+ len > data_end/data + head + len >= data_end/
	payload length's byte order|s/ICMP6_ECHO_BE16\(e->payload_len\)/e->payload_len/
	type|s/e->type != ICMP6_ECHO_REQUEST/0/
	type, one bit|s/e->type != ICMP6_ECHO_REQUEST/!(e->type \& 0x80)/
	code|s/e->type != ICMP6_ECHO_REQUEST/e->type != ICMP6_ECHO_REQUEST || e->code/
	group's MAC, destination|s/eth->h_dest\[0\] \| eth->h_source\[0\]/eth->h_source[0]/
	group's MAC, source|s/eth->h_dest\[0\] \| eth->h_source\[0\]/eth->h_dest[0]/
	group, local bit|s/eth->h_source\[0\]\) & 1/eth->h_source[0]) \& 3/
	source|s/icmp6_echo_is_no_host\(&e->source\)/0/
	destination|s/icmp6_echo_is_no_host\(&e->destination\)/0/
	groups|/^\tif \(b\[0\]\)/,+1d
	groups, too many|s/b\[0\] != 0xff/b[0] < 0xfe/
	near-zero addresses|/if \(b\[1\] \| b\[2\]/,+1d
	near-zero addresses, a byte|s/ \| b\[9\]\)/)/
	IPv4-mapped|s/b\[10\] == 0xff && b\[11\] == 0xff/0/
	IPv4-mapped, half|s/b\[10\] == 0xff && b\[11\] == 0xff/b[11] == 0xff/
	unspecified|s/b\[15\] <= 1/b[15] == 1/
	loopback|s/b\[15\] <= 1/b[15] == 0/
	::2|s/b\[15\] <= 1/b[15] <= 2/
	::1:1|s/b\[12\] \| b\[13\] \| b\[14\]/b[12] | b[13]/
	MACs|/icmp6_echo_swap\(eth->h_dest/d
	MACs, five bytes|s/ETH_ALEN\);/5);/
	addresses|/icmp6_echo_swap\(&e->source/d
	swap, one way|/__builtin_memcpy\(a, b, len\)/d
	hop limit|s/^(#define ICMP6_ECHO_HOP_LIMIT) 64/\1 255/
	type of a reply|s/e->type = ICMP6_ECHO_REPLY/e->type = 130/
	checksum|/sum \+= \(__u16\)~old/d
	checksum, first fold|0,/sum = \(sum & 0xffff\) \+ \(sum >> 16\);/{//d}
	checksum, both folds|/sum = \(sum & 0xffff\) \+ \(sum >> 16\);/d
	checksum, complement|s/return \(__be16\)~sum/return (__be16)sum/
	length of a reply|s/return \(int\)\(head \+ len\)/return (int)((char *)data_end - (char *)data)/
	length of a reply, by one|s/return \(int\)\(head \+ len\)/return (int)(head + len - 1)/
	a write before the last check|s/^(\thead \+= ICMP6_ECHO_IPV6_LEN;)/\1 if (data + head <= data_end) e->hop_limit = 64;/
	a write after the packet's end|s/^\t\t(icmp6_echo_rewrite\(data, request\));/\t\t\1, ((char *)data)[len] = 0;/
	a write in front of the packet|s/^\t\t(icmp6_echo_rewrite\(data, request\));/\t\t\1, ((char *)data)[-1] = 0;/
	traffic class and flow label|s/^(\te->hop_limit = )/\te->class_and_flow[0] = 0;\n\1/
	EOF
}

@test "if sample_is_wrong() reads beyond a packet or judges an answer wrongly, the fuzzer finds the fault" {
	mkdir "$WORK/common"
	MUTANTS=0
	MISSED=()
	while IFS='|' read -r name edit; do
		sed -E "$edit" common/sample.c >"$WORK/common/sample.c"
		refute cmp -s common/sample.c "$WORK/common/sample.c"
		assert_found "$name"
	done <<-'END'
		no IPv6 header|s/\|\| len - at <= sizeof\(ip\)//
		the tag is cut off|s/while \(at <= len\)/while (at <= len + TAG_SIZE)/
		the type is cut off|s/len - at <= sizeof/len - at < sizeof/
		the payload is cut off|s/size > len - at - sizeof\(ip\) \|\|//
		one byte more|s/size > len - at/size - 1 > len - at/
		an odd byte|s/return len % 2 \?.*: sum/return sum/
		the carry|s/while \(sum >> 16\)/if (0)/
		the length|s/sum \+ size, /sum, /
		one address|s/saddr, 32/saddr, 16/
		all is right|s/return sum != 0xffff/return false/
		all is wrong|s/return sum != 0xffff/return true/
	END
	echo "$MUTANTS mutants; not found: ${MISSED[*]-none}"
	[[ $MUTANTS -eq 11 && ${#MISSED[@]} -eq 0 ]]
}
