# shellcheck shell=sh
# dmarc-check --report: every container, odd senders, hostile input, every form of output.
# shellcheck source=tests/lib/cli.sh
. "$TEST_LIB/cli.sh"

data=$TEST_DATA/rua_read
report() { run dmarc-check --report "$@"; }

# Files of all kinds, made here.
python3 - "$data" <<'PY'
import base64, gzip, io, os, quopri, sys, zipfile, zlib
data = sys.argv[1]
xml = open(data + "/treewalk.xml", "rb").read()
tls = open(data + "/tls.json", "rb").read()
def put(name, content):
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    open(name, "wb").write(content)
def zipped(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, content in members:
            z.writestr(name, content)
    return out.getvalue()
class Pipe(io.RawIOBase):
    """Cannot seek: zipfile then writes data descriptors."""
    def __init__(self): self.parts = []
    def writable(self): return True
    def write(self, b): self.parts.append(bytes(b)); return len(b)
def streamed(members):
    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in members:
            z.writestr(name, content)
    return b"".join(out.parts)
def other(n):
    return xml.replace(b"1721054318-example.com@receiver.example", b"other-%d" % n)
def mail(kind, encoded, cte, name="r.xml.gz", mid=1):
    return (b"From: a@receiver.example\r\nTo: b@example.com\r\nSubject: Report Domain: example.com\r\nMIME-Version: 1.0\r\n"
            b"Message-ID: <%d@receiver.example>\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/html\r\n\r\n<html>a report</html>\r\n"
            b"--q\r\nContent-Type: %s; name=\"%s\"\r\nContent-Transfer-Encoding: %s\r\nContent-Disposition: attachment\r\n\r\n%s\r\n--q--\r\n"
            % (mid, kind.encode(), name.encode(), cte.encode(), encoded))
b64 = base64.encodebytes
good = "good/"
put(good + "plain.xml", xml)
put(good + "a.xml.gz", gzip.compress(xml))
put(good + "gzip-named.zip", gzip.compress(xml))
put(good + "zip-named.gz", zipped([("r.xml", xml)]))
put(good + "stored.zip", zipped([("r.xml", xml)], zipfile.ZIP_STORED))
put(good + "streamed.zip", streamed([("r.xml", xml)]))
put(good + "dir.zip", zipped([("d/", b""), ("d/r.xml", xml)]))
put(good + "gz-in-gz", gzip.compress(gzip.compress(xml)))
put(good + "gz-in-zip", zipped([("r.xml.gz", gzip.compress(xml))]))
put(good + "zlib", zlib.compress(xml))
put(good + "padded.gz", gzip.compress(xml) + b"\0" * 100)
put(good + "split.gz", gzip.compress(xml[:700]) + gzip.compress(xml[700:]))
put(good + "bom.xml", b"\xef\xbb\xbf\r\n" + xml)
put(good + "utf16.xml", ('<?xml version="1.0" encoding="utf-16"?>' + xml.decode()).encode("utf-16"))
put(good + "latin1.xml", b'<?xml version="1.0" encoding="windows-1252"?>' + xml.replace(b"Example Receiver", b"M\xfcller"))
put(good + "prefixed.xml", xml.replace(b"<", b"<d:").replace(b"<d:/", b"</d:").replace(b"xmlns=", b"xmlns:d=").replace(b"<d:ext:", b"<ext:").replace(b"</d:ext:", b"</ext:"))
put(good + "old.xml", xml.replace(b' xmlns="urn:ietf:params:xml:ns:dmarc-2.0"', b""))
put(good + "base64.eml", mail("application/gzip", b64(gzip.compress(xml)), "base64"))
put(good + "wrong-type.eml", mail("application/octet-stream", b64(zipped([("r.xml", xml)])), "base64", "r.bin"))
put(good + "text-type.eml", mail("text/plain", b64(zipped([("r.xml", xml)])), "base64", "r.txt"))
put(good + "qp.eml", mail("text/xml", quopri.encodestring(xml), "quoted-printable", "r.xml"))
put(good + "8bit.eml", mail("text/xml", xml.replace(b"\n", b"\r\n"), "8bit", "r.xml"))
put(good + "texts.eml", mail("application/gzip", b64(gzip.compress(xml)), "base64").replace(b"<html>a report</html>", b"<table><tr>a\r\n--q\r\n\r\n{not JSON\r\n--q\r\n\r\n<b>"))
put(good + "body.eml", b"From: a@b.example\nContent-Type: application/gzip\nContent-Transfer-Encoding: base64\n\n" + b64(gzip.compress(xml)))
put("mbox", b"".join(b"From a@b Mon Jan  1 00:00:00 2024\n" + mail("application/gzip", b64(gzip.compress(other(i))), "base64", mid=i).replace(b"\r\n", b"\n") + b"\n" for i in range(3)))
put("maildir/new/1", mail("application/gzip", b64(gzip.compress(other(10))), "base64"))
put("maildir/cur/2:2,S", mail("application/zip", b64(zipped([("r.xml", other(11))])), "base64"))
put("maildir/tmp/x", b"")
put("several.zip", zipped([("a.xml", other(20)), ("b.txt", b"hello, no report\n"), ("c.xml", other(21))]))
put("tls.json.gz", gzip.compress(tls))
put("tls.eml", mail("application/tlsrpt+gzip", b64(gzip.compress(tls)), "base64", "t.json.gz"))
# Hostile.
bad = "bad/"
bomb = gzip.compress(b"<feedback>" + b" " * (64 << 20))
put(bad + "bomb.gz", bomb)
put(bad + "bomb2.gz", gzip.compress(gzip.compress(b"\0" * (64 << 20))))
put(bad + "bomb.zip", zipped([("r.xml", b"<feedback>" + b"<a/>" * (20 << 20))]))
put(bad + "deep.gz", gzip.compress(gzip.compress(gzip.compress(gzip.compress(xml)))))
put(bad + "members.zip", zipped([("%d.txt" % i, b"x") for i in range(500)]))
put(bad + "lies.zip", zipped([("r.xml", b"<feedback>" + b" " * (64 << 20))]).replace(b"r.xml", b"../..")) 
put(bad + "entities.xml", b'<?xml version="1.0"?><!DOCTYPE f [<!ENTITY a "aaaaaaaaaa">' + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9)) + b']><feedback>&j;</feedback>')
put(bad + "external.xml", b'<?xml version="1.0"?><!DOCTYPE feedback SYSTEM "file:///etc/passwd"><feedback/>')
put(bad + "depth.xml", b"<feedback>" + b"<a>" * 100000)
put(bad + "attributes.xml", b"<feedback " + b" ".join(b'a%d="1"' % i for i in range(5000)) + b"/>")
put(bad + "records.xml", b"<feedback>" + b"<record/>" * (3 << 20) + b"</feedback>")
put(bad + "tag.xml", b"<feedback><" + b"a" * (30 << 20))
put(bad + "comment.xml", b"<feedback><!--" + b"a" * (30 << 20))
put(bad + "nothing.xml", b"")
put(bad + "cut.gz", gzip.compress(xml)[:300])
put(bad + "cut.xml", xml[:900])
put(bad + "broken.gz", gzip.compress(xml)[:200] + b"\xff" * 200)
put(bad + "page.html", b"<!doctype html><html><p>no report</html>")
put(bad + "noise", bytes(range(256)) * 50)
put(bad + "json.json", b"[" * 100000)
put(bad + "numbers.json", b'{"policies":[' + b"1," * (2 << 20) + b"1]}")
put(bad + "plain.eml", b"From: a@b.example\nSubject: hello\n\nno report\n")
put(bad + "abuse.eml", open(data + "/failure.eml", "rb").read().replace(b"auth-failure", b"abuse"))
put("long.xml", xml.replace(b"Example Receiver", b"E" * 100000))
PY

