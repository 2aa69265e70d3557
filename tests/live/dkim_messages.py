"""dkim_messages.py DIR: messages that signers and verifiers disagree on most easily, one a file."""
import pathlib
import sys

HEAD = "From: Joe <joe@example.org>\r\nTo: suzie@example.net\r\nSubject: {}\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700\r\n"


def mail(subject, body, extra=""):
    return (HEAD.format(subject) + extra + "\r\n" + body).encode("utf-8")


MESSAGES = {
    "plain": mail("plain", "Hello.\r\n\r\nBye.\r\n", "Message-ID: <1@example.org>\r\n"),
    "empty_body": mail("no body", ""),
    "blank_lines": mail("only blank lines", "\r\n\r\n\r\n"),
    "no_newline": mail("no final newline", "one\r\ntwo"),
    "white_space": mail("  white \t space \t", " a \t b  \r\n\t\r\n  c\t\t\r\n \r\n\r\n", "X-A: \t x  \r\nCc:  a@b \r\n"),
    "wsp_lines_last": mail("white lines last", "text\r\n \r\n\t \r\n"),
    "folded": mail("folded\r\n over\r\n\t three lines", "x\r\n", "Cc: a@b,\r\n  c@d,\r\n\te@f\r\nReferences: <a@b>\r\n <c@d>\r\n"),
    "empty_fields": mail("", "x\r\n", "Cc:\r\nReply-To: \r\nMIME-Version:1.0\r\n"),
    "space_colon": b"From : joe@example.org\r\nSubject : spaced\r\nTo: a@b\r\nDate : Fri, 11 Jul 2003 21:00:37 -0700\r\n\r\nx\r\n",
    "received": b"Received: from a by b; x\r\nReceived: from c by d;\r\n y\r\n" + mail("repeated", "x\r\n", "Received: z\r\n"),
    "two_cc": mail("two Cc", "x\r\n", "Cc: a@b\r\nCc: c@d\r\n"),
    "eightbit": HEAD.format("\xe4\xff").encode("latin-1") + b"X-Y: \xfe\r\n\r\n\xe9\xe8 \xff\r\n",
    "utf8": mail("Gr\u00fc\u00dfe \u2014 \u65e5\u672c", "\u20ac  \u00fc\r\n", "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"),
    "dots": mail("dots", ".\r\n..\r\n.x\r\n...\r\n\r\n.\r\n"),
    "long_lines": mail("long lines", ("x" * 990 + "\r\n") * 3 + ("word " * 190).rstrip() + "\r\n"),
    "mime": mail("mime", "--b\r\nContent-Type: text/plain\r\n\r\none \r\n--b\r\nContent-Type: text/html\r\n\r\n<p>two</p>\r\n--b--\r\n",
                 "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\nList-Unsubscribe: <https://a/b>\r\n"
                 "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"),
    "names_case": b"FROM: joe@example.org\r\nsubject: Case\r\ntO: a@b\r\nDATE: Fri, 11 Jul 2003 21:00:37 -0700\r\n\r\nx\r\n",
    "big": mail("big", "".join("line %d with  two spaces \r\n" % i for i in range(20000))),
    "bare_lf": mail("bare LF", "one\r\n\r\ntwo  \r\n.\r\n").replace(b"\r\n", b"\n"),
}

for name, octets in MESSAGES.items():
    pathlib.Path(sys.argv[1], name + ".eml").write_bytes(octets)
