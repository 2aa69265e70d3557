#!/usr/bin/python3
"""What `send` costs beside curl and s-nail: ratios of medians, rows interleaved, each delivery counted by the sink.
send.py POSTHORN SINK PEAK EMPTY     EMPTY: a program that does nothing, linked with the same libraries"""
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

POSTHORN, SINK, PEAK, EMPTY = sys.argv[1:5]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "15"))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Sink:
    def __init__(self, *options):
        self.port = free_port()
        self.process = subprocess.Popen([SINK, *options, str(self.port)])
        for _ in range(100):
            try:
                self.link = socket.create_connection(("127.0.0.1", self.port))
                break
            except OSError:
                time.sleep(0.02)
        self.link.recv(4096)

    def count(self):
        self.link.sendall(b"XCOUNT\r\n")
        return int(self.link.recv(4096).split()[1])


def once(command, stdin=None):
    """Wall time in ms."""
    source = open(stdin, "rb") if stdin else subprocess.DEVNULL
    began = time.perf_counter()
    done = subprocess.run(command, stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    took = (time.perf_counter() - began) * 1000
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed with {done.returncode}: {done.stderr.decode(errors='replace')}")
    return took


def peak_mb(command, stdin=None):
    source = open(stdin, "rb") if stdin else subprocess.DEVNULL
    done = subprocess.run([PEAK, *command], stdin=source, capture_output=True, check=False)
    return int(done.stderr.rsplit(b"peak ", 1)[1]) / 1024


def compare(title, sink, rows, rounds=ROUNDS, goal=None, peak=None):
    """rows: [(name, command, stdin)], ours first."""
    times = {name: [] for name, _, _ in rows}
    memory = {}
    for name, command, stdin in rows:
        memory[name] = peak_mb(command, stdin)
    for turn in range(rounds + 1):
        for name, command, stdin in rows:
            before = sink.count() if sink else 0
            took = once(command, stdin)
            if sink and sink.count() != before + 1:
                sys.exit(f"{title}: {name} did not deliver exactly one message")
            if turn > 0:
                times[name].append(took)
    medians = {name: statistics.median(values) for name, values in times.items()}
    ours = rows[0][0]
    for name, _, _ in rows:
        ratio = "" if name == ours else f"  ratio {medians[ours] / medians[name]:.2f}"
        wanted = goal.get(name) if goal else None
        verdict = "" if wanted is None else f" (wanted <= {wanted}{'' if medians[ours] / medians[name] <= wanted else ', MISSED'})"
        print(f"{title:28} {name:10} {medians[name]:8.2f} ms {memory[name]:7.1f} MB{ratio}{verdict}")
    if peak is not None and memory[ours] > peak:
        print(f"{title:28} {ours} peak {memory[ours]:.1f} MB (wanted <= {peak}, MISSED)")
    sys.stdout.flush()


def certificates(top):
    def run(*command):
        subprocess.run(command, check=True, capture_output=True, cwd=top)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    run("openssl", "req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=bench CA")
    run("openssl", "req", *curve, "-keyout", "key.pem", "-out", "csr.pem", "-subj", "/CN=localhost")
    with open(os.path.join(top, "ext"), "w", encoding="ascii") as file:
        file.write("subjectAltName=DNS:localhost\n")
    run("openssl", "x509", "-req", "-in", "csr.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
        "-extfile", "ext", "-out", "cert.pem")


def message(path, size):
    head = ("From: ann@example.net\r\nTo: bob@example.net\r\nSubject: bench\r\nDate: Sat, 21 Nov 2026 20:00:00 +0000\r\n"
            "Message-ID: <bench@example.net>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n")
    line = "x" * 74 + "\r\n"
    with open(path, "w", encoding="ascii", newline="") as file:
        file.write(head + line * ((size - len(head)) // len(line)))


def ours(port, *more):
    return [POSTHORN, "send", "--config", "/dev/null", "--server", f"localhost:{port}", "--ehlo", "bench.example", *more]


def curl(port, path, *more):
    return ["curl", "-s", "-S", f"smtp://localhost:{port}/bench.example", "--mail-from", "ann@example.net", "--mail-rcpt",
            "bob@example.net", "-T", path, *more]


def main():
    top = tempfile.mkdtemp()
    sinks = []
    try:
        certificates(top)
        small, large, data = (os.path.join(top, n) for n in ("small", "large", "data"))
        message(small, 4096)
        message(large, 34 << 20)
        with open(data, "wb") as file:
            file.write(os.urandom(25 << 20))
        ca = os.path.join(top, "ca.pem")
        plain, chunked = Sink(), Sink("-c")
        secure = Sink("-t", os.path.join(top, "cert.pem"), os.path.join(top, "key.pem"))
        sinks = [plain, chunked, secure]
        raw = ("-f", "ann@example.net", "--raw", small, "bob@example.net")
        compare("--version", None, [("posthorn", [POSTHORN, "--version"], None), ("empty", [EMPTY], None)], goal={"empty": 1.2})
        compare("4 KB, plain", plain, [("posthorn", ours(plain.port, "--tls=none", *raw), None),
                                       ("curl", curl(plain.port, small), None)], goal={"curl": 0.4}, peak=8)
        compare("4 KB, plain, CHUNKING", chunked, [("posthorn", ours(chunked.port, "--tls=none", *raw), None),
                                                   ("curl", curl(chunked.port, small), None)], goal={"curl": 0.4})
        compare("4 KB, STARTTLS, one CA", secure, [
            ("posthorn", ours(secure.port, "--tls=verify", "--tls-ca", ca, *raw), None),
            ("curl", curl(secure.port, small, "--ssl-reqd", "--cacert", ca), None)], goal={"curl": 0.7}, peak=12)
        # Nobody's CA: both load the system's trust and look; neither takes the certificate for good, so -k and `encrypt`
        # would not load it. The names are the trust store's own cost: a handshake that is verified and refused.
        system_trust(secure, small)
        compare("25 MB attached, prebuilt", plain, [
            ("posthorn", ours(plain.port, "--tls=none", "-r", "ann@example.net", "-s", "bench", "--body", "x", "-a", data, "bob@example.net"), None),
            ("curl", curl(plain.port, large), None)], rounds=max(3, ROUNDS // 3), goal={"curl": 1.3}, peak=8)
        if shutil.which("s-nail"):
            compare("25 MB attached", plain, [
                ("posthorn", ours(plain.port, "--tls=none", "-r", "ann@example.net", "-s", "bench", "--body", "x", "-a", data, "bob@example.net"), None),
                ("s-nail", ["s-nail", "-n", "-S", "v15-compat", "-S", f"mta=smtp://127.0.0.1:{plain.port}", "-S", "smtp-auth=none",
                            "-S", "from=ann@example.net", "-S", "hostname=bench.example", "-S", "sendwait", "-s", "bench", "-a", data,
                            "bob@example.net"], "/dev/null")], rounds=max(3, ROUNDS // 3), goal={"s-nail": 0.25})
    finally:
        for sink in sinks:
            sink.process.kill()
        shutil.rmtree(top)


def system_trust(sink, small):
    def refused(command):
        began = time.perf_counter()
        code = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode
        if code == 0:
            sys.exit("a certificate of nobody's CA was accepted")
        return (time.perf_counter() - began) * 1000

    mine = ours(sink.port, "--tls=verify", "-f", "ann@example.net", "--raw", small, "bob@example.net")
    theirs = curl(sink.port, small, "--ssl-reqd")
    times = ([], [])
    for _ in range(ROUNDS):
        times[0].append(refused(mine))
        times[1].append(refused(theirs))
    a, b = (statistics.median(t) for t in times)
    print(f"{'system trust, refused':28} posthorn   {a:8.2f} ms\n{'system trust, refused':28} curl       {b:8.2f} ms"
          f"          ratio {a / b:.2f} (wanted <= 0.3{'' if a / b <= 0.3 else ', MISSED'})")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
