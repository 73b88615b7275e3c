"""From a look to papers, sightings, entries and the ledger; and doing it again."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from digest import editions, ingest
from digest.models import Edition, Entry, Identifier, IngestRun, Paper, Sighting
from digest.sources import SOURCES
from digest.sources.base import FoundPaper, Look, SetAside, SourceError
from tests.digest.conftest import NOON, found, hf_entry, look_at, steps_of
from tests.digest.loopback import Answer, Hub
from tests.factories import DAY, make_edition, make_paper

pytestmark = pytest.mark.django_db
Verdict = IngestRun.Verdict


def everything() -> dict[str, list[Any]]:
    """All that a look may write, but for the ledger."""
    return {
        "papers": list(Paper.objects.order_by("pk").values()),
        "identifiers": list(Identifier.objects.order_by("pk").values()),
        "sightings": list(Sighting.objects.order_by("pk").values()),
        "entries": list(Entry.objects.order_by("pk").values()),
        "editions": list(Edition.objects.order_by("pk").values()),
    }


def from_file(records: list[Any], *, day: date | None = None) -> list[IngestRun]:
    looks = SOURCES["file"].read(json.dumps(records).encode(), name="x.json", day=day, today=DAY)
    return [ingest.take_in(look) for look in looks]


# --- Once -----------------------------------------------------------------------------------


def test_a_look_becomes_papers_in_the_edition_of_its_day():
    ingest.take_in(
        look_at(found("Sheep", upvotes=5, comments=1, abstract="We count $n$ sheep."), found("Goats"))
    )

    edition = Edition.objects.get()
    assert (edition.date, edition.state) == (DAY, Edition.State.OPEN)
    sheep, goats = Paper.objects.order_by("pk")
    assert [entry.paper for entry in edition.entries.order_by("rank")] == [sheep, goats]
    assert (sheep.title, sheep.abstract, sheep.abstract_source) == (
        "Sheep",
        "We count n sheep.",
        "We count $n$ sheep.",
    )
    assert sheep.authors == ["Emmy Noether", "Sofia Kovalevskaya"]
    assert sheep.announced_at == NOON - timedelta(hours=10)
    sighting = sheep.sightings.get()
    assert (sighting.upvotes, sighting.comments, sighting.stars) == (5, 1, None)
    assert (sighting.seen_at, sighting.source) == (NOON, "file")


def test_a_paper_is_ranked_as_soon_as_it_is_in():
    ingest.take_in(look_at(found("Quiet", upvotes=1), found("Loud", upvotes=99)))

    assert [entry.paper.title for entry in Entry.objects.order_by("rank")] == ["Loud", "Quiet"]
    assert Entry.objects.get(rank=1).breakdown["counts"]["upvotes"] == 99


def test_the_ledger_says_what_a_look_brought():
    known = found("Known", arxiv_id="2501.00001")
    ingest.take_in(look_at(known))

    look = look_at(found("Known", arxiv_id="2501.00001", abstract="Now with an abstract."), found(), found())
    look.bytes_read = 1234
    run = ingest.take_in(look)

    assert (run.found, run.added, run.changed) == (3, 2, 1)
    assert (run.source, run.day, run.verdict, run.bytes_read) == ("file", DAY, Verdict.COMPLETE, 1234)
    assert run.finished_at is not None
    assert run == IngestRun.objects.first()


def test_a_look_that_found_nothing_says_so_and_makes_no_edition():
    run = ingest.take_in(look_at())

    assert (run.verdict, run.found) == (Verdict.EMPTY, 0)
    assert not Edition.objects.exists()


def test_records_set_aside_stand_in_the_ledger_with_their_reasons():
    run = ingest.take_in(look_at(found(), SetAside(1, "2509.1", "no title"), found()))

    run.refresh_from_db()
    assert run.set_aside == [{"position": 1, "name": "2509.1", "reason": "no title"}]
    assert (run.verdict, run.found) == (Verdict.PARTIAL, 2)


def test_the_ledger_does_not_drown_in_records_set_aside():
    run = ingest.take_in(look_at(*[SetAside(n, "", "no title") for n in range(1_000)]))

    assert len(run.set_aside) == 200
    assert run.verdict == Verdict.PARTIAL


def test_progress_is_told_in_papers_batch_by_batch(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ingest, "BATCH", 3)
    told: list[tuple[int, int]] = []
    records: list[FoundPaper | SetAside] = [found() for _ in range(8)]
    records.insert(1, SetAside(1, "", "no title"))

    run = ingest.take_in(look_at(*records), progress=lambda *step: told.append(step))

    assert told == [(3, 1), (3, 0), (2, 0)]
    assert (run.found, run.added) == (8, 8)


def test_latex_is_read_once_and_its_source_kept():
    ingest.take_in(look_at(found(r"The $\ell_2$ norm")))

    paper = Paper.objects.get()
    assert (paper.title, paper.title_source) == ("The ℓ_2 norm", r"The $\ell_2$ norm")


# --- Twice ----------------------------------------------------------------------------------


def test_the_same_look_again_adds_nothing():
    records = [found(upvotes=n, doi=f"10.1000/{n}") for n in range(1, 5)]
    ingest.take_in(look_at(*records))
    before = everything()

    run = ingest.take_in(look_at(*records))

    assert everything() == before
    assert (run.found, run.added, run.changed) == (4, 0, 0)


def test_a_later_look_that_finds_the_same_counts_adds_no_sighting():
    paper = found(upvotes=3)
    ingest.take_in(look_at(paper))
    ingest.take_in(look_at(paper, seen_at=NOON + timedelta(hours=1)))

    assert Sighting.objects.count() == 1


def test_a_later_look_that_finds_other_counts_adds_one():
    ingest.take_in(look_at(found("A", arxiv_id="2501.00001", upvotes=3)))
    ingest.take_in(look_at(found("A", arxiv_id="2501.00001", upvotes=9), seen_at=NOON + timedelta(hours=1)))

    assert list(Sighting.objects.order_by("seen_at").values_list("upvotes", flat=True)) == [3, 9]
    assert Entry.objects.get().breakdown["counts"]["upvotes"] == 9


def test_another_source_that_finds_the_same_counts_is_a_sighting_of_its_own():
    paper = found(upvotes=3)
    ingest.take_in(look_at(paper))
    ingest.take_in(look_at(paper, source="huggingface"))

    assert set(Sighting.objects.values_list("source", flat=True)) == {"file", "huggingface"}


def test_recorded_days_read_twice_add_nothing_the_second_time():
    """Whatever the order, and though a paper's counts stood still and then rose."""
    days = [
        look_at(
            found("A", arxiv_id="2501.00001", upvotes=votes),
            day=DAY + timedelta(n),
            seen_at=NOON + timedelta(n),
        )
        for n, votes in enumerate([1, 1, 5])
    ]
    for look in days:
        ingest.take_in(look)
    before = everything()

    for look in days:
        ingest.take_in(look)

    assert everything() == before


