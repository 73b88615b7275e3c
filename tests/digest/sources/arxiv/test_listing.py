"""Announcement lists as JSON."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from digest.sources.arxiv import ArxivSource
from digest.sources.base import FoundPaper, Look, Proof, SourceError
from tests.digest.sources.arxiv.conftest import adding, aside, papers
from tests.digest.sources.arxiv.payloads import FRIDAY, MONDAY

TODAY = date(2026, 5, 4)


def paper(paper_id: str = "2604.21935", kind: str = "new", **fields: Any) -> dict[str, Any]:
    return {
        "arxiv_id": paper_id,
        "title": "Counting sheep",
        "abstract": "We count sheep.",
        "authors": ["Emmy Noether", "Sofia Kovalevskaya"],
        "comment": None,
        "primary_category": "cs.CV",
        "categories": ["cs.CV", "cs.LG"],
        "announce_type": kind,
        **fields,
    }


def listing(*found: Any, day: Any = "2026-04-27", **fields: Any) -> dict[str, Any]:
    return {"date": day, "status": "ok", "count": len(found), "papers": list(found), **fields}


def read(document: object, *, day: date | None = None) -> list[Look]:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(ArxivSource().read(data, name="day.json", day=day, today=TODAY))


def test_a_paper_of_a_list_has_every_field():
    [look] = read(listing(paper("2604.21935v2", comment="Withdrawn", primary_category="cs.LG")))

    assert papers(look) == [
        FoundPaper(
            title="Counting sheep",
            announced_at=datetime(2026, 4, 27, 4, tzinfo=UTC),
            arxiv_id="2604.21935",
            version=2,
            authors=("Emmy Noether", "Sofia Kovalevskaya"),
            abstract="We count sheep.",
            primary_category="cs.LG",
            categories=("cs.LG", "cs.CV"),
            comment="Withdrawn",
            withdrawn=True,
            url="https://arxiv.org/abs/2604.21935",
            pdf_url="https://arxiv.org/pdf/2604.21935",
        )
    ]
    assert (look.day, look.proof, look.announced) == (MONDAY, Proof.COMPLETE, ("2604.21935v2",))


def test_a_list_is_judged_as_a_feed_is():
    kinds = ("new", "cross", "replace", "replace-cross")
    [full] = read(listing(*(paper(f"2604.0000{n}", kind) for n, kind in enumerate(kinds))))
    [empty] = read(listing(status="empty_feed"))
    [weekend] = read(listing(status="empty_feed", day="2026-04-25"))
    [again] = read(listing(paper(), day="2026-04-25"))

    assert adding(full) == ["2604.00000", "2604.00001"]
    assert [look.proof for look in (full, empty, weekend, again)] == [
        Proof.COMPLETE,
        Proof.EMPTY,
        Proof.HOLIDAY,
        Proof.STALE,
    ]
    assert [one.day for one in papers(again)] == [FRIDAY]


def test_several_lists_are_several_looks():
    looks = read([listing(paper()), listing(paper("2604.00001"), day="2026-04-24")])

    assert [look.day for look in looks] == [MONDAY, FRIDAY]
    assert sum(look.bytes_read for look in looks) == looks[0].bytes_read > 0


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (None, "not an object"),
        ([], "not an object"),
        ({}, "no arXiv id"),
        (paper("abc"), "no arXiv id"),
        (paper(title=None), "no title"),
        (paper(title="\ud800"), "no title"),
    ],
)
def test_a_bad_paper_is_set_aside_and_the_others_go_in(bad: Any, reason: str):
    [look] = read(listing(bad, paper("2604.00002")))

    assert adding(look) == ["2604.00002"]
    assert [(one.position, one.reason) for one in aside(look)] == [(0, reason)]


def test_a_list_without_a_readable_date_is_of_today():
    for day in (None, "soon", 7, "9999-99-99"):
        [look] = read(listing(paper(), day=day))
        assert look.day == TODAY


@pytest.mark.parametrize(
    "document",
    [[], {}, {"papers": {}}, [{"papers": []}, 7], {"error": "Rate exceeded"}, b"{", b"[" * 100_000, 0],
    ids=["none", "nothing", "no list", "half", "error", "broken", "deep", "number"],
)  # fmt: skip
def test_what_is_no_list_is_an_error(document: object):
    with pytest.raises(SourceError):
        read(document)


def test_a_list_of_the_future_is_refused():
    with pytest.raises(SourceError, match="lies in the future"):
        read(listing(paper(), day="2099-01-01"))
