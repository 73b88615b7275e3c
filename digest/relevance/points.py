"""What each keyword gives to each candidate: small whole numbers, made once for all who follow it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digest.relevance.index import PLACES, WEIGHT, Index, Place
from digest.relevance.keywords import Keyword
from digest.relevance.wishes import Candidate, Factors, Ints

POINTS = 1_000
"""For the best paper of a keyword. Sums of `selection.MOST_KEYWORDS` must fit into 16 bits."""
SLOWNESS = 3
"""C of the formula: how many papers further down a paper is worth half."""
_WEIGHTS = np.array([WEIGHT[place] for place in PLACES])

Kin = Callable[[Keyword], Factors]
"""How near each candidate is to a keyword, from 0 (not at all) to 1, by other means than its words."""


@dataclass(frozen=True, slots=True)
class Found:
    """A keyword in the candidates: positions, ascending, with `Hits`' places and words."""

    positions: Ints
    places: NDArray[np.uint8]
    via: NDArray[np.uint8]
    shown: tuple[str, ...]


class Points:
    """Keywords by candidates. `table` has a row a keyword, by the number it has here; row 0 is nobody's."""

    def __init__(
        self, candidates: Sequence[Candidate], indexes: Sequence[Index], *, kin: Kin | None = None
    ) -> None:
        self._kin = kin
        position = {candidate.id: n for n, candidate in enumerate(candidates)}
        self._indexes = [
            (index, np.array([position.get(known, -1) for known in index.ids], np.int32)) for index in indexes
        ]
        scores = np.array([candidate.score for candidate in candidates], float)
        # What is no number counts as nothing, here as in the score itself.
        self._trend = 1.0 + np.where(np.isfinite(scores) & (scores > 0), scores, 0.0)
        self._numbers: dict[Keyword, int] = {}
        self._keywords: list[Keyword | None] = [None]
        self._found: dict[int, Found] = {}
        self._kin_points: dict[int, NDArray[np.int16]] = {}
        self.table = np.zeros((64, len(candidates)), np.int16)
        self.best = np.full(64, -1, np.int32)
        """By number: the position of its best paper, -1 for none."""

    def __len__(self) -> int:
        return len(self._keywords)

    @property
    def has_kin(self) -> bool:
        return self._kin is not None

    def keyword(self, number: int) -> Keyword:
        """Whose row this is."""
        keyword = self._keywords[number]
        assert keyword is not None
        return keyword

    def number(self, keyword: Keyword) -> int:
        """The row of the table that a keyword has, made if it is new. 0 is nobody's."""
        number = self._numbers.get(keyword)
        if number is None:
            number = self._numbers[keyword] = len(self._keywords)
            self._keywords.append(keyword)
            if number >= len(self.table):
                self.table = np.concatenate([self.table, np.zeros_like(self.table)])
                self.best = np.concatenate([self.best, np.full_like(self.best, -1)])
            found = self._find(keyword)
            worth = _WEIGHTS[found.places] * self._trend[found.positions]
            ranked = found.positions[np.argsort(-worth, kind="stable")]
            ranks = np.arange(len(ranked))
            self.table[number, ranked] = np.maximum(1, POINTS * SLOWNESS // (SLOWNESS + ranks))
            if len(ranked):
                self.best[number] = ranked[0]
        return number

    def near(self, number: int) -> NDArray[np.int16]:
        """How near each candidate is to a keyword it need not hold, in points; 0 for those that are not."""
        near = self._kin_points.get(number)
        if near is None:
            assert self._kin is not None
            near = (self._kin(self.keyword(number)) * POINTS).astype(np.int16)
            self._kin_points[number] = near
        return near

    def place(self, number: int, position: int) -> tuple[Place, str] | None:
        """Where a candidate holds a keyword, and in which other words, if so; None if it does not."""
        found = self._found.get(number)
        if found is None:
            found = self._found[number] = self._find(self.keyword(number))
        at = int(np.searchsorted(found.positions, position))
        if at == len(found.positions) or found.positions[at] != position:
            return None
        return PLACES[found.places[at]], found.shown[found.via[at]]

    def _find(self, keyword: Keyword) -> Found:
        parts, shown = [], [""]
        for index, position in self._indexes:
            hits = index.find(keyword)
            shown += [one for one in hits.shown if one not in shown]
            numbers = [shown.index(one) for one in hits.shown]
            own = position[hits.rows]
            via = np.array(numbers, np.uint8)[hits.via]
            parts.append(np.stack([own, hits.places, via])[:, own >= 0])
        together = np.concatenate(parts, axis=1) if parts else np.zeros((3, 0), np.int32)
        positions, places, via = together[:, np.argsort(together[0])]
        return Found(positions.astype(np.int32), places.astype(np.uint8), via.astype(np.uint8), tuple(shown))
