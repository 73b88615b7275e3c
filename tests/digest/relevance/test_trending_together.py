"""Papers of an edition scored together: growth counts, fields are compared, submitters damped."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.relevance.trending import (
    FREE,
    LEAST,
    MOST,
    NONE,
    WEIGHTS,
    Observed,
    Signals,
    trend,
    trends,
)

odd = st.sampled_from([math.nan, math.inf, -math.inf, -1.0, -1e300])
counts = st.none() | st.integers(0, 10_000).map(float) | odd
signals = st.builds(Signals, counts, counts, counts)
papers = st.lists(
    st.builds(
        Observed,
        signals,
        signals,
        st.floats(0, 200),
        st.sampled_from(["", "cs.CL", "cs.CV", "math"]),
        st.sampled_from(["", "ada", "bo"]),
    ),
    max_size=12,
)


def voted(votes: float, field: str = "", submitter: str = "") -> Observed:
    return Observed(Signals(upvotes=votes), age_hours=10.0, field=field, submitter=submitter)


# --- Growth ---------------------------------------------------------------------------------


def test_what_was_gained_weighs_as_a_count_does():
    told = trend(Signals(41, 2, 171), 12.0, gained=Signals(upvotes=9))

    decay = (12.0 + 24) ** 0.8
    assert told.parts["upvotes_gained"] == pytest.approx(100 * 5 * math.log(10) / decay)
    assert told.score == pytest.approx(trend(Signals(41, 2, 171), 12.0).score + told.parts["upvotes_gained"])
    assert set(told.parts) == {*WEIGHTS, "upvotes_gained"}


def test_of_two_alike_the_one_that_grows_is_first():
    steady = Observed(Signals(upvotes=100), Signals(upvotes=1), 10.0)
    growing = replace(steady, gained=Signals(upvotes=60))

    one, other = trends([steady, growing])
    assert other.score > one.score


@pytest.mark.parametrize("nothing", [None, 0, -5, math.nan, math.inf])
def test_a_gain_that_cannot_be_meant_weighs_nothing(nothing: float | None):
    gained = Signals(nothing, nothing, nothing)
    assert trend(Signals(5), 1.0, gained=gained) == trend(Signals(5), 1.0)


# --- Fields ---------------------------------------------------------------------------------


def test_a_field_with_few_readers_is_raised_and_one_with_many_lowered():
    scored = trends([*[voted(200, "cs.CV")] * 20, *[voted(5, "math")] * 20])

    large, small = scored[0].factors["field"], scored[-1].factors["field"]
    assert LEAST <= large < 1 < small <= MOST
    assert scored[0].score > scored[-1].score  # compared, not made equal


def test_the_factor_of_a_field_is_bounded():
    scored = trends([*[voted(10**9, "cs.CV")] * 500, *[voted(0, "math")] * 499, voted(1, "math")])

    assert scored[-1].factors["field"] == MOST
    assert LEAST <= scored[0].factors["field"] < 1


def test_a_single_paper_of_a_field_moves_its_mean_little():
    crowd = [voted(50, "cs.CV")] * 50
    alone = trends([*crowd, voted(1, "math")])[-1].factors["field"]
    many = trends([*crowd, *[voted(1, "math")] * 50])[-1].factors["field"]

    assert 1 < alone < 1.1
    assert many > alone


def test_a_paper_of_no_field_is_compared_with_none():
    scored = trends([voted(200, "cs.CV"), voted(5, "math"), voted(5)])

    assert scored[2].factors == {}
    assert scored[2].score == trend(Signals(upvotes=5), 10.0).score
    assert trends([voted(200, "cs.CV"), voted(5, "math")]) == scored[:2]


def test_where_nobody_voted_no_field_is_raised():
    assert all(one.factors == {} and one.score == 0 for one in trends([voted(0, "a"), voted(0, "b")]))
    assert trends([]) == []


# --- Submitters -----------------------------------------------------------------------------


def test_from_the_fourth_on_a_submitters_papers_are_damped():
    assert FREE == 3
    scored = trends([voted(100 - n, submitter="ada") for n in range(6)])

    expected = [{}, {}, {}, *({"submitter": math.sqrt(3 / n)} for n in (4, 5, 6))]
    assert [one.factors for one in scored] == expected


def test_a_submitters_best_are_free_wherever_they_stand():
    scored = trends([voted(votes, submitter="ada") for votes in (1, 2, 300, 200, 100)])

    assert ["submitter" in one.factors for one in scored] == [True, True, False, False, False]


def test_nobody_and_others_are_not_damped():
    assert all(one.factors == {} for one in trends([voted(5)] * 10))
    assert all(one.factors == {} for one in trends([voted(5, submitter=name) for name in "abcdefgh"]))


# --- Whatever comes -------------------------------------------------------------------------


@given(papers)
def test_parts_times_factors_are_the_score(found: list[Observed]):
    for one in trends(found):
        assert math.isfinite(one.score)
        assert one.score >= 0
        assert one.score == pytest.approx(math.fsum(one.parts.values()) * math.prod(one.factors.values()))
        assert LEAST <= one.factors.get("field", 1.0) <= MOST
        assert 0 < one.factors.get("submitter", 1.0) <= 1


@given(papers, st.integers(0, 11))
def test_what_is_no_count_changes_nothing_for_anybody(found: list[Observed], at: int):
    def cleaned(told: Signals) -> Signals:
        values = (told.upvotes, told.comments, told.stars)
        return Signals(*(v if v is not None and math.isfinite(v) and v > 0 else None for v in values))

    clean = [replace(one, newest=cleaned(one.newest), gained=cleaned(one.gained)) for one in found]
    assert trends(found) == trends(clean)


@given(
    papers,
    signals,
    signals,
    st.integers(1, 500),
    st.sampled_from(["", "cs.CL"]),
    st.sampled_from(["", "ada"]),
)
def test_a_twin_with_more_always_scores_more_wherever_it_stands(
    others: list[Observed], newest: Signals, gained: Signals, more: int, field: str, submitter: str
):
    lesser = Observed(newest, gained, 12.0, field, submitter)
    votes = newest.upvotes if newest.upvotes is not None and math.isfinite(newest.upvotes) else 0.0
    greater = replace(lesser, newest=replace(newest, upvotes=max(votes, 0.0) + more))

    first, second = trends([lesser, greater, *others])[:2]
    assert second.score > first.score
    second, first = trends([greater, lesser, *others])[:2]
    assert second.score > first.score


def test_no_count_and_no_gain_is_nothing():
    assert trend(NONE, 3.0).parts == {}
    assert trend(NONE, 3.0).as_json() == {"score": 0.0, "age_hours": 3.0, "parts": {}, "factors": {}}
