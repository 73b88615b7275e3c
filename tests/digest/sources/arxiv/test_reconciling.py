"""Asking arXiv what changed on a day of the last week: OAI-PMH, page by page."""

import time
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest

from digest.sources.arxiv import live
from digest.sources.base import Proof, SourceError
from tests.digest.loopback import Answer
from tests.digest.sources.arxiv.conftest import (
    LONG_AGO,
    NOON,
    SATURDAY,
    Services,
    adding,
    aside,
    fetch,
    papers,
    reconcile,
)
from tests.digest.sources.arxiv.payloads import (
    FRIDAY,
    MONDAY,
    oai,
    oai_error,
    raw,
    submitted_for,
)

pytestmark = pytest.mark.usefixtures("noon")


def test_a_day_of_the_last_week_is_asked_of_oai(services: Services):
    services.oai(oai())

    fetch(FRIDAY, "cond-mat.str-el")

    assert services.asked == [
        {
            "verb": "ListRecords",
            "metadataPrefix": "arXivRaw",
            "from": "2026-04-24",
            "until": "2026-04-25",
            "set": "physics:cond-mat:str-el",
        }
    ]


def test_oai_is_asked_no_further_than_tomorrow(services: Services):
    services.oai(oai())

    reconcile(MONDAY)

    assert (services.asked[0]["from"], services.asked[0]["until"]) == ("2026-04-27", "2026-04-28")


def test_what_was_submitted_for_the_day_adds_and_all_else_enriches(services: Services):
    ours, earlier = submitted_for(FRIDAY), submitted_for(LONG_AGO)
    services.oai(
        oai(
            raw("2604.00001", ours),
            raw("2604.00002", ours, NOON),  # replaced since
            raw("2603.00001", earlier, ours),  # a new version
            raw("2603.00002", earlier),  # corrected, or newly cross-listed
            raw("2604.00003", ours, NOON, source_type="I"),  # withdrawn since
            raw("2604.00004"),  # without any version
        )
    )

    look = reconcile()

    assert adding(look) == ["2604.00001", "2604.00002"]
    assert len(papers(look)) == 5
    reason = "the date of its first version cannot be read"
    assert [(one.name, one.reason) for one in aside(look)] == [("2604.00004", reason)]
    assert (look.day, look.category, look.proof) == (FRIDAY, "cs.CV", Proof.COMPLETE)
    assert look.announced == ("2604.00001v1", "2604.00002v2")
    assert {paper.day for paper in papers(look)} == {None}
    assert papers(look)[0].announced_at == datetime(2026, 4, 24, 4, tzinfo=UTC)
    assert papers(look)[2].announced_at == datetime(2026, 3, 10, 4, tzinfo=UTC)


def test_what_was_submitted_later_than_for_this_day_is_left_to_the_next(services: Services):
    first, beyond = submitted_for(FRIDAY, 0), submitted_for(FRIDAY, 24)
    before = timedelta(seconds=1)
    services.oai(
        oai(
            raw("2604.00002", first),
            raw("2604.00003", beyond - before),
            raw("2604.00004", beyond),
        )
    )

    assert adding(reconcile()) == ["2604.00002", "2604.00003"]


def test_a_first_version_of_the_weeks_before_is_new_to_whoever_has_it_not(services: Services):
    """Held back by moderators, or listed here late."""
    first, month = submitted_for(FRIDAY, 0), timedelta(days=30)
    second = timedelta(seconds=1)
    services.oai(
        oai(
            raw("2604.00001", first - second),
            raw("2603.00002", first - month),
            raw("2603.00003", first - month - second),
        )
    )

    look = reconcile()

    assert sorted(adding(look)) == ["2603.00002", "2604.00001"]
    assert {one.day for one in papers(look)} == {None}


@pytest.mark.parametrize("told", ["garbled", "", "Fri, 24 Apr 1826 12:00:00 GMT"])
def test_a_first_version_without_a_date_is_placed_by_its_id(services: Services, told: str):
    """Else it would be lost on a day that counts as complete."""
    ours, second = submitted_for(FRIDAY), submitted_for(FRIDAY, 3)
    dated = [raw("2604.00001", ours), raw("2604.00002", ours, second), raw("2512.00003", ours)]
    dated += [raw("2604.00004", ours, source_type="I")]
    garbled = [one.replace(format_datetime(ours, usegmt=True), told) for one in dated]
    services.oai(oai(raw("2604.00005", ours), *garbled))

    look = reconcile()

    assert adding(look) == ["2604.00005", "2604.00001"]
    assert [one.name for one in aside(look)] == ["2604.00002"]  # new, or new to none
    assert {one.arxiv_id for one in papers(look) if one.only_enriches} == {"2512.00003", "2604.00004"}


