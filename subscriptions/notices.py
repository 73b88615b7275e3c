"""The transactional letters: what each says, and sending those that are owed."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.utils import translation

from subscriptions import lifecycle, outgoing
from subscriptions.address import AddressRefused, parse_address
from subscriptions.language import known_language
from subscriptions.mail import Excluded, LetterRefused, check_envelope, compose, link
from subscriptions.message import Message
from subscriptions.models import Notice, Subscriber
from subscriptions.suppression import is_suppressed
from subscriptions.tokens import LIFE, Purpose

CHUNK = 100
LEASE = outgoing.LEASE
MAX_ATTEMPTS = outgoing.MAX_ATTEMPTS

Values = dict[str, object]
ANYBODY = set(Subscriber.Status)


def confirmation(notice: Notice) -> Values:
    """The question. Holds nothing a visitor typed: anybody can type anybody's address."""
    return {"confirm_url": link(Purpose.CONFIRM, notice), "valid_hours": _hours(Purpose.CONFIRM)}


def welcome(notice: Notice) -> Values:
    """What comes, when, and how to leave."""
    subscriber = notice.subscriber
    return {
        "keywords": [str(keyword) for keyword in subscriber.keywords.all()],
        "cadence": subscriber.cadence,
        "weekday": subscriber.get_weekday_display() if subscriber.weekday is not None else "",
        "hour": f"{subscriber.hour:02d}:00",
        "time_zone": str(subscriber.time_zone),
        "preferences_url": link(Purpose.PREFERENCES, subscriber),
        "valid_hours": _hours(Purpose.PREFERENCES),
    }


def manage_link(notice: Notice) -> Values:
    """The way to one's preferences and data, for somebody who asked for it."""
    return {
        "preferences_url": link(Purpose.PREFERENCES, notice.subscriber),
        "export_url": link(Purpose.EXPORT, notice.subscriber),
        "valid_hours": _hours(Purpose.PREFERENCES),
    }


def farewell(notice: Notice) -> Values:
    """That it is done, and the way back."""
    return {"undo_days": lifecycle.UNDO.days}


def address_letter(notice: Notice) -> Values:
    """To the new address, a question; to the old one, what happened. Neither names the other: whoever
    reads the wrong one must not learn it.
    """
    return {"address_url": link(Purpose.ADDRESS, notice), "valid_hours": _hours(Purpose.ADDRESS)}


LETTERS: dict[str, Callable[[Notice], Values]] = {
    Notice.Letter.CONFIRMATION: confirmation,
    Notice.Letter.WELCOME: welcome,
    Notice.Letter.FAREWELL: farewell,
    Notice.Letter.MANAGE_LINK: manage_link,
    Notice.Letter.ALREADY_SUBSCRIBED: manage_link,
    Notice.Letter.ADDRESS_CHANGE: address_letter,
    Notice.Letter.ADDRESS_CHANGED: address_letter,
}

WANTED_BY: dict[str, set[Subscriber.Status]] = {
    Notice.Letter.CONFIRMATION: {Subscriber.Status.PENDING, Subscriber.Status.UNSUBSCRIBED},
    Notice.Letter.WELCOME: {Subscriber.Status.ACTIVE},
    Notice.Letter.FAREWELL: {Subscriber.Status.UNSUBSCRIBED},
    Notice.Letter.MANAGE_LINK: ANYBODY,
    Notice.Letter.ALREADY_SUBSCRIBED: {Subscriber.Status.ACTIVE},
    Notice.Letter.ADDRESS_CHANGE: ANYBODY,
    Notice.Letter.ADDRESS_CHANGED: ANYBODY,
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


def _compose(notice: Notice) -> Message:
    subscriber = notice.subscriber
    try:
        address = parse_address(notice.to)
    except AddressRefused as error:
        raise LetterRefused("the address on file cannot be mailed") from error
    if is_suppressed(address.key):
        raise Excluded("suppressed")
    if subscriber.status not in WANTED_BY[notice.letter]:
        raise Excluded(f"the subscriber is {subscriber.status}")
    if notice.letter == Notice.Letter.CONFIRMATION and not lifecycle.can_confirm(subscriber, notice.ask):
        raise Excluded("the question is out of date")
    with translation.override(_language(notice)):
        values = LETTERS[notice.letter](notice)
        message = compose(notice.letter, subscriber, values, message_uuid=notice.public_id, to=notice.to)
    message.metadata = {"notice": notice.public_id.hex}
    message.tags = [notice.letter]
    check_envelope(message, notice.to)
    return message


def _language(notice: Notice) -> str:
    """Theirs; but a question speaks the language of whoever asked for it."""
    if notice.ask is not None:
        return known_language(notice.ask.detail.get("wish", {}).get("language", ""))
    return known_language(notice.subscriber.language)


def _hours(purpose: Purpose) -> int:
    life = LIFE[purpose]
    assert life is not None, "these links are short-lived"
    return int(life.total_seconds() // 3600)
