"""Another address for the same person."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from subscriptions import wording
from subscriptions.address import Address, parse_address
from subscriptions.lifecycle.leaving import forget
from subscriptions.lifecycle.owing import lock, owe, owe_at_most_daily, record
from subscriptions.models import Consent, Notice, Subscriber
from subscriptions.suppression import is_suppressed
from subscriptions.throttling import PER_ADDRESS, admit, spend


class AddressTaken(Exception):
    """Somebody gets digests there already, or mail there is refused."""


def ask_to_move(
    subscriber: Subscriber, address: Address, *, network: str = "", now: datetime | None = None
) -> list[int]:
    """They want their digests at another address: ask there whether that is right.

    Nothing tells the asker whether the address is known; who already gets digests there is told so.
    Returns the ids of the notices to send.
    """
    now = now or timezone.now()
    if not admit(network=network, domain=address.domain, now=now):
        return []
    with transaction.atomic():
        subscriber = lock(subscriber)
        if is_suppressed(address.key) or address.key == subscriber.email_key:
            return []
        other = Subscriber.objects.filter(email_key=address.key).first()
        if other is not None and other.status == Subscriber.Status.ACTIVE:
            return owe_at_most_daily(other, Notice.Letter.ALREADY_SUBSCRIBED, now)
        if not spend("address", address.key, PER_ADDRESS, now=now):
            return []
        return [owe(subscriber, Notice.Letter.ADDRESS_CHANGE, now, address=address.email)]


@transaction.atomic
def move(notice: Notice, *, network: str = "", now: datetime | None = None) -> list[int]:
    """They pressed the button of a letter at another address: that is theirs from now on.

    The address they leave is told, with a button that brings the digests back there. All older
    links stop working. Returns the ids of the notices to send.

    Raises:
        AddressTaken: somebody else gets digests there by now, or mail there is refused.
    """
    now = now or timezone.now()
    subscriber = lock(notice.subscriber)
    address = parse_address(notice.address)
    if address.key == subscriber.email_key:
        return []
    other = Subscriber.objects.select_for_update().filter(email_key=address.key).first()
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
        address=[before, address.email],
    )
    return [owe(subscriber, Notice.Letter.ADDRESS_CHANGED, now, address=before)]
