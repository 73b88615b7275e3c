"""Fields of payloads nobody can be trusted with: each reader survives anything and gives a clean value."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import unquote

from digest.relevance.text import clean
from digest.sources.archives import ARCHIVES

_ARXIV = re.compile(
    r"(?:^|arxiv[:./]\s*|/abs/|/pdf/)"
    r"(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v(?P<version>\d+))?(?:\.pdf)?/?$",
    re.IGNORECASE | re.ASCII,
)
_SUBJECT_CLASS = re.compile(r"\.[a-z]{2}/")
_RESOLVER = re.compile(r"^(?:https?://)?(?:(?:www\.|dx\.)?doi\.org/|doi(?::\s*|\s+))", re.IGNORECASE)
_BEHIND_DOI = re.compile(r"[?#].*", re.DOTALL)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
# What bioRxiv and medRxiv add to the address of a version.
_OF_VERSION = re.compile(r"(?<=\d)v\d{1,3}(?:\.full)?(?:\.pdf)?$")
_WITH_VERSION = ("10.1101/", "10.64898/")
# A bracket begins an IPv6 address, which has no dots; elsewhere it makes an address nobody can take apart.
_WEB = re.compile(r"^https?://[^\s/?#@\[\]]+\.[^\s@\[\]/?#]+(?:[/?#]\S*)?$", re.IGNORECASE)
MAX_URL = 2_000
MAX_COUNT = 2_147_483_647


def text(record: Mapping[str, Any], *names: str, limit: int = 100_000) -> str:
    """The first of the named fields that holds a non-empty string, cleaned; else ''."""
    for name in names:
        value = record.get(name)
        if isinstance(value, str) and (cleaned := clean(value[: 2 * limit])):
            return cleaned[:limit].rstrip()
    return ""


def count(record: Mapping[str, Any], *names: str) -> int | None:
    """The first of the named fields that holds a whole, non-negative number; else None."""
    for name in names:
        value = record.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if 0 <= value <= MAX_COUNT:  # false for NaN, too
            return int(value)
    return None


def web_url(record: Mapping[str, Any], *names: str) -> str:
    """The first of the named fields that is a plain http(s) address with a host; else ''."""
    for name in names:
        value = record.get(name)
        if isinstance(value, str) and len(value) <= MAX_URL and _WEB.match(url := value.strip()):
            return url if clean(url) == url else ""
    return ""


def names(value: object, *, limit: int = 5_000) -> tuple[str, ...]:
    """A list of names given as strings or as objects with `name`, or one comma-separated string."""
    if isinstance(value, str):
        value = value.split(";") if ";" in value else value.split(",")
    if not isinstance(value, list):
        return ()
    given = [item if isinstance(item, str) else _name_in(item) for item in value[:limit]]
    whole = "".join(given)
    if not (whole.isascii() and whole.isprintable() and "  " not in whole):  # else all of them are clean
        given = [clean(name) for name in given]
    return tuple([name for one in given if (name := one.strip()[:300].rstrip())])


def _name_in(item: object) -> str:
    if not isinstance(item, dict) or item.get("hidden") is True:
        return ""
    name = item.get("name")
    return name if isinstance(name, str) else ""


def moment(value: object) -> datetime | None:
    """An ISO 8601 date or time as an aware UTC time; None where it is neither or out of range."""
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value.strip())
        found = parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # the latter: beyond the calendar once it is in UTC
        return None
    return found if 1900 <= found.year <= 9000 else None


def midnight(day: date) -> datetime:
    """The first moment of a day, UTC."""
    return datetime.combine(day, time(), tzinfo=UTC)


ARXIV_DOI = "10.48550/arxiv."
"""What the DOI of an arXiv paper begins with: the arXiv id once more, in another dress."""


def arxiv_id(value: object) -> tuple[str, int | None]:
    """An arXiv id without its version, and the version; ('', None) where it is not one."""
    if isinstance(value, str) and (match := _ARXIV.search(value.strip())):
        version = match["version"]
        # `math.AG/0210288` and `math/0210288` are one paper: the class is no part of the id.
        bare = _SUBJECT_CLASS.sub("/", match["id"].lower())
        archive, slash, _ = bare.partition("/")
        if slash and archive not in ARCHIVES:
            return "", None
        return bare, int(version) if version and len(version) < 4 else None
    return "", None


def doi(value: object) -> str:
    """A DOI in lower case, in one spelling: without its resolver, a version, or what a sentence or an
    address adds; '' where it is none.
    """
    if not isinstance(value, str):
        return ""
    bare = _BEHIND_DOI.sub("", _RESOLVER.sub("", clean(value[:1_000])))
    bare = clean(unquote(bare)).rstrip(".,;").lower()
    if not _DOI.fullmatch(bare):
        return ""
    if bare.startswith(_WITH_VERSION):
        bare = _OF_VERSION.sub("", bare)
    elif bare.startswith(ARXIV_DOI) and (same := arxiv_id(bare.removeprefix(ARXIV_DOI))[0]):
        bare = ARXIV_DOI + same
    return bare[:300]
