"""The worst that can be typed, and the longest abstracts, take no more than their share of steps."""

from typing import Any

import numpy as np
import pytest

from digest.relevance.index import Document, Index
from digest.relevance.keywords import MOST_READINGS, Keyword, compile_keyword
from digest.relevance.lexicon import learn


def sizes(keyword: Keyword) -> list[int]:
    return [len(term.readings) for clause in keyword.clauses for term in (*clause.wanted, *clause.unwanted)]


@pytest.mark.parametrize(
    "typed",
    [
        "a-" * 40,
        "pre-training " * 6,
        "RAG " * 20,
        "RAG-" * 20,
        "pretraining " * 6,
        '"' * 80,
        "-" * 80,
        "a OR " * 16,
    ],
)
def test_the_worst_that_can_be_typed_has_few_readings(typed: str):
    lexicon = learn([("Retrieval-augmented generation (RAG) of pre-training, a-a and a-a-a", "RAG")] * 3)

    found = sizes(compile_keyword(typed[:80], lexicon))

    assert all(count <= MOST_READINGS for count in found)
    assert sum(found) <= 80


@pytest.mark.parametrize(
    "typed", ["a a a a a a a a", "of of of", "mixture of experts", "x OR a a -b", "author:a a"]
)
def test_looking_takes_as_many_steps_as_there_are_words(typed: str):
    """Each word of a phrase is looked at once in each place of its rarest: counted by what is read of the
    stream, in an abstract of 20 KB and in one ten times as long.
    """
    read = {size: steps(typed, "a b of x experts. mixture of " * (size // 29)) for size in (20_000, 200_000)}

    assert 0 < read[200_000] < 11 * read[20_000]


def steps(typed: str, abstract: str) -> int:
    """How many places of the text a look reads."""

    class Counting(np.ndarray[Any, Any]):
        read = 0

        def __getitem__(self, at: Any) -> Any:
            found = super().__getitem__(at)
            Counting.read += np.size(found)
            return found

    index = Index([Document(1, "x", abstract, authors=["A B"])])
    index._stream = index._stream.view(Counting)
    index._in_capitals = index._in_capitals.view(Counting)
    index._postings._at = index._postings._at.view(Counting)
    index.find(compile_keyword(typed))
    return Counting.read
