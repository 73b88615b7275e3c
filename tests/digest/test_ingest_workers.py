"""Two workers that take in the same papers at the same moment."""

import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection, connections

from digest import editions, ingest, ledger
from digest.models import Edition, Entry, Identifier, IngestRun, Paper, Sighting
from digest.sources.base import FoundPaper
from tests.digest.conftest import NOON, at_once, found, look_at
from tests.factories import DAY
from tests.world.fixtures import TODAY, world  # noqa: F401  (a fixture)
from tests.world.server import WorldServer

pytestmark = pytest.mark.usefixtures("many_workers")


def counts() -> dict[str, int]:
    return {
        model.__name__: model._default_manager.count()
        for model in (Paper, Identifier, Sighting, Entry, Edition)
    }


def ranks() -> list[dict[str, object]]:
    return [dict(row) for row in Entry.objects.order_by("rank").values("paper__title", "rank", "score")]


def everything() -> dict[str, list[Any]]:
    """All that ingest writes of papers, without the numbers and the moments of the writing."""
    columns = [
        field.name
        for field in Paper._meta.concrete_fields
        if field.name not in ("id", "created_at", "same_as")
    ]
    named = Identifier.objects.values_list("paper__public_id", "scheme", "value")
    entered = Entry.objects.values_list("edition__date", "edition__state", "rank", "paper__public_id")
    seen = Sighting.objects.values_list("paper__public_id", "source", "upvotes", "comments", "stars")
    return {
        "papers": sorted(repr(row) for row in Paper.objects.values_list(*columns)),
        "names": sorted(named),
        "entries": sorted(entered),
        "sightings": sorted(repr(row) for row in seen),
    }


def test_the_same_look_twice_at_once_is_the_same_as_once():
    records = [
        found(f"Paper {n}", upvotes=n, arxiv_id=f"2501.{n:05d}", doi=f"10.1000/{n}") for n in range(300)
    ]

    runs = at_once(*[lambda: ingest.take_in(look_at(*records))] * 2)

    assert counts() == {"Paper": 300, "Identifier": 900, "Sighting": 300, "Entry": 300, "Edition": 1}
    assert sorted(run.added for run in runs) == [0, 300]
    assert {run.verdict for run in runs} == {IngestRun.Verdict.COMPLETE}


@pytest.mark.skipif(connection.vendor == "sqlite", reason="there only one may write at a time")
def test_whoever_comes_second_to_the_same_paper_begins_its_batch_again():
    """Both have looked and not found it: the names of the second are taken when it writes."""
    record = found("Paper", arxiv_id="2501.00001")
    meeting = Barrier(2)

    def take_in() -> IngestRun:
        met: list[bool] = []

        def meet(execute: Any, sql: str, *rest: Any) -> Any:
            if sql.startswith('INSERT INTO "digest_paper"') and not met:
                met.append(True)
                meeting.wait(timeout=10)
            return execute(sql, *rest)

        with connection.execute_wrapper(meet):
            return ingest.take_in(look_at(record))

    runs = at_once(take_in, take_in)

    assert sorted(run.added for run in runs) == [0, 1]
    assert {(run.verdict, len(run.set_aside)) for run in runs} == {(IngestRun.Verdict.COMPLETE, 0)}
    assert counts()["Paper"] == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only there is all of it locked at once")
def test_a_batch_that_found_the_database_locked_begins_again():
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        connection.ensure_connection()
        connection.connection.execute("PRAGMA busy_timeout = 50")
        run = ledger.begin("file", DAY)
        other.execute("BEGIN IMMEDIATE")
        refused: list[str] = []

        def let_go(execute: Any, sql: str, *rest: Any) -> Any:
            try:
                return execute(sql, *rest)
            except OperationalError as error:
                refused.append(str(error))
                other.execute("ROLLBACK")
                raise

        with connection.execute_wrapper(let_go):
            ingest.take_in(look_at(found(), found()), run=run)

    assert refused == ["database is locked"]
    assert (run.verdict, run.added) == (IngestRun.Verdict.COMPLETE, 2)


