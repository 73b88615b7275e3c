"""When arXiv announces what, through holidays, weekends and changes of the clock."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.arxiv import calendar

NEW_YORK = ZoneInfo("America/New_York")
MOMENTS = st.datetimes(datetime(2017, 2, 1), datetime(2029, 12, 1), timezones=st.just(UTC))


def test_the_holidays_of_each_year_are_as_many_as_were_published():
    """Without one of them, its day would look like one on which the feed is empty."""
    assert Counter(day.year for day in calendar.HOLIDAYS) == {
        2017: 5,
        2018: 7,
        2019: 8,
        2020: 7,
        2021: 6,
        2022: 6,
        2023: 9,
        2024: 10,
        2025: 8,
        2026: 9,
    }


def eastern(told: str) -> datetime:
    return datetime.fromisoformat(told).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("submitted", "day"),
    [
        ("2026-04-20 14:00", "2026-04-22"),  # Monday after the freeze: Tuesday evening
        ("2026-04-21 13:59:59", "2026-04-22"),
        ("2026-04-21 14:00", "2026-04-23"),
        ("2026-04-23 14:00", "2026-04-27"),  # Thursday to Friday: Sunday evening
        ("2026-04-24 13:59", "2026-04-27"),
        ("2026-04-24 14:00", "2026-04-28"),  # Friday to Monday: Monday evening
        ("2026-04-26 21:00", "2026-04-28"),
        ("2026-04-27 13:59", "2026-04-28"),
    ],
)
def test_what_is_submitted_before_a_freeze_bears_the_date_after_its_announcement(submitted: str, day: str):
    assert calendar.announced_on(eastern(submitted)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("submitted", "day"),
    [
        # New Year's Day 2026 is a Thursday: no freeze, so Friday's feed is missing.
        ("2025-12-31 13:00", "2026-01-01"),
        ("2025-12-31 15:00", "2026-01-05"),
        ("2026-01-01 10:00", "2026-01-05"),
        # Christmas 2026 is a Friday: no freeze, and nothing on the Sunday after it.
        ("2026-12-24 13:00", "2026-12-25"),
        ("2026-12-24 15:00", "2026-12-29"),
        # The Tuesday and the Thursday after it.
        ("2026-12-28 15:00", "2026-12-31"),
        ("2026-12-30 15:00", "2027-01-04"),
    ],
)
def test_holidays_put_off_what_is_submitted_on_them(submitted: str, day: str):
    assert calendar.announced_on(eastern(submitted)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-04-24", True),
        ("2026-04-25", False),
        ("2026-04-26", False),
        ("2026-04-27", True),
        ("2026-01-01", True),  # frozen and announced on New Year's Eve
        ("2026-01-02", False),
        ("2026-07-03", True),
        ("2026-07-06", False),  # the Monday after a Friday without a freeze
        ("2026-11-26", True),
        ("2026-11-27", False),
        ("2027-01-01", False),  # the feed of Thursday, 2026-12-31
        ("2031-12-25", True),  # of years without a list only the weekends are known
        ("1985-01-07", False),
        ("0001-01-01", False),
    ],
)
def test_a_feed_is_expected_on_weekdays_after_a_freeze(day: str, expected: bool):
    assert calendar.expects(date.fromisoformat(day)) is expected


def test_the_window_of_a_monday_ends_on_friday():
    assert calendar.window(date(2026, 4, 27)) == (
        datetime(2026, 4, 23, 18, tzinfo=UTC),
        datetime(2026, 4, 24, 18, tzinfo=UTC),
    )


def test_the_window_of_a_tuesday_holds_the_weekend():
    assert calendar.window(date(2026, 4, 28)) == (
        datetime(2026, 4, 24, 18, tzinfo=UTC),
        datetime(2026, 4, 27, 18, tzinfo=UTC),
    )


def test_the_window_after_a_holiday_begins_before_it():
    assert calendar.window(date(2026, 9, 9)) == (
        datetime(2026, 9, 4, 18, tzinfo=UTC),
        datetime(2026, 9, 8, 18, tzinfo=UTC),
    )
    assert calendar.window(date(2026, 9, 8)) is None


def test_a_window_over_a_change_of_the_clock_is_an_hour_longer_or_shorter():
    for day, hours in ((date(2026, 3, 10), 71), (date(2026, 11, 3), 73)):
        found = calendar.window(day)
        assert found
        assert found[1] - found[0] == timedelta(hours=hours)


def test_a_feed_is_made_at_midnight_in_new_york_summer_and_winter():
    assert calendar.announcement_moment(date(2026, 7, 15)) == datetime(2026, 7, 15, 4, tzinfo=UTC)
    assert calendar.announcement_moment(date(2026, 12, 15)) == datetime(2026, 12, 15, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "between"),
    [
        ("2026-04-23 19:59", False),
        ("2026-04-23 20:00", True),
        ("2026-04-23 23:59", True),
        ("2026-04-24 00:00", False),
        ("2026-04-24 21:00", False),  # nothing is announced on Friday evening
        ("2026-04-26 21:00", True),
    ],
)
def test_on_evenings_of_announcements_the_feed_is_between_two_days(now: str, between: bool):
    assert calendar.in_between(eastern(now)) is between


def test_the_last_announcement_before_a_long_weekend_is_found():
    assert calendar.last_expected(date(2026, 4, 26)) == date(2026, 4, 24)
    assert calendar.last_expected(date(2026, 9, 8)) == date(2026, 9, 7)
    assert calendar.last_expected(date(2026, 9, 9)) == date(2026, 9, 7)


@given(MOMENTS)
def test_every_submission_lies_in_the_window_of_the_day_that_announces_it(at: datetime):
    day = calendar.announced_on(at)
    found = calendar.window(day)

    assert calendar.expects(day)
    assert found
    assert found[0] <= at < found[1]


@given(st.dates(date(2017, 2, 1), date(2029, 12, 1)))
def test_windows_follow_each_other_without_a_gap(day: date):
    found = calendar.window(day)
    before = calendar.window(calendar.last_expected(day))
    if found:
        assert before
        assert before[1] == found[0]


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_what_is_submitted_later_is_never_announced_earlier(at: datetime, later: timedelta):
    assert calendar.announced_on(at) <= calendar.announced_on(at + later)
