#!/bin/sh
# dkim-sign: what is signed, where it goes, what is refused.
. "$TEST_LIB/cli.sh"

echo 'nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=' >ed.key # RFC 8463 A.2
chmod 600 ed.key
p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
printf 'ed._domainkey.example.org. 60 IN TXT "v=DKIM1; k=ed25519; p=%s"\n' "$p" >zone
now=--now=1528637909
mail() { printf 'From: Joe <joe@example.org>\r\nTo: a@b.c\r\nSubject: x\r\n%b\r\n%b' "$1" "$2"; }
mail '' 'Hello.\r\n' >m

run dkim-sign "$now" -s ed -k ed.key m
exit_is 0 'signed'
err_empty 'nothing to say'
cp "$out" signed
is "$(head -1 signed | tr -d '\r')" 'DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org;' 'd= is the domain of From'
ok 'the message follows octet for octet' sh -c "tail -c $(wc -c <m) signed | cmp - m"
is "$(sed -n '/^DKIM/,/^From/p' signed | grep -c '^ ')" 5 'folded'
is "$(awk '{ if (length($0) > 79) n++ } END { print n + 0 }' signed)" 0 'in short lines'
run dkim-verify --zone zone signed
exit_is 0 'it verifies'
run_with m dkim-sign "$now" -s ed -k ed.key
ok 'standard input gives the same' cmp "$out" signed
run dkim-sign "$now" -s ed -k ed.key -
exit_is 65 '"-" is standard input, which is empty here'
tr -d '\r' <m >lf
run dkim-sign "$now" -s ed -k ed.key lf
ok 'a file of LF stays one' sh -c "! grep -q '$(printf '\r')' '$out'"
ok 'with the same signature' sh -c "tr -d '\r' <signed | cmp - '$out'"
{ echo 'From joe@example.org Fri Jul 11 2003' && cat lf; } >mbox
run dkim-sign "$now" -s ed -k ed.key mbox
is "$(sed -n '1p;2s/:.*//p' "$out")" 'From joe@example.org Fri Jul 11 2003
DKIM-Signature' 'an mbox "From " line stays first'

run dkim-sign "$now" -s ed -k ed.key --header-only m
ok '--header-only' sh -c "head -c $(wc -c <"$out") signed | cmp - '$out'"
run dkim-sign "$now" -s ed -k ed.key --json m
json_is signatures.0.domain example.org '--json: domain'
json_is signatures.0.headers.0 From 'the signed fields'
json_is message_bytes "$(wc -c <m)" 'the size'
run dkim-sign "$now" -s ed -k ed.key -s two -k ed.key -c simple/relaxed -d mail.example.org -i joe@mail.example.org m
is "$(grep -c '^DKIM-Signature' "$out")" 2 'two keys, two signatures'
err_empty 'a subdomain of From needs no warning'
out_has 'i=joe@mail.example.org' 'i='
run dkim-sign "$now" -s ed -k ed.key -d example.net m
err_is 'posthorn dkim-sign: m: example.net signs, but From is of example.org: DMARC will not count this signature' 'another domain is warned about'
run dkim-sign "$now" -s ed -k ed.key --headers From:Subject --expire 7d m
out_has 'h=From:Subject;' '--headers is h= exactly'
out_has 'x=1529242709;' '--expire'
run dkim-sign "$now" -s ed -k ed.key --no-oversign --timestamp none m
out_has 'h=From:To:Subject;' '--no-oversign'
out_lacks 't=' '--timestamp none'
run dkim-sign "$now" -s ed -k ed.key --check-dns --zone zone m
exit_is 0 '--check-dns'
sed 's/11qY/21qY/' zone >zone2
run dkim-sign "$now" -s ed -k ed.key --check-dns --zone zone2 m
exit_is 78 '--check-dns: another key'
out_empty 'and nothing is signed'
run dkim-sign "$now" -s ed -k ed.key --check-dns --resolver 127.0.0.1:9 --dns-timeout 300ms m
exit_is 75 '--check-dns: no answer'
# shellcheck disable=SC2094
run dkim-sign "$now" -s ed -k ed.key --key-fd 3 m 3<ed.key
exit_is 64 'three keys want three selectors'
run dkim-sign "$now" -s ed --key-fd 3 m 3<ed.key
ok '--key-fd' cmp "$out" signed
run dkim-sign "$now" -s ed -k "file:$PWD/pkcs8.pem" m
exit_is 66 'a store URI of nothing'
openssl pkey -in ed.key -out pkcs8.pem 2>/dev/null || run dkim-keygen -q -d example.org -s uri
[ -s pkcs8.pem ] || cp example.org.uri.pem pkcs8.pem
chmod 600 pkcs8.pem
run dkim-sign "$now" -s ed -k "file:$PWD/pkcs8.pem" -d example.org m
exit_is 0 'a store URI'

