"""Everything that was really recorded of arXiv, read in place."""

import gzip
import json
from collections import Counter
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from digest.sources import SOURCES
from digest.sources.arxiv import ArxivSource, calendar
from digest.sources.base import FoundPaper, Look, Proof, SourceError
from tests.digest.sources.arxiv.conftest import adding, aside, papers

TODAY = date(2026, 11, 20)


def read(path: Path) -> list[Look]:
    data = path.read_bytes()
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    return list(ArxivSource().read(data, name=path.name, day=None, today=TODAY))


@pytest.fixture
def feeds(shared_data: Path) -> list[dict[str, Any]]:
    """All that is in the folder, each with its path."""
    found = json.loads((shared_data / "feeds/manifest.json").read_text())
    return [{**one, "path": shared_data / "feeds" / one["file"]} for one in found]


ERRORS = {
    "arxiv_api_atom/id_abc.xml": "incorrect id format for abc",
    "hf_api/daily_papers_error.json": "holds an error message",
}
"""Recorded answers that are none, and what is told of them."""


def count_or_error(one: dict[str, Any]) -> int | str:
    """How many papers a recorded file gives its source, or why it gives none."""
    path = one["path"]
    source = SOURCES["huggingface" if one["file"].startswith("hf_api/") else "arxiv"]
    try:
        looks = list(source.read(path.read_bytes(), name=path.name, day=None, today=TODAY))
    except SourceError as error:
        return str(error)
    assert not any(aside(look) for look in looks), one["file"]
    return sum(len(papers(look)) for look in looks)


def test_every_file_of_the_folder_is_read_to_its_number_of_papers_or_to_its_error(
    shared_data: Path, feeds: list[dict[str, Any]]
):
    folder = shared_data / "feeds"
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {one["file"] for one in feeds} == there - {"manifest.json"}
    assert ERRORS.keys() <= there

    for one in feeds:
        found = count_or_error(one)

        if one["file"] in ERRORS:
            assert isinstance(found, str), one["file"]
            assert ERRORS[one["file"]] in found
        else:
            assert found == one.get("entries", one.get("records")), one["file"]


def test_every_recorded_paper_says_what_it_is(feeds: list[dict[str, Any]]):
    for feed in feeds:
        if feed["file"] in ERRORS:
            continue
        for look in read(feed["path"]):
            for paper in papers(look):
                assert paper.title
                assert paper.arxiv_id
                assert paper.abstract
                if "third_party" not in feed["file"]:
                    assert paper.authors, paper
                    assert paper.categories, paper
                    assert all(": " not in name and "(" not in name for name in paper.authors)


@pytest.mark.parametrize("name", ["id_0000.0000.xml", "id_0808.05394.xml"])
def test_an_unknown_id_is_an_empty_look(shared_data: Path, name: str):
    [look] = read(shared_data / "feeds/arxiv_api_atom" / name)

    assert (look.proof, list(look.records)) == (Proof.EMPTY, [])


def test_a_recorded_list_of_changes_has_its_versions_dates_and_withdrawals(shared_data: Path):
    looks = read(shared_data / "feeds/arxiv_oai_arXivRaw/ListRecords_2016-10-20.xml")
    found = {paper.arxiv_id: paper for look in looks for paper in papers(look)}

    assert len(found) == 232
    assert max(paper.version or 0 for paper in found.values()) == 15
    assert found["0803.4354"].version == 6
    assert found["0803.4354"].submitted_at == datetime(2008, 3, 30, 23, 26, 50, tzinfo=UTC)
    by_type = {"0803.4354", "0808.3386", "1502.02762", "1505.00300"}
    withdrawn = {paper.arxiv_id for paper in found.values() if paper.withdrawn}
    assert by_type <= withdrawn
    assert all(paper.only_enriches is paper.withdrawn for paper in found.values())
    for look in looks:
        for paper in papers(look):
            assert paper.submitted_at
            assert look.day == calendar.announced_on(paper.submitted_at)
    assert all(before.day < after.day for before, after in pairwise(looks))


def test_recorded_announcements_add_what_is_new_or_crossed(shared_data: Path):
    days = sorted((shared_data / "cs_cv_announcements").glob("*.json.gz"))
    assert len(days) == 11
    for path in days:
        listed = json.loads(gzip.decompress(path.read_bytes()))
        kinds = Counter(paper["announce_type"] for paper in listed["papers"])

        [look] = read(path)

        assert look.day == date.fromisoformat(listed["date"])
        assert len(adding(look)) == len(look.announced) == kinds["new"] + kinds["cross"]
        assert len(papers(look)) == listed["count"]
        assert not aside(look)
        assert look.proof == (Proof.COMPLETE if listed["count"] else Proof.HOLIDAY)


def test_the_two_atoms_of_ten_years_tell_one_paper_alike(shared_data: Path):
    for name in ("arxiv_api_atom/id_1605.08386.xml", "arxiv_api_atom_2016/id_list_1111.2011v2.xml"):
        [look] = read(shared_data / "feeds" / name)
        [paper] = papers(look)
        assert isinstance(paper, FoundPaper)
        assert paper.version
        assert paper.submitted_at
        assert paper.primary_category
        assert look.day == calendar.announced_on(paper.submitted_at)
