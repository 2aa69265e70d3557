#!/usr/bin/env python3
"""Count what Meson's test logs say, a suite a line; the last line is "N passed, N failed".

usage: summary.py LABEL=LOG.json...

TAP points are counted one by one, other tests as one. A test that ended badly counts as one failure at least. A skip in
the suite live is a failure: its servers were installed before. Exit 1 when anything failed or nothing ran.
"""
import json
import re
import sys

POINT = re.compile(r"^(ok|not ok)\b(?:.*?(# *(SKIP|TODO)\b.*))?", re.IGNORECASE)


def points(text):
    """(passed, failed, skipped, notes) of a TAP output; None when it is none."""
    passed = failed = skipped = 0
    notes = []
    found = False
    for line in text.splitlines():
        if re.match(r"^1\.\.0\b", line):
            found, skipped = True, skipped + 1
            notes.append(line)
        match = POINT.match(line)
        if not match:
            continue
        found = True
        if match.group(3):
            skipped += 1
            notes.append(line)
        elif match.group(1) == "ok":
            passed += 1
        else:
            failed += 1
            notes.append(line)
    return (passed, failed, skipped, notes) if found else None


def count(test):
    result = test["result"]
    counted = points(test.get("stdout") or "")
    if counted is None:
        return (result in ("OK", "EXPECTEDFAIL")) * 1, (result not in ("OK", "SKIP", "EXPECTEDFAIL")) * 1, \
               (result == "SKIP") * 1, []
    passed, failed, skipped, notes = counted
    if result not in ("OK", "SKIP", "EXPECTEDFAIL") and failed == 0:
        failed = 1
        notes = notes + ["ended with " + result]
    return passed, failed, skipped, notes


def suite_of(test):
    """Meson 1.0 writes "project:suite / name", later ones a list of suites."""
    name = test["name"]
    if " / " in name:
        suite, name = name.split(" / ", 1)
        return suite.split(":")[-1], name
    return (test.get("suite") or ["?"])[0].split(":")[-1], name


def main():
    totals, rows, complaints, skips = [0, 0], {}, [], []
    for arg in sys.argv[1:]:
        label, path = arg.split("=", 1)
        try:
            lines = open(path, encoding="utf-8").read().splitlines()
        except OSError:
            complaints.append(label + ": no test ran")
            continue
        for line in lines:
            test = json.loads(line)
            suite, name = suite_of(test)
            passed, failed, skipped, notes = count(test)
            if suite == "live" and skipped:
                failed += skipped
                notes = [n + " (live tests must not skip here)" for n in notes] or ["skipped: live tests must not skip here"]
            elif skipped:
                skips += ["%s %s: %s" % (label, name, n) for n in notes if "not ok" not in n]
            if failed:
                complaints += ["%s %s: %s" % (label, name, n) for n in notes if failed and not n.startswith("ok ") or suite == "live"] \
                    or ["%s %s: %s" % (label, name, test["result"])]
            row = rows.setdefault((label, suite), [0, 0, 0, 0])
            for i, n in enumerate((1, passed, failed, skipped)):
                row[i] += n
            totals[0] += passed
            totals[1] += failed
    print("%-8s %-8s %8s %8s %8s %8s" % ("pass", "suite", "programs", "passed", "failed", "skipped"))
    for (label, suite), row in sorted(rows.items()):
        print("%-8s %-8s %8d %8d %8d %8d" % ((label, suite) + tuple(row)))
    for line in skips[:40]:
        print("skipped: " + line)
    for line in complaints[:100]:
        print("FAILED: " + line)
    bad = totals[1] or (1 if totals[0] == 0 or complaints else 0)
    print("%d passed, %d failed" % (totals[0], bad))
    sys.exit(1 if bad else 0)


main()
