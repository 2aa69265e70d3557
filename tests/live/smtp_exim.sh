#!/bin/sh
# Against Exim: its own idea of pipelining (early talkers are cut off), CHUNKING, refusals at each stage. Debian's MTAs
# exclude each other, so Exim is taken from $LIVE_UNPACKED (dpkg -x), where the packages were downloaded, or from the system.
set -u
# shellcheck source=tests/live/live.sh
. "$(dirname "$0")/live.sh"
PATH=$PATH:${LIVE_UNPACKED:-/nonexistent}/usr/sbin
live_need exim4 python3
live_need_root
live_begin
exim=$(command -v exim4)
port=$(live_port)
mkdir -p "$LIVE_DIR/spool" "$LIVE_DIR/mail" "$LIVE_DIR/log"
chown nobody "$LIVE_DIR/spool" "$LIVE_DIR/mail" "$LIVE_DIR/log"
cat >"$LIVE_DIR/exim.conf" <<CONF
exim_path = $exim
exim_user = nobody
exim_group = nogroup
never_users =
spool_directory = $LIVE_DIR/spool
log_file_path = $LIVE_DIR/log/exim-%slog
pid_file_path = $LIVE_DIR/exim.pid
primary_hostname = mx.example
daemon_smtp_ports = $port
local_interfaces = 127.0.0.1
keep_environment =
tls_advertise_hosts =
chunking_advertise_hosts = *
smtp_enforce_sync = true
smtp_accept_max = 0
queue_only = false
qualify_domain = example.net
acl_smtp_mail = mail
acl_smtp_rcpt = rcpt
acl_smtp_data = data
begin acl
mail:
  defer
    senders = later@example.org
    message = 451 4.7.1 later
  accept
rcpt:
  deny
    local_parts = nobody
    message = 550 5.1.1 unknown
  defer
    local_parts = busy
    message = 450 4.2.1 busy
  accept
data:
  deny
    condition = \${if match{\$h_subject:}{spam}}
    message = 554 5.7.1 no spam here
  accept
begin routers
all:
  driver = accept
  transport = keep
begin transports
keep:
  driver = appendfile
  directory = $LIVE_DIR/mail/\$local_part
  create_directory
  maildir_format
  user = nobody
  group = nogroup
CONF
# Debian's Exim wants its user in passwd: for it alone, in a mount namespace of its own.
{ cat /etc/passwd; echo "Debian-exim:x:$(id -u nobody):$(id -g nobody)::/:/bin/false"; } >"$LIVE_DIR/passwd"
{ cat /etc/group; echo "Debian-exim:x:$(id -g nobody):"; } >"$LIVE_DIR/group"
cat >"$LIVE_DIR/inside" <<'INSIDE'
mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/group" /etc/group && shift && exec "$@"
INSIDE
unshare -m sh "$LIVE_DIR/inside" "$LIVE_DIR" true 2>/dev/null || { echo "1..0 # SKIP no mount namespace here"; exit 0; }
live_run "$LIVE_DIR/exim.out" unshare -m sh "$LIVE_DIR/inside" "$LIVE_DIR" "$exim" -bdf -C "$LIVE_DIR/exim.conf"
live_await "$port" "$LIVE_DIR/exim.out"

send() { # WANT WHAT FROM SUBJECT RECIPIENT...
	want=$1 what=$2 from=$3 subject=$4
	shift 4
	live_ask "$want" "$what" "$POSTHORN" send --config /dev/null --server "127.0.0.1:$port" --timeout 20 --json -r "$from" \
		-s "$subject" --body "$(printf '.\n..\nlast')" "$@"
}

send 0 'accepted, CHUNKING' ann@example.org hello bob@example.net
send 1 'one refused' ann@example.org hello bob@example.net nobody@example.net
send 75 'one deferred' ann@example.org hello bob@example.net busy@example.net
send 67 'all refused while the message was on its way' ann@example.org hello nobody@example.net
send 75 'MAIL deferred' later@example.org hello bob@example.net
send 69 'the message refused' ann@example.org spam bob@example.net
send 0 'a hundred recipients' ann@example.org hello \
	"$(awk 'BEGIN { for (i = 0; i < 100; i++) printf "%su%d@example.net", i == 0 ? "" : ",", i }')"
sed -i 's/^chunking_advertise_hosts.*/chunking_advertise_hosts =/' "$LIVE_DIR/exim.conf"
kill -HUP "$(cat "$LIVE_DIR/exim.pid" 2>/dev/null || echo "$live_pids")" 2>/dev/null
sleep 0.5
send 0 'accepted, DATA' ann@example.org hello bob@example.net
send 67 'DATA with nobody left' ann@example.org hello nobody@example.net
grep -qi 'synchronization error\|protocol violation' "$LIVE_DIR"/log/exim-*log
live_case 'Exim saw no early talker' $((! $?)) || grep -hi 'synchron\|violation' "$LIVE_DIR"/log/exim-*log | sed 's/^/# /'
live_done
