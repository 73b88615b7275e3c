from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from subscriptions.cadence import Cadence, Wish, next_due

FRIDAY = 4
SATURDAY = 5


def wish(zone: str, hour: int, cadence: Cadence = Cadence.DAILY, weekday: int | None = None) -> Wish:
    return Wish(cadence=cadence, hour=hour, zone=ZoneInfo(zone), weekday=weekday)


def slots(wish: Wish, after: datetime, count: int) -> list[str]:
    """The next `count` due moments in local time, as people there write them."""
    told = []
    for _ in range(count):
        after = next_due(wish, after)
        told.append(after.astimezone(wish.zone).strftime("%a %Y-%m-%d %H:%M %z"))
    return told


def test_later_today_if_the_hour_is_still_to_come():
    due = next_due(wish("Europe/Berlin", 8), datetime(2025, 9, 26, 5, 59, 59, tzinfo=UTC))

    assert due == datetime(2025, 9, 26, 6, 0, tzinfo=UTC)
    assert due.tzinfo is UTC


def test_the_very_moment_is_not_later_so_the_next_day_comes():
    assert next_due(wish("Europe/Berlin", 8), datetime(2025, 9, 26, 6, 0, tzinfo=UTC)) == datetime(
        2025, 9, 27, 6, 0, tzinfo=UTC
    )


def test_the_moment_before_is_enough():
    just_before = datetime(2025, 9, 26, 6, 0, tzinfo=UTC) - timedelta(microseconds=1)

    assert next_due(wish("Europe/Berlin", 8), just_before) == datetime(2025, 9, 26, 6, 0, tzinfo=UTC)


def test_after_may_be_told_in_any_zone():
    in_tokyo = datetime(2025, 9, 26, 14, 59, tzinfo=ZoneInfo("Asia/Tokyo"))

    assert next_due(wish("Europe/Berlin", 8), in_tokyo) == datetime(2025, 9, 26, 6, 0, tzinfo=UTC)


def test_half_hour_zones_have_their_own_full_hours():
    assert slots(wish("Asia/Kolkata", 7), datetime(2025, 9, 26, 1, 29, tzinfo=UTC), 2) == [
        "Fri 2025-09-26 07:00 +0530",
        "Sat 2025-09-27 07:00 +0530",
    ]


def test_weekdays_leave_saturday_and_sunday_out():
    wished = wish("America/New_York", 6, Cadence.WEEKDAYS)

    assert slots(wished, datetime(2025, 9, 25, 12, tzinfo=UTC), 3) == [
        "Fri 2025-09-26 06:00 -0400",
        "Mon 2025-09-29 06:00 -0400",
        "Tue 2025-09-30 06:00 -0400",
    ]


def test_weekdays_are_those_of_the_persons_own_calendar():
    # In New York it is still Sunday evening while Auckland has Monday.
    assert slots(wish("Pacific/Auckland", 9, Cadence.WEEKDAYS), datetime(2025, 9, 26, 12, tzinfo=UTC), 1) == [
        "Mon 2025-09-29 09:00 +1300"
    ]


def test_weekly_is_the_wished_weekday_only():
    wished = wish("Europe/Berlin", 8, Cadence.WEEKLY, FRIDAY)

    assert slots(wished, datetime(2025, 9, 26, 5, tzinfo=UTC), 3) == [
        "Fri 2025-09-26 08:00 +0200",
        "Fri 2025-10-03 08:00 +0200",
        "Fri 2025-10-10 08:00 +0200",
    ]