def test_a_record_that_comes_twice_in_one_look_is_one_paper():
    paper = found("Twin", upvotes=3)

    run = ingest.take_in(look_at(paper, paper, found("Twin", arxiv_id=paper.arxiv_id, abstract="Later.")))

    assert (run.found, run.added, run.changed) == (1, 1, 0)
    assert Paper.objects.get().abstract == "Later."
    assert Sighting.objects.count() == Entry.objects.count() == 1


def test_a_record_that_comes_twice_in_two_batches_is_one_paper(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ingest, "BATCH", 1)
    paper = found("Twin", upvotes=3)

    run = ingest.take_in(look_at(paper, paper, found("Twin", arxiv_id=paper.arxiv_id, abstract="Later.")))

    assert (run.found, run.added, run.changed) == (1, 1, 0), "new, and not changed as well"


def test_a_new_version_of_nothing_of_ours_is_passed_over_once_however_often_it_is_told():
    stranger = found("Not ours", only_enriches=True)

    run = ingest.take_in(look_at(stranger, stranger))

    assert (run.found, run.passed_over, run.added) == (1, 1, 0)


def test_records_that_turn_out_to_be_one_paper_are_counted_as_one():
    ingest.take_in(look_at(found("On sheep", arxiv_id="2501.00001"), found("On sheep", doi="10.1/sheep")))
    both = found("On sheep", arxiv_id="2501.00001", doi="10.1/sheep")

    run = ingest.take_in(look_at(found("On sheep", doi="10.1/sheep"), both))

    assert run.found == 1


