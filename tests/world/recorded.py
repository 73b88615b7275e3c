"""Worlds from recorded data: what the sources really told on their days."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.world.calendar import window
from tests.world.papers import Author, Entry, Listing, Paper, Version, World


class RecordedLists(Mapping[date, Sequence[Listing | Entry]]):
    """Daily lists from a folder of `YYYY-MM-DD.json.gz`, read when asked for."""

    def __init__(self, folder: Path) -> None:
        self.files = {
            date.fromisoformat(path.name[:10]): path for path in sorted(folder.glob("????-??-??.json.gz"))
        }
        self._read = lru_cache(maxsize=8)(_read)

    def __getitem__(self, day: date) -> Sequence[Listing | Entry]:
        entries: Sequence[Entry] = self._read(self.files[day])
        return entries

    def __iter__(self) -> Iterator[date]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


def recorded(
    *, daily: Path | None = None, announcements: Path | None = None, weekends_repeat: bool = False
) -> World:
    """A world of recorded days, from folders of the shapes of `hf_daily` and `cs_cv_announcements`.

    Weekends are empty, as recorded; with `weekends_repeat` their feed tells Friday's batch again under
    the weekend's own date. What a recording lacks is made up: versions before the one announced, and
    moments of submission within the batch's window.
    """
    world = World(daily=RecordedLists(daily) if daily else {})
    for path in sorted(announcements.glob("????-??-??.json.gz")) if announcements else ():
        document: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
        day = date.fromisoformat(document["date"])
        for number, record in enumerate(document["papers"]):
            _announce(world, day, record, number)
        if weekends_repeat and day.weekday() >= 5:
            world.shown_as[day] = day - timedelta(days=day.weekday() - 4)
    return world


def _read(path: Path) -> list[Entry]:
    entries: list[Entry] = json.loads(gzip.decompress(path.read_bytes()))
    return entries


def _announce(world: World, day: date, record: Mapping[str, Any], number: int) -> None:
    kind, arxiv_id = record["announce_type"], record["arxiv_id"]
    at = window(day)[0] + timedelta(seconds=30 * number)
    fresh = kind in ("new", "cross") and day - _month(arxiv_id) < timedelta(days=45)
    known = world.papers.get(arxiv_id)
    paper = known or Paper(
        arxiv_id=arxiv_id,
        title=record["title"],
        abstract=record["abstract"],
        authors=tuple(Author(name) for name in record["authors"]),
        categories=_primary_first(record),
        versions=(Version(1, at if fresh else _noon(_month(arxiv_id))),),
        comment=record["comment"] or "",
    )
    if kind.startswith("replace"):
        version = paper.versions[-1].number + 1
        world.add(replace(paper, versions=(*paper.versions, Version(version, at))))
        world.announce(day, arxiv_id, "replace", version=version)
        return
    world.add(paper)
    late = kind == "cross" and (known is not None or paper.primary == "cs.CV" or not fresh)
    world.announce(
        day,
        arxiv_id,
        "cross" if late else "new",
        version=paper.versions[-1].number,
        category="cs.CV" if late else "",
    )


def _primary_first(record: Mapping[str, Any]) -> tuple[str, ...]:
    primary = record["primary_category"]
    return (primary, *(name for name in record["categories"] if name != primary))


def _month(arxiv_id: str) -> date:
    """The first day of the month its id names; the year 2000 for ids of the old kind."""
    return date(2000 + int(arxiv_id[:2]), int(arxiv_id[2:4]), 1) if arxiv_id[4:5] == "." else date(2000, 1, 1)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
