#!/bin/sh
# What we sign verifies with dkimpy, Mail::DKIM and OpenDKIM; what they sign verifies with us; ARC both ways. All four
# canonicalization pairs, RSA and Ed25519 as far as each peer knows it, messages that signers stumble over.
. "$TEST_LIB/cli.sh"

here=$(cd "$(dirname "$0")" && pwd)
python=/usr/bin/python3
pairs='relaxed/relaxed relaxed/simple simple/relaxed simple/simple'

mkdir msgs && $python "$here/dkim_messages.py" msgs || exit 99
run dkim-keygen -q -d example.org -s rsa
exit_is 0 'an RSA key'
run dkim-keygen -q -d example.org -s ed --type ed25519
exit_is 0 'an Ed25519 key'
{ printf '%s\n' "\$ORIGIN example.org." && cat example.org.rsa.txt example.org.ed.txt; } >zone
for s in rsa ed; do
	run dkim-keygen -d example.org -s "$s" --public "example.org.$s.pem" --format txt
	printf '%s._domainkey.example.org %s\n' "$s" "$(cat "$out")" >>records
done

for pair in $pairs; do
	dir=$(printf '%s' "$pair" | tr / -)
	mkdir -p "rsa/$dir" "both/$dir"
	run dkim-sign -q -d example.org -s rsa -k example.org.rsa.pem -c "$pair" -o "rsa/$dir" msgs/*.eml
	exit_is 0 "all messages signed, $pair, RSA"
	run dkim-sign -q -d example.org -s rsa -k example.org.rsa.pem -s ed -k example.org.ed.pem -c "$pair" \
		-o "both/$dir" msgs/*.eml
	exit_is 0 "all messages signed, $pair, RSA and Ed25519"
done
run dkim-verify -q --all --zone zone rsa/*/*.eml both/*/*.eml
exit_is 0 'we verify all that we sign'

# verified_by WHO FILE: the peer's lines, each "pass ..." .
verified_by() {
	if [ -s "$2" ] && ! grep -v '^pass ' "$2" >not_pass; then pass "$1"; else fail "$1" "$(cat not_pass)"; fi
}

if $python -c 'import dkim, nacl' 2>/dev/null; then
	$python "$here/dkim_peer.py" verify records rsa/*/*.eml both/*/*.eml >all
	grep -v space_colon.eml all >peer # it cannot read a space before the colon, whoever signed
	verified_by 'dkimpy verifies all of it' peer
else
	skip 'dkimpy' 'python3-dkim or python3-nacl is not installed'
fi

if perl -MMail::DKIM -e 1 2>/dev/null; then
	perl "$here/dkim_peer.pl" verify records rsa/*/*.eml >peer
	verified_by 'Mail::DKIM verifies all of it (RSA)' peer
else
	skip 'Mail::DKIM' 'libmail-dkim-perl is not installed'
fi

# opendkim-testmsg asks port 53 of what resolv.conf names: a private network and mount namespace has both.
cat >testmsg.sh <<'SH'
ip link set lo up && printf 'nameserver 127.0.0.1\n' >resolv.conf && mount --bind resolv.conf /etc/resolv.conf || exit 77
python3=$1 here=$2
$python3 "$here/dkim_dns.py" records dns_ready &
server=$!
i=0
while [ ! -s dns_ready ] && [ $i -lt 100 ]; do sleep 0.05; i=$((i + 1)); done
for f in rsa/*/*.eml both/*/*.eml; do
	case $f in */two_cc.eml) continue ;; esac # refused whoever signed: one Cc is all it allows
	if $python3 -c 'import sys; b = open(sys.argv[1], "rb").read()
b = b if b"\r\n" in b else b.replace(b"\n", b"\r\n")
sys.stdout.buffer.write(b if b.endswith(b"\r\n") else b + b"\r\n")' "$f" | opendkim-testmsg >testmsg.err 2>&1
	then echo "pass $f"; else echo "fail $f $(cat testmsg.err)"; fi
done
kill $server
SH
testmsg=$(command -v opendkim-testmsg || echo /usr/sbin/opendkim-testmsg)
if [ ! -x "$testmsg" ]; then
	skip 'OpenDKIM verifies all of it' 'opendkim-tools is not installed'
