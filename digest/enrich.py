"""Ask the enrichers about papers we have, and write what they tell the way a source's look is written."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from digest import editions, ingest, ledger
from digest.enrichers import ENRICHERS
from digest.enrichers.base import Enricher, Enrichment, Known
from digest.models import Identifier, IngestRun, Inquiry, Paper
from digest.sources import remembered
from digest.sources.base import FoundPaper, Look, Proof, SetAside, SourceError, Unreachable
from digest.sources.metered import Meter, metered

logger = logging.getLogger(__name__)

ROUNDS = 10
"""Calls of one enricher in a row; the next tick goes on."""
REMEMBERED = timedelta(days=60)
STUMBLED = timedelta(hours=1)
"""How long papers are left alone whose whole batch failed."""


def switched_on() -> list[str]:
    """Names of the enrichers that are in the settings and have what they need. Names that nobody knows
    are told by a check at the start; they must not keep the others from their work.
    """
    return [name for name in settings.ENRICHERS if name in ENRICHERS and ENRICHERS[name].on()]


def enrich(name: str, now: datetime | None = None) -> list[IngestRun]:
    """Ask one enricher about the papers it has not been asked about lately, the newest first.

    Returns the ledger's rows: one a call, none if there was nothing to ask.
    """
    now = now or timezone.now()
    Inquiry.objects.filter(asked_at__lt=now - REMEMBERED).delete()
    runs = []
    for _ in range(ROUNDS):
        papers = _papers(ENRICHERS[name], now)
        if not papers:
            break
        run = _ask(ENRICHERS[name], papers, now)
        runs.append(run)
        if run.verdict == IngestRun.Verdict.FAILED or (run.error and not run.settled):
            break  # it wants no more for now
    return runs


def _papers(enricher: Enricher, now: datetime) -> list[tuple[Paper, Known]]:
    asked = Inquiry.objects.filter(
        paper=OuterRef("pk"), enricher=enricher.name, asked_at__gt=now - enricher.every
    )
    papers = (
        Paper.objects.filter(announced_at__gt=now - enricher.reach, same_as=None, withdrawn=False)
        .filter(~Exists(asked))
        .order_by("-announced_at", "-pk")
    )
    found: list[tuple[Paper, Known]] = []
    for some in _in_parts(papers.iterator(chunk_size=500), 500):
        names: dict[int, dict[str, str]] = {paper.pk: {} for paper in some}
        for row in Identifier.objects.filter(paper__in=some):
            names[row.paper_id].setdefault(row.scheme, row.value)
        for paper in some:
            known = _known(paper, names[paper.pk])
            if enricher.wants(known):
                found.append((paper, known))
        if len(found) >= enricher.at_once:
            break
    return found[: enricher.at_once]


def _in_parts(papers: Iterator[Paper], size: int) -> Iterator[list[Paper]]:
    part: list[Paper] = []
    for paper in papers:
        part.append(paper)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


def _known(paper: Paper, names: dict[str, str]) -> Known:
    return Known(
        id=paper.pk,
        arxiv_id=names.get(Identifier.Scheme.ARXIV, ""),
        doi=names.get(Identifier.Scheme.DOI, ""),
        code_url=paper.code_url or paper.code_gone,
        title=paper.title,
        has_abstract=bool(paper.abstract),
    )


def _ask(enricher: Enricher, papers: list[tuple[Paper, Known]], now: datetime) -> IngestRun:
    with remembered.looking() as memory, metered() as meter:
        run = _take(enricher, papers, now, meter)
        if run.error or run.set_aside:
            memory.forget()
    return run


def _take(enricher: Enricher, papers: list[tuple[Paper, Known]], now: datetime, meter: Meter) -> IngestRun:
    run = ledger.begin(enricher.name, editions.today())
    by_id = {paper.pk: (paper, known) for paper, known in papers}
    told: list[Enrichment | SetAside] = []
    trouble, asked_to_wait = "", False
    try:
        for answer in enricher.ask([known for _, known in papers]):
            if isinstance(answer, Enrichment) and answer.id not in by_id:
                continue  # nobody asked about that one
            told.append(answer)
    except SourceError as error:
        trouble, asked_to_wait = str(error), isinstance(error, Unreachable)
    except Exception as error:
        _remember(enricher, set(by_id), now - enricher.every + STUMBLED)
        ledger.fail(run, type(error).__name__, bytes_read=meter.bytes_read)
        raise
    if trouble and not told:
        if not asked_to_wait:
            # It may be one of these papers that it stumbles over: let others have their turn.
            _remember(enricher, set(by_id), now - enricher.every + STUMBLED)
        return ledger.fail(run, trouble, bytes_read=meter.bytes_read)
    look = Look(
        source=enricher.name,
        day=run.day,
        seen_at=now,
        records=[
            answer if isinstance(answer, SetAside) else _record(*by_id[answer.id], answer) for answer in told
        ],
        bytes_read=meter.bytes_read,
        proof=Proof.PARTIAL if trouble else Proof.COMPLETE,
        reason=trouble,
    )
    ingest.take_in(look, run=run)
    for answer in told:
        if isinstance(answer, Enrichment):
            _follow_code(by_id[answer.id][0], answer)
    unread = {papers[answer.position][0].pk for answer in told if isinstance(answer, SetAside)}
    answered = {answer.id for answer in told if isinstance(answer, Enrichment)}
    silent = set() if trouble else set(by_id)
    _remember(enricher, (answered | silent) - unread, now)
    # What could not be read now may be read soon, and be news: a withdrawal, say.
    _remember(enricher, unread, now - enricher.every + max(STUMBLED, enricher.every / 12))
    return run


def _follow_code(paper: Paper, answer: Enrichment) -> None:
    """Renamed, gone, or there again: the one column that an enricher may replace."""
    known = paper.code_url or paper.code_gone
    found = answer.code_url
    if found is None and answer.stars is not None and not paper.code_url:
        found = known  # it was private for a while
    if found is not None and found != paper.code_url:
        Paper.objects.filter(pk=paper.pk).update(code_url=found, code_gone="" if found else known)


def _record(paper: Paper, known: Known, answer: Enrichment) -> FoundPaper:
    """What is told, under the names we know the paper by."""
    return FoundPaper(
        title=answer.title or paper.title_source or paper.title,
        authors=tuple(paper.authors),
        announced_at=paper.announced_at,
        arxiv_id=known.arxiv_id,
        # A second DOI needs a stronger name to be matched by.
        doi=answer.doi if answer.doi and known.arxiv_id else known.doi,
        abstract=answer.abstract,
        tldr=answer.tldr,
        tldr_by=answer.tldr_by,
        organization=answer.organization,
        categories=answer.categories,
        primary_category=answer.primary_category,
        # With the text of that version, or that text would later be taken for known.
        version=answer.version if answer.abstract or answer.withdrawn else None,
        withdrawn=answer.withdrawn,
        comment=answer.comment,
        licence=answer.licence,
        stars=answer.stars,
        only_enriches=True,
    )


def _remember(enricher: Enricher, paper_ids: set[int], now: datetime) -> None:
    Inquiry.objects.bulk_create(
        [Inquiry(paper_id=pk, enricher=enricher.name, asked_at=now) for pk in sorted(paper_ids)],
        update_conflicts=True,
        unique_fields=["paper", "enricher"],
        update_fields=["asked_at"],
    )
