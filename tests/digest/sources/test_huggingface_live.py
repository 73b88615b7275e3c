"""Fetching a day over HTTP from a server that behaves as the real one does, at its worst."""

import time
from typing import Any

import pytest

from digest.sources import SOURCES, http
from digest.sources.base import AskedToWait, FoundPaper, Look, Proof, SetAside, SourceError
from digest.sources.metered import metered
from tests.digest.conftest import hf_entry
from tests.digest.loopback import Answer, Hub
from tests.factories import DAY


def fetch() -> Look:
    return SOURCES["huggingface"].fetch(DAY)


def titles(look: Look) -> list[str]:
    return [record.title for record in look.records if isinstance(record, FoundPaper)]


def entries(*names: str) -> list[dict[str, Any]]:
    return [hf_entry(title=name) for name in names]


# --- Paging ---------------------------------------------------------------------------------


def test_a_day_is_asked_for_by_its_date_with_a_way_to_reach_us(hub: Hub):
    hub.pages(entries("A"))

    fetch()

    assert hub.paths[0] == "/api/daily_papers"
    assert hub.asked[0]["date"] == "2025-09-26"
    assert hub.headers[0]["User-Agent"].startswith("PaperRound (+")


def test_pages_are_fetched_until_one_brings_nothing_new(hub: Hub):
    hub.pages(entries("A", "B"), entries("C"), entries("D"), [], entries("never"))

    assert titles(fetch()) == ["A", "B", "C", "D"]
    assert [query["p"] for query in hub.asked] == ["0", "1", "2", "3"]


def test_pages_that_overlap_give_each_paper_once(hub: Hub):
    a, b, c = entries("A", "B", "C")
    hub.pages([a, b], [b, c], [c])

    assert titles(fetch()) == ["A", "B", "C"]


def test_a_server_that_ignores_the_page_is_asked_twice_and_no_more(hub: Hub):
    page = entries("A", "B")
    hub.in_turn(Answer.of(page))

    assert titles(fetch()) == ["A", "B"]
    assert len(hub.asked) == 2


def test_a_server_that_never_ends_is_left_after_a_while(hub: Hub):
    hub.answer = lambda query: Answer.of([hf_entry(f"2509.{int(query['p']):05d}")])

    assert len(titles(fetch())) == len(hub.asked) == 20


def test_a_malformed_entry_is_set_aside_once_though_every_page_repeats_it(hub: Hub):
    hub.in_turn(Answer.of([*entries("A"), {"paper": None}]))

    assert [type(record) for record in fetch().records] == [FoundPaper, SetAside]


def test_a_day_on_which_every_entry_is_malformed_is_not_an_empty_day(hub: Hub):
    """When the list changes its shape, the ledger has to show it."""
    hub.in_turn(Answer.of([{"article": {"id": "2509.00001"}}, {"article": {"id": "2509.00002"}}]))

    assert [type(record) for record in fetch().records] == [SetAside, SetAside]


def test_a_day_without_papers_is_an_empty_look(hub: Hub):
    look = fetch()

    assert list(look.records) == []
    assert len(hub.asked) == 1


def test_bytes_of_all_pages_are_counted(hub: Hub):
    page = Answer.of(entries("A"))
    hub.in_turn(page)

    with metered() as meter:
        fetch()

    assert meter.bytes_read == 2 * len(page.body)


def test_a_packed_answer_is_unpacked(hub: Hub):
    hub.in_turn(Answer.packed(Answer.of(entries("A")).body))

    assert titles(fetch()) == ["A"]
    assert hub.headers[0]["Accept-Encoding"] == "gzip"


# --- Trouble --------------------------------------------------------------------------------


def test_a_server_in_trouble_is_asked_again_and_then_left(hub: Hub, naps: list[float]):
    hub.in_turn(Answer(b"oops", status=500))

    with pytest.raises(SourceError, match=r"127\.0\.0\.1 answered 500 instead of a list\. Try again later\."):
        fetch()
    assert len(hub.asked) == http.TRIES
    assert sum(naps) >= 2


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_trouble_that_passes_costs_only_time(hub: Hub, naps: list[float], status: int):
    hub.in_turn(Answer(b"oops", status=status), Answer.of(entries("A")))

    assert titles(fetch()) == ["A"]


