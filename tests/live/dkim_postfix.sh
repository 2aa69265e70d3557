#!/bin/sh
# What we sign still verifies behind a real Postfix: with us, dkimpy and Mail::DKIM.
set -u
# shellcheck source=tests/live/live.sh
. "$(dirname "$0")/live.sh"
live_need postfix postconf openssl python3
live_need_root
live_begin

here=$(cd "$(dirname "$0")" && pwd)
daemons=$(postconf -h -d daemon_directory)
port=$(live_port)
etc=$LIVE_DIR/etc queue=$LIVE_DIR/queue mail=$LIVE_DIR/mail
mkdir -p "$etc" "$queue" "$mail" "$LIVE_DIR/data"
chown postfix "$LIVE_DIR/data"
chown nobody "$mail"
cat >"$etc/main.cf" <<CONF
compatibility_level = 3.6
queue_directory = $queue
data_directory = $LIVE_DIR/data
daemon_directory = $daemons
myhostname = mx.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = $LIVE_DIR/postfix.log
maillog_file_prefixes = $LIVE_DIR
local_header_rewrite_clients =
virtual_mailbox_domains = example.net
virtual_mailbox_base = $mail
virtual_mailbox_maps = inline:{ { bob@example.net = bob/ } }
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
smtpd_recipient_restrictions = reject_unauth_destination
smtpd_client_connection_count_limit = 0
CONF
cat >"$etc/master.cf" <<CONF
127.0.0.1:$port inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
virtual unix - n n - - virtual
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
CONF
for d in active bounce corrupt defer deferred flush hold incoming private saved trace; do
	mkdir -p "$queue/$d" && chown postfix "$queue/$d" && chmod 700 "$queue/$d"
done
mkdir -p "$queue/maildrop" "$queue/public" "$queue/pid"
chown postfix "$queue/maildrop" "$queue/public"
live_run "$LIVE_DIR/master.log" "$daemons/master" -c "$etc" -d
live_await "$port" "$LIVE_DIR/postfix.log"

cd "$LIVE_DIR" || exit 99
mkdir msgs signed
python3 "$here/dkim_messages.py" msgs
"$POSTHORN" dkim-keygen -q -d example.org -s rsa --absolute >zone
"$POSTHORN" dkim-keygen -q -d example.org -s ed --type ed25519 --absolute >>zone
for s in rsa ed; do
	printf '%s._domainkey.example.org %s\n' "$s" "$("$POSTHORN" dkim-keygen -d example.org -s "$s" --public "example.org.$s.pem" --format txt)"
done >records
for pair in relaxed/relaxed relaxed/simple simple/relaxed simple/simple; do
	dir=signed/$(printf '%s' "$pair" | tr / -)
	mkdir -p "$dir"
	live_ask 0 "signed, $pair" "$POSTHORN" dkim-sign -q -d example.org -s rsa -k example.org.rsa.pem -s ed \
		-k example.org.ed.pem -c "$pair" -o "$dir" msgs/*.eml
done
rm signed/simple-*/space_colon.eml # Postfix takes the space before a colon out, which only relaxed forgives

# SMTP octet by octet: what is not CRLF yet becomes it, dots are stuffed.
python3 - "$port" signed/*/*.eml <<'PYTHON'
import re, smtplib, sys
server = smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=60)
server.ehlo("client.example")
for path in sys.argv[2:]:
    octets = open(path, "rb").read()
    octets = octets if b"\r\n" in octets else octets.replace(b"\n", b"\r\n")
    server.sendmail("ann@example.org", ["bob@example.net"], octets, mail_options=["BODY=8BITMIME"])
server.quit()
PYTHON
sent=$(find signed -name '*.eml' | wc -l)
for _ in $(seq 300); do
	[ "$(find "$mail/bob/new" -type f 2>/dev/null | wc -l)" -ge "$sent" ] && break
	sleep 0.1
done
live_ask 0 "all $sent came through" test "$(find "$mail/bob/new" -type f | wc -l)" -eq "$sent"
live_ask 0 'we verify all of them' "$POSTHORN" dkim-verify -q --all --zone zone "$mail"/bob/new/*

peer() { # WHAT COMMAND...: every line begins with "pass"
	live_peer=$1
	shift
	"$@" >peer.out 2>peer.err
	grep -v '^pass ' peer.out >peer.not
	live_ask 0 "$live_peer" test -s peer.out -a ! -s peer.not
	sed 's/^/# /' peer.not peer.err
}
python=/usr/bin/python3
if $python -c 'import dkim, nacl' 2>/dev/null; then
	# it cannot read a space before a colon
	grep -L '^From :' "$mail"/bob/new/* | xargs $python "$here/dkim_peer.py" verify records >dkimpy.out 2>&1
	peer 'dkimpy verifies all of them' cat dkimpy.out
fi
if perl -MMail::DKIM -e 1 2>/dev/null; then
	# it knows no Ed25519: the other signature must be good
	perl "$here/dkim_peer.pl" verify records "$mail"/bob/new/* | sed 's/^pass invalid /pass /; s/^invalid pass /pass /' >perl.out
	peer 'Mail::DKIM verifies all of them (RSA)' cat perl.out
fi
live_done
