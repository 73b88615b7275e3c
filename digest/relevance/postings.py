"""What an index is made of: words one after the other, and where each of them stands."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digest.relevance.folding import BREAK, acronym, fold, fold_name

NOWHERE = 255
"""The place of what stands in no paper."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A word of a phrase: how far behind its beginning, and where it stands, by its number in a stream."""

    offset: int
    at: NDArray[np.int32]
    stream: NDArray[np.int32]
    number: int


class Builder:
    """The words of documents, as they are read."""

    def __init__(self, words: dict[str, int], acronyms: dict[str, int]) -> None:
        self._words, self._acronyms = words, acronyms
        self._codes: dict[str, tuple[int, int]] = {BREAK: (0, 0)}
        self.stream: list[int] = [0]
        self.capitals: list[tuple[int, int]] = []
        self.starts: list[int] = [0]
        self.rows: list[int] = [-1]
        self.places: list[int] = [NOWHERE]

    def put(self, row: int, place: int, said: list[str], *, with_acronyms: bool = False) -> None:
        """One segment."""
        start = self._begin(row, place)
        known = self._codes
        codes = [known.get(surface) or self._learn(surface) for surface in said]
        if with_acronyms:
            self.capitals += [(start + n, code[1]) for n, code in enumerate(codes) if code[1]]
        self.stream += [code[0] for code in codes]
        self.stream.append(0)

    def put_name(self, row: int, place: int, said: list[str]) -> None:
        """One segment that is a person's name."""
        self._begin(row, place)
        self.stream += [self._words.setdefault(fold_name(one), len(self._words)) for one in said]
        self.stream.append(0)

    def _begin(self, row: int, place: int) -> int:
        start = len(self.stream)
        self.starts.append(start)
        self.rows.append(row)
        self.places.append(place)
        return start

    def _learn(self, surface: str) -> tuple[int, int]:
        word = self._words.setdefault(fold(surface), len(self._words))
        name = acronym(surface)
        code = (word, self._acronyms.setdefault(name, len(self._acronyms)) if name else 0)
        self._codes[surface] = code
        return code


class Postings:
    """Where each number stands: all places in one array, those of one number side by side."""

    def __init__(self, numbers: NDArray[np.int32], size: int, at: NDArray[np.int32] | None = None) -> None:
        order = np.argsort(numbers, kind="stable").astype(np.int32)
        self._at = order if at is None else at[order]
        self._ends = np.cumsum(np.bincount(numbers, minlength=size))

    def of(self, number: int) -> NDArray[np.int32]:
        return self._at[self._ends[number - 1] if number else 0 : self._ends[number]]