def test_what_comes_late_tells_the_day_that_was_to_bring_it(services: Services):
    services.oai(oai(raw("2604.00001", submitted_for(FRIDAY)), raw("2604.00002", submitted_for(LONG_AGO))))

    assert [one.late_since for one in papers(reconcile())] == [None, None]

    services.oai(oai(raw("2604.00002", submitted_for(date(2026, 4, 22)))))

    assert [one.late_since for one in papers(reconcile())] == [date(2026, 4, 22)]


def test_a_list_is_read_page_by_page_to_its_end(services: Services):
    ours = submitted_for(FRIDAY)
    services.oai(
        oai(raw("2604.00001", ours), token="t1"),
        oai(raw("2604.00001", ours), raw("2604.00002", ours), token="t2"),
        oai(raw("2604.00003", ours), token=""),
    )

    look = reconcile()

    assert adding(look) == ["2604.00001", "2604.00002", "2604.00003"]
    assert services.asked[1:] == [
        {"verb": "ListRecords", "resumptionToken": "t1"},
        {"verb": "ListRecords", "resumptionToken": "t2"},
    ]
    assert look.proof == Proof.COMPLETE


@pytest.mark.parametrize(
    "second",
    [
        Answer(b"gone", status=404),
        Answer(oai_error("badResumptionToken", "The token has expired.")),
        Answer(b"<OAI-PMH>"),
    ],
    ids=["missing", "expired", "broken"],
)
def test_a_later_page_that_fails_leaves_what_came_before(services: Services, second: Answer):
    services.oai(oai(raw("2604.00001", submitted_for(FRIDAY)), token="t1"), second)

    look = reconcile()

    assert (look.proof, adding(look)) == (Proof.PARTIAL, ["2604.00001"])
    assert look.reason.startswith("Page 2 is missing: ")


def test_a_page_that_breaks_off_ends_the_list(services: Services):
    ours = submitted_for(FRIDAY)
    services.oai(oai(raw("2604.00001", ours), raw("2604.00002", ours), token="t1")[:-250])

    look = reconcile()

    assert (look.proof, adding(look)) == (Proof.PARTIAL, ["2604.00001"])
    assert len(services.asked) == 1


def test_pages_that_name_each_other_are_left(services: Services):
    services.oai(oai(raw("2604.00001", submitted_for(FRIDAY)), token="t1"))

    look = reconcile()

    assert (look.proof, len(services.asked)) == (Proof.PARTIAL, 2)
    assert "circle" in look.reason


def test_a_list_without_end_is_left_after_a_while(services: Services):
    services.by_query(
        "oai",
        lambda query: Answer(oai(token=f"t{len(services.asked)}")),  # noqa: ARG005
    )

    look = reconcile()

    assert (look.proof, len(services.asked)) == (Proof.PARTIAL, live.MAX_PAGES)


def test_nothing_on_a_day_of_announcements_is_empty(services: Services):
    services.oai(oai_error("noRecordsMatch", "No records match."))

    look = reconcile()

    assert (look.proof, look.reason) == (Proof.EMPTY, "arXiv lists no change on this day (No records match).")


@pytest.mark.parametrize("day", [SATURDAY, date(2026, 1, 2)])
def test_a_day_without_announcements_takes_no_request(services: Services, day: date):
    assert fetch(day).proof == Proof.HOLIDAY
    assert reconcile(day).proof == Proof.HOLIDAY
    assert services.asked == []


def test_an_error_on_the_first_page_is_an_error(services: Services):
    services.oai(oai_error("badArgument", "until must not be later than tomorrow"))

    with pytest.raises(SourceError, match=r"badArgument .until must not be later"):
        reconcile()


def test_a_record_of_the_future_is_set_aside(services: Services):
    services.oai(
        oai(raw("2604.00001", datetime(2099, 1, 1, tzinfo=UTC)), raw("2604.00002", submitted_for(FRIDAY)))
    )

    look = reconcile()

    assert adding(look) == ["2604.00002"]
    assert [one.name for one in aside(look)] == ["2604.00001"]


def test_pages_that_come_too_slowly_are_given_up_and_those_that_came_are_kept(
    services: Services, monkeypatch: pytest.MonkeyPatch
):
    """The worker would be ended, and all of them lost."""

    def slow(query: dict[str, str]) -> Answer:
        time.sleep(0.3)
        number = len(services.asked)
        return Answer(oai(raw(f"2604.{number:05d}", submitted_for(FRIDAY)), token=f"t{number}"))

    services.by_query("oai", slow)
    monkeypatch.setattr(live, "LONGEST", 0.5)

    look = reconcile()

    assert (look.proof, len(adding(look))) == (Proof.PARTIAL, len(services.asked))
    assert 1 <= len(services.asked) <= 2
    assert look.reason.startswith("It took too long: page ")
