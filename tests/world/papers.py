"""Papers, and a world that knows what each source tells of them on which day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

LAST_TOLD_VERSION = 5
"""Replacements beyond it are not announced."""


@dataclass(frozen=True, slots=True)
class Author:
    name: str
    affiliation: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    submitted_at: datetime
    size_kb: int = 100
    source_type: str = "D"
    """As arXivRaw has it; with an `I` in it, this version withdraws the paper."""
    comment: str = ""
    """Instead of the paper's, from this version on."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper on arXiv. `categories` begin with the primary one; `late` ones came on a day of their own."""

    arxiv_id: str
    title: str
    abstract: str
    authors: tuple[Author, ...]
    categories: tuple[str, ...]
    versions: tuple[Version, ...]
    late: tuple[tuple[str, date], ...] = ()
    doi: str = ""
    journal_ref: str = ""
    comment: str = ""
    licence: str = "http://creativecommons.org/licenses/by/4.0/"
    submitter: str = ""
    repository: str = ""
    """`owner/name`."""
    project_page: str = ""
    organization: str = ""
    tldr: str = ""
    topics: tuple[str, ...] = ()

    @property
    def primary(self) -> str:
        return self.categories[0]

    def told_in(self, day: date) -> tuple[str, ...]:
        """Its categories as of a day."""
        return self.categories + tuple(name for name, since in self.late if since <= day)

    def at(self, number: int) -> Version:
        return next(version for version in self.versions if version.number == number)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A paper in the batch of a day: `new`, `replace`, or listed late in one more category (`cross`)."""

    arxiv_id: str
    kind: str
    version: int = 1
    category: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """An announcement as those who ask for certain categories get it."""

    paper: Paper
    version: int
    kind: str
    """`new`, `cross`, `replace` or `replace-cross`."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A paper on a daily list: from which hour (UTC) of its day, with how many upvotes on that and each
    following day.
    """

    arxiv_id: str
    upvotes: tuple[int, ...]
    hour: int = 0
    comments: int = 0
    url_of_repository: str = ""


@dataclass(frozen=True, slots=True)
class Preprint:
    """One version of a bioRxiv or medRxiv paper: a row of its own there."""

    doi: str
    version: int
    posted_on: date
    title: str
    abstract: str
    authors: str
    category: str
    server: str = "biorxiv"
    type: str = "new results"
    licence: str = "cc_by_nc_nd"
    corresponding: str = ""
    institution: str = ""
    published: str = "NA"


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on GitHub as of `since`, with so many stars more every day from then on."""

    full_name: str
    number: int
    since: date
    stars: int = 10
    growth: int = 1
    forks: int = 2
    archived: bool = False
    moved_to: str = ""
    gone: bool = False
    blocked: bool = False

    def stars_on(self, day: date) -> int:
        return self.stars + self.growth * max(0, (day - self.since).days)


Entry = Mapping[str, Any]
"""An entry of a daily list as it was recorded."""


