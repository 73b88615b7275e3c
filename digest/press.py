"""Prints digests: what is the same for many readers is made once, a digest is joined from it.

A *frame* is printed once per edition and language, a *card* once per paper and language, a phrase once per
language (`printed.py`); they are kept encoded as they go over the wire, so a digest costs the joining.
"""

from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import get_language

from digest import letter, printed
from digest.letter import Digest
from digest.reasons import reason
from digest.words import shorten, span
from subscriptions.mail import MAX_HTML, MAX_SUBJECT, LetterRefused
from subscriptions.pieces import NOTHING, Body, Piece


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
    language = get_language() or settings.LANGUAGE_CODE
    return _joined(digest, links, language, "", on_the_web=True).html.text


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


def _joined(
    digest: Digest, links: Links, language: str, last_subject: str, *, on_the_web: bool = False
) -> Pages:
    edition = digest.edition
    frame = printed.frame(
        edition.date,
        edition.intro,
        digest.days,
        printed.Variant(digest.nothing_matched, bool(digest.left_out), on_the_web),
        language,
        printed.house(),
    )
    said = _said(digest, links, language)
    html, text = frame.html[0].filled(said, printed.HTML), frame.text[0].filled(said, printed.TEXT)
    _add_cards(digest, links, language, html, text)
    html += frame.html[1].filled(said, printed.HTML)
    text += frame.text[1].filled(said, printed.TEXT)
    return Pages(_subject(digest, language, last_subject), Body(html), Body(text))


def _add_cards(digest: Digest, links: Links, language: str, html: list[Piece], text: list[Piece]) -> None:
    site, (link, plain_link) = printed.site_url(), printed.both(links.feedback)
    for number, (shown, pick) in enumerate(digest.papers, start=1):
        (a, b, c, d), (e, f, g, h) = printed.card(shown, "card", language, site)
        why, plain_why = printed.why_here(pick, bool(shown.breakdown["counts"]), language)
        html += (a, why, b, link, c, link, d)
        text += (printed.number(number), e, plain_why, f, plain_link, g, plain_link, h)
    number = len(digest.papers)
    for title, papers in (("related", digest.related), ("rest", digest.rest)):
        if papers:
            heading, plain_heading = printed.also(title, language)
            html.append(heading)
            text.append(plain_heading)
        for shown, pick in papers:
            number += 1
            (a, b), (c, d) = printed.card(shown, "compact", language, site)
            why, plain_why = printed.why_here(pick, bool(shown.breakdown["counts"]), language)
            html += (a, why, b)
            text += (printed.number(number), c, plain_why, d)


def _said(digest: Digest, links: Links, language: str) -> dict[str, printed.Both]:
    """What the frame says to one person."""
    everything = (*digest.papers, *digest.related)
    first, pick = everything[0]
    others = [shown.title for shown, _ in everything[1:7]]
    preheader = letter.preheader(
        others,
        reason="" if others else reason(pick, first.breakdown),
        text=first.text,
        phrase=printed.also_phrase(language),
    )
    why = letter.why(digest.keywords, printed.why_phrase(language))
    return {
        "preheader": (Piece.of(printed.as_html(preheader)), NOTHING),
        "heading": printed.phrase("heading", len(digest), language),
        "rest": printed.phrase("rest", digest.left_out, language),
        "why": (Piece.of(printed.as_html(why)), Piece.of(printed.wrapped(why))),
        "webUrl": printed.both(links.web),
        "unsubscribeUrl": printed.both(links.unsubscribe),
    }


def _subject(digest: Digest, language: str, last: str) -> str:
    """The lead paper and the count; another paper leads where that would be the last subject again."""
    subject = ""
    for shown, _ in (*digest.papers, *digest.related):
        subject = printed.subject_line(
            letter.closed(shorten(shown.title, printed.LEAD)), len(digest) - 1, language
        )
        if subject and subject != last:
            return subject
    return f"{subject[: MAX_SUBJECT - 40]} ({span(digest.days[1], digest.days[1])})".strip()
