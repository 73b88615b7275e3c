"""Addresses that are thrown away after use."""

from django.conf import settings

from subscriptions.address import Address


def is_refused_as_disposable(address: Address) -> bool:
    """Only where the operator wants it (`REFUSE_DISPOSABLE`); nobody is told.

    A subdomain of a listed domain is as disposable as that.
    """
    if not settings.REFUSE_DISPOSABLE:
        return False
    # Ten thousand names, of use only to those who asked for them.
    from disposable_email_domains import blocklist

    labels = address.domain.split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))
