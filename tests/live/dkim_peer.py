"""
dkimpy as a peer, many messages in one process.

dkim_peer.py verify RECORDS FILE...            "pass FILE" or "fail FILE" a line
dkim_peer.py arc RECORDS FILE...               the same of the ARC chain: "none", "pass", "fail"
dkim_peer.py sign KEY ALG CANON SELECTOR PREFIX FILE...   each FILE signed into PREFIX-NAME
dkim_peer.py seal KEY SELECTOR IN OUT                     one more set on a chain that passes
RECORDS: lines of "NAME TXT".
"""
import os
import sys

import dkim


def records(path):
    found = {}
    for line in open(path, encoding="ascii"):
        name, text = line.rstrip("\n").split(" ", 1)
        found[name.encode()] = text.encode()
    return lambda name, timeout=5: found.get(name.rstrip(b".").lower())


def read(path):
    """As SMTP would carry it."""
    octets = open(path, "rb").read()
    wire = octets if b"\r\n" in octets else octets.replace(b"\n", b"\r\n")
    return wire if wire.endswith(b"\r\n") else wire + b"\r\n"


def verify(path, dns):
    """Every signature must be good, not just the first."""
    try:
        mail = dkim.DKIM(read(path), minkey=1024)
        count = sum(1 for name, _ in mail.headers if name.lower() == b"dkim-signature")
        return "pass" if count > 0 and all(mail.verify(idx=i, dnsfunc=dns) for i in range(count)) else "fail"
    except dkim.DKIMException as e:
        return "fail(%s)" % e


def main(verb, *args):
    if verb == "verify":
        for path in args[1:]:
            print(verify(path, records(args[0])), path)
    elif verb == "arc":
        for path in args[1:]:
            cv, _, why = dkim.arc_verify(read(path), dnsfunc=records(args[0]))
            print((cv or b"none").decode(), path, why)
    elif verb == "sign":
        key, alg, canon, selector, prefix, *files = args
        header, body = (c.encode() for c in canon.split("/"))
        for path in files:
            octets = read(path)
            try:
                signature = dkim.sign(octets, selector.encode(), b"example.org", open(key, "rb").read(),
                                      canonicalize=(header, body), signature_algorithm=alg.encode())
            except (dkim.DKIMException, UnicodeError):
                continue  # a message it cannot parse
            open(prefix + "-" + os.path.basename(path), "wb").write(signature + octets)
    elif verb == "seal":
        key, selector, source, target = args
        octets = b"Authentication-Results: mx.example.org; arc=pass\r\n" + read(source)
        lines = dkim.arc_sign(octets, selector.encode(), b"example.org", open(key, "rb").read(), b"mx.example.org")
        open(target, "wb").write(b"".join(lines) + octets)


main(*sys.argv[1:])