def test_two_lists_that_hold_the_same_papers_in_another_order_both_come_in():
    """Each comes to wait for rows of the other: neither may die of it."""
    long = " ".join(map(str, range(4_000)))  # so that writing takes long enough to meet in the middle
    records = [found(f"Paper {n}", arxiv_id=f"2501.{n:05d}", abstract=long) for n in range(300)]
    meeting = Barrier(2)

    def take_in(*papers: FoundPaper, source: str) -> IngestRun:
        met: list[bool] = []

        def meet(execute: Any, sql: str, *rest: Any) -> Any:
            if sql.startswith('INSERT INTO "digest_paper"') and not met:
                met.append(True)
                with suppress(BrokenBarrierError):  # where only one may write, the other is not here yet
                    meeting.wait(timeout=0.5)
            return execute(sql, *rest)

        with connection.execute_wrapper(meet):
            return ingest.take_in(look_at(*papers, source=source))

    runs = at_once(
        lambda: take_in(*records, source="file"),
        lambda: take_in(*reversed(records), source="huggingface"),
    )

    assert sorted(run.added for run in runs) == [0, 300]
    assert counts() == {"Paper": 300, "Identifier": 600, "Sighting": 600, "Entry": 300, "Edition": 1}


def test_two_sources_that_overlap_make_each_paper_once():
    shared = [found(f"Shared {n}", upvotes=1) for n in range(50)]
    ours = [found(f"Ours {n}") for n in range(50)]
    theirs = [found(f"Theirs {n}") for n in range(50)]

    at_once(
        lambda: ingest.take_in(look_at(*shared, *ours)),
        lambda: ingest.take_in(look_at(*shared, *theirs, source="huggingface")),
    )

    assert counts() == {"Paper": 150, "Identifier": 300, "Sighting": 200, "Entry": 150, "Edition": 1}


def test_a_list_that_is_published_while_another_worker_ranks_it_stays_as_published():
    ingest.take_in(look_at(found("A", arxiv_id="2501.00001", upvotes=5), found("B", arxiv_id="2501.00002")))
    edition = Edition.objects.get()
    frozen: list[dict[str, object]] = []

    def publish_with_new_counts() -> None:
        try:
            ingest.take_in(
                look_at(found("B", arxiv_id="2501.00002", upvotes=50), seen_at=NOON + timedelta(minutes=2))
            )
            editions.publish(edition, now=NOON + timedelta(minutes=3))
            frozen.extend(ranks())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as other:
        publishing: list[Future[None]] = []

        def meet(execute: Any, sql: str, *rest: Any) -> Any:
            result = execute(sql, *rest)
            reading_counts = "digest_sighting" in sql and "INSERT" not in sql and '"source" =' not in sql
            if reading_counts and not publishing:  # just when the slow one has read what it ranks by
                publishing.append(other.submit(publish_with_new_counts))
                with suppress(TimeoutError):  # where it has to wait for us, let it
                    publishing[0].result(timeout=1)
            return result

        with connection.execute_wrapper(meet):
            ingest.take_in(
                look_at(found("A", arxiv_id="2501.00001", upvotes=6), seen_at=NOON + timedelta(minutes=1))
            )
        publishing[0].result(timeout=30)

    assert [entry["paper__title"] for entry in frozen] == ["B", "A"]
    assert ranks() == frozen


def test_a_paper_that_arrives_while_its_edition_is_published_is_in_it_or_in_the_next():
    for attempt in range(5):
        day = DAY + timedelta(days=10 * attempt)
        ingest.take_in(look_at(found(), day=day))
        edition = Edition.objects.get(date=day)

        at_once(
            lambda edition=edition: editions.publish(edition, now=NOON),  # type: ignore[misc]
            lambda day=day: ingest.take_in(look_at(found("Late"), day=day)),  # type: ignore[misc]
        )

        late = Entry.objects.get(paper__title="Late")
        if late.edition == edition:
            assert late.rank is not None
        else:
            assert late.edition.date == day + timedelta(days=1)
        Paper.objects.filter(title="Late").delete()


@pytest.mark.parametrize(("source", "category"), [("huggingface", ""), ("arxiv", "cs.CV"), ("biorxiv", "")])
def test_two_workers_that_look_at_the_same_day_at_once_do_what_one_does(
    world: WorldServer,  # noqa: F811
    source: str,
    category: str,
):
    with time_machine.travel(f"{TODAY}T12:00:00+00:00", tick=True):
        runs = at_once(*[lambda: ingest.fetch_day(source, TODAY, category)] * 2)
        together = everything()
        Paper.objects.all().delete()
        Edition.objects.all().delete()
        alone = ingest.fetch_day(source, TODAY, category)

    assert {run.verdict for run in runs} == {IngestRun.Verdict.COMPLETE}
    assert sum(run.added for run in runs) == alone.added > 5
    assert together == everything()
    assert {rank for _, _, rank, _ in together["entries"]} == set(range(1, alone.added + 1))
