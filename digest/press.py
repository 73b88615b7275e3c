"""Prints digests: what is the same for many readers is made once, a digest is joined from it.

A *frame* is printed once per edition and language, a *card* once per paper and language, a phrase once per
language; each from its template in `templates/emails/digest/`, as HTML by way of MJML and as plain text.
They are kept encoded as they go over the wire, so a digest costs the joining. What is one person's stands in
slots.
"""

import marshal
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
from django.utils.translation import get_language

from digest import letter
from digest.letter import Digest, Shown
from digest.reasons import reason, without_counts
from digest.words import shorten, span
from subscriptions.mail import MAX_HTML, MAX_SUBJECT, LetterRefused, house_values, subject_of, tidy
from subscriptions.mjml import compile_mjml, without_controls
from subscriptions.pieces import NOTHING, Body, Piece, ascii_html, split

CARDS = 4_096
"""Cards that are kept, of some 15 KB each: the papers of a month in two languages."""
LEAD, SHORT = 60, 15
"""Characters of the first title that the subject shows; of a whole subject that wants a date beside it."""
WIDTH = 76
"""Characters of a line of the text part."""

# Nobody who writes what a letter shows can know them: they are drawn anew in each process.
_CHANCE = secrets.token_hex(8)
SLOTS = {
    name: f"slot-{_CHANCE}-{name}-"
    for name in ("preheader", "heading", "rest", "why", "webUrl", "unsubscribeUrl", "reason", "feedbackUrl")
}
_NAMES = {mark: name for name, mark in SLOTS.items()}
_CUT = f"cut-{_CHANCE}-"

Both = tuple[Piece, Piece]
"""Something said, as HTML and as text."""
HTML, TEXT = 0, 1


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the letter in one of its forms: pieces, with the names of slots between them."""

    pieces: tuple[Piece | str, ...]

    def filled(self, said: Mapping[str, Both], form: int) -> list[Piece]:
        return [said[piece][form] if isinstance(piece, str) else piece for piece in self.pieces]


@dataclass(frozen=True, slots=True)
class Frame:
    """All but the cards, as HTML and as text: what stands above them, and what below."""

    html: tuple[Part, Part]
    text: tuple[Part, Part]


Card = tuple[tuple[Piece, ...], tuple[Piece, ...]]
"""A paper as HTML and as text, each cut where something is said to its reader: the reason first, then the
address of their opinions, as often as it stands there.
"""


class Pages(NamedTuple):
    """A digest in both its forms, with its subject."""

    subject: str
    html: Body
    text: Body


@dataclass(frozen=True, slots=True)
class Links:
    """Where one person's own pages are; `web` is this very digest in the browser."""

    unsubscribe: str
    feedback: str
    web: str


def print_page(digest: Digest, links: Links) -> str:
    """A digest for a browser, in the language that is active, however long it is."""
    return _joined(digest, links, get_language() or settings.LANGUAGE_CODE, "").html.text


def print_digest(digest: Digest, links: Links, *, last_subject: str = "") -> Pages:
    """A digest in the language that is active, under `MAX_HTML`: papers that have no room are left out.

    Raises:
        LetterRefused: a single paper has no room.
    """
    language = get_language() or settings.LANGUAGE_CODE
    while True:
        pages = _joined(digest, links, language, last_subject)
        if pages.html.size <= MAX_HTML:
            return pages
        if len(digest) <= 1:
            raise LetterRefused("the letter is too large even with a single paper")
        digest = digest.shortened()


def _joined(digest: Digest, links: Links, language: str, last_subject: str) -> Pages:
    edition = digest.edition
    frame = _frame(
        edition.date,
        edition.intro,
        digest.days,
        digest.nothing_matched,
        bool(digest.left_out),
        language,
        _house(),
    )
    said = _said(digest, links, language)
    html, text = frame.html[0].filled(said, HTML), frame.text[0].filled(said, TEXT)
    _add_cards(digest, links, language, html, text)
    html += frame.html[1].filled(said, HTML)
    text += frame.text[1].filled(said, TEXT)
    return Pages(_subject(digest, language, last_subject), Body(html), Body(text))


def _add_cards(digest: Digest, links: Links, language: str, html: list[Piece], text: list[Piece]) -> None:
    site, feedback = _site(), _both(links.feedback)
    for number, (shown, pick) in enumerate(digest.papers, start=1):
        (a, b, c, d), (e, f, g, h) = _card(shown, "card", language, site)
        said = _why_here(pick, bool(shown.breakdown["counts"]), language)
        html += (a, said[HTML], b, feedback[HTML], c, feedback[HTML], d)
        text += (_number(number), e, said[TEXT], f, feedback[TEXT], g, feedback[TEXT], h)
    number = len(digest.papers)
    for title, papers in (("related", digest.related), ("rest", digest.rest)):
        if papers:
            also = _also(title, language)
            html.append(also[HTML])
            text.append(also[TEXT])
        for shown, pick in papers:
            number += 1
            (a, b), (c, d) = _card(shown, "compact", language, site)
            said = _why_here(pick, bool(shown.breakdown["counts"]), language)
            html += (a, said[HTML], b)
            text += (_number(number), c, said[TEXT], d)


def _said(digest: Digest, links: Links, language: str) -> dict[str, Both]:
    """What the frame says to one person."""
    everything = (*digest.papers, *digest.related)
    first, pick = everything[0]
    others = [shown.title for shown, _ in everything[1:7]]
    preheader = letter.preheader(
        others,
        reason="" if others else reason(pick, first.breakdown),
        text=first.text,
        phrase=_also_phrase(language),
    )
    why = letter.why(digest.keywords, _why_phrase(language))
    return {
        "preheader": (Piece.of(_html(preheader)), NOTHING),
        "heading": _phrase("heading", len(digest), language),
        "rest": _phrase("rest", digest.left_out, language),
        "why": (Piece.of(_html(why)), Piece.of(_wrapped(why))),
        "webUrl": _both(links.web),
        "unsubscribeUrl": _both(links.unsubscribe),
    }


