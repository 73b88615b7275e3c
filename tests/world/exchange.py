"""What the world is asked, and what it replies: values, before anything goes over a wire."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import cycle, islice
from typing import TypeVar

from tests.world.papers import World

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask:
    """One request as a service gets it: `path` is without the service's prefix.

    The last three are wishes of faults: to tell the batch of `batch` instead of the day asked for (as
    if it were that day's, with `redated`), and to fill pages to `swollen` times their size.
    """

    service: str
    path: str
    pairs: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    """Names in lower case."""
    now: datetime
    world: World
    base: str
    """Where this service is reached, for redirects."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Page sizes by service."""
    used: int = 0
    """Requests before this one in the service's present window of quota."""
    quota: int = 0
    batch: date | None = None
    redated: bool = True
    swollen: int = 1

    @property
    def query(self) -> dict[str, str]:
        return dict(self.pairs)

    def page(self, rows: Sequence[T], pool: Sequence[T], size: int) -> list[T]:
        """A page as it is sent: `rows`, and where it is to be swollen, more of the day's `pool` again."""
        if self.swollen == 1 or not rows:
            return list(rows)
        return [*rows, *islice(cycle(pool), max(0, size * self.swollen - len(rows)))]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and how it is to be delivered."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    stream: "Stream | None" = None
    """A body too large to hold, instead of `body`."""
    pace: float = 0.0
    """Seconds between two pieces of the body."""
    piece: int = 0
    """Bytes in a piece; 0: all at once."""
    sent: int | None = None
    """Bytes of the body after which the connection is closed."""
    reset: bool = False
    """No answer: the connection is reset."""


class Stream:
    """A body made while it is sent; its length is known before."""

    def __len__(self) -> int:
        raise NotImplementedError

    def __iter__(self) -> Iterator[bytes]:
        raise NotImplementedError


def document(ask: Ask, body: bytes, content_type: str, *, etag: str = "", **headers: str) -> Reply:
    """A body with its type and tag, or 304 where the asker has it. Keyword names become headers'."""
    told = {"Content-Type": content_type, **{name.replace("_", "-"): v for name, v in headers.items()}}
    if etag:
        told["ETag"] = etag
        if etag in [tag.strip() for tag in ask.headers.get("if-none-match", "").split(",")]:
            return Reply(304, {name: v for name, v in told.items() if name != "Content-Type"})
    return Reply(200, told, body)


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def weak(body: bytes) -> str:
    """A weak tag, quoted, as most servers give."""
    return f'W/"{sha256(body)[:32]}"'
