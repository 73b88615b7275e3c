"""The agenda at work: ticks that look at sources, and editions that wait for what was looked at."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as configured
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest import agenda, editions, ingest, tasks
from digest.models import Edition, IngestRun, Paper
from digest.sources import SOURCES
from digest.sources.base import Look, Proof, SetAside, SourceError
from digest.sources.fields import midnight
from tests.digest.conftest import NOON, found
from tests.digest.scripted import NAME, Answer, ScriptedSource, fails, tells
from tests.factories import DAY, make_edition, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition_clock")]
Verdict = IngestRun.Verdict
Queue = list[tuple[str, tuple[object, ...]]]
HOUR, MINUTE, ONE_DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
SATURDAY = DAY + ONE_DAY


def weekdays(day: date) -> bool:
    return day.weekday() < 5


@pytest.fixture(autouse=True)
def switch_on(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Callable[..., ScriptedSource]:
    """Switch on one more scripted source."""
    settings.SOURCES = []

    def switch(answer: Answer | None = None, *, name: str = NAME, **fields: Any) -> ScriptedSource:
        source = ScriptedSource(answer, name=name, **fields)
        monkeypatch.setitem(SOURCES, name, source)
        settings.SOURCES = [*settings.SOURCES, name]
        return source

    return switch


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def work_off(queued: Queue) -> None:
    """Do what is enqueued, as a worker does, one after the other."""
    while queued:
        name, arguments = queued.pop(0)
        assert name == "digest.tasks.ingest_day"
        source, day = map(str, arguments)
        tasks.ingest_day(source, day)


# --- Ticks ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("clock")
def test_a_tick_enqueues_one_task_a_source_and_day(switch_on: Any, queued: Queue):
    switch_on(name="one", categories=("cs.CL", "cs.CV"))
    switch_on(name="other")

    tasks.ingest_due()

    assert queued == [
        ("digest.tasks.ingest_day", (name, day))
        for name in ("one", "other")
        for day in ("2025-09-26", "2025-09-25")
    ]


@pytest.mark.usefixtures("clock")
def test_a_tick_buries_looks_whose_worker_died(queued: Queue):
    dead = IngestRun.objects.create(source=NAME, day=DAY, started_at=NOON - HOUR)

    tasks.ingest_due()

    dead.refresh_from_db()
    assert dead.verdict == Verdict.FAILED


@pytest.mark.usefixtures("clock")
def test_a_first_tick_ends_with_both_its_days_looked_at(switch_on: Any, queued: Queue):
    source = switch_on(categories=("cs.CL", "cs.CV"))

    tasks.ingest_due()
    work_off(queued)

    assert source.asked == [(day, name) for day in (DAY, DAY - ONE_DAY) for name in ("cs.CL", "cs.CV")]


def test_a_task_looks_at_those_categories_that_are_due(switch_on: Any, clock: Any):
    source = switch_on(tells(proof=Proof.PARTIAL), categories=("cs.CL", "cs.CV"))
    tasks.look_at(NAME, "2025-09-26", "cs.CL")
    clock.shift(29 * MINUTE)

    tasks.ingest_day(NAME, "2025-09-26")
    assert source.asked == [(DAY, "cs.CL"), (DAY, "cs.CV")]

    clock.shift(MINUTE)
    tasks.ingest_day(NAME, "2025-09-26")
    assert source.asked == [(DAY, "cs.CL"), (DAY, "cs.CV"), (DAY, "cs.CL")]


@pytest.mark.usefixtures("clock")
def test_a_category_that_fails_does_not_keep_the_others_from_coming_in(switch_on: Any):
    def answer(day: date, category: str) -> Look | None:
        return (fails() if category == "cs.CL" else tells(found(category)))(day, category)

    switch_on(answer, categories=("cs.CL", "cs.CV"))

    tasks.ingest_day(NAME, "2025-09-26")

    assert Paper.objects.get().title == "cs.CV"
    assert dict(IngestRun.objects.values_list("category", "verdict")) == {
        "cs.CL": "failed",
        "cs.CV": "complete",
    }


@pytest.mark.usefixtures("clock")
def test_a_task_that_comes_twice_looks_once(switch_on: Any):
    source = switch_on(grows=True)
    for _ in range(2):
        tasks.ingest_day(NAME, "2025-09-26")

    assert source.asked == [(DAY, "")]


@pytest.mark.usefixtures("clock")
def test_a_look_that_is_asked_for_is_made_due_or_not(switch_on: Any):
    source = switch_on()
    for _ in range(2):
        tasks.look_at(NAME, "2024-01-01", "")

    assert len(source.asked) == 2


# --- Ten days -------------------------------------------------------------------------------

TROUBLES: list[Answer] = [
    fails(),
    tells(proof=Proof.PARTIAL, reason="It broke off."),
    tells(proof=Proof.STALE, reason="It is yesterday's."),
    tells(*[SetAside(n, "", "no title") for n in range(9)]),
]
START = datetime(2025, 9, 22, 7, 3, tzinfo=UTC)
TICKS_A_DAY = 24 * 60
MOST = 48 + 48 + 6 * 4
"""Looks at a day that never settles: every half hour for two days, then every six hours for six."""
MOST_IN_GOOD_WEATHER = 48 + 3
"""Looks at a day that grows, at half hours, and is seen again three times."""


def tick() -> None:
    """What a beat's tick comes to, once its tasks are done."""
    for part, day in list(agenda.due(editions.today())):
        tasks.look_at(part.source, day.isoformat(), part.category)


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(
    grows=st.booleans(),
    step=st.sampled_from([30, 47]),
    # When, in minutes from the start, how long, and what: all over in time for the first day to be healed.
    troubles=st.lists(
        st.tuples(
            st.integers(0, 6 * TICKS_A_DAY),
            st.integers(10, 3 * TICKS_A_DAY),
            st.integers(0, len(TROUBLES) - 1),
        ),
        max_size=5,
    ),
)
def test_every_day_is_told_in_the_end_and_none_is_asked_for_without_end(
    switch_on: Any, grows: bool, step: int, troubles: list[tuple[int, int, int]]
):
    IngestRun.objects.all().delete()
    SOURCES.pop(NAME, None)
    configured.SOURCES = []

    def answer(day: date, category: str) -> Look | None:
        minute = (datetime.now(UTC) - START) // MINUTE
        for begins, lasts, which in troubles:
            if begins <= minute < min(begins + lasts, 6 * TICKS_A_DAY):
                return TROUBLES[which](day, category)
        return tells(proof=Proof.COMPLETE)(day, category)

    source = switch_on(answer, grows=grows, expects=weekdays, revisits=(24 * HOUR, 48 * HOUR, 72 * HOUR))
    with time_machine.travel(START, tick=False) as clock:
        for _ in range(10 * TICKS_A_DAY // step):
            tick()
            clock.shift(step * MINUTE)
        last = editions.today() - ONE_DAY

    days = [START.date() + n * ONE_DAY for n in range(-1, (last - START.date()).days)]
    unsettled = [day for day in days if weekdays(day) and not agenda.settled(day, editions.closing_time(day))]
    assert unsettled == []
    looks = Counter(day for day, _ in source.asked)
    assert min(looks) == START.date() - ONE_DAY
    assert max(looks.values()) <= (MOST if troubles else MOST_IN_GOOD_WEATHER)


def test_a_source_that_never_answers_is_asked_no_more_than_that(switch_on: Any):
    source = switch_on(fails(), grows=True, revisits=(24 * HOUR, 48 * HOUR, 72 * HOUR))
    with time_machine.travel(midnight(DAY), tick=False) as clock:
        for step in [30 * MINUTE] * 95 + [6 * HOUR] * 30:
            tick()
            clock.shift(step)

    assert Counter(day for day, _ in source.asked)[DAY] == MOST


# --- Editions -------------------------------------------------------------------------------


@pytest.fixture
def edition() -> Edition:
    return make_edition(make_paper(), published=False)


@pytest.mark.usefixtures("clock")
def test_a_few_unreadable_records_hold_no_edition_back_but_it_says_so(switch_on: Any, edition: Edition):
    switch_on(tells(found(), SetAside(1, "", "no title")))
    ingest.fetch_day(NAME, DAY)

    assert agenda.settled(DAY, editions.closing_time(DAY))
    assert not agenda.complete(DAY, editions.closing_time(DAY))
    assert editions.ready_to_publish(NOON) == [edition]
    assert editions.publish(edition).partial


@pytest.mark.parametrize(
    "answer", [tells(found(), proof=Proof.PARTIAL), tells(), fails()], ids=["partial", "empty", "failed"]
)
@pytest.mark.usefixtures("clock")
def test_an_edition_waits_for_what_may_still_come(switch_on: Any, edition: Edition, answer: Answer):
    switch_on(answer)
    tasks.look_at(NAME, "2025-09-26", "")

    assert editions.ready_to_publish(NOON) == []
    assert editions.ready_to_publish(NOON + editions.GRACE) == [edition]
    assert editions.publish(edition).partial


@pytest.mark.usefixtures("clock")
def test_an_edition_waits_for_every_category(switch_on: Any, edition: Edition):
    switch_on(categories=("cs.CL", "cs.CV"), answer=tells(found()))
    ingest.fetch_day(NAME, DAY, "cs.CL")
    assert editions.ready_to_publish(NOON) == []

    ingest.fetch_day(NAME, DAY, "cs.CV")
    assert editions.ready_to_publish(NOON) == [edition]
    assert not editions.publish(edition).partial


@pytest.mark.parametrize("answer", [None, tells(source="weekly"), fails()], ids=["none", "holiday", "failed"])
@pytest.mark.usefixtures("clock")
def test_an_edition_of_a_weekend_misses_nothing_of_a_source_that_pauses(
    switch_on: Any, answer: Answer | None
):
    switch_on(tells(found()))
    switch_on(answer, name="weekly", expects=weekdays)
    ingest.fetch_day(NAME, SATURDAY)
    if answer is not None:
        tasks.look_at("weekly", SATURDAY.isoformat(), "")

    saturdays = Edition.objects.get()
    assert editions.ready_to_publish(NOON + ONE_DAY) == [saturdays]
    assert not editions.publish(saturdays).partial


def test_a_failure_after_a_whole_look_takes_nothing_back(switch_on: Any, edition: Edition):
    source = switch_on(tells(found()))
    ingest.fetch_day(NAME, DAY)
    source.answer = fails()
    with pytest.raises(SourceError):
        ingest.fetch_day(NAME, DAY)

    assert agenda.settled(DAY, editions.closing_time(DAY))
    assert agenda.complete(DAY, editions.closing_time(DAY))


@pytest.mark.parametrize(
    ("last", "then", "whole"),
    [
        (NOON - 12 * HOUR, fails(), False),
        (NOON - 12 * HOUR, tells(found(), proof=Proof.PARTIAL), False),
        (NOON - 3 * HOUR, fails(), False),
        (NOON - 2 * HOUR, fails(), True),
        (NOON - 12 * HOUR, None, True),
        (NOON + 13 * HOUR, fails(), True),
    ],
    ids=["failed", "partial", "hours ago", "just now", "not looked again", "the day was over"],
)
def test_a_list_that_grows_is_whole_for_as_long_as_somebody_can_read_it(
    switch_on: Any, edition: Edition, last: datetime, then: Answer | None, whole: bool
):
    """Two papers at five past midnight are no whole day."""
    source = switch_on(tells(found()), grows=True)
    with time_machine.travel(last, tick=False):
        ingest.fetch_day(NAME, DAY)
    with time_machine.travel(last + 50 * MINUTE, tick=False):
        if then is not None:
            source.answer = then
            tasks.look_at(NAME, DAY.isoformat(), "")

    closes = editions.closing_time(DAY)
    assert agenda.settled(DAY, closes) == whole
    assert agenda.complete(DAY, closes) == whole
    assert (edition in editions.ready_to_publish(NOON)) == whole
    assert editions.publish(edition).partial != whole


# --- Recordings -----------------------------------------------------------------------------


def recorded(switch_on: Any) -> ScriptedSource:
    source: ScriptedSource = switch_on(tells(found()))
    look = source.answer(DAY, "")
    assert look is not None
    look.recorded = True
    ingest.take_in(look)
    return source


def test_a_recording_speaks_for_a_day_that_nobody_asks_for(switch_on: Any, edition: Edition):
    recorded(switch_on)

    assert agenda.complete(DAY, editions.closing_time(DAY))
    assert not editions.publish(edition).partial


def test_a_recording_keeps_nobody_from_asking_and_gives_way_to_who_did(switch_on: Any, edition: Edition):
    """It may hold one entry of a hundred."""
    source = recorded(switch_on)
    run = IngestRun.objects.get()
    assert (run.verdict, run.settled) == (Verdict.COMPLETE, False)
    assert not agenda.settled(DAY, editions.closing_time(DAY))

    source.answer = fails()
    tasks.look_at(NAME, DAY.isoformat(), "")

    assert not agenda.complete(DAY, editions.closing_time(DAY))
    assert editions.publish(edition).partial
