#!/bin/sh
# Against a real Postfix, strict: bare LF and early pipelining refused, recipient limit, STARTTLS with a CA of ours, login
# through Dovecot. What it stores must be the octets that were meant.
set -u
# shellcheck source=tests/live/live.sh
. "$(dirname "$0")/live.sh"
live_need postfix postconf openssl python3
live_need_root
live_begin
live_certificates

daemons=$(postconf -h -d daemon_directory)
port=$(live_port)
tls_port=$(live_port)
sasl=no
etc=$LIVE_DIR/etc queue=$LIVE_DIR/queue mail=$LIVE_DIR/mail
mkdir -p "$etc" "$queue" "$mail" "$LIVE_DIR/data"
chown postfix "$LIVE_DIR/data"
chown nobody "$mail"

# Dovecot only for its passwords.
if command -v dovecot >/dev/null 2>&1; then
	sasl=yes
	mkdir -p "$LIVE_DIR/dovecot"
	printf 'ann:{PLAIN}s3cret\n' >"$LIVE_DIR/users"
	cat >"$LIVE_DIR/dovecot.conf" <<CONF
base_dir = $LIVE_DIR/dovecot
log_path = $LIVE_DIR/dovecot.log
protocols =
ssl = no
auth_mechanisms = plain login scram-sha-256 scram-sha-1
disable_plaintext_auth = no
passdb {
  driver = passwd-file
  args = scheme=PLAIN $LIVE_DIR/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$LIVE_DIR
}
service auth {
  unix_listener $LIVE_DIR/auth {
    mode = 0666
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
CONF
	live_run "$LIVE_DIR/dovecot.out" dovecot -F -c "$LIVE_DIR/dovecot.conf"
fi

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
virtual_mailbox_domains = example.net
virtual_mailbox_base = $mail
virtual_mailbox_maps = inline:{ { bob@example.net = bob/ } { carol@example.net = carol/ } { dave@example.net = dave/ } { erin@example.net = erin/ } { frank@example.net = frank/ } }
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
smtpd_forbid_bare_newline = yes
smtpd_forbid_bare_newline_exclusions =
smtpd_forbid_unauth_pipelining = yes
smtpd_recipient_overshoot_limit = 1
strict_rfc821_envelopes = yes
smtpd_recipient_limit = 2
message_size_limit = 200000
smtpd_recipient_restrictions = reject_unlisted_recipient, reject_unauth_destination
smtpd_reject_unlisted_sender = no
smtpd_tls_cert_file = $LIVE_DIR/server.pem
smtpd_tls_key_file = $LIVE_DIR/server.key
smtpd_tls_security_level = may
smtpd_sasl_auth_enable = $sasl
smtpd_sasl_type = dovecot
smtpd_sasl_path = $LIVE_DIR/auth
smtpd_tls_auth_only = yes
smtpd_discard_ehlo_keywords =
smtputf8_enable = yes
CONF
cat >"$etc/master.cf" <<CONF
127.0.0.1:$port inet n - n - - smtpd
127.0.0.1:$tls_port inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_tls_cert_file=$LIVE_DIR/other.pem -o smtpd_tls_key_file=$LIVE_DIR/other.key
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
virtual unix - n n - - virtual
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
CONF
# postfix's own set-up looks at shared directories too; the queue is ours, its master is run directly
for d in active bounce corrupt defer deferred flush hold incoming private saved trace; do
	mkdir -p "$queue/$d" && chown postfix "$queue/$d" && chmod 700 "$queue/$d"
done
mkdir -p "$queue/maildrop" "$queue/public" "$queue/pid"
chown postfix "$queue/maildrop" "$queue/public"
live_run "$LIVE_DIR/master.log" "$daemons/master" -c "$etc" -d
live_await "$port" "$LIVE_DIR/postfix.log"

send() { # WANT WHAT ARGUMENT...
	want=$1 what=$2
	shift 2
	live_ask "$want" "$what" "$POSTHORN" send --config /dev/null --server "localhost:$port" --tls-ca "$LIVE_DIR/ca.pem" \
		--timeout 20 --json -f ann@example.org "$@"
}

# The message as it was stored: behind what Postfix put before it.
stored() { # USER FILE
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		set -- "$1" "$2" "$mail/$1/new/"*
		[ -e "$3" ] && break
		sleep 0.1
	done
	[ -e "$3" ] || { : >"$2"; return; }
	sed -n '/^X-First: /,$p' "$3" >"$2"
	rm -f "$3"
}

python3 - "$LIVE_DIR/message" <<'PYTHON'
import sys
head = ["X-First: begins here", "From: Ann <ann@example.org>", "To: bob@example.net", "Subject: octets",
        "Date: Sat, 21 Nov 2026 20:00:00 +0000", "Message-ID: <octets@example.org>", "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", ""]
body = [".", "..", ".a", "", "From the beginning", "x" * 997, "\u00e4\u00f6\u00fc", "trailing ", "\tTab", "."]
open(sys.argv[1], "wb").write("".join(line + "\n" for line in head + body).encode())
PYTHON

send 0 'STARTTLS, verified, CHUNKING' --raw "$LIVE_DIR/message" bob@example.net
live_has 'delivered' '"status":"delivered"' "$LIVE_DIR/out"
live_has 'TLS was verified' '"verified":true' "$LIVE_DIR/out"
stored bob "$LIVE_DIR/got"
live_same 'BDAT: what is stored is what was meant' "$LIVE_DIR/message" "$LIVE_DIR/got"
sed -i 's/^smtpd_discard_ehlo_keywords.*/smtpd_discard_ehlo_keywords = chunking/' "$etc/main.cf"
kill -HUP "$(cat "$queue/pid/master.pid")" 2>/dev/null
sleep 0.5
send 0 'DATA, dots stuffed' --raw "$LIVE_DIR/message" bob@example.net
stored bob "$LIVE_DIR/got"
live_same 'DATA: what is stored is what was meant' "$LIVE_DIR/message" "$LIVE_DIR/got"
send 0 'more recipients than the server takes at once' --raw "$LIVE_DIR/message" bob@example.net carol@example.net dave@example.net \
	erin@example.net frank@example.net
for user in bob carol dave erin frank; do
	stored $user "$LIVE_DIR/got"
	live_same "452 is split: $user" "$LIVE_DIR/message" "$LIVE_DIR/got"
done
send 67 'no such user' -r ann@example.org --body hello nobody@example.net
live_has 'no such user: 5.1.1' '"enhanced":"5.1.1"' "$LIVE_DIR/out"
send 1 'one of two' -r ann@example.org --body hello bob@example.net nobody@example.net
send 69 'no relay' -r ann@example.org --body hello bob@elsewhere.example
head -c 300000 /dev/zero | tr '\0' x | fold -w 70 >"$LIVE_DIR/big"
send 69 'larger than SIZE: before MAIL' -r ann@example.org --body-file "$LIVE_DIR/big" bob@example.net
live_has 'larger than SIZE: 5.3.4' '"enhanced":"5.3.4"' "$LIVE_DIR/out"
grep -q 'bare newline\|unauthorized command pipelining\|improper command' "$LIVE_DIR/postfix.log"
live_case 'Postfix has nothing to complain about' $((! $?)) || sed 's/^/# /' "$LIVE_DIR/postfix.log" | tail -20

ask() { # WANT WHAT ARGUMENT...
	want=$1 what=$2
	shift 2
	live_ask "$want" "$what" "$POSTHORN" send --config /dev/null --timeout 20 -r ann@example.org --body hello --transcript "$@" \
		bob@example.net
}
ask 76 'a certificate of nobody we know' --server "localhost:$port" --tls=verify
ask 76 'a certificate of somebody else' --server "smtps://localhost:$tls_port" --tls-ca "$LIVE_DIR/ca.pem"
ask 0 'a certificate of somebody else that is not looked at' --server "smtps://localhost:$tls_port" --tls=encrypt
pin=$(openssl x509 -in "$LIVE_DIR/other.pem" -outform DER | openssl dgst -sha256 -r | cut -d' ' -f1)
ask 0 'a certificate that is pinned' --server "smtps://localhost:$tls_port" --tls-fingerprint "$pin"
ask 76 'another one than is pinned' --server "localhost:$port" --tls-fingerprint "$pin"
ask 0 'plain text when it is asked for' --server "localhost:$port" --tls=none

if [ $sasl = yes ]; then
	printf 's3cret\n' >"$LIVE_DIR/password"
	printf 'wrong\n' >"$LIVE_DIR/wrong"
	chmod 600 "$LIVE_DIR/password" "$LIVE_DIR/wrong"
	login() { # WANT WHAT MECHANISM FILE
		ask "$1" "$2" --server "localhost:$port" --tls-ca "$LIVE_DIR/ca.pem" -u ann --auth "$3" --password-file "$LIVE_DIR/$4"
	}
	for mech in SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN; do
		login 0 "AUTH $mech" $mech password
		live_has "AUTH $mech is what was used" "AUTH $mech" "$LIVE_DIR/err"
	done
	login 77 'a wrong password with SCRAM' SCRAM-SHA-256 wrong
	login 77 'a wrong password with PLAIN' PLAIN wrong
	grep -q 's3cret\|AGFubg' "$LIVE_DIR/err"
	live_case 'no secret in the transcript' $((! $?))
	ask 76 'a login wants verified TLS' --server "localhost:$port" -u ann --password-file "$LIVE_DIR/password"
	ask 77 'no AUTH where the server offers none in the clear' --server "localhost:$port" --tls=none -u ann \
		--password-file "$LIVE_DIR/password"
fi
live_done
