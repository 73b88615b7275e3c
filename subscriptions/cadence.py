"""When is somebody's next digest due? Pure: no clock, no database, no settings."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum


class Cadence(StrEnum):
    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Wish:
    """An hour of some days in a time zone. `weekday` counts from Monday = 0, only for weekly."""

    cadence: Cadence
    hour: int
    zone: tzinfo
    weekday: int | None = None

    def wants(self, day: date) -> bool:
        if self.cadence is Cadence.WEEKDAYS:
            return day.weekday() < 5
        if self.cadence is Cadence.WEEKLY:
            return day.weekday() == self.weekday
        return True


def next_due(wish: Wish, after: datetime) -> datetime:
    """The first moment strictly later than `after` that fits the wish, in UTC.

    An hour that the clocks skip is taken as the first moment after the gap; an hour that they
    repeat, as its first pass. So there is exactly one moment a day, and never two.

    Raises:
        ValueError: `after` is naive, or a weekly wish names no weekday.
    """
    if after.tzinfo is None:
        raise ValueError("`after` needs a time zone")
    if wish.cadence is Cadence.WEEKLY and wish.weekday is None:
        raise ValueError("a weekly wish needs a weekday")
    # A day earlier, because a slot of yesterday's date may lie behind a jump of the date line.
    day = after.astimezone(wish.zone).date() - timedelta(days=1)
    for _ in range(16):
        if wish.wants(day):
            moment = _moment(day, wish)
            # A gap may swallow the rest of a day or all of it: then that day has no such moment.
            if moment > after and moment.astimezone(wish.zone).date() == day:
                return moment
        day += timedelta(days=1)
    raise AssertionError("unreachable: every wish has a day within two weeks")


def _moment(day: date, wish: Wish) -> datetime:
    local = datetime.combine(day, time(wish.hour), tzinfo=wish.zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(wish.zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        # In a gap, fold=0 reads the clock as before the jump and so lands after it by the
        # gap's length; the jump itself is where the two readings of the same clock agree.
        return _end_of_gap(local)
    return moment


def _end_of_gap(local: datetime) -> datetime:
    """The first moment after the gap that swallowed `local`, in UTC, to the second."""
    late = local.astimezone(UTC)
    early = local.replace(fold=1).astimezone(UTC)
    zone = local.tzinfo
    before = early.astimezone(zone).utcoffset()
    low, high = early, late
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