def test_whoever_says_when_to_come_back_is_asked_no_sooner(hub: Hub, naps: list[float]):
    hub.in_turn(Answer(b"slow down", status=429, headers={"Retry-After": "7"}), Answer.of(entries("A")))

    assert titles(fetch()) == ["A"]
    assert sum(naps) == pytest.approx(7, abs=0.1)


def test_a_wish_for_a_day_is_kept_and_not_slept_through(hub: Hub, naps: list[float]):
    hub.in_turn(Answer(b"", status=429, headers={"Retry-After": "86400"}), Answer.of(entries("A")))

    for hours in (0, 12, 11.9):
        time.sleep(3_600 * hours)
        with pytest.raises(AskedToWait, match=r"wants no request before \d\d:\d\d UTC on \d{4}-\d\d-\d\d"):
            fetch()
    assert len(hub.asked) == 1
    time.sleep(600)
    assert titles(fetch()) == ["A"]
    assert set(naps) == {0, 12 * 3_600, 11.9 * 3_600, 600}, "nobody slept but this test"


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refusal_is_told_at_once(hub: Hub, naps: list[float], status: int):
    hub.in_turn(Answer(b'{"error": "no"}', status=status))

    with pytest.raises(SourceError, match=f"answered {status} instead of a list"):
        fetch()
    assert len(hub.asked) == 1
    assert naps == []


def test_nobody_at_home_is_told_with_what_to_do(hub: Hub, naps: list[float]):
    hub.close()

    with pytest.raises(
        SourceError, match=r"cannot be reached .*or read a recorded payload with --file\."
    ) as told:
        fetch()
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("url", ["http://[", "nonsense://x", "http://", "http://exa mple.org"])
def test_an_address_that_is_none_is_told_as_any_other_trouble(settings: Any, url: str):
    settings.HUGGINGFACE_URL = url

    with pytest.raises(SourceError):
        fetch()


def test_a_page_for_people_is_no_list(hub: Hub):
    hub.in_turn(Answer(b"<!doctype html><title>Welcome</title>", headers={"Content-Type": "text/html"}))

    with pytest.raises(SourceError, match="The daily list of 2025-09-26 is not JSON"):
        fetch()


def test_an_error_in_place_of_a_list_is_told_in_its_own_words(hub: Hub):
    hub.in_turn(Answer.of({"error": "Sorry, we can't find the page you are looking for."}))

    with pytest.raises(SourceError, match="holds an error message: Sorry, we can't find"):
        fetch()


def test_an_error_on_a_later_page_leaves_what_the_others_told_and_says_so(hub: Hub):
    hub.in_turn(Answer.of(entries("A")), Answer.of({"error": "gone"}))

    look = fetch()

    assert titles(look) == ["A"]
    assert (look.proof, "gone" in look.reason) == (Proof.PARTIAL, True)


def test_a_body_beyond_all_measure_is_not_read_to_its_end(hub: Hub):
    hub.in_turn(Answer.packed(b" " * (http.MAX_BYTES + 1)))

    with pytest.raises(SourceError, match="sent more than 32 MB; stopped reading"):
        fetch()


def test_the_next_day_can_be_fetched_after_a_body_that_was_not_read_to_its_end(hub: Hub, naps: list[float]):
    hub.in_turn(Answer(b" " * (http.MAX_BYTES + 1)), Answer.of(entries("A")))
    with pytest.raises(SourceError, match="sent more than"):
        fetch()

    assert titles(fetch()) == ["A"]


def test_an_answer_that_breaks_off_is_told(hub: Hub, naps: list[float]):
    whole = Answer.packed(Answer.of(entries("A")).body)
    hub.in_turn(Answer(whole.body[:40], headers=whole.headers))

    with pytest.raises(SourceError, match=r"is not JSON|broke off its answer"):
        fetch()


@pytest.mark.parametrize("told", ["2024-09-26", "2025-09-18", "2025-09-27", "2099-01-01"])
def test_a_list_under_a_date_that_cannot_be_its_own_files_nothing(hub: Hub, told: str):
    """A server that forgets the day it was asked for tells today's; those are not of that day."""
    hub.pages([hf_entry(submittedOnDailyAt=f"{told}T01:30:00.000Z")])

    look = fetch()

    assert (look.proof, look.reason, look.announced) == (Proof.STALE, f"This is the list of {told}.", ())
    assert [one.only_enriches for one in look.records if isinstance(one, FoundPaper)] == [True]
