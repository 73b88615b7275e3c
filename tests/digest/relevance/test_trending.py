"""The trending score against the formula of the design, and what may never sway it."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.relevance.trending import SCALE, WEIGHTS, Signals, trend

counts = st.none() | st.integers(0, 2_147_483_647)
ages = st.floats(0, 24 * 365)


def by_the_design(upvotes: float, comments: float, stars: float, age: float) -> float:
    """`Σ w·ln(1+x) / (age_h + 24)^0.8`, the weights and the scale being ours."""
    total = 5.0 * math.log(1 + upvotes) + 3.0 * math.log(1 + comments) + 1.0 * math.log(1 + stars)
    return float(100.0 * total / (age + 24) ** 0.8)


def test_a_score_by_value():
    result = trend(Signals(upvotes=41, comments=2, stars=171), age_hours=12.0)

    assert result.score == pytest.approx(by_the_design(41, 2, 171, 12))
    assert result.score == pytest.approx(154.3244, abs=1e-4)


def test_upvotes_weigh_most_and_stars_least():
    assert WEIGHTS["upvotes"] > WEIGHTS["comments"] > WEIGHTS["stars"] > 0
    assert SCALE == 100


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), ages)
def test_every_score_follows_the_formula(upvotes: int, comments: int, stars: int, age: float):
    score = trend(Signals(upvotes, comments, stars), age).score
    assert score == pytest.approx(by_the_design(upvotes, comments, stars, age))


@pytest.mark.parametrize("nothing", [None, 0, -1, -1e9, math.nan, math.inf, -math.inf])
def test_a_count_that_cannot_be_meant_weighs_nothing(nothing: float | None):
    assert trend(Signals(upvotes=nothing, comments=nothing, stars=nothing), 5.0).score == 0.0
    with_votes = trend(Signals(upvotes=10), 5.0)
    assert trend(Signals(upvotes=10, comments=nothing, stars=nothing), 5.0) == with_votes


@pytest.mark.parametrize("age", [0.0, -3.0, -math.inf, math.nan])
def test_an_age_before_the_announcement_is_the_announcement(age: float):
    assert trend(Signals(upvotes=3), age) == trend(Signals(upvotes=3), 0.0)


def test_an_endless_age_is_finite_in_the_breakdown():
    json.dumps(trend(Signals(upvotes=3), math.inf).as_json(), allow_nan=False)


@given(counts, counts, counts, ages)
def test_the_parts_sum_up_to_the_score(
    upvotes: int | None, comments: int | None, stars: int | None, age: float
):
    result = trend(Signals(upvotes, comments, stars), age)
    assert math.fsum(result.parts.values()) == pytest.approx(result.score)
    assert result.score >= 0
    assert set(result.parts) <= set(WEIGHTS)


@given(counts, counts, counts, ages, st.sampled_from(list(WEIGHTS)), st.integers(1, 10**6))
def test_more_of_anything_never_ranks_lower(
    upvotes: int | None, comments: int | None, stars: int | None, age: float, kind: str, more: int
):
    told = {"upvotes": upvotes, "comments": comments, "stars": stars}
    fewer = trend(Signals(**told), age)
    told[kind] = (told[kind] or 0) + more
    assert trend(Signals(**told), age).score >= fewer.score


@given(st.integers(1, 10**6), ages, st.floats(0.1, 1000))
def test_older_never_ranks_higher(upvotes: int, age: float, later: float):
    assert trend(Signals(upvotes), age + later).score < trend(Signals(upvotes), age).score


@given(
    st.floats(allow_nan=True, allow_infinity=True) | st.none(),
    st.floats(allow_nan=True, allow_infinity=True) | st.none(),
    st.floats(allow_nan=True, allow_infinity=True),
)
def test_a_score_is_always_a_number_one_can_sort_by(upvotes: float | None, stars: float | None, age: float):
    result = trend(Signals(upvotes=upvotes, stars=stars), age)
    assert math.isfinite(result.score)
    json.dumps(result.as_json(), allow_nan=False)


def test_the_breakdown_is_rounded_for_reading():
    told = trend(Signals(upvotes=41, comments=2), 12.3456).as_json()

    assert told["age_hours"] == 12.35
    assert set(told) == {"score", "age_hours", "parts", "factors"}
    assert told["score"] == pytest.approx(trend(Signals(upvotes=41, comments=2), 12.3456).score, abs=1e-3)
