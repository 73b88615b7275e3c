"""Letters of many kinds, each sent by the code that sends all letters, and what must be true of it."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import transaction
from django.test.utils import override_settings

from digest import delivery
from digest.models import Delivery
from subscriptions import lifecycle, notices
from subscriptions.keywords import parse_keywords
from subscriptions.models import Notice
from tests.digest.conftest import make_delivery
from tests.digest.letters.handed import Handed
from tests.digest.letters.providers import End
from tests.factories import make_edition, make_paper, make_subscriber
from tests.subscriptions.owed import owe

SITE = "https://papers.example.org"
HOUSE = {
    "SITE_URL": SITE,
    "SITE_NAME": "Paper Round",
    "LIST_ID": "daily.papers.example.org",
    "POSTAL_ADDRESS": "1 Long Lane, Town",
}
ADDRESS = "papers@papers.example.org"


@dataclass(frozen=True)
class Case:
    """A digest: the title of its first paper, what else that has, who sends it, and who reads it."""

    title: str = "Retrieval of old papers with graphs"
    paper: dict[str, Any] = field(default_factory=dict)
    sender: str = f"Paper Round <{ADDRESS}>"
    name: str = "Paper Round"
    sender_address: str = ADDRESS
    reader: str = "ada@example.org"
    language: str = "en"


DIGESTS = {
    "ordinary": Case(),
    "in German": Case(language="de"),
    "3000 characters": Case("endless words about graphs " * 111),
    "3000 without a blank": Case("x" * 3_000),
    "emoji": Case("🧠👩‍👩‍👧‍👦 Brains 🇪🇺 and 𝒜" * 3),
    "CJK": Case("大規模言語モデルの検索" * 20),
    "combining marks": Case("Schro\u0308dinger’s n\u0303andu\u0301 " * 12),
    "right to left": Case("שלום עולם: על רשתות עמוקות والتعلم العميق"),
    "breaking the subject": Case("a\r\nBcc: v@example.com\r\n\r\nb"),
    "forging an encoded word": Case("=?utf-8?q?Bcc=3A_v=40example=2Ecom?= and graphs"),
    "an address of 800": Case(paper={"code_url": "https://example.org/" + "a1-_" * 195}),
    "Widgets, Inc.": Case(sender=f'"Widgets, Inc." <{ADDRESS}>', name="Widgets, Inc."),
    "A (B)": Case(sender=f'"A (B)" <{ADDRESS}>', name="A (B)"),
    "Ünï, Ç": Case(sender=f'"Ünï, Ç" <{ADDRESS}>', name="Ünï, Ç"),
    "Müller, A. (Ed.)": Case(sender=f'"Müller, A. (Ed.)" <{ADDRESS}>', name="Müller, A. (Ed.)"),
    "a long name": Case(sender=f"{'論文 Papers ' * 8}<{ADDRESS}>", name=("論文 Papers " * 8).strip()),
    "sent from an IDN": Case(
        sender="Papers <papers@bücher.example>", name="Papers", sender_address="papers@xn--bcher-kva.example"
    ),
    "an IDN's reader": Case(reader="Ada.B+papers@Bücher.example"),
}


@dataclass(frozen=True)
class Letter:
    """A letter as it was handed over, and what was meant to be."""

    name: str
    handed: Handed
    case: Case
    row: Delivery | Notice
    to: str
    title: str = ""
    """Of the first paper; none for a transactional letter."""

    @property
    def public_id(self) -> uuid.UUID:
        return self.row.public_id

    @property
    def is_digest(self) -> bool:
        return isinstance(self.row, Delivery)


@cache
def sent_by(way: str) -> tuple[Letter, ...]:
    """Every letter, sent this way once; nothing of it stays in the database."""
    with End().listening() as end, override_settings(**HOUSE), end.settings(way):
        letters = [_digest(name, case, end) for name, case in DIGESTS.items()]
        letters += [_notice(letter, end) for letter in Notice.Letter]
    return tuple(letters)


def _digest(name: str, case: Case, end: End) -> Letter:
    with _undone(), override_settings(DEFAULT_FROM_EMAIL=case.sender):
        row = planned(case)
        delivery.deliver([row.pk])
        return _letter(name, row, case, end, title=case.title)


def planned(case: Case) -> Delivery:
    """Its row, with three papers."""
    papers = [
        make_paper(case.title, upvotes=41, **case.paper),
        make_paper("Trees and forests of decisions", upvotes=7, pdf_url="https://example.org/pdf/1?a=1&b=2"),
        make_paper("Soup", abstract=case.title * 3, project_url="https://example.org/~soup_1/(x)"),
    ]
    edition = make_edition(*papers)
    edition.intro = "Good morning, readers."
    edition.save()
    edition.entries.filter(paper=papers[1]).update(note="An editor’s favourite.")
    reader = make_subscriber(case.reader, keywords="graphs, decision trees", language=case.language)
    return make_delivery(reader, edition, *papers, terms=[("graphs", "title")], left_out=7)


def _notice(letter: str, end: End) -> Letter:
    with _undone(), override_settings(DEFAULT_FROM_EMAIL=Case.sender):
        row = owe("ada@example.org", letter)
        lifecycle.set_keywords(row.subscriber, parse_keywords("graphs, -survey"))
        notices.send_notices([row.pk])
        return _letter(letter, row, Case(), end)


def _letter(name: str, row: Delivery | Notice, case: Case, end: End, title: str = "") -> Letter:
    row.refresh_from_db()
    assert (row.state, row.reason) == ("accepted", ""), (name, row.state, row.reason)
    assert row.subscriber is not None
    to = row.to if isinstance(row, Notice) else row.subscriber.email
    [handed] = end.taken()
    return Letter(name=name, handed=handed, case=case, row=row, to=to, title=title)


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
