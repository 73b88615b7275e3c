"""From a delivery to what its letter shows."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from digest.models import Delivery, Edition, Entry
from digest.reasons import counted
from digest.words import and_others, number, shorten, snippet
from subscriptions.mail import one_line
from subscriptions.models import Keyword, Subscriber

LETTER = "digest"
INTRO, NOTE, AUTHORS, TITLE = 2_000, 1_000, 300, 300
"""Characters beyond which these are cut: an editor or a paper may bring any number."""
TERMS = 500
"""Characters of somebody's keywords that the foot of the letter repeats."""
PREHEADER_FROM, PREHEADER = 40, 110
"""Characters an inbox shows behind the subject: with fewer it goes on to what stands below."""


class NothingLeft(Exception):
    """Every pick was withdrawn or hidden between planning and sending."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A paper as letters show it, the same for all readers. `key` differs where anything does that a card
    shows.
    """

    id: int
    public_id: str
    title: str
    authors: tuple[str, ...]
    text: str
    note: str
    links: tuple[tuple[str, str], ...]
    breakdown: dict[str, Any]
    key: bytes


@dataclass(frozen=True, slots=True)
class Card:
    """One paper in the words of a language, but for what is said to one reader."""

    title: str
    url: str
    authors: str
    snippet: str
    counts: str
    note: str
    links: tuple[tuple[str, str], ...]
    more: str
    less: str
    """What the address of somebody's opinions is followed by."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What one person's letter shows: papers with the picks that name their reasons, the best first;
    `related` are those near their keywords, in a list of their own; `rest`, on the web, what else matched.
    """

    edition: Edition
    days: tuple[date, date]
    papers: tuple[tuple[Shown, dict[str, Any]], ...]
    related: tuple[tuple[Shown, dict[str, Any]], ...]
    left_out: int
    keywords: tuple[str, ...]
    nothing_matched: bool
    rest: tuple[tuple[Shown, dict[str, Any]], ...] = ()

    def __len__(self) -> int:
        return len(self.papers) + len(self.related)

    def shortened(self) -> "Digest":
        """The same with a fifth of its papers left out, the last ones; one paper stays."""
        everything = [*self.papers, *self.related]
        keep = max(1, len(everything) * 4 // 5)
        return replace(
            self,
            papers=self.papers[:keep],
            related=self.related[: max(0, keep - len(self.papers))],
            left_out=self.left_out + len(everything) - keep,
        )


def digest_of(delivery: Delivery, subscriber: Subscriber) -> Digest:
    """What a delivery shows now.

    Raises:
        NothingLeft: no pick may be shown any more.
    """
    shown = read_shown(pick["paper"] for pick in delivery.picks)
    picks = [(shown[pick["paper"]], pick) for pick in delivery.picks if pick["paper"] in shown]
    if not picks:
        raise NothingLeft
    keywords = [k.text for k in subscriber.keywords.all() if k.stance == Keyword.Stance.FOLLOW]
    exact = tuple(pair for pair in picks if not pair[1].get("related") or pair[1].get("pinned"))
    related = tuple(pair for pair in picks if pair not in exact)
    return Digest(
        edition=delivery.edition,
        days=_days(delivery),
        papers=exact or related,
        related=related if exact else (),
        left_out=delivery.left_out,
        keywords=tuple(keywords),
        # As it was when they were chosen: keywords may have changed since.
        nothing_matched=all(pick.get("outside") and not pick.get("related") for _, pick in picks),
    )


def read_shown(papers: Iterable[int]) -> dict[int, Shown]:
    """Those of the papers that may be shown, by key; one query."""
    rows = Entry.objects.shown().filter(paper__in=list(papers)).values_list(*COLUMNS)
    return {row[0]: _shown(*row) for row in rows}


COLUMNS = (
    "paper_id",
    "paper__public_id",
    "paper__title",
    "paper__authors",
    "paper__tldr",
    "paper__abstract",
    "note",
    "breakdown",
    "paper__url",
    "paper__pdf_url",
    "paper__code_url",
    "paper__project_url",
)


def _shown(  # noqa: PLR0913, PLR0917  (a row of the table)
    paper: int,
    public_id: str,
    title: str,
    authors: list[str],
    tldr: str,
    abstract: str,
    note: str,
    breakdown: dict[str, Any],
    *links: str,
) -> Shown:
    # Without what nobody counted, or nobody did: that is no reason.
    told = {
        kind: {name: value for name, value in (breakdown.get(kind) or {}).items() if value}
        for kind in ("counts", "gained")
    }
    facts = (public_id, title, authors, tldr or abstract, note, links, told)
    return Shown(
        id=paper,
        public_id=public_id,
        title=words_of(title) or public_id,
        authors=tuple(filter(None, map(words_of, authors))),
        text=words_of(tldr or abstract),
        note=words_of(note),
        links=tuple(zip(LINKS, links, strict=True)),
        breakdown=told,
        key=hashlib.blake2b(repr(facts).encode("utf-8", "replace"), digest_size=12).digest(),
    )


LINKS = ("page", "pdf", "code", "project")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\\s]*")
# Signs that turn the direction of whatever follows, and those that end it.
_OPENING, _ISOLATING = "\u202a\u202b\u202d\u202e", "\u2066\u2067\u2068"
_ENDED_BY = dict.fromkeys(_OPENING, "\u202c") | dict.fromkeys(_ISOLATING, "\u2069")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def words_of(text: str) -> str:
    """A text as words on one line: a break in it could pass for one of the letter's own. '' where there is
    nothing to be seen.
    """
    line = one_line(text)
    return "" if _UNSEEN.fullmatch(line) else closed(line)


