# shellcheck shell=sh
# Mail servers for live tests: on loopback, on ports of their own, from a directory of their own; nothing of the system is
# touched, and all are taken down when the shell ends, however it ends. Source this file.
#
#   live_need PROGRAM...          skip all when one is not installed
#   live_need_root                skip all without root (servers that change their user)
#   live_begin                    $LIVE_DIR, readable by the servers' users
#   live_port                     a free port
#   live_run LOG COMMAND...       a server in the background
#   live_await PORT LOG           until something listens there
#   live_stopper COMMAND          one more thing to do at the end
#   live_certificates             $LIVE_DIR/ca.pem, server.pem (localhost, 127.0.0.1) and other.pem (another name), old.pem
#   live_ask WANT WHAT COMMAND... a case: COMMAND must exit with WANT; output in $LIVE_DIR/out and err
#   live_has WHAT TEXT FILE       a case: TEXT is in FILE
#   live_same WHAT FILE FILE      a case: the same octets
#   live_done                     the plan, and the exit code

PATH=$PATH:/usr/sbin:/sbin:/usr/lib/dovecot
live_cases=0 live_failed=0 live_pids='' live_stoppers=''

live_need() {
	for live_program in "$@"; do
		command -v "$live_program" >/dev/null 2>&1 || { echo "1..0 # SKIP no $live_program here"; exit 0; }
	done
}

live_need_root() { [ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root: the server changes its user"; exit 0; }; }

live_begin() {
	[ -x "${POSTHORN-}" ] || { echo "Bail out! POSTHORN is not the program"; exit 99; }
	LIVE_DIR=$(mktemp -d "${TMPDIR:-/tmp}/posthorn-live.XXXXXX") || exit 99
	chmod 755 "$LIVE_DIR"
	trap live_end EXIT
	trap 'exit 99' HUP INT TERM
}

live_end() {
	[ -z "$live_stoppers" ] || eval "$live_stoppers" >/dev/null 2>&1
	for live_pid in $live_pids; do
		kill "$live_pid" 2>/dev/null
		wait "$live_pid" 2>/dev/null
	done
	live_pids='' live_stoppers=''
	rm -rf "$LIVE_DIR"
}

live_stopper() { live_stoppers="$live_stoppers $1;"; }

live_port() {
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

live_run() {
	live_log=$1
	shift
	"$@" >"$live_log" 2>&1 &
	live_pids="$live_pids $!"
}

live_await() {
	python3 - "$1" <<'PYTHON' && return
import socket, sys, time
for _ in range(200):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
        sys.exit(0)
    except OSError:
        time.sleep(0.05)
sys.exit(1)
PYTHON
	echo "Bail out! nothing listens at port $1"
	sed 's/^/# /' "$2"
	exit 99
}

live_certificate() { # NAME SUBJECT-ALT-NAME DAYS-FROM DAYS
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$LIVE_DIR/$1.key" -out "$LIVE_DIR/$1.csr" \
		-subj "/CN=$1" 2>/dev/null
	printf 'subjectAltName=%s\n' "$2" >"$LIVE_DIR/$1.ext"
	openssl x509 -req -in "$LIVE_DIR/$1.csr" -CA "$LIVE_DIR/ca.pem" -CAkey "$LIVE_DIR/ca.key" -CAcreateserial -days "$3" \
		-extfile "$LIVE_DIR/$1.ext" -out "$LIVE_DIR/$1.pem" 2>/dev/null
}

live_certificates() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$LIVE_DIR/ca.key" -out "$LIVE_DIR/ca.pem" \
		-days 3 -subj "/CN=posthorn test CA" 2>/dev/null
	live_certificate server DNS:localhost,IP:127.0.0.1 3
	live_certificate other DNS:other.example 3
}

live_case() { # WHAT OK
	live_cases=$((live_cases + 1))
	[ "$2" = 0 ] && echo "ok $live_cases - $1" && return
	live_failed=$((live_failed + 1))
	echo "not ok $live_cases - $1"
	return 1
}

live_ask() {
	live_want=$1 live_what=$2
	shift 2
	"$@" >"$LIVE_DIR/out" 2>"$LIVE_DIR/err" </dev/null
	live_got=$?
	[ "$live_got" = "$live_want" ]
	live_case "$live_what" $? && return
	echo "# exit $live_got, want $live_want"
	sed 's/^/# /' "$LIVE_DIR/out" "$LIVE_DIR/err" | cut -c1-400
}

live_has() {
	grep -qF -- "$2" "$3"
	live_case "$1" $? && return
	echo "# no \"$2\" in it:"
	sed 's/^/# /' "$3" | cut -c1-300 | tail -30
}

live_same() {
	cmp "$2" "$3" >"$LIVE_DIR/cmp" 2>&1
	live_case "$1" $? && return
	sed 's/^/# /' "$LIVE_DIR/cmp"
}

live_done() {
	echo "1..$live_cases"
	[ "$live_failed" = 0 ] && [ "$live_cases" -gt 0 ]
	exit $?
}
