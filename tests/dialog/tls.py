#!/usr/bin/python3
"""TLS and OAuth of `send` against servers on loopback: who is refused, with which exit code and which words."""
import base64
import http.server
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.environ["TEST_LIB"])
import tap

POSTHORN = os.environ["POSTHORN"]
DIR = tempfile.TemporaryDirectory()


def at(name):
    return os.path.join(DIR.name, name)


def openssl(*args):
    return subprocess.run(["openssl", *args], check=True, capture_output=True, cwd=DIR.name).stdout.decode()


def certificate(name, san, issuer="ca", days="2"):
    """NAME.pem holds certificate and key; issuer None: self-signed."""
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
            name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name)
    with open(at("ext"), "w") as f:
        f.write("subjectAltName=%s\n" % san if san else "basicConstraints=critical,CA:TRUE\n")
    sign = ["-CA", issuer + ".crt", "-CAkey", issuer + ".key"] if issuer else ["-key", name + ".key"]
    openssl("x509", "-req", "-in", name + ".csr", "-out", name + ".crt", "-days", days, "-extfile", "ext",
            "-set_serial", str(time.monotonic_ns()), *sign)
    with open(at(name + ".pem"), "w") as f:
        f.write(open(at(name + ".crt")).read() + open(at(name + ".key")).read())
    os.chmod(at(name + ".pem"), 0o600)


def context(name, client_ca=None, newest=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(at(name + ".pem"))
    if client_ca:
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(at(client_ca + ".crt"))
    if newest:
        made.maximum_version = newest
    return made


class Smtp:
    """A server that takes mail; cert None: no STARTTLS; breaks: hangs up in the first handshakes."""

    def __init__(self, cert=None, implicit=False, breaks=0, client_ca=None, newest=None, tokens=None,
                 greeting="220 mx.example.net"):
        self.context = context(cert, client_ca, newest) if cert else None
        self.implicit, self.breaks, self.tokens, self.greeting = implicit, breaks, tokens, greeting
        self.connections, self.taken, self.bearers, self.protocols = 0, 0, [], []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            try:
                self.serve(connection)
            except OSError:
                pass
            connection.close()

    def secure(self, connection):
        if self.breaks > 0:
            self.breaks -= 1
            raise OSError
        secured = self.context.wrap_socket(connection, server_side=True)
        self.protocols.append(secured.version())
        return secured

    def serve(self, connection):
        secured = self.implicit
        if self.implicit:
            connection = self.secure(connection)
        self.say(connection, self.greeting)
        lines = connection.makefile("rb")
        while line := lines.readline():
            verb = line.strip().upper().split(b" ")[0]
            if verb == b"EHLO":
                offers = ["mx.example.net"] + (["STARTTLS"] if self.context and not secured else [])
                offers += ["AUTH XOAUTH2"] if self.tokens is not None else []
                self.say(connection, *["250-" + o for o in offers[:-1]], "250 " + offers[-1])
            elif verb == b"STARTTLS":
                self.say(connection, "220 go ahead")
                connection, secured = self.secure(connection), True
                lines = connection.makefile("rb")
            elif verb == b"AUTH":
                self.login(connection, lines, line)
            elif verb == b"DATA":
                self.say(connection, "354 go ahead")
                while lines.readline() not in (b".\r\n", b""):
                    pass
                self.taken += 1
                self.say(connection, "250 2.0.0 taken")
            elif verb == b"QUIT":
                self.say(connection, "221 bye")
                return
            else:
                self.say(connection, "250 fine")

    def login(self, connection, lines, line):
        token = re.search(rb"auth=Bearer ([^\x01]*)", base64.b64decode(line.split(b" ")[2]))[1].decode()
        self.bearers.append(token)
        if token in self.tokens:
            self.say(connection, "235 2.7.0 welcome")
            return
        self.say(connection, "334 " + base64.b64encode(b'{"status":"401"}').decode())
        lines.readline()
        self.say(connection, "535 5.7.8 no")

    def say(self, connection, *lines):
        connection.sendall("".join(line + "\r\n" for line in lines).encode())


class Tokens(http.server.ThreadingHTTPServer):
    """A token server: its answers in turn, the last again and again."""

    def __init__(self, *answers):
        super().__init__(("127.0.0.1", 0), TokenAnswer)
        self.answers, self.requests = list(answers), []
        self.socket = context("good").wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class TokenAnswer(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.requests.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        status, answer = self.server.answers[0] if len(self.server.answers) == 1 else self.server.answers.pop(0)
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def send(server, *args, scheme="", host="localhost"):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "POSTHORN_", "SSL_CERT"))}
    environment.update(HOME=DIR.name, XDG_STATE_HOME=at("state"))
    return subprocess.run([POSTHORN, "send", "--server", "%s%s:%d" % (scheme, host, server.port), "-f", "a@example.net",
                           "-r", "a@example.net", "-s", "x", "--body", "x", "--timeout", "5", *args, "bob@example.net"],
                          capture_output=True, text=True, timeout=30, env=environment)


