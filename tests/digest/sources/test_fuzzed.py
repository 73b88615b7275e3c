"""Thousands of bent pages: what is good in them comes out as it was, and nothing worse than one sentence."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db.models import CharField

from digest.enrichers.base import Enrichment
from digest.models import IngestRun, Paper
from digest.sources.base import FoundPaper, Look, Proof, SetAside
from digest.sources.fields import MAX_COUNT
from tests.conftest import share_of
from tests.digest.sources import odd
from tests.digest.sources.many import Many
from tests.digest.sources.pages import DAY, FEW, NOON, PAGES, Page, Told

WITHIN, ANYWHERE = 1_000, 700
"""Cases for each page: bent in all of its records but one, and bent wherever it can be."""
many = Many()

_WRONG = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LONGEST = {"title": 3_000, "abstract": 100_000, "tldr": 2_000, "comment": 2_000, "doi": 300, "arxiv_id": 300}
_LONGEST |= {
    column.name: column.max_length
    for column in Paper._meta.get_fields()
    if isinstance(column, CharField) and column.max_length
}
_SMALL = 32_767
"""The largest that a `PositiveSmallIntegerField` holds everywhere."""


# --- The contract ---------------------------------------------------------------------------


def obeys(record: Told) -> None:
    """A record is of its types, can be kept by both databases and shown on a page."""
    for field in fields(record):
        _obeys(field.name, getattr(record, field.name), aside=isinstance(record, SetAside))
    if isinstance(record, FoundPaper):
        assert record.title
        assert isinstance(record.announced_at, datetime)
        assert isinstance(record.withdrawn, bool)
        assert isinstance(record.only_enriches, bool)
    if isinstance(record, SetAside):
        assert record.reason
        assert record.reason.isprintable()


def _obeys(name: str, value: object, *, aside: bool) -> None:
    if isinstance(value, str) and aside:
        assert len(value) <= 300, name  # cleaned by the ledger
    elif isinstance(value, str):
        _is_clean(value, _LONGEST.get(name, 0), name)
        if name.endswith("url") and value:
            _is_address(value)
    elif isinstance(value, tuple):
        assert len(value) <= 5_000, name
        for one in value:
            _is_clean(one, 300, name)
            assert one, name
    elif isinstance(value, date):
        assert 1900 <= value.year <= 9000, name
        assert not isinstance(value, datetime) or value.utcoffset() == timedelta(0), name
    elif not isinstance(value, bool) and value is not None:
        assert type(value) is int, name
        assert 0 <= value <= (_SMALL if name == "version" else MAX_COUNT), name


def _is_clean(value: object, longest: int, name: str) -> None:
    assert type(value) is str, name
    assert not _WRONG.search(value), name
    assert value == value.strip(), name
    assert len(value) <= longest or not longest, name


def _is_address(value: str) -> None:
    parts = urlsplit(value)
    assert parts.scheme in ("http", "https")
    assert parts.hostname
    assert not re.search(r"\s", value)


def is_sound(look: Look) -> None:
    """What goes into the ledger is of its types."""
    assert 1900 <= look.day.year <= DAY.year
    assert look.seen_at.utcoffset() == timedelta(0)
    assert look.bytes_read >= 0
    _is_clean(look.category, IngestRun._meta.get_field("category").max_length or 0, "category")
    assert look.proof is None or isinstance(look.proof, Proof)
    assert is_sentence(look.reason) or not look.reason
    assert all(isinstance(one, str) for one in look.announced)


def is_sentence(told: str) -> bool:
    return bool(told) and len(told) < 700 and not re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", told)


def all_sound(told: list[Look | Told], refused: str) -> None:
    assert not refused or is_sentence(refused), refused
    for one in told:
        if isinstance(one, Look):
            is_sound(one)
        else:
            obeys(one)


def of_record(told: Look | Told) -> tuple[Any, ...]:
    """By what one knows a record again."""
    if isinstance(told, FoundPaper):
        return told.arxiv_id, told.doi, told.title, told.abstract, told.authors
    return (told,) if isinstance(told, Enrichment) else ()


# --- The cases ------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOON, tick=True):
        yield


@pytest.fixture(params=list(PAGES))
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def page(name: str) -> Page:
    return PAGES[name]


def test_the_pages_are_good(page: Page):
    told, refused = page.read(page.write(page.whole(page.copies()), Random(1)))

    records = [one for one in told if not isinstance(one, Look)]
    assert not refused
    assert [type(one) for one in records].count(SetAside) == 0
    assert len({of_record(one) for one in records}) == FEW
    all_sound(told, refused)


def test_a_good_record_comes_out_of_bent_ones_as_it_was(name: str, page: Page):
    good = [of_record(one) for one in page.good()]

    def deed(chance: Random) -> None:
        payload, kept = page.bent_within(chance)
        told, refused = page.read(payload)
        all_sound(told, refused)
        assert good[kept] in [of_record(one) for one in told], refused or "it is not there"
        assert not refused or page.in_order

    many("within", name, WITHIN, deed)


def test_a_page_bent_anywhere_ends_in_sound_values_or_in_one_sentence(name: str, page: Page):
    many("anywhere", name, ANYWHERE, lambda chance: all_sound(*page.read(page.bent_anywhere(chance))))


def test_there_were_enough_of_them():
    if len(many.done) < 2 * len(PAGES):
        pytest.skip("only some of the cases were asked for")
    assert many.done.total() >= share_of(20_000)


WIDE = "10.1234/" + "😀" * 290
BLANK_AT_THE_END = "x" * 39 + " y" * 2_000
FOUND_ONCE = [
    ("huggingface", ("paper", "upvotes"), f"@@{odd.LITERALS.index(odd.LONG)}@@"),
    ("lines", ("stars",), f"@@{odd.LITERALS.index(odd.LONG)}@@"),
    ("array", ("url",), "http://[a.b/c"),
    ("array", ("url",), "http://a.b]/c"),
    ("huggingface", ("paper", "publishedAt"), "1900-01-01T00:00:00+14:00"),
    ("array", ("published",), "0001-01-01T00:00:00+23:59"),
    ("array", ("title",), BLANK_AT_THE_END + "z" + BLANK_AT_THE_END),
    ("array", ("authors",), [("x" * 299) + " y"]),
    ("biorxiv", ("authors",), ("x" * 299) + " y"),
    ("biorxiv", ("doi",), WIDE),
    ("biorxiv", ("author_corresponding_institution",), "ResultsWe " * 20),
    ("biorxiv", ("title",), "<li>a</li>ResultsWe" * 200),
    ("semanticscholar", ("tldr", "text"), "ResultsWe " * 200),
]
"""Places in a record, and what once came out of it wrong or cost the records beside it."""


@pytest.mark.parametrize(("name", "path", "value"), FOUND_ONCE)
def test_what_was_found_once_stays_mended(name: str, path: tuple[str, ...], value: Any):
    page = PAGES[name]
    records = page.copies()
    holder = records[0]
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value

    told, refused = page.read(page.write(page.whole(records), Random(1)))

    assert not refused
    all_sound(told, refused)
    assert {of_record(one) for one in page.good()[1:]} <= {of_record(one) for one in told}


@pytest.mark.parametrize("name", ["array", "lines"])
def test_an_error_message_is_told_in_one_line(name: str):
    _, refused = PAGES[name].read(json.dumps({"error": "no\npapers\x1b\ud800"}).encode())

    assert is_sentence(refused)
    assert "no papers" in refused
