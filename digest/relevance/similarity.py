"""How near papers are to a text or to each other: TF-IDF with logged counts, and word vectors if any.

    weight of a stem in a paper = (1 + ln count) · (ln((1 + n) / (1 + papers that have it)) + 1)
    (of a text that papers are compared with: the square root of the count, for it may be long)
    nearness = (1 - m) · cosine of these weights + m · cosine of the word vectors summed by them

The word vectors (`semantic.py`) are taken less their mean, by which all texts of one field are alike.
What this is worth is measured by `benchmarks/relevance.py`.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
import Stemmer
from numpy.typing import NDArray

from digest.relevance.folding import words
from digest.relevance.index import Index, Place

Floats = NDArray[np.float32]
WordVectors = Callable[[Sequence[str]], Floats]
"""Words to their vectors, a row each."""

MIX = 0.2
"""m: the share of word vectors in nearness."""
_STOP = """
    a about also an and any approach are as at based be because been being both but by can could did do
    does each few for from had has have how however i if in into is it its many may method more most
    much no not of on only or other our over paper propose result same show so some such than that the
    their them then there these they this those through to under up upon use used using very via was we
    were what when where which while who will with within without would you your
"""
STOP = frozenset(_STOP.split())
"""Words that tell nothing of what a paper is about, folded."""

_stemmer = Stemmer.Stemmer("english")


class Similarity:
    """The papers of an index, compared by what they are about."""

    def __init__(self, index: Index, vectors: WordVectors | None = None) -> None:
        self.index = index
        folded = index.words
        stems = _stemmer.stemWords(list(folded))
        numbers: dict[str, int] = {}
        of_word = np.array(
            [
                -1 if not word or word in STOP else numbers.setdefault(stem, len(numbers))
                for word, stem in zip(folded, stems, strict=True)
            ],
            np.int64,
        )
        rows, said = index.stream_of((Place.TITLE, Place.ABSTRACT))
        stem = of_word[said]
        rows, stem, said = rows[stem >= 0], stem[stem >= 0], said[stem >= 0]
        pairs, counts = np.unique(rows * max(1, len(numbers)) + stem, return_counts=True)
        self._numbers = numbers
        rows, stem = np.divmod(pairs, max(1, len(numbers)))
        papers = np.bincount(stem, minlength=len(numbers))
        self._idf = (np.log((1 + len(index)) / (1 + papers)) + 1).astype(np.float32)
        weights = (1 + np.log(counts)) * self._idf[stem]
        norms = np.sqrt(np.bincount(rows, weights**2, minlength=len(index)))
        weights /= np.where(norms > 0, norms, 1)[rows]
        self._counts = counts.astype(np.float32)
        self._rows, self._stems, self._weights = rows, stem, weights.astype(np.float32)
        self._starts = np.searchsorted(rows, np.arange(len(index) + 1))
        order = np.argsort(stem, kind="stable")
        self._by_stem = rows[order], self._weights[order], self._counts[order]
        self._ends = np.cumsum(papers)
        self._vectors = vectors
        self._of_stems: Floats | None = None
        if vectors is not None and numbers:
            self._of_stems = vectors(self._spelled(folded, of_word, said))
            sums = np.zeros((len(index), self._of_stems.shape[1]), np.float32)
            for row in range(len(index)):  # sparse by dense, without SciPy
                part = slice(self._starts[row], self._starts[row + 1])
                sums[row] = self._weights[part] @ self._of_stems[stem[part]]
            units = unit(sums)
            self._mean = units.mean(axis=0)
            self._units = unit(units - self._mean)

    def __len__(self) -> int:
        return len(self.index)

    def near(self, texts: Iterable[str]) -> Floats:
        """How near each paper is to these texts together, at most 1."""
        return self._near([self._of_text(text) for text in texts])

    def near_papers(self, rows: Iterable[int]) -> Floats:
        """How near each paper is to these papers of the index together; each of them is very near itself."""
        vectors = []
        for row in rows:
            part = slice(self._starts[row], self._starts[row + 1])
            vectors.append(dict(zip(self._stems[part].tolist(), self._weights[part].tolist(), strict=True)))
        return self._near(vectors)

    def meaning(self, text: str) -> Floats:
        """How near each paper is to a few words by word vectors alone; zeros where there are none.

        Also words that stand in none of the papers count: that is what nearness of meaning is for.
        """
        said = list(dict.fromkeys(word for word in words(text) if word not in STOP))
        if self._of_stems is None or self._vectors is None or not said:
            return np.zeros(len(self), np.float32)
        numbers = [self._numbers.get(stem, -1) for stem in _stemmer.stemWords(said)]
        weights = np.array([self._idf[n] if n >= 0 else self._idf.max() for n in numbers], np.float32)
        return self._meant(weights @ self._vectors(said))

    def bm25(self, query: str, *, k1: float, b: float) -> Floats:
        """BM25 of a query over title and abstract, a number for each paper (Robertson and Zaragoza, 2009)."""
        rows, _, counts = self._by_stem
        lengths = np.bincount(self._rows, self._counts, minlength=len(self))
        relative = lengths / max(1e-9, float(lengths.mean())) if len(self) else lengths
        found = np.zeros(len(self))
        for stem in dict.fromkeys(self._stems_of(query)):
            part = self._part(stem)
            idf = float(self._idf[stem]) - 1
            many = counts[part]
            found[rows[part]] += idf * many * (k1 + 1) / (many + k1 * (1 - b + b * relative[rows[part]]))
        return found.astype(np.float32)

    def _stems_of(self, text: str) -> list[int]:
        return [self._numbers[stem] for stem in stems_of(text) if stem in self._numbers]

    def _of_text(self, text: str) -> dict[int, float]:
        counts = Counter(self._stems_of(text))
        return normed({stem: math.sqrt(n) * float(self._idf[stem]) for stem, n in counts.items()})

    def _near(self, vectors: Sequence[Mapping[int, float]]) -> Floats:
        """`vectors` are of length one each, by stem."""
        together: dict[int, float] = {}
        for vector in vectors:
            for stem, weight in vector.items():
                together[stem] = together.get(stem, 0.0) + weight
        query = normed(together)
        if not query:
            return np.zeros(len(self), np.float32)
        rows, weights, _ = self._by_stem
        parts = [self._part(stem) for stem in query]
        amounts = [weights[part] * weight for part, weight in zip(parts, query.values(), strict=True)]
        at = np.concatenate([rows[part] for part in parts])
        near = np.bincount(at, np.concatenate(amounts), minlength=len(self)).astype(np.float32)
        if self._of_stems is None:
            return near
        numbers = np.fromiter(query, np.int64)
        meant = self._meant(np.array(list(query.values()), np.float32) @ self._of_stems[numbers])
        mixed: Floats = ((1 - MIX) * near + MIX * meant).astype(np.float32)
        return mixed

    def _part(self, stem: int) -> slice:
        """Where a stem stands in what is ordered by stem."""
        return slice(self._ends[stem - 1] if stem else 0, self._ends[stem])

    def _meant(self, dense: Floats) -> Floats:
        """Cosine of each paper's word vectors and a sum of some, both less the mean of all papers."""
        found: Floats = (self._units @ unit(unit(dense[None]) - self._mean)[0]).astype(np.float32)
        return found

    @staticmethod
    def _spelled(folded: Sequence[str], of_word: NDArray[np.int64], said: NDArray[np.int64]) -> list[str]:
        """For each stem the commonest of its words: vectors are of words, not of stems."""
        counts = np.bincount(said, minlength=len(folded))
        spelled = [""] * (int(of_word.max(initial=-1)) + 1)
        for word in np.argsort(counts, kind="stable").tolist():
            if of_word[word] >= 0:
                spelled[of_word[word]] = folded[word]
        return spelled


@lru_cache(maxsize=2_048)
def stems_of(text: str) -> tuple[str, ...]:
    """The stems of a text without its stop words. Kept: one opinion is compared with every day's papers."""
    return tuple(_stemmer.stemWords([word for word in words(text) if word not in STOP]))


def normed(vector: Mapping[int, float]) -> dict[int, float]:
    """The same direction, of length one."""
    length = math.sqrt(math.fsum(weight * weight for weight in vector.values()))
    return {key: weight / length for key, weight in vector.items()} if length > 0 else {}


def unit(rows: Floats) -> Floats:
    """Rows of length one; what has no length stays."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    found: Floats = (rows / np.where(norms > 0, norms, 1)).astype(np.float32)
    return found
