#!/usr/bin/python3
"""Runs the scripts of this directory (README) against the program: a scripted SMTP peer that fails on the first octet
that differs. Each script is played whole, with its replies octet by octet, and cut off behind each of its steps."""
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

POSTHORN = os.environ["POSTHORN"]
MESSAGE = (
    "From: Ann <ann@example.net>\r\nTo: bob@example.net\r\nSubject: dialog\r\n"
    "Date: Sat, 21 Nov 2026 20:00:00 +0000\r\nMessage-ID: <dialog@example.net>\r\n\r\n"
    "first line\r\n.starts with a dot\r\n.\r\nlast line\r\n"
).encode()
HEAD = b"From: a@b.example\r\nDate: Sat, 21 Nov 2026 20:00:00 +0000\r\nMessage-ID: <long@example.net>\r\n\r\n"
UNIT_ONLY = {"copies", "window", "rcpt-max"}
PATIENCE = 20


def unescape(text):
    def one(match):
        if match.group(2):
            return bytes([int(match.group(2), 16)])
        return {b"r": b"\r", b"n": b"\n", b"t": b"\t"}.get(match.group(1), match.group(1))

    return re.sub(rb"\\(x([0-9a-fA-F]{2})|.)", lambda m: one(m), text.encode())


def long_message(n):
    text = bytearray((b"x" * 78 + b"\r\n") * (n // 80 + 1))[:n]
    text[: len(HEAD)] = HEAD
    text[-2:] = b"\r\n"
    return bytes(text)


def stuffed(message):
    return re.sub(rb"(?m)^\.", b"..", message) + b".\r\n"


class Script:
    def __init__(self, path):
        self.path, self.title, self.message, self.steps = path, "", MESSAGE, []
        self.settings, self.lists = {}, {"rcpt": [], "expect": [], "flag": [], "args": [], "stderr": []}
        for number, line in enumerate(open(path, encoding="utf-8", newline="\n"), 1):
            self.line(number, line.rstrip("\n"))
        self.lists["rcpt"] = self.lists["rcpt"] or ["bob@example.net"]

    def line(self, number, line):
        if line.startswith("#"):
            self.title = self.title or line[1:].strip()
        elif line[:3] in ("S: ", "C: "):
            self.steps.append((line[0], line[3:].encode() + b"\r\n", number))
        elif line[:3] == "S! ":
            self.steps.append(("!", line[3:].encode() + b"\r\n", number))
        elif line[:3] == "S+ ":
            self.steps.append(("S", unescape(line[3:]), number))
        elif line[:3] == "C~ ":
            self.steps.append(("~", stuffed(self.message)[: int(line[3:])], number))
        elif line in ("C.", "C*"):
            self.steps.append(("C", stuffed(self.message) if line == "C." else self.message, number))
        elif line in ("TLS", "CLOSE"):
            self.steps.append((line, b"", number))
        elif line.strip():
            key, value = line.split(":", 1)
            value = value.strip()
            if key == "message":
                self.message = unescape(value)
            elif key == "octets":
                self.message = long_message(int(value))
            elif key in self.lists:
                self.lists[key].append(value)
            else:
                self.settings[key] = value

    def skipped(self):
        if self.settings.get("unit") == "only" or UNIT_ONLY & set(self.settings):
            return True
        return bool({"no-pipelining", "no-chunking"} & set(self.lists["flag"]))


class Peer(threading.Thread):
    """Plays the server's part once. `split`: octet by octet; `cut`: closes behind that many steps."""

    def __init__(self, script, split, cut, tls):
        super().__init__(daemon=True)
        self.script, self.split, self.cut, self.tls = script, split, cut, tls
        self.error, self.played, self.buffer = None, 0, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(PATIENCE)
        self.port = self.listener.getsockname()[1]

    def run(self):
        try:
            connection, _ = self.listener.accept()
            self.listener.close()
            connection.settimeout(PATIENCE)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connection = connection
            self.play()
        except (OSError, ValueError) as error:
            if self.cut is None and self.error is None:
                self.error = f"{self.script.path}: step {self.played + 1}: {error}"
        finally:
            try:
                self.connection.close()
            except (OSError, AttributeError):
                pass

    def receive(self, n, number):
        while len(self.buffer) < n:
            piece = self.connection.recv(65536)
            if not piece:
                raise ValueError(f"line {number}: the client closed; it had sent {self.buffer!r}")
            self.buffer += piece
        got, self.buffer = self.buffer[:n], self.buffer[n:]
        return got

    def expect(self, want, number):
        for at in range(0, len(want), 65536):
            part = want[at : at + 65536]
            got = self.receive(len(part), number)
            if got != part:
                raise ValueError(f"line {number}: expected {part[:300]!r}, got {got[:300]!r}")

    def send(self, octets):
        if self.split:
            for octet in octets:
                self.connection.sendall(bytes([octet]))
        else:
            self.connection.sendall(octets)

    def silent(self, number):
        self.connection.setblocking(False)
        try:
            self.buffer += self.connection.recv(4096)
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        finally:
            self.connection.settimeout(PATIENCE)
        if self.buffer:
            raise ValueError(f"line {number}: the client speaks before its turn: {self.buffer[:300]!r}")

    def play(self):
        for kind, octets, number in self.script.steps:
            if self.cut is not None and self.played >= self.cut:
                return
            if kind in "S!":
                try:
                    if kind == "S":
                        self.silent(number)
                    self.send(octets)
                except (BrokenPipeError, ConnectionResetError):
                    return  # it has what it needs: the rest is farewell
            elif kind == "TLS":
                self.connection = self.tls.wrap_socket(self.connection, server_side=True)
            elif kind == "CLOSE":
                self.played += 1
                return
            else:
                self.expect(octets, number)
            self.played += 1
        if self.script.steps[-1][0] != "~":
            try:
                self.buffer += self.connection.recv(1)
            except ConnectionResetError:
                pass  # it closed without reading our last words
            if self.buffer:
                raise ValueError(f"the client sends more behind the script: {self.buffer!r}")


def prepare(script, directory):
    os.mkdir(directory)
    with open(os.path.join(directory, "message"), "wb") as file:
        file.write(script.message)
    secret = os.open(os.path.join(directory, "secret"), os.O_WRONLY | os.O_CREAT, 0o600)
    with open(secret, "w", encoding="utf-8") as file:
        file.write(script.settings.get("token", script.settings.get("password", "")) + "\n")


def arguments(script, port, directory):
    flags, settings = set(script.lists["flag"]), script.settings
    path = os.path.join(directory, "message")
    args = [POSTHORN, "send", "--json", "--config", "/dev/null", "--raw", path, "--ehlo", "client.example.net"]
    args += ["--server", f"{'lmtp' if 'lmtp' in flags else 'smtp'}://127.0.0.1:{port}"]
    args += ["-f", settings.get("from", "ann@example.net") or "<>", "--timeout", str(PATIENCE)]
    args += ["--tls=encrypt" if "tls-require" in flags else "--tls=may" if "tls-may" in flags else "--tls=none"]
    if "requiretls" in flags:
        args += ["--require-tls"]
    for key, option in (("notify", "-N"), ("ret", "-R"), ("envid", "-V"), ("xclient", "--xclient"), ("user", "-u"),
                        ("mechs", "--auth"), ("stop", "--quit-after")):
        if key in settings:
            args += [option, settings[key]]
    secret = settings.get("token", settings.get("password"))
    if secret is not None:
        args += ["--password-file", os.path.join(directory, "secret")]
    for more in script.lists["args"]:
        args += more.split()
    return args + ["--"] + script.lists["rcpt"]


def run(script, split, cut, tls, directory):
    peer = Peer(script, split, cut, tls)
    peer.start()
    done = subprocess.run(arguments(script, peer.port, directory), stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=120, check=False)
    try:
        peer.listener.close()
    except OSError:
        pass
    peer.join(PATIENCE)
    records = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return peer, done, records


def faults_of_result(script, done, records):
    faults = []
    if "exit" in script.settings and done.returncode != int(script.settings["exit"]):
        faults.append(f"exit {done.returncode}, want {script.settings['exit']}")
    recipients = {r["to"]: r for r in records if r["type"] == "recipient"}
    for line in script.lists["expect"]:
        to, status, *rest = line.split()
        status = {"not-attempted": "deferred", "in-doubt": "in_doubt"}.get(status, status)
        record = recipients.get(to, {})
        if record.get("status") != status:
            faults.append(f"{to}: {record.get('status')}, want {status}: {record.get('reply')}")
        if rest and (record.get("code") or 0) != int(rest[0]):
            faults.append(f"{to}: code {record.get('code')}, want {rest[0]}")
        if len(rest) > 1 and record.get("enhanced") != rest[1]:
            faults.append(f"{to}: enhanced {record.get('enhanced')}, want {rest[1]}")
    said = done.stderr.decode(errors="replace") + "".join(str(r.get("reply")) for r in records)
    faults += [f"nothing says \"{text}\"" for text in script.lists["stderr"] if text not in said]
    return faults


def play(script, split, tls, directory):
    peer, done, records = run(script, split, None, tls, directory)
    faults = [peer.error] if peer.error else []
    faults += faults_of_result(script, done, records)
    if faults:
        faults.append(done.stderr.decode(errors="replace").strip())
    return faults


def ends_message(script, step):
    kind, octets, _ = step
    return kind == "C" and (octets.endswith(b"\r\n.\r\n") or octets == script.message)


def cut_everywhere(script, tls, directory):
    """Whatever step is the last: delivered only what was answered, in doubt only what was sent whole."""
    faults = []
    for cut in range(len(script.steps)):
        _, done, records = run(script, False, cut, tls, directory)
        flight = cut + 1 # all the client sends at once is with the kernel, read or not
        while flight < len(script.steps) and script.steps[flight][0] == "C":
            flight += 1
        began = [s for s in script.steps[:flight] if ends_message(script, s)]
        for record in records:
            if record["type"] != "recipient":
                continue
            if record["status"] == "in_doubt" and not began:
                faults.append(f"cut behind step {cut}: in doubt, but the message was not sent")
            if record["status"] == "delivered" and not any(ends_message(script, s) for s in script.steps[:cut]):
                faults.append(f"cut behind step {cut}: delivered, but no message was sent")
        if done.returncode not in (0, 1, 3, 65, 67, 68, 69, 75, 76, 77):
            faults.append(f"cut behind step {cut}: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
        if not any(r["type"] == "summary" for r in records):
            faults.append(f"cut behind step {cut}: no summary")
    return faults


def make_tls(directory):
    key, cert = os.path.join(directory, "key.pem"), os.path.join(directory, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                    key, "-out", cert, "-days", "2", "-subj", "/CN=mx.example.net"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def main():
    scripts = [s for s in map(Script, sys.argv[1:]) if not s.skipped()]
    with tempfile.TemporaryDirectory() as top, ThreadPoolExecutor(4) as pool:
        tls, jobs = make_tls(top), []
        for number, script in enumerate(scripts):
            directory = os.path.join(top, str(number))
            prepare(script, directory)
            jobs.append((script.title, pool.submit(play, script, False, tls, directory)))
            if script.settings.get("split") != "never":
                jobs.append((script.title + ": octet by octet",
                             pool.submit(play, script, True, tls, directory)))
            jobs.append((script.title + ": cut off", pool.submit(cut_everywhere, script, tls, directory)))
        failed = 0
        for number, (title, job) in enumerate(jobs, 1):
            faults = job.result()
            failed += bool(faults)
            for fault in faults:
                print("#", fault.replace("\n", "\n# "))
            print(f"{'not ok' if faults else 'ok'} {number} - {title.replace('#', '_')}")
        print(f"1..{len(jobs)}")
    return 1 if failed or not jobs else 0


if __name__ == "__main__":
    sys.exit(main())
