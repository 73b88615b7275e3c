"""Summaries, abstracts and DOIs by the batch."""

from typing import Any

import pytest

from digest.enrichers import ENRICHERS
from digest.enrichers.base import Enrichment, Known
from digest.sources.base import SetAside, SourceError
from tests.digest.enrichers.cases import KeyedCases
from tests.digest.enrichers.conftest import Desk
from tests.digest.loopback import Answer

SCHOLAR = ENRICHERS["semanticscholar"]
PAPER = Known(id=1, arxiv_id="2608.14022")


@pytest.fixture(autouse=True)
def _key(desk: Desk, settings: Any) -> None:
    settings.SEMANTICSCHOLAR_KEY = "a-key"


class TestSemanticScholar(KeyedCases):
    enricher = SCHOLAR
    per_request = 100
    key = "SEMANTICSCHOLAR_KEY"
    needs_key = True
    fields = ("externalIds", "tldr", "publicationDate", "abstract")

    def known(self, number: int) -> Known:
        return Known(id=number, arxiv_id=f"2608.{number:05d}")

    def record(self, number: int) -> dict[str, Any]:
        return {
            "paperId": f"{number:040x}",
            "externalIds": {
                "ArXiv": f"2608.{number:05d}",
                "DOI": f"10.1234/Made.{number}",
                "CorpusId": number,
            },
            "tldr": {"model": "tldr@v2.0.0", "text": f"Does thing number {number}."},
            "publicationDate": "2026-08-20",
            "abstract": f"We do thing number {number}.",
        }

    def reply(self, desk: Desk, records: dict[int, Any]) -> Answer:
        numbers = [int(name.rpartition(".")[2]) for name in desk.questions[-1]["ids"]]
        return Answer.of([records.get(number) for number in numbers])

    def told(self, number: int) -> Enrichment:
        return Enrichment(
            id=number,
            doi=f"10.1234/made.{number}",
            abstract=f"We do thing number {number}.",
            tldr=f"Does thing number {number}.",
            tldr_by="Semantic Scholar",
        )

    @pytest.mark.parametrize("junk", [7, "x", [], True], ids=repr)
    def test_a_record_that_is_no_object_is_set_aside(self, desk: Desk, junk: Any):
        self.serve(desk, {1: junk, 2: self.record(2)})

        assert self.ask(1, 2) == [SetAside(0, "ARXIV:2608.00001", "not an object"), self.told(2)]


def test_papers_are_asked_about_by_the_names_they_have(desk: Desk):
    desk.in_turn(Answer.of([None, None]))
    papers = [
        Known(id=1, arxiv_id="2608.14022", doi="10.1/x"),
        Known(id=2),
        Known(id=3, doi="10.1101/2026.08.01.123456"),
    ]

    assert list(SCHOLAR.ask(papers)) == []
    assert desk.questions == [{"ids": ["ARXIV:2608.14022", "DOI:10.1101/2026.08.01.123456"]}]
    assert desk.paths == ["/s2/graph/v1/paper/batch"]
    assert desk.headers[0]["x-api-key"] == "a-key"
    assert {"externalIds", "tldr", "abstract"} <= set(desk.asked[0]["fields"].split(","))


def test_what_we_have_is_not_told_again(desk: Desk):
    desk.in_turn(Answer.of([{"abstract": "Theirs.", "externalIds": {"DOI": "10.9/journal"}}]))

    [told] = SCHOLAR.ask([Known(id=1, doi="10.1101/preprint", has_abstract=True)])

    assert told == Enrichment(id=1)


def test_the_doi_that_is_an_arxiv_id_tells_nothing_new(desk: Desk):
    desk.in_turn(Answer.of([{"externalIds": {"DOI": "10.48550/arXiv.2608.14022"}}]))

    assert list(SCHOLAR.ask([PAPER])) == [Enrichment(id=1)]


def test_an_answer_on_another_paper_is_set_aside(desk: Desk):
    desk.in_turn(Answer.of([{"externalIds": {"ArXiv": "1234.56789"}, "abstract": "Of another."}]))

    assert list(SCHOLAR.ask([PAPER])) == [SetAside(0, "ARXIV:2608.14022", "the answer is on 1234.56789")]


@pytest.mark.parametrize("answers", [[], [None, None], [{"abstract": "A."}, {"abstract": "B."}]])
def test_answers_that_are_not_as_many_as_the_questions_belong_to_nobody(desk: Desk, answers: list[Any]):
    desk.in_turn(Answer.of(answers))

    with pytest.raises(SourceError, match=f"gave {len(answers)} answers to 1 questions"):
        list(SCHOLAR.ask([PAPER]))


def test_markup_in_an_abstract_is_gone(desk: Desk):
    desk.in_turn(
        Answer.of([{"abstract": "<jats:title>Aim</jats:title><jats:p>CO<sub>2</sub> &lt; 5</jats:p>"}])
    )

    [told] = SCHOLAR.ask([PAPER])

    assert isinstance(told, Enrichment)
    assert told.abstract == "Aim: CO₂ < 5"


def test_a_batch_of_which_nothing_is_known_does_not_end_the_others(desk: Desk):
    desk.answer = lambda _: (
        Answer(b'{"error": "No valid paper ids given"}', status=400)
        if len(desk.paths) == 1
        else Answer.of([{"abstract": "Last."}])
    )
    papers = [Known(id=n, doi=f"10.1/{n}") for n in range(101)]

    told = list(SCHOLAR.ask(papers))

    assert told[:100] == [
        SetAside(n, f"DOI:10.1/{n}", "none of its batch is known (400)") for n in range(100)
    ]
    assert told[100] == Enrichment(id=100, abstract="Last.")


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_no_good_is_told_by_its_name(desk: Desk, status: int):
    desk.in_turn(Answer(b'{"message": "Forbidden"}', status=status))

    with pytest.raises(SourceError, match=r"SEMANTICSCHOLAR_KEY .*: ask for a new one, or unset it\."):
        list(SCHOLAR.ask([PAPER]))
