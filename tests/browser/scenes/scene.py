"""A page in one of its states."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import time_machine
from django.utils import timezone

from subscriptions.models import Subscriber
from tests.browser.visits import Visit
from tests.factories import make_subscriber

ADDRESS = "reader@example.org"
LONG_WORD = "Pneumonoultramicroscopicsilicovolcanoconiosis"


@dataclass(frozen=True)
class Scene:
    """`reach` takes a visit there; it shall then read `heading`.

    `refused` is the field at fault of a form that was sent back.
    """

    name: str
    heading: str
    reach: Callable[[Visit], None]
    refused: str = ""

    def __str__(self) -> str:
        return self.name


def reader(email: str = "", **fields: Any) -> Subscriber:
    """Somebody with a long address and long keywords, which must fit on any screen."""
    keywords = f"retrieval, {LONG_WORD}{LONG_WORD[:30]}, -survey"
    return make_subscriber(email or f"{LONG_WORD}@{LONG_WORD}.example.org".lower(), keywords, **fields)


def gone(email: str = "", *, days: int = 1) -> Subscriber:
    """Somebody who left so many days ago."""
    now = timezone.now()
    return reader(
        email,
        status=Subscriber.Status.UNSUBSCRIBED,
        confirmed_at=now - timedelta(days=days + 100),
        left_at=now - timedelta(days=days),
    )


def ago(**how_long: int) -> AbstractContextManager[object]:
    """Within it, links are as old as that."""
    return time_machine.travel(timezone.now() - timedelta(**how_long), tick=False)
