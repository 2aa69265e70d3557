#!/bin/sh
# The resolver against nsd (authoritative) and unbound (validating): answers, TCP, signed, bogus, expired and broken zones.
set -u
# shellcheck source=tests/live/dns.sh
. "$(dirname "$0")/dns.sh"
dns_need nsd unbound ldns-signzone ldns-keygen
dns_begin
cases=0 failed=0

# is WHAT PATTERN LINE
is() {
	cases=$((cases + 1))
	# shellcheck disable=SC2254
	case $3 in
	$2) echo "ok $cases - $1" ;;
	*)
		failed=$((failed + 1))
		echo "not ok $cases - $1"
		echo "# got  $3"
		echo "# want $2"
		;;
	esac
}

# between WHAT LEAST MOST VALUE
between() {
	cases=$((cases + 1))
	if [ "$4" -ge "$2" ] && [ "$4" -le "$3" ]; then
		echo "ok $cases - $1"
	else
		failed=$((failed + 1))
		echo "not ok $cases - $1: $4 is not between $2 and $3"
	fi
}

# shellcheck disable=SC2016
zone() {
	printf '$ORIGIN %s.\n$TTL 300\n@ SOA ns root 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n' "$1"
	printf '@ MX 10 mail\n@ TXT "v=spf1 mx -all"\nmail A 192.0.2.1\nmail AAAA 2001:db8::1\nalias CNAME mail\n'
}
big() {
	i=0
	while [ $i -lt 12 ]; do
		printf 'big TXT "%0250d" "%0250d"\n' $i $i
		i=$((i + 1))
	done
}

for z in plain signed bogus expired; do
	zone $z.test >"$DNS_DIR/$z.zone"
done
big >>"$DNS_DIR/plain.zone"
dns_sign signed.test "$DNS_DIR/signed.zone"
dns_sign bogus.test "$DNS_DIR/bogus.zone"
sed -i 's/192\.0\.2\.1$/192.0.2.66/' "$DNS_DIR/bogus.zone.signed"
dns_sign expired.test "$DNS_DIR/expired.zone" -i 20200101000000 -e 20200201000000
dns_nsd "plain.test=$DNS_DIR/plain.zone" "signed.test=$DNS_DIR/signed.zone.signed" \
	"bogus.test=$DNS_DIR/bogus.zone.signed" "expired.test=$DNS_DIR/expired.zone.signed"
dns_unbound plain.test signed.test bogus.test expired.test lame.test
nsd=127.0.0.1:$NSD_PORT unbound=127.0.0.1:$UNBOUND_PORT

ask() { "$DNS_PROBE" "$@"; }

is "nsd: an address" "mail.plain.test A ok 1 ad=no rcode=0 *192.0.2.1" "$(ask "$nsd" '?' mail.plain.test A)"
is "nsd: MX with its host's case kept" "*10 mail.plain.test." "$(ask "$nsd" '?' plain.test MX)"
is "nsd: an alias" "* AAAA ok 1 *2001:db8::1" "$(ask "$nsd" '?' alias.plain.test AAAA)"
is "nsd: no such name" "* nxdomain 0 * rcode=3 *" "$(ask "$nsd" '?' none.plain.test A)"
is "nsd: no such type" "* nodata 0 * rcode=0 *" "$(ask "$nsd" '?' mail.plain.test MX)"
is "nsd: a zone that it does not have" "* temp/refused 0 * rcode=5 *" "$(ask "$nsd" '?' other.test A)"
is "nsd: 6 kB of TXT come over TCP" "* ok 12 * octets=6000 tcp=1 *" "$(ask "$nsd" '?' big.plain.test TXT)"
is "unbound: unsigned" "* ok 1 ad=no *" "$(ask "$unbound" '?' mail.plain.test A)"
is "unbound: signed and validated" "* ok 1 ad=trusted *" "$(ask "$unbound" '?' mail.signed.test A)"
is "unbound: validated through an alias" "* ok 1 ad=trusted *" "$(ask "$unbound" '?' alias.signed.test A)"
is "unbound: validated that it is not there" "* nxdomain 0 ad=trusted *" "$(ask "$unbound" '?' none.signed.test A)"
is "unbound: validated that there is no such type" "* nodata 0 ad=trusted *" "$(ask "$unbound" '?' mail.signed.test TLSA)"
is "unbound: bogus" "* temp/bogus 0 * rcode=2 *" "$(ask "$unbound" '?' mail.bogus.test A)"
is "unbound: bogus, but shown with CD" "* ok 1 ad=no * 192.0.2.66" "$(ask -c "$unbound" '?' mail.bogus.test A)"
is "unbound: expired" "* temp/bogus 0 * rcode=2 ede=[679] *" "$(ask "$unbound" '?' mail.expired.test A)"
is "unbound: broken, and not bogus" "* temp/servfail 0 * rcode=2 *" "$(ask "$unbound" '?' mail.lame.test A)"
is "unbound: 6 kB over TCP" "* ok 12 * octets=6000 tcp=1 *" "$(ask "$unbound" '?' big.plain.test TXT)"

dead=127.0.0.1:$("$DNS_PROBE" free-port)
began=$(date +%s%N)
is "a first server that is not there" "* ok 1 *" "$(ask "$dead" "$nsd" '?' mail.plain.test A)"
between "costs nothing" 0 500 $((($(date +%s%N) - began) / 1000000))
began=$(date +%s%N)
is "a first server that is silent" "*ok 1 *ok 1 *" "$(ask mute "$nsd" '?' mail.plain.test A mail.plain.test AAAA | tr '\n' ' ')"
between "costs a second, once" 790 1500 $((($(date +%s%N) - began) / 1000000))
is "nobody at all" "* temp/timeout 0 *" "$(ask -t 500 mute '?' mail.plain.test A)"

echo "1..$cases"
[ $failed -eq 0 ]
