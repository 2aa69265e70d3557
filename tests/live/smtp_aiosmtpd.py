#!/usr/bin/python3
"""An aiosmtpd that keeps what it takes: smtp_aiosmtpd.py PORT DIRECTORY [utf8]. Any user `ann` with `s3cret` may log in."""
import asyncio
import os
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Keeper:
    def __init__(self, directory):
        self.directory, self.count = directory, 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        with open(os.path.join(self.directory, str(self.count)), "wb") as file:
            file.write(envelope.original_content)
        with open(os.path.join(self.directory, "envelope"), "a", encoding="utf-8") as file:
            file.write(f"{envelope.mail_from} {envelope.mail_options} {envelope.rcpt_tos}\n")
        return "250 2.0.0 kept"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("no"):
            return "550 5.1.1 unknown"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"


def allow(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"ann", b"s3cret")
    return AuthResult(success=good, handled=False)


controller = Controller(Keeper(sys.argv[2]), hostname="127.0.0.1", port=int(sys.argv[1]), enable_SMTPUTF8="utf8" in sys.argv,
                        authenticator=allow, auth_require_tls=False, decode_data=False, data_size_limit=30000000)
controller.start()
asyncio.new_event_loop().run_forever()
