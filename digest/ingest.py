"""From a look at a source to papers, sightings and the ledger.

Written in batches, each one transaction: a batch is in whole or not at all, and doing it again
changes nothing. Two workers on the same day meet at the unique identifiers; the later one starts
its batch again and finds the papers there.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from django.db import IntegrityError, transaction
from django.utils import timezone

from digest import editions
from digest.models import Edition, Entry, Identifier, IngestRun, Paper, Sighting
from digest.relevance.text import readable, words
from digest.sources import SOURCES
from digest.sources.base import FoundPaper, Look, SetAside, SourceError

logger = logging.getLogger(__name__)

BATCH = 500
TRIES = 5
MAX_SET_ASIDE = 200
ARXIV_DOI = "10.48550/arxiv."
_FITS_URL = re.compile(r"[a-z0-9][a-z0-9._()/:;-]{0,298}[a-z0-9()]")

Name = tuple[str, str]
Progress = Callable[[int], None]


@dataclass(slots=True)
class Tally:
    """What a look brought, counted in papers."""

    found: int = 0
    added: int = 0
    changed: int = 0

    def add(self, other: "Tally") -> None:
        self.found += other.found
        self.added += other.added
        self.changed += other.changed


def fetch_day(source_name: str, day: date, *, progress: Progress | None = None) -> IngestRun:
    """Ask a source for one day and take in what it gives.

    Raises:
        SourceError: it could not be read; the ledger has a row that says so.
    """
    run = IngestRun.objects.create(source=source_name, day=day)
    try:
        look = SOURCES[source_name].fetch(day)
    except SourceError as error:
        _close(run, IngestRun.Verdict.FAILED, error=str(error))
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
        for edition in Edition.objects.open().filter(pk__in=touched):
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


# --- One batch ----------------------------------------------------------------------------


def _write(batch: list[FoundPaper], look: Look, run: IngestRun, touched: set[int]) -> Tally:
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return _Batch(batch, look, run).write(touched)
        except IntegrityError:
            if attempt == TRIES:
                raise
            logger.info("another worker was writing the same papers; attempt %d", attempt + 1)
    raise AssertionError("unreachable")


@dataclass(slots=True)
class _Known:
    """A paper of this batch, from the database or about to go there."""

    paper: Paper
    names: set[Name]
    is_new: bool = False
    fresh_names: set[Name] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    latest: tuple[int | None, int | None, int | None] | None = None
    has_this_moment: bool = False


class _Batch:
    def __init__(self, batch: list[FoundPaper], look: Look, run: IngestRun) -> None:
        self.look, self.run = look, run
        self.found = [(paper, names_of(paper)) for paper in batch]
        self.by_name: dict[Name, _Known] = {}
        self.known: list[_Known] = []
        self.counted: list[_Known] = []

    def write(self, touched: set[int]) -> Tally:
        self._load()
        sightings = []
        for found, names in self.found:
            known = self._match(found, names)
            if known is None:
                known = self._begin(found, names)
            else:
                self._enrich(known, found, names)
            if sighting := self._sighting(known, found):
                sightings.append(sighting)
        fresh = [known for known in self.known if known.is_new]
        Paper.objects.bulk_create([known.paper for known in fresh])
        Identifier.objects.bulk_create(
            [
                Identifier(paper=known.paper, scheme=scheme, value=value)
                for known in self.known
                for scheme, value in sorted(known.fresh_names)
            ]
        )
        changed = [known for known in self.known if known.changed]
        if changed:
            columns = sorted(set().union(*(known.changed for known in changed)))
            Paper.objects.bulk_update([known.paper for known in changed], columns)
        if fresh:
            edition = editions.open_edition(self.look.day)
            Entry.objects.bulk_create([Entry(edition=edition, paper=known.paper) for known in fresh])
        Sighting.objects.bulk_create(sightings)
        touched.update(
            Entry.objects.filter(paper__in=[known.paper for known in self.counted])
            .values_list("edition_id", flat=True)
            .distinct()
        )
        return Tally(
            found=len(self.found),
            added=len(fresh),
            changed=len(changed),
        )

    def _load(self) -> None:
        """Fetch what the database knows of these papers, in a fixed number of queries."""
        values = {value for _, names in self.found for _, value in names}
        ids = set(Identifier.objects.filter(value__in=values).values_list("paper_id", flat=True))
        papers = {paper.pk: _Known(paper=paper, names=set()) for paper in Paper.objects.filter(pk__in=ids)}
        for name in Identifier.objects.filter(paper_id__in=ids):
            known = papers[name.paper_id]
            known.names.add((name.scheme, name.value))
            self.by_name[name.scheme, name.value] = known
        rows = Sighting.objects.filter(paper_id__in=ids, source=self.look.source).order_by("seen_at", "id")
        for row in rows:
            known = papers[row.paper_id]
            known.latest = (row.upvotes, row.comments, row.stars)
            if row.seen_at == self.look.seen_at:
                known.has_this_moment = True
        self.known = list(papers.values())

    def _match(self, found: FoundPaper, names: list[Name]) -> _Known | None:
        own = dict(names)
        for name in names:
            known = self.by_name.get(name)
            if known is None:
                continue
            if name[0] == Identifier.Scheme.TITLE and _contradicts(own, known.names):
                continue
            return known
        return None

    def _begin(self, found: FoundPaper, names: list[Name]) -> _Known:
        free = {name for name in names if name not in self.by_name}
        paper = Paper(public_id=public_id_of(names[0]))
        known = _Known(paper=paper, names=set(free), is_new=True, fresh_names=free)
        for attribute, value_found in fields_of(found).items():
            setattr(paper, attribute, value_found)
        self.known.append(known)
        for name in free:
            self.by_name[name] = known
        return known

    def _enrich(self, known: _Known, found: FoundPaper, names: list[Name]) -> None:
        """Fill what is empty; a newer version of the text replaces the older one."""
        paper, new = known.paper, fields_of(found)
        newer = (found.version or 0) > (paper.version or 0) and not known.is_new
        for column, value in new.items():
            old = getattr(paper, column)
            revised = newer and bool(new.get(REVISED.get(column, "")))
            if value != old and (revised or (value and (not old or column == "withdrawn"))):
                setattr(paper, column, value)
                if not known.is_new:
                    known.changed.add(column)
        for name in names:
            if name not in self.by_name:
                self.by_name[name] = known
                known.names.add(name)
                known.fresh_names.add(name)

    def _sighting(self, known: _Known, found: FoundPaper) -> Sighting | None:
        counts = (found.upvotes, found.comments, found.stars)
        if known.has_this_moment or counts == known.latest:
            return None
        known.has_this_moment = True
        self.counted.append(known)
        return Sighting(
            paper=known.paper,
            run=self.run,
            source=self.look.source,
            seen_at=self.look.seen_at,
            upvotes=found.upvotes,
            comments=found.comments,
            stars=found.stars,
        )


REVISED = {
    "title": "title",
    "title_source": "title",
    "abstract": "abstract",
    "abstract_source": "abstract",
    "comment": "comment",
    "version": "version",
}
"""Columns a newer version replaces, each if that version tells the column beside it."""


def fields_of(found: FoundPaper) -> dict[str, object]:
    """The columns of `Paper` that a source's record fills."""
    title, abstract = readable(found.title), readable(found.abstract)
    return {
        "title": title,
        "title_source": found.title if title != found.title else "",
        "authors": list(found.authors),
        "abstract": abstract,
        "abstract_source": found.abstract if abstract != found.abstract else "",
        "tldr": readable(found.tldr),
        "tldr_by": found.tldr_by,
        "topics": list(found.topics),
        "primary_category": found.primary_category,
        "categories": list(found.categories),
        "organization": found.organization,
        "submitter": found.submitter,
        "comment": found.comment,
        "licence": found.licence,
        "version": found.version,
        "withdrawn": found.withdrawn,
        "submitted_at": found.submitted_at,
        "announced_at": found.announced_at,
        "url": found.url,
        "pdf_url": found.pdf_url,
        "code_url": found.code_url,
        "project_url": found.project_url,
        "thumbnail_url": found.thumbnail_url,
    }


