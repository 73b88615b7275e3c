"""The life of a delivery: the digest's part of claim, hand over, record."""

from collections.abc import Sequence
from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from digest.letter import LETTER, NothingLeft, digest_values, with_fewer_cards
from digest.models import Delivery
from subscriptions import outgoing
from subscriptions.language import in_language_of
from subscriptions.mail import Excluded, LetterTooLarge, check_envelope, compose
from subscriptions.models import Subscriber
from subscriptions.suppression import is_suppressed

CHUNK = 100
LEASE = outgoing.LEASE
MAX_ATTEMPTS = outgoing.MAX_ATTEMPTS


def waiting(now: datetime | None = None, *, limit: int = CHUNK) -> list[int]:
    """Ids of planned deliveries that are due and that nobody holds, oldest first."""
    return outgoing.waiting(Delivery, limit=limit, now=now)


def claim(delivery_ids: Sequence[int], now: datetime | None = None) -> list[int]:
    """Take a lease on those that are free. Returns the ids that are now ours."""
    return outgoing.claim(Delivery, delivery_ids, now=now)


def deliver(delivery_ids: Sequence[int], *, progress: outgoing.Progress | None = None) -> None:
    """Send those of the given deliveries that nobody else has claimed."""
    outgoing.send_out(Delivery, delivery_ids, _compose, progress=progress)


def reap(now: datetime | None = None) -> int:
    """Settle what a dead worker left handed over. What was only planned, others simply claim."""
    return outgoing.reap(Delivery, now)


def _compose(delivery: Delivery) -> EmailMultiAlternatives:
    subscriber = delivery.subscriber
    if subscriber is None:
        raise Excluded("the subscriber was erased")
    try:
        with in_language_of(subscriber):
            message = _within_budget(delivery, subscriber, digest_values(delivery, subscriber))
    except NothingLeft:
        raise Excluded("no paper of it may be shown any more") from None
    message.metadata = {"delivery": delivery.public_id.hex}  # type: ignore[attr-defined]
    message.tags = [LETTER]  # type: ignore[attr-defined]
    check_envelope(message, subscriber.email)
    # Last, and read anew: who left while this was being composed gets nothing.
    subscriber.refresh_from_db(fields=["status", "paused_until"])
    if obstacle := _obstacle(subscriber):
        raise Excluded(obstacle)
    return message


def _within_budget(
    delivery: Delivery, subscriber: Subscriber, values: dict[str, object]
) -> EmailMultiAlternatives:
    """Cut by whole cards until the letter fits; what goes is told as left out."""
    while True:
        try:
            return compose(
                LETTER,
                subscriber,
                values,
                message_uuid=delivery.public_id,
                feedback_id=f"{delivery.edition.date:%Y%m%d}:digest:edition:paperround",
                listed=True,
            )
        except LetterTooLarge:
            values = with_fewer_cards(values)


def _obstacle(subscriber: Subscriber) -> str:
    """Why this person must not be mailed at this very moment, or ''."""
    if subscriber.status != Subscriber.Status.ACTIVE:
        return f"the subscriber is {subscriber.status}"
    if subscriber.paused_until and subscriber.paused_until > timezone.now():
        return "the subscriber paused"
    if is_suppressed(subscriber.email_key):
        return "suppressed"
    return ""
