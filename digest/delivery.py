"""A delivery's life: claim, hand over, record.

`handed_over` is committed before the message leaves and the result after, so whatever dies in
between leaves a row that says so. Such a row becomes `uncertain` and is never sent again blindly.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection as database
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from digest.letter import LETTER, NothingLeft, digest_values
from digest.models import Delivery
from subscriptions.mail import LetterRefused, Outcome, check_envelope, compose, send
from subscriptions.mjml import MjmlError
from subscriptions.models import Subscriber
from subscriptions.suppression import is_suppressed

logger = logging.getLogger(__name__)

CHUNK = 100
BUDGET_SECONDS = 60.0
"""How long one call sends before it leaves the rest to others: well under a task's time limit."""
LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 8

Progress = Callable[[Delivery.State], None]


def waiting(now: datetime | None = None, *, limit: int = CHUNK) -> list[int]:
    """Ids of planned deliveries that are due and that nobody holds, oldest first."""
    now = now or timezone.now()
    return list(_open(now).order_by("due_at", "pk").values_list("pk", flat=True)[:limit])


def deliver(delivery_ids: Sequence[int], *, progress: Progress | None = None) -> None:
    """Send those of the given deliveries that nobody else has claimed."""
    claimed = claim(delivery_ids)
    if not claimed:
        return
    connection = get_connection()
    end = time.monotonic() + BUDGET_SECONDS
    try:
        connection.open()
        for position, pk in enumerate(claimed):
            if time.monotonic() > end:
                Delivery.objects.filter(pk__in=claimed[position:]).update(
                    lease_until=None, attempts=F("attempts") - 1
                )
                break
            state = _deliver_one(pk, connection)
            if progress:
                progress(state)
    except OSError as error:
        # The transport cannot even be reached: nothing of this left the house.
        logger.warning("no connection to the mail transport: %s", type(error).__name__)
        for delivery in Delivery.objects.filter(pk__in=claimed, state=Delivery.State.PLANNED):
            _again(delivery, f"no connection ({type(error).__name__})")
    finally:
        connection.close()


def claim(delivery_ids: Sequence[int], now: datetime | None = None) -> list[int]:
    """Take a lease on those that are free. Returns the ids that are now ours."""
    now = now or timezone.now()
    with transaction.atomic():
        rows = _open(now).filter(pk__in=delivery_ids)
        rows = rows.select_for_update(skip_locked=database.features.has_select_for_update_skip_locked)
        claimed = list(rows.order_by("pk").values_list("pk", flat=True))
        Delivery.objects.filter(pk__in=claimed).update(lease_until=now + LEASE, attempts=F("attempts") + 1)
    return claimed


def reap(now: datetime | None = None) -> int:
    """Settle what a dead worker left handed over. What was only planned, others simply claim."""
    now = now or timezone.now()
    return Delivery.objects.filter(state=Delivery.State.HANDED_OVER, lease_until__lt=now).update(
        state=Delivery.State.UNCERTAIN,
        reason="the worker died between handing over and recording",
        settled_at=now,
        lease_until=None,
    )


def _open(now: datetime) -> QuerySet[Delivery]:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return Delivery.objects.filter(free, state=Delivery.State.PLANNED, due_at__lte=now)


def _deliver_one(pk: int, connection: BaseEmailBackend) -> Delivery.State:
    delivery = Delivery.objects.select_related("subscriber", "edition").get(pk=pk)
    subscriber = delivery.subscriber
    if subscriber is None:
        return _settle(delivery, Delivery.State.EXCLUDED, "the subscriber was erased")
    if obstacle := _obstacle(subscriber):
        return _settle(delivery, Delivery.State.EXCLUDED, obstacle)
    try:
        message = compose(
            LETTER,
            subscriber,
            digest_values(delivery, subscriber),
            message_uuid=delivery.public_id,
            feedback_id=f"{delivery.edition.date:%Y%m%d}:digest:edition:paperround",
            listed=True,
        )
        message.metadata = {"delivery": delivery.public_id.hex}  # type: ignore[attr-defined]
        message.tags = [LETTER]  # type: ignore[attr-defined]
        check_envelope(message, subscriber.email)
    except NothingLeft:
        return _settle(delivery, Delivery.State.EXCLUDED, "no paper of it may be shown any more")
    except (LetterRefused, MjmlError) as error:
        return _settle(delivery, Delivery.State.FAILED, str(error))
    delivery.state, delivery.handed_over_at = Delivery.State.HANDED_OVER, timezone.now()
    delivery.save(update_fields=["state", "handed_over_at"])
    result = send(message, connection)
    if result.outcome is Outcome.RETRY:
        return _again(delivery, result.reason)
    delivery.esp_message_id = result.message_id
    return _settle(delivery, Delivery.State(result.outcome), result.reason)


def _obstacle(subscriber: Subscriber) -> str:
    """Why this person must not be mailed at this very moment, or ''."""
    if subscriber.status != Subscriber.Status.ACTIVE:
        return f"the subscriber is {subscriber.status}"
    if subscriber.paused_until and subscriber.paused_until > timezone.now():
        return "the subscriber paused"
    if is_suppressed(subscriber.email_key):
        return "suppressed"
    return ""


def _settle(delivery: Delivery, state: Delivery.State, reason: str) -> Delivery.State:
    delivery.state, delivery.reason = state, reason[:200]
    delivery.settled_at, delivery.lease_until = timezone.now(), None
    delivery.save(update_fields=["state", "reason", "settled_at", "lease_until", "esp_message_id"])
    return state


def _again(delivery: Delivery, reason: str) -> Delivery.State:
    """Surely not sent: back to planned, later each time, until it has been tried often enough."""
    if delivery.attempts >= MAX_ATTEMPTS:
        return _settle(delivery, Delivery.State.FAILED, f"gave up after {delivery.attempts} tries: {reason}")
    delivery.state, delivery.reason = Delivery.State.PLANNED, reason[:200]
    delivery.due_at = timezone.now() + timedelta(seconds=30 * 2**delivery.attempts)
    delivery.lease_until, delivery.handed_over_at = None, None
    delivery.save(update_fields=["state", "reason", "due_at", "lease_until", "handed_over_at"])
    return Delivery.State.PLANNED
