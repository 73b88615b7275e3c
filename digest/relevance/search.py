"""Search: papers in the order in which they answer a query, by words, phrases and nearness.

Three ways of looking are put together, each scaled to at most one:

    score = 0.3 · words + meaning + 0.15 · match  +  0.5 · kinship

`words` is BM25 (Robertson and Zaragoza: The probabilistic relevance framework, 2009), `match` whether the
query is found as a keyword is, `meaning` the cosine of the query's static vector and a paper's, and `kinship`
the nearness to the best twenty of the first three (pseudo-relevance feedback: Rocchio, 1971). Without static
vectors there is no `meaning`, `words` count in full, and kinship is told by TF-IDF.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from digest.relevance import semantic
from digest.relevance.index import Index
from digest.relevance.keywords import compile_keyword
from digest.relevance.similarity import Floats, Similarity, unit

WORDS, MEANING, MATCH, KINSHIP = 0.3, 1.0, 0.15, 0.5
FIRST = 20
"""Papers whose kin is looked for."""
K1, B = 1.2, 0.75


class Search:
    """Papers, prepared to be searched. `texts` are title and abstract in one, as the index has them."""

    def __init__(self, index: Index, texts: Sequence[str], similarity: Similarity) -> None:
        self.index, self._similarity = index, similarity
        self._vectors: Floats | None = None
        if semantic.is_installed():
            vectors = unit(semantic.embed(texts))
            self._vectors = vectors
            self._mean = vectors.mean(axis=0) if len(vectors) else np.zeros(vectors.shape[1], np.float32)
            self._centred = unit(vectors - self._mean)

    def scores(self, query: str) -> Floats:
        """A number for each paper of the index: higher is better, near 0 has nothing to do with it."""
        words = _scaled(self._similarity.bm25(query, k1=K1, b=B))
        match = np.zeros(len(self.index), np.float32)
        match[self.index.find(compile_keyword(query, self.index.lexicon)).rows] = 1
        if self._vectors is None:
            first = words + MATCH * match
            best = self._best(first)
            kin = _scaled(self._similarity.near_papers(best)) if len(best) else words
            return _sum(first, kin)
        asked = unit(semantic.embed([query]))[0]
        first = WORDS * words + MEANING * _scaled(self._vectors @ asked) + MATCH * match
        best = self._best(first)
        together = (first[best][:, None] * self._centred[best]).sum(axis=0, keepdims=True)
        kin = _scaled(self._centred @ unit(together)[0])
        return _sum(first, kin)

    def ranked(self, query: str) -> NDArray[np.int64]:
        """Rows of the index, best first; ties by row."""
        return np.argsort(-self.scores(query), kind="stable")

    @staticmethod
    def _best(scores: Floats) -> NDArray[np.int64]:
        best = np.argsort(-scores, kind="stable")[:FIRST]
        return best[scores[best] > 0]


def _sum(first: Floats, kin: Floats) -> Floats:
    together: Floats = (first + KINSHIP * kin).astype(np.float32)
    return together


def _scaled(scores: Floats) -> Floats:
    most = float(scores.max(initial=0.0))
    found: Floats = scores / most if most > 0 else scores
    return found
