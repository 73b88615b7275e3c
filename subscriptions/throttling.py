"""How much is too much: limits kept in the database, the same for every worker.

The generic cell rate algorithm (ITU-T I.371): a bucket that holds as much as the rate allows and
drains evenly. One conditional update spends from it, so two workers cannot both take the last.
"""

import hashlib
import hmac
import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from subscriptions.models import Allowance
from subscriptions.rates import Rate, parse_rate

logger = logging.getLogger(__name__)

PER_ADDRESS = Rate(count=3, seconds=30 * 86_400)
"""Letters to one address that did not ask for them itself, as far as we know: also when its sign-up
was erased in between."""
LINKS_PER_ADDRESS = Rate(count=3, seconds=86_400)
ALARM = Rate(count=1, seconds=3_600)


def spend(scope: str, subject: str, rate: Rate, *, cost: int = 1, now: datetime | None = None) -> bool:
    """Take `cost` out of what `rate` allows `subject` in `scope`. Returns whether there was so much."""
    moment = (now or timezone.now()).timestamp()
    price = cost * rate.interval
    bucket = Allowance.objects.filter(key=_key(scope, subject), used_until__lte=moment + rate.seconds - price)
    taken = {"used_until": Greatest(F("used_until"), Value(moment)) + price}
    if bucket.update(**taken):
        return True
    # Either there is not enough, or nobody has asked before.
    Allowance.objects.bulk_create([Allowance(key=_key(scope, subject))], ignore_conflicts=True)
    return bucket.update(**taken) > 0


@transaction.atomic
def admit(*, network: str, domain: str, cost: int = 1, now: datetime | None = None) -> bool:
    """May this sign-up be looked at? Asked before anything is known of the address.

    The network comes first: whoever is over their own limit uses up nothing of everybody's. To be
    called outside of any longer transaction: everybody's sign-ups wait for the last bucket.
    """
    limits = (
        ("network", network, parse_rate(settings.SIGN_UP_RATE_PER_NETWORK), cost),
        ("domain", domain, parse_rate(settings.SIGN_UP_RATE_PER_DOMAIN), 1),
        ("all", "", parse_rate(settings.SIGN_UP_RATE), 1),
    )
    for scope, subject, rate, price in limits:
        if not spend(scope, subject, rate, cost=price, now=now):
            if scope == "all" and spend("alarm", "", ALARM, now=now):
                logger.warning(
                    "More sign-ups than SIGN_UP_RATE allows (%s): held back.", settings.SIGN_UP_RATE
                )
            return False
    return True


def forgive(scope: str, subject: str) -> None:
    """Empty a bucket."""
    Allowance.objects.filter(key=_key(scope, subject)).delete()


def prune_allowances(now: datetime | None = None) -> int:
    """Forget buckets that are empty again. Returns how many."""
    moment = (now or timezone.now()).timestamp()
    pruned, _ = Allowance.objects.filter(used_until__lt=moment).delete()
    return pruned


def _key(scope: str, subject: str) -> str:
    message = f"allowance:{scope}:{subject}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()
