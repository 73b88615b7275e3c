"""A look that leaves doubts: the source's other service is asked for the same day."""

from datetime import timedelta

import pytest
import time_machine

from digest import ingest
from digest.models import Entry, IngestRun, Paper
from digest.sources import SOURCES
from digest.sources.base import Proof, SetAside, SourceError
from tests.digest.conftest import NOON, found
from tests.digest.scripted import NAME, Answer, ScriptedSource, fails, tells
from tests.factories import DAY

pytestmark = pytest.mark.django_db
Verdict = IngestRun.Verdict


@pytest.fixture(autouse=True)
def source(monkeypatch: pytest.MonkeyPatch) -> ScriptedSource:
    source = ScriptedSource(expects=lambda day: day.weekday() < 5)
    monkeypatch.setitem(SOURCES, NAME, source)
    return source


def verdicts() -> list[str]:
    return list(IngestRun.objects.order_by("pk").values_list("verdict", flat=True))


def titles() -> set[str]:
    return set(Paper.objects.values_list("title", flat=True))


FEW_UNREADABLE = tells(found("Read"), SetAside(1, "", "no title"))
BROKEN_OFF = tells(found("First half"), proof=Proof.PARTIAL, reason="It broke off.")


@pytest.mark.parametrize(("answer", "days_later"), [(tells(found("All there is")), 0), (tells(), 1)])
def test_a_settled_look_leaves_no_doubt(source: ScriptedSource, answer: Answer, days_later: int):
    source.answer = answer
    run = ingest.fetch_day(NAME, DAY + timedelta(days=days_later))  # the day after is a Saturday

    assert run.settled
    assert source.asked_again == []
    assert IngestRun.objects.get() == run


@pytest.mark.parametrize(
    "answer",
    [
        BROKEN_OFF,
        tells(proof=Proof.STALE, reason="It is yesterday's."),
        tells(*[SetAside(n, "", "no title") for n in range(9)]),
        tells(SetAside(1, "", "no title"), SetAside(2, "", "no title")),
        FEW_UNREADABLE,
    ],
    ids=["partial", "stale", "unreadable", "two unreadable", "some unreadable"],
)
def test_a_look_that_is_not_settled_is_made_up_for(source: ScriptedSource, answer: Answer):
    source.answer, source.other = answer, tells(found("From elsewhere"))

    run = ingest.fetch_day(NAME, DAY, "cs.CL")

    assert source.asked_again == [(DAY, "cs.CL")]
    assert (run.verdict, run.settled, run.category, run.added) == (Verdict.COMPLETE, True, "cs.CL", 1)
    assert IngestRun.objects.count() == 2
    assert "From elsewhere" in titles()


def test_a_few_unreadable_records_are_settled_where_nobody_else_can_be_asked(source: ScriptedSource):
    source.answer = FEW_UNREADABLE

    assert ingest.fetch_day(NAME, DAY).settled


# --- Late ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "added"), [(0, 1), (1, 1), (2, 0), (20, 0)])
def test_what_was_told_before_anybody_looked_is_no_news(source: ScriptedSource, days: int, added: int):
    """A correction of an old paper looks like one that comes late."""
    source.answer = tells(found("Late", late_since=DAY - timedelta(days=days)))
    with time_machine.travel(NOON, tick=False):
        assert ingest.fetch_day(NAME, DAY).added == added


def test_what_was_to_come_while_somebody_looked_is_news(source: ScriptedSource):
    with time_machine.travel(NOON - timedelta(days=20), tick=False):
        ingest.fetch_day(NAME, DAY - timedelta(days=20))
    source.answer = tells(found("Late", late_since=DAY - timedelta(days=20)))
    with time_machine.travel(NOON, tick=False):
        assert ingest.fetch_day(NAME, DAY).added == 1


def test_a_look_that_failed_is_made_up_for(source: ScriptedSource):
    source.answer, source.other = fails(), tells(found("From elsewhere"))

    run = ingest.fetch_day(NAME, DAY)

    assert verdicts() == [Verdict.FAILED, Verdict.COMPLETE]
    assert run.verdict == Verdict.COMPLETE
    assert titles() == {"From elsewhere"}


def test_what_both_services_tell_comes_in_once(source: ScriptedSource):
    paper = found("Told twice")
    source.answer = tells(paper, proof=Proof.PARTIAL, reason="It broke off.")
    source.other = tells(paper, found("Told once"))

    run = ingest.fetch_day(NAME, DAY)

    assert (run.found, run.added) == (2, 1)
    assert Entry.objects.count() == Paper.objects.count() == 2


def test_where_the_other_service_fails_what_the_first_told_stays(source: ScriptedSource):
    source.answer, source.other = BROKEN_OFF, fails("The other is down.")

    run = ingest.fetch_day(NAME, DAY)

    assert (run.verdict, run.error) == (Verdict.PARTIAL, "It broke off.")
    assert titles() == {"First half"}
    assert verdicts() == [Verdict.PARTIAL, Verdict.FAILED]
    assert IngestRun.objects.order_by("pk").last().error == "The other is down."  # type: ignore[union-attr]


def test_where_both_fail_the_look_has_failed(source: ScriptedSource):
    source.answer, source.other = fails("The first is down."), fails("The other is down.")

    with pytest.raises(SourceError):
        ingest.fetch_day(NAME, DAY)

    assert verdicts() == [Verdict.FAILED, Verdict.FAILED]


def test_a_source_without_another_service_leaves_no_row_of_it_behind(source: ScriptedSource):
    source.answer = BROKEN_OFF

    run = ingest.fetch_day(NAME, DAY)

    assert source.asked_again == [(DAY, "")]
    assert IngestRun.objects.get() == run


def test_a_failure_without_another_service_is_told(source: ScriptedSource):
    source.answer = fails("The first is down.")

    with pytest.raises(SourceError, match="The first is down"):
        ingest.fetch_day(NAME, DAY)

    assert IngestRun.objects.get().error == "The first is down."
