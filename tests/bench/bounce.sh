#!/bin/sh
# bounce-parse beside Sisimai (libsisimai-perl) and flufl.bounce (python3-flufl.bounce) on the collected bounces: as
# separate files and as one mbox of 100 times all of them; processor time of whole processes.
#
#	POSTHORN=build/posthorn sh tests/bench/bounce.sh MESSAGES...     (default: ../shared/bounces/*/messages/*)
set -eu
: "${POSTHORN:?the program under test}"
case $POSTHORN in /*) ;; *) POSTHORN=$PWD/$POSTHORN ;; esac
[ $# -gt 0 ] || set -- "$PWD"/../shared/bounces/*/messages/*
[ -f "$1" ] || { echo 'no messages named, and none beside the project'; exit 77; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/posthorn-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/mails"
cp "$@" "$dir/mails"

# spent NAME MESSAGES COMMAND...: seconds of user and system time, and messages a second; ratio to the first.
first=
spent() {
	name=$1 messages=$2
	shift 2
	seconds=$(python3 -c '
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print("%.3f %d" % (used.ru_utime + used.ru_stime, used.ru_maxrss))' "$@")
	: "${first:=$seconds}"
	echo "$name $messages $seconds $first" |
		awk '{ printf "%-24s %7d messages %8.3f s %9.0f a second %7.1f MB  %6.1f x\n", $1, $2, $3, $2 / $3, $4 / 1024, $3 / $5 }'
}

count=$(find "$dir/mails" -type f | wc -l)
python3 - "$dir" <<'PY'
import glob, sys
messages = []
for path in sorted(glob.glob(sys.argv[1] + "/mails/*")):
    text = open(path, "rb").read().replace(b"\r\n", b"\n")
    if text.startswith(b"From "):
        text = text.split(b"\n", 1)[-1]
    messages.append(b"From MAILER-DAEMON Sat Nov 21 20:00:00 2026\n" + text.replace(b"\nFrom ", b"\n>From ").rstrip(b"\n") + b"\n\n")
with open(sys.argv[1] + "/mbox", "wb") as out:
    for _ in range(100):
        out.write(b"".join(messages))
PY
spent posthorn-files "$count" "$POSTHORN" bounce-parse --json "$dir/mails"
# shellcheck disable=SC2016 # Perl's own
perl -MSisimai -e 1 2>/dev/null &&
	spent sisimai-files "$count" perl -MSisimai -e 'print scalar @{ Sisimai->make($ARGV[0], delivered => 1) }' "$dir/mails"
/usr/bin/python3 -c 'import flufl.bounce' 2>/dev/null &&
	spent flufl-files "$count" /usr/bin/python3 -c '
import email, glob, sys
from flufl.bounce import all_failures
for path in glob.glob(sys.argv[1] + "/*"):
    try:
        all_failures(email.message_from_binary_file(open(path, "rb")))
    except Exception:
        pass' "$dir/mails"
first=
spent posthorn-mbox $((count * 100)) "$POSTHORN" bounce-parse --json "$dir/mbox"
spent posthorn-mbox-2-jobs $((count * 100)) "$POSTHORN" bounce-parse --json --jobs 2 "$dir/mbox"
