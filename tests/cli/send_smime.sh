# shellcheck shell=sh
# S/MIME, with OpenSSL's own command as the other side.
. "$TEST_LIB/cli.sh"

openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=a@example.org >/dev/null 2>&1
openssl req -x509 -newkey rsa:2048 -nodes -keyout key2.pem -out cert2.pem -days 2 -subj /CN=b@example.org >/dev/null 2>&1
openssl req -x509 -newkey rsa:2048 -nodes -keyout old.pem -out old.crt -days 2 -subj /CN=old -addext keyUsage=digitalSignature >/dev/null 2>&1
chmod 600 key.pem key2.pem old.pem
head -c 100000 /dev/urandom >bin.dat
printf 'From me\nsome text with \303\251 and no end' >text
base="send --from a@example.org --dump m.eml --body-file text"

# shellcheck disable=SC2086
run $base -a bin.dat --smime-sign cert.pem:key.pem b@example.net
exit_is 0 'signed'
ok 'openssl verifies it' openssl cms -verify -in m.eml -CAfile cert.pem -out inner
is "$(grep -c 'protocol="application/pkcs7-signature"' m.eml)$(grep -c 'micalg=sha-256' m.eml)" 11 'protocol and micalg'
sed 's/=46rom me/=46rom you/' m.eml >changed.eml
if openssl cms -verify -in changed.eml -CAfile cert.pem -out /dev/null 2>/dev/null; then fail 'a change breaks it'; else pass 'a change breaks it'; fi

# shellcheck disable=SC2086
run $base -a bin.dat --smime-sign cert.pem:key.pem --smime-encrypt cert.pem --smime-encrypt cert2.pem b@example.net
exit_is 0 'signed and encrypted for two'
for who in '' 2; do
	ok "recipient $who decrypts" openssl cms -decrypt -in m.eml -inkey "key$who.pem" -recip "cert$who.pem" -out inner.eml
	ok "and verifies $who" openssl cms -verify -in inner.eml -CAfile cert.pem -out plain.eml
done
python3 - <<'PY' >got 2>&1
import email, email.policy
m = email.message_from_binary_file(open("plain.eml", "rb"), policy=email.policy.default)
text, file = list(m.iter_parts())
print(text.get_content() == "From me\nsome text with é and no end", file.get_content() == open("bin.dat", "rb").read())
PY
is "$(cat got)" 'True True' 'text and file are what was given'
is "$(grep -c 'some text' m.eml)" 0 'nothing readable is left'

touch empty
chmod 644 key2.pem
# shellcheck disable=SC2086
refused() {
	want=$1 text=$2 what=$3
	shift 3
	run $base "$@" b@example.net
	if [ "$status" -eq "$want" ] && grep -qF -e "$text" "$err"; then pass "$what"; else fail "$what" "want $want: $text"; fi
}
refused 66 'No such file' 'no certificate file' --smime-sign none.pem
refused 65 'no certificate in it' 'an empty certificate' --smime-sign empty
refused 65 'no certificate in it' 'a key is no certificate' --smime-encrypt key.pem
refused 65 'does not belong' 'another key' --smime-sign cert.pem:old.pem
refused 77 'others' 'a key that others can read' --smime-sign cert2.pem:key2.pem
refused 65 'key usage' 'a certificate for signatures only' --smime-encrypt old.crt
refused 65 'expired' 'an expired one' --smime-encrypt cert.pem --now 2099-01-01
refused 65 'not valid yet' 'one of the future' --smime-sign cert.pem:key.pem --now 2001-01-01

done_testing
