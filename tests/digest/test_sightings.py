"""Sightings summed up: the newest counts of a paper, and what they gained in a day."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models import Paper, Sighting
from digest.relevance.trending import Signals
from digest.sightings import A_DAY, NEW, NOTHING_SEEN, Seen, _summed_up, read_sightings
from tests.digest.conftest import NOON, steps_of
from tests.factories import make_paper

HOUR = timedelta(hours=1)
database = pytest.mark.django_db


def see(paper: Paper, hours: float, source: str = "file", **counts: int) -> None:
    Sighting.objects.create(paper=paper, source=source, seen_at=NOON + hours * HOUR, **counts)


def seen(paper: Paper) -> Seen:
    return read_sightings([paper.pk])[paper.pk]


# --- The newest -----------------------------------------------------------------------------


@database
def test_the_newest_sighting_counts_not_the_highest():
    paper = make_paper()
    for hours, votes in ((1, 50), (3, 20), (2, 90)):
        see(paper, hours, upvotes=votes)

    assert seen(paper).newest == Signals(upvotes=20)
    assert seen(paper).seen_at == NOON + 3 * HOUR


@database
def test_a_count_that_is_no_longer_told_keeps_its_last_value():
    paper = make_paper()
    see(paper, 0, upvotes=5, stars=7)
    see(paper, 1, upvotes=6)

    assert seen(paper).newest == Signals(upvotes=6, stars=7)


@database
def test_of_several_sources_the_highest_newest_count_is_taken():
    paper = make_paper()
    see(paper, 0, upvotes=50)
    see(paper, 1, upvotes=10)
    see(paper, 0, source="huggingface", upvotes=12, comments=1)

    assert seen(paper).newest == Signals(upvotes=12, comments=1)


@database
def test_nobody_asked_for_is_told_of():
    make_paper(upvotes=4)
    assert read_sightings([]) == {}
    assert read_sightings([make_paper().pk]) == {}


@database
def test_one_query_reads_the_sightings_of_all():
    papers = [make_paper(upvotes=n) for n in range(30)]

    assert steps_of(lambda: read_sightings(paper.pk for paper in papers)) == 1


# --- What was gained ------------------------------------------------------------------------


@database
def test_what_was_gained_is_measured_between_sightings_a_day_apart():
    paper = make_paper()
    see(paper, -24, upvotes=29, comments=2)
    see(paper, -1, upvotes=40, comments=2)
    see(paper, 0, upvotes=41, comments=2)

    assert seen(paper).measured == {"upvotes": 12}


@database
@pytest.mark.parametrize(("hours", "measured"), [(-19.9, {}), (-20, {"upvotes": 4})])
def test_looks_closer_than_a_day_tell_nothing_of_a_day(hours: float, measured: dict[str, int]):
    assert timedelta(hours=20) == A_DAY
    paper = make_paper()
    see(paper, hours, upvotes=5)
    see(paper, 0, upvotes=9)

    assert seen(paper).measured == measured


@database
def test_each_source_is_compared_with_itself():
    paper = make_paper()
    see(paper, -30, upvotes=3)
    see(paper, 0, upvotes=5)
    see(paper, 0, source="huggingface", upvotes=500)

    assert seen(paper).newest == Signals(upvotes=500)
    assert seen(paper).measured == {"upvotes": 2}


@database
def test_of_several_sources_the_highest_gain_is_taken():
    paper = make_paper()
    for source, gain in (("file", 4), ("huggingface", 9), ("arxiv", 1)):
        see(paper, -30, source=source, upvotes=10)
        see(paper, 0, source=source, upvotes=10 + gain)

    assert seen(paper).measured == {"upvotes": 9}


@database
def test_what_was_lost_or_never_told_before_is_no_gain():
    paper = make_paper()
    see(paper, -30, upvotes=10)
    see(paper, 0, upvotes=8, stars=70)

    assert seen(paper).measured == {}


def test_of_a_new_paper_all_but_stars_is_gained_and_of_an_older_one_what_was_measured():
    assert timedelta(hours=36) == NEW
    one = Seen(Signals(upvotes=41, stars=7), {"upvotes": 12}, seen_at=NOON)

    assert one.gained(NOON - NEW + HOUR) == Signals(upvotes=41)  # its repository may be older
    assert one.gained(NOON - NEW) == Signals(upvotes=12)


def test_what_was_never_seen_gained_nothing():
    assert NOTHING_SEEN.gained(NOON) == Signals()


rows = st.lists(st.tuples(st.integers(-72, 0), st.integers(0, 99)), min_size=1, max_size=6)


@given(st.lists(rows, min_size=1, max_size=3))
def test_a_gain_is_never_more_than_the_newest_count(sources: list[list[tuple[int, int]]]):
    told = _summed_up(
        [[(NOON + hours * HOUR, {"upvotes": votes}) for hours, votes in sorted(one)] for one in sources]
    )

    assert 0 < told.measured.get("upvotes", 1) <= max(1, told.newest.upvotes or 0)
