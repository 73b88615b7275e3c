"""Mailchimp's audience export: a zip of tables, or one of them.

A table says nothing of how its people stand; the name of the file does.
"""

import re
from collections.abc import Collection

from subscriptions.imports.found import Row, Standing, Told
from subscriptions.imports.moments import moments
from subscriptions.preferences import Preferences
from subscriptions.zones import ZoneUnknown, find_zone

NAME = "mailchimp"
LABEL = "Mailchimp"
ADDRESS = "email address"
MARKS = {"member_rating", "optin_time", "confirm_time", "leid", "euid", "last_changed"}
"""Columns that every table has, whatever the language of the account."""
BY_NAME = {
    "cleaned": Standing.BOUNCED,
    "unsubscribed": Standing.UNSUBSCRIBED,
    "nonsubscribed": Standing.NEVER,
    "subscribed": Standing.SUBSCRIBED,
}
STRICTEST_FIRST = [*BY_NAME.values()]


def claims(columns: Collection[str]) -> bool:
    return len(MARKS & set(columns)) >= 3


def lacks(columns: Collection[str]) -> str:
    return "" if ADDRESS in columns or claims(columns) else "Email Address"


def standing_of(part: str) -> Standing:
    """How the people in a file of this name stand."""
    word = re.match(r"[a-z]+", part.casefold())
    return BY_NAME.get(word[0] if word else "", Standing.UNKNOWN)


def email(row: Row) -> str:
    # The column is named in the account's language and can be renamed, but it is always the first.
    return row.cell(ADDRESS) if ADDRESS in row.columns else row.cells[0].strip()


def read(row: Row) -> Told:
    return Told(
        standing=_standing(row),
        preferences=_preferences(row),
        times=moments(opted_in=row.cell("optin_time"), confirmed=row.cell("confirm_time")),
    )


def _standing(row: Row) -> Standing:
    # A file that was renamed still has the columns of those who left or bounced, and only those do.
    if "clean_time" in row.columns:
        return Standing.BOUNCED
    if "unsub_time" in row.columns:
        return Standing.UNSUBSCRIBED
    return standing_of(row.part)


def _preferences(row: Row) -> Preferences:
    """Where they seem to be; what they follow Mailchimp does not know."""
    try:
        return Preferences(time_zone=find_zone(row.cell("timezone")))
    except ZoneUnknown:
        return Preferences()
