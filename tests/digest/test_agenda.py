"""Where to look next: a question to the ledger."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from digest import agenda
from digest.agenda import Part
from digest.models import IngestRun
from digest.sources import SOURCES
from digest.sources.fields import midnight
from tests.digest.conftest import NOON, steps_of
from tests.digest.scripted import NAME, ScriptedSource
from tests.factories import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition_clock")]
Verdict = IngestRun.Verdict
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
ONE_DAY = timedelta(days=1)
LONG_AGO = DAY - 30 * ONE_DAY


def weekdays(day: date) -> bool:
    return day.weekday() < 5


@pytest.fixture(autouse=True)
def switch_on(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Callable[..., ScriptedSource]:
    """Switch on one more scripted source."""
    settings.SOURCES = []

    def switch(name: str = NAME, **fields: Any) -> ScriptedSource:
        source = ScriptedSource(name=name, **fields)
        monkeypatch.setitem(SOURCES, name, source)
        settings.SOURCES = [*settings.SOURCES, name]
        return source

    return switch


def looked(
    day: date,
    at: datetime,
    *,
    settled: bool = True,
    verdict: str = "",
    source: str = NAME,
    category: str = "",
) -> IngestRun:
    return IngestRun.objects.create(
        source=source,
        category=category,
        day=day,
        started_at=at,
        settled=settled,
        verdict=verdict or (Verdict.COMPLETE if settled else Verdict.PARTIAL),
    )


def long_known(source: str = NAME) -> None:
    """The source has been looked at for weeks."""
    looked(LONG_AGO, midnight(LONG_AGO), source=source)


def due(now: datetime = NOON, *, category: str = "", source: str = NAME) -> list[date]:
    """The days that one source is to be looked at for."""
    part = Part(source, category)
    return [day for which, day in agenda.due(now.date(), now) if which == part]


def settle(*days: date, **fields: Any) -> None:
    """Have days behind us told in full, after all moments so far at which they are seen again."""
    for day in days:
        looked(day, min(midnight(day) + 100 * HOUR, NOON - HOUR), **fields)


WEEK = [DAY - n * ONE_DAY for n in range(1, 8)]

# --- Today ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("ago", "is_due"), [(30 * MINUTE, True), (30 * MINUTE - SECOND, False)])
@pytest.mark.parametrize("settled", [True, False])
def test_a_list_that_grows_is_looked_at_every_half_hour(
    switch_on: Any, ago: timedelta, is_due: bool, settled: bool
):
    switch_on(grows=True)
    looked(DAY, NOON - ago, settled=settled)

    assert (DAY in due()) is is_due


def test_a_list_that_comes_at_once_is_looked_at_until_it_is_settled(switch_on: Any):
    switch_on()
    looked(DAY, NOON - HOUR, settled=False)
    assert DAY in due()

    looked(DAY, NOON - 31 * MINUTE)
    assert DAY not in due()


@pytest.mark.parametrize("verdict", [Verdict.RUNNING, Verdict.FAILED])
def test_a_look_that_runs_or_failed_is_not_repeated_at_once(switch_on: Any, verdict: str):
    switch_on()
    looked(DAY, NOON - 29 * MINUTE, settled=False, verdict=verdict)
    assert DAY not in due()
    assert DAY in due(NOON + MINUTE)


def test_a_day_without_announcements_is_looked_at_until_that_is_proven(switch_on: Any):
    saturday = DAY + ONE_DAY
    switch_on(expects=weekdays)
    assert saturday in due(NOON + ONE_DAY)

    looked(saturday, NOON + ONE_DAY - HOUR, verdict=Verdict.HOLIDAY)
    assert due(NOON + ONE_DAY + HOUR) == [DAY]


# --- Days gone by ---------------------------------------------------------------------------


@pytest.mark.parametrize(("ago", "is_due"), [(30 * MINUTE, True), (30 * MINUTE - SECOND, False)])
def test_yesterday_is_looked_at_every_half_hour_until_it_is_settled(
    switch_on: Any, ago: timedelta, is_due: bool
):
    switch_on()
    looked(DAY - ONE_DAY, NOON - ago, settled=False)
    assert (DAY - ONE_DAY in due()) is is_due

    looked(DAY - ONE_DAY, NOON - 29 * HOUR)
    assert DAY - ONE_DAY not in due()


@pytest.mark.parametrize(("ago", "is_due"), [(6 * HOUR, True), (6 * HOUR - SECOND, False)])
def test_an_older_day_is_looked_at_every_six_hours_until_it_is_settled(
    switch_on: Any, ago: timedelta, is_due: bool
):
    switch_on()
    long_known()
    settle(*WEEK[:4], *WEEK[5:])
    looked(WEEK[4], NOON - ago, settled=False)
    assert due() == [DAY, *[WEEK[4]] * is_due]


def test_a_week_is_healed_and_no_more(switch_on: Any):
    switch_on()
    long_known()

    assert due() == [DAY, *WEEK]


@pytest.mark.parametrize("days_ago", [3, 8, 20])
def test_days_on_which_nobody_looked_are_healed_however_long_the_pause(switch_on: Any, days_ago: int):
    switch_on()
    last = DAY - days_ago * ONE_DAY
    looked(last, midnight(last) + HOUR)

    assert due() == [DAY, *[day for day in WEEK if day != last and day >= last - ONE_DAY]]


def test_a_source_that_is_new_begins_with_today_and_the_day_before(switch_on: Any):
    switch_on()
    assert due() == [DAY, WEEK[0]]


def test_the_day_before_is_looked_at_though_today_came_first(switch_on: Any):
    """One task a day: the second asks what is due when the first has written its row already."""
    switch_on()
    looked(DAY, NOON)
    assert due(NOON + MINUTE) == [WEEK[0]]

    looked(WEEK[0], NOON + MINUTE)
    assert due(NOON + 2 * MINUTE) == []
    assert due(NOON + 29 * MINUTE) == []


def test_days_before_the_first_look_are_not_reached_back_to_day_by_day(switch_on: Any):
    switch_on()
    looked(DAY, NOON)
    looked(WEEK[0], NOON)

    assert due(NOON + 3 * ONE_DAY) == [DAY + n * ONE_DAY for n in (3, 2, 1)]


def test_a_first_look_at_an_old_day_is_the_beginning_of_nothing(switch_on: Any):
    """Somebody fetched the archive before the source was ever asked by itself."""
    switch_on()
    looked(LONG_AGO, NOON - HOUR)

    assert due() == [DAY, WEEK[0]]


def test_days_without_announcements_are_not_healed(switch_on: Any):
    switch_on(expects=weekdays)
    long_known()

    assert due() == [DAY, *filter(weekdays, WEEK)]


# --- Seen again -----------------------------------------------------------------------------

REVISITS = (24 * HOUR, 48 * HOUR, 72 * HOUR)


def test_a_settled_day_is_seen_again_once_at_each_of_its_moments(switch_on: Any):
    switch_on(grows=True, revisits=REVISITS)
    looked(DAY, midnight(DAY) + 20 * HOUR)
    seen = []
    for n in range(20 * 6, 150 * 6):
        now = midnight(DAY) + n * 10 * MINUTE
        if now.date() > DAY and DAY in due(now):
            seen.append(now - midnight(DAY))
            looked(DAY, now)

    assert seen == [24 * HOUR, 48 * HOUR, 72 * HOUR]


def test_moments_that_were_missed_are_made_up_for_by_one_look(switch_on: Any):
    switch_on(revisits=REVISITS)
    looked(DAY, midnight(DAY) + 20 * HOUR)
    now = midnight(DAY) + 80 * HOUR
    assert DAY in due(now)

    looked(DAY, now)
    assert DAY not in due(now + ONE_DAY)


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.PARTIAL])
def test_a_day_is_seen_again_once_more_where_that_look_failed(switch_on: Any, verdict: str):
    switch_on(revisits=REVISITS)
    looked(DAY, midnight(DAY) + 30 * HOUR)
    now = midnight(DAY) + 48 * HOUR
    looked(DAY, now, settled=False, verdict=verdict)

    assert DAY not in due(now + 6 * HOUR - SECOND)
    assert DAY in due(now + 6 * HOUR)


def test_a_day_without_announcements_is_seen_again_as_any_other(switch_on: Any):
    saturday = DAY + ONE_DAY
    switch_on(expects=weekdays, revisits=REVISITS)
    looked(saturday, midnight(saturday) + HOUR, verdict=Verdict.HOLIDAY)

    assert saturday not in due(midnight(saturday) + 23 * HOUR)
    assert saturday in due(midnight(saturday) + 24 * HOUR)


# --- Categories and sources -----------------------------------------------------------------


def test_each_category_has_an_agenda_of_its_own(switch_on: Any):
    switch_on(categories=("cs.CL", "cs.CV"))
    looked(WEEK[0], midnight(WEEK[0]), category="cs.CL")
    looked(DAY, NOON - HOUR, category="cs.CL")
    looked(DAY, NOON - HOUR, category="cs.CV", settled=False)

    assert due(category="cs.CL") == [WEEK[1]]
    # It was switched on today: the week before it would come all at once.
    assert due(category="cs.CV") == [DAY, WEEK[0]]


def test_each_source_has_an_agenda_of_its_own(switch_on: Any):
    switch_on("one")
    switch_on("other", grows=True)
    looked(DAY, NOON - HOUR, source="one")
    looked(WEEK[0], NOON - HOUR, source="one")
    long_known("other")
    settle(*WEEK, source="other")

    assert due(source="one") == []
    assert due(source="other") == [DAY]


def test_a_tick_takes_the_same_number_of_queries_however_many_looks(switch_on: Any):
    switch_on(categories=("cs.CL", "cs.CV"), revisits=REVISITS)

    def tick() -> None:
        assert due(category="cs.CL")

    before = steps_of(tick)
    for day in WEEK:
        for n in range(20):
            looked(day, midnight(day) + n * MINUTE, category="cs.CV", settled=False)
    assert steps_of(tick) == before < 4


def test_a_tick_asks_the_ledger_as_often_however_many_parts_there_are(switch_on: Any):
    switch_on("one")
    looked(DAY, NOON, source="one")
    few = steps_of(lambda: list(agenda.due(DAY, NOON)))
    for n in range(5):
        switch_on(f"more-{n}")
        looked(DAY, NOON, source=f"more-{n}")

    assert steps_of(lambda: list(agenda.due(DAY, NOON))) == few == 2
