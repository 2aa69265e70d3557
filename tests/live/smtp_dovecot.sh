#!/bin/sh
# Against Dovecot's LMTP, by TCP and by unix socket: a result for each recipient, octets as they were meant.
set -u
# shellcheck source=tests/live/live.sh
. "$(dirname "$0")/live.sh"
live_need dovecot python3
[ -x /usr/lib/dovecot/lmtp ] || { echo "1..0 # SKIP no dovecot lmtp here"; exit 0; }
live_need_root
live_begin
port=$(live_port)
mkdir -p "$LIVE_DIR/run" "$LIVE_DIR/mail"
chown nobody "$LIVE_DIR/mail"
uid=$(id -u nobody) gid=$(id -g nobody)
for user in ann bob; do
	echo "$user@example.net::$uid:$gid::$LIVE_DIR/mail/$user::userdb_mail=maildir:$LIVE_DIR/mail/$user"
done >"$LIVE_DIR/users"
echo "full@example.net::$uid:$gid::$LIVE_DIR/mail/full::userdb_mail=maildir:$LIVE_DIR/mail/full userdb_quota_rule=*:bytes=10" >>"$LIVE_DIR/users"
cat >"$LIVE_DIR/dovecot.conf" <<CONF
base_dir = $LIVE_DIR/run
log_path = $LIVE_DIR/dovecot.log
protocols = lmtp
ssl = no
first_valid_uid = 1
mail_plugins = quota
plugin {
  quota = maildir:User quota
}
passdb {
  driver = passwd-file
  args = $LIVE_DIR/users
}
userdb {
  driver = passwd-file
  args = $LIVE_DIR/users
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = $port
  }
  unix_listener $LIVE_DIR/lmtp {
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
live_await "$port" "$LIVE_DIR/dovecot.log"

send() { # WANT WHAT SERVER ARGUMENT...
	want=$1 what=$2 server=$3
	shift 3
	live_ask "$want" "$what" "$POSTHORN" send --config /dev/null --server "$server" --timeout 20 --json -f ann@example.org "$@"
}

stored() { # USER FILE
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		set -- "$1" "$2" "$LIVE_DIR/mail/$1/new/"*
		[ -e "$3" ] && break
		sleep 0.1
	done
	[ -e "$3" ] || { : >"$2"; return; }
	sed -n '/^X-First: /,$p' "$3" >"$2"
	rm -f "$3"
}

printf '%s\n' 'X-First: begins here' 'From: ann@example.org' 'To: bob@example.net' 'Subject: octets' \
	'Date: Sat, 21 Nov 2026 20:00:00 +0000' 'Message-ID: <octets@example.org>' '' . .. .a From '' '.' >"$LIVE_DIR/message"

send 0 'by TCP' "lmtp://127.0.0.1:$port" --raw "$LIVE_DIR/message" bob@example.net
stored bob "$LIVE_DIR/got"
live_same 'what is stored is what was meant' "$LIVE_DIR/message" "$LIVE_DIR/got"
send 0 'by unix socket, LMTP found out' "unix:$LIVE_DIR/lmtp" --raw "$LIVE_DIR/message" bob@example.net ann@example.net
stored bob "$LIVE_DIR/got"
live_same 'stored for the first' "$LIVE_DIR/message" "$LIVE_DIR/got"
stored ann "$LIVE_DIR/got"
live_same 'stored for the second' "$LIVE_DIR/message" "$LIVE_DIR/got"
send 67 'no such user' "lmtp://127.0.0.1:$port" --raw "$LIVE_DIR/message" nobody@example.net
send 1 'a result for each recipient' "unix:$LIVE_DIR/lmtp" --raw "$LIVE_DIR/message" bob@example.net nobody@example.net full@example.net
cp "$LIVE_DIR/out" "$LIVE_DIR/mixed"
grep '"to":"bob@example.net"' "$LIVE_DIR/mixed" >"$LIVE_DIR/one"
live_has 'one is delivered' '"status":"delivered"' "$LIVE_DIR/one"
grep '"to":"nobody@example.net"' "$LIVE_DIR/mixed" >"$LIVE_DIR/one"
live_has 'one is unknown' '"enhanced":"5.1.1"' "$LIVE_DIR/one"
grep '"to":"full@example.net"' "$LIVE_DIR/mixed" >"$LIVE_DIR/one"
live_has 'one is full' '5.2.2' "$LIVE_DIR/one"
live_done
