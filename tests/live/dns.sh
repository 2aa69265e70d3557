# shellcheck shell=sh
# Real DNS servers for live tests: nsd with zones of ours, unbound before it, on loopback, ports of their own, nothing of
# the system touched. Source this file; $DNS_PROBE is the program built from dns_probe.c.
#
#   dns_need PROGRAM...            skip all when one is not installed
#   dns_begin                      a directory of its own in $DNS_DIR; all servers are taken down when the shell ends
#   dns_nsd ZONE=FILE...           nsd serves the zones at 127.0.0.1:$NSD_PORT
#   dns_sign ZONE FILE [OPTION...] signs FILE into FILE.signed; its trust anchor goes to $DNS_DIR/anchors
#   dns_unbound ZONE[=ADDR@PORT]... unbound at 127.0.0.1:$UNBOUND_PORT; these zones come from nsd (or from there), validated
#                                  by the anchors; nothing else is asked of anybody
#   dns_end                        only when the shell has more to do afterwards

PATH=$PATH:/usr/sbin:/sbin

dns_need() {
	for dns_program in "$@"; do
		command -v "$dns_program" >/dev/null 2>&1 || { echo "1..0 # SKIP no $dns_program here"; exit 0; }
	done
}

dns_begin() {
	[ -x "${DNS_PROBE-}" ] || { echo "Bail out! DNS_PROBE is not the program dns_probe"; exit 99; }
	DNS_DIR=$(mktemp -d "${TMPDIR:-/tmp}/posthorn-dns.XXXXXX") || exit 99
	DNS_PIDS=
	: >"$DNS_DIR/anchors"
	trap dns_end EXIT
	trap 'exit 99' HUP INT TERM
}

dns_end() {
	for dns_pid in $DNS_PIDS; do
		kill "$dns_pid" 2>/dev/null
		wait "$dns_pid" 2>/dev/null
	done
	DNS_PIDS=
	rm -rf "$DNS_DIR"
}

# Until the server answers anything at all; $1 port, $2 name to ask for, $3 log.
dns_await() {
	dns_tries=0
	while [ "$dns_tries" -lt 100 ]; do
		case $("$DNS_PROBE" -t 300 "127.0.0.1:$1" '?' "$2" SOA) in
		*temp/network* | *temp/timeout* | '') sleep 0.05 ;;
		*) return 0 ;;
		esac
		dns_tries=$((dns_tries + 1))
	done
	echo "Bail out! no DNS server came up at port $1" && sed 's/^/# /' "$3"
	exit 99
}

dns_nsd() {
	NSD_PORT=$("$DNS_PROBE" free-port)
	{
		printf 'server:\n server-count: 1\n ip-address: 127.0.0.1@%s\n username: ""\n chroot: ""\n' "$NSD_PORT"
		printf ' zonesdir: "%s"\n pidfile: "%s/nsd.pid"\n database: ""\n' "$DNS_DIR" "$DNS_DIR"
		printf ' xfrdfile: "%s/xfrd.state"\n zonelistfile: "%s/zone.list"\n' "$DNS_DIR" "$DNS_DIR"
		printf ' rrl-ratelimit: 0\n hide-version: yes\n'
		printf 'remote-control:\n control-enable: no\n'
		for dns_zone in "$@"; do
			printf 'zone:\n name: "%s"\n zonefile: "%s"\n' "${dns_zone%%=*}" "${dns_zone#*=}"
		done
	} >"$DNS_DIR/nsd.conf"
	nsd -d -c "$DNS_DIR/nsd.conf" >"$DNS_DIR/nsd.log" 2>&1 &
	DNS_PIDS="$DNS_PIDS $!"
	dns_zone=$1
	dns_await "$NSD_PORT" "${dns_zone%%=*}" "$DNS_DIR/nsd.log"
}

dns_sign() {
	dns_zone=$1 dns_file=$2
	shift 2
	dns_key=$(cd "$DNS_DIR" && ldns-keygen -a ECDSAP256SHA256 -k "$dns_zone") || exit 99
	ldns-signzone "$@" -f "$dns_file.signed" "$dns_file" "$DNS_DIR/$dns_key" || exit 99
	cat "$DNS_DIR/$dns_key.key" >>"$DNS_DIR/anchors"
}

dns_unbound() {
	UNBOUND_PORT=$("$DNS_PROBE" free-port)
	{
		printf 'server:\n interface: 127.0.0.1@%s\n do-daemonize: no\n username: ""\n chroot: ""\n' "$UNBOUND_PORT"
		printf ' directory: "%s"\n pidfile: "%s/unbound.pid"\n use-syslog: no\n logfile: ""\n' "$DNS_DIR" "$DNS_DIR"
		printf ' num-threads: 1\n do-ip6: no\n do-not-query-localhost: no\n module-config: "validator iterator"\n'
		printf ' trust-anchor-file: "%s/anchors"\n ede: yes\n val-log-level: 2\n' "$DNS_DIR"
		printf ' local-zone: "test." nodefault\n access-control: 127.0.0.0/8 allow\n'
		printf 'remote-control:\n control-enable: no\n'
		printf 'forward-zone:\n name: "."\n forward-addr: 127.0.0.1@%s\n' "$NSD_PORT"
		for dns_zone in "$@"; do
			dns_addr=127.0.0.1@$NSD_PORT
			case $dns_zone in *=*) dns_addr=${dns_zone#*=} ;; esac
			printf 'stub-zone:\n name: "%s"\n stub-addr: %s\n' "${dns_zone%%=*}" "$dns_addr"
		done
	} >"$DNS_DIR/unbound.conf"
	unbound -d -c "$DNS_DIR/unbound.conf" >"$DNS_DIR/unbound.log" 2>&1 &
	DNS_PIDS="$DNS_PIDS $!"
	dns_zone=$1
	dns_await "$UNBOUND_PORT" "${dns_zone%%=*}" "$DNS_DIR/unbound.log"
}
