"""May we mail this address? Suppress, lift, ask."""

import hashlib
import hmac

from django.conf import settings

from subscriptions.models import Suppression


def suppression_key(email_key: str) -> str:
    """Keyed hash (HMAC-SHA-256, hex) of a normalised address."""
    return hmac.new(
        settings.SUPPRESSION_KEY.encode(), b"suppression:" + email_key.encode(), hashlib.sha256
    ).hexdigest()


def suppress(email_key: str, reason: Suppression.Reason, *, note: str = "") -> Suppression:
    """Refuse this address from now on. A second reason never weakens the first."""
    row, _ = Suppression.objects.get_or_create(
        key=suppression_key(email_key), defaults={"reason": reason, "note": note}
    )
    return row


def lift(email_key: str) -> bool:
    """Allow the address again. Returns whether it had been suppressed."""
    deleted, _ = Suppression.objects.filter(key=suppression_key(email_key)).delete()
    return deleted > 0


def is_suppressed(email_key: str) -> bool:
    return Suppression.objects.filter(key=suppression_key(email_key)).exists()


def suppressed_among(email_keys: list[str]) -> set[str]:
    """Those of the given normalised addresses that are suppressed, in one query."""
    by_hash = {suppression_key(key): key for key in email_keys}
    found = Suppression.objects.filter(key__in=by_hash).values_list("key", flat=True)
    return {by_hash[key] for key in found}
