"""What one person gets, rule by rule."""

from collections.abc import Sequence

import pytest

from digest.relevance.index import Document, Index, Place
from digest.relevance.keywords import compile_keyword
from digest.relevance.selection import Chooser
from digest.relevance.wishes import Candidate, Match, Pick, Profile, Selection


def select(profile: Profile, candidates: Sequence[Candidate], index: Index) -> Selection:
    """What one person gets."""
    return Chooser(candidates, [index]).selections([profile])[0]


def index_of(*titles: str) -> Index:
    return Index(Document(id=n, title=title) for n, title in enumerate(titles, start=1))


def candidates_of(*scores: float, pins: dict[int, int] | None = None) -> list[Candidate]:
    pins = pins or {}
    return [Candidate(id=n, score=score, pin=pins.get(n)) for n, score in enumerate(scores, start=1)]


def profile(followed: str = "", muted: str = "", *, size: int = 10, fill: bool = False) -> Profile:
    return Profile(
        followed=[compile_keyword(word) for word in followed.split()],
        muted=[compile_keyword(word) for word in muted.split()],
        size=size,
        fill=fill,
    )


def ids(selection: Selection) -> list[int]:
    return [pick.id for pick in selection.picks]


def test_matches_are_chosen_and_nothing_else():
    selection = select(profile("graph"), candidates_of(3, 2, 1), index_of("Graphs", "Soup", "A graph"))

    assert ids(selection) == [1, 3]
    assert selection.matched
    assert selection.left_out == 0


def test_a_pick_says_which_terms_stand_where():
    index = Index([Document(1, "Graphs", abstract="for a robot")])

    selection = select(profile("robot graph speech"), candidates_of(1), index)

    assert selection.picks == (Pick(1, terms=(Match("robot", Place.ABSTRACT), Match("graph", Place.TITLE))),)


def test_relevance_times_trend_decides_the_order():
    index = Index([Document(1, "x", abstract="graph"), Document(2, "Graph"), Document(3, "graph")])

    # 1: 1 x (1 + 9) = 10.  2: 3 x (1 + 1) = 6.  3: 3 x (1 + 5) = 18.
    assert ids(select(profile("graph"), candidates_of(9, 1, 5), index)) == [3, 1, 2]


def test_more_matching_keywords_rank_higher():
    index = index_of("Graph", "Graph robot")

    assert ids(select(profile("graph robot"), candidates_of(1, 1), index)) == [2, 1]


def test_a_paper_nobody_voted_for_still_ranks_by_its_relevance():
    index = Index([Document(1, "x", abstract="graph"), Document(2, "graph")])

    assert ids(select(profile("graph"), candidates_of(0, 0), index)) == [2, 1]


def test_ties_keep_the_order_of_the_edition():
    titles = ["graph"] * 6
    shuffled = [Candidate(id=n, score=2.0) for n in (4, 2, 6, 1, 5, 3)]

    assert ids(select(profile("graph"), shuffled, index_of(*titles))) == [4, 2, 6, 1, 5, 3]


@pytest.mark.parametrize("fill", [False, True])
def test_a_muted_paper_never_shows_whatever_speaks_for_it(fill: bool):
    index = index_of("Graph speech", "Graph", "Speech")
    everything = candidates_of(99, 1, 99, pins={1: 1})

    assert ids(select(profile("graph", "speech", fill=fill), everything, index)) == [2]


def test_a_muted_word_in_the_abstract_is_enough():
    index = Index([Document(1, "Graph", abstract="of speech")])

    assert select(profile("graph", "speech"), candidates_of(9), index).picks == ()


def test_pins_come_first_in_the_editors_order():
    index = index_of("Graph", "Soup", "Graph", "Bread")

    selection = select(profile("graph"), candidates_of(9, 1, 5, 1, pins={2: 2, 4: 1}), index)

    assert ids(selection) == [4, 2, 1, 3]
    assert [pick.pinned for pick in selection.picks] == [True, True, False, False]
    assert [pick.outside for pick in selection.picks] == [True, True, False, False]


def test_a_pin_that_matches_says_so_and_is_not_told_twice():
    selection = select(profile("graph"), candidates_of(1, 9, pins={1: 1}), index_of("Graph", "Graph"))

    assert ids(selection) == [1, 2]
    assert selection.picks[0] == Pick(1, terms=(Match("graph", Place.TITLE),), pinned=True)


def test_an_editors_pick_alone_is_not_what_somebody_with_keywords_asked_for():
    selection = select(profile("graph"), candidates_of(1, 1, pins={1: 1}), index_of("Soup", "Bread"))

    assert selection == Selection(picks=())


def test_without_keywords_the_editions_order_is_the_digest():
    selection = select(profile(size=2), candidates_of(9, 5, 1), index_of("a", "b", "c"))

    assert selection.picks == (Pick(1), Pick(2))
    assert selection.left_out == 0
    assert not selection.matched


def test_mutes_alone_are_no_keywords():
    selection = select(profile(muted="speech"), candidates_of(9, 5, 1), index_of("Speech", "b", "c"))

    assert ids(selection) == [2, 3]
    assert not any(pick.outside for pick in selection.picks)


def test_a_thin_day_is_skipped_where_that_is_wished():
    assert select(profile("graph"), candidates_of(9, 9), index_of("a", "b")).picks == ()


def test_a_thin_day_is_filled_where_that_is_wished():
    selection = select(profile("graph", fill=True), candidates_of(9, 5, 1), index_of("a", "b", "Graph"))

    assert ids(selection) == [3, 1, 2]
    assert [pick.outside for pick in selection.picks] == [False, True, True]


def test_a_fill_ends_at_the_size():
    selection = select(
        profile("graph", fill=True, size=2), candidates_of(9, 5, 1), index_of("a", "b", "Graph")
    )

    assert ids(selection) == [3, 1]
    assert selection.left_out == 0


def test_matches_beyond_the_size_are_counted():
    selection = select(profile("graph", size=2), candidates_of(1, 2, 3, 4, 0), index_of(*["graph"] * 4, "x"))

    assert ids(selection) == [4, 3]
    assert selection.left_out == 2


def test_only_matches_are_counted_as_left_out():
    """The letter says “N more matched”: pins that do not match are not among them."""
    pins = {n: n for n in range(1, 7)}
    titles = [*["Soup"] * 6, "Graph"]

    selection = select(profile("graph", size=5), candidates_of(*[1.0] * 7, pins=pins), index_of(*titles))

    assert ids(selection) == [1, 7]  # of what matches nothing of theirs, one in three at most, one at least
    assert selection.left_out == 0


@pytest.mark.parametrize("size", [0, -1])
def test_a_size_of_nothing_is_no_digest(size: int):
    assert select(profile("graph", size=size), candidates_of(1), index_of("graph")).picks == ()


def test_no_candidates_are_no_digest():
    assert select(profile("graph", fill=True), [], index_of()).picks == ()
