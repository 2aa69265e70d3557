#!/bin/sh
# spf-eval over nsd, and over unbound before it, says what it says over the zone files.
set -u
# shellcheck source=tests/live/dns.sh
. "$(dirname "$0")/dns.sh"
dns_need nsd unbound python3
dns_begin

# nsd wants a file a zone, and knows no $GENERATE.
python3 - "$TEST_DATA/../zone/spf.zone" "$DNS_DIR" <<'PY'
import re, sys
zone, out = "test", {}
for line in open(sys.argv[1]):
    origin = re.match(r"\$ORIGIN (\S+)\.", line)
    if origin and origin.group(1).endswith(".arpa"):
        zone = origin.group(1)
    generate = re.match(r"\$GENERATE (\d+)-(\d+) (.*)", line)
    lines = [line]
    if generate:
        lines = [generate.group(3).replace("$", str(i)) + "\n"
                 for i in range(int(generate.group(1)), int(generate.group(2)) + 1)]
    out.setdefault(zone, ["$TTL 300\n"]).extend(lines)
for name, lines in out.items():
    open("%s/%s.zone" % (sys.argv[2], name), "w").writelines(lines)
PY
v6=8.b.d.0.1.0.0.2.ip6.arpa v4=2.0.192.in-addr.arpa
dns_nsd "test=$DNS_DIR/test.zone" "$v4=$DNS_DIR/$v4.zone" "$v6=$DNS_DIR/$v6.zone"
dns_unbound test $v4 $v6

for domain in d several.sel same.sel other.sel none.sel v10.sel alone.sel joined.sel nojoin.sel joinv.sel type99.sel both.sel \
	cname.sel dangling.sel empty.sel bytes.sel otherbytes.sel any.wild.sel pass fail soft neutral nothing broken exp \
	incpass toredirect toredirectfail tonone redir.exp incexp.exp l1 r1 self voids i5 i10 mx1 nowhere; do
	for ip in 192.0.2.1 192.0.2.22 192.0.2.61 2001:db8::21; do
		echo "$ip strong-bad@$domain.test mx1.test"
	done
done >"$DNS_DIR/list"

# What a server cannot change.
facts() {
	"$POSTHORN" spf-eval --json --list "$DNS_DIR/list" "$@" | python3 -c '
import json, sys
for line in sys.stdin:
    o = json.loads(line)
    print(o["ip"], o["sender"], o["result"], o["explanation"], o["matched"], o["lookups"], o["void_lookups"])'
}
facts --zone "$TEST_DATA/../zone/spf.zone" >"$DNS_DIR/want"

cases=0 failed=0
same() {
	cases=$((cases + 1))
	facts --resolver "127.0.0.1:$2" >"$DNS_DIR/got"
	if [ -s "$DNS_DIR/want" ] && cmp -s "$DNS_DIR/want" "$DNS_DIR/got"; then
		echo "ok $cases - $1: $(wc -l <"$DNS_DIR/got") evaluations"
	else
		failed=$((failed + 1))
		echo "not ok $cases - $1"
		diff "$DNS_DIR/want" "$DNS_DIR/got" | head -20 | sed 's/^/# /'
	fi
}
same 'nsd' "$NSD_PORT"
same 'unbound' "$UNBOUND_PORT"
echo "1..$cases"
[ $failed -eq 0 ]
