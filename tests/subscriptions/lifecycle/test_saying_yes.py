"""The answer to a question: who is active then, with which wish; a late yes, a second yes."""

import contextlib
from datetime import timedelta

import pytest
from django.db import IntegrityError

from subscriptions import lifecycle
from subscriptions.models import Consent, Notice, Subscriber, Suppression
from subscriptions.suppression import suppress
from tests.factories import make_subscriber
from tests.subscriptions.lifecycle.people import (
    ACTIVE,
    ADA,
    NOW,
    PENDING,
    UNSUBSCRIBED,
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


def test_a_yes_makes_active_due_at_once_and_owes_one_welcome():
    notice = question()
    later = NOW + timedelta(minutes=5)

    owed = say_yes(notice, at=later)

    subscriber = the_subscriber()
    assert subscriber.status == ACTIVE
    assert subscriber.confirmed_at == later
    assert subscriber.next_digest_at == later
    assert letters(owed) == [Notice.Letter.WELCOME]
    assert history()[-1] == ("confirmed", "page", "confirm-1")
    assert last_consent().at == later
    assert last_consent().detail["asked_at"] == NOW.isoformat(), "it says which question was answered"


def test_a_yes_is_to_the_question_of_that_letter_and_to_no_other():
    mine = question(keywords="retrieval", zone="Asia/Tokyo", hour=6, size=5)
    question(keywords="spam", zone="Europe/Berlin", hour=20, size=20, at=NOW + DAY)

    say_yes(mine, at=NOW + DAY)

    subscriber = the_subscriber()
    assert keywords() == ["retrieval"]
    assert (str(subscriber.time_zone), subscriber.hour, subscriber.size) == ("Asia/Tokyo", 6, 5)


def test_a_yes_to_the_second_question_brings_all_of_the_second_wish():
    question(keywords="retrieval", zone="Asia/Tokyo", hour=6)
    second = question(
        keywords="speech, -survey",
        zone="Europe/Berlin",
        cadence="weekly",
        weekday=2,
        hour=20,
        size=20,
        thin_day="fill",
        language="de",
        at=NOW + DAY,
    )

    say_yes(second, at=NOW + DAY)

    subscriber = the_subscriber()
    assert keywords() == ["speech", "-survey"]
    assert str(subscriber.time_zone) == "Europe/Berlin"
    assert (subscriber.cadence, subscriber.weekday, subscriber.hour) == ("weekly", 2, 20)
    assert (subscriber.size, subscriber.thin_day, subscriber.language) == (20, "fill", "de")


def test_an_unknown_time_zone_keeps_the_one_there_is(settings):
    """Whoever comes back with a browser that does not tell has not moved to where the house stands."""
    settings.EDITION_TIME_ZONE = "Europe/Berlin"
    subscriber = make_subscriber(ADA, time_zone="Asia/Tokyo")
    lifecycle.withdraw(subscriber, origin=Consent.Origin.ONE_CLICK, now=NOW - DAY)

    say_yes(question(zone=None))

    assert str(the_subscriber().time_zone) == "Asia/Tokyo"


def test_a_second_yes_changes_nothing():
    notice = question(keywords="retrieval")
    say_yes(notice)
    before = row(the_subscriber()), keywords(), history()

    assert say_yes(notice, at=NOW + timedelta(hours=1)) == []

    assert (row(the_subscriber()), keywords(), history()) == before
    assert letters().count(Notice.Letter.WELCOME) == 1


def test_a_yes_to_another_question_changes_nothing_once_one_was_answered():
    first = question(keywords="retrieval")
    second = question(keywords="spam", at=NOW + DAY)
    say_yes(first, at=NOW + DAY)
    before = row(the_subscriber()), keywords(), history()

    assert say_yes(second, at=NOW + DAY) == []

    assert (row(the_subscriber()), keywords(), history()) == before


def test_a_yes_after_leaving_does_not_bring_back():
    notice = question()
    say_yes(notice)
    lifecycle.withdraw(the_subscriber(), origin=Consent.Origin.ONE_CLICK, now=NOW)

    assert say_yes(notice, at=NOW + timedelta(hours=1)) == []

    assert the_subscriber().status == UNSUBSCRIBED


def test_a_yes_to_a_question_of_before_they_left_does_not_count_whatever_was_asked_since():
    """A stranger's sign-up must not make an old letter good again."""
    old = question(keywords="retrieval")
    lifecycle.withdraw(the_subscriber(), origin=Consent.Origin.ONE_CLICK, now=NOW)
    new = question(keywords="speech", at=NOW + DAY)

    assert say_yes(old, at=NOW + DAY) == []
    assert lifecycle.confirm(the_subscriber(), now=NOW + DAY) == [], "nor one to no question at all"
    assert the_subscriber().status == UNSUBSCRIBED

    say_yes(new, at=NOW + DAY)
    assert (the_subscriber().status, keywords()) == (ACTIVE, ["speech"])


@pytest.mark.parametrize("status", [PENDING, UNSUBSCRIBED])
def test_a_yes_of_a_suppressed_address_changes_nothing(status):
    make_subscriber(ADA, "retrieval", status=status)
    Subscriber.objects.filter(status=UNSUBSCRIBED).update(left_at=NOW - DAY)
    notice = question(keywords="speech")
    suppress(ADA, Suppression.Reason.BOUNCE)
    before = row(the_subscriber()), keywords(), history()

    assert say_yes(notice) == []

    assert (row(the_subscriber()), keywords(), history()) == before


def test_a_yes_of_an_old_copy_of_the_row_counts_what_stands_in_the_database():
    question()
    copy = the_subscriber()
    lifecycle.withdraw(the_subscriber(), origin=Consent.Origin.PAGE, now=NOW)

    assert lifecycle.confirm(copy, now=NOW) == []

    assert the_subscriber().status == UNSUBSCRIBED


def test_a_yes_without_a_question_keeps_the_wish_there_is():
    subscriber = make_subscriber(ADA, "retrieval", status=PENDING, hour=6)

    lifecycle.confirm(subscriber, origin=Consent.Origin.DEMO, now=NOW)

    assert (the_subscriber().status, the_subscriber().hour, keywords()) == (ACTIVE, 6, ["retrieval"])
    assert history() == [("confirmed", "demo", "")]
    assert "asked_at" not in last_consent().detail


def test_where_from_a_yes_came_is_on_record():
    question()
    lifecycle.confirm(the_subscriber(), network="2001:db8::/64", now=NOW)

    assert last_consent().network == "2001:db8::/64"


def test_who_comes_back_neither_pauses_nor_has_left():
    subscriber = make_subscriber(ADA, caught_up_at=NOW - 90 * DAY)
    lifecycle.withdraw(subscriber, origin=Consent.Origin.ONE_CLICK, now=NOW - 60 * DAY)
    Subscriber.objects.update(paused_until=NOW + 60 * DAY)

    say_yes(question())

    back = the_subscriber()
    assert (back.left_at, back.paused_until) == (None, None)
    assert back.next_digest_at == NOW
    assert back.wish is not None


@pytest.mark.parametrize("status", [PENDING, UNSUBSCRIBED])
@pytest.mark.django_db(transaction=True)
def test_without_a_record_of_consent_nobody_is_active(status):
    subscriber = make_subscriber(ADA, "retrieval", status=status)
    before = row(subscriber)

    with contextlib.suppress(IntegrityError):
        lifecycle.confirm(subscriber, origin=None)  # type: ignore[arg-type]

    assert (row(subscriber), keywords(), letters()) == (before, ["retrieval"], [])
