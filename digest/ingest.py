"""From a look at a source to papers, sightings and the ledger.

Written in batches, each one transaction: a batch is in whole or not at all, and doing it again
changes nothing. Two workers on the same day meet at the unique identifiers; the later one starts
its batch again and finds the papers there.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from django.db import DataError, IntegrityError, OperationalError, transaction

from digest import agenda, editions, ledger
from digest.merge import Batch, Prepared, Tally
from digest.models import Edition, IngestRun
from digest.sources import SOURCES, remembered
from digest.sources.base import FoundPaper, Look, SetAside, SourceError
from digest.sources.metered import metered

logger = logging.getLogger(__name__)

BATCH = 500
TRIES = 5

Progress = Callable[[int, int], None]
"""Called with the numbers of papers and of set-aside records that have come since the last call."""


Told = Callable[[IngestRun], None]
"""Called with the ledger's row of each look when it is closed, of a failed one, too."""


def fetch_day(
    source_name: str,
    day: date,
    category: str = "",
    *,
    progress: Progress | None = None,
    told: Told | None = None,
) -> IngestRun:
    """Ask a source for one day and take in what it gives; where that leaves doubts, ask the source's
    other service, too. Returns the ledger's row of the last look; `told` has all of them.

    Raises:
        SourceError: neither could be read; the ledger says so.
    """
    source = SOURCES[source_name]
    looking = _Looking(source_name, day, category, progress, told)
    try:
        first = looking.ask(source.fetch)
    except SourceError:
        healed = looking.ask(source.reconcile)
        if healed is None:
            raise
        return healed[0]
    assert first is not None  # only `reconcile` may have nothing to say
    if first[0].settled and not first[0].unread:
        return first[0]
    try:
        return (looking.ask(source.reconcile, after=first[1]) or first)[0]
    except SourceError as error:
        # The ledger has it; what the first look gave is in.
        logger.info("%s %s %s: %s", source_name, category, day, error)
        return first[0]


@dataclass(frozen=True, slots=True)
class _Looking:
    """One day of a source, or of a category of it, that is asked for."""

    source: str
    day: date
    category: str
    progress: Progress | None
    told: Told | None

    def ask(
        self, service: Callable[[date, str], Look | None], *, after: Look | None = None
    ) -> tuple[IngestRun, Look] | None:
        """A look, with its row; None where the service has nothing to say. `after` is the look before."""
        run = ledger.begin(self.source, self.day, self.category)
        with remembered.looking() as memory, metered() as meter:
            try:
                look = service(self.day, self.category)
                if look is None:
                    run.delete()
                    return None
                look.bytes_read = meter.bytes_read
                look.records = _missed(look, look.records)
                take_in(look, run=run, progress=self.progress, after=after)
            except Exception as error:
                if run.verdict == IngestRun.Verdict.RUNNING:
                    ledger.fail(run, _sentence(error), bytes_read=meter.bytes_read)
                memory.forget()
                self._tell(run)
                raise
            if not run.settled:
                memory.forget()
        self._tell(run)
        return run, look

    def _tell(self, run: IngestRun) -> None:
        if self.told is not None:
            self.told(run)


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, SourceError) else type(error).__name__


def _missed(look: Look, records: Iterable[FoundPaper | SetAside]) -> Iterator[FoundPaper | SetAside]:
    """Papers that come late add only where their day is ours: what was told before anybody looked, and is
    corrected now, is no news.
    """
    ours: date | None = None
    for record in records:
        if isinstance(record, FoundPaper) and record.late_since:
            ours = ours or agenda.begun(agenda.Part(look.source, look.category), editions.today())
            if record.late_since < ours:
                yield replace(record, only_enriches=True)
                continue
        yield record


def take_in(
    look: Look,
    *,
    run: IngestRun | None = None,
    progress: Progress | None = None,
    after: Look | None = None,
) -> IngestRun:
    """Write what a look found, and close its row in the ledger.

    A run that is closed already is gone on with: a long file tells of one day in several pieces, each
    counted by itself. `after` is the look just before at the same day, by another service perhaps.
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
        ledger.fail(run, _sentence(error), tally, set_aside, bytes_read=look.bytes_read)
        raise
    ledger.close(run, look, tally, set_aside, after=after)
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
