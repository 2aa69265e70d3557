#!/bin/sh
# Raw rate of the resolver against nsd on loopback, by window; beside it, in the same run, drill (ldns' own blocking resolver, a
# process a question) for scale. Only ratios and the cpu time a question travel between machines.
set -u
# shellcheck source=tests/live/dns.sh
. "$(dirname "$0")/../live/dns.sh"
dns_need nsd
dns_begin
names=100000
{
	# shellcheck disable=SC2016
	printf '$ORIGIN rate.test.\n$TTL 300\n@ SOA ns root 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n'
	awk -v n=$names 'BEGIN { for (i = 0; i < n; i++) printf "n%d TXT \"v=spf1 ip4:192.0.2.%d -all\"\n", i, i % 256 }'
} >"$DNS_DIR/rate.zone"
dns_nsd "rate.test=$DNS_DIR/rate.zone"
failed=0
for window in 1 16 64 256; do
	n=$names
	[ $window -eq 1 ] && n=10000
	printf 'window %3d  ' $window
	"$DNS_RATE" "127.0.0.1:$NSD_PORT" rate.test $n $window || failed=1
done
if command -v drill >/dev/null 2>&1; then
	began=$(date +%s%N)
	i=0
	while [ $i -lt 100 ]; do
		drill -p "$NSD_PORT" "n$i.rate.test" TXT @127.0.0.1 >/dev/null || failed=1
		i=$((i + 1))
	done
	echo "drill       100 processes, $((100000000000 / ($(date +%s%N) - began))) questions/s"
fi
exit $failed