# Many files.
mkdir in out
for i in 1 2 3 4 5; do mail "X-N: $i\r\n" "$i\r\n" >in/$i; done
run dkim-sign "$now" -s ed -k ed.key -o out in/*
exit_is 0 '--out-dir'
is "$(ls out)" "$(ls in)" 'all of them'
run dkim-verify --all --zone zone out/*
exit_is 0 'they verify'
printf 'no from\r\n\r\n' >in/3
rm out/*
run dkim-sign "$now" -s ed -k ed.key -o out in/*
exit_is 65 'one that cannot be signed'
err_is 'posthorn dkim-sign: in/3: the message has no From field, which a signature must cover' 'is told'
is "$(echo out/* | tr '\n' ' ')" 'out/1 out/2 out/4 out/5 ' 'the others are there, nothing half-written'
chmod 640 in/1
run dkim-sign "$now" -s ed -k ed.key --in-place in/1 in/2
exit_is 0 '--in-place'
ok 'the file is the signed one' cmp in/1 out/1
is "$(stat -c %a in/1) $(echo in/*)" '640 in/1 in/2 in/3 in/4 in/5' 'its mode stays, nothing lies beside it'
mkdir same && cp m same/1
refused 64 'in/1 and same/1 would become one file in out' 'two files of one name' dkim-sign -s ed -k ed.key -o out in/1 same/1

# ARC
run dkim-sign "$now" --arc --authserv-id mx.example.org -d example.org -s ed -k ed.key --zone zone signed
exit_is 0 '--arc'
cp "$out" sealed
is "$(sed -n 's/^\(ARC[^:]*\): i=1.*/\1/p' sealed | tr '\n' ' ')" 'ARC-Seal ARC-Message-Signature ARC-Authentication-Results ' 'a set of three'
out_has ' dkim=pass header.d=example.org' 'with what was found'
run dkim-verify "$now" --arc --json --zone zone sealed
json_is arc.result pass 'the chain verifies'
{ printf 'Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=joe@example.org\r\n' && cat signed; } >judged
run dkim-sign "$now" --arc --authserv-id mx.example.org -d example.org -s ed -k ed.key --zone zone judged
out_has ' spf=pass smtp.mailfrom=joe@example.org;' 'what our own filter found is taken'
refused 64 '--arc needs --authserv-id: the name under which your server judges mail' '--arc without a name' \
	dkim-sign --arc -d example.org -s ed -k ed.key m

