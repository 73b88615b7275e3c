"""The transactional letters: what each says, and sending those that are owed."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection as database
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from subscriptions.mail import LetterRefused, Outcome, check_envelope, compose, link, send
from subscriptions.mjml import MjmlError
from subscriptions.models import Notice, Subscriber
from subscriptions.suppression import is_suppressed
from subscriptions.tokens import LIFE, Purpose

LEASE = timedelta(minutes=3)
MAX_ATTEMPTS = 8
CHUNK = 100

Values = dict[str, object]


def confirmation(subscriber: Subscriber) -> Values:
    """The question. Holds nothing a visitor typed: anybody can type anybody's address."""
    life = LIFE[Purpose.CONFIRM]
    return {
        "confirm_url": link(Purpose.CONFIRM, subscriber),
        "valid_hours": int(life.total_seconds() // 3600) if life else 0,
    }


def welcome(subscriber: Subscriber) -> Values:
    """What comes, when, and how to leave."""
    return {
        "keywords": [str(keyword) for keyword in subscriber.keywords.all()],
        "cadence": subscriber.get_cadence_display(),
        "weekday": subscriber.get_weekday_display() if subscriber.weekday is not None else "",
        "hour": f"{subscriber.hour:02d}:00",
        "time_zone": str(subscriber.time_zone),
    }


LETTERS: dict[str, Callable[[Subscriber], Values]] = {
    Notice.Letter.CONFIRMATION: confirmation,
    Notice.Letter.WELCOME: welcome,
}

WANTED_BY: dict[str, set[str]] = {
    Notice.Letter.CONFIRMATION: {Subscriber.Status.PENDING},
    Notice.Letter.WELCOME: {Subscriber.Status.ACTIVE},
}
"""Which status a person must still have for the letter to make sense when it leaves."""


def open_notices(now: datetime | None = None) -> list[int]:
    """Ids of notices that wait for somebody to send them, oldest first."""
    now = now or timezone.now()
    return list(
        Notice.objects.filter(_free(now), state=Notice.State.PLANNED, due_at__lte=now)
        .order_by("due_at")
        .values_list("pk", flat=True)[:CHUNK]
    )


def send_notices(ids: list[int], now: datetime | None = None) -> None:
    """Send those of the given notices that nobody else has claimed."""
    claimed = _claim(ids, now or timezone.now())
    if not claimed:
        return
    connection = get_connection()
    try:
        connection.open()
        for pk in claimed:
            _send_one(pk, connection)
    except OSError as error:
        # The transport cannot even be reached: nothing of this left the house.
        _give_back(claimed, f"no connection ({type(error).__name__})")
    finally:
        connection.close()


def expire_notices(now: datetime | None = None) -> int:
    """A worker died between handing over and recording: nobody knows, so it is never repeated."""
    now = now or timezone.now()
    return Notice.objects.filter(state=Notice.State.HANDED_OVER, lease_until__lt=now).update(
        state=Notice.State.UNCERTAIN, reason="the worker died in mid-send", settled_at=now
    )


def _free(now: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=now)


def _claim(ids: list[int], now: datetime) -> list[int]:
    with transaction.atomic():
        rows = Notice.objects.filter(_free(now), pk__in=ids, state=Notice.State.PLANNED)
        rows = rows.select_for_update(skip_locked=database.features.has_select_for_update_skip_locked)
        claimed = list(rows.values_list("pk", flat=True))
        Notice.objects.filter(pk__in=claimed).update(lease_until=now + LEASE, attempts=F("attempts") + 1)
    return claimed


def _give_back(ids: list[int], reason: str) -> None:
    now = timezone.now()
    for notice in Notice.objects.filter(pk__in=ids, state=Notice.State.PLANNED):
        _again(notice, reason, now)


def _send_one(pk: int, connection: BaseEmailBackend) -> None:
    notice = Notice.objects.select_related("subscriber").get(pk=pk)
    subscriber = notice.subscriber
    if is_suppressed(subscriber.email_key):
        _settle(notice, Notice.State.EXCLUDED, "suppressed")
        return
    if subscriber.status not in WANTED_BY[notice.letter]:
        _settle(notice, Notice.State.EXCLUDED, f"the subscriber is {subscriber.status}")
        return
    try:
        values = LETTERS[notice.letter](subscriber)
        message = compose(notice.letter, subscriber, values, message_uuid=notice.public_id)
        check_envelope(message, subscriber.email)
    except (LetterRefused, MjmlError) as error:
        _settle(notice, Notice.State.FAILED, str(error))
        return
    notice.state, notice.handed_over_at = Notice.State.HANDED_OVER, timezone.now()
    notice.save(update_fields=["state", "handed_over_at"])
    result = send(message, connection)
    if result.outcome is Outcome.RETRY:
        _again(notice, result.reason, timezone.now())
    else:
        _settle(notice, Notice.State(result.outcome), result.reason)


def _settle(notice: Notice, state: Notice.State, reason: str) -> None:
    notice.state, notice.reason, notice.settled_at = state, reason[:200], timezone.now()
    notice.lease_until = None
    notice.save(update_fields=["state", "reason", "settled_at", "lease_until"])


def _again(notice: Notice, reason: str, now: datetime) -> None:
    if notice.attempts >= MAX_ATTEMPTS:
        _settle(notice, Notice.State.FAILED, f"gave up after {notice.attempts} tries: {reason}")
        return
    notice.state, notice.reason = Notice.State.PLANNED, reason[:200]
    notice.due_at = now + timedelta(seconds=15 * 2**notice.attempts)
    notice.lease_until = None
    notice.save(update_fields=["state", "reason", "due_at", "lease_until"])
