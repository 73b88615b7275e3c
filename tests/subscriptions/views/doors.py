"""Every page behind a token, made ready to be knocked at."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from digest import feedback
from digest.models import Vote
from subscriptions import lifecycle
from subscriptions.models import Notice, Subscriber
from subscriptions.tokens import LIFE, Purpose
from tests.factories import make_paper, make_subscriber
from tests.subscriptions.links import asked, asked_to_move, path_of

GERMAN = {"language": "de"}
WITHIN = {"erase": "erase/", "preferences_export": "export/"}
"""Pages behind the link to the preferences."""


@dataclass(frozen=True)
class Door:
    """A kind of link: `ready` makes somebody and returns their path; `press` is what its button sends."""

    name: str
    purpose: Purpose
    ready: Callable[..., str]
    press: dict[str, str] = field(default_factory=dict)

    @property
    def life(self) -> timedelta | None:
        return LIFE[self.purpose]

    def at(self, token: str) -> str:
        """The same door with another key."""
        return f"/{self.purpose}/{token}/{WITHIN.get(self.name, '')}"


def _confirm(**wish: Any) -> str:
    return path_of(Purpose.CONFIRM, asked("ada@example.org", "retrieval", **wish))


def _address(**wish: Any) -> str:
    return path_of(Purpose.ADDRESS, asked_to_move(make_subscriber("ada@example.org", **wish)))


def _back(**wish: Any) -> str:
    [told] = lifecycle.move(asked_to_move(make_subscriber("ada@example.org", **wish)))
    return path_of(Purpose.ADDRESS, Notice.objects.get(pk=told))


def _of_subscriber(purpose: Purpose) -> Callable[..., str]:
    return lambda **wish: path_of(purpose, make_subscriber("ada@example.org", "retrieval", **wish))


def _feedback(**wish: Any) -> str:
    reader = make_subscriber("ada@example.org", "retrieval", **wish)
    feedback.say(reader, make_paper("Retrieval"), Vote.Kind.MORE)
    return path_of(Purpose.FEEDBACK, reader)


def _within(page: str) -> Callable[..., str]:
    return lambda **wish: (
        path_of(Purpose.PREFERENCES, make_subscriber("ada@example.org", "retrieval", **wish)) + page
    )


CONFIRM = Door("confirm", Purpose.CONFIRM, _confirm)
ADDRESS = Door("address", Purpose.ADDRESS, _address)
BACK = Door("back", Purpose.ADDRESS, _back)
PREFERENCES = Door(
    "preferences",
    Purpose.PREFERENCES,
    _of_subscriber(Purpose.PREFERENCES),
    {"do": "wish", "keywords": "retrieval, diffusion", "hour": "5"},
)
ERASE = Door("erase", Purpose.PREFERENCES, _within("erase/"))
DATA = Door("preferences_export", Purpose.PREFERENCES, _within("export/"))
EXPORT = Door("export", Purpose.EXPORT, _of_subscriber(Purpose.EXPORT))
UNSUBSCRIBE = Door("unsubscribe", Purpose.UNSUBSCRIBE, _of_subscriber(Purpose.UNSUBSCRIBE), {"do": "leave"})
FEEDBACK = Door("feedback", Purpose.FEEDBACK, _feedback, {"say": "reset"})

DOORS = [CONFIRM, ADDRESS, BACK, PREFERENCES, ERASE, DATA, EXPORT, UNSUBSCRIBE, FEEDBACK]
MORTAL = [door for door in DOORS if door.life is not None]


def doors(*among: Door) -> pytest.MarkDecorator:
    """For each of these doors (all by default)."""
    return pytest.mark.parametrize("door", [pytest.param(door, id=door.name) for door in among or DOORS])


def past(door: Door) -> time_machine.travel:
    """A moment at which a link made now is too old."""
    assert door.life is not None
    return time_machine.travel(timezone.now() + door.life + timedelta(minutes=1))


def revoke() -> None:
    """Make every link mailed so far worthless."""
    for subscriber in Subscriber.objects.all():
        lifecycle.revoke_links(subscriber)


def erase_everybody() -> None:
    for subscriber in list(Subscriber.objects.all()):
        lifecycle.erase(subscriber)
