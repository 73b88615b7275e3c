"""Our own table: what `export_subscribers` writes, and what one can type in a spreadsheet."""

import re
from collections.abc import Collection
from zoneinfo import ZoneInfo

from django.conf import settings

from subscriptions.csv_safe import unguard
from subscriptions.imports.found import BadCell, Row, Standing, Told
from subscriptions.keywords import KeywordsRefused, TypedKeyword, parse_keywords
from subscriptions.models import SIZES, Subscriber
from subscriptions.preferences import Preferences
from subscriptions.zones import ZoneUnknown, find_zone

NAME = "paper-round"
LABEL = "Paper Round"
COLUMNS = (
    *("email", "keywords", "cadence", "weekday", "hour"),
    *("time_zone", "size", "thin_day", "language", "status"),
)
WEEKDAYS = tuple(name.lower() for name in Subscriber.Weekday.names)
STANDINGS = {
    "": Standing.UNKNOWN,
    "active": Standing.SUBSCRIBED,
    "subscribed": Standing.SUBSCRIBED,
    "pending": Standing.PENDING,
    "unsubscribed": Standing.UNSUBSCRIBED,
    "bounced": Standing.BOUNCED,
    "complained": Standing.COMPLAINED,
    "blocked": Standing.BLOCKED,
}


def claims(columns: Collection[str]) -> bool:
    """Ours only if it has no column that we do not know: who knows what that one says."""
    return "email" in columns and set(columns) - {""} <= set(COLUMNS)


def lacks(columns: Collection[str]) -> str:
    return "" if "email" in columns else "email"


def email(row: Row) -> str:
    return unguard(row.cell("email"))


def read(row: Row) -> Told:
    standing = STANDINGS.get(row.cell("status").casefold())
    if standing is None:
        raise BadCell(f"status: none of {', '.join(filter(None, STANDINGS))}")
    return Told(standing=standing, preferences=preferences(row))


def preferences(row: Row) -> Preferences:
    """A wish as its cells tell it; an empty cell is what we do without being told.

    Raises:
        BadCell: one of them makes no sense.
    """
    cadence = _one_of(row, "cadence", Subscriber.CadenceKind.values) or Subscriber.CadenceKind.DAILY
    weekly = cadence == Subscriber.CadenceKind.WEEKLY
    language = row.cell("language").casefold()
    return Preferences(
        keywords=keywords(unguard(row.cell("keywords"))),
        cadence=cadence,
        weekday=_weekday(row) if weekly else None,
        hour=_hour(row),
        time_zone=_zone(row),
        size=int(_one_of(row, "size", [str(size) for size in SIZES]) or Subscriber.Size.TEN),
        thin_day=_one_of(row, "thin_day", Subscriber.ThinDay.values) or Subscriber.ThinDay.SKIP,
        # Another house may speak more languages than this one; that is no reason to lose somebody.
        language=language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE,
    )


def keywords(typed: str) -> tuple[TypedKeyword, ...]:
    try:
        return tuple(parse_keywords(typed))
    except KeywordsRefused as error:
        # Its own message quotes what was typed.
        raise BadCell("keywords: too many, or one that is too long") from error


def _one_of(row: Row, name: str, known: Collection[str]) -> str:
    value = row.cell(name).casefold()
    if value and value not in known:
        raise BadCell(f"{name}: none of {', '.join(known)}")
    return value


def _weekday(row: Row) -> int:
    value = row.cell("weekday").casefold()
    if value in WEEKDAYS:
        return WEEKDAYS.index(value)
    if value and value not in set("0123456"):
        raise BadCell(f"weekday: none of {', '.join(WEEKDAYS)} or 0 to 6 (0 is monday)")
    return int(value or Subscriber.Weekday.MONDAY)


def _hour(row: Row) -> int:
    value = row.cell("hour") or "8"
    found = re.fullmatch(r"([0-9]{1,2})(?::00)?", value)
    if not found or int(found[1]) > 23:
        raise BadCell("hour: not 0 to 23")
    return int(found[1])


def _zone(row: Row) -> ZoneInfo | None:
    name = row.cell("time_zone")
    try:
        return find_zone(name) if name else None
    except ZoneUnknown as error:
        raise BadCell("time_zone: unknown; write it like Europe/Berlin") from error
