"""Another address for the same person."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from subscriptions import wording
from subscriptions.address import Address, parse_address
from subscriptions.disposable import is_refused_as_disposable
from subscriptions.lifecycle.leaving import forget
from subscriptions.lifecycle.owing import owe, owe_at_most_daily, record
from subscriptions.models import Consent, Notice, Subscriber
from subscriptions.suppression import is_suppressed
from subscriptions.throttling import (
    MOVES_PER_ADDRESS,
    TellOperator,
    admit,
    forgive,
    spend,
    spend_letter,
)


class AddressTaken(Exception):
    """Somebody gets digests there already, or mail there is refused."""


def ask_to_move(
    subscriber: Subscriber, address: Address, *, network: str = "", now: datetime | None = None
) -> list[int]:
    """They want their digests at another address: ask there whether that is right.

    Nothing tells the asker whether the address is known; who already gets digests there is told so.
    Returns the ids of the notices to send.

    Raises:
        OverLimit: this network asks too often; nothing was looked at.
    """
    now = now or timezone.now()
    admit(network, now=now)
    with TellOperator(now), transaction.atomic():
        # Rows before buckets, as whoever signs up takes them, or they would wait for each other.
        both = Subscriber.objects.filter(Q(pk=subscriber.pk) | Q(email_key=address.key))
        rows = {row.pk: row for row in both.order_by("pk").select_for_update()}
        if (asker := rows.pop(subscriber.pk, None)) is None:
            raise Subscriber.DoesNotExist
        if is_suppressed(address.key) or is_refused_as_disposable(address):
            return []
        if address.key == asker.email_key:
            return []
        other = next(iter(rows.values()), None)
        if other is not None and other.status == Subscriber.Status.ACTIVE:
            return owe_at_most_daily(other, Notice.Letter.ALREADY_SUBSCRIBED, now)
        if not spend("move", address.mailbox, MOVES_PER_ADDRESS, now=now):
            return []
        spend_letter(address.domain, now=now)
        return [owe(asker, Notice.Letter.ADDRESS_CHANGE, now, address=address.email)]
    return []


@transaction.atomic
def move(notice: Notice, *, network: str = "", now: datetime | None = None) -> list[int]:
    """They pressed the button of a letter at another address: that is theirs from now on.

    The address they leave is told, with a button that brings the digests back there; that button
    counts whatever was done since, and ends it: nobody moves another's digests away for good. All
    older links stop working. Returns the ids of the notices to send.

    Raises:
        AddressTaken: somebody else gets digests there by now, or mail there is refused.
    """
    now = now or timezone.now()
    address = parse_address(notice.address)
    # Both rows in one order, or two who move to each other's address would wait for each other.
    both = Subscriber.objects.filter(Q(pk=notice.subscriber_id) | Q(email_key=address.key))
    rows = {row.pk: row for row in both.order_by("pk").select_for_update()}
    subscriber = rows.pop(notice.subscriber_id, None)
    if subscriber is None:
        raise Subscriber.DoesNotExist
    if address.key == subscriber.email_key:
        return []
    other = next(iter(rows.values()), None)
    if is_suppressed(address.key) or (other and other.status == Subscriber.Status.ACTIVE):
        raise AddressTaken
    if other is not None:
        # The same person as somebody who left, or who never confirmed: one of them is enough.
        forget(other)
    before = subscriber.email
    subscriber.email, subscriber.email_key = address.email, address.key
    subscriber.token_epoch += 1
    try:
        with transaction.atomic():
            subscriber.save(update_fields=["email", "email_key", "token_epoch"])
    except IntegrityError as error:  # signed up at this very moment
        raise AddressTaken from error
    record(
        subscriber,
        Consent.Kind.CHANGED,
        at=now,
        origin=Consent.Origin.PAGE,
        wording=wording.ADDRESS,
        network=network,
        # Not which: an address that is erased must not be found here.
        address="changed",
    )
    forgive("move", address.mailbox)
    if notice.letter == Notice.Letter.ADDRESS_CHANGED:
        letters = [Notice.Letter.ADDRESS_CHANGE, Notice.Letter.ADDRESS_CHANGED]
        later = subscriber.notices.filter(letter__in=letters, created_at__gte=notice.created_at)
        later.exclude(pk=notice.pk).delete()
        return []
    return [owe(subscriber, Notice.Letter.ADDRESS_CHANGED, now, address=before)]
