# shellcheck shell=sh
# dmarc-check: policies of domains, facts, messages.
# shellcheck source=tests/lib/cli.sh
. "$TEST_LIB/cli.sh"

zone=$TEST_DATA/../zone/rfc9989.zone
check() { run dmarc-check --zone "$zone" "$@"; }

# A domain's policy.
check blue.example.org
exit_is 0 'a warning is 0'
out_has 'rua  mailto:reports@red.example.net  authorised' 'RFC 9990 4: the example is authorised'
check --fail-on warn blue.example.org
exit_is 1 '--fail-on warn'
check test.example.com
golden dmarc_check/test.txt 'the walk, name by name'
check case.test
exit_is 1 'an error is 1'
out_has 'dmarc.version-case' 'says what is wrong'
out_has 'dmarc.location' 'looks where people put it by mistake'
check --json signing.example.com
json_is organizational_domain example.com 'organizational domain'
json_is record_domain signing.example.com 'record of its own'
json_is walk.2.name _dmarc.com 'the walk ends at the top'
json_is walk.0.used true 'whose record is used'
json_is policy.nonexistent reject 'sp and np are those of the organizational domain'
json_is findings.0.check dmarc.policy-none 'findings'
check --json EXAMPLE.com.
json_is domain example.com 'a domain as people type it'
check a..b
exit_is 64 'not a domain'

# Facts.
check --eval --from giant.bank.example --dkim-pass mail.mega.bank.example --spf-pass mail.giant.bank.example
exit_is 0 'B.4.3: SPF is aligned'
check --eval --json --from giant.bank.example --dkim-pass mail.mega.bank.example
exit_is 1 'B.4.3: DKIM is not'
json_is result fail 'fail'
json_is disposition reject 'disposition'
json_is alignment.dkim.aligned false 'alignment'
check --eval --json --from 'A <a@example.com>, B <b@example.net>'
exit_is 1 'several domains'
json_is result permerror 'several domains are permerror'
json_is reason multiple-from 'and why'
json_is walk '[]' 'nothing was asked'
check --eval --json --from nothing.test --dkim-pass nothing.test
json_is result none 'no record'

# Messages: the examples of RFC 9989 B.1 with keys and SPF records of their own.
run dkim-keygen -q -d example.com -s mail --absolute -o .
cat >mail.zone <<'ZONE'
_dmarc.example.com. TXT "v=DMARC1; p=reject; sp=quarantine"
example.com. TXT "v=spf1 ip4:192.0.2.1 -all"
child.example.com. TXT "v=spf1 ip4:192.0.2.1 -all"
child.example.com. A 192.0.2.1
example.net. TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.example.net. TXT "v=DMARC1; p=none"
ZONE
cat example.com.mail.txt >>mail.zone
judge() { run dmarc-check --zone mail.zone --authserv-id mx.test --ip 192.0.2.1 --message "$@"; }
letter() { printf 'From: %s\r\nDate: Fri, 15 Feb 2002 16:54:30 -0800\r\nTo: receiver@example.org\r\nSubject: here is a sample\r\n\r\nHello.\r\n' "$1"; }
letter sender@example.com >plain.eml
letter sender@child.example.com >child.eml
judge plain.eml --mail-from sender@example.com
exit_is 0 'B.1.1: SPF in strict alignment'
judge plain.eml --mail-from sender@child.example.com --json
exit_is 0 'B.1.1: SPF in relaxed alignment'
json_is alignment.spf.domain child.example.com 'the domain that is aligned'
judge child.eml --mail-from sender@example.net --json
exit_is 1 'B.1.1: no SPF alignment'
json_is disposition quarantine 'the policy for subdomains'
json_is spf.result pass 'though SPF passed'
run dkim-sign -d example.com -s mail -k example.com.mail.pem plain.eml
cp "$out" signed.eml
run dkim-sign -d example.com -s mail -k example.com.mail.pem child.eml
cp "$out" signed-child.eml
judge signed.eml --json
exit_is 0 'B.1.2: DKIM in strict alignment'
json_is dkim.signatures.0.result pass 'the signature'
json_is result pass 'SPF without a sender is none'
judge signed-child.eml
exit_is 0 'B.1.2: DKIM in relaxed alignment'
sed 's/child.example.com/example.net/' signed-child.eml >other.eml
judge other.eml --json
exit_is 1 'B.1.2: no DKIM alignment'
judge plain.eml --mail-from '<>' --helo child.example.com --json
exit_is 0 'the null sender: HELO'
json_is spf.identity helo 'the identity is HELO'
{ printf 'From: a@example.com\r\nFrom: b@example.net\r\n\r\n' && cat plain.eml; } >two.eml
judge two.eml --json --mail-from sender@example.com
json_is reason multiple-from 'two From fields'
printf 'Authentication-Results: mx.test; dmarc=pass header.from=example.com\nauthentication-results: MX.test (x); spf=pass\nAuthentication-Results: other.test; dmarc=pass\nFrom: a@example.com\n\nbody\n' >claims.eml
judge claims.eml --add-header
exit_is 1 'claims of others change nothing'
is "$(grep -ci '^authentication-results: mx.test' "$out")" 1 'claims under our name are gone'
out_has 'Authentication-Results: other.test; dmarc=pass' 'those under other names stay'
is "$(tail -n 3 "$out")" 'From: a@example.com

body' 'the message stays as it was'
run_with claims.eml dmarc-check --zone mail.zone --ip 192.0.2.1 --message - --add-header --authserv-id mx.test
out_has 'body' 'from standard input'

# Asked wrongly.
refused 64 'give a DOMAIN, or --message, --eval or --report' 'nothing to do' dmarc-check
refused 64 '--message, --eval and --report exclude each other' 'two modes' dmarc-check --eval --report x
refused 64 '--eval needs --from DOMAIN' 'no From' dmarc-check --eval
refused 64 '--message needs --ip, the address of the client that sent it' 'no address' dmarc-check --message x
refused 64 '--csv, --html, --json-lines, --failing and --resolve go with --report' 'options of another mode' dmarc-check --csv example.org

done_testing
