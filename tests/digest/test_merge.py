"""What later records do to papers that are in: withdrawals, enrichments, and records no database can hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.test import Client

from digest import dispatch, editions, ingest
from digest.delivery import deliver
from digest.letter import digest_of
from digest.models import Delivery, Edition, Entry, Identifier, IngestRun, Paper, Sighting
from digest.sources.base import FoundPaper
from tests.conftest import ON_SERVERS
from tests.digest.conftest import NOON, found, look_at
from tests.factories import DAY, make_subscriber

pytestmark = pytest.mark.django_db
ONE_DAY = timedelta(days=1)
ARXIV = "2501.00001"


def sheep(**fields: Any) -> FoundPaper:
    return found(fields.pop("title", "Sheep"), **{"arxiv_id": ARXIV} | fields)


def take_in(*records: FoundPaper, days: int = 0, **fields: Any) -> IngestRun:
    day = DAY + days * ONE_DAY
    run = ingest.take_in(look_at(*records, day=day, seen_at=NOON + days * ONE_DAY, **fields))
    run.refresh_from_db()
    return run


def the_paper() -> Paper:
    return Paper.objects.get(identifiers__value=ARXIV)


# --- Withdrawn ------------------------------------------------------------------------------


def test_a_withdrawn_paper_is_never_planned():
    take_in(sheep(version=1), found("Goats"))
    editions.publish(Edition.objects.get())
    take_in(sheep(version=2, withdrawn=True, only_enriches=True), days=1)

    dispatch.plan([make_subscriber(keywords="sheep").pk])

    goats = Paper.objects.get(title="Goats")
    assert [pick["paper"] for pick in Delivery.objects.get().picks] == [goats.pk]


def test_a_paper_that_is_withdrawn_after_it_was_planned_is_left_out_of_the_letter():
    take_in(sheep(version=1), found("Goats"))
    editions.publish(Edition.objects.get())
    reader = make_subscriber()
    dispatch.plan([reader.pk])
    planned = Delivery.objects.get()
    assert len(digest_of(planned, reader)) == 2

    take_in(sheep(version=2, withdrawn=True, only_enriches=True), days=1)

    assert [shown.title for shown, _ in digest_of(planned, reader).papers] == ["Goats"]


def test_a_letter_of_nothing_but_withdrawn_papers_is_not_sent():
    take_in(sheep(version=1))
    editions.publish(Edition.objects.get())
    ids = dispatch.plan([make_subscriber().pk])
    take_in(sheep(version=2, withdrawn=True), days=1)

    deliver(ids)

    assert Delivery.objects.get().state == Delivery.State.EXCLUDED


def test_a_newer_version_that_is_not_withdrawn_brings_the_paper_back(client: Client):
    take_in(sheep(version=1, abstract="Wrong."))
    take_in(sheep(version=2, withdrawn=True), days=1)
    assert not Entry.objects.shown().exists()

    take_in(sheep(version=3, abstract="Right"), days=2, source="huggingface")
    assert the_paper().withdrawn, "only arXiv itself knows"
    take_in(sheep(version=4, abstract="Right.", primary_category="cs.CV"), days=3)

    assert (the_paper().withdrawn, the_paper().abstract) == (False, "Right.")
    assert b"Sheep" in client.get("/papers/2025-09-26/").content


@pytest.mark.parametrize("version", [None, 1, 2])
def test_a_version_that_is_not_newer_brings_no_withdrawn_paper_back(version: int | None):
    """Other sources go on listing it, and feeds tell old versions late."""
    take_in(sheep(version=2, withdrawn=True))
    take_in(sheep(version=version), days=1, source="huggingface")

    assert the_paper().withdrawn


# --- Only enriches --------------------------------------------------------------------------


def test_a_replacement_of_a_paper_that_is_not_ours_adds_nothing():
    run = take_in(sheep(version=2, upvotes=9, only_enriches=True), found("New"))

    assert (run.found, run.added, run.changed, run.passed_over) == (2, 1, 0, 1)
    assert list(Paper.objects.values_list("title", flat=True)) == ["New"]
    assert not Identifier.objects.filter(value=ARXIV).exists()
    assert not Sighting.objects.filter(upvotes=9).exists()


def test_a_look_of_nothing_but_replacements_makes_no_edition():
    run = take_in(sheep(version=2, only_enriches=True))

    assert run.verdict == IngestRun.Verdict.COMPLETE
    assert not Edition.objects.exists()


def test_a_replacement_of_a_paper_of_ours_tells_more_of_it():
    take_in(sheep(version=1, abstract="Old."))

    run = take_in(
        sheep(version=2, abstract="New.", doi="10.1000/sheep", upvotes=9, only_enriches=True), days=1
    )

    assert (run.added, run.changed, run.passed_over) == (0, 1, 0)
    assert (the_paper().version, the_paper().abstract) == (2, "New.")
    assert Identifier.objects.filter(value="10.1000/sheep", paper=the_paper()).exists()
    assert Sighting.objects.get(upvotes=9).paper == the_paper()
    assert Entry.objects.get().edition.date == DAY


def test_a_replacement_counts_though_its_paper_is_new_in_the_same_look():
    run = take_in(sheep(version=1), sheep(version=1, tldr="Short.", only_enriches=True))

    assert (run.added, run.passed_over, the_paper().tldr) == (1, 0, "Short.")


# --- A later source -------------------------------------------------------------------------


def test_a_category_that_is_added_later_stands_behind_the_first_ones():
    take_in(sheep(primary_category="cs.CL", categories=("cs.CL", "cs.CV")))
    take_in(sheep(primary_category="cs.AI", categories=("cs.AI", "cs.CV")), days=1)

    assert the_paper().categories == ["cs.CL", "cs.CV", "cs.AI"]
    assert the_paper().primary_category == "cs.CL"


def test_the_same_categories_in_another_order_change_nothing():
    take_in(sheep(categories=("cs.CL", "cs.CV")))

    assert take_in(sheep(categories=("cs.CV", "cs.CL")), days=1).changed == 0


def test_a_paper_of_a_published_edition_stays_there_and_takes_what_is_told_later():
    take_in(sheep())
    editions.publish(Edition.objects.get())

    take_in(sheep(tldr="Short.", upvotes=7), days=3, source="huggingface")

    assert Entry.objects.get().edition.date == DAY
    assert the_paper().tldr == "Short."
    assert not Edition.objects.exclude(date=DAY).exists()


def test_a_paper_stands_in_the_edition_of_its_own_day_where_a_source_names_one():
    take_in(sheep(day=DAY - ONE_DAY), found("Todays"))

    assert Entry.objects.get(paper=the_paper()).edition.date == DAY - ONE_DAY
    assert Entry.objects.get(paper__title="Todays").edition.date == DAY


# --- What no database can hold --------------------------------------------------------------

BEYOND = datetime(9999, 12, 31, 23, tzinfo=timezone(-12 * timedelta(hours=1)))
"""A moment that is beyond the calendar in UTC."""
BEFORE = datetime(1, 1, 1, tzinfo=timezone(12 * timedelta(hours=1)))
UNSTORABLE: list[dict[str, Any]] = [
    {"announced_at": BEYOND},
    {"submitted_at": BEFORE},
    {"title": "lone \ud800 surrogate"},
    {"doi": "10.1000/\udfff"},
    {"title": ""},
    {"upvotes": -1},
    {"stars": 2**70},
]
REFUSED_BY_POSTGRESQL: list[dict[str, Any]] = [
    {"title": "nul \x00"},
    {"authors": ("nul \x00",)},
    {"version": 100_000},
    {"comments": 2**40},
    {"organization": "o" * 201},
    {"doi": "10.1000/" + "x" * 300},
]


@pytest.mark.parametrize(
    "fields", UNSTORABLE + REFUSED_BY_POSTGRESQL * ON_SERVERS, ids=lambda one: repr(one)[:40]
)
@pytest.mark.parametrize("at", [0, 499])
def test_a_record_the_database_cannot_hold_keeps_nobody_else_out(fields: dict[str, Any], at: int):
    records = [found(f"Good {n}") for n in range(499)]
    records.insert(at, replace(sheep(), **fields))

    run = take_in(*records)

    assert Paper.objects.count() == Entry.objects.count() == 499
    assert (run.verdict, run.added, run.settled) == (IngestRun.Verdict.PARTIAL, 499, True)
    assert [record["reason"].split(":")[0] for record in run.set_aside] == ["the database cannot hold it"]
    assert run.set_aside[0]["name"] == ARXIV
    assert run.error == "1 record could not be read."


@pytest.mark.parametrize(
    "fields", [{"title": "lone \ud800 surrogate"}, {"title": "\x00" * 200, "upvotes": -1}]
)
def test_the_ledger_can_hold_the_name_of_what_the_database_could_not(fields: dict[str, Any]):
    run = take_in(FoundPaper(announced_at=NOON, **fields), found("Good"))

    assert run.set_aside[0]["name"] in ("lone surrogate", "")
    assert run.added == 1


def test_an_enrichment_the_database_cannot_hold_leaves_the_paper_as_it_was():
    take_in(sheep(), found("Goats", arxiv_id="2501.00002"))
    unstorable = "\ud800"

    run = take_in(sheep(abstract=unstorable), found("Goats", arxiv_id="2501.00002", abstract="New."), days=1)

    assert the_paper().abstract == ""
    assert Paper.objects.get(title="Goats").abstract == "New."
    assert len(run.set_aside) == run.changed == 1


@pytest.mark.skipif(not ON_SERVERS, reason="SQLite holds texts of any length")
def test_a_text_that_is_too_long_for_its_column_is_never_cut_in_silence():
    take_in(sheep(), found("Goats", arxiv_id="2501.00002"))

    run = take_in(sheep(organization="o" * 201), days=1)

    assert the_paper().organization == ""
    assert [record["name"] for record in run.set_aside] == [ARXIV]


def test_moments_are_kept_as_they_were_told_whatever_their_zone():
    told = datetime(2025, 9, 26, 23, tzinfo=timezone(timedelta(hours=-5)))
    take_in(sheep(announced_at=told, submitted_at=told - ONE_DAY))

    assert the_paper().announced_at == datetime(2025, 9, 27, 4, tzinfo=UTC)
    assert the_paper().submitted_at == datetime(2025, 9, 26, 4, tzinfo=UTC)