# --- Later ----------------------------------------------------------------------------------


def test_a_later_source_fills_what_was_empty_and_overwrites_nothing():
    ingest.take_in(look_at(found("Sheep", arxiv_id="2501.00001", abstract="First words.")))
    richer = found(
        "Sheep!",
        arxiv_id="2501.00001",
        abstract="Other words.",
        tldr="Short.",
        code_url="https://code.example.org",
        topics=("sheep",),
        doi="10.1000/sheep",
    )

    ingest.take_in(look_at(richer, source="huggingface"))

    paper = Paper.objects.get()
    assert (paper.title, paper.abstract) == ("Sheep", "First words.")
    assert (paper.tldr, paper.code_url, paper.topics) == ("Short.", "https://code.example.org", ["sheep"])
    assert {i.scheme for i in paper.identifiers.all()} == {"arxiv", "doi", "title"}


def test_a_later_source_never_moves_a_paper_to_another_edition():
    ingest.take_in(look_at(found("A", arxiv_id="2501.00001", upvotes=1)))
    later = DAY + timedelta(days=3)

    ingest.take_in(
        look_at(
            found("A", arxiv_id="2501.00001", upvotes=8, announced_at=NOON + timedelta(days=3)),
            found("B"),
            day=later,
            seen_at=NOON + timedelta(days=3),
        )
    )

    assert Entry.objects.get(paper__title="A").edition.date == DAY
    assert Entry.objects.get(paper__title="B").edition.date == later
    assert Paper.objects.get(title="A").announced_at == NOON - timedelta(hours=10)


def test_new_counts_rank_the_open_edition_anew_though_they_come_on_another_day():
    ingest.take_in(look_at(found("A", upvotes=5), found("B", arxiv_id="2501.00002", upvotes=1)))

    ingest.take_in(
        look_at(
            found("B", arxiv_id="2501.00002", upvotes=50), day=DAY + timedelta(1), seen_at=NOON + timedelta(1)
        )
    )

    assert [entry.paper.title for entry in Entry.objects.order_by("rank")] == ["B", "A"]


def test_a_published_edition_keeps_its_ranks_whatever_comes_later():
    ingest.take_in(look_at(found("A", upvotes=5), found("B", arxiv_id="2501.00002", upvotes=1)))
    editions.publish(Edition.objects.get(), now=NOON)
    before = list(Entry.objects.order_by("pk").values("rank", "score", "breakdown"))

    ingest.take_in(look_at(found("B", arxiv_id="2501.00002", upvotes=50), seen_at=NOON + timedelta(1)))

    assert list(Entry.objects.order_by("pk").values("rank", "score", "breakdown")) == before


def test_a_paper_that_arrives_after_its_edition_is_published_stands_in_the_next():
    make_edition(make_paper())

    ingest.take_in(look_at(found("Late")))

    assert Entry.objects.get(paper__title="Late").edition.date == DAY + timedelta(days=1)


@pytest.mark.parametrize(("old", "new"), [(1, 2), (None, 1), (2, 10)])
def test_a_newer_version_brings_its_text(old: int | None, new: int):
    first = found("Old title", arxiv_id="2501.00001", version=old, abstract="Old.", authors=("Ada",))
    ingest.take_in(look_at(first))

    run = ingest.take_in(
        look_at(found("New title", arxiv_id="2501.00001", version=new, abstract="New.", authors=("Eve",)))
    )

    paper = Paper.objects.get()
    assert (paper.title, paper.abstract, paper.version) == ("New title", "New.", new)
    assert paper.authors == ["Ada"]
    assert run.changed == 1


