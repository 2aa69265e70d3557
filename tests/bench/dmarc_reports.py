#!/usr/bin/python3
"""A directory of reports: dmarc-check --report on one and two threads beside expat with empty handlers and xml.etree.
dmarc_reports.py POSTHORN BARE     BARE: bench_dmarc_expat"""
import os
import resource
import subprocess
import sys
import tempfile
import time

POSTHORN, BARE = sys.argv[1:3]
REPORTS = int(os.environ.get("BENCH_REPORTS", "1000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))

RECORD = """<record><row><source_ip>192.0.%d.%d</source_ip><count>%d</count><policy_evaluated><disposition>none</disposition>
<dkim>%s</dkim><spf>fail</spf></policy_evaluated></row><identifiers><envelope_from>mail.example.com</envelope_from>
<header_from>example.com</header_from></identifiers><auth_results><dkim><domain>example.com</domain><selector>s%d</selector>
<result>pass</result></dkim><spf><domain>mail.example.com</domain><scope>mfrom</scope><result>fail</result></spf></auth_results></record>
"""
HEAD = """<?xml version="1.0" encoding="UTF-8"?><feedback><version>1.0</version><report_metadata><org_name>receiver%d.example</org_name>
<email>dmarc@receiver.example</email><report_id>%d</report_id><date_range><begin>1700000000</begin><end>1700086400</end></date_range>
</report_metadata><policy_published><domain>example.com</domain><adkim>r</adkim><aspf>r</aspf><p>reject</p><sp>none</sp></policy_published>
"""
ETREE = """
import glob, ipaddress, sys, xml.etree.ElementTree as T
sources = {}
def texts(element, *names):
    return [element.findtext(name, "").strip() for name in names] if element is not None else []
for path in glob.glob(sys.argv[1] + "/*.xml"):
    root = T.parse(path).getroot()
    about = texts(root.find("report_metadata"), "org_name", "email", "report_id", "date_range/begin", "date_range/end")
    policy = texts(root.find("policy_published"), "domain", "adkim", "aspf", "p", "sp", "np", "pct", "fo")
    for r in root.iterfind("record"):
        ip, count = texts(r.find("row"), "source_ip", "count")
        ipaddress.ip_address(ip)
        disposition, dkim, spf = texts(r.find("row/policy_evaluated"), "disposition", "dkim", "spf")
        reasons = [texts(x, "type", "comment") for x in r.iterfind("row/policy_evaluated/reason")]
        who = texts(r.find("identifiers"), "header_from", "envelope_from", "envelope_to")
        signatures = [texts(x, "domain", "selector", "result") for x in r.iterfind("auth_results/dkim")]
        senders = [texts(x, "domain", "scope", "result") for x in r.iterfind("auth_results/spf")]
        s = sources.setdefault(ip, [0, 0, set()])
        s[0 if "pass" in (dkim, spf) else 1] += int(count)
        s[2].update(d[2] for d in signatures + senders)
print(sorted(sources.items(), key=lambda s: -s[1][1])[:40])
"""


def make(folder):
    """Most are small, one has 1 MB."""
    total = 0
    for i in range(REPORTS):
        records = 2000 if i == 0 else 1 + i * 7919 % 120
        text = HEAD % (i % 30, i) + "".join(
            RECORD % (k % 200, i % 250, k + 1, "pass" if k % 3 else "fail", k % 5) for k in range(records)) + "</feedback>\n"
        with open(f"{folder}/{i}.xml", "w", encoding="ascii") as out:
            total += out.write(text)
    return total


def once(command):
    """Seconds on the wall, and of CPU: the latter holds on a machine that is busy."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"{command[0]}: {done.returncode}: {done.stderr.decode(errors='replace')[:500]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peak_mb(command):
    code = "import resource,subprocess,sys;subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL);print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    return int(subprocess.run([sys.executable, "-c", code, *command], capture_output=True, check=True).stdout) / 1024


def main():
    with tempfile.TemporaryDirectory() as folder:
        total = make(folder)
        ours = [POSTHORN, "dmarc-check", "--report", "--color", "never", folder]
        rows = {"one thread": ours + ["--jobs", "1"], "two threads": ours + ["--jobs", "2"], "expat, empty handlers": [BARE, folder],
                "xml.etree": [sys.executable, "-c", ETREE, folder]}
        times = {name: [] for name in rows}
        for _ in range(ROUNDS):
            for name, command in rows.items():
                times[name].append(once(command))
        wall = {name: min(t[0] for t in list_) for name, list_ in times.items()}
        cpu = {name: min(t[1] for t in list_) for name, list_ in times.items()}
        print(f"{REPORTS} reports, {total / 1e6:.1f} MB, best of {ROUNDS}")
        for name in rows:
            print(f"  {name:24} {wall[name] * 1000:8.1f} ms on the wall, {cpu[name] * 1000:8.1f} ms of CPU")
        for title, ms in (("wall", wall), ("CPU", cpu)):
            print(f"  {title}: {ms['expat, empty handlers'] / ms['one thread']:.2f} of bare expat's rate (wanted 0.70), "
                  f"{ms['xml.etree'] / ms['one thread']:.1f} times xml.etree's (wanted 5)")
        print(f"  two threads: {wall['one thread'] / wall['two threads']:.2f} times one (wanted near 2)")
        print(f"  peak memory: {peak_mb(rows['two threads']):.1f} MB (wanted under 32)")


main()
