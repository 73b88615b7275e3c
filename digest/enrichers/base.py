"""The contract of an enricher, and the values it speaks in.

A source finds papers; an enricher is asked about papers we have, and tells more of them. It knows no tables.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from digest.sources.base import SetAside


@dataclass(frozen=True, slots=True)
class Known:
    """A paper of ours, as much of it as an enricher needs to ask about it."""

    id: int
    arxiv_id: str = ""
    doi: str = ""
    code_url: str = ""
    title: str = ""
    has_abstract: bool = False


@dataclass(frozen=True, slots=True)
class Enrichment:
    """What is told of a paper. None and empty mean: nothing told.

    A `version` goes with that version's title and abstract. A `code_url` is the repository's new address;
    an empty one says that it is gone, so that the link should go, too.
    """

    id: int
    stars: int | None = None
    code_url: str | None = None
    doi: str = ""
    title: str = ""
    abstract: str = ""
    tldr: str = ""
    tldr_by: str = ""
    organization: str = ""
    categories: tuple[str, ...] = ()
    primary_category: str = ""
    version: int | None = None
    withdrawn: bool = False
    comment: str = ""
    licence: str = ""


class Enricher(ABC):
    """Tells more of papers we have."""

    name: str
    label: str
    """Its name for readers."""
    every: timedelta
    """How long a paper that was asked about is left alone."""
    reach: timedelta
    """How old a paper may be to be asked about."""

    @property
    @abstractmethod
    def at_once(self) -> int:
        """How many papers to ask about in one call."""

    def on(self) -> bool:
        """Has it what it needs: a key, where there has to be one?"""
        return True

    @abstractmethod
    def wants(self, paper: Known) -> bool:
        """Could it tell anything of this paper?"""

    @abstractmethod
    def ask(self, papers: Sequence[Known]) -> Iterator[Enrichment | SetAside]:
        """Ask about papers; those it knows nothing of, or does not want, are passed over.

        What it got is given before anything is raised, so a request that fails later loses nothing. The
        position of what is set aside is its paper's place in `papers`.

        Raises:
            SourceError: it cannot be reached, or wants no further request for now.
        """
