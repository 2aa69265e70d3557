#!/bin/sh
# spf-eval: results and exit codes, the tree, JSON, lists, lint, and what it says when it is asked wrongly.
# shellcheck source=tests/lib/cli.sh
. "$TEST_LIB/cli.sh"

zone=$TEST_DATA/../zone/spf.zone
eval_spf() { run spf-eval --zone "$zone" "$@"; }

# Results.
eval_spf --ip 192.0.2.1 --from user@pass.test
exit_is 0 'pass is 0'
eval_spf --ip 192.0.2.1 --from user@fail.test
exit_is 1 'fail is 1'
golden spf_eval/fail.txt 'fail says why and what to do'
for result in soft:softfail neutral:neutral broken:permerror mx1:none; do
	eval_spf --ip 192.0.2.1 --from "user@${result%%:*}.test" --json
	exit_is 1 "${result#*:} is 1"
	json_is result "${result#*:}" "${result#*:} in JSON"
done
eval_spf --ip 192.0.2.1 --from user@loop.sel.test
exit_is 75 'temperror is 75'
out_has 'try again later' 'temperror says that nothing is known'
eval_spf --ip 192.0.2.1 --from user@fail.test --require fail
exit_is 0 '--require fail: fail is 0'
eval_spf --ip 192.0.2.1 --from user@pass.test --require fail
exit_is 1 '--require fail: pass is 1'
eval_spf --ip 192.0.2.1 --from user@loop.sel.test --require fail
exit_is 75 '--require fail: temperror stays 75'
eval_spf --ip 192.0.2.1 --from user@loop.sel.test --require temperror
exit_is 0 '--require temperror'

# Whose domain.
eval_spf --ip 192.0.2.1 --from '<>' --helo fail.test --json
json_is sender postmaster@fail.test 'the null sender is postmaster@HELO'
json_is identity helo 'the identity is the HELO name'
eval_spf --ip 192.0.2.1 --helo fail.test --json
json_is domain fail.test '--helo alone'
eval_spf --ip 192.0.2.1 Fail.Test --json
json_is sender postmaster@fail.test 'a DOMAIN alone'
eval_spf --ip 192.0.2.1 --mail-from '<user@pass.test>' --json
json_is result pass '--mail-from, in angle brackets'
eval_spf --ip 192.0.2.1 --from user@pass.test fail.test --json
json_is result fail 'a DOMAIN in the place of the sender'"'"'s'
eval_spf --ip ::ffff:192.0.2.1 d.test --record 'v=spf1 a -all'
exit_is 0 'an IPv4-mapped client'

# The record given.
eval_spf --ip 203.0.113.7 d.test --record 'v=spf1 ip4:203.0.113.0/24 -all' --json
json_is result pass '--record'
json_is record 'v=spf1 ip4:203.0.113.0/24 -all' '--record is the record'
refused 65 '--record "spf1 -all": an SPF record starts with v=spf1 and a space' '--record that is none' \
	spf-eval --zone "$zone" --ip 192.0.2.1 d.test --record 'spf1 -all'

# The tree.
record='v=spf1 include:fail.test a:nowhere.test mx include:incpass.test exists:%{ir}.m.test redirect=toredirect.test'
eval_spf --ip 192.0.2.1 d.test --record "$record" --tree
golden spf_eval/tree.txt 'the tree'
LC_ALL=C
export LC_ALL
eval_spf --ip 192.0.2.1 d.test --record "$record" --tree
golden spf_eval/tree_ascii.txt 'the tree without UTF-8'
LC_ALL=C.UTF-8
eval_spf --ip 192.0.2.1 d.test --record "$record" --tree --color always
golden spf_eval/tree_color.txt 'the tree in colours'
eval_spf --ip 192.0.2.1 --from user@l1.test --tree
golden spf_eval/tree_loop.txt 'the tree of a loop'
eval_spf --ip 192.0.2.99 --from user@exp.test
out_has 'explanation: See http://exp.test/why.html?s=user%40exp.test&i=192.0.2.99' 'the explanation'

# JSON.
eval_spf --ip 192.0.2.1 --from user@d.test --helo mx1.test --receiver mx.example.net --record "$record" --json
golden spf_eval/json.txt 'the whole object'
json_lines 'one line of JSON'
eval_spf --ip 192.0.2.1 --from '"(x) \"<y>"@fail.test' --json
json_is authentication_results 'localhost; spf=fail (domain of "\(x\) \\"<y>"@fail.test does not designate 192.0.2.1 as permitted sender) smtp.mailfrom=fail.test' \
	'a quoted local part stays out of smtp.mailfrom'

# Strangers' text.
printf 'e.test. TXT "v=spf1 exp=x.test -all"\nx.test. TXT "\\027[2J"\nb.test. TXT "v=spf1 \\027[31m\\226\\128\\174 -all"\n' >evil.zone
run spf-eval --zone evil.zone --ip 192.0.2.1 --from u@e.test --tree
out_lacks "$(printf '\033')" 'an explanation with control characters is none'
run spf-eval --zone evil.zone --ip 192.0.2.1 --from u@b.test --tree
exit_is 1 'a record with control characters is a permerror'
out_lacks "$(printf '\033')" 'its control characters do not reach the terminal'
run spf-eval --zone evil.zone --lint b.test
out_lacks "$(printf '\033')" 'nor through --lint'

