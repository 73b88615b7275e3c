"""From a look at a source to papers, sightings and the ledger.

Written in batches, each one transaction: a batch is in whole or not at all, and doing it again
changes nothing. Two workers on the same day meet at the unique identifiers; the later one starts
its batch again and finds the papers there.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from digest import editions
from digest.merge import Batch, Tally
from digest.models import Edition, IngestRun
from digest.sources import SOURCES
from digest.sources.base import FoundPaper, Look, SetAside, SourceError, midnight

logger = logging.getLogger(__name__)

BATCH = 500
LOOK_EVERY = timedelta(minutes=30)
TRIES = 5
MAX_SET_ASIDE = 200

Progress = Callable[[int], None]


def days_to_look_at(today: date, now: datetime | None = None) -> Iterator[tuple[str, date]]:
    """Sources and days that are due for a look: today every half hour, and yesterday as often until
    a look after its end was complete, because a list that was complete at noon has grown since.
    """
    now = now or timezone.now()
    for source in settings.SOURCES:
        looks = IngestRun.objects.filter(source=source)
        lately = looks.filter(started_at__gt=now - LOOK_EVERY)
        if not lately.filter(day=today).exists():
            yield source, today
        yesterday = today - timedelta(days=1)
        after = looks.filter(day=yesterday, started_at__gte=midnight(today))
        if (
            not lately.filter(day=yesterday).exists()
            and not after.filter(verdict__in=IngestRun.PROVEN).exists()
        ):
            yield source, yesterday


def fetch_day(source_name: str, day: date, *, progress: Progress | None = None) -> IngestRun:
    """Ask a source for one day and take in what it gives.

    Raises:
        SourceError: it could not be read; the ledger has a row that says so.
    """
    run = IngestRun.objects.create(source=source_name, day=day)
    try:
        look = SOURCES[source_name].fetch(day)
    except Exception as error:
        told = str(error) if isinstance(error, SourceError) else type(error).__name__
        _close(run, IngestRun.Verdict.FAILED, error=told)
        raise
    return take_in(look, run=run, progress=progress)


def take_in(look: Look, *, run: IngestRun | None = None, progress: Progress | None = None) -> IngestRun:
    """Write what a look found. Calls `progress` with the number of papers after each batch."""
    if run is None:
        run = IngestRun.objects.create(source=look.source, day=look.day)
    tally = Tally()
    set_aside: list[SetAside] = []
    touched: set[int] = set()
    try:
        papers = _keep_papers(look.records, set_aside)
        while batch := list(islice(papers, BATCH)):
            tally.add(_write(batch, look, run, touched))
            if progress:
                progress(len(batch))
        for pk in sorted(touched):
            with transaction.atomic():
                edition = Edition.objects.select_for_update().open().filter(pk=pk).first()
                if edition is not None:  # else it was published meanwhile, and is frozen
                    editions.rank(edition)
    except Exception as error:
        _close(run, IngestRun.Verdict.FAILED, tally, set_aside, error=f"{type(error).__name__}")
        raise
    verdict = IngestRun.Verdict.COMPLETE if tally.found else IngestRun.Verdict.EMPTY
    if set_aside:
        verdict = IngestRun.Verdict.PARTIAL
    run.bytes_read = look.bytes_read
    _close(run, verdict, tally, set_aside)
    return run


def _keep_papers(records: Iterable[FoundPaper | SetAside], set_aside: list[SetAside]) -> Iterator[FoundPaper]:
    for record in records:
        if isinstance(record, SetAside):
            set_aside.append(record)
        else:
            yield record


def _close(
    run: IngestRun,
    verdict: IngestRun.Verdict,
    tally: Tally | None = None,
    set_aside: list[SetAside] | None = None,
    *,
    error: str = "",
) -> None:
    tally = tally or Tally()
    run.verdict = verdict
    run.found, run.added, run.changed = tally.found, tally.added, tally.changed
    run.set_aside = [record.as_json() for record in (set_aside or [])[:MAX_SET_ASIDE]]
    run.error = error
    run.finished_at = timezone.now()
    run.save()
    logger.info("ingest %s %s: %s, %d found, %d new", run.source, run.day, verdict, tally.found, tally.added)


def _write(batch: list[FoundPaper], look: Look, run: IngestRun, touched: set[int]) -> Tally:
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return Batch(batch, look, run).write(touched)
        except (IntegrityError, OperationalError):  # met by its unique names, or by its locks
            if attempt == TRIES:
                raise
            logger.info("another worker was writing the same papers; attempt %d", attempt + 1)
    raise AssertionError("unreachable")
