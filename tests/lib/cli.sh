# Tests of the command line in POSIX shell, TAP on stdout. A test is
#
#	. "$TEST_LIB/cli.sh"
#	run spf-eval --ip 192.0.2.1 example.org
#	exit_is 0 'pass is 0'
#	out_has 'pass' 'says so'
#	done_testing
#
# It runs in an empty scratch directory of its own, with HOME there and no configuration. $out and $err are the files
# that hold what the last run printed, $status its exit code. $TEST_DATA is tests/data, golden files are in
# tests/data/cli (rewritten when UPDATE_GOLDEN=1). $server_pids are ended at exit.
# shellcheck shell=sh

set -u
: "${POSTHORN:?the program under test}" "${TEST_DATA:?tests/data}"

scratch=$(mktemp -d "${TMPDIR:-/tmp}/posthorn-test.XXXXXX") || exit 99
out=$scratch/.out err=$scratch/.err status=0 count=0 failed=0 server_pids=
clean_up() {
	for pid in $server_pids; do kill "$pid" 2>/dev/null; done
	cd / && rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 99' HUP INT TERM
cd "$scratch" || exit 99

HOME=$scratch
export HOME
unset POSTHORN_CONFIG XDG_CONFIG_HOME XDG_STATE_HOME XDG_CACHE_HOME EMAIL NO_COLOR 2>/dev/null
: >"$out"
: >"$err"

# run ARG...: the program with these arguments, stdin empty.
run() {
	status=0
	"$POSTHORN" "$@" >"$out" 2>"$err" </dev/null || status=$?
	last="posthorn $*"
}

# run_with FILE ARG...: stdin from FILE. run_text TEXT ARG...: stdin is TEXT (printf '%b').
run_with() {
	stdin=$1
	shift
	status=0
	"$POSTHORN" "$@" >"$out" 2>"$err" <"$stdin" || status=$?
	last="posthorn $* <$stdin"
}
run_text() {
	printf '%b' "$1" >"$scratch/.in"
	shift
	run_with "$scratch/.in" "$@"
}

# pass WHAT, fail WHAT [LINES]: one test point.
pass() {
	count=$((count + 1))
	printf 'ok %d - %s\n' "$count" "$(printf '%s' "$1" | tr '#\n' '__')"
}
fail() {
	count=$((count + 1)) failed=$((failed + 1))
	printf 'not ok %d - %s\n' "$count" "$(printf '%s' "$1" | tr '#\n' '__')"
	printf '%s\n' "last run: ${last:-none} (exit $status)" "${2:-}" | sed 's/^/# /'
	head -c 2000 "$err" | sed 's/^/# stderr: /'
}
skip() {
	count=$((count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$count" "$1" "$2"
}

# ok WHAT COMMAND...: the command succeeds. is GOT WANT WHAT: texts are equal.
ok() {
	what=$1
	shift
	if "$@" >/dev/null 2>&1; then pass "$what"; else fail "$what" "failed: $*"; fi
}
is() {
	if [ "$1" = "$2" ]; then pass "$3"; else fail "$3" "got:
$1
want:
$2"; fi
}

exit_is() { if [ "$status" -eq "$1" ]; then pass "$2"; else fail "$2" "exit $status, want $1"; fi; }
out_is() { is "$(cat "$out")" "$1" "$2"; }
err_is() { is "$(cat "$err")" "$1" "$2"; }

# The fixed string is, or is not, in the output.
out_has() { if grep -qF -e "$1" "$out"; then pass "$2"; else fail "$2" "no \"$1\" in: $(head -c 2000 "$out")"; fi; }
err_has() { if grep -qF -e "$1" "$err"; then pass "$2"; else fail "$2" "no \"$1\" in stderr"; fi; }
out_lacks() { if grep -qF -e "$1" "$out"; then fail "$2" "\"$1\" is in: $(head -c 2000 "$out")"; else pass "$2"; fi; }
err_lacks() { if grep -qF -e "$1" "$err"; then fail "$2" "\"$1\" is in stderr"; else pass "$2"; fi; }
out_empty() { out_is '' "$1"; }
err_empty() { err_is '' "$1"; }

# refused CODE TEXT WHAT ARG...: exit code, nothing on stdout, exactly one line "posthorn CMD: TEXT" on stderr.
refused() {
	want_code=$1 want_text=$2 what=$3
	shift 3
	run "$@"
	if [ "$status" -eq "$want_code" ] && [ ! -s "$out" ] && [ "$(cat "$err")" = "posthorn $1: $want_text" ]; then
		pass "$what"
	else
		fail "$what" "exit $status, want $want_code; want: posthorn $1: $want_text"
	fi
}

# golden NAME WHAT: stdout is tests/data/cli/NAME, byte for byte.
golden() {
	file=$TEST_DATA/cli/$1
	if [ -n "${UPDATE_GOLDEN:-}" ]; then
		mkdir -p "$(dirname "$file")" && cp "$out" "$file"
	fi
	if cmp -s "$out" "$file"; then pass "$2"; else fail "$2" "$(diff -u "$file" "$out" 2>&1 | head -40)"; fi
}

# json PATH [LINE]: a value from line LINE (default 1, "last") of stdout, like signatures.0.result; strings as they are,
# the rest as JSON; "(none)" when it is not there. json_is PATH WANT WHAT [LINE].
json() {
	"${PYTHON:-python3}" - "$out" "$1" "${2:-1}" <<'PY'
import json, sys
lines = [l for l in open(sys.argv[1], encoding="utf-8") if l.strip()]
try:
    v = json.loads(lines[-1 if sys.argv[3] == "last" else int(sys.argv[3]) - 1])
    for k in (sys.argv[2].split(".") if sys.argv[2] else []):
        v = v[int(k)] if isinstance(v, list) else v[k]
except (KeyError, IndexError, TypeError, ValueError) as e:
    print("(no JSON)" if isinstance(e, json.JSONDecodeError) else "(none)")
else:
    print(v if isinstance(v, str) else json.dumps(v, separators=(",", ":"), ensure_ascii=False))
PY
}
json_is() { is "$(json "$1" "${4:-1}")" "$2" "$3"; }

# Every line of stdout is one JSON object with "v":1.
json_lines() {
	if "${PYTHON:-python3}" -c 'import json, sys
for l in open(sys.argv[1], encoding="utf-8"):
    assert json.loads(l)["v"] == 1' "$out" 2>"$scratch/.py"; then
		pass "$1"
	else
		fail "$1" "$(tail -1 "$scratch/.py")"
	fi
}

# wait_for FILE: until it is there and not empty, 10 s at most (a server that writes its port there).
wait_for() {
	tries=0
	while [ ! -s "$1" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ] || { printf 'Bail out! %s did not come\n' "$1"; exit 99; }
		sleep 0.05
	done
}

done_testing() {
	printf '1..%d\n' "$count"
	[ "$failed" -eq 0 ] && [ "$count" -gt 0 ]
	exit $?
}
