"""A hundred thousand wishes (in short ten thousand), in every zone, most of them where the clocks change.

What is expected is worked out anew here, from the very seconds at which each zone changes its clocks.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo, available_timezones

import pytest

from subscriptions.cadence import Cadence, Wish, next_due
from tests.conftest import share_of

CASES = share_of(100_000)
ZONES = sorted(available_timezones())
FIRST, LAST = datetime(1975, 1, 1, tzinfo=UTC), datetime(2037, 12, 1, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
PARTS = 4


@cache
def changes(zone: ZoneInfo) -> list[datetime]:
    """The first second of each time at which this zone has another offset than before, in UTC."""

    def offset(moment: datetime) -> timedelta | None:
        return moment.astimezone(zone).utcoffset()

    found, step = [], timedelta(days=14)
    moments = [FIRST + step * number for number in range((LAST - FIRST) // step + 2)]
    for (early, before), (late, behind) in pairwise([(moment, offset(moment)) for moment in moments]):
        if before == behind:
            continue
        low, high = early, late
        while high - low > SECOND:
            middle = low + timedelta(seconds=(high - low) // SECOND // 2)
            low, high = (middle, high) if offset(middle) == before else (low, middle)
        found.append(high)
    return found


def wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks there show."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def slot(day: date, wish: Wish) -> datetime | None:
    """When the wished hour comes on this day: its first pass, or the end of the gap that it lies in."""
    zone = wish.zone
    assert isinstance(zone, ZoneInfo)
    shown = datetime.combine(day, time(wish.hour))
    moment = shown.replace(tzinfo=zone).astimezone(UTC)
    if wall(moment, zone) == shown:
        return moment
    known = changes(zone)
    near = known[bisect_left(known, moment - 2 * DAY) : bisect_left(known, moment + 2 * DAY)]
    [jump] = [one for one in near if wall(one - SECOND, zone) < shown < wall(one, zone)]
    return jump if wall(jump, zone).date() == day else None


def expected(wish: Wish, after: datetime) -> datetime:
    """The first of all such moments that is later."""
    day = wall(after, wish.zone).date() - DAY  # type: ignore[arg-type]
    while True:
        if wanted(wish, day):
            moment = slot(day, wish)
            if moment is not None and moment > after:
                return moment
        day += DAY


def wanted(wish: Wish, day: date) -> bool:
    name = day.strftime("%A")
    if wish.cadence is Cadence.WEEKDAYS:
        return name not in ("Saturday", "Sunday")
    if wish.cadence is Cadence.WEEKLY:
        return day.isoweekday() - 1 == wish.weekday
    return True


def case(random: Random, number: int) -> tuple[Wish, datetime]:
    """A wish and a moment; three of four lie within two days of a change of the clocks, if there is one."""
    zone = ZoneInfo(ZONES[number % len(ZONES)])
    hour = random.randrange(24)
    known = changes(zone)
    if known and random.random() < 0.75:
        change = random.choice(known)
        after = change + timedelta(seconds=random.randint(-2 * 86_400, 86_400))
        if random.random() < 0.3:
            after = change + random.choice([-SECOND, timedelta(0), SECOND, timedelta(microseconds=-1)])
        if random.random() < 0.8:
            # Skipped is what lies before the new time, repeated what begins with it.
            skips = wall(change, zone) > wall(change - SECOND, zone) + SECOND
            hour = (wall(change, zone).hour - skips + random.choice([-1, 0, 0, 0, 1])) % 24
    else:
        after = FIRST + timedelta(seconds=random.randrange(int((LAST - FIRST).total_seconds())))
    cadence = random.choice([Cadence.DAILY, Cadence.DAILY, Cadence.WEEKDAYS, Cadence.WEEKLY])
    weekday = random.randrange(7) if cadence is Cadence.WEEKLY else None
    return Wish(cadence=cadence, hour=hour, zone=zone, weekday=weekday), after


@pytest.mark.parametrize("part", range(PARTS))
def test_every_wish_is_due_at_the_first_fitting_moment_and_once_a_day(part):
    random = Random(20250926 + part)
    gaps = twice = 0
    for number in range(CASES // PARTS):
        wish, after = case(random, number)
        zone = wish.zone
        assert isinstance(zone, ZoneInfo)
        told = f"{wish} after {after.isoformat()}"

        due = next_due(wish, after)
        shown = wall(due, zone)

        assert due > after, told
        assert wanted(wish, shown.date()), told
        assert due.tzinfo is UTC, told
        assert due.microsecond == 0, told
        if (shown.hour, shown.minute, shown.second) != (wish.hour, 0, 0):
            gaps += 1
            skipped = datetime.combine(shown.date(), time(wish.hour))
            assert wall(due - SECOND, zone) < skipped < shown, told
        assert due.astimezone(zone).fold == 0, f"{told}: the second pass of a repeated hour"
        twice += wall(due + timedelta(hours=1), zone) == shown
        assert due == expected(wish, after), told
        following = next_due(wish, due)
        assert wall(following, zone).date() > shown.date(), f"{told}: two on one day"

    assert gaps > share_of(300), "too few of the cases lie in a gap to say anything"
    assert twice > share_of(300), "too few of the cases lie in a repeated hour to say anything"


def test_the_changes_of_clocks_are_found_to_the_second():
    berlin = [one for one in changes(ZoneInfo("Europe/Berlin")) if one.year == 2025]

    assert berlin == [datetime(2025, 3, 30, 1, tzinfo=UTC), datetime(2025, 10, 26, 1, tzinfo=UTC)]
    assert changes(ZoneInfo("UTC")) == []


def test_every_zone_is_among_the_cases():
    assert len(ZONES) > 500
    assert len(ZONES) * share_of(20) < CASES // PARTS
