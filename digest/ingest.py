"""From a look at a source to papers, sightings and the ledger.

Written in batches, each one transaction: a batch is in whole or not at all, and doing it again
changes nothing. Two workers on the same day meet at the unique identifiers; the later one starts
its batch again and finds the papers there.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice

from django.db import DataError, IntegrityError, OperationalError, transaction

from digest import editions, ledger
from digest.merge import Batch, Prepared, Tally
from digest.models import Edition, IngestRun
from digest.sources import SOURCES, remembered
from digest.sources.base import FoundPaper, Look, SetAside, SourceError

logger = logging.getLogger(__name__)

BATCH = 500
TRIES = 5

Progress = Callable[[int, int], None]
"""Called with the numbers of papers and of set-aside records that have come since the last call."""


def fetch_day(
    source_name: str, day: date, category: str = "", *, progress: Progress | None = None
) -> IngestRun:
    """Ask a source for one day and take in what it gives; where that leaves doubts, ask the source's
    other service, too. Returns the ledger's row of the last look.

    Raises:
        SourceError: neither could be read; the ledger says so.
    """
    source = SOURCES[source_name]
    try:
        run = _look(source_name, day, category, source.fetch, progress)
    except SourceError:
        healed = _reconciled(source_name, day, category, progress)
        if healed is None:
            raise
        return healed
    assert run is not None  # only `reconcile` may have nothing to say
    if run.settled:
        return run
    try:
        return _reconciled(source_name, day, category, progress) or run
    except SourceError as error:
        # The ledger has it; what the first look gave is in.
        logger.info("%s %s %s: %s", source_name, category, day, error)
        return run


def _reconciled(name: str, day: date, category: str, progress: Progress | None) -> IngestRun | None:
    return _look(name, day, category, SOURCES[name].reconcile, progress)


def _look(
    name: str,
    day: date,
    category: str,
    ask: Callable[[date, str], Look | None],
    progress: Progress | None,
) -> IngestRun | None:
    run = ledger.begin(name, day, category)
    with remembered.looking() as memory:
        try:
            look = ask(day, category)
            if look is None:
                run.delete()
                return None
            take_in(look, run=run, progress=progress)
        except Exception as error:
            if run.verdict == IngestRun.Verdict.RUNNING:
                ledger.fail(run, str(error) if isinstance(error, SourceError) else type(error).__name__)
            memory.forget()
            raise
        if not run.settled:
            memory.forget()
    return run


def take_in(look: Look, *, run: IngestRun | None = None, progress: Progress | None = None) -> IngestRun:
    """Write what a look found, and close its row in the ledger.

    A run that is closed already is gone on with: a long file tells of one day in several pieces.
    """
    if run is None:
        run = ledger.begin(look.source, look.day, look.category)
    tally = Tally()
    set_aside: list[SetAside] = []
    touched: set[int] = set()
    try:
        papers = _keep_papers(look.records, set_aside)
        told = 0
        while batch := list(islice(papers, BATCH)):
            tally.add(_write(_prepared(batch, set_aside), look, run, touched, set_aside))
            if progress:
                progress(len(batch), len(set_aside) - told)
                told = len(set_aside)
        for pk in sorted(touched):
            with transaction.atomic():
                edition = Edition.objects.select_for_update().open().filter(pk=pk).first()
                if edition is not None:  # else it was published meanwhile, and is frozen
                    editions.rank(edition)
    except Exception as error:
        told_error = str(error) if isinstance(error, SourceError) else type(error).__name__
        ledger.fail(run, told_error, tally, set_aside)
        raise
    ledger.close(run, look, tally, set_aside)
    return run


def _keep_papers(records: Iterable[FoundPaper | SetAside], set_aside: list[SetAside]) -> Iterator[FoundPaper]:
    for record in records:
        if isinstance(record, SetAside):
            set_aside.append(record)
        else:
            yield record


def _prepared(batch: Iterable[FoundPaper], set_aside: list[SetAside]) -> list[Prepared]:
    prepared = []
    for paper in batch:
        try:
            prepared.append(Prepared.of(paper))
        except (ValueError, OverflowError) as error:  # a moment that is beyond the calendar in UTC, say
            set_aside.append(_refused(paper, error))
    return prepared


def _refused(paper: FoundPaper, error: Exception) -> SetAside:
    name = paper.arxiv_id or paper.doi or paper.title
    return SetAside(-1, name, f"the database cannot hold it: {type(error).__name__}")


def _write(
    batch: list[Prepared],
    look: Look,
    run: IngestRun,
    touched: set[int],
    set_aside: list[SetAside],
) -> Tally:
    """Write a batch. A record the database cannot hold is found by halving and set aside."""
    try:
        return _write_whole(batch, look, run, touched)
    except (DataError, IntegrityError, ValueError, OverflowError) as error:
        if len(batch) == 1:
            set_aside.append(_refused(batch[0].found, error))
            return Tally()
        middle = len(batch) // 2
        tally = _write(batch[:middle], look, run, touched, set_aside)
        tally.add(_write(batch[middle:], look, run, touched, set_aside))
        return tally


def _write_whole(batch: list[Prepared], look: Look, run: IngestRun, touched: set[int]) -> Tally:
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return Batch(batch, look, run).write(touched)
        except (IntegrityError, OperationalError):  # met by its unique names, or by its locks
            if attempt == TRIES:
                raise
            logger.info("another worker was writing the same papers; attempt %d", attempt + 1)
    raise AssertionError("unreachable")
