"""Leaving, coming back, being forgotten."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from subscriptions import wording
from subscriptions.cadence import next_due
from subscriptions.holdings import holdings
from subscriptions.lifecycle.owing import lock, owe, record
from subscriptions.lifecycle.signing_up import PENDING_LIFE
from subscriptions.models import Consent, Notice, Subscriber, Suppression
from subscriptions.suppression import suppress

UNDO = timedelta(days=30)
"""How long after leaving the same link brings somebody back."""


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
    subscriber.paused_until = None
    subscriber.save()
    told = {"reason": reason} if reason else {}
    record(
        subscriber,
        Consent.Kind.WITHDRAWN,
        at=now,
        origin=origin,
        wording=wording.UNSUBSCRIBE,
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
    subscriber.next_digest_at = next_due(subscriber.wish, now)
    subscriber.save()
    record(
        subscriber,
        Consent.Kind.CONFIRMED,
        at=now,
        origin=Consent.Origin.PAGE,
        wording=wording.CONFIRM,
        network=network,
        undo=True,
    )
    return True


def can_restore(subscriber: Subscriber, now: datetime | None = None) -> bool:
    return (
        subscriber.status == Subscriber.Status.UNSUBSCRIBED
        and subscriber.confirmed_at is not None
        and subscriber.left_at is not None
        and subscriber.left_at > (now or timezone.now()) - UNDO
    )


@transaction.atomic
def erase(email_key: str) -> bool:
    """Forget everything about this normalised address but that it must not be mailed.

    Returns whether anybody was there to be erased.
    """
    subscriber = Subscriber.objects.select_for_update().filter(email_key=email_key).first()
    suppress(email_key, Suppression.Reason.ERASED)
    if subscriber is None:
        return False
    forget(subscriber)
    return True


def forget(subscriber: Subscriber) -> None:
    """Remove a person and all that is held on them; within a transaction."""
    for holding in holdings():
        holding.forget(subscriber)
    subscriber.delete()


@transaction.atomic
def prune_pending(now: datetime | None = None) -> int:
    """Erase sign-ups nobody confirmed in time; who had left before has simply left again.

    Returns how many were erased.
    """
    now = now or timezone.now()
    stale = Subscriber.objects.filter(status=Subscriber.Status.PENDING, asked_at__lt=now - PENDING_LIFE)
    stale.filter(confirmed_at__isnull=False).update(
        status=Subscriber.Status.UNSUBSCRIBED, next_digest_at=None
    )
    pruned = list(stale.filter(confirmed_at=None).select_for_update())
    for subscriber in pruned:
        forget(subscriber)
    return len(pruned)