# Lists.
cat >list <<'LIST'
# a comment, then an empty line

192.0.2.1 user@pass.test mx1.test
192.0.2.1 <> fail.test
2001:db8::1 - neutral.test
192.0.2.1 <user@soft.test>
LIST
eval_spf --list list
exit_is 1 'a list with a fail is 1'
golden spf_eval/list.txt 'a line each'
run_with list spf-eval --zone "$zone" --list - --json
json_is result softfail 'a list from stdin, in JSON' last
json_is line 6 'with the number of its line' last
json_lines 'a list is JSON lines'
printf '192.0.2.1 a@pass.test' >list
eval_spf --list list
exit_is 0 'a list of passes is 0, the last line without its end'
printf '192.0.2.1 a@pass.test\n192.0.2.1 a@loop.sel.test\n' >list
eval_spf --list list
exit_is 75 'a list with a temperror is 75'
printf 'nonsense a@pass.test\n192.0.2.1\n192.0.2.1 a@pass.test\n' >list
eval_spf --list list
exit_is 65 'a list with a bad line is 65'
out_has 'pass' 'and goes on'
err_is 'posthorn spf-eval: list:1: the first word is no IP address (a line is: ip sender helo)
posthorn spf-eval: list:2: neither a sender nor a HELO name (a line is: ip sender helo)' 'bad lines are named'
: >list
eval_spf --list list
exit_is 0 'an empty list'
i=0
while [ "$i" -lt 3000 ]; do
	printf '192.0.2.1 user%d@%s.test\n' "$i" "$([ $((i % 3)) -eq 0 ] && echo pass || echo incpass)"
	i=$((i + 1))
done >list
eval_spf --list list
is "$(grep -c '^pass  .* user' "$out")" 3000 'a long list, each line once'
is "$(sed 's/.*user\([0-9]*\)@.*/\1/' "$out" | sort -nc 2>&1)" '' 'in order'

# Lint, flatten, expand.
eval_spf --lint i10.test
exit_is 0 '--lint without an error is 0'
eval_spf --lint --record 'v=spf1 include:i10.test include:i10.test ptr +all a' d.test
exit_is 1 '--lint with an error is 1'
golden spf_eval/lint.txt '--lint past the limit'
eval_spf --lint --json broken.test
json_is findings.0.check spf.syntax '--lint --json'
json_is findings.0.ref 'RFC 7208 4.6' '--lint names the standard'
eval_spf --lint loop.sel.test
exit_is 75 '--lint without an answer is 75'
eval_spf --lint l1.test r1.test
exit_is 1 '--lint of several'
out_has 'r1.test' 'the second is there'
eval_spf --flatten --record 'v=spf1 mx ip4:192.0.2.0/24 ip6:2001:db8::/32 include:pass.test exists:%{i}.m.test -all' d.test
golden spf_eval/flatten.txt '--flatten'
err_has "'exists:%{i}.m.test' depends on the message" '--flatten says what cannot be flattened'
eval_spf --flatten mx1.test
exit_is 1 '--flatten without a record'
err_is 'posthorn spf-eval: mx1.test has no SPF record' 'says so'
run spf-eval --expand '%{ir}.%{v}._spf.%{d2}' --ip 192.0.2.3 --from strong-bad@email.example.com
out_is '3.2.0.192.in-addr._spf.example.com' '--expand'
refused 65 '--expand "%{x}": unknown macro letter at '"'%{x}'" '--expand of nonsense' spf-eval --expand '%{x}'

# Asked wrongly.
refused 64 'whose mail? give --ip ADDRESS (or --lint DOMAIN for the record alone)' 'no address' spf-eval d.test
refused 64 'whose domain? give --from ADDRESS, --helo NAME or a DOMAIN' 'no domain' spf-eval --ip 192.0.2.1
refused 64 'one DOMAIN, not 2 (--list FILE takes many)' 'two domains' spf-eval --ip 192.0.2.1 a.test b.test
refused 64 '--lint wants a DOMAIN' 'lint of nothing' spf-eval --lint
refused 64 '--list, --lint, --flatten and --expand exclude each other' 'two modes' spf-eval --lint --flatten a.test
refused 64 '--list has addresses and senders in its lines; give no others' 'list and address' spf-eval --list x --ip 192.0.2.1
refused 64 '--ip "192.0.2.256": not an IP address; write 192.0.2.1 or 2001:db8::1' 'a bad address' \
	spf-eval --ip 192.0.2.256 d.test
run spf-eval --zone "$zone" --list missing
exit_is 66 'a missing list is 66'
run spf-eval --zone missing --ip 192.0.2.1 d.test
exit_is 66 'a missing zone file is 66'
printf 'a.test. A x\nb.test. BLA y\n' >bad.zone
refused 65 "bad.zone:1: 'x' is no IPv4 address (and 1 more bad line)" 'a bad zone file' \
	spf-eval --zone bad.zone --ip 192.0.2.1 a.test
status=0
"$POSTHORN" spf-eval --zone "$zone" --ip 192.0.2.1 --from a@pass.test 2>"$err" >/dev/full || status=$?
exit_is 74 'a full disk is 74'

done_testing
