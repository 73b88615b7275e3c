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
from functools import lru_cache
from textwrap import wrap

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.translation import get_language

from digest import letter
from digest.letter import Digest, Shown
from digest.reasons import reason
from digest.words import shorten, span
from subscriptions.mail import MAX_HTML, MAX_SUBJECT, LetterRefused, house_values, subject_of, tidy
from subscriptions.mjml import compile_mjml
from subscriptions.pieces import Piece, size_of, split

CARDS = 4_096
"""Cards that are kept, of some 15 KB each: the papers of a month in two languages."""
LEAD = 60
"""Characters of the first title that the subject shows."""
WIDTH = 76
"""Characters of a line of the text part."""

# Nobody who writes what a letter shows can know them: they are drawn anew in each process.
_CHANCE = secrets.token_hex(8)
SLOTS = {
    name: f"slot-{_CHANCE}-{name}-"
    for name in (
        "preheader",
        "heading",
        "cards",
        "rest",
        "restUrl",
        "why",
        "reason",
        "feedbackUrl",
        "webUrl",
        "unsubscribeUrl",
    )
}
_NAMES = {mark: name for name, mark in SLOTS.items()}
_CUT = f"cut-{_CHANCE}-"

Part = tuple[Piece | str, ...]
"""Pieces, and the names of the slots between them."""
Both = tuple[Piece, Piece]
"""Something said, as HTML and as text."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A part of the letter in both its forms."""

    html: Part
    text: Part


@dataclass(frozen=True, slots=True)
class Pages:
    """A whole digest in both its forms, with its subject."""

    subject: str
    html: list[Piece]
    text: list[Piece]


@dataclass(frozen=True, slots=True)
class Links:
    """Where one person's own pages are; `web` is this very digest in the browser."""

    unsubscribe: str
    feedback: str
    web: str


def print_digest(digest: Digest, links: Links, *, last_subject: str = "") -> Pages:
    """A digest in the language that is active, under `MAX_HTML`: papers that have no room are left out.

    Raises:
        LetterRefused: a single paper has no room.
    """
    language = get_language() or settings.LANGUAGE_CODE
    while True:
        pages = _joined(digest, links, language, last_subject)
        if size_of(pages.html) <= MAX_HTML:
            return pages
        if len(digest) <= 1:
            raise LetterRefused("the letter is too large even with a single paper")
        digest = digest.shortened()


def _joined(digest: Digest, links: Links, language: str, last_subject: str) -> Pages:
    cards = _cards_of(digest, links, language)
    values = _said(digest, links, language)
    house = tuple(house_values().items())
    frame = _frame(
        digest.edition.date, digest.edition.intro, digest.days, digest.nothing_matched, language, house
    )
    pages = Pages(_subject(digest, language, last_subject), [], [])
    for form, (part, inner, out) in enumerate(
        ((frame.html, cards.html, pages.html), (frame.text, cards.text, pages.text))
    ):
        for piece in part:
            if not isinstance(piece, str):
                out.append(piece)
            elif piece == "cards":
                out.extend(inner)
            else:
                out.append(values[piece][form])
    return pages


def _cards_of(digest: Digest, links: Links, language: str) -> Pages:
    cards = Pages("", [], [])
    html, text = cards.html, cards.text
    feedback = _both(links.feedback)
    site, number = settings.SITE_URL, 0
    for template, papers in (("card", digest.papers), ("related", digest.related)):
        if template == "related" and papers:
            also = _also(language)
            html += [piece for piece in also.html if not isinstance(piece, str)]
            text += [piece for piece in also.text if not isinstance(piece, str)]
        for shown, pick in papers:
            number += 1
            values = {
                "reason": _reason(marshal.dumps(pick, 2), shown.told, language),
                "feedbackUrl": feedback,
            }
            card = _card(shown, template, language, site)
            html += [values[piece][0] if type(piece) is str else piece for piece in card.html]  # type: ignore[misc]
            text.append(_number(number))
            text += [values[piece][1] if type(piece) is str else piece for piece in card.text]  # type: ignore[misc]
    return cards