for file in good/*; do
	report --json "$file"
	json_is summary.messages 100 "$(basename "$file")"
done
report good
exit_is 0 'all of them'
out_has 'reports were there twice, counted once' 'the same report counts once'
report --json good
json_is summary.messages 200 'the one whose receiver is called otherwise is another one'

report --json mbox
json_is summary.reports 3 'an mbox'
json_is reports.2.file 'mbox:3 (r.xml.gz)' 'and which message it was'
report --json maildir
json_is summary.reports 2 'a Maildir'
report several.zip
exit_is 65 'a member that is no report is 65'
out_has '2 reports' 'the other members are read'
err_has 'posthorn dmarc-check: several.zip (b.txt): neither XML nor JSON' 'it says which member'
run_with good/a.xml.gz dmarc-check --report --json -
json_is reports.0.file - 'standard input'
json_is summary.messages 100 'standard input is read'
report --json tls.json.gz tls.eml
json_is summary.tls_reports 1 'TLS reports (RFC 8460)'
json_is tls.0.policies.0.failures.1.count 200 'and their failures'
report --json "$data/failure.eml"
json_is failures.0.identity_alignment 'spf,dkim' 'RFC 9991 4: comments in Identity-Alignment'
json_is failures.0.message.from 'Grüße <info@example.com>' 'the message behind a failure report'
json_is failures.0.incidents 3 'incidents'
report --json long.xml
json_is reports.0.warnings.0 'org_name: cut after RUA_TEXT_MAX (4096) octets' 'long texts are cut'

# Odd senders.
report --json "$data/odd.xml"
exit_is 0 'an odd report is read'
json_is reports.0.records.0.count 2 'count 2.0'
json_is reports.0.records.0.disposition reject 'words in capitals'
json_is reports.0.records.0.reasons '[]' 'an empty reason is none'
json_is reports.0.policy.sp null 'sp is missing'

# Hostile input: refused, in time and space, and others go on.
limit=256000 seconds=5
# shellcheck disable=SC3045
(ulimit -v "$limit" && "$POSTHORN" version) >/dev/null 2>&1 || limit=unlimited seconds=60 # built with a sanitizer
for file in bad/*; do
	# shellcheck disable=SC3045
	(ulimit -v "$limit" 2>/dev/null; timeout "$seconds" "$POSTHORN" dmarc-check --report --jobs 1 "$file" good/a.xml.gz >"$out" 2>"$err"; echo $? >code)
	status=$(cat code)
	exit_is 65 "$(basename "$file") is refused within 5 s and 256 MB"
	out_has '100 messages' "$(basename "$file"): the other file is read"
done
report bad/bomb.gz
err_has 'bad/bomb.gz: it unpacks to more than RUA_RATIO_MAX (400) times its size: refused' 'a bomb is called by its limit'
report bad/entities.xml
err_has 'a document type (DOCTYPE), which no report has: refused' 'no document type'
report bad/members.zip
err_has 'more than RUA_MEMBERS_MAX (64) members' 'members'
report nowhere.xml good/a.xml.gz
exit_is 66 'a missing file is 66'
out_has '100 messages' 'the other one is read'

# Output.
report "$data/treewalk.xml" "$data/odd.xml"
golden dmarc_report/source.txt 'by source'
report --by org "$data/treewalk.xml" "$data/tls.json" "$data/failure.eml"
golden dmarc_report/org.txt 'by receiver, with the other kinds'
report --by domain --failing "$data/treewalk.xml"
out_has 'sub.example.com' '--failing shows what failed'
report --by day "$data/treewalk.xml"
out_has '2024-07-15' 'by day'
report --since 2025-01-01 "$data/treewalk.xml"
out_is 'no report since then' '--since'
report --csv "$data/odd.xml"
golden dmarc_report/odd.csv 'CSV, formulas defused'
report --json-lines "$data/treewalk.xml" bad/cut.xml
json_is type aggregate 'a report a line'
json_is type error 'an error a line' 2
json_is type summary 'the summary last' last
report --html page.html "$data/odd.xml" "$data/tls.json" "$data/failure.eml"
if grep -qiE '<script|src=|href=|url\(|@import' page.html; then fail 'one page, nothing fetched'; else pass 'one page, nothing fetched'; fi
run dmarc-check --report --html - "$data/odd.xml"
out_lacks '<b>' 'HTML: escaped'
printf '17.2.0.192.in-addr.arpa. PTR mail.example.com.\n' >ptr.zone
run dmarc-check --report --resolve --zone ptr.zone "$data/treewalk.xml"
out_has 'mail.example.com' '--resolve'

done_testing
