"""arXiv's calendar: which submissions are announced on which day, and on which days nothing is.

Submissions are frozen at 14:00 in New York (Eastern time) from Monday to Friday and announced at 20:00:
the same evening, those of Friday on Sunday evening. A day here is the date the feed bears, the one after
that evening, so every weekday has the announcement of the freeze of the weekday before. A holiday is a
weekday without a freeze and without what would have been announced from it; its submissions wait for
the next one. https://info.arxiv.org/help/availability.html
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
FREEZE, ANNOUNCEMENT = time(14), time(20)
"""Eastern time. Until the end of 2016 the freeze was at 16:00, which is left out of account."""
DAY = timedelta(days=1)
FIRST = date(1991, 8, 14)
"""Nothing was announced before arXiv began."""
FURTHEST = 30
"""Days to look for a day with a freeze; the longest pause there has been is five."""

_HOLIDAYS = """
2017-03-14 2017-11-13 2017-11-23 2017-12-25 2017-12-27
2018-01-01 2018-03-26 2018-09-03 2018-11-22 2018-12-24 2018-12-25 2018-12-27
2019-01-01 2019-01-21 2019-09-02 2019-11-07 2019-11-28 2019-12-25 2019-12-26 2019-12-30
2020-01-01 2020-01-20 2020-06-09 2020-11-26 2020-12-25 2020-12-29 2020-12-30
2021-01-01 2021-10-20 2021-11-25 2021-12-24 2021-12-28 2021-12-30
2022-01-17 2022-06-20 2022-09-05 2022-11-24 2022-12-27 2022-12-29
2023-01-16 2023-06-14 2023-06-19 2023-07-04 2023-08-17 2023-09-04 2023-11-23 2023-12-25 2023-12-27
2024-01-15 2024-05-22 2024-06-19 2024-07-04 2024-09-02 2024-10-08 2024-11-28 2024-12-25 2024-12-26
2024-12-31
2025-01-01 2025-01-20 2025-06-19 2025-07-04 2025-09-01 2025-11-27 2025-12-25 2025-12-30
2026-01-01 2026-01-19 2026-06-19 2026-07-03 2026-09-07 2026-11-26 2026-12-25 2026-12-29 2026-12-31
"""
HOLIDAYS = frozenset(date.fromisoformat(day) for day in _HOLIDAYS.split())
"""Eastern dates without a freeze, as arXiv's own table `arXiv_holidays` (`freeze_skip_date`) and its
yearly lists at https://info.arxiv.org/help/availability.html have them. A Friday among them is without a
freeze, too, and so there is no announcement on the Sunday after it. Of years that are not here only the
weekends are known.
"""


def expects(day: date) -> bool:
    """Is a feed of this date going to bring an announcement?"""
    return day > FIRST and day.weekday() < 5 and _freezes(_before(day))


def announced_on(submitted_at: datetime) -> date:
    """The day whose feed announces what is submitted at this moment (aware). Papers that moderators
    hold back come later; no calendar tells by how much.
    """
    local = submitted_at.astimezone(EASTERN)
    freeze = local.date() + (DAY if local.time() >= FREEZE else timedelta(0))
    for _ in range(FURTHEST):
        if _freezes(freeze):
            break
        freeze += DAY
    return freeze + (3 * DAY if freeze.weekday() == 4 else DAY)


def window(day: date) -> tuple[datetime, datetime] | None:
    """From when (inclusive) until when (exclusive) the papers of this day's feed were submitted, in UTC;
    None where nothing is announced.
    """
    if not expects(day):
        return None
    end = _before(day)
    start = end - DAY
    for _ in range(FURTHEST):
        if _freezes(start):
            break
        start -= DAY
    return _utc(start, FREEZE), _utc(end, FREEZE)


def announcement_moment(day: date) -> datetime:
    """When the feed of a day is made: its first moment in New York, as UTC."""
    return _utc(day, time())


def feed_day(now: datetime) -> date:
    """Which day's feed there is at a moment (aware)."""
    return now.astimezone(EASTERN).date()


def in_between(now: datetime) -> bool:
    """Is it an evening of announcements? From 20:00 in New York until midnight the feed holds the papers
    of the next day but still bears the date of this one (https://github.com/ZJU-REAL/Polaris, issue 304).
    """
    local = now.astimezone(EASTERN)
    return local.time() >= ANNOUNCEMENT and expects(local.date() + DAY)


def last_expected(day: date) -> date:
    """The last day before this one on which there was an announcement."""
    for n in range(1, FURTHEST):
        if expects(day - n * DAY):
            return day - n * DAY
    return day - DAY


def _freezes(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


def _before(day: date) -> date:
    """The weekday before a weekday."""
    return day - (3 * DAY if day.weekday() == 0 else DAY)


def _utc(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=EASTERN).astimezone(UTC)
