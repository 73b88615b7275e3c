"""Fetching a day of preprints from an API that errs with status 200."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from digest.sources import biorxiv, gate, http, waiting
from digest.sources.base import FoundPaper, Proof, SetAside, SourceError
from tests.digest.loopback import Answer, Hub
from tests.digest.sources.preprints import BIORXIV, DAY, MEDRXIV, NO_POSTS, REFUSALS, page, row, titles


@pytest.fixture
def server(settings: Any, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setitem(gate.PAUSES, "biorxiv", 0)
    monkeypatch.setattr(waiting, "BACKOFF", 0)
    with Hub() as hub:
        settings.BIORXIV_URL = hub.url
        yield hub
        http._pool().clear()


def serve(hub: Hub, rows: list[Any], *, size: int = 30) -> None:
    """Pages of the server's own size; beyond them, nothing. The total counts far too many, as it does."""

    def answer(_: dict[str, str]) -> Answer:
        cursor = int(hub.paths[-1].split("/")[-2])
        return Answer.of(page(*rows[cursor : cursor + size]))

    hub.answer = answer


def test_a_row_under_a_date_that_cannot_be_its_own_counts_as_of_the_day(server: Hub):
    """Else it would lie in an edition nobody reads."""
    serve(server, [row(1), row(2, date="2016-08-20"), row(3, date="1970-01-01"), row(4, date="2026-08-18")])

    records = [record for record in BIORXIV.fetch(DAY).records if isinstance(record, FoundPaper)]

    assert [record.day for record in records] == [None, None, None, date(2026, 8, 18)]
    assert [record.announced_at.date() for record in records[:3]] == [DAY, DAY, DAY]
    assert records[1].submitted_at is None


def test_a_list_under_a_date_that_cannot_be_its_own_files_nothing(server: Hub):
    serve(server, [row(1, date="2016-08-20")])

    look = BIORXIV.fetch(DAY)

    assert (look.proof, look.announced) == (Proof.STALE, ())
    assert [record.only_enriches for record in look.records if isinstance(record, FoundPaper)] == [True]


# --- Paging -----------------------------------------------------------------------------------


def test_a_day_is_asked_for_by_its_date_at_its_server(server: Hub):
    serve(server, [row()])
    BIORXIV.fetch(DAY)
    MEDRXIV.fetch(DAY)

    assert server.paths == [
        f"/details/{name}/2026-08-20/2026-08-20/{cursor}/json"
        for name in ("biorxiv", "medrxiv")
        for cursor in (0, 1)
    ]


@pytest.mark.parametrize("size", [1, 7, 30, 100])
def test_pages_of_any_size_are_fetched_until_an_empty_one(server: Hub, size: int):
    serve(server, [row(n) for n in range(65)], size=size)

    look = BIORXIV.fetch(DAY)

    assert titles(look) == [f"Preprint number {n}" for n in range(65)]
    assert look.proof is None
    assert look.day == DAY
    assert look.source == "biorxiv"


def test_a_last_page_that_says_no_posts_found_ends_the_list(server: Hub):
    server.in_turn(Answer.of(page(row())), Answer.of(NO_POSTS))

    look = BIORXIV.fetch(DAY)

    assert titles(look) == ["Preprint number 1"]
    assert look.proof is None


def test_a_server_that_ignores_the_cursor_is_asked_twice_and_no_more(server: Hub):
    server.in_turn(Answer.of(page(row(1), row(2), {"doi": None})))

    look = BIORXIV.fetch(DAY)

    assert titles(look) == ["Preprint number 1", "Preprint number 2"]
    assert [type(record) for record in look.records].count(SetAside) == 1
    assert len(server.paths) == 2


def test_pages_that_overlap_give_each_version_once(server: Hub):
    second = row(1, version="2")
    server.in_turn(Answer.of(page(row(1), row(2))), Answer.of(page(row(2), second)), Answer.of(page(second)))

    look = BIORXIV.fetch(DAY)

    found = [record for record in look.records if isinstance(record, FoundPaper)]
    assert [(record.doi[-1:], record.version) for record in found] == [("1", 1), ("2", 1), ("1", 2)]


def test_a_server_that_never_ends_is_left_after_a_while(server: Hub, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(biorxiv, "MAX_PAGES", 5)
    server.answer = lambda _: Answer.of(page(row(len(server.paths))))

    look = BIORXIV.fetch(DAY)

    assert len(titles(look)) == len(server.paths) == 5
    assert (look.proof, look.reason) == (Proof.PARTIAL, "The list did not end after 5 pages.")


# --- What a look proves -----------------------------------------------------------------------


@pytest.mark.parametrize("document", [NO_POSTS, page(), {"messages": [{"status": "no posts found"}]}])
def test_a_day_without_posts_is_empty(server: Hub, document: Any):
    server.in_turn(Answer.of(document))

    look = BIORXIV.fetch(DAY)

    assert list(look.records) == []
    assert look.proof == Proof.EMPTY
    assert len(server.paths) == 1


@pytest.mark.parametrize(("body", "message"), REFUSALS)
def test_what_is_no_list_is_told_though_its_status_is_200(server: Hub, body: bytes, message: str):
    server.in_turn(Answer(body))

    with pytest.raises(SourceError, match=message) as told:
        BIORXIV.fetch(DAY)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("body", "message"), REFUSALS)
