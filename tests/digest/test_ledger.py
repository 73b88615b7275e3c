"""The verdict on a look, from what it holds."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from digest import ingest, ledger, tasks
from digest.celery import SCHEDULE
from digest.models import IngestRun, Sighting
from digest.sources import SOURCES
from digest.sources.base import FoundPaper, Look, Proof, SetAside, SourceError
from digest.sources.fields import midnight
from tests.digest.conftest import NOON, found
from tests.digest.scripted import NAME, ScriptedSource, fails
from tests.factories import DAY, make_paper

pytestmark = pytest.mark.django_db
Verdict = IngestRun.Verdict
SATURDAY = date(2025, 9, 27)
NAMES = [f"2509.{n:05d}" for n in range(20)]
ONE_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def source(monkeypatch: pytest.MonkeyPatch) -> ScriptedSource:
    source = ScriptedSource(expects=lambda day: day.weekday() < 5)
    monkeypatch.setitem(SOURCES, NAME, source)
    return source


def took(*records: FoundPaper | SetAside, day: date = DAY, **fields: Any) -> IngestRun:
    """The ledger's row of a look that gave these records, as the database has it."""
    run = fields.pop("run", None)
    fields = {"source": NAME, "seen_at": midnight(day) + timedelta(hours=12), **fields}
    row = ingest.take_in(Look(day=day, records=records, **fields), run=run)
    row.refresh_from_db()
    return row


def announced(*names: str, day: date = DAY, **fields: Any) -> IngestRun:
    """A look at a batch of these papers."""
    records = [found(f"Announced {name}", arxiv_id=name) for name in names]
    return took(*records, day=day, announced=names, **fields)


def unreadable(n: int) -> list[SetAside]:
    return [SetAside(at, f"record {at}", "no title") for at in range(n)]


# --- Complete, partial ----------------------------------------------------------------------


def test_a_look_whose_papers_all_came_in_is_complete_and_settled():
    run = took(found(), found())

    assert (run.verdict, run.settled, run.error) == (Verdict.COMPLETE, True, "")


def test_a_source_that_says_there_is_more_is_believed():
    run = took(found(), proof=Proof.PARTIAL, reason="The list broke off after page 1.")

    assert (run.verdict, run.settled) == (Verdict.PARTIAL, False)
    assert run.error == "The list broke off after page 1."


def test_a_source_that_has_read_a_whole_list_of_nothing_is_believed():
    assert took(proof=Proof.COMPLETE).verdict == Verdict.COMPLETE


@pytest.mark.parametrize(
    ("readable", "unread", "settled"),
    [(1, 1, True), (1, 2, True), (1, 3, False), (27, 3, True), (26, 3, False)],
)
def test_records_set_aside_leave_a_look_partial_and_settled_while_they_are_few(
    readable: int, unread: int, settled: bool
):
    """A record that is no good today will be none tomorrow; many tell that the format has changed."""
    run = took(*[found() for _ in range(readable)], *unreadable(unread))

    assert (run.verdict, run.settled) == (Verdict.PARTIAL, settled)
    assert run.error == f"{unread} record{'s' if unread > 1 else ''} could not be read."


def test_records_set_aside_beyond_what_the_row_keeps_count_as_well(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ledger, "MAX_SET_ASIDE", 3)
    run = took(*[found() for _ in range(30)], *unreadable(20))

    assert (len(run.set_aside), run.unread, run.settled) == (3, 20, False)
    assert run.error == "20 records could not be read."


# --- Told again -----------------------------------------------------------------------------


def test_a_batch_that_is_told_again_under_a_later_date_is_stale():
    announced(*NAMES, day=DAY - ONE_DAY)
    run = announced(*NAMES)

    assert (run.verdict, run.settled) == (Verdict.STALE, False)
    assert run.error == "This is the batch of 2025-09-25 again."


