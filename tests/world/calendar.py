"""When arXiv tells of a paper: its announcements follow New York's clock.

From https://info.arxiv.org/help/availability.html: cut-off at 14:00 Eastern on weekdays, announced at
20:00 Eastern from Sunday to Thursday. A feed bears the date of the morning after its announcement.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
_DAY = timedelta(days=1)


def feed_day(now: datetime) -> date:
    """Whose batch the feed tells at this moment: it changes at midnight in New York."""
    return now.astimezone(NEW_YORK).date()


def oai_day(now: datetime) -> date:
    """The newest batch that OAI-PMH has: it comes at 22:30 on the evening before the feed's."""
    return (now.astimezone(NEW_YORK).replace(tzinfo=None) + timedelta(hours=1, minutes=30)).date()


def api_day(now: datetime) -> date:
    """The newest batch that the API has: it comes with the announcement, at 20:00."""
    return (now.astimezone(NEW_YORK).replace(tzinfo=None) + timedelta(hours=4)).date()


def announces(day: date, closed: Collection[date] = ()) -> bool:
    """Does a batch bear this date?"""
    return day.weekday() < 5 and day not in closed


def window(day: date, closed: Collection[date] = ()) -> tuple[datetime, datetime]:
    """First and last moment (UTC, end excluded) of submissions that the batch of `day` brings.

    Days in `closed` brought none, so the next batch brings theirs as well.
    """
    before = day - _DAY
    while not announces(before, closed):
        before -= _DAY
    return _cut_off(before), _cut_off(day)


def midnight(day: date) -> datetime:
    """The beginning of a day in New York."""
    return datetime.combine(day, time(), tzinfo=NEW_YORK)


def _cut_off(day: date) -> datetime:
    # Monday's batch is of Sunday evening, and took its last on Friday.
    back = 3 if day.weekday() == 0 else 1
    return datetime.combine(day - back * _DAY, time(14), tzinfo=NEW_YORK).astimezone(UTC)
