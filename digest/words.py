"""A paper's facts in words, the same on the site and in a letter, in the language of the moment."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.dateformat import format as format_date
from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy, ngettext, ngettext_lazy, pgettext

SNIPPET = 320
COUNTS = {
    "upvotes": ngettext_lazy("%(number)s upvote", "%(number)s upvotes", "count"),
    "comments": ngettext_lazy("%(number)s comment", "%(number)s comments", "count"),
    "stars": ngettext_lazy("%(number)s GitHub star", "%(number)s GitHub stars", "count"),
}
PARTS = {
    "upvotes": gettext_lazy("upvotes"),
    "comments": gettext_lazy("comments"),
    "stars": gettext_lazy("GitHub stars"),
    "upvotes_gained": gettext_lazy("upvotes gained in a day"),
    "comments_gained": gettext_lazy("comments gained in a day"),
    "stars_gained": gettext_lazy("GitHub stars gained in a day"),
}
FACTORS = {
    "field": gettext_lazy("compared with other papers of its field"),
    "submitter": gettext_lazy("one of many by the same submitter"),
}
_SENTENCE_END = re.compile(r"[.!?](?=\s+[A-Z0-9“\"(])")


def number(value: int) -> str:
    """“12,345”."""
    return number_format(value, force_grouping=True)


def day(value: date) -> str:
    """“26 September 2025”."""
    return format_date(value, pgettext("date format", "j F Y"))


def weekday(value: date) -> str:
    """“Friday, 26 September 2025”."""
    return format_date(value, pgettext("date format", "l, j F Y"))


def span(first: date, last: date) -> str:
    """“22 to 26 September 2025”, with as much of the first date as differs; one day by its weekday."""
    if first == last:
        return weekday(last)
    if (first.year, first.month) == (last.year, last.month):
        start = format_date(first, pgettext("date format", "j"))
    elif first.year == last.year:
        start = format_date(first, pgettext("date format", "j F"))
    else:
        start = day(first)
    return gettext("%(first)s to %(last)s") % {"first": start, "last": day(last)}


def counts(told: Mapping[str, object], gained: Mapping[str, object] | None = None) -> str:
    """“41 upvotes, 2 comments”, or “41 upvotes, 12 of them since yesterday”; only what a source told and
    is more than nothing.
    """
    parts = []
    for kind, phrase in COUNTS.items():
        value = told.get(kind)
        if isinstance(value, int) and value > 0:
            parts.append(phrase % {"count": value, "number": number(value)})
            more = (gained or {}).get(kind)
            if isinstance(more, int) and 0 < more < value:
                since = ngettext(
                    "%(number)s of them since yesterday", "%(number)s of them since yesterday", more
                )
                parts.append(since % {"number": number(more)})
            elif more == value:
                parts[-1] = gettext("%(counted)s since yesterday") % {"counted": parts[-1]}
    return ", ".join(parts)


def made_of(breakdown: Mapping[str, Any]) -> dict[str, object] | None:
    """A trending score as a small table: its sum, and (label, value) of its parts and factors."""
    parts: Mapping[str, float] = breakdown.get("parts", {})
    factors: Mapping[str, float] = breakdown.get("factors", {})
    if not parts:
        return None
    rows = [(str(PARTS[name]), _decimal(value)) for name, value in parts.items() if name in PARTS]
    rows += [
        (str(FACTORS[name]), f"× {_decimal(value, 2)}") for name, value in factors.items() if name in FACTORS
    ]
    return {"score": _decimal(breakdown.get("score", 0.0)), "parts": rows}


def _decimal(value: float, places: int = 1) -> str:
    return number_format(value, places, force_grouping=True)


def and_others(authors: Sequence[str], *, show: int = 3) -> str:
    """“A, B, C and 12 others”."""
    if len(authors) <= show + 1:
        return join_and(list(authors))
    left = len(authors) - show
    phrase = ngettext("%(names)s and %(number)s other", "%(names)s and %(number)s others", left)
    return phrase % {"names": ", ".join(authors[:show]), "number": number(left)}


def join_and(items: Sequence[str]) -> str:
    """“A, B and C”."""
    if len(items) < 2:
        return "".join(items)
    return gettext("%(items)s and %(last)s") % {"items": ", ".join(items[:-1]), "last": items[-1]}


def quoted(text: str) -> str:
    """“text”, between the marks of the language."""
    return pgettext("between quotation marks", "“%(text)s”") % {"text": text}


def snippet(text: str, limit: int = SNIPPET) -> str:
    """The first sentences that fit, or else the first words and an ellipsis."""
    if len(text) <= limit:
        return text
    ends = [match.end() for match in _SENTENCE_END.finditer(text[: limit + 2])]
    if ends and ends[-1] >= limit // 3:
        return text[: ends[-1]]
    return shorten(text, limit)


def shorten(text: str, limit: int) -> str:
    """Cut at a word, with an ellipsis; within it where it is endless."""
    if len(text) <= limit:
        return text
    cut = text[:limit].rsplit(" ", 1)[0]
    if len(cut) < limit // 2:
        cut = text[: limit - 1]
    return cut.rstrip(" ,;:.") + "…"
