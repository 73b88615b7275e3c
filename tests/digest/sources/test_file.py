"""Papers from a file of JSON or JSON Lines, in whatever shape lists come."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from digest.sources import SOURCES
from digest.sources.base import FoundPaper, Look, SetAside, SourceError

FILE = SOURCES["file"]
TODAY = date(2025, 9, 26)


def read(document: object, *, day: date | None = None) -> list[Look]:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(FILE.read(data, name="list.json", day=day, today=TODAY))


def one(record: Mapping[str, Any], *, day: date | None = None) -> FoundPaper:
    [look] = read([record], day=day)
    [paper] = look.records
    assert isinstance(paper, FoundPaper)
    return paper


def test_a_page_of_titles_and_abstracts_is_papers_of_today():
    [look] = read(
        {
            "header_lines": ["new", "Subscribe"],
            "date_line": "Mar 11",
            "papers": [
                {"n": 1, "title": "First thing", "abstract": "It works."},
                {"n": 2, "title": "Second thing", "abstract": "So does this,\n by 2\\%."},
            ],
        }
    )

    assert look.source == "file"
    assert look.day == TODAY
    assert [(paper.title, paper.abstract) for paper in look.records if isinstance(paper, FoundPaper)] == [
        ("First thing", "It works."),
        ("Second thing", "So does this, by 2\\%."),
    ]


def test_arxiv_metadata_fills_every_field_it_has():
    paper = one(
        {
            "id": "2504.00001v2",
            "title": "On  graphs",
            "abstract": "We look at graphs.",
            "authors": ["Ada Lovelace", "Mary Somerville"],
            "categories": ["cs.CV", "cs.LG"],
            "primary_category": "cs.CV",
            "comment": "12 pages",
            "doi": "10.1000/ABC",
            "published": "2025-03-30",
            "updated": None,
            "listed": "2025-04-01",
            "sample": "listing-days",
        }
    )

    assert paper == FoundPaper(
        title="On graphs",
        announced_at=datetime(2025, 4, 1, tzinfo=UTC),
        arxiv_id="2504.00001",
        version=2,
        doi="10.1000/abc",
        authors=("Ada Lovelace", "Mary Somerville"),
        abstract="We look at graphs.",
        primary_category="cs.CV",
        categories=("cs.CV", "cs.LG"),
        comment="12 pages",
        submitted_at=datetime(2025, 3, 30, tzinfo=UTC),
        url="https://arxiv.org/abs/2504.00001",
        pdf_url="https://arxiv.org/pdf/2504.00001",
    )


def test_records_are_parted_into_days_by_when_they_were_listed():
    looks = read(
        [
            {"title": "B", "listed": "2025-04-02"},
            {"title": "A", "listed": "2025-04-01T09:00:00Z"},
            {"title": "C", "announced": "2025-04-02"},
            {"title": "D"},
        ]
    )

    assert [
        (look.day, [record.title for record in look.records if isinstance(record, FoundPaper)])
        for look in looks
    ] == [
        (date(2025, 4, 1), ["A"]),
        (date(2025, 4, 2), ["B", "C"]),
        (TODAY, ["D"]),
    ]
    assert sum(look.bytes_read > 0 for look in looks) == 1


def test_a_given_day_overrides_what_the_records_say():
    looks = read([{"title": "A", "listed": "2025-04-01"}, {"title": "B"}], day=date(2025, 5, 5))

    [look] = looks
    assert look.day == date(2025, 5, 5)
    assert {r.announced_at for r in look.records if isinstance(r, FoundPaper)} == {
        datetime(2025, 5, 5, tzinfo=UTC)
    }


def test_no_record_makes_an_edition_of_a_day_far_to_come():
    """Editions are ordered by day: one of the year 2999 would stand before all others for ever."""
    looks = read([{"title": "A", "listed": "2999-01-01"}, {"title": "B"}])

    assert {look.day for look in looks} == {TODAY}


def test_the_hour_of_listing_is_kept_on_its_day():
    paper = one({"title": "A", "listed": "2025-04-01T09:30:00+02:00"})
    assert paper.announced_at == datetime(2025, 4, 1, 7, 30, tzinfo=UTC)


@time_machine.travel(datetime(2025, 9, 26, 10, tzinfo=UTC), tick=False)
def test_a_day_that_is_over_was_seen_at_its_end_and_today_now():
    past, today = read([{"title": "A", "listed": "2025-04-01"}, {"title": "B", "listed": "2025-09-26"}])

    assert past.seen_at == datetime(2025, 4, 2, tzinfo=UTC)
    assert today.seen_at == datetime(2025, 9, 26, 10, tzinfo=UTC)


def test_a_bad_record_is_set_aside_with_its_place_name_and_reason():
    [look] = read([{"title": "A"}, {"id": "2504.00002", "title": " "}, "text", None, {"title": "B"}])

    assert [record for record in look.records if isinstance(record, SetAside)] == [
        SetAside(1, "2504.00002", "no title"),
        SetAside(2, "", "not an object"),
        SetAside(3, "", "not an object"),
    ]
    assert [record.title for record in look.records if isinstance(record, FoundPaper)] == ["A", "B"]


def test_a_broken_line_is_set_aside_among_the_others():
    [look] = read(b'{"title": "A"}\n{"title": "cut\n{"title": "C"}\n')

    [_, aside, _] = look.records
    assert isinstance(aside, SetAside)
    assert aside.position == 1
    assert aside.reason.startswith("not JSON: ")


@pytest.mark.parametrize(
    "comment",
    [
        "This paper has been withdrawn by the author",
        "This submission was withdrawn due to an error",
        "Withdrawn: see the erratum",
        "withdrawn by arXiv administrators",
    ],
)
def test_a_comment_that_says_withdrawn_is_believed(comment: str):
    assert one({"title": "A", "comment": comment}).withdrawn


@pytest.mark.parametrize("comment", ["", "12 pages", "On cash withdrawn from banks", "Not withdrawn"])
def test_another_comment_is_not(comment: str):
    assert not one({"title": "A", "comment": comment}).withdrawn


@pytest.mark.parametrize(
    ("record", "arxiv_id"),
    [
        ({"arxiv_id": "2504.00001"}, "2504.00001"),
        ({"id": "math/0210288"}, "math/0210288"),
        ({"url": "https://arxiv.org/abs/2504.00001v3"}, "2504.00001"),
        ({"id": 17, "link": "https://arxiv.org/pdf/2504.00001"}, "2504.00001"),
        ({"id": "W17"}, ""),
    ],
)
def test_an_arxiv_id_is_found_where_lists_put_it(record: dict[str, Any], arxiv_id: str):
    assert one({"title": "A", **record}).arxiv_id == arxiv_id


def test_counts_and_links_are_read_where_they_make_sense():
    paper = one(
        {
            "title": "A",
            "upvotes": 5,
            "comments": -1,
            "stars": "many",
            "url": "javascript:alert(1)",
            "code": "https://code.example.org/x",
        }
    )
    assert (paper.upvotes, paper.comments, paper.stars) == (5, None, None)
    assert (paper.url, paper.code_url) == ("", "https://code.example.org/x")


def test_a_version_beyond_its_column_is_no_version():
    assert one({"title": "A", "version": 3}).version == 3
    assert one({"title": "A", "version": 2_000_000_000}).version is None


def test_a_list_of_nothing_is_one_look_that_found_nothing():
    [look] = read([])
    assert (look.day, list(look.records)) == (TODAY, [])


def test_a_file_source_has_nothing_to_fetch_from():
    assert not FILE.live
    with pytest.raises(SourceError, match="add --file PATH"):
        FILE.fetch(TODAY)
