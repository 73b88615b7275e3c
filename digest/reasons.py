"""Why a paper is in somebody's digest: as its delivery keeps it, and in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from digest.relevance.index import Place
from digest.relevance.wishes import Pick
from digest.words import counts, join_and, quoted, shorten

LIKED = 1.25
"""Factor of somebody's opinions from which the reason tells of it."""
REASON = 400
"""Characters beyond which a reason is cut: a keyword may bring any number."""

# Whole phrases: other languages want another preposition and article for each place.
FOUND = {
    Place.TITLE.value: gettext_lazy("matches %(terms)s in the title"),
    Place.AUTHORS.value: gettext_lazy("matches %(terms)s in the authors"),
    Place.CATEGORIES.value: gettext_lazy("matches %(terms)s in the categories"),
    Place.ORGANIZATION.value: gettext_lazy("matches %(terms)s in the organization"),
    Place.ABSTRACT.value: gettext_lazy("matches %(terms)s in the abstract"),
}
MATCHED = gettext_lazy("matches %(terms)s")
"""For a place that only the next release knows: it may have planned what this one sends."""


def as_json(pick: Pick) -> dict[str, Any]:
    """A pick as its delivery keeps it. What is usual is left out: there are ten of them a digest."""
    told: dict[str, Any] = {
        "paper": pick.id,
        "terms": [[m.term, str(m.place), m.shown] if m.shown else [m.term, str(m.place)] for m in pick.terms],
        "pinned": pick.pinned,
        "outside": pick.outside,
    }
    if pick.related:
        told["related"] = pick.related
    if pick.lean >= LIKED:
        told["liked"] = True
    return told


def reason(pick: dict[str, Any], breakdown: Mapping[str, Any]) -> str:
    """Why this paper is here, in words: “Matches “retrieval” in the title; 41 upvotes since yesterday”.

    `breakdown` is that of its entry.
    """
    told = counted(breakdown)
    why = without_counts(pick, has_counts=bool(told))
    return f"{why}; {told}" if told else why


def counted(breakdown: Mapping[str, Any]) -> str:
    """“41 upvotes, 12 of them since yesterday”; '' where nobody counted."""
    return counts(breakdown.get("counts", {}), breakdown.get("gained", {}))


def without_counts(pick: dict[str, Any], *, has_counts: bool) -> str:
    """The reason alone, of a paper that others voted for or not."""
    parts = []
    if pick.get("pinned"):
        parts.append(gettext("editor’s pick"))
    by_place: dict[str, list[str]] = {}
    for term, place, *shown in pick.get("terms", []):
        by_place.setdefault(place, []).append(_term(term, shown))
    for place, terms in by_place.items():
        parts.append(FOUND.get(place, MATCHED) % {"terms": join_and(terms)})
    if pick.get("related"):
        parts.append(gettext("related to %(term)s") % {"term": quoted(pick["related"])})
    if pick.get("liked"):
        parts.append(gettext("like papers you wanted more of"))
    if not parts and pick.get("outside"):
        parts.append(
            gettext("trending, outside your keywords")
            if has_counts
            else gettext("new, outside your keywords")
        )
    elif not parts:
        parts.append(gettext("trending") if has_counts else gettext("new"))
    text = shorten("; ".join(parts), REASON)
    return text[0].upper() + text[1:]


def _term(term: str, shown: list[str]) -> str:
    """A keyword as typed; with the words that stand in the paper where these are others."""
    if len(term) > 2 and term[0] == term[-1] == '"':
        term = term[1:-1]
    term = quoted(term)
    if not shown:
        return term
    return gettext("%(term)s (as %(shown)s)") % {"term": term, "shown": quoted(shown[0])}