def check(title, server, code, text, *args, taken=None, connections=None, **more):
    ran = send(server, *args, **more)
    good = ran.returncode == code and text in ran.stderr + ran.stdout
    good = good and server.taken == (taken if taken is not None else int(code == 0))
    good = good and (connections is None or server.connections == connections)
    tap.ok(good, title, "exit %d (want %d), taken %d, %d connections\n%s%s" % (
        ran.returncode, code, server.taken, server.connections, ran.stdout, ran.stderr))
    return ran


def verification():
    ca = ["--tls-ca", at("ca.crt")]
    check("a good certificate", Smtp("good"), 0, "", "--tls=verify", *ca)
    check("a good certificate for an address", Smtp("good"), 0, "", "--tls=verify", *ca, host="127.0.0.1")
    check("TLS from the first octet", Smtp("good", implicit=True), 0, "", *ca, scheme="smtps://")
    check("a CA that is not trusted", Smtp("good"), 76, "--tls-ca", "--tls=verify")
    check("another name", Smtp("other"), 76, "is for other.example, not for localhost", "--tls=verify", *ca)
    check("expired", Smtp("expired"), 76, "the certificate expired 20", "--tls=verify", *ca)
    ran = check("self-signed", Smtp("self"), 76, "is self-signed", "--tls=verify", *ca)
    pin = re.search(r"--tls-fingerprint ([0-9a-f]{64})", ran.stderr + ran.stdout)
    tap.ok(pin, "and the fingerprint to pin it by is told", ran.stderr)
    check("pinned", Smtp("self"), 0, "", "--tls-fingerprint", pin[1] if pin else "0" * 64)
    check("pinned, another certificate", Smtp("good"), 76, "another fingerprint", "--tls-fingerprint", pin[1] if pin else "")
    check("a SHA-1 fingerprint", Smtp("self"), 64, "SHA-1", "--tls-fingerprint", "00" * 20)
    check("encrypt does not verify", Smtp("self"), 0, "", "--tls=encrypt")
    check("a CA file that is missing", Smtp("good"), 66, "No such file", "--tls=verify", "--tls-ca", at("missing.crt"))


def policies():
    ca = ["--tls-ca", at("ca.crt")]
    check("verify: no STARTTLS offered, nothing is sent", Smtp(), 76, "STARTTLS", "--tls=verify", *ca)
    check("encrypt: no STARTTLS offered", Smtp(), 76, "STARTTLS", "--tls=encrypt")
    check("what one address said is not hidden by the next, where nobody listens", Smtp(greeting="421 4.3.2 too busy"), 75,
          "too busy", "--tls=may")
    check("may: none offered", Smtp(), 0, "", "--tls=may")
    check("none: not used though offered", Smtp("good"), 0, "", "--tls=none")
    check("may: a handshake that fails is tried again in the clear, on a new connection", Smtp("good", breaks=9), 0, "",
          "--tls=may", connections=2)
    check("verify: a handshake that fails stays failed", Smtp("good", breaks=9), 75, "TLS handshake", "--tls=verify", *ca)
    check("a server in the clear where TLS begins at once", Smtp(), 76, "does not speak TLS here", *ca, scheme="smtps://")
    check("a client certificate is demanded, none is there (TLS 1.2)", Smtp("good", client_ca="ca", newest=ssl.TLSVersion.TLSv1_2),
          76, "--tls-cert", "--tls=verify", *ca)
    check("a client certificate is demanded, none is there (TLS 1.3: told after the handshake)", Smtp("good", client_ca="ca"),
          76, "--tls-cert", "--tls=verify", *ca)
    check("a client certificate is demanded and shown", Smtp("good", client_ca="ca"), 0, "", "--tls=verify", *ca,
          "--tls-cert", at("client.pem"))
    os.chmod(at("client.pem"), 0o644)
    check("a client key that others can read", Smtp("good", client_ca="ca"), 77, "chmod 600", "--tls=verify", *ca,
          "--tls-cert", at("client.pem"))


