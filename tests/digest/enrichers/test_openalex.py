"""Institutions, and abstracts told word by word."""

from typing import Any

import pytest

from digest.enrichers import ENRICHERS
from digest.enrichers.base import Enrichment, Known
from digest.sources.base import SourceError
from tests.digest.enrichers.cases import KeyedCases
from tests.digest.enrichers.conftest import Desk
from tests.digest.loopback import Answer

OPENALEX = ENRICHERS["openalex"]
PAPER = Known(id=1, doi="10.1101/2026.08.01.1")


@pytest.fixture(autouse=True)
def _key(desk: Desk, settings: Any) -> None:
    settings.OPENALEX_KEY = "a-key"


def work(doi: str = PAPER.doi, **fields: Any) -> dict[str, Any]:
    return {"doi": f"https://doi.org/{doi}", "ids": {"openalex": "https://openalex.org/W1"}, **fields}


def author(*institutions: str, position: str = "middle") -> dict[str, Any]:
    return {
        "author_position": position,
        "author": {"display_name": "Emmy Noether"},
        "institutions": [{"display_name": name, "ror": "https://ror.org/0"} for name in institutions],
    }


def ask(*papers: Known) -> list[Any]:
    return list(OPENALEX.ask(papers))


def answer_with(desk: Desk, *works: Any) -> None:
    desk.in_turn(Answer.of({"meta": {"count": len(works)}, "results": list(works)}))


class TestOpenAlex(KeyedCases):
    enricher = OPENALEX
    per_request = 50
    key = "OPENALEX_KEY"
    needs_key = True
    fields = ("abstract_inverted_index", "authorships")

    def known(self, number: int) -> Known:
        return Known(id=number, arxiv_id=f"2608.{number:05d}")

    def record(self, number: int) -> dict[str, Any]:
        return work(
            f"10.48550/arXiv.2608.{number:05d}",
            abstract_inverted_index={"We": [0], "do": [1, 3], "and": [2], f"{number}.": [4]},
            authorships=[author("Erlangen", "Bonn", position="first"), author("Göttingen")],
        )

    def reply(self, desk: Desk, records: dict[int, Any]) -> Answer:
        names = desk.asked[-1]["filter"].removeprefix("doi:").split("|")
        numbers = [int(name.rpartition(".")[2]) for name in names]
        return Answer.of({"results": [records[number] for number in numbers if number in records]})

    def told(self, number: int) -> Enrichment:
        return Enrichment(id=number, abstract=f"We do and do {number}.", organization="Erlangen")

    # Its answers come in no order of ours.
    def ask(self, *numbers: int) -> list[Any]:
        return sorted(super().ask(*numbers), key=lambda one: numbers.index(one.id))

    @pytest.mark.parametrize(
        "junk", [None, 7, "x", [], {}, {"doi": 5, "ids": 5}, {"doi": None, "ids": None}], ids=repr
    )
    def test_a_work_without_a_name_is_passed_over(self, desk: Desk, junk: Any):
        answer_with(desk, junk, self.record(1))

        assert self.ask(1) == [self.told(1)]


def test_papers_are_asked_about_by_doi_in_one_question(desk: Desk):
    answer_with(desk)

    ask(Known(id=1, arxiv_id="2608.14022"), Known(id=2, doi="10.1101/X", arxiv_id="2608.1"), Known(id=3))

    assert desk.paths == ["/openalex/works"]
    assert desk.asked[0]["filter"] == "doi:10.1101/x|10.48550/arxiv.2608.14022"
    assert desk.asked[0]["select"] == "ids,doi,abstract_inverted_index,authorships"
    assert desk.asked[0]["api_key"] == "a-key"
    assert int(desk.asked[0]["per_page"]) >= 50


@pytest.mark.parametrize("doi", ["10.1/a|b", "10.1/a,b", "10.1/!a", "10.1/<a>", "10.1/a b"])
def test_a_doi_that_would_change_the_question_is_not_asked_about(desk: Desk, doi: str):
    assert ask(Known(id=1, doi=doi)) == []
    assert desk.paths == []


