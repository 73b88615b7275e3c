"""Digests as values, printed without a database: what a table might hold at its worst."""

import uuid
from itertools import count
from typing import Any

from digest.letter import LINKS, Digest, Shown, _shown
from digest.models import Edition
from digest.press import Links, Pages, print_digest
from subscriptions.mail import list_headers
from subscriptions.message import Message
from tests.factories import DAY

_serial = count(1)
YOURS = Links(
    unsubscribe="https://papers.example.org/unsubscribe/token/",
    feedback="https://papers.example.org/feedback/token/",
    web="https://papers.example.org/digest/token/",
)
Told = tuple[Shown, dict[str, Any]]


def told(title: str, *, terms: tuple[str, ...] = (), **said: Any) -> Told:
    """A paper with the pick that names its reason."""
    links = said.pop("links", {})
    row: dict[str, Any] = {"authors": [], "tldr": "", "abstract": "", "note": "", "breakdown": {}} | said
    number = next(_serial)
    shown = _shown(
        number, f"2509.{number:05d}", title, *row.values(), *(links.get(kind, "") for kind in LINKS)
    )
    pick = {"paper": number, "terms": [[term, "title"] for term in terms], "pinned": False, "outside": False}
    return shown, pick


def digest(*papers: Told, **said: Any) -> Digest:
    edition = Edition(date=DAY, intro=said.pop("intro", ""))
    values: dict[str, Any] = {"related": (), "left_out": 0, "keywords": (), "nothing_matched": False}
    return Digest(edition=edition, days=(DAY, DAY), papers=papers, **values | said)


def printed(*papers: Told, **said: Any) -> Pages:
    return print_digest(digest(*papers, **said), YOURS)


def message_of(pages: Pages) -> Message:
    headers = list_headers(uuid.uuid4(), YOURS.unsubscribe, "20250926:digest:edition:paperround")
    return Message("ada@example.org", pages.subject, pages.text, pages.html, headers)
