"""The database itself refuses what must never be, whoever writes it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from subscriptions.cadence import Cadence, Wish
from subscriptions.models import Allowance, Consent, Keyword, Notice, Subscriber, Suppression
from subscriptions.suppression import suppress
from tests.factories import make_subscriber

pytestmark = pytest.mark.django_db

VIOLATIONS: list[tuple[str, type[models.Model], dict[str, Any]]] = [
    ("subscriber_hour_of_day", Subscriber, {"hour": 24}),
    ("subscriber_size_offered", Subscriber, {"size": 11}),
    ("subscriber_status_known", Subscriber, {"status": "paused"}),
    ("subscriber_weekday_iff_weekly", Subscriber, {"cadence": "weekly", "weekday": None}),
    ("subscriber_weekday_iff_weekly", Subscriber, {"cadence": "weekly", "weekday": 7}),
    ("subscriber_weekday_iff_weekly", Subscriber, {"cadence": "daily", "weekday": 0}),
    ("subscriber_weekday_iff_weekly", Subscriber, {"cadence": "weekdays", "weekday": 0}),
    ("subscriber_weekday_iff_weekly", Subscriber, {"cadence": "hourly", "weekday": None}),
    ("subscriber_active_has_next_digest", Subscriber, {"next_digest_at": None}),
    ("subscriber_thin_day_known", Subscriber, {"thin_day": "maybe"}),
    ("keyword_not_empty", Keyword, {"key": ""}),
    ("keyword_stance_known", Keyword, {"stance": "adore"}),
    ("consent_kind_known", Consent, {"kind": "assumed"}),
    ("suppression_reason_known", Suppression, {"reason": "mood"}),
    ("notice_state_known", Notice, {"state": "lost"}),
]


@pytest.fixture
def rows() -> dict[type[models.Model], Any]:
    """One good row of each table."""
    subscriber = make_subscriber("ada@example.org", "retrieval")
    return {
        Subscriber: subscriber,
        Keyword: subscriber.keywords.get(),
        Consent: Consent.objects.create(
            subscriber=subscriber, kind=Consent.Kind.ASKED, origin=Consent.Origin.FORM, wording="sign-up-1"
        ),
        Suppression: suppress("grace@example.org", Suppression.Reason.BOUNCE),
        Notice: Notice.objects.create(subscriber=subscriber, letter=Notice.Letter.WELCOME),
        Allowance: Allowance.objects.create(key="a"),
    }


@pytest.mark.parametrize(("constraint", "model", "values"), VIOLATIONS)
def test_a_row_that_must_not_be_is_refused(rows, constraint, model, values):
    with pytest.raises(IntegrityError, match=constraint):
        write(rows[model], values)


@pytest.mark.parametrize(
    "values",
    [
        {"cadence": "weekly", "weekday": 0},
        {"cadence": "weekly", "weekday": 6},
        {"cadence": "weekdays", "weekday": None},
        {"hour": 0},
        {"hour": 23},
        {"size": 5},
        {"size": 20},
        {"status": "pending", "next_digest_at": None},
        {"status": "unsubscribed", "next_digest_at": None},
        {"thin_day": "fill"},
    ],
)
def test_a_row_that_may_be_is_taken(rows, values):
    write(rows[Subscriber], values)


@pytest.mark.parametrize(
    ("model", "field"),
    [
        (Subscriber, "email_key"),
        (Subscriber, "public_id"),
        (Suppression, "key"),
        (Notice, "public_id"),
        (Allowance, "key"),
    ],
)
def test_what_is_one_persons_cannot_be_another_ones(rows, model, field):
    others: dict[type[models.Model], models.Model] = {
        Subscriber: make_subscriber("mary@example.org"),
        Suppression: suppress("mary@example.org", Suppression.Reason.BOUNCE),
        Notice: Notice.objects.create(subscriber=rows[Subscriber], letter=Notice.Letter.WELCOME),
        Allowance: Allowance.objects.create(key="b"),
    }

    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        model._default_manager.filter(pk=others[model].pk).update(**{field: getattr(rows[model], field)})


def test_a_keyword_stands_once_in_a_persons_list(rows):
    subscriber = rows[Subscriber]
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        Keyword.objects.create(subscriber=subscriber, text="Retrieval", key="retrieval", stance="mute")


def test_two_people_may_follow_the_same_keyword(rows):
    assert make_subscriber("mary@example.org", "retrieval").keywords.get().key == "retrieval"


def test_an_address_is_suppressed_once_for_each_reason(rows):
    known = rows[Suppression]
    Suppression.objects.create(key=known.key, reason=Suppression.Reason.COMPLAINT)
    with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        Suppression.objects.create(key=known.key, reason=Suppression.Reason.BOUNCE)

    assert Suppression.objects.count() == 2


def test_a_letter_goes_to_the_subscriber_unless_it_names_another_address(rows):
    subscriber = rows[Subscriber]
    other = Notice(subscriber=subscriber, letter=Notice.Letter.ADDRESS_CHANGE, address="ada@new.example")

    assert rows[Notice].to == "ada@example.org"
    assert other.to == "ada@new.example"


def test_a_question_goes_with_the_person_who_was_asked(rows):
    Notice.objects.filter(pk=rows[Notice].pk).update(ask=rows[Consent])

    rows[Subscriber].delete()

    assert not Consent.objects.exists()
    assert not Notice.objects.exists()


def test_every_check_of_the_models_is_tried_here():
    checks = {
        constraint.name
        for model in apps.get_app_config("subscriptions").get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
    }

    assert {name for name, _, _ in VIOLATIONS} == checks


@pytest.mark.parametrize(
    ("status", "next_in", "paused_for", "due"),
    [
        ("active", timedelta(0), None, True),
        ("active", timedelta(days=-9), None, True),
        ("active", timedelta(seconds=1), None, False),
        ("active", timedelta(hours=-1), timedelta(hours=1), False),
        ("active", timedelta(hours=-1), timedelta(0), True),
        ("pending", timedelta(hours=-1), None, False),
        ("unsubscribed", timedelta(hours=-1), None, False),
    ],
)
def test_due_are_the_active_whose_hour_has_come_and_who_do_not_pause(status, next_in, paused_for, due):
    now = datetime(2025, 9, 26, 12, tzinfo=UTC)
    make_subscriber(
        status=status,
        next_digest_at=now + next_in,
        paused_until=now + paused_for if paused_for is not None else None,
    )

    assert Subscriber.objects.due(now).exists() is due


def test_no_row_prints_the_address(rows):
    """Logs and error pages print rows, and the admin's own log keeps what they print."""
    notice = Notice.objects.create(
        subscriber=rows[Subscriber], letter=Notice.Letter.ADDRESS_CHANGE, address="ada@new.example"
    )
    for row in [*(row for model, row in rows.items() if model is not Keyword), notice]:
        assert "ada" not in f"{row} {row!r}"