def server_info():
    ran = send(Smtp("self"), "--server-info")
    tap.ok(ran.returncode == 0 and "not verified: the certificate is self-signed" in ran.stdout and "CN=self" in ran.stdout,
           "--server-info shows a chain that cannot be verified, and why", ran.stdout + ran.stderr)
    tls = json.loads(send(Smtp("expired"), "--server-info", "--json").stdout)["tls"]
    tap.ok(not tls["verified"] and tls["verify_error"] and len(tls["chain"]) == 1, "in JSON too", tls)
    with open(at("password"), "w") as f:
        f.write("secret")
    os.chmod(at("password"), 0o600)
    login = ["-u", "a", "--auth", "XOAUTH2", "--password-file", at("password")]
    server = Smtp("self", tokens=["secret"])
    ran = send(server, "--server-info", *login)
    tap.ok(ran.returncode == 76 and server.bearers == [], "--server-info tells no secret to a server that is not verified",
           "%d %s %s" % (ran.returncode, server.bearers, ran.stderr))
    server = Smtp("good", tokens=["secret"])
    ran = send(server, "--server-info", "--tls-ca", at("ca.crt"), *login)
    tap.ok(ran.returncode == 0 and server.bearers == ["secret"] and "logged in" in ran.stdout, "and logs in to one that is",
           ran.stdout + ran.stderr)


def oauth_run(title, server, tokens, code, text, **more):
    with open(at("oauth.conf"), "w") as f:
        f.write('tls-ca = "%s"\naccount "work" { user = "a@example.net" oauth = "work/1" }\n' % at("ca.crt"))
        f.write('oauth "work/1" { token-url = "https://localhost:%d/token" client-id = "id" refresh-token = "old" tls-ca = "%s" }\n'
                % (tokens.server_port, at("ca.crt")))
    os.chmod(at("oauth.conf"), 0o600)
    return check(title, server, code, text, "--config", at("oauth.conf"), "-A", "work", **more)


def oauth():
    def token(name, **more):
        return 200, dict(access_token=name, expires_in=3600, **more)

    tokens, server = Tokens(token("one", refresh_token="new"), token("two")), Smtp("good", tokens=["one"])
    oauth_run("OAuth: a token is asked for and used", server, tokens, 0, "")
    tap.ok(tokens.requests == ["grant_type=refresh_token&refresh_token=old&client_id=id"], "with the configured refresh token",
           tokens.requests)
    oauth_run("OAuth: the cached one is used the next time", server, tokens, 0, "", taken=2)
    tap.ok(len(tokens.requests) == 1 and server.bearers == ["one", "one"], "without asking again", server.bearers)
    server.tokens = ["two"]
    oauth_run("OAuth: a token that is refused is renewed, once, and the mail goes out", server, tokens, 0, "", taken=3)
    tap.ok(len(tokens.requests) == 2 and "refresh_token=new&" in tokens.requests[1], "with the refresh token that came last",
           tokens.requests)
    server.tokens = []
    oauth_run("OAuth: refused again is refused", server, tokens, 77, "535", taken=3)
    tap.ok(len(tokens.requests) == 3, "after one more try", tokens.requests)
    cache = at("state/posthorn/oauth-work%2F1.json")
    tap.ok(os.path.exists(cache) and os.stat(cache).st_mode & 0o777 == 0o600, "the cache file is private", os.listdir(DIR.name))
    os.unlink(cache)
    gone = Tokens((400, dict(error="invalid_grant", error_description="expired\x1b[2J")))
    ran = oauth_run("OAuth: a grant that is gone is 77 and says what to do", Smtp("good", tokens=[]), gone, 77, "authorize again")
    tap.ok("\x1b" not in ran.stderr, "controls in the server's words are not shown raw")
    down = Tokens((503, {}))
    oauth_run("OAuth: a token server that is down is 75", Smtp("good", tokens=[]), down, 75, "503")


certificate("ca", None, issuer=None)
certificate("good", "DNS:localhost,IP:127.0.0.1")
certificate("other", "DNS:other.example")
certificate("self", "DNS:localhost", issuer=None)
certificate("expired", "DNS:localhost", days="0")
certificate("client", "email:client@example.net")
time.sleep(1.1)  # until "expired" is
verification()
policies()
server_info()
oauth()
tap.done()
