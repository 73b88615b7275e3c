"""A recorded day of the daily list: every field, every oddity seen, every kind of damage."""

import copy
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from digest.sources import SOURCES
from digest.sources.base import FoundPaper, Look, SetAside, SourceError
from tests.digest.conftest import hf_entry
from tests.factories import DAY

HUB = SOURCES["huggingface"]
TODAY = date(2025, 10, 10)


def read(entries: object, *, name: str = "day.json", day: date | None = DAY) -> Look:
    data = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    [look] = HUB.read(data, name=name, day=day, today=TODAY)
    return look


def test_votes_are_looked_at_again_for_three_days():
    assert HUB.revisits == (timedelta(hours=24), timedelta(hours=48), timedelta(hours=72))


def one(entry: dict[str, Any]) -> FoundPaper:
    [paper] = read([entry]).records
    assert isinstance(paper, FoundPaper)
    return paper


def test_an_entry_with_every_field_is_a_paper_with_every_field():
    entry = hf_entry(
        "2509.12345",
        "Counting sheep",
        authors=[{"name": "Ada Lovelace", "hidden": False}, {"name": "Mary Somerville"}],
        summary="We count sheep.",
        ai_summary="Sheep are counted.",
        ai_summary_model="some-model",
        ai_keywords=["sheep", "counting"],
        githubRepo="https://code.example.org/sheep",
        githubStars=171,
        projectPage="https://sheep.example.org",
        upvotes=41,
        organization={"name": "meadow", "fullname": "Meadow Institute"},
    )

    assert one(entry) == FoundPaper(
        title="Counting sheep",
        announced_at=datetime(2025, 9, 26, 1, 30, tzinfo=UTC),
        arxiv_id="2509.12345",
        authors=("Ada Lovelace", "Mary Somerville"),
        abstract="We count sheep.",
        tldr="Sheep are counted.",
        tldr_by="some-model",
        topics=("sheep", "counting"),
        organization="Meadow Institute",
        submitter="librarian",
        submitted_at=datetime(2025, 9, 25, 15, tzinfo=UTC),
        url="https://arxiv.org/abs/2509.12345",
        pdf_url="https://arxiv.org/pdf/2509.12345",
        code_url="https://code.example.org/sheep",
        project_url="https://sheep.example.org",
        thumbnail_url="https://cdn.example.org/2509.12345.png",
        upvotes=41,
        comments=2,
        stars=171,
    )


def test_the_bare_entry_of_the_first_days_is_a_paper_too():
    paper = one({"paper": {"id": "2405.00001", "title": "Old"}, "title": "Old", "publishedAt": "x"})

    assert (paper.title, paper.authors, paper.submitter, paper.upvotes) == ("Old", (), "", None)
    assert paper.announced_at == datetime(2025, 9, 26, tzinfo=UTC)


def test_a_hidden_author_is_not_named():
    entry = hf_entry(authors=[{"name": "Ada", "hidden": False}, {"name": "Mary", "hidden": True}])
    assert one(entry).authors == ("Ada",)


def test_an_entry_nobody_submitted_has_no_submitter():
    assert one(hf_entry(drop="submittedBy")).submitter == ""


def test_hard_line_breaks_are_folded():
    entry = hf_entry(title="Learning and\n  Modular Skills", summary="One.\n  Two.\nThree.")
    assert (one(entry).title, one(entry).abstract) == ("Learning and Modular Skills", "One. Two. Three.")


def test_the_outer_title_stands_in_for_a_missing_inner_one():
    entry = hf_entry(title="Outer")
    entry["paper"]["title"] = ""
    assert one(entry).title == "Outer"


def test_the_outer_time_is_never_believed():
    entry = hf_entry(submittedOnDailyAt=None)
    entry["publishedAt"] = "2025-09-26T23:59:59.000Z"
    assert one(entry).announced_at == datetime(2025, 9, 26, tzinfo=UTC)


def test_an_entry_listed_on_another_day_is_announced_with_its_list():
    assert one(hf_entry(submittedOnDailyAt="2025-09-24T10:00:00Z")).announced_at == datetime(
        2025, 9, 26, tzinfo=UTC
    )


