#!/bin/sh
# dkim-keygen: keys, records, --check, --revoke, --list.
. "$TEST_LIB/cli.sh"

now=--now=2026-11-21T20:00:00Z
run dkim-keygen "$now" -d example.org
exit_is 0 'a key with all defaults'
is "$(stat -c %a example.org.202611.pem)" 600 'selector is year and month; the key is private'
is "$(stat -c %a example.org.202611.txt)" 644 'the record is not'
is "$(cat "$out")" "$(cat example.org.202611.txt)" 'the record is printed and kept'
is "$(head -1 example.org.202611.pem)" '-----BEGIN PRIVATE KEY-----' 'PKCS#8'
err_has 'example.org.202611.pem: private key; publish the record' 'and what comes next is said'
if openssl pkey -in example.org.202611.pem -noout -text 2>/dev/null | grep -q '2048 bit'; then pass 'RSA, 2048 bits'; else fail 'RSA, 2048 bits'; fi
cp example.org.202611.pem kept.pem
refused 73 'example.org.202611.pem: there is a key already; choose another selector, or replace it with --force' \
	'a key is never overwritten' dkim-keygen "$now" -d example.org
ok 'and the old one is untouched' cmp kept.pem example.org.202611.pem
run dkim-keygen "$now" -q -d example.org --force
exit_is 0 '--force'
if cmp -s kept.pem example.org.202611.pem; then fail 'it is a new one'; else pass 'it is a new one'; fi
is "$(stat -c %a example.org.202611.pem)" 600 'still private'

run dkim-keygen "$now" -q -d example.org --type both -s 'mail%y'
exit_is 0 'both types in one run'
is "$(ls example.org.mail26-*.pem)" 'example.org.mail26-ed25519.pem
example.org.mail26-rsa.pem' 'two names, since two keys at one are undefined'
out_has 'mail26-ed25519._domainkey	3600	IN	TXT	"v=DKIM1; k=ed25519; p=' 'Ed25519 record'
run dkim-keygen "$now" -q -d example.org --type both -s '{type}-a'
is "$(ls example.org.*-a.pem)" 'example.org.ed25519-a.pem
example.org.rsa-a.pem' '{type}'
mkdir keys
run dkim-keygen -q -d Bücher.example -s s1 -o keys --bits 4096
exit_is 0 'U-labels, a directory, 4096 bits'
ok 'A-labels in the name' test -f keys/xn--bcher-kva.example.s1.pem

# A fixed key: RFC 8463 A.2.
echo 'nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=' >seed
p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
run dkim-keygen -d example.org -s s --public seed
out_is "s._domainkey	3600	IN	TXT	\"v=DKIM1; k=ed25519; p=$p\"	; DKIM key s of example.org" 'RFC 8463 A.2: the public half of a seed; zone form'
run dkim-keygen -d example.org -s s --public seed --absolute --ttl 60 --flags y,s --note 'our key'
out_is "s._domainkey.example.org.	60	IN	TXT	\"v=DKIM1; k=ed25519; t=y:s; n=our key; p=$p\"	; DKIM key s of example.org" 'flags, note, ttl, absolute'
run dkim-keygen -d example.org -s s --public seed --format txt
out_is "v=DKIM1; k=ed25519; p=$p" 'txt form'
run dkim-keygen -d example.org -s s --public seed --format nsupdate
out_is "update add s._domainkey.example.org. 3600 TXT \"v=DKIM1; k=ed25519; p=$p\"
send" 'nsupdate form'
run dkim-keygen -d example.org -s s --public seed --format tinydns
out_is "'s._domainkey.example.org:v=DKIM1;\\040k=ed25519;\\040p=$p:3600" 'tinydns form'
run dkim-keygen -d example.org -s s --public seed --format route53
json_is Changes.0.ResourceRecordSet.ResourceRecords.0.Value "\"v=DKIM1; k=ed25519; p=$p\"" 'route53 form'
run dkim-keygen -d example.org -s s --public seed --format json
json_is record "v=DKIM1; k=ed25519; p=$p" 'json form'
json_lines 'a version in it'
run dkim-keygen -d example.org -s s --public keys/xn--bcher-kva.example.s1.pem --json
is "$(json strings | python3 -c 'import json, sys; s = json.load(sys.stdin); print(len(s) == 3, max(map(len, s)))')" 'True 255' 'strings of at most 255 octets'
run dkim-keygen -d example.org -s s --revoke
out_is 's._domainkey	3600	IN	TXT	"v=DKIM1; p="	; DKIM key s of example.org' '--revoke'
run dkim-keygen -d example.org -s s --revoke --format nsupdate
out_has 'update delete s._domainkey.example.org. TXT' '--revoke takes the old record out first'

# --check
# shellcheck disable=SC2016
{
	echo '$ORIGIN example.org.'
	echo "good._domainkey 60 IN TXT \"v=DKIM1; k=ed25519; p=$p\""
	echo 'gone._domainkey 60 IN TXT "v=DKIM1; p="'
	echo 'sha1._domainkey 60 IN TXT "v=DKIM1; k=ed25519; h=sha1; p='$p'"'
	echo 'junk._domainkey 60 IN TXT "hello"'
	cat example.org.202611.txt
} >zone
run dkim-keygen -d example.org -s good --check --public seed --zone zone
exit_is 0 '--check: the same key'
out_is 'ok         good._domainkey.example.org  ed25519 256  the same key' 'said in one line'
run dkim-keygen -d example.org -s 202611 --check --public example.org.202611.pem --zone zone
exit_is 0 '--check: RSA, in two strings'
run dkim-keygen -d example.org -s 202611 --check --public kept.pem --zone zone --json
exit_is 1 '--check: another key'
json_is result mismatch 'and says so'
for row in 'gone revoked' 'sha1 invalid' 'junk invalid' 'none missing'; do
	run dkim-keygen -d example.org -s "${row% *}" --check --zone zone --json
	exit_is 1 "--check without a key: ${row#* }"
	json_is result "${row#* }" "${row#* }"
done
run dkim-keygen -d example.org -s x --check --resolver 127.0.0.1:9 --dns-timeout 300ms --json
exit_is 75 '--check: no DNS is not "missing"'
json_is result temperror 'temperror'

# --list
touch -d 2026-01-01T00:00:00Z example.org.rsa-a.pem
chmod 644 example.org.ed25519-a.pem
run dkim-keygen --list . "$now"
exit_is 0 '--list'
out_has 'older than 180 days' 'an old key'
out_has 'others can read it (mode 644); chmod 600' 'an open one'
run dkim-keygen --list . "$now" --json
json_lines 'JSON Lines'

# What is refused.
refused 64 'which domain will sign? add -d DOMAIN' 'no domain' dkim-keygen
refused 64 '--check needs a selector: add -s SELECTOR' '--check without a selector' dkim-keygen -d a.example --check
refused 66 'no-such-file: No such file or directory' 'a key that is not there' dkim-keygen -d a.example -s s --public no-such-file
: >empty
run dkim-keygen -d a.example -s s --public empty
exit_is 65 'an empty key file'
run dkim-keygen -d a.example -s 'a b'
exit_is 64 'a selector with a space'
run dkim-keygen -d a.example --flags x
exit_is 64 'an unknown flag'
run dkim-keygen -d a.example --note 'a;b'
exit_is 64 'a note that would end its tag'
run dkim-keygen -d a.example -o missing
exit_is 73 'a directory that is not there'
done_testing