@pytest.mark.parametrize(
    ("zone", "hour", "after", "told"),
    [
        # The skipped hour: the first moment after the gap, on the same day.
        ("Europe/Berlin", 2, "2025-03-29T12", "Sun 2025-03-30 03:00 +0200"),
        ("America/New_York", 2, "2025-03-08T12", "Sun 2025-03-09 03:00 -0400"),
        ("Australia/Lord_Howe", 2, "2025-10-04T12", "Sun 2025-10-05 02:30 +1100"),
        ("America/Sao_Paulo", 0, "2018-11-03T12", "Sun 2018-11-04 01:00 -0200"),
        # Troll skips two hours: in the middle of the gap is not at its end.
        ("Antarctica/Troll", 2, "2025-03-29T12", "Sun 2025-03-30 03:00 +0200"),
        # The hour before and the hour after stand where they always stand.
        ("Europe/Berlin", 1, "2025-03-29T12", "Sun 2025-03-30 01:00 +0100"),
        ("Europe/Berlin", 3, "2025-03-29T12", "Sun 2025-03-30 03:00 +0200"),
        ("Australia/Lord_Howe", 3, "2025-10-04T12", "Sun 2025-10-05 03:00 +1100"),
        # The repeated hour: its first pass.
        ("Europe/Berlin", 2, "2025-10-25T12", "Sun 2025-10-26 02:00 +0200"),
        ("America/New_York", 1, "2025-11-01T12", "Sun 2025-11-02 01:00 -0400"),
        ("Australia/Lord_Howe", 1, "2025-04-05T12", "Sun 2025-04-06 01:00 +1100"),
        ("America/Sao_Paulo", 23, "2019-02-16T12", "Sat 2019-02-16 23:00 -0200"),
    ],
)
def test_the_hour_when_the_clocks_change(zone, hour, after, told):
    assert slots(wish(zone, hour), datetime.fromisoformat(after).replace(tzinfo=UTC), 1) == [told]


def test_a_repeated_hour_comes_once():
    # 02:00 happens twice on this Sunday; between the passes the next slot is Monday's.
    between = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)

    assert slots(wish("Europe/Berlin", 2), between, 1) == ["Mon 2025-10-27 02:00 +0100"]


def test_a_skipped_hour_comes_once():
    wished = wish("Europe/Berlin", 2)

    assert slots(wished, datetime(2025, 3, 29, 12, tzinfo=UTC), 2) == [
        "Sun 2025-03-30 03:00 +0200",
        "Mon 2025-03-31 02:00 +0200",
    ]


@pytest.mark.parametrize("hour", [0, 8, 23])
def test_the_day_samoa_never_had_brings_no_second_digest(hour):
    """Friday 30 December 2011 does not exist there."""
    after = datetime(2011, 12, 29, tzinfo=UTC)
    wished = wish("Pacific/Apia", hour)

    due = [after := next_due(wished, after) for _ in range(4)]

    days = [moment.astimezone(wished.zone).date() for moment in due]
    assert sorted(set(days)) == days
    assert {moment.astimezone(wished.zone).hour for moment in due} == {hour}


def test_a_weekly_digest_of_the_day_samoa_never_had_waits_for_the_next_friday():
    wished = wish("Pacific/Apia", 8, Cadence.WEEKLY, FRIDAY)

    assert slots(wished, datetime(2011, 12, 28, tzinfo=UTC), 1) == ["Fri 2012-01-06 08:00 +1400"]


@pytest.mark.parametrize(
    ("zone", "day"), [("America/Nuuk", date(2024, 3, 29)), ("America/Scoresbysund", date(2025, 3, 28))]
)
def test_a_gap_that_ends_at_midnight_puts_no_two_digests_on_one_day(zone, day):
    """There Saturday's 23:00 jumps to Sunday's 00:00, every spring."""
    wished = wish(zone, 23)
    after = datetime.combine(day, time(12), tzinfo=UTC)

    days = []
    for _ in range(4):
        after = next_due(wished, after)
        days.append(after.astimezone(wished.zone).date())

    assert sorted(set(days)) == days


def test_a_gap_that_ends_at_midnight_keeps_a_weekly_digest_on_its_weekday():
    wished = wish("America/Nuuk", 23, Cadence.WEEKLY, SATURDAY)
    after = datetime(2024, 3, 27, tzinfo=UTC)

    for _ in range(3):
        after = next_due(wished, after)
        assert after.astimezone(wished.zone).weekday() == SATURDAY


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        next_due(wish("Europe/Berlin", 8), datetime(2025, 9, 26))