MALFORMED: list[tuple[Any, str, str]] = [
    ("text", "", "not an object"),
    (None, "", "not an object"),
    ([], "", "not an object"),
    ({}, "", "no object `paper`"),
    ({"paper": "2509.00001"}, "", "no object `paper`"),
    ({"paper": {}}, "", "`paper.id` is not an arXiv id"),
    ({"paper": {"id": "W4"}}, "W4", "`paper.id` is not an arXiv id"),
    ({"paper": {"id": 2509.00001}}, "", "`paper.id` is not an arXiv id"),
    ({"paper": {"id": "2509.00001"}}, "2509.00001", "no title"),
    ({"paper": {"id": "2509.00001", "title": "\n\x00 "}, "title": 5}, "2509.00001", "no title"),
]


@pytest.mark.parametrize(("entry", "name", "reason"), MALFORMED)
def test_a_malformed_entry_is_set_aside_with_its_reason_and_the_others_are_not(
    entry: Any, name: str, reason: str
):
    first, aside, last = read([hf_entry(), entry, hf_entry()]).records

    assert aside == SetAside(1, name, reason)
    assert isinstance(first, FoundPaper)
    assert isinstance(last, FoundPaper)


@pytest.mark.parametrize("junk", [None, 5, "x", [], {}, [None], True, {"name": None}])
@pytest.mark.parametrize(
    "field",
    [
        "summary",
        "authors",
        "publishedAt",
        "submittedOnDailyAt",
        "upvotes",
        "githubStars",
        "ai_summary",
        "ai_keywords",
        "githubRepo",
        "projectPage",
        "organization",
        "ai_summary_model",
    ],
)
def test_no_field_of_a_paper_can_upset_its_entry(field: str, junk: Any):
    entry = hf_entry()
    entry["paper"][field] = copy.deepcopy(junk)
    assert one(entry).title


@pytest.mark.parametrize("junk", [None, 5, "x", [], {}, True])
@pytest.mark.parametrize("field", ["submittedBy", "numComments", "thumbnail", "publishedAt", "organization"])
def test_no_field_of_an_entry_can_upset_it(field: str, junk: Any):
    entry = hf_entry()
    entry[field] = junk
    assert one(entry).title


# --- The day --------------------------------------------------------------------------------


def test_a_given_day_comes_before_all():
    look = read([hf_entry()], name="2025-01-01.json", day=date(2024, 2, 29))
    assert look.day == date(2024, 2, 29)


@pytest.mark.parametrize(
    "name", ["2025-03-04.json", "2025-03-04.json.gz", "daily-2025-03-04-utc", "2025-99-99_2025-03-04.json"]
)
def test_the_name_of_the_file_tells_the_day(name: str):
    assert read([hf_entry()], name=name, day=None).day == date(2025, 3, 4)


@pytest.mark.parametrize("name", ["day.json", "12025-03-04.json", "2025-13-04.json", "20250304.json"])
def test_else_most_entries_tell_the_day(name: str):
    entries = [
        hf_entry(submittedOnDailyAt="2025-09-24T23:00:00Z"),
        hf_entry(submittedOnDailyAt="2025-09-26T01:00:00Z"),
        hf_entry(submittedOnDailyAt="2025-09-26T09:00:00Z"),
        {},
    ]
    assert read(entries, name=name, day=None).day == date(2025, 9, 26)


def test_else_it_is_today():
    assert read([hf_entry(submittedOnDailyAt=None)], name="day.json", day=None).day == TODAY


@time_machine.travel(datetime(2025, 9, 26, 10, tzinfo=UTC), tick=False)
def test_a_recording_was_seen_at_the_end_of_its_day_but_never_later_than_now():
    assert read([], day=date(2025, 9, 25)).seen_at == datetime(2025, 9, 26, tzinfo=UTC)
    assert read([], day=date(2025, 9, 26)).seen_at == datetime(2025, 9, 26, 10, tzinfo=UTC)


# --- What is no list ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<!doctype html><title>502</title>", "day.json is not JSON: "),
        (b"", "day.json is not JSON: "),
        (b"[" * 100_000, "day.json is not JSON: "),
        (
            b'{"error":"Sorry, nothing here.\\nTry\\u0000 again"}',
            "error message: Sorry, nothing here. Try again",
        ),
        (b'{"papers": []}', "not a daily list: expected a JSON array of entries"),
        (b'"text"', "not a daily list"),
    ],
    ids=["html", "empty", "deep", "error", "object", "text"],
)
def test_what_is_no_daily_list_is_told_in_one_line(data: bytes, told: str):
    with pytest.raises(SourceError) as error:
        read(data)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_day_without_papers_is_an_empty_look():
    look = read([])
    assert list(look.records) == []
    assert look.bytes_read == 2