elif ! unshare -rnm true 2>/dev/null || ! command -v ip >/dev/null; then
	skip 'OpenDKIM verifies all of it' 'no private namespaces here (unshare -rnm, ip)'
else
	PATH=$PATH:/usr/sbin:/sbin unshare -rnm sh testmsg.sh $python "$here" >peer 2>peer.err
	verified_by 'OpenDKIM (opendkim-testmsg) verifies all of it' peer
fi

# The other way.
mkdir theirs
if $python -c 'import dkim, nacl' 2>/dev/null; then
	openssl rsa -in example.org.rsa.pem -out pkcs1.pem -traditional 2>/dev/null || cp example.org.rsa.pem pkcs1.pem
	openssl pkey -in example.org.ed.pem -outform DER | tail -c 32 | base64 >seed
	for pair in $pairs; do
		dir=$(printf '%s' "$pair" | tr / -)
		$python "$here/dkim_peer.py" sign pkcs1.pem rsa-sha256 "$pair" rsa "theirs/dkimpy-rsa-$dir" msgs/*.eml
		$python "$here/dkim_peer.py" sign seed ed25519-sha256 "$pair" ed "theirs/dkimpy-ed-$dir" msgs/*.eml
	done
	run dkim-verify -q --all --zone zone theirs/dkimpy-*.eml
	exit_is 0 "we verify what dkimpy signs ($(find theirs -name 'dkimpy-*' | wc -l) messages)"
fi
if perl -MMail::DKIM -e 1 2>/dev/null; then
	openssl rsa -in example.org.rsa.pem -out pkcs1.pem -traditional 2>/dev/null
	for pair in $pairs; do
		dir=$(printf '%s' "$pair" | tr / -)
		for m in msgs/plain.eml msgs/white_space.eml msgs/folded.eml msgs/blank_lines.eml msgs/dots.eml msgs/utf8.eml; do
			perl "$here/dkim_peer.pl" sign pkcs1.pem "$pair" rsa "$m" "theirs/perl-$dir-$(basename "$m")"
		done
	done
	run dkim-verify -q --all --zone zone theirs/perl-*.eml
	exit_is 0 'we verify what Mail::DKIM signs'
fi

# ARC: chains of ours for them, of theirs for us, and one made by both in turn.
mkdir arc
ours() { "$POSTHORN" dkim-sign --arc --authserv-id mx.example.org -d example.org -s rsa -k example.org.rsa.pem --zone zone "$1" >"$2"; }
for m in msgs/plain.eml msgs/mime.eml msgs/folded.eml; do
	name=$(basename "$m" .eml)
	ours "rsa/relaxed-relaxed/$name.eml" "arc/$name-1.eml" && ours "arc/$name-1.eml" "arc/$name-2.eml"
done
run dkim-verify --arc --zone zone --json arc/plain-2.eml
json_is arc.result pass 'our own chain'
if $python -c 'import dkim, authres' 2>/dev/null; then
	$python "$here/dkim_peer.py" arc records arc/*-1.eml arc/*-2.eml >peer
	verified_by 'dkimpy verifies our chains' peer
	$python "$here/dkim_peer.py" seal pkcs1.pem rsa arc/plain-2.eml arc/mixed.eml
	run dkim-verify --arc --zone zone --json arc/mixed.eml
	json_is arc.result pass 'a chain of ours that dkimpy went on with'
	ours arc/mixed.eml arc/mixed-4.eml
	$python "$here/dkim_peer.py" arc records arc/mixed-4.eml >peer
	verified_by 'and we again: dkimpy verifies it' peer
else
	skip 'ARC with dkimpy' 'python3-dkim or python3-authres is not installed'
fi
if perl -MMail::DKIM::ARC::Verifier -e 1 2>/dev/null; then
	perl "$here/dkim_peer.pl" arc records arc/*-1.eml arc/*-2.eml >peer
	verified_by 'Mail::DKIM verifies our chains' peer
else
	skip 'ARC with Mail::DKIM' 'libmail-dkim-perl is not installed'
fi
done_testing
