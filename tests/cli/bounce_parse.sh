#!/bin/sh
# bounce-parse: inputs, forms, filters, rules, the suppression list, and what it says when it is asked wrongly.
# shellcheck source=tests/lib/cli.sh
. "$TEST_LIB/cli.sh"

mails=$TEST_DATA/bounce_message

# Forms.
run bounce-parse --json "$mails/exim.eml"
exit_is 0 'a bounce is recognised'
json_is type bounce 'type'
json_is recipient ann@example.net 'recipient'
json_is hard true 'hard'
json_is reason user_unknown 'reason'
json_is category invalid_address 'category'
json_is source "$mails/exim.eml" 'source is the path as given'
run bounce-parse "$mails/exim.eml"
json_is type bounce 'JSON where stdout is no terminal'
run bounce-parse --format text "$mails/exim.eml"
out_has 'user_unknown' 'text'
run bounce-parse -f tsv "$mails/exim.eml"
is "$(awk -F '\t' 'NR == 2 { print $1, $2, NF }' "$out")" 'bounce ann@example.net 15' 'tsv has 15 columns'
run bounce-parse -f csv "$mails/exim.eml"
is "$(head -n 1 "$out" | cut -d, -f1-3)" 'type,recipient,original_recipient' 'csv has a header line'

# Inputs.
run bounce-parse --json "$mails"
exit_is 0 'a directory'
is "$(grep -c '"type":"bounce"' "$out")" 5 'all messages of a directory'
for i in 1 2 3; do
	printf 'From MAILER-DAEMON Sat Nov 21 20:00:0%s 2026\n' "$i"
	cat "$mails/exim.eml"
	printf '\n'
done >three.mbox
run bounce-parse --json three.mbox
is "$(grep -c '"source":"three.mbox:[123]"' "$out")" 3 'an mbox, messages numbered'
run_with three.mbox bounce-parse --json
is "$(grep -c '"source":"-:[123]"' "$out")" 3 'standard input, an mbox too'
run bounce-parse --json --jobs 2 three.mbox "$mails"
is "$(wc -l <"$out")" "$(run bounce-parse --json three.mbox "$mails"; wc -l <"$out")" 'two threads say what one says'
mkdir -p box/cur box/new box/tmp
cp "$mails/exim.eml" box/new/1
cp "$mails/dsn.eml" box/cur/2:2,S
cp "$mails/dsn.eml" box/tmp/3
run bounce-parse --json box
is "$(grep -c '"type"' "$out")" 3 'a Maildir: new and cur, not tmp'
run bounce-parse --json "$mails/sns.json"
json_is type feedback 'an event of SES in SNS'
printf '%s\n' '{"event":"bounce","email":"a@example.net","reason":"550 5.1.1 unknown user"}' \
	'{"event":"open","email":"a@example.net"}' >events.json
run bounce-parse --json events.json
is "$(grep -c '"type":"bounce"' "$out")-$(wc -l <"$out")" 1-2 'events one a line'

# What is no report.
printf 'From: a@example.org\nSubject: hello\n\nhi\n' >plain.eml
run bounce-parse --json plain.eml
exit_is 1 'nothing recognised is 1'
json_is type unknown 'an ordinary message is unknown'
run bounce-parse --format text plain.eml
is "$(wc -c <"$out")" 0 'and nothing in text form'
: >empty.eml
run bounce-parse --json empty.eml
exit_is 1 'an empty file'
run bounce-parse --json missing.eml "$mails/exim.eml"
exit_is 66 'a missing file is 66'
json_is type bounce 'and the others go on'
head -c 100000 /dev/zero >zeros.eml
run bounce-parse --json zeros.eml
exit_is 1 'a file of NULs'
mkdir unmatched
run bounce-parse --json --unmatched-dir unmatched plain.eml "$mails/exim.eml"
ok 'what was not recognised is kept' cmp unmatched/unmatched-000001.eml plain.eml
run bounce-parse --json --unmatched-dir unmatched empty.eml plain.eml
ok 'a second run leaves what the first kept' cmp unmatched/unmatched-000001.eml plain.eml
ok 'and keeps its own beside it' cmp unmatched/unmatched-000002.eml plain.eml

# Filters.
run bounce-parse --json --type feedback "$mails"
is "$(grep -c '"type":"feedback"' "$out")-$(wc -l <"$out")" 2-2 '--type'
run bounce-parse --json --hard "$mails"
is "$(grep -c '"hard":true' "$out")" "$(wc -l <"$out")" '--hard'
run bounce-parse --json --reason user_unknown,spam --domain EXAMPLE.net "$mails/exim.eml"
is "$(wc -l <"$out")" 1 '--reason and --domain'
run bounce-parse --json --category content "$mails/exim.eml"
is "$(wc -l <"$out")" 0 '--category'

