"""Recorded months told once more, day by day, by a world on loopback: every paper once, on its first day."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db.models import Count, Max, Min

from digest import ingest
from digest.models import Entry, IngestRun, Paper, Sighting
from tests.conftest import share_of
from tests.world.papers import World
from tests.world.recorded import RecordedLists, recorded
from tests.world.server import WorldServer

pytestmark = [pytest.mark.django_db, pytest.mark.shared_data]
Verdict = IngestRun.Verdict
RECORDED = 348
"""Days of the daily list. In short the newest tenth of them is told."""


class Growing(Mapping[date, Sequence[Any]]):
    """Recorded lists whose votes can be moved on."""

    def __init__(self, lists: RecordedLists) -> None:
        self.lists, self.more = lists, 0

    def __getitem__(self, day: date) -> Sequence[Any]:
        entries: list[Any] = deepcopy(list(self.lists[day]))
        for entry in entries:
            entry["paper"]["upvotes"] += self.more
        return entries

    def __iter__(self) -> Iterator[date]:
        return iter(self.lists)

    def __len__(self) -> int:
        return len(self.lists)


def serving(settings: Any, world: World) -> WorldServer:
    server = WorldServer(world)
    for name, value in server.settings.items():
        setattr(settings, name, value)
    return server


def look(server: WorldServer, source: str, day: date, category: str = "", *, after: int = 0) -> IngestRun:
    """At noon of a day, or so many days later."""
    at = day + timedelta(days=after)
    server.turn_to(at)
    with time_machine.travel(f"{at}T12:00:00+00:00", tick=False):
        return ingest.fetch_day(source, day, category)


def everything() -> tuple[list[Any], ...]:
    return tuple(list(model._default_manager.order_by("pk").values()) for model in (Paper, Sighting, Entry))


def test_every_recorded_day_comes_in_once_and_grows_in_votes(shared_data: Path, settings: Any):
    lists = Growing(RecordedLists(shared_data / "hf_daily"))
    days = sorted(lists)
    assert len(days) == RECORDED
    listed = json.loads((shared_data / "hf_daily" / "index.json").read_text())
    assert {day.isoformat(): len(lists[day]) for day in days} == {
        one["date"]: one["entries"] for one in listed
    }
    days = days[-share_of(RECORDED) :]
    first_day: dict[str, date] = {}
    for day in days:
        for entry in lists[day]:
            first_day.setdefault(entry["paper"]["id"], day)
    with serving(settings, World(daily=lists)) as server:
        for day in days:
            assert look(server, "huggingface", day).verdict == Verdict.COMPLETE

        placed = dict(Entry.objects.values_list("paper__public_id", "edition__date"))
        assert placed == first_day
        lists.more = 3
        for day in days:
            run = look(server, "huggingface", day, after=1)
            assert (run.added, run.changed) == (0, 0)
        assert dict(Entry.objects.values_list("paper__public_id", "edition__date")) == first_day
        seen = Paper.objects.annotate(
            n=Count("sightings"), low=Min("sightings__upvotes"), high=Max("sightings__upvotes")
        )
        assert {(paper.n, paper.high - paper.low) for paper in seen} == {(2, 3)}

        # At another moment, or a row for the same one would be refused anyhow.
        before = everything()
        for day in days:
            run = look(server, "huggingface", day, after=3)
            assert (run.verdict, run.added, run.changed) == (Verdict.COMPLETE, 0, 0)
        assert everything() == before


@pytest.mark.parametrize("repeat", [False, True], ids=["weekends empty", "weekends repeat Friday"])
def test_announcements_add_what_is_new_enrich_what_is_replaced_and_rest_on_weekends(
    shared_data: Path, settings: Any, repeat: bool
):
    world = recorded(announcements=shared_data / "cs_cv_announcements", weekends_repeat=repeat)
    days = sorted(path.name[:10] for path in (shared_data / "cs_cv_announcements").glob("2026-*.json.gz"))
    with serving(settings, world) as server:
        runs = {day: look(server, "arxiv", date.fromisoformat(day), "cs.CV") for day in days}

        expected: dict[str, date] = {}
        versions: dict[str, int] = {}
        revised: set[str] = set()
        for day in map(date.fromisoformat, days):
            told = world.announced(day, ["cs.CV"]) if day.weekday() < 5 else []
            kinds = Counter(one.kind.split("-")[0] for one in told)
            run = runs[day.isoformat()]
            if day.weekday() >= 5:
                assert run.verdict == (Verdict.STALE if repeat else Verdict.HOLIDAY)
                assert run.settled
                assert run.added == 0
                continue
            assert run.verdict == Verdict.COMPLETE
            assert run.found == sum(kinds.values())
            revised_today = set()
            for one in told:
                name = one.paper.arxiv_id
                if one.kind in ("new", "cross"):
                    expected.setdefault(name, day)
                elif name in expected and one.version > versions[name]:
                    revised_today.add(name)
                if name in expected:
                    versions[name] = max(one.version, versions.get(name, 0))
            assert run.changed >= len(revised_today)
            revised |= revised_today
        assert dict(Entry.objects.values_list("paper__public_id", "edition__date")) == expected
        assert dict(Paper.objects.values_list("public_id", "version")) == versions
        assert revised, "what was replaced was enriched"

        before = everything()
        for recorded_day in days:
            look(server, "arxiv", date.fromisoformat(recorded_day), "cs.CV")
        assert everything() == before