def _subject(digest: Digest, language: str, last: str) -> str:
    """The lead paper and the count; another paper leads where that would be the last subject again."""
    subject = ""
    for shown, _ in (*digest.papers, *digest.related):
        subject = _subject_line(shown.title, len(digest) - 1, digest.days[1], language)
        if subject != last:
            return subject
    return f"{subject[: MAX_SUBJECT - 40]} ({span(digest.days[1], digest.days[1])})"


def _both(said: str) -> Both:
    plain, html = Piece.of(said), _html(said)
    return (plain if html == said else Piece.of(html)), plain


def _html(said: str) -> str:
    return ascii_html(escape(without_controls(said)))


@cache
def _house() -> tuple[tuple[str, object], ...]:
    """What the frame says of the house, so that none of another's is taken for it."""
    return tuple(house_values().items())


@cache
def _site() -> str:
    return str(settings.SITE_URL)


@receiver(setting_changed)
def _forget_the_house(**_kwargs: object) -> None:
    """Asking for a setting takes a microsecond; they change in tests alone."""
    _house.cache_clear()
    _site.cache_clear()


# --- Printed once ---------------------------------------------------------------------------

_kept: OrderedDict[Hashable, Card] = OrderedDict()


def _card(shown: Shown, template: str, language: str, site: str) -> Card:
    """A paper in the language that is active."""
    key = (shown.key, template, language, site)
    card = _kept.get(key)
    if card is None:
        values = {"card": letter.card(shown), "lang": _lang(shown.title, language)}
        html, text = _rendered(template, values)
        _, html, _ = html.split(_CUT)
        card = _kept[key] = _cut_up(html), _cut_up(text)
        while len(_kept) > CARDS:
            _kept.popitem(last=False)
    return card


def _cut_up(text: str) -> tuple[Piece, ...]:
    before, _, after = text.partition(SLOTS["reason"])
    return tuple(Piece.of(part) for part in (before, *after.split(SLOTS["feedbackUrl"])))


@lru_cache(maxsize=64)
def _also(papers: str, language: str) -> Both:
    """The heading of a list below the cards."""
    html, text = _rendered("also", {"title": letter.title_of(papers)})
    return Piece.of(html.split(_CUT)[1]), Piece.of(f"\n\n{text}")


@lru_cache(maxsize=64)
def _frame(
    day: date,
    intro: str,
    days: tuple[date, date],
    nothing_matched: bool,
    has_rest: bool,
    language: str,
    house: tuple[tuple[str, object], ...],
) -> Frame:
    values = dict(house) | {
        "dates": span(*days),
        "intro": shorten(intro, letter.INTRO),
        "nothing_matched": nothing_matched,
        "edition_url": "" if has_rest else settings.SITE_URL + reverse("site:day", args=[day]),
    }
    html, text = _rendered("body", values)
    (html_head, html_foot), (text_head, text_foot) = html.split(_CUT), text.split(_CUT)
    return Frame(
        html=(_part(html_head), _part(html_foot)),
        text=(_part(text_head.rstrip("\n") + "\n"), _part("\n" + text_foot)),
    )


def _rendered(template: str, values: Mapping[str, object]) -> tuple[str, str]:
    context = {**values, "slot": SLOTS, "cut": _CUT}
    return (
        ascii_html(compile_mjml(render_to_string(f"emails/digest/{template}.mjml", context))),
        tidy(render_to_string(f"emails/digest/{template}.txt", context)),
    )


def _part(text: str) -> Part:
    parts = split(text, list(_NAMES))
    return Part(tuple(_NAMES[one] if isinstance(one, str) else one for one in parts))


@lru_cache(maxsize=4_096)
def _phrase(name: str, number: int, language: str) -> Both:
    return _both({"heading": letter.heading, "rest": letter.rest}[name](number))


@lru_cache(maxsize=64)
def _also_phrase(language: str) -> str:
    return letter.also()


@lru_cache(maxsize=64)
def _why_phrase(language: str) -> str:
    return letter.subscribed_to()


@lru_cache(maxsize=4_096)
def _subject_line(title: str, more: int, day: date, language: str) -> str:
    """With the day where the title is too short to say anything."""
    said = subject_of(letter.LETTER, {"lead": shorten(title, LEAD), "more": more})
    return said if len(said) >= SHORT else f"{said} ({span(day, day)})"


def _why_here(pick: dict[str, Any], has_counts: bool, language: str) -> Both:
    """The reason of a pick. Many papers have the same."""
    why = {name: value for name, value in pick.items() if name != "paper"}
    return _reason(marshal.dumps(why, 2), has_counts, language)  # a dictionary can be no key


@lru_cache(maxsize=16_384)
def _reason(why: bytes, has_counts: bool, language: str) -> Both:
    said = without_counts(marshal.loads(why), has_counts=has_counts)  # noqa: S302  (of a moment ago)
    return Piece.of(_html(said)), Piece.of(_wrapped(f"[{said}]"))


@lru_cache(maxsize=256)
def _number(number: int) -> Piece:
    return Piece.of(f"\n\n{number}. ")


def _lang(title: str, language: str) -> str | None:
    """Of a title in a letter of another language: most papers are in English; of others nobody told us."""
    if language.startswith("en"):
        return None
    return "en" if title.isascii() else ""


def _wrapped(text: str) -> str:
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