@pytest.mark.parametrize(("old", "new"), [(2, 1), (2, 2), (2, None)])
def test_an_older_version_changes_no_text(old: int, new: int | None):
    ingest.take_in(look_at(found("New title", arxiv_id="2501.00001", version=old, abstract="New.")))

    ingest.take_in(look_at(found("Old title", arxiv_id="2501.00001", version=new, abstract="Old.")))

    paper = Paper.objects.get()
    assert (paper.title, paper.abstract, paper.version) == ("New title", "New.", old)


def test_a_new_version_without_latex_forgets_the_source_of_the_old_text():
    ingest.take_in(look_at(found(r"The $\ell_2$ norm", arxiv_id="2501.00001", version=1)))

    ingest.take_in(look_at(found("The Euclidean norm", arxiv_id="2501.00001", version=2)))

    paper = Paper.objects.get()
    assert (paper.title, paper.title_source) == ("The Euclidean norm", "")


def test_a_withdrawal_is_taken_over_and_never_taken_back():
    ingest.take_in(look_at(found("A", arxiv_id="2501.00001")))
    ingest.take_in(look_at(found("A", arxiv_id="2501.00001", withdrawn=True)))
    assert Paper.objects.get().withdrawn

    ingest.take_in(look_at(found("A", arxiv_id="2501.00001", withdrawn=False)))
    assert Paper.objects.get().withdrawn


# --- Fetching -------------------------------------------------------------------------------


def test_a_day_that_is_fetched_is_taken_in_under_its_ledger_row(hub: Hub):
    hub.pages([hf_entry(title="Sheep", upvotes=12)])

    run = ingest.fetch_day("huggingface", DAY)

    assert (run.verdict, run.source, run.day, run.added) == (Verdict.COMPLETE, "huggingface", DAY, 1)
    assert run.bytes_read > 100
    assert Sighting.objects.get().run == run
    assert IngestRun.objects.count() == 1


def test_a_fetch_that_fails_leaves_a_ledger_row_and_no_papers(hub: Hub):
    hub.in_turn(Answer.of({"error": "Sorry"}))

    with pytest.raises(SourceError, match="Sorry"):
        ingest.fetch_day("huggingface", DAY)

    run = IngestRun.objects.get()
    assert (run.verdict, run.found, run.added) == (Verdict.FAILED, 0, 0)
    assert "Sorry" in run.error
    assert run.finished_at is not None
    assert not Paper.objects.exists()
    assert not Edition.objects.exists()


# --- Damage ---------------------------------------------------------------------------------


DAMAGE: list[dict[str, Any]] = [
    {"title": "nul \x00 and escape \x1b"},
    {"title": "lone \ud800 surrogate"},
    {"title": r"Everything about \sqrt"},
    {"title": "x", "abstract": r"Set in \textcolor{red}"},
    {"title": "x" * 100_000},
    {"title": "x", "doi": "10.1000/a\x00b"},
    {"title": "x", "doi": "10.1000/\udfff"},
    {"title": "x", "url": "https://example.org/\x00"},
    {"title": "x", "pdf_url": "https://example.org/\ud800"},
    {"title": "x", "code_url": "https://example.org/" + "x" * 5_000},
    {"title": "x", "authors": ["\x00", "\ud800", "x" * 9_000]},
    {"title": "x", "authors": ["A. Author"] * 5_000},
    {"title": "x", "version": 2_000_000_000},
    {"title": "x", "upvotes": 2**70, "comments": -5, "stars": 1e300},
    {"title": "x", "categories": ["\x00\x01"], "primary_category": "c" * 500},
    {"title": "x", "organization": "o" * 5_000, "licence": "l" * 5_000, "comment": "c\x00"},
    {"title": "x", "published": "0001-01-01", "listed": "2025-09-26T99:99:99"},
    {"title": "x", "id": "２５０９.00001"},
    {"title": "x", "doi": "10.1000/what?is#this"},
]


@pytest.mark.parametrize("title", [r"\emph{}", "${}$", r"\label{a}"])
def test_a_title_that_reads_as_nothing_is_shown_as_it_was_typed(title: str):
    [run] = from_file([{"title": title, "id": "2501.00001"}])

    assert (run.added, run.unread) == (1, 0)
    assert Paper.objects.get().title == title


