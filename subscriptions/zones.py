"""Time zones as people type them. Pure."""

import re
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


class ZoneUnknown(ValueError):
    """No zone of that name; `suggestions` are names that come near."""

    def __init__(self, suggestions: list[str]) -> None:
        super().__init__("no such time zone")
        self.suggestions = suggestions


@cache
def zone_names() -> tuple[str, ...]:
    """Names of places, and UTC: what a list should offer."""
    continents = re.compile(
        r"(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/"
    )
    return (*sorted(filter(continents.match, available_timezones())), "UTC")


def find_zone(typed: str) -> ZoneInfo:
    """The zone of a name, in any case, or of a city that there is only once.

    Raises:
        ZoneUnknown: otherwise.
    """
    name = re.sub(r"\s+", "_", typed.strip())
    found = _by_lower().get(name.lower()) or _by_city().get(name.lower())
    if found is None:
        near = get_close_matches(name.lower(), [*_by_lower(), *_by_city()], n=3, cutoff=0.7)
        raise ZoneUnknown([_by_lower().get(match) or _by_city()[match] for match in near])
    return ZoneInfo(found)


@cache
def _by_lower() -> dict[str, str]:
    # localtime is whatever this machine is set to; Factory, one that is not set at all.
    names = available_timezones() - {"localtime", "Factory"}
    return {name.lower(): name for name in names if not name.startswith(("posix/", "right/"))}


@cache
def _by_city() -> dict[str, str]:
    cities: dict[str, list[str]] = {}
    for name in zone_names():
        cities.setdefault(name.rpartition("/")[2].lower(), []).append(name)
    # A place may have an old and a new name: one zone all the same.
    return {city: names[0] for city, names in cities.items() if len({_clock(name) for name in names}) == 1}


def _clock(name: str) -> tuple[timedelta | None, ...]:
    """What its clocks show over the years, as far as telling it from another goes."""
    zone = ZoneInfo(name)
    months = (datetime(year, month, 1, tzinfo=zone) for year in range(1990, 2030) for month in (1, 4, 7, 10))
    return tuple(moment.utcoffset() for moment in months)
