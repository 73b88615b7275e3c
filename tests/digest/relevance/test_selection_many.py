"""Selection at its edges: many keywords on one paper, many papers, many people."""

import numpy as np
import pytest

from digest.relevance.index import Document, Index
from digest.relevance.keywords import compile_keyword
from digest.relevance.selection import BLOCK, Chooser
from digest.relevance.wishes import Candidate, Profile
from subscriptions.models import MAX_KEYWORDS
from tests.digest.relevance.reference import Paper, Wish, World, select

WORDS = [f"word{n}x" for n in range(MAX_KEYWORDS)]


def test_all_keywords_a_person_may_have_on_one_paper_do_not_overflow():
    world = World([Paper(frozenset(WORDS[:1])), Paper(frozenset(WORDS)), Paper(frozenset(WORDS[1:]))])

    for lean in ({}, {1: 2.0}):
        wish = Wish(WORDS, lean=lean)
        [selection] = world.chooser().selections([wish.profile()])
        # 0 is the best of the first word; what somebody said of papers goes before that.
        assert [pick.id for pick in selection.picks] == ([1, 2, 0] if lean else [1, 0, 2])
        assert selection == select(world, wish)


@pytest.mark.parametrize("count", [16_383, 16_384, 33_000])
@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_so_many_candidates_that_a_number_needs_more_than_32_bits(count: int, factor: float):
    """Thirty keywords at twice their points make the largest sums; the best stands last of all papers."""
    last = count - 1
    index = Index(
        [Document(n, WORDS[0] if n % 1000 == 0 else "x") for n in range(last)]
        + [Document(last, " ".join(WORDS))]
    )
    candidates = [Candidate(n, 5.0 if n == last else 1.0) for n in range(count)]
    profile = Profile([compile_keyword(word) for word in WORDS], size=5, lean={last: factor})

    [selection] = Chooser(candidates, [index]).selections([profile])

    assert [pick.id for pick in selection.picks] == [last, 0, 1000, 2000, 3000]
    assert selection.left_out == len(range(0, last, 1000)) - 4


def test_far_down_a_keyword_every_match_is_still_one():
    """Points end at one, never at nothing: 4,000 papers match, and all are counted."""
    index = Index(Document(n, "graph") for n in range(4000))
    chooser = Chooser([Candidate(n, 1.0) for n in range(4000)], [index])

    few = Profile([compile_keyword("graph")], size=3)
    every = Profile([compile_keyword("graph")], size=4000, lean={3999: 0.25})

    few_of_them, all_of_them = chooser.selections([few, every])
    assert few_of_them.left_out == 3997
    assert [pick.id for pick in all_of_them.picks] == list(range(4000))


@pytest.mark.parametrize("people", [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_people_are_chosen_for_in_blocks_and_nobody_gets_anothers(people: int):
    world = World([Paper(frozenset([word])) for word in WORDS])
    followed = [WORDS[n % len(WORDS)] for n in range(people)]

    found = world.chooser().selections([Wish([word]).profile() for word in followed])

    assert [[pick.id for pick in one.picks] for one in found] == [[WORDS.index(word)] for word in followed]


def test_more_keywords_than_the_table_begins_with_are_told_apart():
    words = [f"word{n}x" for n in range(200)]
    index = Index(Document(n, word) for n, word in enumerate(words))
    chooser = Chooser([Candidate(n, 1.0) for n in range(200)], [index])

    found = chooser.selections([Profile([compile_keyword(word)]) for word in words])

    assert [[pick.id for pick in one.picks] for one in found] == [[n] for n in range(200)]
    assert len({chooser._points.number(compile_keyword(word)) for word in words}) == 200


def test_a_table_of_wishes_is_answered_without_profiles():
    """As the benchmark does for a million people: numbers of keywords, 0 for none."""
    chooser = World([Paper(frozenset([word])) for word in WORDS[:3]]).chooser()
    numbers = [chooser._points.number(compile_keyword(word)) for word in WORDS[:3]]
    table = chooser.wishes([])
    wishes = type(table)(
        np.array([[numbers[2], 0], [numbers[0], numbers[1]], [0, 0]], np.int32),
        np.array([2, 1, 2], np.int32),
        np.array([False, False, False]),
    )

    choice = chooser.choose(wishes)

    assert choice.positions.tolist() == [[2, -1], [0, -1], [0, 1]]
    assert choice.left_out.tolist() == [0, 1, 0]
    assert choice.matched.tolist() == [True, True, False]
