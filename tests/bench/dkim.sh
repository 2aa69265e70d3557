#!/bin/sh
# DKIM against its peers, in one run: cpu time of whole processes (user + system), medians, as ratios. Needs the program
# in $POSTHORN; peers that are not installed are left out.
#
#	POSTHORN=build/posthorn sh tests/bench/dkim.sh
set -eu
: "${POSTHORN:?the program under test}"
case $POSTHORN in /*) ;; *) POSTHORN=$PWD/$POSTHORN ;; esac
dir=$(mktemp -d "${TMPDIR:-/tmp}/posthorn-bench.XXXXXX")
trap 'cd / && rm -rf "$dir"' EXIT
cd "$dir"

# cpu COUNT COMMAND...: median cpu milliseconds.
cpu() {
	python3 - "$@" <<'PY'
import resource, statistics, subprocess, sys
def spent():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
times = []
for _ in range(int(sys.argv[1])):
    before = spent()
    subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=False)
    times.append(spent() - before)
print("%.2f" % (statistics.median(times) * 1000))
PY
}
row() { # WHAT GOT BASE LIMIT
	python3 -c 'import sys
what, got, base, limit = sys.argv[1], *map(float, sys.argv[2:5])
print("%-58s %7.2f ms  %5.2f x  (wanted: at most %.2f)  %s" % (what, got, got / base, limit, "ok" if got / base <= limit else "MISSED"))' "$@"
}
peak() { # COMMAND...: peak memory in kB (GNU time; a child of a large process would inherit its peak)
	/usr/bin/time -f %M -o peak.out "$@" >/dev/null 2>&1 && cat peak.out || echo '?'
}

"$POSTHORN" dkim-keygen -q -d example.org -s rsa --absolute >zone
"$POSTHORN" dkim-keygen -q -d example.org -s ed --type ed25519 --absolute >>zone
python3 - <<'PY'
import base64, os
head = b"From: a@example.org\r\nTo: b@example.net\r\nSubject: bench\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700\r\n\r\n"
open("10m.eml", "wb").write(head + base64.encodebytes(os.urandom(7750000)).replace(b"\n", b"\r\n"))
open("4k.eml", "wb").write(head + b"The quick brown fox jumps over the lazy dog and goes home.\r\n" * 65)
PY
rsa='-s rsa -k example.org.rsa.pem' ed='-s ed -k example.org.ed.pem'
# shellcheck disable=SC2086
{
	"$POSTHORN" dkim-sign $rsa 10m.eml >10m.signed
	base=$(cpu 15 openssl dgst -sha256 10m.eml)
	one=$(cpu 15 "$POSTHORN" dkim-sign $rsa 10m.eml)
	row 'sign 10 MB against openssl dgst -sha256' "$one" "$base" 1.4
	row 'verify 10 MB against openssl dgst -sha256' "$(cpu 15 "$POSTHORN" dkim-verify --zone zone 10m.signed)" "$base" 1.4
	row 'RSA and Ed25519 against RSA alone, 10 MB' "$(cpu 15 "$POSTHORN" dkim-sign $rsa $ed 10m.eml)" "$one" 1.2
	printf 'peak memory at 10 MB: sign %s kB, verify %s kB (wanted: at most 8192)\n' \
		"$(peak "$POSTHORN" dkim-sign $rsa 10m.eml)" "$(peak "$POSTHORN" dkim-verify --zone zone 10m.signed)"
	testmsg=$(command -v opendkim-testmsg || echo /usr/sbin/opendkim-testmsg)
	if [ -x "$testmsg" ]; then
		small=$(cpu 31 sh -c "$testmsg -d example.org -s rsa -k example.org.rsa.pem <4k.eml")
		large=$(cpu 9 sh -c "$testmsg -d example.org -s rsa -k example.org.rsa.pem <10m.eml")
		row 'sign 4 KB against opendkim-testmsg (its SHA-1)' \
			"$(cpu 31 sh -c "\"$POSTHORN\" dkim-sign $rsa <4k.eml")" "$small" 0.75
		row 'sign 10 MB against opendkim-testmsg' "$one" "$large" 0.3
	fi
	if /usr/bin/python3 -c 'import dkim' 2>/dev/null; then
		openssl rsa -in example.org.rsa.pem -traditional -out pkcs1.pem 2>/dev/null
		row 'sign 4 KB against dkimsign (dkimpy)' "$(cpu 15 "$POSTHORN" dkim-sign $rsa 4k.eml)" \
			"$(cpu 5 sh -c '/usr/bin/dkimsign rsa example.org pkcs1.pem <4k.eml')" 0.2
	fi
	mkdir in
	i=0
	while [ $i -lt 2000 ]; do cp 4k.eml in/$i && i=$((i + 1)); done
	many=$(cpu 3 sh -c "\"$POSTHORN\" dkim-sign $rsa -o \"\$(mktemp -d ./out.XXXXXX)\" in/*")
	per=$(openssl speed -seconds 2 rsa2048 2>/dev/null | awk '/^rsa 2048/ { print 2000 * 1000 * $4 }')
	row '2000 files of 4 KB, RSA, against openssl speed' "$many" "$per" 1.18
	printf '2000 files of 4 KB, Ed25519: %s ms of cpu\n' "$(cpu 3 sh -c "\"$POSTHORN\" dkim-sign $ed -o \"\$(mktemp -d ./out.XXXXXX)\" in/*")"
}