def test_trouble_on_a_later_page_keeps_the_rows_so_far(server: Hub, body: bytes, message: str):
    server.in_turn(Answer.of(page(row(1), row(2))), Answer(body))

    look = BIORXIV.fetch(DAY)

    assert titles(look) == ["Preprint number 1", "Preprint number 2"]
    assert look.proof == Proof.PARTIAL
    assert look.reason.startswith("Page 2: bioRxiv's list of 2026-08-20")


@pytest.mark.parametrize("status", [404, 500])
def test_a_server_in_trouble_on_a_later_page_keeps_the_rows_so_far(server: Hub, status: int):
    server.answer = lambda _: Answer.of(page(row())) if len(server.paths) == 1 else Answer(b"", status=status)

    look = BIORXIV.fetch(DAY)

    assert titles(look) == ["Preprint number 1"]
    assert look.proof == Proof.PARTIAL
    assert f"answered {status}" in look.reason


def test_a_later_page_of_which_nothing_can_be_read_is_not_taken_for_the_end(server: Hub):
    server.in_turn(Answer.of(page(row())), Answer.of(page({"DOI": "10.1101/x"}, 5)))

    look = BIORXIV.fetch(DAY)

    assert titles(look) == ["Preprint number 1"]
    assert (look.proof, look.reason) == (Proof.PARTIAL, "Page 2 holds nothing that could be read.")


def test_a_first_page_of_which_nothing_can_be_read_is_not_an_empty_day(server: Hub):
    serve(server, [{"DOI": "10.1101/x"}, 5])

    look = BIORXIV.fetch(DAY)

    assert [type(record) for record in look.records] == [SetAside, SetAside]
    assert look.proof is None


def test_the_list_of_another_day_is_stale_and_its_papers_keep_their_day(server: Hub):
    serve(server, [row(1, date="2026-08-19"), row(2, date="2026-08-18")])

    look = BIORXIV.fetch(DAY)

    assert (look.proof, look.reason) == (Proof.STALE, "This is the list of 2026-08-19.")
    assert [record.day for record in look.records if isinstance(record, FoundPaper)] == [
        date(2026, 8, 19),
        date(2026, 8, 18),
    ]


def test_a_row_of_another_day_among_others_keeps_its_day(server: Hub):
    serve(server, [row(1), row(2, date="2026-08-19")])

    look = BIORXIV.fetch(DAY)

    own, other = (record for record in look.records if isinstance(record, FoundPaper))
    assert look.proof is None
    assert own.day is None
    assert (other.day, other.announced_at) == (date(2026, 8, 19), datetime(2026, 8, 19, tzinfo=UTC))


def test_what_is_new_is_named_by_doi_and_version(server: Hub):
    serve(server, [row(1), row(2, version="3"), row(3, date="x"), {}])

    assert BIORXIV.fetch(DAY).announced == ("10.1101/2026.08.01.000001v1", "10.1101/2026.08.01.000003v1")


def test_days_still_grow_and_are_looked_at_again():
    assert BIORXIV.grows
    assert BIORXIV.revisits == (timedelta(hours=24), timedelta(hours=48))
    assert (BIORXIV.name, BIORXIV.label) == ("biorxiv", "bioRxiv")
    assert (MEDRXIV.name, MEDRXIV.label) == ("medrxiv", "medRxiv")


# --- Categories -------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", ["cell biology", "cell_biology", " Cell  Biology "])
def test_only_our_categories_are_taken_however_they_are_written(server: Hub, settings: Any, setting: str):
    settings.BIORXIV_CATEGORIES = ["ecology", setting]
    serve(
        server, [row(1), row(2, category="Cell Biology"), row(3, category=None), row(4, category="ecology")]
    )

    assert titles(BIORXIV.fetch(DAY)) == ["Preprint number 2", "Preprint number 4"]


def test_each_server_has_categories_of_its_own(server: Hub, settings: Any):
    settings.BIORXIV_CATEGORIES = ["ecology"]
    serve(server, [row(server="medRxiv", category="epidemiology")])

    assert titles(MEDRXIV.fetch(DAY)) == ["Preprint number 1"]


def test_a_day_with_papers_of_which_none_is_ours_is_not_empty(server: Hub, settings: Any):
    settings.BIORXIV_CATEGORIES = ["ecology"]
    serve(server, [row()])

    look = BIORXIV.fetch(DAY)

    assert list(look.records) == []
    assert look.proof == Proof.COMPLETE


def test_a_look_at_today_is_made_now(server: Hub):
    serve(server, [row()])

    assert timezone.now() - BIORXIV.fetch(DAY).seen_at < timedelta(seconds=30)
