#!/usr/bin/env python3
"""The layer table of core/meson.build against the symbols that each library really uses.

usage: layers.py SOURCE_DIR BUILD_DIR

A library uses only symbols of libraries (ours and foreign) in its row; pure libraries call no sockets, files, clocks,
exit or printf, except in the objects of PURE_EXCEPT, each with its reason.
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402

source, build = sys.argv[1:3]

PURE = ["message", "dns", "markdown", "authres", "spf", "dkim", "arc", "dmarc", "bounce", "merge", "token", "rua", "smtp"]

# object file -> why it may touch the world
PURE_EXCEPT = {
    "smtp_client": "the one meeting point of session and stream",
    "msg_mbox": "reads mailboxes from disk",
    "msg_maildir": "reads and writes Maildirs",
    "msg_reader": "opens what msg_mbox and msg_maildir read",
}

WORLD = set("""
socket connect bind listen accept accept4 send sendto sendmsg recv recvfrom recvmsg poll ppoll select epoll_create
epoll_create1 epoll_ctl epoll_wait getaddrinfo gethostbyname getnameinfo res_query
open open64 openat openat64 creat fopen fopen64 fdopen freopen read pread pread64 write pwrite readv writev close stat
stat64 lstat fstat fstatat unlink rename renameat mkdir rmdir opendir readdir access mkstemp tmpfile
time gettimeofday clock_gettime clock localtime localtime_r gmtime gmtime_r mktime nanosleep usleep sleep
exit _exit _Exit quick_exit printf vprintf fprintf vfprintf dprintf puts fputs putchar fputc fwrite putc perror syslog
getenv setenv system popen fork vfork execve execl execlp execv execvp waitpid kill signal sigaction
getrandom getentropy rand random srand srandom rand_r
""".split())
WORLD |= {"__" + name + "_chk" for name in WORLD} | {"__open_2", "__open64_2", "__openat_2"}

# foreign library -> what its symbols begin with
FOREIGN = {
    "crypto": r"^(EVP|BIO|X509|CMS|OPENSSL|OSSL|PEM|RAND|BN|ASN1|RSA|EC|PKCS\d*|d2i|i2d|CRYPTO|OBJ|GENERAL_NAME|HMAC|SHA\d|MD5|STORE|UI)_",
    "ssl": r"^(SSL|TLS|DTLS)_|^SSL",
    "ldns": r"^ldns_",
    "cmark": r"^cmark_",
    "sqlite": r"^sqlite3_",
    "idn2": r"^idn2_",
    "gsasl": r"^gsasl_",
    "expat": r"^XML_",
    "zlib": r"^(inflate|deflate|gz|zlib|crc32|adler32|uncompress|compress)",
    "minizip": r"^(unz|zip[A-Z])",
    "jansson": r"^json_",
    "confuse": r"^cfg_",
    "curl": r"^curl_",
    "pq": r"^PQ",
}
BUNDLED = {"ssl": ["crypto"]}  # a library whose headers bring the other's functions


def table():
    text = open(os.path.join(source, "core", "meson.build"), encoding="utf-8").read()
    rows = {}
    for name, uses, foreign in re.findall(r"^\s*\['(\w+)',\s*\[([^\]]*)\],\s*\[([^\]]*)\]\]", text, re.M):
        rows[name] = (re.findall(r"'(\w+)'", uses), re.findall(r"'(\w+)'", foreign))
    return rows


def symbols(lib):
    """(defined, {symbol: objects that use it})"""
    archive = os.path.join(build, "core", "libposthorn-%s.a" % lib)
    if not os.path.exists(archive):
        return None
    out = subprocess.run(["nm", "-A", "-g", archive], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    defined, used = set(), {}
    for line in out.stdout.decode().splitlines():
        match = re.match(r"^[^:]+:(?:[^:]*/)?([^:/]+)\.o:\s*[0-9a-f]*\s+([A-Za-z])\s+(\S+)$", line)
        if not match:
            continue
        obj, kind, name = match.groups()
        obj = re.sub(r"\.c$", "", obj).split("_", 1)[-1] if obj.startswith(lib + "_") else re.sub(r"\.c$", "", obj)
        if kind == "U":
            used.setdefault(name, set()).add(obj)
        elif kind in "TDBRVW":
            defined.add(name)
    return defined, used


def main():
    rows = table()
    tap.ok(len(rows) > 20, "the layer table is read")
    all_symbols = {lib: s for lib in rows for s in [symbols(lib)] if s}
    tap.ok("base" in all_symbols and len(all_symbols) > 3, "libraries are found", list(all_symbols))
    owner = {name: lib for lib, (defined, _) in all_symbols.items() for name in defined}
    for lib, (defined, used) in all_symbols.items():
        uses, foreign = rows[lib]
        foreign = foreign + [b for f in foreign for b in BUNDLED.get(f, [])]
        outside = []
        for name, objects in sorted(used.items()):
            home = owner.get(name)
            if home is not None and home != lib and home not in uses:
                outside.append("%s of %s is used by %s" % (name, home, ", ".join(sorted(objects))))
            if home is None:
                for other, pattern in FOREIGN.items():
                    if re.match(pattern, name) and other not in foreign:
                        outside.append("%s of %s is used by %s" % (name, other, ", ".join(sorted(objects))))
        tap.ok(not outside, lib + " uses what its row lists", outside)
        if lib in PURE:
            impure = ["%s calls %s" % (obj, name) for name, objects in sorted(used.items()) if name in WORLD
                      for obj in sorted(objects) if not any(e in obj for e in PURE_EXCEPT)]
            tap.ok(not impure, lib + " is pure", impure)
    tap.done()


main()
