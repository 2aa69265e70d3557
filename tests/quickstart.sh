#!/bin/sh
# From nothing to a sent message: installs the packages that are missing (Debian), builds Posthorn into build/, writes a
# letter in Markdown with an attachment and a picture, sends it to a Maildir (no server), then over SMTP to a server that
# it starts itself on loopback. No network is needed but for the packages.
#
# usage: sh tests/quickstart.sh
set -u
cd "$(dirname "$0")/.." || exit 1
top=$(pwd)
build=${QUICKSTART_BUILD:-$top/build}
# shellcheck source=tests/lib/install.sh
. tests/lib/install.sh

fail() {
	printf 'quickstart: %s\n' "$*" >&2
	exit 1
}

sink_pid=
stop_sink() {
	[ -z "$sink_pid" ] || kill "$sink_pid" 2>/dev/null
	remove_policy
}
trap stop_sink EXIT

# shellcheck disable=SC2086
ensure "$top/build.apt.log" $build_packages || fail 'the packages that are needed are not here'
rm -f "$top/build.apt.log"

say "building into $build"
[ -e "$build/build.ninja" ] || meson setup "$build" >"$build.log" 2>&1 || { tail -20 "$build.log"; fail 'meson setup failed'; }
ninja -C "$build" >"$build.log" 2>&1 || { tail -40 "$build.log"; fail 'the build failed'; }
rm -f "$build.log"
posthorn=$build/posthorn

demo=$build/quickstart
rm -rf "$demo"
mkdir -p "$demo" || fail "cannot make $demo"
cd "$demo" || exit 1
# Nobody's own configuration or address has a part in this.
unset POSTHORN_CONFIG EMAIL 2>/dev/null
XDG_CONFIG_HOME=$demo/config XDG_STATE_HOME=$demo/state
export XDG_CONFIG_HOME XDG_STATE_HOME

say 'writing a letter, a table to attach and a picture'
cat >letter.md <<'LETTER'
# Grüße from Posthorn

This is **Markdown**: it became a plain text and an HTML part.

![The horn](cid:horn.png)

* the table is attached
* the picture stands in the text
LETTER
printf 'month,letters\nOctober,12\nNovember,31\n' >letters.csv
base64 -d >horn.png <<'PICTURE'
iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAGUlEQVR4nGP4z8DwnxTMMKphVMOohqGhAQBtBf4B9Y4FdQAAAABJRU5ErkJg
gg==
PICTURE

# send WHAT ARG...: the same letter each time.
send() {
	set -- send --from 'Ann <ann@example.org>' --to 'Bob <bob@example.net>' --subject 'Grüße und Zahlen' \
		--markdown letter.md --attach letters.csv --inline horn.png "$@"
	printf '\n$ posthorn'
	for word in "$@"; do
		case $word in *[!-A-Za-z0-9_./:@=,]*) printf " '%s'" "$word" ;; *) printf ' %s' "$word" ;; esac
	done
	printf '\n'
	"$posthorn" "$@"
}

say 'sending it to a Maildir: no server has a part in this'
send --maildir inbox </dev/null || fail "posthorn send ended with exit code $?"
message=$(find inbox/new -type f | head -1)
[ -n "$message" ] || fail 'no message came into inbox/new'
say "what came there ($message), its header and where its parts begin"
grep -E -i '^(From|To|Subject|Date|Message-ID|MIME-Version|Content-[A-Za-z-]+):|^ ' "$message" | head -40

say 'sending it over SMTP, to a server that this script starts on loopback'
mkdir sink
python3 "$top/tests/lib/smtp_sink.py" port sink </dev/null >sink.log 2>&1 &
sink_pid=$!
tries=0
until [ -s port ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 100 ] || fail 'the server did not start (see sink.log)'
	sleep 0.1
done
send --server "127.0.0.1:$(cat port)" --transcript=transcript.txt </dev/null || fail "posthorn send ended with exit code $?"
[ -s sink/1.eml ] || fail 'the server has no message'
grep -q '^Subject: =?utf-8?' sink/1.eml || fail 'the message has not the subject that was sent'
grep -E '(->|<-) (EHLO|MAIL|RCPT|DATA|[.]$|QUIT|[0-9]{3}[ -])' transcript.txt
say "the server kept it: $demo/sink/1.eml ($(wc -c <sink/1.eml) octets); all that was said is in transcript.txt beside it"

cat <<NEXT

It works. What to try next:

  $posthorn send -h                      the options most used; --help shows all
  $posthorn help                         the other commands
  man -l $build/man/posthorn-send.1

  sh tests/check.sh                      all tests
  sudo meson install -C build            install it, with man pages and completions

NEXT
