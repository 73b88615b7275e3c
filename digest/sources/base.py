"""The contract of a source, and the values it speaks in."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum


class SourceError(Exception):
    """A source could not be read at all. The message is one sentence that says what to do."""


class Unreachable(SourceError):
    """No connection came about: the next day asked for would fare no better."""


class AskedToWait(Unreachable):
    """The source wants no request before a moment that is too far off to wait for."""


class BadRecord(Exception):
    """One record could not be read; the others can. The message is the reason kept in the ledger."""


class Proof(StrEnum):
    """What the content of a look proves about its day. The ledger has two more: running and failed."""

    COMPLETE = "complete"
    """All the source has of this day was read."""
    PARTIAL = "partial"
    """There is more, or there should be."""
    STALE = "stale"
    """What was told is another day's."""
    HOLIDAY = "holiday"
    """The source tells nothing, and by its calendar it was not going to."""
    EMPTY = "empty"
    """The source tells nothing on a day when it might have."""


@dataclass(frozen=True, slots=True)
class FoundPaper:
    """One paper as one source tells it. Empty means: the source does not say."""

    title: str
    announced_at: datetime
    arxiv_id: str = ""
    version: int | None = None
    doi: str = ""
    authors: tuple[str, ...] = ()
    abstract: str = ""
    tldr: str = ""
    tldr_by: str = ""
    topics: tuple[str, ...] = ()
    primary_category: str = ""
    categories: tuple[str, ...] = ()
    organization: str = ""
    submitter: str = ""
    comment: str = ""
    licence: str = ""
    withdrawn: bool = False
    submitted_at: datetime | None = None
    url: str = ""
    pdf_url: str = ""
    code_url: str = ""
    project_url: str = ""
    thumbnail_url: str = ""
    upvotes: int | None = None
    comments: int | None = None
    stars: int | None = None
    only_enriches: bool = False
    """A new version, say: tells more of a paper we have, but adds none that we have not."""
    day: date | None = None
    """Whose edition it belongs to, where that is another day than its look's."""
    late_since: date | None = None
    """The day that was to bring it, where it comes later: who was not looking then has not missed it."""


BACK = timedelta(days=7)
"""How far back a list may reach that was asked for a day."""


def is_near(own: date, day: date) -> bool:
    """May what bears the date `own` be of that day, where `day` was asked for? What says more than a week
    ago, or a day that comes only later, is a slip: nothing is filed under it.
    """
    return day - BACK <= own <= day


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record that could not be read: its place in the payload (from 0), what it calls itself, why."""

    position: int
    name: str
    reason: str

    def as_json(self) -> dict[str, object]:
        return {"position": self.position, "name": self.name, "reason": self.reason}


def only_enriching(records: Iterable[FoundPaper | SetAside]) -> list[FoundPaper | SetAside]:
    """The same, as what adds no paper."""
    return [replace(one, only_enriches=True) if isinstance(one, FoundPaper) else one for one in records]


@dataclass(slots=True)
class Look:
    """One look at one source for one day, and one category where the source is read by category.

    `records` come in the payload's order and may be made while they are read. `proof` is None where
    the content says no more than the number of records does. `reason` is a sentence for the ledger on
    why it is not complete. `announced` names what the source calls new in this look, by which a batch
    that is told a second time is known. `service` says which of the source's services told it, where there
    are several: two of them are two witnesses. `bytes_read` is for recorded payloads; what is fetched is
    counted where it comes in. `recorded` says that somebody gave a payload: when it was made, and whether it
    is all, nobody can tell, so it keeps nobody from asking the source.
    """

    source: str
    day: date
    seen_at: datetime
    records: Iterable[FoundPaper | SetAside] = field(default_factory=tuple)
    bytes_read: int = 0
    category: str = ""
    proof: Proof | None = None
    reason: str = ""
    announced: Sequence[str] = ()
    service: str = ""
    recorded: bool = False


class Source(ABC):
    """Turns one day, or a recorded payload, into `FoundPaper` values. Knows no tables."""

    name: str
    label: str
    """Its name for readers."""
    live: bool = True
    """Whether `fetch` is to be had; a source that only reads files has none."""
    grows: bool = False
    """Whether a day's list, once it is there, still grows until the day is over."""
    revisits: tuple[timedelta, ...] = ()
    """How long after it began to tell of a day to look at it again, for votes or to make sure."""

    def categories(self) -> tuple[str, ...]:
        """The parts it is looked at by, as the settings have them; one nameless part by default."""
        return ("",)

    def begins(self, day: date) -> datetime:
        """When it begins to tell of a day: before that nobody need ask. By default midnight, UTC."""
        return datetime.combine(day, time(), tzinfo=UTC)

    def expects(self, day: date) -> bool:
        """Is it going to tell papers of this day, by its calendar?"""
        return True

    @abstractmethod
    def fetch(self, day: date, category: str = "") -> Look:
        """Ask the source for one day.

        Raises:
            SourceError: it cannot be reached, or its answer is not a list of papers.
        """

    def reconcile(self, day: date, category: str = "") -> Look | None:
        """Ask another service of the source for the same day, because `fetch` left doubts; None
        where there is no other.

        Raises:
            SourceError: as `fetch`.
        """
        return None

    def look_up(self, ids: Sequence[str], *, today: date) -> Iterator[Look]:
        """Single papers by the source's own ids: one look per day they belong to.

        Raises:
            SourceError: it does not offer that, or as `fetch`.
        """
        raise SourceError(f"The source {self.name} cannot look single papers up; arxiv can.")

    def recognises(self, payload: bytes) -> bool:
        """Is a recorded payload, by its content, an answer of this source's service?"""
        return False

    @abstractmethod
    def read(self, payload: bytes, *, name: str, day: date | None, today: date) -> Iterator[Look]:
        """Read a recorded payload: one look per day it holds.

        `day` overrides what the payload says; `today` stands in where it says nothing.

        Raises:
            SourceError: the payload is not what this source gives.
        """
