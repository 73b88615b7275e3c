"""Servers of the outside world, on loopback: a hub of papers over HTTP, a mail server over SMTP."""

import gzip
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from aiosmtpd.controller import Controller

from tests.servers import free_port


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub says to one request."""

    body: bytes = b"[]"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, document: object) -> "Answer":
        return cls(json.dumps(document).encode(), headers={"Content-Type": "application/json"})

    @classmethod
    def packed(cls, body: bytes) -> "Answer":
        return cls(gzip.compress(body, compresslevel=1), headers={"Content-Encoding": "gzip"})


class Hub:
    """An HTTP server that answers as the test says and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Callable[[dict[str, str]], Answer] = lambda query: Answer()  # noqa: ARG005
        self.asked: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def pages(self, *pages: object) -> None:
        """Answer page `p` with the p-th of these; beyond them, with an empty list."""
        self.answer = lambda query: Answer.of(pages[int(query["p"])] if int(query["p"]) < len(pages) else [])

    def in_turn(self, *answers: Answer) -> None:
        """Give these answers one after the other, whatever is asked; the last one for ever."""
        left = list(answers)
        self.answer = lambda query: left.pop(0) if len(left) > 1 else left[0]  # noqa: ARG005

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nobody answers at this port any more."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer in one piece, or the other side's delayed ACK costs 40 ms

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = dict(parse_qsl(parts.query))
                hub.asked.append(query)
                hub.paths.append(parts.path)
                hub.headers.append(dict(self.headers))
                answer = hub.answer(query)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                try:
                    self.wfile.write(answer.body)
                    self.wfile.flush()
                except OSError:
                    self.close_connection = True  # who asked has hung up

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler


class Mailbox:
    """An SMTP server that keeps what it accepts, and misbehaves as the test says."""

    host = "127.0.0.1"

    def __init__(self) -> None:
        self.port = free_port()
        self.letters: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.refuse: dict[str, str] = {}
        """Replies to RCPT TO, by address."""
        self.reply_to_data: dict[str, str] = {}
        """Replies after the whole letter was sent, by address. A 2xx one keeps the letter."""
        self.hang_up_after_data: set[str] = set()
        """Addresses at whose letter the connection breaks before any reply."""
        self.letters_per_connection = 1_000
        """Then the server says goodbye, as many do."""
        self.goodbye = ""
        """The reply it does so with, to the next letter; none: it just hangs up before that."""
        self._controller = Controller(self, hostname=self.host, port=self.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nobody answers at this port any more."""
        if self._controller.server is not None:
            self._controller.stop()

    # What aiosmtpd calls; the names are its own.

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self._had_enough(session):
            return self.goodbye or self._hang_up(server)
        session.taken = getattr(session, "taken", 0) + 1
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_NOOP(self, server: Any, session: Any, envelope: Any, argument: str) -> str:  # noqa: N802
        return self._hang_up(server) if self._had_enough(session) and not self.goodbye else "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        [address] = envelope.rcpt_tos
        if address in self.hang_up_after_data:
            return self._hang_up(server)
        reply = self.reply_to_data.get(address, "250 kept")
        if reply.startswith("2"):
            parsed = message_from_bytes(envelope.content, policy=policy.default)
            self.letters.append(parsed)
            self.recipients.append(address)
        return reply

    def _had_enough(self, session: Any) -> bool:
        return getattr(session, "taken", 0) >= self.letters_per_connection

    def _hang_up(self, server: Any) -> str:
        server.transport.abort()
        return "421 nobody hears this"