# Replies.
run bounce-parse --json --reply '550 5.1.1 no such user'
json_is reason user_unknown '--reply'
json_is hard true '--reply: hard'
run bounce-parse --json --reply '451 4.7.1 Greylisted, try again'
json_is type delay 'a 4xx is a delay'
printf '250 ok\n552 5.2.2 quota exceeded\n' >replies.txt
run bounce-parse --json --replies replies.txt
is "$(sed 's/.*"reason":"\([a-z_]*\)".*/\1/' "$out" | tr '\n' ' ')" 'delivered mailbox_full ' '--replies'

# Rules.
printf '[rule mine]\ntext = "no such user here"\nreason = policy\nhard = no\n' >my.rules
run bounce-parse --json --rules my.rules --reply '550 no such user here'
json_is reason policy 'a rule of our own comes first'
json_is rule mine 'and is named'
run bounce-parse --json --rules my.rules --explain --reply '550 no such user here'
out_has '"explain":[{"rule":"mine"' '--explain names what decided'
printf '[rule broken]\ntext = "open\nreason = spam\n' >bad.rules
run bounce-parse --rules bad.rules --reply x
exit_is 65 'broken rules are 65'
err_has 'bad.rules:2' 'with file and line'
run bounce-parse --test-rules --rules my.rules --reply '550 no such user here'
exit_is 0 '--test-rules'
out_has '1  my.rules:1  mine' 'counts'
run bounce-parse --list-reasons
is "$(wc -l <"$out")" 38 '--list-reasons'

# The list.
run bounce-parse --json --suppress list.tsv "$mails/exim.eml"
exit_is 0 '--suppress'
run bounce-parse --check Ann@Example.net --suppress list.tsv
exit_is 1 'a suppressed address is 1'
run bounce-parse --check bob@example.net --suppress list.tsv
exit_is 0 'another is 0'
run bounce-parse --json --check ann@example.net --suppress list.tsv
json_is suppressed true '--check in JSON'
is "$(stat -c %a list.tsv)" 600 'the list is private'
before=$(cksum <list.tsv)
run bounce-parse --json --suppress list.tsv --dry-run "$mails/dsn.eml"
is "$(cksum <list.tsv)" "$before" '--dry-run writes nothing'
run bounce-parse --json --suppress soft.tsv --policy soft=2/30d --reply '552 5.2.2 quota exceeded'
run bounce-parse --check ann@example.net --suppress missing.tsv
exit_is 66 'no list is 66'
printf 'not a list\n' >no.tsv
run bounce-parse --suppress no.tsv "$mails/exim.eml"
exit_is 65 'what is no list is refused'
is "$(cat no.tsv)" 'not a list' 'and left alone'
run bounce-parse --policy hard=never --suppress x.tsv "$mails/exim.eml"
exit_is 64 'a policy that is none'
err_has 'hard=1,soft=5/30d' 'shows one'

# VERP, summaries, rates.
printf 'Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nTo: bounce+nov.17.abcd@example.org\nSubject: failure notice\n\n' >verp.eml
printf 'Hi. This is the qmail-send program at x.\n\n<ann@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n' >>verp.eml
run bounce-parse --json --verp 'bounce+{job}.{key}.{mac}@example.org' verp.eml
json_is job nov '--verp: job'
json_is key 17 '--verp: key'
run bounce-parse --summary --by domain --plot verp.eml
out_has 'example.net' '--summary --by domain'
run bounce-parse --json --rate 1000 verp.eml
exit_is 0 'within the limits'
run bounce-parse --rate 10 verp.eml
exit_is 1 'over a limit is 1'

# Hostile text, full disk, wrong options.
printf 'Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: failure notice\n\n<a@example.net>:\n550 \033[2Jno such user\n' >esc.eml
run bounce-parse --format text esc.eml
is "$(tr -d '\n' <"$out" | LC_ALL=C grep -c "$(printf '\033')")" 0 'control characters are shown, not sent'
printf 'Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: failure notice\n\n<a@example.net>:\n=cmd no such user\n' >formula.eml
run bounce-parse --format csv formula.eml
out_has "'=cmd" 'a formula is no formula in CSV'
run bounce-parse --colour "$mails/exim.eml"
exit_is 64 'an unknown option is 64'
if [ -w /dev/full ]; then
	status=0
	"$POSTHORN" bounce-parse --json "$mails/exim.eml" >/dev/full 2>"$err" || status=$?
	exit_is 74 'a full disk is 74'
fi
done_testing