def names_of(found: FoundPaper) -> list[Name]:
    """The identifiers of a record, the most telling first."""
    names: list[Name] = []
    paper_id, paper_doi = found.arxiv_id, found.doi
    if paper_doi.startswith(ARXIV_DOI):  # the arXiv id once more, in another dress
        paper_id, paper_doi = paper_id or paper_doi.removeprefix(ARXIV_DOI), ""
    if paper_id:
        names.append((Identifier.Scheme.ARXIV.value, paper_id))
    if paper_doi:
        names.append((Identifier.Scheme.DOI.value, paper_doi))
    first_author = words(found.authors[0])[-1:] if found.authors else []
    folded = " ".join(words(found.title)) or found.title
    key = hashlib.sha256(f"{folded}|{' '.join(first_author)}".encode()).hexdigest()[:32]
    names.append((Identifier.Scheme.TITLE.value, key))
    return names


def public_id_of(name: Name) -> str:
    """A paper's name in URLs: the identifier itself, or a hash where that would not fit into one."""
    scheme, value = name
    if scheme == Identifier.Scheme.TITLE:
        return f"t-{value}"
    if _FITS_URL.fullmatch(value) and ".." not in value:
        return value
    return f"d-{hashlib.sha256(value.encode()).hexdigest()[:32]}"


def _contradicts(own: dict[str, str], names: set[Name]) -> bool:
    """Same title, but both carry a stronger name of the same kind, and these differ."""
    for scheme, value in names:
        if scheme != Identifier.Scheme.TITLE and own.get(scheme, value) != value:
            return True
    return False