def closed(text: str) -> str:
    """A text that turns no direction but its own."""
    ends: list[str] = []
    for sign in _TURNS.findall(text):
        if ends and sign == ends[-1]:
            ends.pop()
        elif sign in _ENDED_BY:
            ends.append(_ENDED_BY[sign])
    return text + "".join(reversed(ends))


def card(shown: Shown) -> Card:
    """A paper in the language that is active."""
    labels = {
        "page": gettext("Paper"),
        "pdf": gettext("PDF"),
        "code": gettext("Code"),
        "project": gettext("Project"),
    }
    asked = f"?paper={quote(shown.public_id, safe='')}&say="
    return Card(
        title=closed(shorten(shown.title, TITLE)),
        url=f"{settings.SITE_URL}{reverse('site:paper', args=[shown.public_id])}",
        authors=closed(shorten(and_others(shown.authors), AUTHORS)),
        snippet=closed(snippet(shown.text)),
        counts=counted(shown.breakdown),
        note=closed(shorten(shown.note, NOTE)),
        links=tuple((labels[kind], url) for kind, url in shown.links if url),
        more=f"{asked}more",
        less=f"{asked}less",
    )


# --- Words to one reader --------------------------------------------------------------------


def heading(papers: int) -> str:
    return ngettext("%(number)s paper for you", "%(number)s papers for you", papers) % {
        "number": number(papers)
    }


def title_of(papers: str) -> str:
    """What stands above a list of papers below the cards."""
    return gettext("Related to your keywords") if papers == "related" else gettext("More that matched")


def rest(left_out: int) -> str:
    """What leads to the web."""
    phrase = ngettext(
        "%(number)s more matched: see it on the web", "%(number)s more matched: see them on the web", left_out
    )
    return phrase % {"number": number(left_out)}


def why(keywords: Sequence[str], phrase: str | None = None) -> str:
    """Why anybody gets this."""
    if not keywords:
        return gettext("You get this because you subscribed.")
    return (phrase or subscribed_to()) % {"terms": shorten(", ".join(keywords), TERMS)}


def subscribed_to() -> str:
    return gettext("You get this because you subscribed to %(terms)s.")


def preheader(others: Sequence[str], *, reason: str, text: str, phrase: str | None = None) -> str:
    """What an inbox shows behind the subject: the titles of the other papers, at least two where there are;
    of a single paper why it is there. Where that is short, what the first paper says fills the line.
    """
    line = reason
    for named in range(2, len(others) + 2) if others else ():
        if named == 2 or len(line) < PREHEADER_FROM:
            line = (phrase or also()) % {"titles": "; ".join(others[:named])}
    if len(line) < PREHEADER_FROM and text:
        line = f"{line.removesuffix('.')}. {text}"
    return closed(shorten(line.replace("://", " "), PREHEADER))  # an inbox would make a link of it


def also() -> str:
    return gettext("Also: %(titles)s")


def _days(delivery: Delivery) -> tuple[date, date]:
    """The first and the last day whose edition it draws on."""
    if len(delivery.editions) <= 1:
        return delivery.edition.date, delivery.edition.date
    days = sorted(Edition.objects.filter(pk__in=delivery.editions).values_list("date", flat=True))
    return (days[0], days[-1]) if days else (delivery.edition.date, delivery.edition.date)
