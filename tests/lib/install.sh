# Installing Debian packages carefully, for check.sh and quickstart.sh: says what it will install, removes nothing
# (--no-remove), starts no service (policy-rc.d says no, unless the machine has its own).
# shellcheck shell=sh

# What a build needs.
# shellcheck disable=SC2034 # used where this is read
build_packages="gcc meson ninja-build pkg-config python3 git scdoc libssl-dev libldns-dev libcmark-dev libsqlite3-dev
	libidn2-dev libgsasl-dev libexpat1-dev zlib1g-dev libminizip-dev libjansson-dev libconfuse-dev libcurl4-openssl-dev
	libpq-dev libseccomp-dev ca-certificates openssl"

say() { printf '== %s\n' "$*"; }

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing() {
	for package in "$@"; do
		installed "$package" || printf '%s ' "$package"
	done
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

policy=/usr/sbin/policy-rc.d policy_is_ours=no
remove_policy() {
	[ "$policy_is_ours" = no ] || as_root rm -f "$policy"
	policy_is_ours=no
}
trap remove_policy EXIT
trap 'exit 1' HUP INT TERM

apt_install() { # "PACKAGE ..." LOG
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' | as_root sh -c "cat >$policy && chmod 755 $policy" && policy_is_ours=yes
	fi
	echo 'postfix postfix/main_mailer_type select No configuration' | as_root debconf-set-selections 2>/dev/null
	# shellcheck disable=SC2086 # a list of words
	as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -q --no-remove --no-install-recommends \
		$1 >"$2" 2>&1 </dev/null
	code=$?
	remove_policy
	return $code
}

# ensure LOG PACKAGE...: install what is missing of them; false, with the reason said, when that cannot be done.
ensure() {
	log=$1
	shift
	command -v dpkg-query >/dev/null 2>&1 || { say 'this is not Debian: taking what is installed'; return 0; }
	lacking=$(missing "$@")
	if [ -z "$lacking" ]; then
		say 'nothing to install'
		return 0
	fi
	if [ "${install:-yes}" != yes ]; then
		say "missing packages: $lacking"
		return 1
	fi
	say "installing with apt-get (no service is started, nothing is removed): $lacking"
	if [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
		say "installing needs root; run: sudo apt-get install --no-remove --no-install-recommends $lacking"
		return 1
	fi
	as_root apt-get update -q >"$log" 2>&1 </dev/null || say 'apt-get update failed; trying with the lists that are here'
	apt_install "$lacking" "$log" || { tail -20 "$log"; say 'apt-get install failed'; return 1; }
}
