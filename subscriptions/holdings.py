"""What other apps keep on a person, so that they can see it, take it along and have it erased.

`subscriptions` may not know them; each says by itself what it holds.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from subscriptions.models import Subscriber


@dataclass(frozen=True, slots=True)
class Received:
    """One thing a person was sent."""

    title: str
    url: str
    at: datetime
    state: str


class Holding(Protocol):
    """One app's answers. `name` is the heading in the export."""

    name: str

    def history(self, subscriber: Subscriber, *, limit: int) -> list[Received]:
        """What they were sent, newest first."""

    def export(self, subscriber: Subscriber) -> list[dict[str, Any]]:
        """All that is held on them, fit for JSON."""

    def forget(self, subscriber: Subscriber) -> None:
        """Remove it; called in the transaction that erases them."""


_known: dict[str, Holding] = {}


def register(holding: Holding) -> None:
    """To be called once, when the app is ready."""
    _known[holding.name] = holding


def holdings() -> list[Holding]:
    return list(_known.values())
