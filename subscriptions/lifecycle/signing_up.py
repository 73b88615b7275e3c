"""Asking for the digest, and saying yes."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from subscriptions import wording
from subscriptions.address import Address, parse_address
from subscriptions.disposable import is_refused_as_disposable
from subscriptions.lifecycle.changing import set_keywords
from subscriptions.lifecycle.owing import (
    ONCE_IN,
    lock,
    may_write_to,
    owe,
    owe_at_most_daily,
    record,
    sent,
)
from subscriptions.models import Consent, Notice, Subscriber
from subscriptions.preferences import Preferences
from subscriptions.suppression import is_suppressed
from subscriptions.throttling import TellOperator, admit, forgive

PENDING_LIFE = timedelta(days=7)
MAX_PENDING = 2
"""Unanswered questions to one address, at most."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def request(
    address: Address,
    preferences: Preferences,
    *,
    origin: Consent.Origin,
    network: str = "",
    cost: int = 1,
    now: datetime | None = None,
) -> list[int]:
    """Somebody asks for the digest at this address. Whoever it is, they are told the same.

    All limits are here, whichever door the wish came through. The wish of somebody known is not
    touched: who typed the address is not yet known to own it. It is kept with the question, and
    whoever answers that question gets just that.

    `cost` is what this sign-up takes of its network's allowance. Returns the ids of the notices to send.

    Raises:
        OverLimit: this network asks too often; nothing was looked at.
    """
    now = now or timezone.now()
    admit(network, cost=cost, now=now)
    if is_suppressed(address.key) or is_refused_as_disposable(address):
        return []
    with TellOperator(now), transaction.atomic():
        subscriber = _get_or_begin(address, preferences, now)
        if subscriber.status == Subscriber.Status.ACTIVE:
            return owe_at_most_daily(subscriber, Notice.Letter.ALREADY_SUBSCRIBED, now)
        # Asked once more: whoever was erased while we waited for their row must not come back as a new one.
        if is_suppressed(address.key) or not _may_ask(subscriber, now):
            transaction.set_rollback(True)
            return []
        return [_ask(subscriber, now, origin=origin, network=network, wish=preferences.as_json())]
    return []


def ask_to_confirm(
    subscriber: Subscriber, *, origin: Consent.Origin, now: datetime | None = None
) -> list[int]:
    """Put the question to somebody who is pending, as an editor does after an import."""
    now = now or timezone.now()
    with TellOperator(now), transaction.atomic():
        subscriber = lock(subscriber)
        pending = subscriber.status == Subscriber.Status.PENDING
        if not pending or is_suppressed(subscriber.email_key) or not _may_ask(subscriber, now):
            return []
        return [_ask(subscriber, now, origin=origin, wish=Preferences.of(subscriber).as_json())]
    return []


@transaction.atomic
def confirm(
    subscriber: Subscriber,
    *,
    ask: Consent | None = None,
    origin: Consent.Origin = Consent.Origin.PAGE,
    network: str = "",
    now: datetime | None = None,
) -> list[int]:
    """They said yes to that question: active from now on, first digest due at once.

    A second yes changes nothing. A link of before they left does not bring them back; that takes
    a new sign-up. Returns the ids of the notices to send.
    """
    now = now or timezone.now()
    subscriber = lock(subscriber)
    if not can_confirm(subscriber, ask) or is_suppressed(subscriber.email_key):
        return []
    if ask is not None and "wish" in ask.detail:
        preferences = Preferences.from_json(ask.detail["wish"])
        preferences.write_to(subscriber)
        set_keywords(subscriber, preferences.keywords)
    subscriber.status = Subscriber.Status.ACTIVE
    subscriber.confirmed_at = now
    subscriber.left_at = None
    subscriber.paused_until = None
    subscriber.next_digest_at = now
    subscriber.save()
    told = {"asked_at": ask.at.isoformat()} if ask else {}
    record(
        subscriber,
        Consent.Kind.CONFIRMED,
        at=now,
        origin=origin,
        wording=wording.CONFIRM if origin == Consent.Origin.PAGE else wording.NONE,
        network=network,
        **told,
    )
    # Whoever answers was not bombed.
    forgive("address", parse_address(subscriber.email).mailbox)
    return [owe(subscriber, Notice.Letter.WELCOME, now)]


def can_confirm(subscriber: Subscriber, ask: Consent | None) -> bool:
    """Whether that question still waits for an answer.

    Somebody who left stays as they are, with their undo, whoever asks in their name; only their yes to
    a question of later brings them back.
    """
    if subscriber.status == Subscriber.Status.UNSUBSCRIBED:
        return ask is not None and subscriber.left_at is not None and ask.at > subscriber.left_at
    return subscriber.status == Subscriber.Status.PENDING


def _may_ask(subscriber: Subscriber, now: datetime) -> bool:
    """Once a day, two unanswered, and so many a month even if they were erased in between."""
    answered = subscriber.confirmed_at or LONG_AGO
    return (
        not sent(subscriber, Notice.Letter.CONFIRMATION, since=max(answered, now - ONCE_IN))
        and sent(subscriber, Notice.Letter.CONFIRMATION, since=max(answered, now - PENDING_LIFE))
        < MAX_PENDING
        and may_write_to(parse_address(subscriber.email), now)
    )


def _ask(
    subscriber: Subscriber,
    now: datetime,
    *,
    origin: Consent.Origin,
    wish: dict[str, object],
    network: str = "",
) -> int:
    subscriber.asked_at = now
    subscriber.save(update_fields=["asked_at"])
    ask = record(
        subscriber,
        Consent.Kind.ASKED,
        at=now,
        origin=origin,
        wording=wording.SIGN_UP if origin == Consent.Origin.FORM else wording.NONE,
        network=network,
        wish=wish,
    )
    return owe(subscriber, Notice.Letter.CONFIRMATION, now, ask=ask)


def _get_or_begin(address: Address, preferences: Preferences, now: datetime) -> Subscriber:
    known = Subscriber.objects.select_for_update().filter(email_key=address.key).first()
    if known is not None:
        return known
    subscriber = Subscriber(email=address.email, email_key=address.key, asked_at=now)
    preferences.write_to(subscriber)
    # The same address may come in at this very moment, and that sign-up be first. A failed insert would
    # say so, too, but a database writes the row it refuses into its log.
    Subscriber.objects.bulk_create([subscriber], ignore_conflicts=True)
    begun = Subscriber.objects.select_for_update().get(email_key=address.key)
    if begun.public_id == subscriber.public_id:
        set_keywords(begun, preferences.keywords)
    return begun