@pytest.mark.parametrize(("same", "verdict"), [(18, Verdict.STALE), (17, Verdict.COMPLETE)])
def test_a_batch_is_told_again_if_nine_in_ten_of_its_names_are_the_same(same: int, verdict: str):
    announced(*NAMES, day=DAY - ONE_DAY)
    run = announced(*NAMES[:same], *[f"2510.{n:05d}" for n in range(20 - same)])

    assert run.verdict == verdict


@pytest.mark.parametrize(("first", "then"), [(20, 10), (10, 20)])
def test_a_batch_that_holds_an_earlier_one_and_as_much_again_is_another(first: int, then: int):
    announced(*NAMES[:first], day=DAY - ONE_DAY)

    assert announced(*NAMES[:then]).verdict == Verdict.COMPLETE


@pytest.mark.parametrize(("names", "verdict"), [(1, "complete"), (2, "complete"), (3, "stale")])
def test_one_or_two_names_prove_nothing(names: int, verdict: str):
    announced(*NAMES[:names], day=DAY - ONE_DAY)

    assert announced(*NAMES[:names]).verdict == verdict


def test_a_batch_is_known_again_however_often_the_days_between_were_looked_at():
    announced(*NAMES, day=DAY - 2 * ONE_DAY)
    announced(*NAMES[:5], day=DAY - 2 * ONE_DAY)  # another look, which broke off
    for n in range(11):
        announced(*[f"2510.{n:05d}" for n in range(n, n + 9)], day=DAY - ONE_DAY)

    assert announced(*NAMES).error == "This is the batch of 2025-09-24 again."


def test_a_batch_that_is_looked_at_again_on_its_own_day_is_not_stale():
    announced(*NAMES)

    assert announced(*NAMES).verdict == Verdict.COMPLETE


def test_a_day_that_is_read_after_a_later_one_is_not_stale():
    announced(*NAMES)

    assert announced(*NAMES, day=DAY - ONE_DAY).verdict == Verdict.COMPLETE


@pytest.mark.parametrize("fields", [{"category": "cs.CL"}, {"source": "file"}])
def test_another_categorys_or_sources_batch_may_hold_the_same(fields: dict[str, str]):
    announced(*NAMES, day=DAY - ONE_DAY, **fields)

    assert announced(*NAMES).verdict == Verdict.COMPLETE


def test_it_is_the_day_whose_batch_it_was_that_is_named_not_one_that_was_stale_itself():
    announced(*NAMES, day=DAY - 2 * ONE_DAY)
    assert announced(*NAMES, day=DAY - ONE_DAY).verdict == Verdict.STALE

    assert announced(*NAMES).error == "This is the batch of 2025-09-24 again."


def test_what_was_told_too_early_is_no_proof_against_the_day_it_belongs_to():
    """Thursday's batch was told on Wednesday under Wednesday's date, known as stale by its source."""
    announced(*NAMES, day=DAY - ONE_DAY, proof=Proof.STALE, reason="This is Friday's.")

    assert announced(*NAMES).verdict == Verdict.COMPLETE


def test_of_a_large_batch_the_same_few_names_are_kept_whatever_their_order():
    names = [f"2509.{n:05d}" for n in range(1_000)]
    kept = ledger.sample(names)

    assert len(kept) == len(set(kept)) == ledger.SAMPLE
    assert kept == ledger.sample(list(reversed(names)) + names[:10])
    fewer = ledger.sample(names[20:])
    assert len(set(kept) & set(fewer)) >= 0.9 * ledger.SAMPLE


# --- By the calendar ------------------------------------------------------------------------


def test_nothing_on_a_day_without_announcements_is_a_holiday():
    run = took(day=SATURDAY)

    assert (run.verdict, run.settled) == (Verdict.HOLIDAY, True)


def test_nothing_on_another_day_is_empty_and_may_still_come():
    run = took()

    assert (run.verdict, run.settled) == (Verdict.EMPTY, False)


