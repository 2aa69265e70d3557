#!/bin/sh
# dmarc-check over nsd says what it says over the zone file.
set -u
# shellcheck source=tests/live/dns.sh
. "$(dirname "$0")/dns.sh"
dns_need nsd
dns_begin

zone=$TEST_DATA/../zone/rfc9989.zone
{
	echo '. 300 SOA ns.example. admin.example. 1 3600 600 86400 300'
	echo '. 300 NS ns.example.'
	grep -v ' SOA ' "$zone"
} >"$DNS_DIR/root.zone"
dns_nsd ".=$DNS_DIR/root.zone"

count=0
same() {
	count=$((count + 1))
	"$POSTHORN" dmarc-check --json --zone "$DNS_DIR/root.zone" "$@" >"$DNS_DIR/want" 2>&1
	want=$?
	"$POSTHORN" dmarc-check --json --resolver "127.0.0.1:$NSD_PORT" "$@" >"$DNS_DIR/got" 2>&1
	got=$?
	if [ "$want" = "$got" ] && cmp -s "$DNS_DIR/want" "$DNS_DIR/got"; then
		echo "ok $count - $*"
	else
		echo "not ok $count - $* (exit $got, want $want)"
		diff "$DNS_DIR/want" "$DNS_DIR/got" | sed 's/^/# /' | cut -c1-600
	fi
}

for domain in example.com signing.example.com test.example.com blue.example.org bank.example giant.bank.example \
	mail.mega.bank.example own.org-a.test other.org-a.test nothing.test case.test late.test nop.test norua.test; do
	same "$domain"
done
for from in here nodata ent gone deep.ent own a.own; do
	same --eval --from "$from.org-a.test"
done
same --eval --from a.b.c.d.e.f.g.h.i.j.k.example.com --dkim-pass signing.example.com
same --eval --from giant.bank.example --spf-pass mail.giant.bank.example --dkim-pass mail.mega.bank.example
echo "1..$count"
