"""The only writer of consent and status: request, confirm, withdraw, restore.

Every verb is one transaction and returns what it owes: ids of notices to send. It never sends;
the view or task that called it enqueues them once the transaction has committed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from subscriptions import wording
from subscriptions.address import Address
from subscriptions.cadence import next_due
from subscriptions.keywords import TypedKeyword
from subscriptions.models import Consent, Keyword, Notice, Subscriber
from subscriptions.suppression import is_suppressed

CONFIRMATION_EVERY = timedelta(hours=24)
PENDING_LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sign-up brought: the notice to send, or None. Nothing of it is shown to the asker."""

    notice_id: int | None = None


@transaction.atomic
def request(
    address: Address,
    *,
    keywords: Sequence[TypedKeyword] = (),
    time_zone: ZoneInfo | None = None,
    origin: Consent.Origin,
    now: datetime | None = None,
) -> Asked:
    """Somebody asks for the digest at this address. Nothing is mailed but one question a day.

    The wish of an active subscriber is not touched: whoever typed the address is not yet known
    to own it.
    """
    now = now or timezone.now()
    if is_suppressed(address.key):
        return Asked()
    subscriber = _get_or_begin(address, now)
    if subscriber.status == Subscriber.Status.ACTIVE:
        return Asked()
    subscriber.status = Subscriber.Status.PENDING
    subscriber.asked_at = now
    if time_zone is not None:
        subscriber.time_zone = time_zone
    subscriber.save()
    set_keywords(subscriber, keywords)
    Consent.objects.create(
        subscriber=subscriber,
        kind=Consent.Kind.ASKED,
        at=now,
        origin=origin,
        wording=wording.SIGN_UP,
    )
    letters = subscriber.notices.filter(
        letter=Notice.Letter.CONFIRMATION, created_at__gt=now - CONFIRMATION_EVERY
    )
    # One that surely never left does not count.
    asked_lately = letters.exclude(state__in=[Notice.State.FAILED, Notice.State.EXCLUDED]).exists()
    if asked_lately:
        return Asked()
    return Asked(notice_id=_owe(subscriber, Notice.Letter.CONFIRMATION, now))


@transaction.atomic
def confirm(
    subscriber: Subscriber,
    *,
    origin: Consent.Origin = Consent.Origin.PAGE,
    now: datetime | None = None,
) -> list[int]:
    """They said yes: active from now on, first digest due at once. A second yes changes nothing.

    Returns the ids of the notices to send. A link that is pressed after they left does not bring
    them back; that takes a new sign-up.
    """
    now = now or timezone.now()
    subscriber = _lock(subscriber)
    if subscriber.status != Subscriber.Status.PENDING:
        return []
    subscriber.status = Subscriber.Status.ACTIVE
    subscriber.confirmed_at = now
    subscriber.left_at = None
    subscriber.next_digest_at = now
    subscriber.save()
    Consent.objects.create(
        subscriber=subscriber,
        kind=Consent.Kind.CONFIRMED,
        at=now,
        origin=origin,
        wording=wording.CONFIRM,
    )
    return [_owe(subscriber, Notice.Letter.WELCOME, now)]


@transaction.atomic
def withdraw(subscriber: Subscriber, *, origin: Consent.Origin, now: datetime | None = None) -> bool:
    """They want no more mail. Returns whether that was news."""
    now = now or timezone.now()
    subscriber = _lock(subscriber)
    if subscriber.status == Subscriber.Status.UNSUBSCRIBED:
        return False
    subscriber.status = Subscriber.Status.UNSUBSCRIBED
    subscriber.left_at = now
    subscriber.next_digest_at = None
    subscriber.save()
    Consent.objects.create(
        subscriber=subscriber,
        kind=Consent.Kind.WITHDRAWN,
        at=now,
        origin=origin,
        wording=wording.UNSUBSCRIBE,
    )
    return True


@transaction.atomic
def restore(subscriber: Subscriber, *, now: datetime | None = None) -> bool:
    """Undo a withdrawal, from the page that confirmed it. Returns whether there was one.

    Only somebody who had confirmed before comes back this way, at their next regular hour.
    """
    now = now or timezone.now()
    subscriber = _lock(subscriber)
    if subscriber.status != Subscriber.Status.UNSUBSCRIBED or subscriber.confirmed_at is None:
        return False
    subscriber.status = Subscriber.Status.ACTIVE
    subscriber.left_at = None
    subscriber.next_digest_at = next_due(subscriber.wish, now)
    subscriber.save()
    Consent.objects.create(
        subscriber=subscriber,
        kind=Consent.Kind.CONFIRMED,
        at=now,
        origin=Consent.Origin.PAGE,
        wording=wording.CONFIRM,
        detail={"undo": True},
    )
    return True


def set_keywords(subscriber: Subscriber, keywords: Sequence[TypedKeyword]) -> None:
    """Make these the person's keywords, in this order."""
    subscriber.keywords.all().delete()
    Keyword.objects.bulk_create(
        [
            Keyword(subscriber=subscriber, text=typed.text, key=typed.key, stance=typed.stance)
            for typed in keywords
        ]
    )


def prune_pending(now: datetime | None = None) -> int:
    """Erase sign-ups nobody confirmed in time; who had left before has simply left again.

    Returns how many were erased.
    """
    now = now or timezone.now()
    Subscriber.objects.filter(
        status=Subscriber.Status.PENDING, asked_at__lt=now - PENDING_LIFE, confirmed_at__isnull=False
    ).update(status=Subscriber.Status.UNSUBSCRIBED, next_digest_at=None)
    stale = Subscriber.objects.filter(
        status=Subscriber.Status.PENDING, asked_at__lt=now - PENDING_LIFE, confirmed_at=None
    )
    pruned = stale.count()
    stale.delete()
    return pruned


def _get_or_begin(address: Address, now: datetime) -> Subscriber:
    known = Subscriber.objects.select_for_update().filter(email_key=address.key).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return Subscriber.objects.create(
                email=address.email,
                email_key=address.key,
                asked_at=now,
                # Without JavaScript theirs is not known; that of the editions is the best guess.
                time_zone=ZoneInfo(settings.EDITION_TIME_ZONE),
            )
    except IntegrityError:
        # The same address came in at the same moment; that sign-up was first.
        return Subscriber.objects.select_for_update().get(email_key=address.key)


def _lock(subscriber: Subscriber) -> Subscriber:
    return Subscriber.objects.select_for_update().get(pk=subscriber.pk)


def _owe(subscriber: Subscriber, letter: Notice.Letter, now: datetime) -> int:
    return Notice.objects.create(subscriber=subscriber, letter=letter, created_at=now, due_at=now).pk
