"""Where to look next, and whether a day has been told in full: questions to the ledger."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Min
from django.utils import timezone

from digest.models import IngestRun
from digest.sources import SOURCES
from digest.sources.base import Source
from digest.sources.fields import midnight

Verdict = IngestRun.Verdict
WHOLE = (Verdict.COMPLETE, Verdict.HOLIDAY)
LOOKED = ("source", "category", "day", "started_at", "verdict", "settled")
"""Columns of a look that matter here."""

LOOK_EVERY = timedelta(minutes=30)
"""How often a day is looked at that is not over or not told yet, at most."""
HEAL_EVERY = timedelta(hours=6)
"""The same for days further back, that somehow were never told in full."""
AHEAD = timedelta(minutes=5)
"""How much the clocks of workers may differ."""
FRESH = timedelta(hours=2)
"""How long before an edition closes a list that grows may have been read last, to count as whole."""
HEALED_FOR = 7
"""Days back that are still asked for."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is looked at by itself: a source, or one category of it."""

    source: str
    category: str = ""


def parts() -> Iterator[Part]:
    """All that are switched on."""
    for name in settings.SOURCES:
        if name not in SOURCES or not SOURCES[name].live:
            continue  # `manage.py check` tells of it
        for category in SOURCES[name].categories():
            yield Part(name, category)


def due(today: date, now: datetime | None = None) -> Iterator[tuple[Part, date]]:
    """What to look at now: today; days gone by at the moments at which their source is seen again; and
    those of the last week that nobody could read in full.
    """
    now = now or timezone.now()
    first_day = today - timedelta(days=HEALED_FOR)
    runs: dict[tuple[str, str, date], list[IngestRun]] = {}
    rows = IngestRun.objects.filter(day__gte=first_day, day__lte=today, source__in=settings.SOURCES)
    for run in rows.only(*LOOKED):
        if run.started_at > now + AHEAD:
            continue  # by a clock that was wrong: what it saw may have been another day
        runs.setdefault((run.source, run.category, run.day), []).append(run)
    first_looks = _first_looks()
    for part in parts():
        since = max(_begun(first_looks.get(part), today), first_day)
        for n in range((today - since).days + 1):
            day = today - timedelta(days=n)
            looks = runs.get((part.source, part.category, day), [])
            if _is_due(SOURCES[part.source], day, looks, today, now):
                yield part, day


def begun(part: Part, today: date) -> date:
    """The first day of this part that is ours to know, be it switched on or asked for by hand."""
    looks = IngestRun.objects.filter(source=part.source, category=part.category)
    first = looks.aggregate(first=Min("started_at"))["first"]
    zone = ZoneInfo(settings.EDITION_TIME_ZONE)
    return _begun(first.astimezone(zone).date() if first else None, today)


def _begun(first_look: date | None, today: date) -> date:
    """The day before the very first look belongs to it: it may have been told late."""
    return min(first_look or today, today) - timedelta(days=1)


def _first_looks() -> dict[Part, date]:
    """The date, where editions are made, on which each part was first looked at: what is switched on later
    does not flood the readers with the week before.
    """
    zone = ZoneInfo(settings.EDITION_TIME_ZONE)
    looks = IngestRun.objects.filter(source__in=settings.SOURCES).order_by().values("source", "category")
    return {
        Part(one["source"], one["category"]): one["first"].astimezone(zone).date()
        for one in looks.annotate(first=Min("started_at"))
    }


def _is_due(source: Source, day: date, looks: list[IngestRun], today: date, now: datetime) -> bool:
    begins = source.begins(day)
    if now < begins:
        return False
    last = max((run.started_at for run in looks), default=None)
    pause = LOOK_EVERY if day >= today - timedelta(days=1) else HEAL_EVERY
    if last is not None and last > now - pause:
        return False
    settled = [run for run in looks if run.settled]
    if day >= today:
        return source.grows or not settled
    if not settled and source.expects(day):
        return True
    marks = [begins + after for after in source.revisits]
    seen = [run.started_at for run in settled]
    return any(mark <= now and not any(at >= mark for at in seen) for mark in marks)


def first_look(day: date) -> datetime | None:
    """When anybody first asked a source for this day."""
    found: datetime | None = IngestRun.objects.filter(day=day).aggregate(first=Min("started_at"))["first"]
    return found


def settled(day: date, closes: datetime) -> bool:
    """Would asking again bring no more of this day from any source that was to tell of it, for an edition
    that closes at this moment?
    """
    return _all(day, closes, lambda run: run.settled)


def complete(day: date, closes: datetime) -> bool:
    """Has every source that was to tell of this day proved that it has told all, for an edition that
    closes at this moment?
    """
    return _all(day, closes, tells_all)


def tells_all(run: IngestRun) -> bool:
    """Does this look prove that nothing of its day was left untold at that time?"""
    return run.verdict in WHOLE or (run.verdict == Verdict.EMPTY and run.settled)


def is_proven(
    source: Source, looks: Sequence[IngestRun], closes: datetime, proves: Callable[[IngestRun], bool]
) -> bool:
    """Do these looks at a part prove it for an edition that closes at this moment?

    A recording is whole but never settled: it speaks for a day only where nobody asked the source itself.
    Of a list that grows a look proves what was there by then. It is believed for longer only where nobody
    failed to read the list again: by closing time there may be much more.
    """
    asked = any(run.settled or run.verdict not in WHOLE for run in looks)
    proving = [run for run in looks if proves(run) and (run.settled or not asked)]
    last = max((run.started_at for run in proving), default=None)
    if last is None or not source.grows:
        return last is not None
    day_is_over = midnight(looks[0].day + timedelta(days=1))
    if last >= min(closes - FRESH, day_is_over):
        return True
    failed = (Verdict.FAILED, Verdict.PARTIAL)
    return not any(run.started_at > last and run.verdict in failed and not run.settled for run in looks)


def _all(day: date, closes: datetime, proves: Callable[[IngestRun], bool]) -> bool:
    looks: dict[Part, list[IngestRun]] = {}
    for run in IngestRun.objects.filter(day=day).only(*LOOKED):
        looks.setdefault(Part(run.source, run.category), []).append(run)
    return all(
        is_proven(SOURCES[part.source], looks.get(part, []), closes, proves)
        for part in parts()
        if SOURCES[part.source].expects(day)
    )
