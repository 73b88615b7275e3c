"""The values of selection: what people wish, what there is, and what each of them gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from digest.relevance.index import Place
from digest.relevance.keywords import Keyword

Ints = NDArray[np.int32]
Factors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper of an edition as selection sees it. `pin`: the editors' order, None for most."""

    id: int
    score: float
    pin: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One person's wish. `fill`: whether thin days are topped up with what is trending.

    `lean` is what their "more" and "less like this" make of candidates, by id: a factor on the points.
    """

    followed: Sequence[Keyword]
    muted: Sequence[Keyword] = ()
    size: int = 10
    fill: bool = False
    lean: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """A keyword in a paper: as typed, where, and in which other words, if so."""

    term: str
    place: Place
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """A chosen paper and its reason: what matches, pinned, related to a keyword, or merely trending.

    `outside`: it matches none of the keywords the person has. `lean`: the factor of their feedback.
    """

    id: int
    terms: tuple[Match, ...] = ()
    pinned: bool = False
    outside: bool = False
    related: str = ""
    lean: float = 1.0


@dataclass(frozen=True, slots=True)
class Selection:
    """The picks, best first, and how many more would have matched. `matched`: were any theirs?"""

    picks: tuple[Pick, ...]
    left_out: int = 0
    matched: bool = False


@dataclass(frozen=True, slots=True)
class Wishes:
    """Many people's wishes as a table of numbers.

    `followed`: a row a person, numbers of keywords as `Points.number` gives them, 0 for none. `muted`
    and `leans` are for the few who have any, by row.
    """

    followed: Ints
    size: Ints
    fill: NDArray[np.bool_]
    muted: Mapping[int, Sequence[int]] = field(default_factory=dict)
    leans: Mapping[int, Factors] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.followed)


@dataclass(frozen=True, slots=True)
class Choice:
    """For each person the positions of their papers among the candidates, best first, then -1; how many
    of them are related only; how many more match; whether any match.
    """

    positions: Ints
    left_out: Ints
    matched: NDArray[np.bool_]
    related: Mapping[int, Mapping[int, int]] = field(default_factory=dict)
    """By row: positions of related papers, each with the number of the keyword it is near to."""