@pytest.mark.parametrize(
    ("first", "second", "settled"),
    [(0, 5, True), (0, 4.9, False), (-0.1, 24, False), (48, 53, True), (48, 48, False)],
)
def test_nothing_is_believed_when_it_was_told_twice_after_the_day_was_over(
    first: float, second: float, settled: bool
):
    """Hours after its end: services that fail say "nothing", too."""
    over = midnight(DAY + ONE_DAY)
    for hours, believed in ((first, False), (second, settled)):
        with time_machine.travel(over + timedelta(hours=hours), tick=False):
            run = took(seen_at=timezone.now())
        assert (run.verdict, run.settled) == (Verdict.EMPTY, believed)


@pytest.mark.parametrize("number", [1, 2, 5])
def test_unreadable_records_alone_settle_nothing(number: int):
    run = took(*unreadable(number))

    assert (run.verdict, run.settled) == (Verdict.PARTIAL, False)


def test_a_list_of_nothing_but_unreadable_records_is_not_empty():
    run = took(*unreadable(5))

    assert (run.verdict, run.settled) == (Verdict.PARTIAL, False)


def test_known_papers_told_on_a_day_without_announcements_are_stale_and_no_reason_to_ask_again():
    announced(NAMES[0])
    run = announced(NAMES[0], day=SATURDAY)

    assert (run.verdict, run.settled) == (Verdict.STALE, True)
    assert run.error == "No announcement was expected, and all of this was known."


def test_new_papers_told_on_a_day_without_announcements_are_taken_as_they_come():
    run = announced(NAMES[0], day=SATURDAY)

    assert (run.verdict, run.added) == (Verdict.COMPLETE, 1)


# --- Counts and times -----------------------------------------------------------------------


def test_a_look_is_counted_and_timed():
    with time_machine.travel(NOON, tick=False) as clock:

        def slow() -> Iterator[FoundPaper]:
            yield found("Known", arxiv_id="2501.00001", abstract="More.")
            yield found("Replaced", only_enriches=True)
            clock.shift(5)

        took(found("Known", arxiv_id="2501.00001"))
        look = Look(source=NAME, day=DAY, seen_at=NOON, records=slow(), bytes_read=4_321)
        run = ingest.take_in(look)

    assert (run.found, run.added, run.changed, run.passed_over, run.bytes_read) == (2, 0, 1, 1, 4_321)
    assert (run.started_at, run.finished_at) == (NOON, NOON + timedelta(seconds=5))


def test_a_look_that_comes_in_pieces_is_one_row():
    first = took(found(), *unreadable(1), bytes_read=100, announced=NAMES[:3])
    run = took(found(), found(), *unreadable(2), bytes_read=11, announced=NAMES[3:6], run=first)

    assert IngestRun.objects.get() == run
    assert (run.found, run.added, run.bytes_read, len(run.set_aside)) == (3, 3, 111, 3)
    assert run.sample == ledger.sample(NAMES[:3])
    assert run.verdict == Verdict.PARTIAL


def test_a_look_in_pieces_keeps_no_more_unreadable_records_than_another(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ledger, "MAX_SET_ASIDE", 4)
    run = took(*unreadable(3))
    run = took(*unreadable(3), run=run)
    run = took(*unreadable(3), run=run)

    assert len(run.set_aside) == 4


# --- Failed ---------------------------------------------------------------------------------


def test_a_look_that_failed_says_why_in_its_sources_sentence(source: ScriptedSource):
    source.answer = fails("The server is down: try again later.")
    with pytest.raises(SourceError):
        ingest.fetch_day(NAME, DAY)

    run = IngestRun.objects.get()
    assert (run.verdict, run.settled) == (Verdict.FAILED, False)
    assert run.error == "The server is down: try again later."
    assert run.finished_at is not None


def test_a_look_that_met_a_mistake_of_ours_tells_its_kind_and_none_of_its_words(source: ScriptedSource):
    def broken(day: date, category: str) -> Look:
        raise ZeroDivisionError("password: swordfish")

    source.answer = broken
    with pytest.raises(ZeroDivisionError):
        ingest.fetch_day(NAME, DAY)

    assert IngestRun.objects.get().error == "ZeroDivisionError"