@dataclass(slots=True)
class World:
    """Everything there is. Tests may add to it at any time, by its methods.

    `daily` may be any mapping from days to what was listed: recorded lists are read when asked for.
    `shown_as` gives days that repeat the batch of another day under their own date.
    """

    papers: dict[str, Paper] = field(default_factory=dict)
    announcements: dict[date, list[Announcement]] = field(default_factory=lambda: defaultdict(list))
    daily: Mapping[date, Sequence[Listing | Entry]] = field(default_factory=dict)
    preprints: dict[date, list[Preprint]] = field(default_factory=lambda: defaultdict(list))
    repositories: dict[str, Repository] = field(default_factory=dict)
    shown_as: dict[date, date] = field(default_factory=dict)
    touched: dict[str, date] = field(default_factory=dict)
    """Papers whose record was edited by arXiv itself: their datestamp moves, nothing is announced."""
    _days_of: dict[str, list[tuple[date, Announcement]]] = field(
        default_factory=lambda: defaultdict(list), init=False, repr=False
    )

    def copy(self) -> "World":
        """One to add to, without a trace in this one."""
        twin = replace(
            self,
            papers=dict(self.papers),
            announcements=_copied(self.announcements),
            daily=_copied(self.daily) if isinstance(self.daily, dict) else self.daily,
            preprints=_copied(self.preprints),
            repositories=dict(self.repositories),
            shown_as=dict(self.shown_as),
            touched=dict(self.touched),
        )
        twin._days_of = _copied(self._days_of)
        return twin

    # --- Adding -------------------------------------------------------------------------

    def add(self, paper: Paper) -> Paper:
        """Take a paper in, or put a newer state of it in place of the old."""
        self.papers[paper.arxiv_id] = paper
        return paper

    def announce(
        self, day: date, arxiv_id: str, kind: str = "new", *, version: int = 1, category: str = ""
    ) -> None:
        told = Announcement(arxiv_id, kind, version, category)
        paper = self.papers[arxiv_id]
        if kind == "cross" and category != paper.primary:
            before = tuple(name for name in paper.categories if name != category)
            self.add(replace(paper, categories=before, late=(*paper.late, (category, day))))
        self.announcements[day].append(told)
        self._days_of[arxiv_id].append((day, told))

    def list_daily(self, day: date, *listings: Listing) -> None:
        self.daily = {**self.daily, day: [*self.daily.get(day, ()), *listings]}

    def post(self, *preprints: Preprint) -> None:
        for preprint in preprints:
            self.preprints[preprint.posted_on].append(preprint)

    def host(self, repository: Repository) -> None:
        self.repositories[repository.full_name.lower()] = repository

    def touch(self, day: date, *arxiv_ids: str) -> None:
        self.touched.update(dict.fromkeys(arxiv_ids, day))

    # --- Asking -------------------------------------------------------------------------

    def announced(self, day: date, wanted: Iterable[str]) -> list[Told]:
        """The batch of a day as a feed of these categories or archives tells it: one row a paper, first
        what is new, then cross-lists, replacements and cross-listed replacements, each by id.
        """
        wanted = tuple(wanted)
        content = self.shown_as.get(day, day)
        told = {}
        for announcement in self.announcements.get(content, ()):
            paper = self.papers[announcement.arxiv_id]
            if kind := _kind(announcement, paper, content, wanted):
                told[paper.arxiv_id] = Told(paper, announcement.version, kind)
        return sorted(told.values(), key=lambda row: (ORDER.index(row.kind), row.paper.arxiv_id))

    def first_announced(self, arxiv_id: str) -> date | None:
        return min((day for day, _ in self._days_of.get(arxiv_id, ())), default=None)

    def datestamp(self, arxiv_id: str, until: date) -> date | None:
        """When its record last changed, as of a day; None while it is not announced."""
        days = [day for day, _ in self._days_of.get(arxiv_id, ()) if day <= until]
        if days and (touched := self.touched.get(arxiv_id)) and touched <= until:
            days.append(touched)
        return max(days, default=None)

    def as_of(self, arxiv_id: str, until: date) -> Paper | None:
        """A paper with the versions and categories that were public on a day."""
        paper = self.papers.get(arxiv_id)
        days = [told for day, told in self._days_of.get(arxiv_id, ()) if day <= until]
        if paper is None or not days:
            return None
        newest = max(told.version for told in days)
        versions = tuple(version for version in paper.versions if version.number <= newest)
        return replace(
            paper,
            versions=versions,
            comment=next((one.comment for one in reversed(versions) if one.comment), paper.comment),
            categories=paper.told_in(until),
            late=(),
        )

    def public(self, until: date) -> Iterator[Paper]:
        """All papers announced by a day, by id."""
        for arxiv_id in sorted(self.papers):
            if paper := self.as_of(arxiv_id, until):
                yield paper

    def day_before(self, day: date, told: Mapping[date, Sequence[Any]]) -> date | None:
        """The last day before this one that has anything."""
        for back in range(1, 15):
            if told.get(earlier := day - timedelta(days=back)):
                return earlier
        return None


def _copied(lists: Mapping[K, Iterable[V]]) -> dict[K, list[V]]:
    return defaultdict(list, {key: list(values) for key, values in lists.items()})


ORDER = ("new", "cross", "replace", "replace-cross")


def covers(wanted: Iterable[str], category: str) -> bool:
    """Is a category among those asked for, by its name or by its archive's? In whatever case."""
    names = {category.lower(), category.lower().partition(".")[0]}
    return any(name.lower() in names for name in wanted)


def _kind(announcement: Announcement, paper: Paper, day: date, wanted: Sequence[str]) -> str:
    """What it is called, seen from the categories asked for; '' where it is none of theirs."""
    if announcement.kind == "cross":
        return "cross" if covers(wanted, announcement.category) else ""
    known = any(covers(wanted, category) for category in paper.told_in(day))
    if not known or announcement.version > LAST_TOLD_VERSION:
        return ""
    at_home = covers(wanted, paper.primary)
    if announcement.kind == "new":
        return "new" if at_home else "cross"
    return "replace" if at_home else "replace-cross"
