"""May we mail this address? Suppress, lift, ask."""

import hashlib
import hmac

from django.conf import settings

from subscriptions.models import Suppression


def suppression_key(email_key: str) -> str:
    """Keyed hash (HMAC-SHA-256, hex) of a normalised address."""
    return _hashes(email_key)[0]


def suppress(email_key: str, reason: Suppression.Reason, *, note: str = "") -> Suppression:
    """Refuse this address from now on. Each reason is a row of its own: lifting one leaves the others."""
    known = Suppression.objects.filter(key__in=_hashes(email_key), reason=reason).first()
    if known is not None:
        return known
    row, _ = Suppression.objects.get_or_create(
        key=suppression_key(email_key), reason=reason, defaults={"note": note}
    )
    return row


def lift(email_key: str, reason: Suppression.Reason | None = None) -> bool:
    """Allow the address again, as far as this reason goes, or all. Returns whether there was one."""
    rows = Suppression.objects.filter(key__in=_hashes(email_key))
    deleted, _ = (rows.filter(reason=reason) if reason else rows).delete()
    return deleted > 0


def reasons(email_key: str) -> list[Suppression.Reason]:
    """Why this address is not mailed; none if it may be."""
    found = Suppression.objects.filter(key__in=_hashes(email_key)).order_by("created_at")
    return [Suppression.Reason(reason) for reason in found.values_list("reason", flat=True)]


def is_suppressed(email_key: str) -> bool:
    return Suppression.objects.filter(key__in=_hashes(email_key)).exists()


def suppressed_among(email_keys: list[str]) -> set[str]:
    """Those of the given normalised addresses that are suppressed, in one query."""
    by_hash = {hashed: key for key in email_keys for hashed in _hashes(key)}
    found = Suppression.objects.filter(key__in=by_hash).values_list("key", flat=True)
    return {by_hash[key] for key in found}


def _hashes(email_key: str) -> list[str]:
    """Under today's key first, then under those it replaced: a rotated key forgets nobody."""
    message = b"suppression:" + email_key.encode()
    return [hmac.new(key.encode(), message, hashlib.sha256).hexdigest() for key in settings.SUPPRESSION_KEYS]
