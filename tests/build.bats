#!/usr/bin/env bats
# shellcheck shell=bats
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Test the build under the conditions of other machines: unusual paths, users,
# flags and tools. Test testenv/packages.sh for distributions other than this
# machine's.
#
# lib.bash sets ROOT and other variables, and bats sets status and output.
# shellcheck disable=SC2030,SC2031,SC2154

load lib

# Pack the tree without .git and without objects, like a release tarball.
setup_file() {
	lab_guard
	export TARBALL=$BATS_FILE_TMPDIR/project.tar
	tar -C "$ROOT" -cf "$TARBALL" --exclude=./build --exclude=./.git --exclude=./bench/results \
		--exclude=./exercises/{build,headers,lessons,af_xdp_*,backup*} \
		--exclude=./af_xdp_user --exclude=./af_xdp_kern.o .
	chmod -R a+rX "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR"
}

setup() {
	unset MAKEFLAGS MAKELEVEL MFLAGS WERROR CI
	TREE=$BATS_TEST_TMPDIR/tree
	BIN=$BATS_TEST_TMPDIR/bin
	mkdir "$BIN"
	chmod a+rx "$BATS_TEST_TMPDIR"
}

unpack() { # DIRECTORY
	mkdir -p "$1"
	tar -C "$1" -xf "$TARBALL"
	cd "$1" || return
}

# Make a command in $BIN. With $BIN first in PATH, it replaces the real command.
fake() { # NAME, its script on stdin
	{ echo '#!/bin/bash' && cat; } >"$BIN/$1"
	chmod a+rx "$BIN/$1"
}

as_nobody() { # COMMAND...
	setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent "$@"
}

# --- paths, users, modes ------------------------------------------------------

@test "the build works in a path with blanks and umlauts, with eight jobs" {
	unpack "$BATS_TEST_TMPDIR/über ein Ziel, schön"
	run -0 make -j8 WERROR=1
	[[ $output != *warning* ]]
	[[ $(./af_xdp_user --version) == "af_xdp_user "* ]]
	[[ -s af_xdp_kern.o ]]
}

@test "if the user cannot write into the tree, make prints one line, which advises a copy of the tree" {
	unpack "$TREE"
	run -2 as_nobody make
	echo "$output"
	[[ $(grep -cv '^make: \*\*\*' <<<"$output") -eq 1 ]]
	[[ $output == *"cannot write into the directory build/: copy the tree, and run make in your copy"* ]]
	# The message is the same if root has built the tree before.
	run -0 make
	run -2 as_nobody make
	[[ $output == *"cannot write into the directory build/"* ]]
}

@test "umask 077, and a DESTDIR with blanks: everybody can read the installed files" {
	unpack "$TREE"
	umask 077
	run -0 make install DESTDIR="$BATS_TEST_TMPDIR/a b" PREFIX="/c d"
	cd "$BATS_TEST_TMPDIR/a b/c d"
	[[ $(stat -c %a sbin/af_xdp_user) == 755 ]]
	[[ $(stat -c %a share/man/man8/af_xdp_user.8) == 644 ]]
	[[ $(stat -c %a share/bash-completion/completions/af_xdp_user) == 644 ]]
	[[ $(find . -type f | wc -l) -eq 3 ]]
	make -C "$TREE" uninstall DESTDIR="$BATS_TEST_TMPDIR/a b" PREFIX="/c d"
	[[ -z $(find . -type f) ]]
}

@test "two makes at the same time in one tree: the second one waits" {
	unpack "$TREE"
	make >"$BATS_TEST_TMPDIR/first" 2>&1 3>&- &
	wait_for 5 test -e build/lock
	run -0 make
	wait $!
	[[ $output == *"another make runs in this tree; waiting"* ]]
	[[ $(./af_xdp_user --version) == "af_xdp_user "* ]]
}

@test "if a target runs make, this inner make does not wait for the lock that the outer make holds" {
	unpack "$TREE"
	run -0 timeout 100 make -j2 all fuzz FUZZ_S=1
	[[ $output != *waiting* && $output == *LINK*"seeds"* ]]
}