def test_a_weekly_wish_without_a_weekday_is_refused():
    with pytest.raises(ValueError, match="weekday"):
        next_due(wish("Europe/Berlin", 8, Cadence.WEEKLY), datetime(2025, 9, 26, tzinfo=UTC))


moments = st.datetimes(datetime(1975, 1, 1), datetime(2037, 12, 1), timezones=st.just(UTC))
cadences = st.one_of(
    st.tuples(st.sampled_from([Cadence.DAILY, Cadence.WEEKDAYS]), st.none()),
    st.tuples(st.just(Cadence.WEEKLY), st.integers(0, 6)),
)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(zone=st.timezones(), hour=st.integers(0, 23), cadence=cadences, after=moments)
@example(ZoneInfo("Europe/Berlin"), 2, (Cadence.DAILY, None), datetime(2025, 3, 29, 12, tzinfo=UTC))
@example(ZoneInfo("Europe/Berlin"), 2, (Cadence.DAILY, None), datetime(2025, 10, 26, 0, 30, tzinfo=UTC))
@example(ZoneInfo("Australia/Lord_Howe"), 2, (Cadence.DAILY, None), datetime(2025, 10, 4, 12, tzinfo=UTC))
@example(ZoneInfo("Australia/Lord_Howe"), 1, (Cadence.WEEKLY, 6), datetime(2025, 4, 5, 15, tzinfo=UTC))
@example(ZoneInfo("America/Sao_Paulo"), 0, (Cadence.DAILY, None), datetime(2018, 11, 3, 12, tzinfo=UTC))
@example(ZoneInfo("Antarctica/Troll"), 2, (Cadence.DAILY, None), datetime(2025, 3, 29, 12, tzinfo=UTC))
@example(ZoneInfo("Pacific/Apia"), 8, (Cadence.WEEKDAYS, None), datetime(2011, 12, 29, 20, tzinfo=UTC))
def test_every_due_moment_is_later_wanted_at_its_hour_and_the_first(zone, hour, cadence, after):
    kind, weekday = cadence
    wished = Wish(cadence=kind, hour=hour, zone=zone, weekday=weekday)

    due = next_due(wished, after)

    assert due > after
    local = due.astimezone(zone)
    assert wished.wants(local.date())
    if (local.hour, local.minute, local.second) != (hour, 0, 0):
        assert not exists(local.date(), hour, zone), "only a skipped hour may stand elsewhere"
        assert offset(due - timedelta(seconds=1), zone) != offset(due + timedelta(seconds=1), zone)
    day = after.astimezone(zone).date() - timedelta(days=2)
    while day <= local.date():
        if wished.wants(day) and exists(day, hour, zone):
            slot = datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)
            assert not after < slot < due, f"{slot} was passed over"
        day += timedelta(days=1)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(zone=st.timezones(), hour=st.integers(0, 23), after=moments)
@example(ZoneInfo("Pacific/Apia"), 8, datetime(2011, 12, 29, tzinfo=UTC))
@example(ZoneInfo("America/Nuuk"), 23, datetime(2024, 3, 29, 12, tzinfo=UTC))
@example(ZoneInfo("Europe/Berlin"), 2, datetime(2025, 10, 25, 12, tzinfo=UTC))
def test_never_two_in_one_local_day(zone, hour, after):
    wished = Wish(cadence=Cadence.DAILY, hour=hour, zone=zone)

    due = [after := next_due(wished, after) for _ in range(4)]

    days = [moment.astimezone(zone).date() for moment in due]
    assert all(one < next_one for one, next_one in pairwise(days)), days


def exists(day: date, hour: int, zone: ZoneInfo) -> bool:
    """Whether the clocks of the zone showed this full hour on this day."""
    local = datetime.combine(day, time(hour), tzinfo=zone)
    return local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)


def offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()
