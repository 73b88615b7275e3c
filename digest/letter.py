"""From a delivery to the values its letter shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, gettext_lazy

from digest.models import Delivery, Edition, Entry
from digest.relevance.index import Place
from digest.relevance.wishes import Pick
from digest.words import and_others, counts, join_and, quoted, shorten, snippet, span
from subscriptions.mail import LetterRefused
from subscriptions.models import Subscriber

LETTER = "digest"
LIKED = 1.25
"""Factor of somebody's opinions from which the reason tells of it."""
LEAD = 60
"""Characters of the first title that the subject shows."""
INTRO, NOTE, AUTHORS, REASON = 2_000, 1_000, 300, 400
"""Characters beyond which these are cut: an editor or a paper may bring any number."""

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


class NothingLeft(Exception):
    """Every pick was withdrawn or hidden between planning and sending."""


@dataclass(frozen=True, slots=True)
class Card:
    """One paper as the letter shows it."""

    title: str
    url: str
    authors: str
    snippet: str
    reason: str
    note: str
    counts: str
    links: tuple[tuple[str, str], ...]


def digest_values(delivery: Delivery, subscriber: Subscriber) -> dict[str, object]:
    """What `templates/emails/digest/` shows, in the language that is active.

    Raises:
        NothingLeft: no pick may be shown any more.
    """
    picks = {pick["paper"]: pick for pick in delivery.picks}
    entries = {
        entry.paper_id: entry
        for entry in Entry.objects.shown().filter(paper__in=picks).select_related("paper")
    }
    cards = [card(entries[paper], pick) for paper, pick in picks.items() if paper in entries]
    if not cards:
        raise NothingLeft
    edition = delivery.edition
    keywords = [k.text for k in subscriber.keywords.all() if k.stance == k.Stance.FOLLOW]
    matched = any(pick["terms"] for pick in delivery.picks)
    return {
        "edition": edition,
        "edition_url": settings.SITE_URL + edition.get_absolute_url(),
        "intro": shorten(edition.intro, INTRO),
        "lead": shorten(cards[0].title, LEAD),
        "cards": cards,
        "count": len(cards),
        "more": len(cards) - 1,
        "left_out": delivery.left_out,
        "keywords": keywords,
        "nothing_matched": bool(keywords) and not matched,
        "preheader": preheader(cards),
        "dates": dates(delivery),
    }


def with_fewer_cards(values: dict[str, Any]) -> dict[str, object]:
    """The same letter with a fifth of its cards left out.

    Raises:
        LetterRefused: there is one card only.
    """
    cards: list[Card] = values["cards"]
    if len(cards) <= 1:
        raise LetterRefused("the letter is too large even with a single paper")
    keep = max(1, len(cards) * 4 // 5)
    return values | {
        "cards": cards[:keep],
        "count": keep,
        "more": keep - 1,
        "left_out": values["left_out"] + len(cards) - keep,
        "preheader": preheader(cards[:keep]),
    }


def card(entry: Entry, pick: dict[str, Any]) -> Card:
    paper = entry.paper
    links = [
        (label, url)
        for label, url in (
            (gettext("PDF"), paper.pdf_url),
            (gettext("Code"), paper.code_url),
            (gettext("Project"), paper.project_url),
        )
        if url
    ]
    return Card(
        title=shorten(paper.title, 300),
        url=settings.SITE_URL + paper.get_absolute_url(),
        authors=shorten(and_others(paper.authors), AUTHORS),
        snippet=snippet(paper.tldr or paper.abstract),
        reason=reason(pick, entry),
        note=shorten(entry.note, NOTE),
        counts=counts(entry.breakdown.get("counts", {})),
        links=tuple(links),
    )


def reason(pick: dict[str, Any], entry: Entry) -> str:
    """Why this paper is here, in words: “Matches “retrieval” in the title; 41 upvotes since yesterday”."""
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
    told = counts(entry.breakdown.get("counts", {}), entry.breakdown.get("gained", {}))
    if not parts and pick.get("outside"):
        parts.append(
            gettext("trending, outside your keywords") if told else gettext("new, outside your keywords")
        )
    elif not parts:
        parts.append(gettext("trending") if told else gettext("new"))
    if told:
        parts.append(told)
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


def preheader(cards: Sequence[Card]) -> str:
    """What an inbox shows behind the subject: the second and third title."""
    titles = [card.title for card in cards[1:3]] or [cards[0].reason]
    also = gettext("Also: %(titles)s") % {"titles": "; ".join(titles)}
    return shorten(also if len(cards) > 1 else titles[0], 110)


def dates(delivery: Delivery) -> str:
    """“Friday, 26 September 2025”, or “22 to 26 September 2025” where it draws on several editions."""
    days = Edition.objects.filter(pk__in=delivery.editions).order_by("date").values_list("date", flat=True)
    every = list(days) or [delivery.edition.date]
    return span(every[0], every[-1])
