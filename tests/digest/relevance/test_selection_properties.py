"""What holds of every selection, whatever the papers and the wish."""

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from digest.relevance.selection import Chooser
from digest.relevance.trending import Observed, Signals, trends
from digest.relevance.wishes import Candidate, Selection
from tests.digest.relevance.looked_up import index_of
from tests.digest.relevance.reference import (
    WORDS,
    Paper,
    Wish,
    World,
    place,
    terms,
    wishes,
    words,
    worlds,
)

word = st.sampled_from(WORDS)


def chosen(world: World, wish: Wish) -> Selection:
    return world.chooser().selections([wish.profile()])[0]


def ids(selection: Selection) -> list[int]:
    return [pick.id for pick in selection.picks]


@given(worlds, wishes)
def test_the_order_is_total_and_that_of_the_keywords_plays_no_part(world: World, wish: Wish):
    turned = replace(wish, followed=wish.followed[::-1])

    assert ids(chosen(world, wish)) == ids(chosen(world, wish))
    if world.near is None:  # what is as near to two keywords is told of the first
        assert ids(chosen(world, turned)) == ids(chosen(world, wish))


@given(worlds, wishes, st.integers(1, 9))
def test_a_smaller_digest_is_the_beginning_of_a_larger_one(world: World, wish: Wish, size: int):
    larger, smaller = replace(wish, size=10), replace(wish, size=size)

    assert ids(chosen(world, smaller)) == ids(chosen(world, larger))[:size]


@given(worlds, wishes)
def test_no_mute_is_ever_broken_and_nothing_comes_twice(world: World, wish: Wish):
    found = ids(chosen(world, wish))

    assert not any(place(world.papers[n], word) for n in found for word in wish.muted)
    assert len(set(found)) == len(found) <= max(0, wish.size)


@given(worlds, wishes, wishes)
def test_nobody_gets_anything_else_for_being_in_company(world: World, one: Wish, other: Wish):
    both = world.chooser().selections([one.profile(), other.profile()])

    assert both == [chosen(world, one), chosen(world, other)]


@given(worlds, wishes, word)
def test_one_more_keyword_takes_no_match_away_while_there_is_room(world: World, wish: Wish, extra: str):
    before = chosen(world, replace(wish, size=20))
    after = chosen(world, replace(wish, size=20, followed=[*wish.followed, extra]))

    assert {pick.id for pick in before.picks if pick.terms} <= {pick.id for pick in after.picks if pick.terms}


@given(worlds, wishes)
def test_picks_and_left_out_are_all_that_matched(world: World, wish: Wish):
    selection = chosen(world, wish)

    matching = [
        paper
        for paper in world.papers
        if any(place(paper, word) for word in wish.followed)
        and not any(place(paper, word) for word in wish.muted)
    ]
    if wish.size > 0:
        assert sum(bool(pick.terms) for pick in selection.picks) + selection.left_out == len(matching)
    else:
        assert selection == Selection(())


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf, -5.0, -0.0])
@given(world=worlds, wish=wishes, data=st.data())
def test_a_score_that_is_none_counts_as_nothing_and_changes_nothing_for_others(
    odd: float, world: World, wish: Wish, data: st.DataObject
):
    assume(world.papers)
    at = data.draw(st.integers(0, len(world.papers) - 1))

    def scored(score: float) -> World:
        papers = [replace(one, score=score) if n == at else one for n, one in enumerate(world.papers)]
        return replace(world, papers=papers)

    assert chosen(scored(odd), wish) == chosen(scored(0.0), wish)


# --- Twins ----------------------------------------------------------------------------------

counts = st.none() | st.sampled_from([0.0, 1.0, 7.0, 300.0, -2.0, math.nan, math.inf])
signals = st.builds(Signals, counts, counts, counts)
observed = st.builds(
    Observed,
    signals,
    signals,
    st.just(12.0),
    st.sampled_from(["", "cs.CL", "math"]),
    st.sampled_from(["", "a"]),
)
pairs = st.lists(st.tuples(st.builds(Paper, words, words), observed), max_size=9)
twins = st.tuples(st.builds(Paper, words, words), observed, st.integers(1, 500))


@given(pairs, twins, st.integers(0, 9), terms, st.integers(1, 9), st.booleans())
def test_a_twin_with_more_votes_never_comes_below_its_lesser(
    others: list[tuple[Paper, Observed]],
    twin: tuple[Paper, Observed, int],
    at: int,
    followed: list[str],
    size: int,
    fill: bool,
):
    """From counts to the digest: scored together, put in the edition's order, chosen from."""
    paper, lesser, more = twin
    votes = lesser.newest.upvotes
    votes = votes if votes is not None and math.isfinite(votes) and votes > 0 else 0.0
    greater = replace(lesser, newest=replace(lesser.newest, upvotes=votes + more))
    arrived = [(paper, lesser), *others]
    arrived.insert(at + 1, (paper, greater))

    scores = [one.score for one in trends([one for _, one in arrived])]
    edition = sorted(range(len(arrived)), key=lambda n: (-scores[n], n))
    of_lesser, of_greater = (
        next(rank for rank, n in enumerate(edition) if arrived[n][1] is one) for one in (lesser, greater)
    )
    assert of_greater < of_lesser

    world = World([replace(arrived[n][0], score=scores[n]) for n in edition])
    found = ids(chosen(world, Wish(followed, size=size, fill=fill)))
    if of_lesser in found:
        assert of_greater in found[: found.index(of_lesser)]


# --- No keyword takes all -------------------------------------------------------------------


def test_of_two_keywords_with_many_matches_each_brings_half():
    """However much more one of them is trending."""
    index = index_of(*["Graphs"] * 50, *["Robots"] * 50)
    candidates = [Candidate(n, 500.0 if n <= 50 else 1.0) for n in range(1, 101)]

    [selection] = Chooser(candidates, [index]).selections([Wish(["graph", "robot"]).profile()])

    assert sum(pick.id <= 50 for pick in selection.picks) == 5


def test_of_five_keywords_each_brings_its_best():
    titles = ["Graphs", "Robots", "Speech", "Proteins", "Sheep"]
    index = index_of(*[title for title in titles for _ in range(20)])
    candidates = [Candidate(n, 1000.0 / n) for n in range(1, 101)]
    wish = Wish(["graph", "robot", "speech", "protein", "sheep"])

    [selection] = Chooser(candidates, [index]).selections([wish.profile()])

    assert sorted(ids(selection)) == [1, 2, 21, 22, 41, 42, 61, 62, 81, 82]
