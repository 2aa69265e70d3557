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

# Asked wrongly.
refused 64 'give a DOMAIN, or --message, --eval or --report' 'nothing to do' dmarc-check
refused 64 '--message, --eval and --report exclude each other' 'two modes' dmarc-check --eval --report x
refused 64 '--eval needs --from DOMAIN' 'no From' dmarc-check --eval
refused 64 '--message needs --ip, the address of the client that sent it' 'no address' dmarc-check --message x
refused 64 '--csv, --html, --json-lines, --failing and --resolve go with --report' 'options of another mode' dmarc-check --csv example.org

done_testing