@test "make lint in an unpacked tarball checks only sources" {
	unpack "$TREE"
	make -s
	git init -q .. # a git repository of another project around the tree
	run -0 make -n lint
	files=$(grep '^clang-format ' <<<"$output")
	[[ $files == *headers/xsk.h* && $files != *build/* ]]
}

# --- root ---------------------------------------------------------------------

@test "make demo and make check use sudo to become root; without sudo, make demo reports that it needs root" {
	unpack "$TREE"
	fake sudo <<<'echo "sudo $*"'
	run -0 as_nobody env PATH="$BIN:$PATH" make demo WERROR=1 CC="gcc -pipe"
	echo "$output"
	[[ $output == sudo\ *make*" demo "* && $output == *WERROR=1* && $output == *"gcc"*"-pipe"* ]]
	run -0 as_nobody env PATH="$BIN:$PATH" WERROR=1 CFLAGS="-O1 -g" make check
	[[ $output == "sudo env CFLAGS=-O1 -g WERROR=1 "*make*" check"* ]]
	# Make links to all tools except sudo.
	for dir in /usr/local/bin /usr/bin /bin /usr/sbin /sbin; do
		for file in "$dir"/*; do
			[[ ${file##*/} == sudo ]] || ln -sf "$file" "$BIN/" 2>/dev/null || true
		done
	done
	rm -f "$BIN/sudo"
	run -2 as_nobody env PATH="$BIN" make demo
	echo "$output"
	[[ ${lines[0]} == "demo: needs root for namespaces, but sudo is not installed: run make demo as root" ]]
}

# --- flags and compilers ------------------------------------------------------

@test "with dpkg-buildflags, -O0 or -O3 -flto there are no warnings, and the program runs" {
	unpack "$TREE"
	flags=(-O0 "-O3 -flto=auto")
	! command -v dpkg-buildflags >/dev/null ||
		flags+=("$(DEB_BUILD_MAINT_OPTIONS=hardening=+all dpkg-buildflags --get CFLAGS)")
	for flag in "${flags[@]}"; do
		run -0 make -j2 WERROR=1 CFLAGS="$flag"
		[[ $output == *LINK* && $output != *warning* ]]
		[[ $(./af_xdp_user --version) == "af_xdp_user "* ]]
	done
}

@test "with BUILD=DIRECTORY nothing is written outside that directory" {
	unpack "$TREE"
	run -0 make BUILD=build/other
	[[ $(build/other/af_xdp_user --version) == "af_xdp_user "* && -s build/other/af_xdp_kern.o ]]
	[[ ! -e af_xdp_user && ! -e af_xdp_kern.o ]]
}

@test "an XDP program has the byte order of the machine for which CC compiles" {
	unpack "$TREE"
	fake big-endian-gcc <<<'echo 4321'
	[[ $(make -n CC="$BIN/big-endian-gcc" af_xdp_kern.o) == *"-target bpfeb "* ]]
	[[ $(make -n af_xdp_kern.o) == *"-target bpfel "* ]]
}

@test "two test runs at the same time in one tree: the second one waits" {
	unpack "$TREE"
	fake slow <<<'sleep 1; printf "1..1\nok 1 - slow\n"'
	tests/run.sh build/logs "$BIN/slow" >"$BATS_TEST_TMPDIR/first" 2>&1 3>&- &
	wait_for 5 test -e build/logs/bin-slow.tap
	run -0 tests/run.sh build/logs "$BIN/slow"
	[[ $output == *"another run is at work in this tree; waiting"*"1 passed, 0 failed, 0 skipped" ]]
	wait $!
}

@test "objects do not depend on the tree's path" {
	unpack "$BATS_TEST_TMPDIR/one"
	make -s -j2
	unpack "$BATS_TEST_TMPDIR/two/deeper"
	make -s -j2
	for file in af_xdp_user af_xdp_kern.o build/common/xdp_prog.o; do
		cmp "$BATS_TEST_TMPDIR/one/$file" "$file"
	done
}

