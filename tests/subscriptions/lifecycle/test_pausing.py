"""A pause: until when it lasts, and when the next digest comes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from subscriptions import lifecycle
from subscriptions.models import Consent, Subscriber
from subscriptions.preferences import Preferences
from tests.subscriptions.lifecycle.people import (
    ACTIVE,
    NOW,
    history,
    last_consent,
    reader,
    row,
    the_subscriber,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "hour", "begins", "due"),
    [
        ("Asia/Tokyo", 7, datetime(2025, 10, 9, 15, tzinfo=UTC), datetime(2025, 10, 9, 22, tzinfo=UTC)),
        ("Asia/Tokyo", 0, datetime(2025, 10, 9, 15, tzinfo=UTC), datetime(2025, 10, 9, 15, tzinfo=UTC)),
        (
            "America/New_York",
            23,
            datetime(2025, 10, 10, 4, tzinfo=UTC),
            datetime(2025, 10, 11, 3, tzinfo=UTC),
        ),
    ],
)
def test_a_pause_lasts_until_that_day_begins_where_they_are(zone, hour, begins, due):
    subscriber = reader(time_zone=zone, hour=hour)

    lifecycle.pause(subscriber, date(2025, 10, 10), network="203.0.113.0/24", now=NOW)

    paused = the_subscriber()
    assert (paused.status, paused.paused_until, paused.next_digest_at) == (ACTIVE, begins, due)
    assert not Subscriber.objects.due(due - timedelta(seconds=1)).exists()
    assert Subscriber.objects.due(due).exists()
    assert history() == [("changed", "page", "pause-1")]
    assert last_consent().network == "203.0.113.0/24"
    assert datetime.fromisoformat(last_consent().detail["paused_until"]) == begins


def test_a_pause_begins_where_the_clocks_skip_midnight():
    subscriber = reader(time_zone="America/Sao_Paulo", hour=0)

    lifecycle.pause(subscriber, date(2018, 11, 4), now=datetime(2018, 10, 20, tzinfo=UTC))

    begins = datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert (the_subscriber().paused_until, the_subscriber().next_digest_at) == (begins, begins)


def test_a_pause_keeps_the_weekday():
    subscriber = reader(cadence="weekly", weekday=0)

    lifecycle.pause(subscriber, date(2025, 10, 10), now=NOW)

    assert the_subscriber().next_digest_at == datetime(2025, 10, 12, 22, tzinfo=UTC), "Monday the 13th there"


def test_a_first_digest_waits_for_the_end_of_a_pause_too():
    lifecycle.pause(reader(caught_up_at=None, next_digest_at=NOW), date(2025, 10, 10), now=NOW)

    assert the_subscriber().next_digest_at == datetime(2025, 10, 9, 22, tzinfo=UTC)


@pytest.mark.parametrize("until", [date(2025, 9, 27), date(2026, 9, 26)])
def test_a_pause_may_last_from_a_day_to_a_year(until):
    lifecycle.pause(reader(), until, now=NOW)

    assert the_subscriber().paused_until is not None


@pytest.mark.parametrize(
    "until", [date.min, date(2025, 9, 25), date(2025, 9, 26), date(2026, 9, 29), date.max]
)
def test_a_pause_until_a_day_that_is_past_or_far_ahead_is_refused(until):
    subscriber = reader()
    before = row(subscriber)

    with pytest.raises(lifecycle.PauseRefused):
        lifecycle.pause(subscriber, until, now=NOW)

    assert (row(subscriber), history()) == (before, [])


def test_today_is_refused_by_their_calendar_not_by_ours():
    """At 22:00 UTC it is the 27th in Tokyo already: a pause until then is none."""
    late = datetime(2025, 9, 26, 22, tzinfo=UTC)
    with pytest.raises(lifecycle.PauseRefused):
        lifecycle.pause(reader(), date(2025, 9, 27), now=late)

    Subscriber.objects.update(time_zone="America/New_York")
    lifecycle.pause(the_subscriber(), date(2025, 9, 27), now=late)


def test_another_pause_takes_the_place_of_the_first():
    subscriber = reader()
    lifecycle.pause(subscriber, date(2025, 12, 24), now=NOW)

    lifecycle.pause(subscriber, date(2025, 10, 10), now=NOW)

    assert the_subscriber().paused_until == datetime(2025, 10, 9, 15, tzinfo=UTC)
    assert the_subscriber().next_digest_at == datetime(2025, 10, 9, 22, tzinfo=UTC)


def test_who_resumes_gets_a_digest_at_the_next_regular_hour():
    subscriber = reader()
    lifecycle.pause(subscriber, date(2025, 12, 24), now=NOW)

    lifecycle.resume(subscriber, network="203.0.113.0/24", now=NOW + DAY)

    assert the_subscriber().paused_until is None
    assert the_subscriber().next_digest_at == datetime(2025, 9, 27, 22, tzinfo=UTC)
    assert history() == [("changed", "page", "pause-1"), ("changed", "page", "resume-1")]
    assert last_consent().detail["paused_until"] is None
    assert last_consent().network == "203.0.113.0/24"


def test_who_pauses_before_the_first_digest_and_resumes_still_gets_it():
    subscriber = reader(caught_up_at=None, next_digest_at=NOW)
    lifecycle.pause(subscriber, date(2025, 12, 24), now=NOW)

    lifecycle.resume(subscriber, now=NOW + DAY)

    assert the_subscriber().next_digest_at == NOW + DAY, "at once, as a first digest is"


def test_a_pause_is_a_day_and_goes_along_to_another_zone():
    subscriber = reader()
    lifecycle.pause(subscriber, date(2025, 10, 10), now=NOW)

    lifecycle.change(
        subscriber, replace(Preferences.of(subscriber), time_zone=ZoneInfo("America/New_York")), now=NOW
    )

    moved = the_subscriber()
    assert moved.paused_until == datetime(2025, 10, 10, 4, tzinfo=UTC), "midnight there"
    assert moved.next_digest_at == datetime(2025, 10, 10, 11, tzinfo=UTC), "seven there"


@pytest.mark.parametrize(
    ("hour", "due"),
    [(7, datetime(2025, 10, 9, 22, tzinfo=UTC)), (0, datetime(2025, 10, 9, 15, tzinfo=UTC))],
)
def test_who_leaves_during_a_pause_and_comes_back_still_pauses(hour, due):
    subscriber = reader(hour=hour, confirmed_at=NOW - 9 * DAY)
    lifecycle.pause(subscriber, date(2025, 10, 10), now=NOW)
    lifecycle.withdraw(subscriber, origin=Consent.Origin.ONE_CLICK, now=NOW)

    assert lifecycle.restore(subscriber, now=NOW + DAY) is True

    back = the_subscriber()
    assert (back.paused_until, back.next_digest_at) == (datetime(2025, 10, 9, 15, tzinfo=UTC), due)


def test_who_does_not_pause_has_nothing_to_resume():
    subscriber = reader()
    before = row(subscriber)

    lifecycle.resume(subscriber, now=NOW)

    assert (row(subscriber), history()) == (before, [])
