"""Asking arXiv's API: for days long ago, and for single papers."""

import time
from datetime import UTC, date, datetime
from typing import Any

import pytest

from digest.sources.arxiv import ArxivSource, live
from digest.sources.base import Look, Proof, SourceError
from tests.digest.loopback import Answer
from tests.digest.sources.arxiv.conftest import (
    LONG_AGO,
    Services,
    adding,
    aside,
    fetch,
    papers,
)
from tests.digest.sources.arxiv.payloads import (
    API_ERROR,
    FRIDAY,
    MONDAY,
    atom,
    entry,
    oai,
    submitted_for,
)

pytestmark = pytest.mark.usefixtures("noon")


# --- Before that: the API -------------------------------------------------------------------


def test_an_older_day_is_asked_of_the_api_by_its_window_of_submission(services: Services):
    services.api(atom(entry("2603.00001v1", submitted_for(LONG_AGO))))

    look = fetch(LONG_AGO)

    [asked] = services.asked
    assert asked["search_query"] == "cat:cs.CV AND submittedDate:[202603061900 TO 202603091800]"
    assert (asked["sortBy"], asked["sortOrder"], asked["start"]) == ("submittedDate", "ascending", "0")
    assert int(asked["max_results"]) <= 2_000
    assert (look.proof, adding(look), look.announced) == (Proof.COMPLETE, ["2603.00001"], ("2603.00001v1",))
    assert [(paper.day, paper.announced_at) for paper in papers(look)] == [
        (None, datetime(2026, 3, 10, 4, tzinfo=UTC))
    ]


def test_a_week_is_the_border_between_the_two(services: Services):
    services.oai(oai())
    services.api(atom())

    fetch(date(2026, 4, 20))
    fetch(date(2026, 4, 17))

    assert services.paths == ["/oai", "/api/query"]


def test_what_the_calendar_puts_on_another_day_goes_there(services: Services):
    services.api(atom(entry("2603.00001v1", submitted_for(LONG_AGO, 71))))

    assert [paper.day for paper in papers(fetch(LONG_AGO))] == [date(2026, 3, 11)]


def paged(total: int, *, size: int = 500) -> Any:
    """An API that has so many papers."""

    def answer(query: dict[str, str]) -> Answer:
        start = int(query["start"])
        numbers = range(start, min(total, start + min(size, int(query["max_results"]))))
        entries = (entry(f"2603.{n:05d}v1", submitted_for(LONG_AGO)) for n in numbers)
        return Answer(atom(*entries, total=total))

    return answer


def test_pages_are_fetched_until_all_are_there(services: Services):
    services.by_query("api", paged(1_201))

    look = fetch(LONG_AGO)

    assert (len(adding(look)), look.proof) == (1_201, Proof.COMPLETE)
    assert [query["start"] for query in services.asked] == ["0", "500", "1000"]


def test_a_server_with_smaller_pages_is_followed(services: Services):
    services.by_query("api", paged(25, size=10))

    look = fetch(LONG_AGO)

    assert (len(adding(look)), look.proof, len(services.asked)) == (25, Proof.COMPLETE, 3)


def test_no_papers_on_a_day_of_announcements_may_be_a_failure(services: Services):
    services.api(atom())

    look = fetch(LONG_AGO)

    assert (look.proof, look.reason) == (Proof.PARTIAL, "The API knows no papers of a day of announcements.")


def test_an_empty_page_before_the_end_is_partial(services: Services):
    services.api(atom(entry("2603.00001v1", submitted_for(LONG_AGO)), total=700), atom(total=700))

    look = fetch(LONG_AGO)

    assert (look.proof, look.reason) == (Proof.PARTIAL, "The API gave 1 of 700 papers.")
    assert len(services.asked) == 2


def test_a_server_that_ignores_where_to_start_is_left(services: Services):
    services.api(atom(entry("2603.00001v1", submitted_for(LONG_AGO)), total=700))

    assert fetch(LONG_AGO).proof == Proof.PARTIAL
    assert len(services.asked) == 2


