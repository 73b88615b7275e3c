"""A mail server on loopback that says what a test tells it to say, and keeps what it took."""

import asyncio
import email
import email.policy
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers import free_port

HANG_UP = "hang up"
TAKEN = "250 taken"


@dataclass
class Postbox:
    """Replies per command, used up one by one; then everything is taken.

    `HANG_UP` breaks the connection without a reply. A reply 421 breaks it after the reply, as
    RFC 5321 wants. `at_rcpt_of` and `at_data_of` are for one address, always.
    """

    at_mail: list[str] = field(default_factory=list)
    at_rcpt: list[str] = field(default_factory=list)
    at_data: list[str] = field(default_factory=list)
    at_rcpt_of: dict[str, str] = field(default_factory=dict)
    at_data_of: dict[str, str] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    offered: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    connections: int = 0
    _open: list[tuple[asyncio.AbstractEventLoop, asyncio.WriteTransport]] = field(default_factory=list)

    def hang_up(self) -> None:
        """Break every connection there is, between two letters."""
        for loop, transport in self._open:
            loop.call_soon_threadsafe(transport.abort)
        time.sleep(0.05)

    def mails(self) -> list[EmailMessage]:
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.taken]

    def to(self) -> list[str]:
        return [str(mail["To"]) for mail in self.mails()]

    async def handle_MAIL(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Iterable[str]
    ) -> str:
        reply = self._say(self.at_mail, server, "250 OK")
        if reply.startswith("250"):
            envelope.mail_from = address
        return reply

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Iterable[str]
    ) -> str:
        reply = self._say(self.at_rcpt, server, self.at_rcpt_of.get(address, "250 OK"))
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
            self.recipients.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        self.offered.append(content)
        reply = self._say(self.at_data, server, self.at_data_of.get(envelope.rcpt_tos[0], TAKEN))
        if reply.startswith("250"):
            self.taken.append(content)
        return reply

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        self._open.append((server.loop, transport_of(server)))
        session.host_name = hostname
        return responses

    def _say(self, script: list[str], server: SMTP, otherwise: str) -> str:
        reply = script.pop(0) if script else otherwise
        if reply == HANG_UP:
            transport_of(server).abort()
        elif reply.startswith("421"):
            server.loop.call_later(0.01, transport_of(server).close)
        return reply


def transport_of(server: SMTP) -> asyncio.WriteTransport:
    transport = server.transport
    assert isinstance(transport, asyncio.WriteTransport)
    return transport


class Office(Controller):
    """The server in a thread of its own; `with Office(postbox) as office: office.port`."""

    def __init__(self, postbox: Postbox) -> None:
        super().__init__(postbox, hostname="127.0.0.1", port=free_port(), ready_timeout=10)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()