@test "warnings are errors only with WERROR=1 or CI=true; CPPFLAGS are added to the project's flags" {
	unpack "$TREE"
	[[ $(make -n CPPFLAGS=-DMINE) == *"-D_GNU_SOURCE "*"-DMINE "* ]]
	[[ $(make -n) != *-Werror* ]]
	[[ $(make -n WERROR=1) == *-Werror* ]]
	[[ $(CI=true make -n) == *-Werror* ]]
}

@test "make uses the compilers that CC and CLANG name, even if cc and clang in PATH do not work" {
	unpack "$TREE"
	for tool in cc clang; do
		fake "$tool" <<<'exit 1'
	done
	run -2 env PATH="$BIN:/usr/bin:/bin" make CC=cc CLANG=clang
	[[ $output == "missing: cc, clang, "* ]]
	clang=$(readlink -f "$(PATH=/usr/bin:/bin command -v clang)")
	run -0 env PATH="$BIN:/usr/bin:/bin" make CC="$(command -v gcc)" CLANG="$clang"
	[[ $output == *LINK* ]]
}

@test "an XDP program is compiled with libbpf's headers from the directory that pkg-config names" {
	unpack "$TREE"
	mkdir -p "$BATS_TEST_TMPDIR/opt/include/bpf" "$BATS_TEST_TMPDIR/opt/pc"
	cp /usr/include/bpf/*.h "$BATS_TEST_TMPDIR/opt/include/bpf"
	echo '#define FROM_PREFIX 1' >>"$BATS_TEST_TMPDIR/opt/include/bpf/bpf_helpers.h"
	sed "s,^includedir=.*,includedir=$BATS_TEST_TMPDIR/opt/include," \
		"$(pkg-config --variable=pcfiledir libbpf)/libbpf.pc" >"$BATS_TEST_TMPDIR/opt/pc/libbpf.pc"
	printf '#ifndef FROM_PREFIX\n#error not from the prefix\n#endif\n' >>af_xdp_kern.c
	PKG_CONFIG_PATH=$BATS_TEST_TMPDIR/opt/pc make -s af_xdp_kern.o
	run ! make -B af_xdp_kern.o
	[[ $output == *"not from the prefix"* ]]
}

# --- packages.sh --------------------------------------------------------------

# Run packages.sh with a pkg-config that finds no library, so that packages are
# missing.
packages() { # ARGS...
	env PATH="$BIN:$PATH" PKG_CONFIG_LIBDIR=/nonexistent "$ROOT/testenv/packages.sh" "$@"
}

# Replace /etc/os-release. The machine's own file does not change, because this
# test file runs in its own mount namespace.
distribution() { # LINE...
	! mountpoint -q /etc/os-release || umount /etc/os-release
	printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/os-release"
	mount --bind "$BATS_TEST_TMPDIR/os-release" /etc/os-release
}

teardown() {
	! mountpoint -q /etc/os-release || umount /etc/os-release
}

@test "packages.sh prints the install command of Fedora, openSUSE or Arch, and for an unknown distribution Debian's package names" {
	distribution ID=fedora
	run -1 packages build
	echo "$output"
	[[ $output == *"dnf install -y libbpf-devel libcap-ng-devel libseccomp-devel libxdp-devel" ]]
	distribution 'ID="opensuse-tumbleweed"' 'ID_LIKE="opensuse suse"'
	run -1 packages build
	[[ $output == *"zypper --non-interactive install libbpf-devel "* ]]
	distribution ID=manjaro ID_LIKE=arch
	run -1 packages build
	[[ $output == *"pacman -S --needed --noconfirm libbpf libcap-ng libseccomp xdp-tools" ]]
	distribution ID=plan9
	run -1 packages build
	[[ $output == *"Debian's packages: libbpf-dev "* ]]
}

@test "packages.sh --install calls the distribution's package tool, if the tool exists" {
	distribution ID=fedora
	fake dnf <<<"echo \"dnf \$*\" >>'$BATS_TEST_TMPDIR/calls'"
	run -1 packages --install build
	echo "$output"
	[[ $(cat "$BATS_TEST_TMPDIR/calls") == "dnf install -y libbpf-devel libcap-ng-devel libseccomp-devel libxdp-devel" ]]
	rm "$BIN/dnf"
	run -1 packages --install build
	[[ $output == "missing: libbpf.pc, "* && ${#lines[@]} -eq 1 ]]
}

# Simulate packages without a candidate: apt-cache knows only their names.
candidates_of_ubuntu() { # PACKAGE...
	fake apt-cache <<-END
		case \$2 in
		$(IFS='|' && echo "$*")) echo "  Candidate: (none)" ;;
		*) echo "  Candidate: 1.0" ;;
		esac
	END
	fake apt-get <<<"echo \"\$*\" >>'$BATS_TEST_TMPDIR/calls'"
}

@test "packages.sh names the package that has bpftool on Ubuntu, and reports that a release without libxdp is too old" {
	distribution ID=ubuntu ID_LIKE=debian 'PRETTY_NAME="Ubuntu 24.04"'
	candidates_of_ubuntu bpftool
	BPFTOOL=/nonexistent run -1 packages lab
	[[ $output == *" linux-tools-generic"* && ${output#*to install:} != *" bpftool"* ]]
	distribution ID=ubuntu ID_LIKE=debian 'PRETTY_NAME="Ubuntu 22.04"'
	candidates_of_ubuntu libxdp-dev
	run -1 packages --install build
	echo "$output"
	[[ ${#lines[@]} -eq 1 && $output == *"Ubuntu 22.04 is too old and has no libxdp-dev: use Debian 12, Ubuntu 24.04 or newer"* ]]
	[[ $(cat "$BATS_TEST_TMPDIR/calls") != *install* ]]
}

@test "packages.sh: if one tool needs two packages, both are named" {
	distribution ID=debian 'PRETTY_NAME="Debian 12"'
	candidates_of_ubuntu "*,*"
	sed 's/aarch64-linux-gnu-gcc gcc/no-such-compiler gcc/' "$ROOT/testenv/packages.sh" >"$BIN/packages"
	chmod +x "$BIN/packages"
	run -1 env PATH="$BIN:$PATH" "$BIN/packages" vm
	echo "$output"
	[[ $output == *" gcc-aarch64-linux-gnu libc6-dev-arm64-cross"* && $output != *"too old"* ]]
}

@test "packages.sh does not accept a bpftool that cannot make skeletons" {
	# Simulate two programs: Ubuntu's wrapper, which has no bpftool for this
	# kernel, and a bpftool that is too old.
	for script in 'echo "WARNING: bpftool not found for kernel 6.8"; exit 2' \
		'echo "Usage: bpftool gen object OUTPUT_FILE INPUT_FILE"'; do
		fake bpftool <<<"$script"
		found=$(PATH=$BIN:$PATH "$ROOT/testenv/packages.sh" --bpftool)
		[[ $found != "$BIN/bpftool" && -x $found ]]
		run -1 env BPFTOOL="$BIN/bpftool" "$ROOT/testenv/packages.sh" lab
		[[ $output == "missing: a bpftool that can make skeletons ($BIN/bpftool cannot)"* ]]
	done
}

@test "packages.sh knows all groups of packages that the Makefile and CI name" {
	groups=$(grep -hoE '(PACKAGES\)|packages.sh)( --install)?( \$\(if[^)]*\)\),--install\))?( [a-z]+)+' \
		"$ROOT"/{Makefile,.ci/run} | grep -oE '( [a-z]+)+$' | tr ' ' '\n' | sort -u | grep .)
	[[ $(wc -l <<<"$groups") -ge 6 ]]
	for group in $groups; do
		run "$ROOT/testenv/packages.sh" "$group"
		[[ $status -ne 2 ]]
	done
}
