"""Leaving, coming back, being forgotten."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from subscriptions import wording
from subscriptions.address import parse_address
from subscriptions.cadence import next_due
from subscriptions.holdings import holdings
from subscriptions.lifecycle.owing import lock, owe, record
from subscriptions.lifecycle.signing_up import PENDING_LIFE
from subscriptions.models import Consent, Notice, Subscriber, Suppression
from subscriptions.suppression import is_suppressed, suppress

UNDO = timedelta(days=30)
"""How long after leaving the same link brings somebody back."""


PRUNE_CHUNK = 50
PRUNE_SECONDS = 60.0
"""How long one call prunes before it leaves the rest to the next: well under a task's time limit."""


@transaction.atomic
def withdraw(
    subscriber: Subscriber,
    *,
    origin: Consent.Origin,
    reason: str = "",
    network: str = "",
    now: datetime | None = None,
) -> list[int]:
    """They want no more mail. Says goodbye by letter only to those who used the page: a mail program
    that pressed for somebody has told them already.

    Returns the ids of the notices to send.
    """
    now = now or timezone.now()
    subscriber = lock(subscriber)
    if subscriber.status == Subscriber.Status.UNSUBSCRIBED:
        return []
    subscribed = subscriber.status == Subscriber.Status.ACTIVE
    subscriber.status = Subscriber.Status.UNSUBSCRIBED
    subscriber.left_at = now
    subscriber.next_digest_at = None
    subscriber.save()
    told = {"reason": reason} if reason else {}
    record(
        subscriber,
        Consent.Kind.WITHDRAWN,
        at=now,
        origin=origin,
        wording=wording.UNSUBSCRIBE if origin == Consent.Origin.PAGE else wording.NONE,
        network=network,
        **told,
    )
    if subscribed and origin == Consent.Origin.PAGE:
        return [owe(subscriber, Notice.Letter.FAREWELL, now)]
    return []


@transaction.atomic
def restore(subscriber: Subscriber, *, network: str = "", now: datetime | None = None) -> bool:
    """Undo a withdrawal, from the page that confirmed it. Returns whether there was one to undo.

    Only somebody who had confirmed before comes back this way, at their next regular hour, and
    only for a while: an old mail in somebody else's hands must not sign anybody up.
    """
    now = now or timezone.now()
    subscriber = lock(subscriber)
    if not can_restore(subscriber, now):
        return False
    subscriber.status = Subscriber.Status.ACTIVE
    subscriber.left_at = None
    # A second earlier, so that an hour of midnight on the day itself counts.
    after = (subscriber.paused_until or now) - timedelta(seconds=1)
    subscriber.next_digest_at = next_due(subscriber.wish, max(now, after))
    subscriber.save()
    record(
        subscriber,
        Consent.Kind.CONFIRMED,
        at=now,
        origin=Consent.Origin.PAGE,
        wording=wording.UNDO,
        network=network,
        undo=True,
    )
    return True


def can_restore(subscriber: Subscriber, now: datetime | None = None) -> bool:
    """Whether there is a withdrawal to undo, of not long ago, and mail may go there."""
    return (
        subscriber.status == Subscriber.Status.UNSUBSCRIBED
        and subscriber.confirmed_at is not None
        and subscriber.left_at is not None
        and subscriber.left_at > (now or timezone.now()) - UNDO
        and not is_suppressed(subscriber.email_key)
    )


@transaction.atomic
def erase(subscriber: Subscriber) -> bool:
    """Forget everything about a person but that their address must not be mailed.

    Returns whether they were still there.
    """
    known_as = subscriber.email_key
    suppress(known_as, Suppression.Reason.ERASED)
    row = Subscriber.objects.select_for_update().filter(pk=subscriber.pk).first()
    if row is None:
        return False
    if row.email_key != known_as:  # moved while the page was open
        suppress(row.email_key, Suppression.Reason.ERASED)
    former = row.notices.filter(letter=Notice.Letter.ADDRESS_CHANGED).values_list("address", flat=True)
    keys = {known_as, row.email_key, *(parse_address(address).key for address in former)}
    forget(row)
    for key in keys:
        forget_address(key)
    return True


@transaction.atomic
def erase_address(email_key: str) -> bool:
    """The same for a normalised address, also one that nobody here has. Returns whether somebody had."""
    subscriber = Subscriber.objects.filter(email_key=email_key).first()
    if subscriber is not None:
        return erase(subscriber)
    suppress(email_key, Suppression.Reason.ERASED)
    forget_address(email_key)
    return False


def forget(subscriber: Subscriber) -> None:
    """Remove a person and all that is held on them; within a transaction."""
    for holding in holdings():
        holding.forget(subscriber)
    subscriber.delete()
    transaction.on_commit(_scrub, robust=True)


def forget_address(email_key: str) -> None:
    """Remove letters of others that went there: somebody moved to this address, or from it."""
    Notice.objects.filter(address__iexact=email_key).delete()


def _scrub() -> None:
    """SQLite keeps what was overwritten in its journal until that is emptied."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def prune_pending(now: datetime | None = None) -> int:
    """Erase whoever was asked and never said yes. Returns how many.

    Few at a time, so that nobody waits for a locked row, and those that are locked another time.
    """
    now = now or timezone.now()
    never = Subscriber.objects.filter(confirmed_at=None, asked_at__lt=now - PENDING_LIFE).exclude(
        status=Subscriber.Status.ACTIVE
    )
    pruned, end = 0, time.monotonic() + PRUNE_SECONDS
    for chunk in _chunks(list(never.order_by("pk").values_list("pk", flat=True))):
        if time.monotonic() > end:
            break
        with transaction.atomic():
            rows = never.filter(pk__in=chunk).select_for_update(
                skip_locked=connection.features.has_select_for_update_skip_locked
            )
            for subscriber in rows:
                forget(subscriber)
                pruned += 1
    return pruned


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + PRUNE_CHUNK] for start in range(0, len(ids), PRUNE_CHUNK))
