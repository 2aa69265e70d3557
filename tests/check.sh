#!/bin/sh
# Everything that can be tested, from nothing: installs what is missing (Debian packages), builds, runs every suite, then
# builds again with AddressSanitizer and UBSan and runs the suites under them. The last line is "N passed, N failed".
#
# usage: sh tests/check.sh [--quick] [--no-install]
#
#	--quick       unit, cli, dialog and lint alone, without sanitizers: under a minute
#	--no-install  what is missing is told, not installed
#
# Build directories: build-check and build-check-asan, or $CHECK_BUILD and $CHECK_BUILD-asan.
set -u
cd "$(dirname "$0")/.." || exit 1
top=$(pwd)
build=${CHECK_BUILD:-$top/build-check}
quick=no install=yes
for arg in "$@"; do
	case $arg in
	--quick) quick=yes ;;
	--no-install) install=no ;;
	-h | --help) sed -n 's/^# \{0,1\}//; 2,11p' "$0" | sed 1,1d; exit 0 ;;
	*) echo "check.sh: unknown option $arg" >&2; exit 64 ;;
	esac
done
exec </dev/null

# shellcheck source=tests/lib/install.sh
. tests/lib/install.sh
build_packages="$build_packages clang"
lint_packages="binutils clang-format shellcheck mandoc man-db cppcheck bash zsh fish"
live_packages="libcurl4 dovecot-core dovecot-lmtpd python3-aiosmtpd nsd unbound ldnsutils opendkim-tools
	python3-dkim python3-nacl python3-authres python3-dnspython libmail-dkim-perl iproute2 zip libgnutls-dane0 libidn12 libnsl2 libpcre2-8-0"
mta_packages="postfix"
other_mta="exim4-daemon-light"

die() { printf 'check.sh: %s\n0 passed, 1 failed\n' "$*"; exit 1; }

install_packages() {
	wanted="$build_packages $lint_packages"
	[ "$quick" = yes ] || wanted="$wanted $live_packages"
	# An MTA that is here already excludes Postfix: then Postfix is unpacked beside the build.
	if [ "$quick" = no ] && { installed postfix || ! dpkg-query -S /usr/sbin/sendmail >/dev/null 2>&1; }; then
		wanted="$wanted $mta_packages"
	else
		other_mta="$other_mta $mta_packages"
	fi
	# shellcheck disable=SC2086
	ensure "$build.apt.log" $wanted || die 'the packages that are needed are not here'
}

# Packages that cannot be installed beside others are unpacked: nothing of them runs but what a test starts.
unpack_packages() {
	[ "$quick" = no ] && [ "$install" = yes ] || return 0
	mkdir -p "$build.unpacked" && cd "$build.unpacked" || return 0
	for package in $other_mta; do
		[ -e ".$package" ] && continue
		say "unpacking $package into $build.unpacked (not installed)"
		if apt-get download -q "$package" >"$build.apt.log" 2>&1; then
			for file in "$package"_*.deb; do
				dpkg -x "$file" "$build.unpacked" && : >".$package"
				rm -f "$file"
			done
		else
			say "$package cannot be downloaded; its tests are left out"
		fi
	done
	cd "$top" || exit 1
}

# configure DIR ARG...: set up or take what is there.
configure() {
	dir=$1
	shift
	if [ -e "$dir/build.ninja" ]; then return 0; fi
	rm -rf "$dir"
	meson setup "$dir" "$@" >"$dir.log" 2>&1 || { tail -30 "$dir.log"; die "meson setup $dir failed"; }
}

compile() {
	ninja -C "$1" >"$1.log" 2>&1 || { grep -E -A5 'error:|FAILED' "$1.log" | head -60; die "the build in $1 failed"; }
	if grep -q 'warning:' "$1.log"; then
		grep -A5 'warning:' "$1.log" | head -40
		die 'warnings are errors here'
	fi
}

# run_suites DIR LABEL SUITE...: what the suites say goes to a log; summary.py counts it.
logs=
run_suites() {
	dir=$1 label=$2
	shift 2
	for suite in "$@"; do
		set -- "$@" --suite "$suite"
		shift
	done
	meson test -C "$dir" --no-rebuild --no-stdsplit --logbase "check-$label" "$@" >"$dir.$label.log" 2>&1 ||
		grep -E 'FAIL|TIMEOUT|ERROR' "$dir.$label.log" | head -30
	logs="$logs $label=$dir/meson-logs/check-$label.json"
}

started=$(date +%s)
install_packages
unpack_packages
PATH=$PATH:/usr/sbin:/sbin
LIVE_UNPACKED=$build.unpacked
export PATH LIVE_UNPACKED

say 'building'
configure "$build" -Dlive=auto
compile "$build"
if [ "$quick" = yes ]; then
	say 'unit, cli, dialog, lint'
	run_suites "$build" quick unit cli dialog lint
else
	say 'unit, cli, dialog, zone, fuzz, lint, live'
	run_suites "$build" plain unit cli dialog zone fuzz lint live
	say 'building with AddressSanitizer and UndefinedBehaviorSanitizer'
	CC=clang configure "$build-asan" -Db_sanitize=address,undefined -Db_lundef=false -Dbuildtype=debug
	compile "$build-asan"
	say 'unit, cli, dialog, zone, fuzz, live under the sanitizers'
	ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
	LSAN_OPTIONS=suppressions=$top/tests/lib/lsan.supp:print_suppressions=0
	export ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS
	run_suites "$build-asan" asan unit cli dialog zone fuzz live
fi

say "$(($(date +%s) - started)) seconds"
# shellcheck disable=SC2086
exec python3 tests/lib/summary.py $logs
