"""What is printed once for many: frames, cards and phrases.

Each from its template in `templates/emails/digest/`, as HTML by way of MJML and as text, kept encoded as
it goes over the wire. What is one person's stands in slots.
"""

import marshal
import re
import secrets
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from html import escape
from typing import Any, NamedTuple

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.template.loader import render_to_string
from django.urls import reverse

from digest import letter
from digest.letter import Shown
from digest.reasons import without_counts
from digest.words import day as day_in_words
from digest.words import shorten, span
from subscriptions.mail import house_values, subject_of, tidy
from subscriptions.mjml import MjmlError, compile_mjml, without_controls
from subscriptions.pieces import NOTHING, Piece, ascii_html, split

ROOM = 64_000_000
"""Bytes of cards that are kept, of some 10 KB each: the papers of a month in two languages."""
LEAD = 60
"""Characters of the first title that the subject shows."""
WIDTH = 76
"""Characters of a line of the text part."""

# Nobody who writes what a letter shows can know them: they are drawn anew in each process.
CHANCE = secrets.token_hex(8)
SLOTS = {
    name: f"slot-{CHANCE}-{name}-"
    for name in ("preheader", "heading", "rest", "why", "webUrl", "unsubscribeUrl", "reason", "feedbackUrl")
}
IN_FRAME = {name: mark for name, mark in SLOTS.items() if name not in {"reason", "feedbackUrl"}}
_NAMES = {mark: name for name, mark in IN_FRAME.items()}
OPINIONS = {"card": 2, "compact": 0}
"""How often the address of opinions stands in a card."""
_CUT = f"cut-{CHANCE}-"

Both = tuple[Piece, Piece]
"""Something said, as HTML and as text."""
HTML, TEXT = 0, 1


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the letter in one of its forms: pieces, some of which are slots: their places and names."""

    pieces: tuple[Piece, ...]
    slots: tuple[tuple[int, str], ...]

    def filled(self, said: Mapping[str, Both], form: int) -> list[Piece]:
        pieces = list(self.pieces)
        for place, name in self.slots:
            pieces[place] = said[name][form]
        return pieces


@dataclass(frozen=True, slots=True)
class Frame:
    """All but the cards, as HTML and as text: what stands above them, and what below."""

    html: tuple[Part, Part]
    text: tuple[Part, Part]


_PLAIN = re.compile(r"[A-Za-z0-9_.:/~%-]*")

Card = tuple[tuple[Piece, ...], tuple[Piece, ...]]
"""A paper as HTML and as text, each cut where something is said to its reader: the reason first, then the
address of their opinions, as often as it stands there.
"""


def both(said: str) -> Both:
    plain = Piece.of(said)
    if _PLAIN.fullmatch(said):  # as our own addresses are
        return plain, plain
    return Piece.of(as_html(said)), plain


def as_html(said: str) -> str:
    return ascii_html(escape(without_controls(said)))


@cache
def house() -> tuple[tuple[str, object], ...]:
    """What the frame says of the house, so that none of another's is taken for it."""
    return tuple(house_values().items())


@cache
def site_url() -> str:
    return str(settings.SITE_URL)


@receiver(setting_changed)
def _forget_the_house(**_kwargs: object) -> None:
    """Asking for a setting takes a microsecond; they change in tests alone."""
    house.cache_clear()
    site_url.cache_clear()


class _Kept(OrderedDict[Hashable, Card]):
    """The cards printed last, of `ROOM` bytes."""

    size = 0

    def keep(self, key: Hashable, card: Card) -> None:
        self[key] = card
        self.size += _size(card)
        while self.size > ROOM and len(self) > 1:
            self.size -= _size(self.popitem(last=False)[1])


def _size(card: Card) -> int:
    """As text and as it goes over the wire."""
    return sum(len(piece.wire) + piece.size for form in card for piece in form)


kept = _Kept()


def card(shown: Shown, template: str, language: str, site: str) -> Card:
    """A paper in the language that is active."""
    key = (shown.key, template, language, site)
    card = kept.get(key)
    if card is not None:
        kept.move_to_end(key)
    else:
        values = {"card": letter.card(shown), "lang": _lang(shown.title, language)}
        html, text = _rendered(template, values)
        card = _cut_up(template, html), _cut_up(template, text)
        kept.keep(key, card)
    return card


def _cut_up(template: str, text: str) -> tuple[Piece, ...]:
    before, found, after = text.partition(SLOTS["reason"])
    parts = (before, *after.split(SLOTS["feedbackUrl"]))
    if not found or len(parts) != OPINIONS[template] + 2 or any(map(_is_marked, parts)):
        raise MjmlError(f"{template}: its slots are the reason, then {OPINIONS[template]} times feedbackUrl")
    return tuple(map(Piece.of, parts))


def _is_marked(text: str) -> bool:
    """Whether a slot is left that nobody fills, in letters of any case."""
    return CHANCE in text.lower()