# Refused: messages.
refuse_message() { # CODE TEXT WHAT: the file `bad`
	run dkim-sign "$now" -s ed -k ed.key -d example.org bad
	is "$status $(cat "$err")" "$1 posthorn dkim-sign: bad: $2" "$3"
	out_empty "$3: nothing is written"
}
: >bad
refuse_message 65 'the message has no From field, which a signature must cover' '0 octets'
printf 'To: a@b\r\n\r\nx\r\n' >bad
refuse_message 65 'the message has no From field, which a signature must cover' 'no From'
mail 'From: b@c.d\r\n' 'x' >bad
refuse_message 65 '2 From fields; RFC 5322 allows one, and readers differ in which they show' 'two From'
mail 'Subject: y\r\n' 'x' >bad
refuse_message 65 '2 Subject fields; RFC 5322 allows one, and readers differ in which they show' 'two Subject'
mail '' 'a\0000b\r\n' >bad
refuse_message 65 'there is a NUL in the body; no mail server accepts that' 'NUL in the body'
mail 'X-A: \0000\r\n' 'b\r\n' >bad
refuse_message 65 'there is a NUL in the header block; no mail server accepts that' 'NUL in the header'
refused 66 'missing: No such file or directory' 'a message that is not there' dkim-sign -s ed -k ed.key missing

# Refused: keys.
refuse_key() { # CODE WHAT: the key `bad`
	run dkim-sign "$now" -s ed -k bad m
	exit_is "$1" "$2"
	out_empty "$2: nothing is written"
	is "$(wc -l <"$err")" 1 "$2: one line"
}
: >bad && chmod 600 bad
refuse_key 65 'an empty key'
openssl genrsa 2048 2>/dev/null >good && cp good bad && chmod 600 bad good
run dkim-sign "$now" -s ed -k good m
exit_is 0 'a key of openssl'
openssl pkcs8 -topk8 -in good -passout pass:x -out bad 2>/dev/null
refuse_key 65 'an encrypted key'
head -5 good >bad
refuse_key 65 'a truncated key'
openssl ecparam -genkey -name prime256v1 -noout >bad 2>/dev/null
refuse_key 65 'an EC key'
openssl rsa -in good -pubout >bad 2>/dev/null
refuse_key 65 'a public key'
openssl genrsa 1024 2>/dev/null >bad
refuse_key 65 'RSA of 1024 bits'
run dkim-sign "$now" -s ed -k bad --allow-1024 m
exit_is 0 '--allow-1024'
openssl genrsa 768 2>/dev/null >bad
run dkim-sign "$now" -s ed -k bad --allow-1024 m
exit_is 65 'RSA of 768 bits, never'
cp good bad && chmod 644 bad
refuse_key 77 'a key that others can read'
run dkim-sign "$now" -s ed -k bad --insecure-key-file m
exit_is 0 '--insecure-key-file'
refused 66 'nokey: No such file or directory' 'a key that is not there' dkim-sign -s ed -k nokey m

# Refused: usage.
refused 64 '-k KEY is missing: which private key signs? (make one with posthorn dkim-keygen)' 'no key' dkim-sign -s ed m
refused 64 '-s SELECTOR is missing: which name has the key in DNS? (make one with posthorn dkim-keygen)' 'no selector' dkim-sign -k ed.key m
refused 64 '2 selectors and 1 keys; each -s wants its -k' 'pairs' dkim-sign -s a -s b -k ed.key m
refused 64 '2 files: say where they go with --out-dir DIR or --in-place' 'two files to stdout' dkim-sign -s ed -k ed.key m lf
refused 73 'nodir: no such directory; make it first' 'a directory that is not there' dkim-sign -s ed -k ed.key -o nodir m
refused 65 'm: the list of fields to sign must have From in it' '--headers without From' dkim-sign -s ed -k ed.key --headers To m
refused 65 'm: i=a@example.com must be in the domain example.org that signs, or below it' 'i= elsewhere' dkim-sign -s ed -k ed.key -i a@example.com m
run dkim-sign -s 'a;b' -k ed.key m
exit_is 65 'a selector that would add a tag'
run dkim-sign -d 'xn--bcher-kva.example' -s ed -k ed.key m
exit_is 0 'A-labels'
run dkim-sign -d 'bücher.example' -s ed -k ed.key -q m
out_has 'd=xn--bcher-kva.example' 'U-labels become A-labels'
done_testing
