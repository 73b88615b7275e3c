"""Whom a command is about. No message of these commands shows the address it was given."""

from django.core.management.base import CommandError

from subscriptions.address import Address, AddressRefused, parse_address
from subscriptions.models import Subscriber


def address_of(typed: str) -> Address:
    """The address as typed on the command line.

    Raises:
        CommandError: it is none.
    """
    try:
        return parse_address(typed)
    except AddressRefused as error:
        raise CommandError(f"That is not an address; the trouble is: {error.fault}.") from error


def subscriber_of(typed: str) -> Subscriber:
    """Who has this address.

    Raises:
        CommandError: it is none, or nobody's.
    """
    subscriber = Subscriber.objects.filter(email_key=address_of(typed).key).first()
    if subscriber is None:
        raise CommandError("Nobody here has this address.")
    return subscriber
