#!/bin/sh
# dkim-verify: verdicts, reasons, hints, output, exit codes.
. "$TEST_LIB/cli.sh"

echo 'nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=' >ed.key # RFC 8463 A.2
chmod 600 ed.key
record='v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='
printf 'ed._domainkey.example.org. 60 IN TXT "%s"\n' "$record" >zone
now=--now=1528637909
printf 'From: joe@example.org\r\nTo: a@b.c\r\nSubject: x\r\n\r\nHello.\r\n.\r\n' >m
"$POSTHORN" dkim-sign "$now" -s ed -k ed.key m >s || exit 99
verify() { run dkim-verify --now=1528641509 --zone zone "$@"; }

verify s
exit_is 0 'a good signature'
out_is 'pass       s
  pass       example.org  ed  ed25519-sha256  relaxed/relaxed  signed 1h ago' 'text: verdict first'
verify --json s
json_lines 'JSON'
json_is result pass 'result'
json_is signatures.0.algorithm ed25519-sha256 'algorithm'
json_is signatures.0.key_bits 256 'key_bits'
json_is signatures.0.canonicalization relaxed/relaxed 'canonicalization'
json_is signatures.0.timestamp 2018-06-10T13:38:29Z 'timestamp'
json_is signatures.0.age_s 3600 'age_s'
json_is signatures.0.body_hash.match true 'body_hash'
json_is signatures.0.header_signature match 'header_signature'
json_is signatures.0.oversigned.0 From 'oversigned'
json_is signatures.0.unsigned_copies '[]' 'unsigned_copies'
json_is arc null 'arc only with --arc'
verify --json --authserv-id mx.example.org s
is "$(json authentication_results | sed 's/header.b=.*//')" 'mx.example.org; dkim=pass header.d=example.org header.i=@example.org header.s=ed header.a=ed25519-sha256 ' 'Authentication-Results'
run_with s dkim-verify "$now" --zone zone
exit_is 0 'standard input'
run dkim-sign --verify "$now" --zone zone s
exit_is 0 'dkim-sign --verify is the same'
run dkim-verify "$now" --key-record "$record" s
exit_is 0 '--key-record'
openssl pkey -in ed.key -pubout -out pub.pem 2>/dev/null || printf '%s\n' '-----BEGIN PUBLIC KEY-----' \
	'MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=' '-----END PUBLIC KEY-----' >pub.pem
run dkim-verify "$now" --key-file pub.pem s
exit_is 0 '--key-file'

# Not pass.
verify m
exit_is 1 'no signature'
out_is 'none       m  no DKIM signature' 'none'
verify --domain example.net s
exit_is 1 '--domain: no signature of that one'
out_has '(does not count)' 'and it is told'
run dkim-verify "$now" --zone /dev/null s
exit_is 1 'no key'
out_has 'no key: ed._domainkey.example.org does not exist' 'is permerror'
run dkim-verify "$now" --resolver 127.0.0.1:9 --dns-timeout 300ms --json s
exit_is 75 'no answer from DNS'
json_is result temperror 'temperror'
"$POSTHORN" dkim-sign "$now" --expire 10 -s ed -k ed.key m >expired
verify --json expired
json_is result policy 'expired'
exit_is 1 'policy is not pass'
sed 's/^DKIM-Signature: v=1;/DKIM-Signature: v=2;/' s >v2
verify --json v2
json_is result neutral 'an unknown version is neutral'
json_is signatures.0.reason 'v=2 is not 1' 'and says why'
sed 's/^To:/Subject: another\r\nTo:/' s >copy
verify copy
exit_is 1 'a second Subject fails, since we oversign'
"$POSTHORN" dkim-sign "$now" --headers From:Subject -s ed -k ed.key m | sed 's/^Subject: x.*/&\nSubject: another\r/' >copy
verify copy
exit_is 1 'the lowest Subject is the signed one'
{ printf 'Subject: another\r\n' && "$POSTHORN" dkim-sign "$now" --headers From:Subject -s ed -k ed.key m; } >copy
verify copy
exit_is 0 'an unsigned copy passes'
out_has 'beware: an unsigned copy of Subject is in the message' 'with a warning'
verify --strict copy
exit_is 1 '--strict fails it'
cat s s >two # a second header block in the body: the body is another one
verify --all s two
exit_is 1 'one of two files'

# Hints.
hint() { # FILE TEXT WHAT
	verify --json "$1"
	json_is signatures.0.result fail "$3"
	case $(json signatures.0.hint) in *"$2"*) pass "$3: hint" ;; *) fail "$3: hint" "$(json signatures.0.hint)" ;; esac
}
{ cat s && printf '_____\r\nlist footer\r\n'; } >h
hint h 'the first 2 lines fit: 2 lines were appended' 'a footer'
json_is signatures.0.header_signature match 'the header is as it was'
json_is signatures.0.body_hash.match false 'the body is not'
sed 's/^Subject: x/Subject: [list] x/' s >h
verify h
out_has 'the header fits without "[list]" at the front of Subject' 'a prefix of Subject, in text'
sed 's/^To:/Reply-To: list@b.c\r\nTo:/' s >h
hint h 'without the field Reply-To: it was added later' 'a field added'
sed 's/^\.\r/..\r/' s >h
hint h 'doubled dots at the start of lines are undone' 'dot stuffing'
printf 'From: joe@example.org\r\n\r\nFrom here\r\n' >f
"$POSTHORN" dkim-sign "$now" -s ed -k ed.key f | sed 's/^From here/>From here/' >h
hint h 'From' '>From quoting'
"$POSTHORN" dkim-sign "$now" -s ed -k ed.key -c simple/simple m | sed 's/c=simple\/simple/c=simple\/relaxed/; s/^Hello\./Hello.  /' >h
hint h null 'nothing fits'
{ cat s && printf 'footer\r\n'; } | "$POSTHORN" dkim-verify "$now" --zone zone >"$out"
out_has 'the first 2 lines fit' 'hints for standard input too'

# --dump-canonical
mkdir dump
verify --dump-canonical dump s
exit_is 0 '--dump-canonical'
is "$(tr -d "\r" <dump/body.relaxed)" 'Hello.
.' 'the body that was hashed'
is "$(head -1 dump/1.header | tr -d '\r')" 'from:joe@example.org' 'the header that was hashed'

# Old mail, limits, bad input.
refused 64 '--all and --any exclude each other' 'usage' dkim-verify --all --any s
refused 66 'missing: No such file or directory' 'a file that is not there' dkim-verify --zone zone missing
verify s missing
exit_is 66 'one of two is not there'
out_has 'pass       s' 'the other one is judged'
: >empty
verify empty
exit_is 1 '0 octets: none'
printf 'From: a@b\r\nX: \000\r\n\r\n\000' >nul
verify nul
exit_is 1 'NUL: none'
i=0 && while [ $i -lt 30 ]; do head -8 s; i=$((i + 1)); done >many
sed -n '/^From/,$p' s >>many
verify --json many
json_is signatures.29.result policy 'thirty signatures: ten are judged'
printf '\033[31m\n\n' >esc
printf 'DKIM-Signature: v=1; a=\033[31m; d=x\r\n\r\n' >esc
verify esc
out_lacks "$(printf '\033')" 'no escape sequence of a stranger reaches the terminal'
done_testing
