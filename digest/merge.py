"""One batch of found papers into the database: match, add or enrich, note what was seen."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.db.models import F, Q

from digest import doubles, editions
from digest.identity import STRONG, Name, contradicts, may_share_doi, names_of, public_id_of, same_work
from digest.models import Entry, Identifier, IngestRun, Paper, Sighting
from digest.relevance.text import readable
from digest.rows import Among, create, insert, update_columns
from digest.sources.base import FoundPaper, Look

AT_ONCE = timedelta(minutes=5)
"""Two workers that look within this time see the same: the counts of one are enough."""


@dataclass(slots=True)
class Tally:
    """What a look brought, each paper once however often it is told: papers of ours by their keys;
    `passed_over`, by their names, are new versions of papers not ours.
    """

    found: set[int | Name] = field(default_factory=set)
    added: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    passed_over: set[Name] = field(default_factory=set)

    def add(self, other: "Tally") -> None:
        self.found |= other.found
        self.added |= other.added
        self.changed |= other.changed
        self.passed_over |= other.passed_over


@dataclass(frozen=True, slots=True)
class Prepared:
    """A found paper with all that can be worked out of it before the database is asked."""

    found: FoundPaper
    names: list[Name]
    columns: dict[str, object]

    @classmethod
    def of(cls, found: FoundPaper) -> "Prepared":
        return cls(found, names_of(found), fields_of(found))


@dataclass(slots=True)
class _Known:
    """A paper of this batch, from the database or about to go there."""

    paper: Paper
    names: set[Name]
    is_new: bool = False
    day: date | None = None
    fresh_names: set[Name] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    latest: tuple[int | None, int | None, int | None] | None = None
    has_this_moment: bool = False
    just_after: tuple[int | None, int | None, int | None] | None = None
    sighting: tuple[int | None, int | None, int | None] | None = None


class Batch:
    """Papers of one look, written in the caller's transaction with a fixed number of queries."""

    def __init__(self, batch: list[Prepared], look: Look, run: IngestRun) -> None:
        self.look, self.run = look, run
        self.found = batch
        self.by_name: dict[Name, _Known] = {}
        self.known: list[_Known] = []
        self.met: list[_Known] = []
        self.passed_over: set[Name] = set()

    def write(self, touched: set[int]) -> Tally:
        self._load()
        for one in self.found:
            self._meet(one)
        fresh = [known for known in self.known if known.is_new]
        # In one order whatever the source's, so that two workers wait for each other in turn.
        added = [known.paper for known in fresh]
        added.sort(key=lambda paper: paper.public_id)
        create(added, unique="public_id")
        named = [(name, known.paper) for known in self.known for name in known.fresh_names]
        named.sort(key=lambda pair: pair[0])
        insert(
            Identifier,
            ["scheme", "value", "paper"],
            [(scheme, value, paper.pk) for (scheme, value), paper in named],
        )
        changed = [known for known in self.known if known.changed and not known.is_new]
        if changed:
            columns = sorted(set().union(*(known.changed for known in changed)))
            update_columns([known.paper for known in changed], columns)
        self._enter(fresh)
        counted = [known for known in self.known if known.sighting]
        insert(
            Sighting,
            ["paper", "run", "source", "seen_at", "upvotes", "comments", "stars"],
            [
                (known.paper.pk, self.run.pk, self.look.source, self.look.seen_at, *known.sighting)
                for known in counted
                if known.sighting
            ],
        )
        touched.update(
            # Those, too, that a look was to rank which did not come to its end.
            Entry.objects.filter(
                Q(Among(F("paper"), [known.paper.pk for known in counted]))
                | Q(Among(F("paper"), [known.paper.pk for known in self.known]), rank=None)
            )
            .values_list("edition_id", flat=True)
            .distinct()
        )
        return Tally(
            found={known.paper.pk for known in self.met} | self.passed_over,
            added={known.paper.pk for known in fresh},
            changed={known.paper.pk for known in changed},
            passed_over=self.passed_over,
        )

    def _enter(self, fresh: list[_Known]) -> None:
        """Put new papers into the editions of their days."""
        by_day: dict[date, list[Paper]] = {}
        for known in fresh:
            by_day.setdefault(known.day or self.look.day, []).append(known.paper)
        for day, papers in sorted(by_day.items()):
            edition = editions.open_edition(day)
            insert(Entry, ["edition", "paper"], [(edition.pk, paper.pk) for paper in papers])

    def _meet(self, one: Prepared) -> None:
        """Find or begin the paper of a record, and take what it tells."""
        known = self._match(one)
        if known is None:
            if one.found.only_enriches:
                self.passed_over.add(one.names[0])
                return
            known = self._begin(one)
        else:
            self._enrich(known, one)
        self.met.append(known)
        self._see(known, one.found)

    def _load(self) -> None:
        """Fetch what the database knows of these papers, in a fixed number of queries."""
        values = {value for one in self.found for _, value in one.names}
        ids = set(Identifier.objects.filter(Among(F("value"), values)).values_list("paper_id", flat=True))
        # Locked, in one order: nobody may find out meanwhile that one of them is another's double.
        locked = Paper.objects.filter(Among(F("pk"), ids)).order_by("pk").select_for_update(no_key=True)
        papers = {paper.pk: _Known(paper=paper, names=set()) for paper in locked}
        # As tuples: there are thousands of them, and nothing but their columns is asked for.
        theirs = Among(F("paper"), ids)
        for paper, *name in Identifier.objects.filter(theirs).values_list("paper_id", "scheme", "value"):
            known = papers[paper]
            known.names.add((name[0], name[1]))
            self.by_name[name[0], name[1]] = known
        rows = Sighting.objects.filter(theirs, source=self.look.source).order_by("seen_at", "id")
        for paper, seen_at, *told in rows.values_list("paper_id", "seen_at", "upvotes", "comments", "stars"):
            known, counts = papers[paper], (told[0], told[1], told[2])
            # What was known by then: a day read again after later ones must find it unchanged.
            if seen_at <= self.look.seen_at:
                known.latest = counts
            if seen_at == self.look.seen_at:
                known.has_this_moment = True
            elif timedelta() < seen_at - self.look.seen_at < AT_ONCE and known.just_after is None:
                known.just_after = counts
        self.known = list(papers.values())

    def _match(self, one: Prepared) -> _Known | None:
        own = dict(one.names)
        matches: list[_Known] = []
        for name in one.names:
            known = self.by_name.get(name)
            if known is None or known in matches or contradicts(own, known.names, weaker=name[0]):
                continue
            if name[0] == Identifier.Scheme.DOI and not self._may_share_doi(one, known, matches):
                continue
            if not matches or (name[0] in STRONG and self._alike(matches[0], known)):
                matches.append(known)
        if len(matches) > 1:
            return self._as_one(matches)
        return matches[0] if matches else None

    @staticmethod
    def _may_share_doi(one: Prepared, known: _Known, matches: list[_Known]) -> bool:
        titles = [(str(one.columns["title"]), one.found.authors)]
        titles += [(match.paper.title, match.paper.authors) for match in matches]
        return may_share_doi(one.names, titles, known.names, (known.paper.title, known.paper.authors))

    @staticmethod
    def _alike(one: _Known, other: _Known) -> bool:
        """Could two rows that one record names be one paper? A mistyped DOI must not make them so."""
        return same_work((one.paper.title, one.paper.authors), (other.paper.title, other.paper.authors))

    def _as_one(self, matches: list[_Known]) -> _Known:
        """This record's names are those of several papers: so they are one."""
        stored = [known for known in matches if not known.is_new]
        stays = matches[0]
        if stored:
            first = doubles.first_of([known.paper.pk for known in stored])
            stays = next(known for known in stored if known.paper.pk == first)
        for other in matches:
            if other is not stays:
                self._absorb(stays, other)
        return stays

    def _absorb(self, stays: _Known, other: _Known) -> None:
        self.known.remove(other)
        self.met = [stays if known is other else known for known in self.met]
        if not other.is_new:
            doubles.fold(other.paper, stays.paper)
        stays.fresh_names |= other.fresh_names
        stays.names |= other.names
        for name in other.names:
            self.by_name[name] = stays
        for column in COLUMNS:
            if (value := getattr(other.paper, column)) and not getattr(stays.paper, column):
                setattr(stays.paper, column, value)
                stays.changed.add(column)
        # One row a moment: the one that is stored already, else one of the two that were to come.
        stored = any(known.has_this_moment and not known.sighting for known in (stays, other))
        stays.has_this_moment = stays.has_this_moment or other.has_this_moment
        stays.sighting = None if stored else stays.sighting or other.sighting

    def _begin(self, one: Prepared) -> _Known:
        free = {name for name in one.names if name not in self.by_name}
        paper = Paper(public_id=public_id_of(one.names[0]), **one.columns)
        known = _Known(paper=paper, names=set(free), is_new=True, day=one.found.day, fresh_names=free)
        self.known.append(known)
        for name in free:
            self.by_name[name] = known
        return known

    def _enrich(self, known: _Known, one: Prepared) -> None:
        """Fill what is empty; a newer version of the text replaces the older one."""
        paper, new = known.paper, one.columns
        newer = (one.found.version or 0) > (paper.version or 0) and not known.is_new
        # Each server counts its own versions.
        newer = newer and (paper.public_id.startswith("t-") or paper.public_id == public_id_of(one.names[0]))
        for column, value in new.items():
            old = getattr(paper, column)
            if value == old or (column == "code_url" and value == paper.code_gone):
                continue
            if column == "categories" and old:
                # Listed in one more category since.
                value = [*old, *(name for name in one.found.categories if name not in old)]  # noqa: PLW2901
                if value == old:
                    continue
            elif not (newer and new.get(REVISED.get(column, ""))) and (
                not value or (old and column != "withdrawn")
            ):
                continue
            setattr(paper, column, value)
            if not known.is_new:
                known.changed.add(column)
        for name in one.names:
            if name not in self.by_name:
                self.by_name[name] = known
                known.names.add(name)
                known.fresh_names.add(name)

    def _see(self, known: _Known, found: FoundPaper) -> None:
        """Note a sighting, unless the last one tells the same."""
        counts = (found.upvotes, found.comments, found.stars)
        if found.only_enriches and not any(count is not None for count in counts):
            return  # that is no observation
        if known.has_this_moment or counts in (known.latest, known.just_after):
            return
        known.has_this_moment = True
        known.sighting = counts


REVISED = {
    "title": "title",
    "title_source": "title",
    "abstract": "abstract",
    "abstract_source": "abstract",
    "comment": "comment",
    "version": "version",
    "withdrawn": "primary_category",
}
"""Columns a newer version replaces, each if that version tells the column beside it."""


def fields_of(found: FoundPaper) -> dict[str, object]:
    """The columns of `Paper` that a source's record fills."""
    # What reads as nothing (`\emph{}`) is shown as it was typed: a paper has a title.
    title, abstract = readable(found.title) or found.title, readable(found.abstract)
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
        # In UTC here and now: PostgreSQL would take a moment that then nobody could read.
        "submitted_at": found.submitted_at and found.submitted_at.astimezone(UTC),
        "announced_at": found.announced_at.astimezone(UTC),
        "url": found.url,
        "pdf_url": found.pdf_url,
        "code_url": found.code_url,
        "project_url": found.project_url,
        "thumbnail_url": found.thumbnail_url,
    }


COLUMNS = tuple(fields_of(FoundPaper(title="", announced_at=datetime(2000, 1, 1, tzinfo=UTC))))
