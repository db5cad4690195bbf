#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Build the Debian package of HEAD twice, and expect the same bytes. Run
# lintian, and expect no output. Then install the package, and run the program.
# This script installs packages, so run it in a chroot, as make check-distros
# does.

set -eu
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DEBIAN_FRONTEND=noninteractive

# Build the package. The two builds differ in directory, language, time zone and
# umask, which must not change the package.
build() { # DIRECTORY [VARIABLE=VALUE...]
	mkdir -p "$work/$1/source"
	git archive HEAD | tar -x -C "$work/$1/source"
	(cd "$work/$1/source" && env "${@:2}" dpkg-buildpackage -us -uc) \
		>"$work/log" 2>&1 || {
		cat "$work/log"
		return 1
	}
}

# Check lintian's exit status and its output, because the exit status is 0 if
# lintian finds only warnings.
lint() { # FILE
	local tags

	if ! tags=$(lintian --allow-root --display-info --pedantic "$1" 2>&1) || [[ -n $tags ]]; then
		echo "$tags"
		return 1
	fi
}

apt-get -qq install -y --no-install-recommends build-essential lintian >/dev/null
apt-get -qq build-dep -y --no-install-recommends ./ >/dev/null

echo "building"
build one
(umask 027 && build another-place LC_ALL=C TZ=Asia/Kathmandu)
for file in "$work"/one/*.deb; do
	echo "comparing ${file##*/}"
	cmp "$file" "$work/another-place/${file##*/}"
done

echo "lintian"
lint "$work"/one/*.changes

echo "installing"
apt-get -qq install -y --no-install-recommends "$work"/one/af-xdp-user_*.deb >/dev/null
[[ $(command -v af_xdp_user) == /usr/sbin/af_xdp_user ]]
af_xdp_user --version
ls /usr/share/man/man8/af_xdp_user.8.gz \
	/usr/share/bash-completion/completions/af_xdp_user
echo "ok"
