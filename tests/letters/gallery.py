"""A gallery of letters as they leave: digests of all sizes and kinds, of real days and of hostile content;
and the transactional ones, in every language.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from digest import delivery, editions, ingest, outbox
from digest.models import Delivery, Edition
from digest.outbox import KeptMail
from digest.sources import SOURCES
from subscriptions.models import Notice, Subscriber
from subscriptions.models.subscriber import MAX_KEYWORDS
from tests.digest.conftest import make_delivery
from tests.factories import make_subscriber
from tests.letters.hostile import HOSTILE
from tests.subscriptions.letters import sent

FIRST_DAY = date(2023, 1, 2)
"""Invented editions have their dates from here on, before the first recorded one."""
TODAY = date(2025, 9, 27)
RECORDED = {
    "2024-05-27": "en",  # the first
    "2024-06-18": "de",  # titles with `<` or `&`
    "2024-07-03": "en",  # LaTeX in a title
    "2024-08-01": "de",  # 533 authors
    "2024-10-10": "en",  # 46 papers
    "2025-01-21": "de",  # one paper
    "2025-01-27": "en",  # 664 authors
    "2025-05-29": "de",
    "2025-06-18": "en",  # a title of 172 characters
    "2025-09-26": "de",  # the last, with code, projects and summaries
}
MOST = 20
"""Papers a person can ask for."""

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One letter of the gallery, as it left."""

    name: str
    language: str
    subject: str
    html: str
    text: str
    raw: bytes
    papers: int = 0

    @classmethod
    def of(cls, name: str, language: str, mail: KeptMail, *, papers: int = 0) -> "Case":
        return cls(
            name=f"{name} ({language})",
            language=language,
            subject=mail.subject,
            html=mail.html,
            text=mail.text,
            raw=mail.raw,
            papers=papers,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a digest is made of: records as a source tells them, and how they were picked."""

    records: Sequence[Record]
    source: str = "file"
    languages: Sequence[str] = ("en",)
    keywords: str = "retrieval, graph"
    pick: Record = field(default_factory=lambda: {"terms": [["retrieval", "title"]]})
    pinned: int = 0
    related: int = 0
    """How many of the last papers are only near to a keyword."""
    intro: str = ""
    note: str = ""
    left_out: int = 0
    editions: int = 1


_serial = count(1)
ABSTRACT = "We look at retrieval over graphs. It helps in nine of ten cases; the tenth we explain. " * 6


def records(number: int, **fields: Any) -> list[Record]:
    """So many papers with all that a source may tell, or with other `fields`."""
    return [record(**fields) for _ in range(number)]


def record(**fields: Any) -> Record:
    serial = next(_serial)
    full = {
        "title": f"Retrieval with graphs, part {serial}: what a small index can do for a large model",
        "abstract": ABSTRACT,
        "authors": ["Ada Lovelace", "Mary Somerville", "Emmy Noether", "Sofia Kovalevskaya", "Grace Hopper"],
        "arxiv_id": f"2301.{serial:05d}",
        "code": f"https://example.org/code/{serial}",
        "project": f"https://example.org/project/{serial}",
        "upvotes": 3 * serial,
        "comments": serial,
        "stars": 100 * serial,
    }
    return full | fields


BOTH = ("en", "de")
OUTSIDE: Record = {"terms": [], "outside": True}
MANY = ", ".join(f"keyword {n}" for n in range(MAX_KEYWORDS))
BARE: Record = {"abstract": "", "authors": [], "arxiv_id": "", "code": "", "project": ""}
UNSEEN: Record = {"upvotes": None, "comments": None, "stars": None}


def recipes() -> Iterator[tuple[str, Recipe]]:
    """All invented ones, with their names."""
    for number in (1, 5, 10, MOST):
        yield (
            f"{number} papers" if number > 1 else "one paper",
            Recipe(records=records(number), languages=BOTH),
        )
    yield "intro", Recipe(records=records(3), intro="Good morning. Three papers on one question today.")
    yield "note", Recipe(records=records(3), note="Read this one first; its appendix is the best part.")
    yield (
        "all an editor can do",
        Recipe(
            records=records(4), intro="Words. " * 400, note="More words. " * 120, pinned=2, languages=BOTH
        ),
    )
    yield "pinned", Recipe(records=records(3), pick=OUTSIDE, pinned=1, languages=BOTH)
    yield "many keywords", Recipe(records=records(2), keywords=MANY)
    yield "no keywords", Recipe(records=records(3), keywords="", pick={"terms": []}, languages=BOTH)
    yield "one left out", Recipe(records=records(3), left_out=1, languages=BOTH)
    yield "many left out", Recipe(records=records(3), left_out=12_345, languages=BOTH)
    yield "nothing matched", Recipe(records=records(3), pick=OUTSIDE, languages=BOTH)
    yield "nothing matched, nothing counted", Recipe(records=records(3, **UNSEEN), pick=OUTSIDE)
    yield (
        "related",
        Recipe(records=records(5), related=3, languages=BOTH),
    )
    yield "liked", Recipe(records=records(2), pick={"terms": [["graph", "abstract"]], "liked": True})
    yield (
        "found by other words",
        Recipe(records=records(2), pick={"terms": [["RAG", "title", "retrieval augmented generation"]]}),
    )
    yield "several days", Recipe(records=records(3), editions=3, languages=BOTH)
    yield "nothing but titles", Recipe(records=[record(title=f"Bare paper {n}", **BARE) for n in range(3)])
    yield "short and bare", Recipe(records=[record(title="On X", **BARE, **UNSEEN)], pick={"terms": []})
    for name, words in HOSTILE.items():
        yield (
            f"hostile: {name}",
            Recipe(
                records=[record(title=words, abstract=words, authors=[words]), record()],
                keywords="",
                pick={"terms": [[typed(words), "abstract"]]},
                intro=words,
                note=words,
            ),
        )
    yield (
        "hostile: 664 authors",
        Recipe(records=[record(authors=[f"Author Number {n}" for n in range(664)])]),
    )


def typed(words: str) -> str:
    """As much of it as a keyword can be."""
    return "".join(filter(str.isprintable, words))[:80]


def recorded(folder: Path) -> Iterator[tuple[str, date, Recipe]]:
    """Those of days that were recorded, as far as they are at hand."""
    for day, language in RECORDED.items():
        path = folder / "hf_daily" / f"{day}.json.gz"
        if path.is_file():
            recipe = Recipe(
                records=json.loads(gzip.decompress(path.read_bytes())),
                source="huggingface",
                languages=(language,),
            )
            yield f"recorded: {day}", date.fromisoformat(day), recipe


def hang(folder: Path) -> Iterator[Case]:
    """Make and send every letter of the gallery, each from rows of its own."""
    day = FIRST_DAY
    for name, recipe in recipes():
        yield from _cases(name, recipe, day)
        day += timedelta(days=recipe.editions)
    for name, day, recipe in recorded(folder):
        yield from _cases(name, recipe, day)
    for letter in Notice.Letter:
        for language in BOTH:
            email = f"{letter}.{language}@example.org"
            yield Case.of(f"letter: {letter}", language, sent(letter, language=language, email=email).mail)


def _cases(name: str, recipe: Recipe, first_day: date) -> Iterator[Case]:
    days = [first_day + timedelta(days=n) for n in range(recipe.editions)]
    published = [_edition(recipe, day, recipe.records[n :: recipe.editions]) for n, day in enumerate(days)]
    for language in recipe.languages:
        subscriber = make_subscriber(keywords=recipe.keywords, language=language)
        planned = _planned(recipe, subscriber, published)
        yield Case.of(name, language, leave(planned), papers=len(planned.picks))


def _edition(recipe: Recipe, day: date, told: Sequence[Record]) -> Edition:
    payload = json.dumps(told).encode()
    for look in SOURCES[recipe.source].read(payload, name="gallery.json", day=day, today=TODAY):
        ingest.take_in(look)
    edition = Edition.objects.get(date=day)
    edition.intro = recipe.intro
    edition.save()
    edition.entries.update(note=recipe.note)
    return editions.publish(edition)


def _planned(recipe: Recipe, subscriber: Subscriber, published: Sequence[Edition]) -> Delivery:
    usual: Record = {"pinned": False, "outside": False}
    papers = [entry.paper_id for edition in published for entry in edition.entries.ranked()]
    picks = [
        usual | recipe.pick | {"paper": paper, "pinned": place < recipe.pinned}
        for place, paper in enumerate(papers[:MOST])
    ]
    for near in picks[len(picks) - recipe.related :]:
        near.update(OUTSIDE | {"related": "retrieval"})
    left_out = recipe.left_out or len(papers[MOST:])
    made = make_delivery(subscriber, published[-1], left_out=left_out)
    made.picks, made.editions = picks, [edition.pk for edition in published]
    made.save()
    return made


def leave(planned: Delivery) -> KeptMail:
    """The mail that a planned digest becomes. All that the gallery knows of how one is composed."""
    before = {mail.name for mail in outbox.kept()}
    delivery.deliver([planned.pk])
    planned.refresh_from_db()
    assert planned.state == Delivery.State.ACCEPTED, planned.reason
    [mail] = [mail for mail in outbox.kept() if mail.name not in before]
    return mail