@pytest.mark.parametrize("record", DAMAGE, ids=lambda record: json.dumps(record)[:40])
def test_no_record_whatever_stops_the_others(record: dict[str, Any]):
    runs = from_file(
        [{"title": "Before", "id": "2501.00001"}, record, {"title": "After", "id": "2501.00002"}]
    )

    assert {"Before", "After"} <= set(Paper.objects.values_list("title", flat=True))
    assert all(run.verdict in {Verdict.COMPLETE, Verdict.PARTIAL} for run in runs)


@pytest.mark.parametrize("record", DAMAGE, ids=lambda record: json.dumps(record)[:40])
def test_every_paper_that_is_kept_has_a_page(record: dict[str, Any], client: Any):
    """An address that cannot be made would break every page and letter the paper stands in."""
    from_file([record], day=DAY)

    for paper in Paper.objects.all():
        assert client.get(paper.get_absolute_url()).status_code == 200
    assert client.get("/").status_code == 200


def test_a_look_that_breaks_off_is_failed_in_the_ledger_and_keeps_its_whole_batches(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(ingest, "BATCH", 2)

    def records() -> Any:
        yield from (found("A"), found("B"), found("C"))
        raise MemoryError

    look = Look(source="file", day=DAY, seen_at=NOON, records=records())
    with pytest.raises(MemoryError):
        ingest.take_in(look)

    run = IngestRun.objects.get()
    assert (run.verdict, run.error, run.added) == (Verdict.FAILED, "MemoryError", 2)
    assert set(Paper.objects.values_list("title", flat=True)) == {"A", "B"}


# --- Cost -----------------------------------------------------------------------------------


def many(number: int, **fields: Any) -> list[FoundPaper]:
    return [
        found(f"Cost {number} {n}", arxiv_id=f"24{number % 100:02d}.{n:05d}", upvotes=n, **fields)
        for n in range(number)
    ]


def same_cost(deed: Callable[[int], object]) -> None:
    deed(2)  # whatever is looked up once
    few, lots = steps_of(lambda: deed(10)), steps_of(lambda: deed(400))
    assert few == lots
    assert few < 40


def test_new_papers_take_the_same_number_of_queries_however_many():
    same_cost(lambda n: ingest.take_in(look_at(*many(n), day=DAY + timedelta(n))))


def test_known_papers_take_the_same_number_of_queries_however_many():
    for n in (2, 10, 400):
        ingest.take_in(look_at(*many(n), day=DAY + timedelta(n)))
    same_cost(lambda n: ingest.take_in(look_at(*many(n), day=DAY + timedelta(n))))


def test_papers_that_change_take_the_same_number_of_queries_however_many():
    for n in (2, 10, 400):
        ingest.take_in(look_at(*many(n), day=DAY + timedelta(n)))
    same_cost(lambda n: ingest.take_in(look_at(*many(n, abstract="New."), day=DAY + timedelta(n))))


def test_a_batch_is_in_whole_or_not_at_all():
    ingest.take_in(look_at(found("A", arxiv_id="2501.00001")))
    with connection.execute_wrapper(_full_disk_at_sightings), pytest.raises(OSError, match="disk"):
        ingest.take_in(look_at(found("B"), found("C")))

    assert set(Paper.objects.values_list("title", flat=True)) == {"A"}
    assert IngestRun.objects.filter(verdict=Verdict.FAILED).count() == 1


def _full_disk_at_sightings(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if sql.startswith('INSERT INTO "digest_sighting"'):
        raise OSError("no space left on disk")
    return execute(sql, params, many, context)


def test_moments_are_stored_as_they_were_seen():
    ingest.take_in(look_at(found(upvotes=1), seen_at=datetime(2025, 9, 26, 3, 4, 5, 678901, tzinfo=UTC)))

    assert Sighting.objects.get().seen_at == datetime(2025, 9, 26, 3, 4, 5, 678901, tzinfo=UTC)
