#!/bin/sh
# Against aiosmtpd: neither PIPELINING nor CHUNKING, SMTPUTF8, AUTH, what it keeps compared octet by octet.
set -u
here=$(dirname "$0")
# shellcheck source=tests/live/live.sh
. "$here/live.sh"
live_need python3
/usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || { echo "1..0 # SKIP no aiosmtpd here"; exit 0; }
live_begin

serve() { # MODE: at $port, keeps in $kept
	port=$(live_port) kept=$LIVE_DIR/kept.$1
	mkdir "$kept"
	live_run "$LIVE_DIR/server.log" /usr/bin/python3 "$here/smtp_aiosmtpd.py" "$port" "$kept" "$1"
	live_await "$port" "$LIVE_DIR/server.log"
}

send() { # WANT WHAT ARGUMENT...
	want=$1 what=$2
	shift 2
	live_ask "$want" "$what" "$POSTHORN" send --config /dev/null --server "127.0.0.1:$port" --timeout 20 --json "$@"
}

python3 - "$LIVE_DIR/message" <<'PYTHON'
import sys
lines = ["X-First: begins here", "From: ann@example.org", "To: bob@example.net", "Date: Sat, 21 Nov 2026 20:00:00 +0000",
         "Message-ID: <octets@example.org>", ""] + ["." * n for n in range(1, 200)] + ["x" * 998, "", "."]
open(sys.argv[1], "wb").write("".join(line + "\r\n" for line in lines).encode())
PYTHON

serve utf8
send 0 'lockstep' -f ann@example.org --raw "$LIVE_DIR/message" bob@example.net
live_same 'kept as it was meant' "$LIVE_DIR/message" "$kept/1"
send 0 'an address that needs SMTPUTF8' -r ann@example.org --body hello "$(printf 'j\303\266rg@example.net')"
live_has 'SMTPUTF8 was asked for' SMTPUTF8 "$kept/envelope"
send 1 'one of three refused' -r ann@example.org --body hello a@example.net nobody@example.net c@example.net
printf 's3cret\n' >"$LIVE_DIR/password"
chmod 600 "$LIVE_DIR/password"
send 0 'AUTH on loopback' --tls=none -u ann --password-file "$LIVE_DIR/password" -r ann@example.org --body hello bob@example.net
printf 'wrong\n' >"$LIVE_DIR/password"
send 77 'a wrong password' --tls=none -u ann --password-file "$LIVE_DIR/password" -r ann@example.org --body hello bob@example.net
head -c 5000000 /dev/urandom >"$LIVE_DIR/attachment"
send 0 'an attachment of 5 MB' -r ann@example.org --body hello -a "$LIVE_DIR/attachment" bob@example.net
python3 - "$kept" "$LIVE_DIR/attachment" <<'PYTHON'
import email, email.policy, os, sys
last = max((int(n) for n in os.listdir(sys.argv[1]) if n.isdigit()))
message = email.message_from_bytes(open(os.path.join(sys.argv[1], str(last)), "rb").read(), policy=email.policy.SMTP)
part = next(message.iter_attachments())
sys.exit(part.get_payload(decode=True) != open(sys.argv[2], "rb").read())
PYTHON
live_case 'the attachment arrived' $?

serve ascii
send 69 'SMTPUTF8 is needed and not offered' -r ann@example.org --body hello "$(printf 'j\303\266rg@example.net')"
live_has 'SMTPUTF8 is needed: 5.6.7' '"enhanced":"5.6.7"' "$LIVE_DIR/out"
live_done