def test_a_work_nobody_asked_about_is_passed_over(desk: Desk):
    answer_with(desk, work("10.9/other", authorships=[author("Elsewhere")]))

    assert ask(PAPER) == []


def test_of_two_works_under_one_name_the_first_counts(desk: Desk):
    answer_with(desk, work(authorships=[author("Here")]), work(authorships=[author("There")]))

    assert ask(PAPER) == [Enrichment(id=1, organization="Here")]


def test_the_name_may_stand_among_the_ids(desk: Desk):
    answer_with(
        desk, {"ids": {"doi": f"https://doi.org/{PAPER.doi.upper()}"}, "authorships": [author("Here")]}
    )

    assert ask(PAPER) == [Enrichment(id=1, organization="Here")]


@pytest.mark.parametrize(
    ("index", "abstract"),
    [
        ({"Despite": [0], "in": [3, 1], "a": [2]}, "Despite in a in"),
        ({"b": [7], "a": [2]}, "a b"),
        ({"a": [0], "b": [0]}, "a"),
        ({"a": [-1, 1e9, 10**30, True, None, "0", [0], 0], "b": [1.0, 1]}, "a b"),
        ({"far": [9_999_999], "near": [1]}, "near"),
        ({"a": None, "b": {"0": 1}, "c": 5, "d": [0]}, "d"),
        ({}, ""),
        (None, ""),
        ([], ""),
        ({"<jats:p>Cells": [0], "of</jats:p>": [1], "&amp;": [2]}, "Cells of. &"),
    ],
)
def test_an_abstract_is_put_together_from_the_places_of_its_words(desk: Desk, index: Any, abstract: str):
    answer_with(desk, work(abstract_inverted_index=index))

    assert ask(PAPER) == [Enrichment(id=1, abstract=abstract)]


def test_an_abstract_without_end_has_one(desk: Desk):
    answer_with(desk, work(abstract_inverted_index={"a": list(range(200_000)), "b" * 10_000: [0]}))

    [told] = ask(PAPER)

    assert len(told.abstract) < 50_000


def test_our_own_abstract_is_not_told_again(desk: Desk):
    answer_with(desk, work(abstract_inverted_index={"a": [0]}))

    assert ask(Known(id=1, doi=PAPER.doi, has_abstract=True)) == [Enrichment(id=1)]


@pytest.mark.parametrize(
    ("authorships", "organization"),
    [
        ([author("A"), author("B", position="first"), author("A")], "B"),
        ([author(position="first"), author("A"), author("B"), author("B", "C")], "B"),
        ([author("A"), author("B")], "A"),
        ([author("", position="first"), {"institutions": [None, {"display_name": None}, 5]}, None, "x"], ""),
        ([{"author_position": ["first"], "institutions": {"display_name": "A"}}], ""),
        ([author("x" * 5_000, position="first")], "x" * 200),
        (None, ""),
    ],
)
def test_the_institution_is_the_first_authors_or_the_most_frequent(
    desk: Desk, authorships: Any, organization: str
):
    answer_with(desk, work(authorships=authorships))

    assert ask(PAPER) == [Enrichment(id=1, organization=organization)]


def test_a_key_that_is_no_good_is_told_by_its_name(desk: Desk):
    desk.in_turn(Answer(b'{"message": "bad key"}', status=401))

    with pytest.raises(SourceError, match="OPENALEX_KEY: make a new one, or unset it"):
        ask(PAPER)


def test_no_error_shows_the_key(desk: Desk):
    desk.in_turn(Answer(b"no", status=403))

    with pytest.raises(SourceError) as told:
        ask(PAPER)
    assert "a-key" not in str(told.value)


def test_an_error_in_place_of_a_list_is_told_in_its_own_words(desk: Desk):
    desk.in_turn(Answer.of({"error": "Invalid filter", "message": "Unknown filter field: doy"}))

    with pytest.raises(SourceError, match="Unknown filter field: doy"):
        ask(PAPER)
