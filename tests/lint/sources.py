#!/usr/bin/env python3
"""What STYLE.md says of sources and no compiler checks.

usage: sources.py SOURCE_DIR
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402

FILE_MAX, TEST_FILE_MAX, FUNCTION_MAX, TEST_FUNCTION_MAX = 500, 1200, 80, 120

BANNED = """strcpy strcat sprintf vsprintf gets strtok strtok_r strncpy strncat stpcpy atoi atol atoll atof alloca sscanf
scanf fscanf setlocale localtime gmtime ctime asctime mktime tmpnam tempnam mktemp system popen rand srand strdupa
ldns_resolver_query toupper tolower isalpha isdigit isspace isalnum strcasecmp strncasecmp""".split()

# header -> where it may be included
FOREIGN = {
    r"openssl/": r"^core/crypto/|^core/net/net_tls|^core/smime/",
    r"ldns/": r"^core/resolve/",
    r"cmark\.h": r"^core/markdown/",
    r"sqlite3\.h": r"^core/store/",
    r"libpq-fe\.h": r"^core/store/",
    r"idn2\.h": r"^core/dns/",
    r"gsasl\.h": r"^core/smtp/",
    r"expat\.h": r"^core/rua/",
    r"zlib\.h|minizip/": r"^core/rua/",
    r"jansson\.h": r"^core/(http|bounce|rua|merge)/",
    r"confuse\.h": r"^core/config/",
    r"curl/": r"^core/http/",
    r"iconv\.h": r"^core/(message|bounce)/|^cmd/",
    r"sys/epoll\.h": r"^core/net/",
    r"seccomp\.h": r"^cmd/|^core/base/",
    r"ctype\.h|locale\.h|setjmp\.h": r"^$",
}

# file -> functions on the list of banned ones that it may use, and why
ALLOWED = {
    "core/base/base_time.c": {"localtime_r", "localtime"},  # the one place that asks for the machine's time zone
}


def sources(top):
    for root in ("core", "cmd", "tests"):
        for folder, _, files in os.walk(os.path.join(top, root)):
            for name in sorted(files):
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(folder, name), top)


def without_text(code):
    """Comments and literals blanked, lines kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, code, flags=re.S)


def functions(lines):
    """(name, length) of what opens with "{" in the first column."""
    start = None
    for i, line in enumerate(lines):
        if line.startswith("{"):
            start = i
        elif line.startswith("}") and start is not None:
            head = " ".join(lines[max(0, start - 4):start])
            names = re.findall(r"(\w+)\(", head)
            yield (names[-1] if names else "?"), i - start + 1
            start = None


def main():
    top = sys.argv[1]
    found = {key: [] for key in ("parent", "private", "foreign", "banned", "long file", "long function", "unfinished",
                                 "pragma once", "trailing")}
    count = 0
    for path in sources(top):
        count += 1
        raw = open(os.path.join(top, path), encoding="utf-8").read()
        code = without_text(raw)
        lines = code.splitlines()
        library = path.split("/")[1] if path.startswith("core/") else None
        limit = TEST_FILE_MAX if path.startswith("tests/") else FILE_MAX
        if len(lines) > limit:
            found["long file"].append("%s: %d lines" % (path, len(lines)))
        for name, length in functions(lines):
            if length > (TEST_FUNCTION_MAX if path.startswith("tests/") else FUNCTION_MAX):
                found["long function"].append("%s: %s: %d lines" % (path, name, length))
        for header in re.findall(r'^\s*#\s*include\s*["<]([^">]+)[">]', raw, re.M):
            if header.startswith("../"):
                found["parent"].append("%s: %s" % (path, header))
            if header.endswith("_priv.h") and library is not None:
                if not os.path.exists(os.path.join(top, "core", library, header)):
                    found["private"].append("%s: %s" % (path, header))
            for pattern, where in FOREIGN.items():
                if re.match(pattern, header) and not re.search(where, path) and not path.startswith("tests/"):
                    found["foreign"].append("%s: %s" % (path, header))
        if not path.startswith("tests/"):
            for name in BANNED:
                if re.search(r"(?<![\w.>])%s\s*\(" % name, code) and name not in ALLOWED.get(path, ()):
                    found["banned"].append("%s: %s" % (path, name))
        for mark in re.findall(r"\b(TODO|FIXME|XXX)\b", raw):
            found["unfinished"].append("%s: %s" % (path, mark))
        if path.endswith(".h") and not raw.startswith("#pragma once"):
            found["pragma once"].append(path)
        found["trailing"] += ["%s:%d" % (path, i + 1) for i, line in enumerate(raw.splitlines()) if line != line.rstrip()]
    tap.ok(count > 50, "sources are found", str(count))
    names = {
        "parent": "no include goes up a directory",
        "private": "*_priv.h stays in its library",
        "foreign": "foreign headers stay in their library",
        "banned": "no banned function",
        "long file": "no file is longer than %d lines (tests %d)" % (FILE_MAX, TEST_FILE_MAX),
        "long function": "no function is longer than %d lines (tests %d)" % (FUNCTION_MAX, TEST_FUNCTION_MAX),
        "unfinished": "no mark of unfinished work",
        "pragma once": "every header begins with #pragma once",
        "trailing": "no white space at line ends",
    }
    for key, name in names.items():
        tap.ok(not found[key], name, found[key])
    tap.done()


main()