def test_what_no_database_holds_is_kept_out_of_the_ledger():
    run = took(
        SetAside(0, "nul \x00 and \ud800 surrogate", "not \x00 text"),
        SetAside(1, "x" * 100_000, "no title"),
        proof=Proof.PARTIAL,
        reason="It says \x00\ud800.",
        announced=["a\x00", "\ud800b", "c"],
    )

    assert run.set_aside[0] == {"position": 0, "name": "nul and surrogate", "reason": "not text"}
    assert len(run.set_aside[1]["name"]) == ledger.NAMED
    assert run.error == "It says ."
    assert set(run.sample) == {"a", "b", "c"}

    ledger.fail(run, "It broke at \x00\ud800.")
    run.refresh_from_db()
    assert run.error == "It broke at ."


# --- Dead workers ---------------------------------------------------------------------------


def test_a_look_whose_worker_died_is_failed_after_a_while():
    old = ledger.begin(NAME, DAY)
    young = ledger.begin(NAME, DAY)
    done = took(found())
    old_start = NOON - ledger.DEAD_AFTER - timedelta(seconds=1)
    IngestRun.objects.filter(pk__in=[old.pk, done.pk]).update(started_at=old_start)
    IngestRun.objects.filter(pk=young.pk).update(started_at=NOON - ledger.DEAD_AFTER)

    assert ledger.bury(NOON) == 1

    old.refresh_from_db()
    assert (old.verdict, old.finished_at, old.settled) == (Verdict.FAILED, NOON, False)
    assert old.error == "Its worker ended before it did."
    young.refresh_from_db()
    done.refresh_from_db()
    assert (young.verdict, done.verdict) == ("running", "complete")


# --- Long past ------------------------------------------------------------------------------


def looks_at(day: date, *verdicts: str, category: str = "") -> list[IngestRun]:
    """So many looks at a day, one after the other, each with a sighting."""
    runs = []
    for n, verdict in enumerate(verdicts):
        run = IngestRun.objects.create(
            source=NAME,
            category=category,
            day=day,
            verdict=verdict,
            settled=verdict in (Verdict.COMPLETE, Verdict.HOLIDAY),
            started_at=midnight(day) + timedelta(hours=n),
        )
        paper = make_paper()
        Sighting.objects.create(paper=paper, run=run, source=NAME, seen_at=run.started_at)
        runs.append(run)
    return runs


def test_of_a_day_long_past_the_look_that_proved_most_is_kept_with_all_sightings():
    looks = looks_at(DAY, "partial", "complete", "failed", "stale", "complete", "empty")
    other = looks_at(DAY, "failed", "partial", category="cs.CV")

    gone = ledger.prune(DAY + timedelta(days=91))

    assert gone == 6
    assert set(IngestRun.objects.all()) == {looks[4], other[1]}
    assert looks[4].sightings.count() == len(looks)
    assert other[1].sightings.count() == len(other)
    assert ledger.prune(DAY + timedelta(days=91)) == 0


def test_every_look_at_the_last_ninety_days_is_kept():
    looks_at(DAY, "partial", "complete")

    assert ledger.prune(DAY + timedelta(days=90)) == 0


def test_a_look_that_is_not_over_is_left_alone():
    looks_at(DAY, "complete", "running")

    assert ledger.prune(DAY + timedelta(days=91)) == 0


def test_the_beat_prunes():
    looks_at(DAY, "partial", "complete")
    assert {entry["task"] for entry in SCHEDULE.values()} >= {"digest.tasks.prune_ledger"}

    with time_machine.travel(midnight(DAY + timedelta(days=100))):
        tasks.prune_ledger()

    assert IngestRun.objects.count() == 1


# --- Runs that never end --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ahead", "buried"), [(timedelta(days=3), 1), (timedelta(minutes=4), 0), (-timedelta(minutes=21), 1)]
)
def test_a_look_that_died_or_began_by_a_clock_that_was_ahead_is_buried(ahead: timedelta, buried: int):
    now = timezone.now()
    IngestRun.objects.create(source="huggingface", day=DAY, started_at=now + ahead)

    assert ledger.bury(now) == buried
    assert IngestRun.objects.filter(verdict=Verdict.FAILED).count() == buried
