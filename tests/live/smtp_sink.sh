#!/bin/sh
# Against Postfix's smtp-sink with its faults: refused, deferred, hung up and 421 at each command, SMTP and LMTP.
set -u
# shellcheck source=tests/live/live.sh
. "$(dirname "$0")/live.sh"
live_need smtp-sink python3
live_begin

user=
[ "$(id -u)" != 0 ] || user='-u nobody'

sink() { # OPTIONS...: at $port
	port=$(live_port)
	# shellcheck disable=SC2086
	live_run "$LIVE_DIR/sink.log" smtp-sink $user -h sink.example "$@" "127.0.0.1:$port" 50
	live_await "$port" "$LIVE_DIR/sink.log"
}

send() { # WANT WHAT SCHEME RECIPIENT...
	want=$1 what=$2 scheme=$3
	shift 3
	live_ask "$want" "$what" "$POSTHORN" send --config /dev/null --server "$scheme://127.0.0.1:$port" -r ann@example.net -s test \
		--body hello --timeout 10 --json "$@"
}

status() { live_has "$1" "\"status\":\"$2\"" "$LIVE_DIR/out"; }

sink
send 0 'accepted' smtp bob@example.net
status 'accepted: delivered' delivered
send 0 'three recipients' smtp a@example.net b@example.net c@example.net
sink -p
send 0 'without PIPELINING' smtp a@example.net b@example.net
sink -e
send 0 'HELO only' smtp bob@example.net
sink -8 -E -N -C
send 0 'no extension but pipelining' smtp bob@example.net

for command in mail rcpt data .; do
	sink -r "$command"
	send 75 "$command deferred" smtp bob@example.net
	status "$command deferred: status" deferred
	sink -f "$command"
	send 69 "$command refused" smtp bob@example.net
	status "$command refused: status" failed
	sink -Q "$command"
	send 75 "$command answered with 421" smtp bob@example.net
	status "$command answered with 421: status" deferred
done
for command in connect ehlo mail rcpt data; do
	sink -q "$command"
	send 75 "hung up at $command" smtp bob@example.net
done
sink -q .
send 3 'hung up behind the message: in doubt' smtp bob@example.net
status 'hung up behind the message: status' in_doubt
live_has 'hung up behind the message: a duplicate is possible' duplicate "$LIVE_DIR/out"

sink -L
send 0 'LMTP' lmtp a@example.net b@example.net
sink -L -r .
send 75 'LMTP, each deferred' lmtp a@example.net b@example.net
sink -w 1
send 0 'a slow answer is waited for' smtp bob@example.net

port=$(live_port)
send 75 'nobody listens' smtp bob@example.net
live_done
