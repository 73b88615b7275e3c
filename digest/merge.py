"""One batch of found papers into the database: match, add or enrich, note what was seen."""

from dataclasses import dataclass, field

from digest import editions
from digest.identity import Name, contradicts, names_of, public_id_of
from digest.models import Entry, Identifier, IngestRun, Paper, Sighting
from digest.relevance.text import readable
from digest.sources.base import FoundPaper, Look


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


class Batch:
    """Papers of one look, written in the caller's transaction with a fixed number of queries."""

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
        # In one order whatever the source's, so that two workers wait for each other in turn.
        fresh = [known.paper for known in self.known if known.is_new]
        Paper.objects.bulk_create(sorted(fresh, key=lambda paper: paper.public_id))
        named = [(name, known.paper) for known in self.known for name in known.fresh_names]
        named.sort(key=lambda pair: pair[0])
        Identifier.objects.bulk_create(
            [Identifier(paper=paper, scheme=scheme, value=value) for (scheme, value), paper in named]
        )
        changed = [known for known in self.known if known.changed]
        if changed:
            columns = sorted(set().union(*(known.changed for known in changed)))
            Paper.objects.bulk_update([known.paper for known in changed], columns)
        if fresh:
            edition = editions.open_edition(self.look.day)
            Entry.objects.bulk_create([Entry(edition=edition, paper=paper) for paper in fresh])
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
            # What was known by then: a day read again after later ones must find it unchanged.
            if row.seen_at <= self.look.seen_at:
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
            if contradicts(own, known.names, weaker=name[0]):
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
