"""arXiv about papers that others list: categories, version, licence, and whether they were withdrawn."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.utils import timezone

from digest.enrichers.base import Enricher, Enrichment, Known
from digest.sources.arxiv import ArxivSource
from digest.sources.base import FoundPaper, SetAside

AT_ONCE = 100


class ArxivEnricher(Enricher):
    """The API's `id_list`, as many ids as it takes in one request."""

    # Not the source's name: the ledger has one row of names for both.
    name = "arxiv-api"
    label = "arXiv by id"
    # Most papers that are withdrawn at all are so within days.
    every = timedelta(days=3)
    reach = timedelta(days=8)

    @property
    def at_once(self) -> int:
        return AT_ONCE

    def wants(self, paper: Known) -> bool:
        return bool(paper.arxiv_id)

    def ask(self, papers: Sequence[Known]) -> Iterator[Enrichment | SetAside]:
        wanted = {paper.arxiv_id: paper for paper in papers if self.wants(paper)}
        if not wanted:
            return
        places = {paper.id: n for n, paper in enumerate(papers)}
        for look in ArxivSource().look_up(list(wanted), today=timezone.now().date()):
            for record in look.records:
                if isinstance(record, FoundPaper):
                    if (paper := wanted.get(record.arxiv_id)) is not None:
                        yield _told(paper, record)
                elif (unread := wanted.get(record.name)) is not None:
                    yield SetAside(places[unread.id], record.name, record.reason)


def _told(paper: Known, record: FoundPaper) -> Enrichment:
    return Enrichment(
        id=paper.id,
        doi=record.doi,
        title=record.title,
        abstract=record.abstract,
        categories=record.categories,
        primary_category=record.primary_category,
        version=record.version,
        withdrawn=record.withdrawn,
        comment=record.comment,
        licence=record.licence,
    )