def test_a_later_page_of_the_api_that_fails_leaves_what_came_before(services: Services):
    services.api(
        atom(entry("2603.00001v1", submitted_for(LONG_AGO)), total=700), Answer(API_ERROR, status=400)
    )

    look = fetch(LONG_AGO)

    assert (look.proof, adding(look)) == (Proof.PARTIAL, ["2603.00001"])
    assert "incorrect id format" in look.reason


def test_an_error_of_the_api_is_an_error_in_its_words(services: Services):
    services.api(Answer(API_ERROR, status=400))

    with pytest.raises(SourceError, match="incorrect id format for abc"):
        fetch(LONG_AGO)


# --- Single papers --------------------------------------------------------------------------


def look_up(*ids: str) -> list[Look]:
    return list(ArxivSource().look_up(ids, today=MONDAY))


def test_papers_are_looked_up_by_id_and_come_by_day(services: Services):
    services.api(
        atom(entry("2604.00001v2", submitted_for(FRIDAY)), entry("hep-th/9901001v1", "1999-01-04T12:00:00Z"))
    )

    looks = look_up("arXiv:2604.00001", "https://arxiv.org/abs/hep-th/9901001v1", "2604.00001")

    assert services.asked[0]["id_list"] == "2604.00001,hep-th/9901001v1"
    assert int(services.asked[0]["max_results"]) >= 2
    assert [(look.day, adding(look)) for look in looks] == [
        (date(1999, 1, 5), ["hep-th/9901001"]),
        (FRIDAY, ["2604.00001"]),
    ]


def test_what_is_no_id_and_what_nobody_knows_is_set_aside(services: Services):
    services.api(atom(entry("2604.00001v1", submitted_for(FRIDAY))))

    [look] = look_up("abc", "2604.00001", "0000.00000")

    assert services.asked[0]["id_list"] == "2604.00001,0000.00000"
    assert [(one.name, one.reason) for one in aside(look)] == [
        ("abc", "not an arXiv id"),
        ("0000.00000", "arXiv knows no such paper"),
    ]


def test_no_ids_take_no_request(services: Services):
    [look] = look_up("abc")

    assert len(aside(look)) == 1
    assert services.asked == []


def test_many_ids_are_asked_for_a_hundred_at_a_time(services: Services):
    def known(query: dict[str, str]) -> Answer:
        return Answer(
            atom(*(entry(f"{one}v1", submitted_for(FRIDAY)) for one in query["id_list"].split(",")))
        )

    services.by_query("api", known)

    [look] = look_up(*(f"2604.{n:05d}" for n in range(230)))

    assert len(adding(look)) == 230
    assert [len(query["id_list"].split(",")) for query in services.asked] == [100, 100, 30]
    assert all(query["max_results"] == str(len(query["id_list"].split(","))) for query in services.asked)


@pytest.mark.parametrize("answers", [1, 2])
def test_a_request_that_brings_nothing_proves_nothing(services: Services, answers: int):
    """The API answers so when it fails, and the papers would count as unknown to arXiv."""
    services.api(*[atom(*(entry(f"2604.{n:05d}v1") for n in range(100)))][: answers - 1], atom(total=0))

    with pytest.raises(SourceError, match=r"brought none of \d+ papers"):
        look_up(*(f"2604.{n:05d}" for n in range(100 * answers)))


def test_a_single_id_may_be_unknown(services: Services):
    services.api(atom(total=0))

    [look] = look_up("2604.00001")

    assert [one.reason for one in aside(look)] == ["arXiv knows no such paper"]


def test_an_archive_that_answers_too_slowly_is_given_up_and_what_came_is_kept(
    services: Services, monkeypatch: pytest.MonkeyPatch
):
    def slow(query: dict[str, str]) -> Answer:
        time.sleep(0.3)
        start = int(query["start"])
        many = (entry(f"2603.{n:05d}v1", submitted_for(LONG_AGO)) for n in range(start, start + 5))
        return Answer(atom(*many, total=100))

    services.by_query("api", slow)
    monkeypatch.setattr(live, "LONGEST", 0.5)

    look = fetch(LONG_AGO)

    assert (look.proof, len(adding(look))) == (Proof.PARTIAL, 5 * len(services.asked))
    assert 1 <= len(services.asked) <= 2
    assert look.reason.startswith("It took too long: what comes after the first ")
