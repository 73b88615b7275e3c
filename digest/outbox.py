"""The demo's mail transport: every mail is kept as a file, for the page `/outbox/`."""

import email
import email.policy
import os
import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from itertools import count
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage as DjangoEmailMessage
from django.core.mail.backends.base import BaseEmailBackend

_NAME = re.compile(r"^\d{20}-\d+-\d+$")
_serial = count()
_lock = threading.Lock()


class OutboxBackend(BaseEmailBackend):
    """Writes each message to a file of its own, named so that names sort by time."""

    def send_messages(self, email_messages: Sequence[DjangoEmailMessage]) -> int:
        folder = settings.OUTBOX_DIR
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            with _lock:
                name = f"{time.time_ns():020d}-{os.getpid()}-{next(_serial)}"
            draft = folder / f".{name}"
            draft.write_bytes(message.message().as_bytes().replace(b"\n", b"\r\n"))
            draft.rename(folder / f"{name}.eml")
        return len(email_messages)


@dataclass(frozen=True, slots=True)
class KeptMail:
    """One mail of the outbox."""

    name: str
    sent_at: datetime
    raw: bytes

    @property
    def parsed(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.default)

    @property
    def subject(self) -> str:
        # A long first word makes the header break at once, and that blank is no part of it.
        return str(self.parsed["Subject"] or "").strip()

    @property
    def to(self) -> str:
        return str(self.parsed["To"] or "")

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.parsed.items()]

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, subtype: str) -> str:
        part = self.parsed.get_body(preferencelist=(subtype,))
        return str(part.get_content()) if part is not None else ""


def kept(limit: int = 200) -> Iterator[KeptMail]:
    """The mails of the outbox, newest first."""
    folder = settings.OUTBOX_DIR
    if folder.is_dir():
        for path in sorted(folder.glob("*.eml"), reverse=True)[:limit]:
            yield _read(path)


def find(name: str) -> KeptMail | None:
    """One mail by its name, or None. A name that is not one of ours never reaches the disk."""
    path = settings.OUTBOX_DIR / f"{name}.eml"
    return _read(path) if _NAME.match(name) and path.is_file() else None


def _read(path: Path) -> KeptMail:
    nanoseconds = int(path.stem.split("-", 1)[0])
    return KeptMail(
        name=path.stem,
        sent_at=datetime.fromtimestamp(nanoseconds / 1e9, tz=UTC),
        raw=path.read_bytes(),
    )
