"""Two and a half days of beat's ticks with the real sources: who is asked when, and what comes of it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from digest import agenda, editions, tasks
from digest.models import Edition, Entry, IngestRun
from tests.world.invented import invented
from tests.world.server import WorldServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("naps")]
TICK = timedelta(minutes=30)
Verdict = IngestRun.Verdict


@pytest.fixture(params=[date(2026, 9, 21), date(2026, 11, 16)], ids=["in summer", "in winter"])
def days(request: pytest.FixtureRequest) -> list[date]:
    """Monday to Wednesday."""
    return [request.param + timedelta(days=n) for n in range(3)]


@pytest.fixture
def world(settings: Any, days: list[date]) -> Iterator[WorldServer]:
    settings.SOURCES, settings.ARXIV_CATEGORIES = ["huggingface", "arxiv"], ["cs.CV"]
    with WorldServer(invented(start=days[0] - timedelta(days=7))) as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        yield server


def run_beat(world: WorldServer, since: datetime, until: datetime) -> Iterator[datetime]:
    """Let the time pass, tick by tick, and do what the ticks ask for."""
    at = since
    while at <= until:
        world.turn_to(at)
        with time_machine.travel(at, tick=False):
            for part, day in list(agenda.due(editions.today())):
                tasks.look_at(part.source, day.isoformat(), part.category)
            for edition in editions.ready_to_publish():
                editions.publish(edition)
        yield at
        at += TICK


def test_each_day_is_read_from_its_feed_proven_a_day_later_and_published_whole(
    world: WorldServer, days: list[date]
):
    begin = datetime(days[0].year, days[0].month, days[0].day, 6, tzinfo=UTC)
    feed_then_changes: dict[date, list[str]] = {day: [] for day in days}
    for at in run_beat(world, begin, begin + timedelta(hours=54)):
        for asked in world.asked:
            if asked.service.startswith("arxiv"):
                feed_then_changes[at.date()].append(asked.service)
        world.forget()

    today, tomorrow = days[0], days[1]
    for day in (today, tomorrow):
        told = world.world.announced(day, ["cs.CV"])
        fresh = {one.paper.arxiv_id for one in told if one.kind in ("new", "cross")}
        entered = set(Entry.objects.filter(edition__date=day).values_list("paper__public_id", flat=True))
        assert fresh <= entered, "each on its own day"
        edition = Edition.objects.get(date=day)
        assert (edition.is_published, edition.partial) == (True, False)
    assert "arxiv_feed" in feed_then_changes[today]
    # Yesterday's proof and today's feed, and nobody asked twice.
    assert sorted(feed_then_changes[tomorrow]) == ["arxiv_feed", "arxiv_oai"]
    rest = IngestRun.objects.filter(source="arxiv").exclude(verdict__in=[Verdict.COMPLETE, Verdict.HOLIDAY])
    assert not rest.exists()


def test_a_day_on_which_nothing_could_be_read_is_healed_on_the_next(world: WorldServer, days: list[date]):
    from tests.world import faults

    begin = datetime(days[1].year, days[1].month, days[1].day, 6, tzinfo=UTC)
    planned = world.fail("", faults.status(500))
    for _ in run_beat(world, begin, begin + timedelta(hours=17)):
        pass
    assert planned.met
    assert not Entry.objects.exists()
    world.heal()

    for _ in run_beat(world, begin + timedelta(hours=18), begin + timedelta(hours=30)):
        pass

    lost_day = days[1]
    entered = set(Entry.objects.values_list("paper__public_id", flat=True))
    told = world.world.announced(lost_day, ["cs.CV"])
    assert {one.paper.arxiv_id for one in told if one.kind == "new"} <= entered
    listed: Any = world.world.daily[lost_day]
    assert {one.arxiv_id for one in listed} <= entered
    assert agenda.settled(lost_day, editions.closing_time(lost_day))
