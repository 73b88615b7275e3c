"""From a delivery to the values its letter shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from digest.models import Delivery, Edition, Entry
from digest.reasons import reason
from digest.words import and_others, counts, shorten, snippet, span
from subscriptions.mail import LetterRefused
from subscriptions.models import Subscriber

LETTER = "digest"
LEAD = 60
"""Characters of the first title that the subject shows."""
INTRO, NOTE, AUTHORS = 2_000, 1_000, 300
"""Characters beyond which these are cut: an editor or a paper may bring any number."""


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