def test_a_subscribers_wish_is_what_the_calendar_understands():
    subscriber = make_subscriber(time_zone="Asia/Tokyo", hour=6, cadence="weekly", weekday=2)
    subscriber.refresh_from_db()

    assert subscriber.wish == Wish(cadence=Cadence.WEEKLY, hour=6, zone=subscriber.time_zone, weekday=2)
    assert str(subscriber.wish.zone) == "Asia/Tokyo"


@pytest.mark.parametrize(
    "change",
    [
        lambda consent: consent.save(),
        lambda consent: consent.save(force_update=True),
        lambda consent: consent.save(update_fields=["kind"]),
        lambda consent: Consent.objects.get(pk=consent.pk).save(),
        lambda consent: Consent.objects.filter(pk=consent.pk).update(kind="confirmed"),
        lambda consent: Consent.objects.bulk_update([consent], ["kind"]),
        lambda consent: Consent.objects.update_or_create(pk=consent.pk, defaults={"kind": "confirmed"}),
        lambda consent: consent.subscriber.consents.update(kind="confirmed"),
    ],
    ids=["save", "forced", "one field", "read again", "update", "bulk", "or create", "related"],
)
def test_consent_is_only_ever_added(rows, change):
    consent = rows[Consent]
    consent.kind = Consent.Kind.CONFIRMED

    with pytest.raises(TypeError, match="append-only"), transaction.atomic():
        change(consent)

    assert Consent.objects.get().kind == Consent.Kind.ASKED


def test_new_rows_are_as_careful_as_they_can_be():
    subscriber = Subscriber.objects.create(email="ada@example.org", email_key="ada@example.org")

    assert subscriber.status == Subscriber.Status.PENDING
    assert subscriber.next_digest_at is None
    assert subscriber.confirmed_at is None
    assert abs(subscriber.asked_at - timezone.now()) < timedelta(minutes=1)


def write(row: models.Model, values: dict[str, Any]) -> None:
    """Straight to the table, past every check in Python."""
    assignments = ", ".join(f"{connection.ops.quote_name(name)} = %s" for name in values)
    table = connection.ops.quote_name(row._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {assignments} WHERE id = %s", [*values.values(), row.pk])
        assert cursor.rowcount == 1
