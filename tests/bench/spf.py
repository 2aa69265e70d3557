#!/usr/bin/env python3
"""SPF against libspf2 and pyspf, all asking one nsd on port 53 of a network namespace of its own.

usage: spf.py POSTHORN            (needs nsd, spfquery of libspf2, python3-spf, unshare; no root where user namespaces are on)

Prints medians of interleaved rounds and the ratios that notes/auth.md and the issue bound. Take ratios, not times.
"""
import os
import resource
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ROUNDS = int(os.environ.get("ROUNDS", "15"))
DOMAINS = 1000


def loopback_up():
    import fcntl
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS, IFF_UP | IFF_RUNNING


def write_zone(path):
    lines = ["$TTL 300", "$ORIGIN test.", "@ SOA ns h 1 1h 15m 2w 5m", " NS ns", "ns A 127.0.0.1",
             'five TXT "v=spf1 include:i1.test include:i2.test include:i3.test include:i4.test include:i5.test -all"']
    for i in range(1, 6):
        nets = " ".join("ip4:198.51.%d.%d/32" % (i, n) for n in range(10))
        lines.append('i%d TXT "v=spf1 %s %s ~all"' % (i, nets, "ip4:192.0.2.1" if i == 5 else ""))
    for i in range(DOMAINS):
        lines += ['d%d TXT "v=spf1 mx include:p%d.test -all"' % (i, i), "  MX 10 m.d%d" % i, "m.d%d A 203.0.113.1" % i,
                  'p%d TXT "v=spf1 ip4:192.0.2.1 -all"' % i]
    with open(path, "w", encoding="ascii") as f:
        f.write("\n".join(lines) + "\n")


def start_nsd(top):
    conf = os.path.join(top, "nsd.conf")
    with open(conf, "w", encoding="ascii") as f:
        f.write('server:\n ip-address: 127.0.0.1@53\n username: ""\n chroot: ""\n zonesdir: "%s"\n pidfile: ""\n'
                ' database: ""\n xfrdfile: "%s/x"\n zonelistfile: "%s/z"\n xfrdir: "%s"\n logfile: "%s/log"\n'
                ' server-count: 1\n rrl-ratelimit: 0\nremote-control:\n control-enable: no\n'
                'zone:\n name: "test"\n zonefile: "test.zone"\n' % (top, top, top, top, top))
    nsd = subprocess.Popen([shutil.which("nsd") or "/usr/sbin/nsd", "-d", "-c", conf], stderr=subprocess.DEVNULL)
    query = bytes.fromhex("000100000001000000000000046669766504746573740000100001")
    for _ in range(100):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(0.1)
            try:
                s.sendto(query, ("127.0.0.1", 53))
                if len(s.recv(512)) > 50:
                    return nsd
            except OSError:
                time.sleep(0.05)
    sys.exit("nsd does not answer: " + open(os.path.join(top, "log")).read())


PYSPF = """
import sys, spf
for line in open(sys.argv[1]):
    ip, sender, helo = line.split()
    print(spf.check2(i=ip, s=sender, h=helo)[0])
"""


def measure(commands, rounds, want):
    """Interleaved: name -> (wall ms, cpu ms), medians."""
    seen = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
            wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
            if out.count(b"pass") < want:
                sys.exit("%s: %d passes, want %d\n%s" % (name, out.count(b"pass"), want, out[:500]))
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            seen[name].append((wall * 1000, cpu * 1000))
    return {name: tuple(statistics.median(v) for v in zip(*times)) for name, times in seen.items()}


def show(title, result, bounds):
    print("\n" + title)
    for name, (wall, cpu) in result.items():
        print("  %-10s wall %8.2f ms   cpu %8.2f ms" % (name, wall, cpu))
    for peer, factor, which in bounds:
        if peer in result:
            ratio = result["posthorn"][which] / result[peer][which]
            print("  %s of %-8s %.3f (bound %.3f) %s" % (("wall", "cpu")[which], peer, ratio, factor,
                                                         "ok" if ratio <= factor else "OVER"))


def main():
    posthorn = os.path.abspath(sys.argv[1])
    if os.environ.get("SPF_BENCH_INSIDE") != "1":
        os.environ["SPF_BENCH_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "-rnm", "--", sys.executable, os.path.abspath(__file__), posthorn])
    loopback_up()
    with tempfile.TemporaryDirectory() as top:
        conf = os.path.join(top, "resolv.conf")
        with open(conf, "w", encoding="ascii") as f:
            f.write("nameserver 127.0.0.1\n")
        subprocess.run(["mount", "--bind", conf, "/etc/resolv.conf"], check=True)
        write_zone(os.path.join(top, "test.zone"))
        nsd = start_nsd(top)
        try:
            bench(posthorn, top)
        finally:
            nsd.terminate()
            nsd.wait()


def bench(posthorn, top):
    libspf2 = shutil.which("spfquery.libspf2")
    python = "/usr/bin/python3"
    has_pyspf = subprocess.run([python, "-c", "import spf"], stderr=subprocess.DEVNULL).returncode == 0
    commands = {"posthorn": [posthorn, "spf-eval", "--ip", "192.0.2.1", "--from", "a@five.test"]}
    if libspf2:
        commands["libspf2"] = [libspf2, "-ip", "192.0.2.1", "-sender", "a@five.test", "-helo", "x.test"]
    show("one evaluation, five includes", measure(commands, ROUNDS * 3, 1), [("libspf2", 1.1, 1)])
    for title, sender in (("1,000 evaluations of one domain", "a@five.test"),
                          ("1,000 domains, mx and include", "a@d%d.test")):
        listed, spfquery_list = os.path.join(top, "list"), os.path.join(top, "list2")
        with open(listed, "w", encoding="ascii") as f, open(spfquery_list, "w", encoding="ascii") as g:
            for i in range(DOMAINS):
                who = sender % i if "%" in sender else sender
                f.write("192.0.2.1 %s x.test\n" % who)
                g.write("192.0.2.1 %s x.test\n" % who)
        commands = {"posthorn": [posthorn, "spf-eval", "--list", listed]}
        if libspf2:
            commands["libspf2"] = [libspf2, "-file", spfquery_list]
        result = measure(commands, ROUNDS, DOMAINS)
        if has_pyspf:
            result.update(measure({"pyspf": [python, "-c", PYSPF, listed]}, 1, DOMAINS))
        show(title, result, [("libspf2", 0.6, 0), ("libspf2", 0.6, 1), ("pyspf", 0.02, 0)])


if __name__ == "__main__":
    main()