def _said(digest: Digest, links: Links, language: str) -> dict[str, Both]:
    """What the frame says to one person."""
    everything = (*digest.papers, *digest.related)
    titles = [shown.title for shown, _ in everything[1:3]]
    first, pick = everything[0]
    why = letter.why(digest.keywords)
    return {
        "preheader": _both(letter.preheader(titles) if titles else reason(pick, first.breakdown)),
        "heading": _phrase("heading", len(digest), language),
        "rest": _phrase("rest", digest.left_out, language),
        "restUrl": _both(
            links.web if digest.left_out else settings.SITE_URL + digest.edition.get_absolute_url()
        ),
        "why": (Piece.of(escape(why)), Piece.of(_wrapped(why))),
        "webUrl": _both(links.web),
        "unsubscribeUrl": _both(links.unsubscribe),
    }


def _subject(digest: Digest, language: str, last: str) -> str:
    """The lead paper and the count; another paper leads where that would be the last subject again."""
    subject = ""
    for shown, _ in (*digest.papers, *digest.related):
        subject = _subject_line(shown.title, len(digest) - 1, language)
        if subject != last:
            return subject
    return f"{subject[: MAX_SUBJECT - 40]} ({span(digest.days[1], digest.days[1])})"


def _both(said: str) -> Both:
    return Piece.of(escape(said)), Piece.of(said)


# --- Printed once ---------------------------------------------------------------------------

_kept: OrderedDict[Hashable, Printed] = OrderedDict()


def _card(shown: Shown, template: str, language: str, site: str) -> Printed:
    """A paper in the language that is active."""
    key = (shown.key, template, language, site)
    card = _kept.get(key)
    if card is None:
        values = {"card": letter.card(shown), "lang": _lang(shown.title, language)}
        card = _kept[key] = _printed(template, values)
        while len(_kept) > CARDS:
            _kept.popitem(last=False)
    return card


@lru_cache(maxsize=64)
def _also(language: str) -> Printed:
    return _printed("also", {})


@lru_cache(maxsize=64)
def _frame(
    day: date,
    intro: str,
    days: tuple[date, date],
    nothing_matched: bool,
    language: str,
    house: tuple[tuple[str, object], ...],
) -> Printed:
    """All but the cards."""
    return _printed(
        "body",
        dict(house)
        | {
            "dates": span(*days),
            "intro": shorten(intro, letter.INTRO),
            "nothing_matched": nothing_matched,
        },
    )


def _printed(template: str, values: Mapping[str, object]) -> Printed:
    context = {**values, "slot": SLOTS, "cut": _CUT}
    html = compile_mjml(render_to_string(f"emails/digest/{template}.mjml", context))
    text = tidy(render_to_string(f"emails/digest/{template}.txt", context))
    if template != "body":
        _, html, _ = html.split(_CUT)
    return Printed(_split(html), _split(text))


def _split(text: str) -> Part:
    return tuple(_NAMES[part] if isinstance(part, str) else part for part in split(text, list(_NAMES)))


@lru_cache(maxsize=4_096)
def _phrase(name: str, number: int, language: str) -> Both:
    return _both({"heading": letter.heading, "rest": letter.rest}[name](number))


@lru_cache(maxsize=4_096)
def _subject_line(title: str, more: int, language: str) -> str:
    return subject_of(letter.LETTER, {"lead": shorten(title, LEAD), "more": more})


@lru_cache(maxsize=16_384)
def _reason(pick: bytes, breakdown: bytes, language: str) -> Both:
    # What was dumped a moment ago, and nobody else's: as keys, because dictionaries can be none.
    said = reason(marshal.loads(pick), marshal.loads(breakdown))  # noqa: S302
    return Piece.of(escape(said)), Piece.of(_wrapped(f"[{said}]"))


@lru_cache(maxsize=256)
def _number(number: int) -> Piece:
    return Piece.of(f"\n\n{number}. ")


def _lang(title: str, language: str) -> str | None:
    """Of a title in a letter of another language: most papers are in English; of others nobody told us."""
    if language.startswith("en"):
        return None
    return "en" if title.isascii() else ""


def _wrapped(text: str) -> str:
    return "\n".join(wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False))
