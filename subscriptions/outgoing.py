"""Whatever leaves by mail: claim, hand over, record.

`handed_over` is committed before a message leaves and the result after, so whatever dies in
between leaves a row that says so. Such a row becomes `uncertain` and is never sent again blindly.
What was only planned is simply claimed by another worker once the lease is over.
"""

import logging
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection as database
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from subscriptions.ledger import Outgoing
from subscriptions.mail import Excluded, LetterRefused, Line
from subscriptions.message import Message
from subscriptions.mjml import MjmlError
from subscriptions.smtp import Outcome

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 8
RETRY_SECONDS = 15
BUDGET_SECONDS = 60.0
"""How long one call sends before it leaves the rest to others: well under a task's time limit."""


Row = TypeVar("Row", bound=Outgoing)
Compose = Callable[[Row], Message]
Progress = Callable[[str], None]


def waiting(ledger: type[Outgoing], *, limit: int, now: datetime | None = None) -> list[int]:
    """Ids of planned rows that are due and that nobody holds, those that wait longest first."""
    rows = _free(ledger, now or timezone.now()).order_by("due_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def claim(ledger: type[Outgoing], ids: Collection[int], *, now: datetime | None = None) -> list[int]:
    """Take a lease, until `now + LEASE`, on those of the rows that are free and due."""
    now = now or timezone.now()
    with transaction.atomic():
        rows = _free(ledger, now).filter(pk__in=ids).order_by("due_at", "pk")
        rows = rows.select_for_update(skip_locked=database.features.has_select_for_update_skip_locked)
        claimed = list(rows.values_list("pk", flat=True))
        _rows(ledger).filter(pk__in=claimed).update(lease_until=now + LEASE, attempts=F("attempts") + 1)
    return claimed


def reap(ledger: type[Outgoing], now: datetime | None = None) -> int:
    """Settle what a dead worker left handed over: nobody knows whether it left."""
    now = now or timezone.now()
    dead = _rows(ledger).filter(state=Outgoing.State.HANDED_OVER, lease_until__lt=now)
    return dead.update(
        state=Outgoing.State.UNCERTAIN,
        reason="the worker died between handing over and recording",
        settled_at=now,
        lease_until=None,
    )


def send_out(
    ledger: type[Row], ids: Sequence[int], compose: Compose[Row], *, progress: Progress | None = None
) -> None:
    """Send those of the rows that nobody else holds, over one connection.

    `compose` makes a row's message, or raises `Excluded` or `LetterRefused` with the reason. Calls
    `progress` with the state each row is in afterwards.
    """
    now, end = timezone.now(), time.monotonic() + BUDGET_SECONDS
    claimed = claim(ledger, ids, now=now)
    line = Line()
    try:
        for position, pk in enumerate(claimed):
            mine = _rows(ledger).filter(pk=pk, state=Outgoing.State.PLANNED, lease_until=now + LEASE)
            if time.monotonic() > end:
                rest = _rows(ledger).filter(pk__in=claimed[position:], lease_until=now + LEASE)
                rest.update(lease_until=None, attempts=F("attempts") - 1)
                break
            row = mine.first()
            if row is None:  # we were slow, the lease ran out, and somebody else has it
                continue
            state = _send_one(row, mine, compose, line)
            if progress and state:
                progress(state)
    finally:
        line.close()


def _send_one(row: Row, mine: QuerySet[Row], compose: Compose[Row], line: Line) -> str:
    try:
        message = compose(row)
        message.head()  # what cannot be encoded is to show before anything counts as handed over
    except Excluded as why:
        return _settle(row, Outgoing.State.EXCLUDED, str(why))
    except LetterRefused as error:
        return _settle(row, Outgoing.State.FAILED, str(error))
    except MjmlError as error:  # a template's fault, that somebody will mend
        return _again(row, f"the template does not compile: {error}")
    except Exception as error:  # a letter that breaks must not keep everybody else's back
        logger.exception("%s %s could not be composed", type(row).__name__, row.pk)
        return _again(row, f"could not be composed ({type(error).__name__})")
    try:
        line.ready()
    except OSError as error:  # surely not sent: it cannot even be reached
        return _again(row, f"no connection ({type(error).__name__})")
    row.state, row.handed_over_at = Outgoing.State.HANDED_OVER, timezone.now()
    row.subject = str(message.subject)
    if not mine.update(state=row.state, handed_over_at=row.handed_over_at, subject=row.subject):
        return ""
    result = line.send(message)
    if result.outcome is Outcome.RETRY:
        return _again(row, result.reason)
    row.esp_message_id = result.message_id
    return _settle(row, Outgoing.State(result.outcome), result.reason)


def _settle(row: Outgoing, state: Outgoing.State, reason: str) -> str:
    row.state, row.reason = state, reason[:200]
    row.settled_at, row.lease_until = timezone.now(), None
    _write(row, "state", "reason", "settled_at", "lease_until")
    # A provider finds a person by it: not for somebody who was erased meanwhile.
    if row.esp_message_id:
        theirs = {"pk": row.pk, "subscriber__isnull": False}
        _rows(type(row)).filter(**theirs).update(esp_message_id=row.esp_message_id)
    return state


def _again(row: Outgoing, reason: str) -> str:
    """Surely not sent: back to planned, later each time, until it has been tried often enough."""
    if row.attempts >= MAX_ATTEMPTS:
        return _settle(row, Outgoing.State.FAILED, f"gave up after {row.attempts} tries: {reason}")
    row.state, row.reason = Outgoing.State.PLANNED, reason[:200]
    row.due_at = timezone.now() + timedelta(seconds=RETRY_SECONDS * 2**row.attempts)
    row.lease_until, row.handed_over_at = None, None
    _write(row, "state", "reason", "due_at", "lease_until", "handed_over_at")
    return row.state


def _write(row: Outgoing, *fields: str) -> None:
    """Save these, unless the row was erased with its person meanwhile: then there is nothing to keep."""
    _rows(type(row)).filter(pk=row.pk).update(**{field: getattr(row, field) for field in fields})


def _free(ledger: type[Row], now: datetime) -> QuerySet[Row]:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return _rows(ledger).filter(free, state=Outgoing.State.PLANNED, due_at__lte=now)


def _rows(ledger: type[Row]) -> QuerySet[Row]:
    return ledger._default_manager.all()  # noqa: SLF001  (Django's documented way for any model)
