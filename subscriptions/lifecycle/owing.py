"""What the verbs have in common: lock a person, owe them a letter, write a line of consent."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import get_language

from subscriptions.address import Address, parse_address
from subscriptions.models import Consent, Notice, Subscriber
from subscriptions.throttling import PER_ADDRESS, spend, spend_letter

ONCE_IN = timedelta(hours=24)
"""A letter that somebody else may have caused comes once in so long, at most."""


def lock(subscriber: Subscriber) -> Subscriber:
    """The row as it is now, held until the end of the transaction."""
    return Subscriber.objects.select_for_update().get(pk=subscriber.pk)


def record(
    subscriber: Subscriber,
    kind: Consent.Kind,
    *,
    at: datetime,
    origin: Consent.Origin,
    wording: str = "",
    network: str = "",
    **detail: Any,
) -> Consent:
    """One line of the ledger. The language is that of the page the words stood on."""
    return Consent.objects.create(
        subscriber=subscriber,
        kind=kind,
        at=at,
        origin=origin,
        wording=wording,
        network=network,
        detail={"language": get_language(), **detail},
    )


def owe(subscriber: Subscriber, letter: Notice.Letter, now: datetime, **fields: Any) -> int:
    """Promise a letter; returns its id."""
    return Notice.objects.create(
        subscriber=subscriber, letter=letter, created_at=now, due_at=now, **fields
    ).pk


def owe_at_most_daily(subscriber: Subscriber, letter: Notice.Letter, now: datetime) -> list[int]:
    """The same for a letter that anybody can cause who knows the address."""
    address = parse_address(subscriber.email)
    if sent(subscriber, letter, since=now - ONCE_IN) or not may_write_to(address, now):
        return []
    return [owe(subscriber, letter, now)]


def may_write_to(address: Address, now: datetime) -> bool:
    """Whether one more letter that a visitor causes may go there; if so, it is counted.

    Raises:
        HeldBack: not for this mailbox's sake, but for that of all.
    """
    if not spend("address", address.mailbox, PER_ADDRESS, now=now):
        return False
    spend_letter(address.domain, now=now)
    return True


def sent(subscriber: Subscriber, letter: Notice.Letter, *, since: datetime) -> int:
    """How many of these letters went to them since then; one that surely never left does not count."""
    letters = subscriber.notices.filter(letter=letter, created_at__gt=since)
    return letters.exclude(state__in=[Notice.State.FAILED, Notice.State.EXCLUDED]).count()
