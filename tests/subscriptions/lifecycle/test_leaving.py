"""Leaving, coming back, being forgotten: what each changes, records and owes."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from subscriptions import lifecycle
from subscriptions.lifecycle.leaving import can_restore
from subscriptions.models import Consent, Notice, Subscriber
from subscriptions.suppression import is_suppressed
from tests.factories import make_subscriber
from tests.subscriptions.lifecycle.people import (
    ACTIVE,
    ADA,
    NOW,
    PENDING,
    UNSUBSCRIBED,
    ask,
    history,
    keywords,
    last_consent,
    letters,
    question,
    row,
    say_yes,
    the_subscriber,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PAGE, ONE_CLICK = Consent.Origin.PAGE, Consent.Origin.ONE_CLICK


# --- withdraw -----------------------------------------------------------------------------


@pytest.mark.parametrize("origin", [PAGE, ONE_CLICK])
@pytest.mark.parametrize("status", [ACTIVE, PENDING])
def test_a_no_ends_it_and_is_on_record(status, origin):
    subscriber = make_subscriber(ADA, status=status, paused_until=NOW + DAY)

    lifecycle.withdraw(subscriber, origin=origin, network="203.0.113.0/24", now=NOW)

    left = the_subscriber()
    assert left.status == UNSUBSCRIBED
    assert left.left_at == NOW
    assert left.next_digest_at is None
    assert left.paused_until == NOW + DAY, "for those who come back by the undo"
    assert history() == [("withdrawn", origin, "unsubscribe-1" if origin == PAGE else "")]
    assert (last_consent().at, last_consent().network) == (NOW, "203.0.113.0/24")


def test_why_somebody_leaves_is_on_record_if_they_say():
    lifecycle.withdraw(make_subscriber(ADA), origin=PAGE, reason="too_many", now=NOW)
    lifecycle.withdraw(make_subscriber("grace@example.org"), origin=PAGE, now=NOW)

    told, silent = Consent.objects.order_by("pk")
    assert told.detail["reason"] == "too_many"
    assert "reason" not in silent.detail


@pytest.mark.parametrize("origin", [PAGE, ONE_CLICK])
def test_a_second_no_is_no_news(origin):
    subscriber = make_subscriber(ADA)
    lifecycle.withdraw(subscriber, origin=ONE_CLICK, now=NOW)
    before = row(subscriber), history()

    assert lifecycle.withdraw(subscriber, origin=origin, now=NOW + DAY) == []

    assert (row(subscriber), history()) == before


def test_who_leaves_by_the_page_gets_one_farewell():
    subscriber = make_subscriber(ADA)

    owed = lifecycle.withdraw(subscriber, origin=PAGE, now=NOW)

    assert letters(owed) == [Notice.Letter.FAREWELL]
    lifecycle.withdraw(subscriber, origin=PAGE, now=NOW)
    assert letters() == [Notice.Letter.FAREWELL]


@pytest.mark.parametrize("origin", [origin for origin in Consent.Origin if origin != PAGE])
def test_leaving_any_other_way_owes_no_letter(origin):
    assert lifecycle.withdraw(make_subscriber(ADA), origin=origin, now=NOW) == []
    assert letters() == []


def test_who_never_said_yes_is_not_seen_off_by_letter():
    subscriber = make_subscriber(ADA, status=PENDING)

    assert lifecycle.withdraw(subscriber, origin=PAGE, now=NOW) == []
    assert letters() == []


def test_a_no_to_a_question_is_one_until_there_is_a_new_question():
    notice = question()
    lifecycle.withdraw(the_subscriber(), origin=ONE_CLICK, now=NOW)

    assert say_yes(notice, at=NOW + timedelta(hours=1)) == []
    assert the_subscriber().status == UNSUBSCRIBED


# --- restore ------------------------------------------------------------------------------


def test_an_undo_brings_back_at_the_next_regular_hour():
    subscriber = make_subscriber(ADA, "retrieval", hour=7, time_zone="Asia/Tokyo")
    lifecycle.withdraw(subscriber, origin=ONE_CLICK, now=NOW)

    assert lifecycle.restore(subscriber, network="203.0.113.0/24", now=NOW) is True

    back = the_subscriber()
    assert back.status == ACTIVE
    assert back.left_at is None
    assert back.next_digest_at == datetime(2025, 9, 26, 22, tzinfo=UTC)
    assert keywords() == ["retrieval"]
    assert history()[-1] == ("confirmed", "page", "undo-1")
    assert last_consent().detail["undo"] is True
    assert last_consent().network == "203.0.113.0/24"
    assert not Notice.objects.exists()


def test_a_second_undo_is_none():
    subscriber = make_subscriber(ADA)
    lifecycle.withdraw(subscriber, origin=PAGE)
    lifecycle.restore(subscriber)
    before = history()

    assert lifecycle.restore(subscriber) is False
    assert history() == before


def test_who_came_back_by_an_undo_can_leave_again():
    subscriber = make_subscriber(ADA)
    for _ in range(2):
        assert letters(lifecycle.withdraw(subscriber, origin=PAGE, now=NOW)) == [Notice.Letter.FAREWELL]
        assert lifecycle.restore(subscriber, now=NOW) is True


def test_an_undo_is_possible_for_thirty_days():
    subscriber = make_subscriber(ADA)
    lifecycle.withdraw(subscriber, origin=PAGE, now=NOW)
    last = NOW + 30 * DAY - timedelta(seconds=1)

    assert can_restore(the_subscriber(), last) is True
    assert can_restore(the_subscriber(), NOW + 30 * DAY) is False
    before = row(subscriber), history()
    assert lifecycle.restore(subscriber, now=NOW + 30 * DAY) is False
    assert (row(subscriber), history()) == before
    assert lifecycle.restore(subscriber, now=last) is True


def test_who_never_said_yes_has_nothing_to_undo():
    ask()
    lifecycle.withdraw(the_subscriber(), origin=PAGE, now=NOW)

    assert lifecycle.restore(the_subscriber(), now=NOW) is False

    assert the_subscriber().status == UNSUBSCRIBED


@pytest.mark.parametrize("status", [ACTIVE, PENDING])
def test_an_undo_of_somebody_who_did_not_leave_does_nothing(status):
    subscriber = make_subscriber(ADA, status=status)
    before = row(subscriber)

    assert lifecycle.restore(subscriber) is False

    assert row(subscriber) == before
    assert history() == []


# --- pruning ------------------------------------------------------------------------------


def test_sign_ups_nobody_confirmed_are_erased_after_a_week():
    ask("old@example.org", "retrieval", at=NOW - timedelta(days=7, seconds=1))
    ask("young@example.org", at=NOW - timedelta(days=6, hours=23))

    assert lifecycle.prune_pending(NOW) == 1

    assert the_subscriber().email == "young@example.org"
    assert Consent.objects.count() == 1
    assert Notice.objects.count() == 1
    assert not is_suppressed("old@example.org"), "who did not answer may still change their mind"


def test_asking_again_starts_the_week_anew():
    ask(at=NOW - timedelta(days=8))
    ask(at=NOW - timedelta(days=1))

    assert lifecycle.prune_pending(NOW) == 0


def test_asking_in_vain_does_not_start_the_week_anew():
    """Else somebody who keeps typing an address would keep it here for good."""
    question(at=NOW - 9 * DAY)
    question(at=NOW - 7 * DAY - timedelta(seconds=1))
    assert ask(at=NOW - 6 * DAY) is None

    assert lifecycle.prune_pending(NOW) == 1


def test_pruning_spares_whoever_said_yes_once():
    for status in (ACTIVE, UNSUBSCRIBED):
        make_subscriber(
            f"{status}@example.org", status=status, asked_at=NOW - 90 * DAY, confirmed_at=NOW - 89 * DAY
        )

    assert lifecycle.prune_pending(NOW) == 0

    assert sorted(Subscriber.objects.values_list("status", flat=True)) == [ACTIVE, UNSUBSCRIBED]


def test_who_said_no_and_never_yes_is_erased_after_a_week_too():
    """There is nothing to come back to, so there is no reason to keep the address."""
    question(at=NOW - 8 * DAY)
    lifecycle.withdraw(the_subscriber(), origin=ONE_CLICK, now=NOW - 8 * DAY)

    assert lifecycle.prune_pending(NOW) == 1
    assert not Subscriber.objects.exists()


def test_who_left_can_undo_it_also_while_somebody_asks_in_their_name():
    subscriber = make_subscriber(ADA)
    lifecycle.withdraw(subscriber, origin=PAGE, now=NOW - DAY)
    question(keywords="spam")

    assert lifecycle.restore(subscriber, now=NOW) is True
    assert (the_subscriber().status, keywords()) == (ACTIVE, [])


@pytest.mark.parametrize("days", [6, 8])
def test_who_left_and_did_not_answer_a_new_question_has_left_as_before(days):
    subscriber = make_subscriber(ADA, "retrieval", asked_at=NOW - timedelta(days=90))
    lifecycle.withdraw(subscriber, origin=PAGE, now=NOW - timedelta(days=60))
    question(at=NOW - timedelta(days=days))

    assert lifecycle.prune_pending(NOW) == 0

    assert the_subscriber().status == UNSUBSCRIBED
    assert the_subscriber().next_digest_at is None
    assert the_subscriber().left_at == NOW - timedelta(days=60)
    assert keywords() == ["retrieval"]


# --- all or nothing -----------------------------------------------------------------------


@pytest.mark.parametrize("status", [PENDING, ACTIVE])
@pytest.mark.django_db(transaction=True)
def test_without_a_record_of_consent_nobody_has_left(status):
    subscriber = make_subscriber(ADA, "retrieval", status=status)
    before = row(subscriber)

    with contextlib.suppress(IntegrityError):
        lifecycle.withdraw(subscriber, origin=None)  # type: ignore[arg-type]

    assert (row(subscriber), keywords(), letters()) == (before, ["retrieval"], [])
