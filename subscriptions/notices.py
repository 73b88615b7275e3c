"""The transactional letters: what each says, and sending those that are owed."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.core.mail import EmailMultiAlternatives

from subscriptions import outgoing
from subscriptions.mail import Excluded, LetterRefused, check_envelope, compose, link
from subscriptions.models import Notice, Subscriber
from subscriptions.suppression import is_suppressed
from subscriptions.tokens import LIFE, Purpose

CHUNK = 100
LEASE = outgoing.LEASE
MAX_ATTEMPTS = outgoing.MAX_ATTEMPTS

Values = dict[str, object]


def confirmation(subscriber: Subscriber) -> Values:
    """The question. Holds nothing a visitor typed: anybody can type anybody's address."""
    life = LIFE[Purpose.CONFIRM]
    return {
        "confirm_url": link(Purpose.CONFIRM, subscriber),
        "valid_hours": int(life.total_seconds() // 3600) if life else 0,
    }


def welcome(subscriber: Subscriber) -> Values:
    """What comes, when, and how to leave."""
    return {
        "keywords": [str(keyword) for keyword in subscriber.keywords.all()],
        "cadence": subscriber.get_cadence_display(),
        "weekday": subscriber.get_weekday_display() if subscriber.weekday is not None else "",
        "hour": f"{subscriber.hour:02d}:00",
        "time_zone": str(subscriber.time_zone),
    }


LETTERS: dict[str, Callable[[Subscriber], Values]] = {
    Notice.Letter.CONFIRMATION: confirmation,
    Notice.Letter.WELCOME: welcome,
}

WANTED_BY: dict[str, set[str]] = {
    Notice.Letter.CONFIRMATION: {Subscriber.Status.PENDING},
    Notice.Letter.WELCOME: {Subscriber.Status.ACTIVE},
}
"""Which status a person must still have for the letter to make sense when it leaves."""


def open_notices(now: datetime | None = None) -> list[int]:
    """Ids of notices that wait for somebody to send them, oldest first."""
    return outgoing.waiting(Notice, limit=CHUNK, now=now)


def send_notices(ids: Sequence[int]) -> None:
    """Send those of the given notices that nobody else has claimed."""
    outgoing.send_out(Notice, ids, _compose)


def expire_notices(now: datetime | None = None) -> int:
    """A worker died between handing over and recording: nobody knows, so it is never repeated."""
    return outgoing.reap(Notice, now)


def _compose(notice: Notice) -> EmailMultiAlternatives:
    subscriber = notice.subscriber
    if is_suppressed(subscriber.email_key):
        raise Excluded("suppressed")
    if notice.letter not in LETTERS:
        raise LetterRefused(f"there is no letter {notice.letter}")
    if subscriber.status not in WANTED_BY[notice.letter]:
        raise Excluded(f"the subscriber is {subscriber.status}")
    values = LETTERS[notice.letter](subscriber)
    message = compose(notice.letter, subscriber, values, message_uuid=notice.public_id)
    message.metadata = {"notice": notice.public_id.hex}  # type: ignore[attr-defined]
    message.tags = [notice.letter]  # type: ignore[attr-defined]
    check_envelope(message, subscriber.email)
    return message
