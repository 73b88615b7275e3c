"""How much is too much: limits kept in the database, the same for every worker.

The generic cell rate algorithm (ITU-T I.371): a bucket that holds as much as the rate allows and
drains evenly. One conditional update spends from it, so two workers cannot both take the last.
"""

import hashlib
import hmac
import logging
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from subscriptions.models import Allowance
from subscriptions.rates import Rate, parse_rate

logger = logging.getLogger(__name__)

PER_ADDRESS = Rate(count=2, seconds=2 * 30 * 86_400)
"""Letters to one mailbox that did not ask for them itself, as far as we know: two, and then one in 30
days, so never more than three within 30; also when its sign-up was erased in between."""
MOVES_PER_ADDRESS = Rate(count=2, seconds=86_400)
"""Questions to one address whether somebody's digests may come there. Not out of the same bucket: what others
do must not use up somebody's own sign-up."""
LINKS_PER_ADDRESS = (Rate(count=3, seconds=86_400), Rate(count=12, seconds=30 * 86_400))
WIDER = 4
"""How many times as much as one IPv6 customer (/64) those of one site (/48) may have together."""
TRIES = 3
ALARM = Rate(count=1, seconds=3_600)


def spend(scope: str, subject: str, rate: Rate, *, cost: int = 1, now: datetime | None = None) -> bool:
    """Take `cost` out of what `rate` allows `subject` in `scope`. Returns whether there was so much."""
    moment = (now or timezone.now()).timestamp()
    price = cost * rate.interval
    # Sums of fractions of a second miss by a hair: a thousandth more does nobody any good.
    enough = moment + rate.seconds - price + 0.001
    bucket = Allowance.objects.filter(key=_key(scope, subject), used_until__lte=enough)
    taken = {"used_until": Greatest(F("used_until"), Value(moment)) + price}
    if bucket.update(**taken):
        return True
    # Either there is not enough, or nobody has asked before, or the clock was ahead and is right again.
    full = moment + rate.seconds
    Allowance.objects.filter(key=_key(scope, subject), used_until__gt=full).update(used_until=full)
    for _ in range(TRIES):
        Allowance.objects.bulk_create([Allowance(key=_key(scope, subject))], ignore_conflicts=True)
        if bucket.update(**taken):
            return True
        if Allowance.objects.filter(key=_key(scope, subject)).exists():
            break
        # It was pruned as it was made.
    return bucket.update(**taken) > 0


class OverLimit(Exception):
    """One network asks too often. Says nothing about any address."""


def admit(network: str, *, cost: int = 1, now: datetime | None = None) -> None:
    """Count a request against its network, before anything is known of the address.

    To be called outside of any longer transaction: a whole neighbourhood waits for its bucket.

    Raises:
        OverLimit: this network has had what it gets.
    """
    rate = parse_rate(settings.SIGN_UP_RATE_PER_NETWORK)
    if not spend("network", network, rate, cost=cost, now=now):
        raise OverLimit
    if ":" in network:
        site = str(ip_network(network).supernet(new_prefix=48))
        wider = Rate(count=WIDER * rate.count, seconds=rate.seconds)
        if not spend("site", site, wider, cost=cost, now=now):
            raise OverLimit


class HeldBack(Exception):
    """More letters than one of the limits for all visitors allows."""

    def __init__(self, scope: str, name: str, rate: str) -> None:
        super().__init__(f"More sign-ups than {name} allows ({rate}): held back.")
        self.scope = scope


def spend_letter(domain: str, *, now: datetime | None = None) -> None:
    """Count one more letter to this mail server because a visitor wants it, and one more at all.

    Raises:
        HeldBack: it must not leave.
    """
    limits = (
        ("domain", domain, settings.SIGN_UP_RATE_PER_DOMAIN, "SIGN_UP_RATE_PER_DOMAIN"),
        ("all", "", settings.SIGN_UP_RATE, "SIGN_UP_RATE"),
    )
    for scope, subject, rate, name in limits:
        if not spend(scope, subject, parse_rate(rate), now=now):
            raise HeldBack(scope, name, rate)


@dataclass(frozen=True, slots=True)
class TellOperator:
    """Go on after a letter was held back, and tell the operator so once an hour.

    To stand around the transaction: what that takes back would else be that they were told.
    """

    now: datetime

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, HeldBack):
            return False
        if spend("alarm", error.scope, ALARM, now=self.now):
            logger.warning("%s", error)
        return True


def forgive(scope: str, subject: str) -> None:
    """Empty a bucket."""
    Allowance.objects.filter(key=_key(scope, subject)).delete()


def prune_allowances(now: datetime | None = None) -> int:
    """Forget buckets that are empty again. Returns how many."""
    moment = (now or timezone.now()).timestamp()
    with transaction.atomic():
        # Past those that somebody spends from at this moment: to wait for several is how one gets stuck.
        empty = Allowance.objects.filter(used_until__lt=moment).select_for_update(
            skip_locked=connection.features.has_select_for_update_skip_locked
        )
        pruned, _ = Allowance.objects.filter(pk__in=list(empty.values_list("pk", flat=True))).delete()
    return pruned


def _key(scope: str, subject: str) -> str:
    message = f"allowance:{scope}:{subject}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()
