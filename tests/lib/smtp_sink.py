#!/usr/bin/env python3
"""A mail server for tests and demonstrations: takes every message on loopback and keeps it in a directory.

usage: smtp_sink.py PORTFILE DIRECTORY

Writes its port to PORTFILE once it listens. Each message becomes DIRECTORY/N.eml, in front of it the envelope as
X-Sink-From and X-Sink-To lines.
"""
import os
import socketserver
import sys

LINE_MAX, MESSAGE_MAX = 4096, 64 << 20
count = 0


class Session(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def data(self):
        lines, size = [], 0
        while True:
            line = self.rfile.readline(1 << 20)
            if not line or line == b".\r\n":
                return b"".join(lines) if line else None
            size += len(line)
            if size > MESSAGE_MAX:
                return None
            lines.append(line[1:] if line.startswith(b".") else line)

    def keep(self, sender, recipients, message):
        global count
        count += 1
        head = "X-Sink-From: %s\r\n" % sender + "".join("X-Sink-To: %s\r\n" % r for r in recipients)
        path = os.path.join(sys.argv[2], "%d.eml" % count)
        with open(path + ".tmp", "wb") as f:
            f.write(head.encode() + message)
        os.rename(path + ".tmp", path)
        return count

    def handle(self):
        sender, recipients = None, []
        self.say("220 sink.example ESMTP")
        while True:
            line = self.rfile.readline(LINE_MAX).decode("utf-8", "replace").rstrip("\r\n")
            verb = line[:4].upper()
            if verb in ("", "QUIT"):
                if verb:
                    self.say("221 bye")
                return
            if verb == "EHLO":
                self.say("250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE %d" % MESSAGE_MAX)
            elif verb in ("HELO", "NOOP"):
                self.say("250 ok")
            elif verb == "RSET":
                sender, recipients = None, []
                self.say("250 ok")
            elif verb == "MAIL":
                sender, recipients = line.split(":", 1)[-1].split()[0], []
                self.say("250 ok")
            elif verb == "RCPT":
                recipients.append(line.split(":", 1)[-1].split()[0])
                self.say("250 ok")
            elif verb == "DATA" and recipients:
                self.say("354 go on")
                message = self.data()
                if message is None:
                    return
                self.say("250 kept as %d" % self.keep(sender, recipients, message))
                sender, recipients = None, []
            else:
                self.say("503 not now")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def main():
    with Server(("127.0.0.1", 0), Session) as server:
        with open(sys.argv[1] + ".tmp", "w", encoding="ascii") as f:
            f.write("%d\n" % server.server_address[1])
        os.rename(sys.argv[1] + ".tmp", sys.argv[1])
        server.serve_forever()


main()