@lru_cache(maxsize=64)
def also(papers: str, language: str) -> Both:
    """The heading of a list below the cards."""
    html, text = _rendered("also", {"title": letter.title_of(papers)})
    return Piece.of(html), Piece.of(f"\n{text}")


class Variant(NamedTuple):
    """What a frame says beside its days, the same for many."""

    nothing_matched: bool
    leads_to_its_page: bool
    """Where there is more of it than the letter holds; else to the edition."""
    on_the_web: bool


@lru_cache(maxsize=512)  # the spans of two weeks, in some variants and languages
def frame(
    day: date,
    intro: str,
    days: tuple[date, date],
    variant: "Variant",
    language: str,
    house: tuple[tuple[str, object], ...],
) -> Frame:
    values = dict(house) | {
        "dates": span(*days),
        "intro": shorten(intro, letter.INTRO),
        "nothing_matched": variant.nothing_matched,
        "on_the_web": variant.on_the_web,
        "edition_day": "" if days[0] == days[1] else day_in_words(day),
        "edition_url": ""
        if variant.leads_to_its_page
        else settings.SITE_URL + reverse("site:day", args=[day]),
    }
    html, text = _rendered("body", values)
    (html_head, html_foot), (text_head, text_foot) = _around_cards(html), _around_cards(text)
    return Frame(
        html=(_part(html_head), _part(html_foot)),
        text=(_part(text_head.rstrip("\n") + "\n"), _part("\n" + text_foot)),
    )


def _around_cards(text: str) -> list[str]:
    """The frame above and below the place of the cards.

    Raises:
        MjmlError: something is missing that nobody's letter may lack.
    """
    parts = text.split(_CUT)
    missing = [name for name in ("heading", "why", "unsubscribeUrl") if SLOTS[name] not in text]
    if missing or len(parts) != 2:
        raise MjmlError(f"body: {', '.join(missing) or 'cut'} must stand there")
    return parts


def _rendered(template: str, values: Mapping[str, object]) -> tuple[str, str]:
    """As HTML and as text; of a part that stands within the frame, that part."""
    context = {**values, "slot": SLOTS, "cut": _CUT}
    html = ascii_html(compile_mjml(render_to_string(f"emails/digest/{template}.mjml", context)))
    text = tidy(render_to_string(f"emails/digest/{template}.txt", context))
    if template != "body":
        if html.count(_CUT) != 2:
            raise MjmlError(f"{template}: it must extend emails/_part.mjml")
        html = html.split(_CUT)[1]
    return html, text


def _part(text: str) -> Part:
    parts = split(text, [*IN_FRAME.values()])
    if any(isinstance(one, Piece) and _is_marked(one.text) for one in parts):
        raise MjmlError(f"body: it has no slots but {', '.join(IN_FRAME)}")
    slots = tuple((place, _NAMES[one]) for place, one in enumerate(parts) if isinstance(one, str))
    return Part(tuple(NOTHING if isinstance(one, str) else one for one in parts), slots)


@lru_cache(maxsize=4_096)
def phrase(name: str, number: int, language: str) -> Both:
    return both({"heading": letter.heading, "rest": letter.rest}[name](number))


@lru_cache(maxsize=64)
def also_phrase(language: str) -> str:
    return letter.also()


@lru_cache(maxsize=64)
def why_phrase(language: str) -> str:
    return letter.subscribed_to()


@lru_cache(maxsize=4_096)
def subject_line(lead: str, more: int, language: str) -> str:
    return subject_of(letter.LETTER, {"lead": lead, "more": more})


def why_here(pick: dict[str, Any], has_counts: bool, language: str) -> Both:
    """The reason of a pick. Many papers have the same."""
    terms = marshal.dumps(pick["terms"], 2)  # a list can be no key
    return _reason(terms, *map(pick.get, FLAGS), has_counts, language)


FLAGS = ("pinned", "outside", "related", "liked")
"""What a pick says beside its terms, or does not."""


@lru_cache(maxsize=16_384)
def _reason(terms: bytes, *told: Any) -> Both:
    *flags, has_counts, _language = told
    pick = {"terms": marshal.loads(terms), **dict(zip(FLAGS, flags, strict=True))}  # noqa: S302  (a moment old)
    said = without_counts(pick, has_counts=has_counts)
    return Piece.of(as_html(said)), Piece.of(wrapped(f"[{said}]"))


@lru_cache(maxsize=256)
def number(number: int) -> Piece:
    return Piece.of(f"\n{number}. ")


def _lang(title: str, language: str) -> str | None:
    """Of a title in a letter of another language: most papers are in English; of others nobody told us."""
    if language.startswith("en"):
        return None
    return "en" if title.isascii() else ""


def wrapped(text: str) -> str:
    """Lines of `WIDTH` at most, but for a single word. Ten times as quick as Python's, which knows more."""
    if len(text) <= WIDTH:
        return text
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + len(word) >= WIDTH:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])
