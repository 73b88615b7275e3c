"""The shelf: each edition is read once, what editors do shows at once, and nothing grows for ever."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from digest import shelf as module
from digest.models import Edition, Entry
from digest.relevance import semantic
from digest.relevance.wishes import Profile
from digest.shelf import Shelf, shelf
from tests.digest.conftest import at_once, steps_of
from tests.factories import DAY, make_edition, make_paper

database = pytest.mark.django_db


def make_days(count: int, papers: int = 2) -> list[Edition]:
    return [
        make_edition(
            *(make_paper(f"Graph {n} of day {ago}") for n in range(papers)), day=DAY - timedelta(ago)
        )
        for ago in range(count)
    ]


def ids(own: Shelf, typed: str = "") -> list[int]:
    followed = [own.compile(typed)] if typed else []
    return [pick.id for pick in own.choose(own.held.days, [Profile(followed)])[0].picks]


@database
def test_each_edition_is_read_once():
    make_days(3)
    own = Shelf()

    first = steps_of(own.fetch)
    again = steps_of(own.fetch)
    make_edition(make_paper(), day=DAY + timedelta(days=1))
    assert first == again + 3
    assert steps_of(own.fetch) == again + 1
    assert [len(day.ranked) for day in own.held.days] == [1, 2, 2, 2]
    assert len(own.held.library) == 7


@database
def test_days_are_the_newest_first_and_the_library_has_their_papers_in_that_order():
    make_days(3)
    held = Shelf().fetch()

    assert [day.date for day in held.days] == [DAY, DAY - timedelta(1), DAY - timedelta(2)]
    assert held.library.ids == [one.id for day in held.days for one in day.ranked]


@database
def test_out_of_patience_it_answers_by_the_newest_days_and_goes_on_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
):
    """On a clock that only goes on when an edition is read, a second each."""
    make_days(4)
    own, seconds = Shelf(), [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])

    def reads(execute: Any, sql: str, *rest: Any) -> Any:
        seconds[0] += '"digest_paper"."abstract"' in sql
        return execute(sql, *rest)

    with connection.execute_wrapper(reads):
        assert [len(own.fetch(patience=0.5).days) for _ in range(5)] == [1, 2, 3, 4, 4]
        assert len(Shelf().fetch(patience=2.5).days) == 3
        assert len(Shelf().fetch().days) == 4
    assert len(own.held.library) == 8


@database
def test_what_editors_do_shows_at_once_without_reading_anything_again():
    [edition] = make_days(1, papers=3)
    one, two, three = edition.entries.order_by("rank").values_list("paper_id", flat=True)
    own = Shelf()
    own.fetch()
    index = own.held.days[0].index
    assert ids(own, "graph") == [one, two, three]

    entries = Entry.objects.filter(edition=edition)
    entries.filter(paper=three).update(pin=1)
    own.fetch()
    assert ids(own, "graph") == [three, one, two]
    entries.filter(paper=one).update(hidden=True)
    own.fetch()
    assert ids(own, "graph") == [three, two]
    edition.papers.filter(pk=two).update(withdrawn=True)
    own.fetch()
    assert ids(own, "graph") == [three]
    entries.update(hidden=False, pin=None)
    edition.papers.update(withdrawn=False)
    own.fetch()
    assert ids(own, "graph") == [one, two, three]
    assert own.held.days[0].index is index


@database
def test_a_paper_that_turned_out_to_be_another_is_gone():
    [edition] = make_days(1)
    one, two = edition.papers.order_by("pk")
    own = Shelf()
    own.fetch()
    one.same_as = two
    one.save()
    own.fetch()

    assert ids(own, "graph") == [two.pk]


@database
def test_keywords_learn_what_the_days_teach_when_they_come():
    own = Shelf()
    assert not own.compile("QFT").meant.startswith("quick")
    for ago in range(2):
        make_edition(make_paper("Quick frog theory (QFT)"), day=DAY - timedelta(ago))
    own.fetch()

    assert own.compile("QFT").meant == "quick frog theory"
    assert own.compile("QFT") is own.compile("QFT")


# --- Bounds ---------------------------------------------------------------------------------


@database
def test_keywords_are_remembered_up_to_a_bound_and_so_are_their_answers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "TERMS", 5)
    make_days(1)
    own = Shelf()
    own.fetch()
    for n in range(20):
        ids(own, f"term {n}")
        assert len(own.keywords) <= 5
        assert len(own.held.days[0].index._found) <= 5
        assert all(len(chooser._points) <= 6 for chooser in own.choosers.values())
    assert len(ids(own, "graph")) == 2


@database
def test_papers_are_held_up_to_a_bound_and_one_day_always(monkeypatch: pytest.MonkeyPatch):
    make_days(4, papers=3)
    for most, days in ((12, 4), (11, 3), (3, 1), (1, 1)):
        monkeypatch.setattr(module, "PAPERS", most)
        assert len(Shelf().fetch().days) == days


@database
def test_tables_of_points_are_held_for_the_sets_of_days_asked_for_last(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "TABLES", 2)
    make_days(4)
    own = Shelf()
    days = own.fetch().days
    profile = Profile([own.compile("graph")])
    for n in (1, 2, 3, 1, 4):
        own.choose(days[:n], [profile])
        assert len(own.choosers) <= 2

    assert [len(key) for key in own.choosers] == [1, 4]
    kept = list(own.choosers.values())
    own.choose(days[:1], [profile])
    assert list(own.choosers.values()) == kept[::-1]  # the one asked for last goes last


@database
def test_days_that_left_the_window_are_let_go_with_all_that_was_made_of_them():
    make_days(2)
    own = Shelf()
    for day in own.fetch().days:
        own.similarity(day)
    make_edition(make_paper(), day=DAY + timedelta(days=29))
    own.fetch()

    assert [day.date for day in own.held.days] == [DAY + timedelta(29), DAY]
    assert set(own.similarities) == {own.held.days[1].edition}


@database
def test_cleared_it_holds_nothing():
    make_days(1)
    shelf.fetch()
    ids(shelf, "graph")
    shelf.similarity(shelf.held.days[0])
    shelf.clear()

    assert (shelf.held.days, len(shelf.held.library)) == ((), 0)
    assert not shelf.keywords
    assert not shelf.choosers
    assert not shelf.similarities


# --- Related --------------------------------------------------------------------------------


def related(own: Shelf, typed: str) -> dict[int, str]:
    [selection] = own.choose(own.held.days, [Profile([own.compile(typed)], fill=True)])
    return {pick.id: pick.related for pick in selection.picks if pick.related}


@database
def test_without_the_extra_nothing_is_called_related(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(semantic, "is_installed", lambda: False)
    make_edition(make_paper("Robot arms"), make_paper("Manipulators", abstract="Robotic grasping."))
    own = Shelf()
    own.fetch()

    assert related(own, "robot") == {}


@database
@pytest.mark.skipif(not semantic.is_installed(), reason="The extra `semantic` is not installed.")
def test_with_the_extra_what_is_near_in_meaning_is_related_and_told_so():
    paper = make_paper("Cats and their owners", abstract="Feline pets at home.")
    others = [make_paper(f"Quantum circuit {n}", abstract="Qubits and gates.") for n in range(6)]
    make_edition(paper, *others)
    own = Shelf()
    own.fetch()

    assert related(own, "kittens") == {paper.pk: "kittens"}
    assert related(own, '"kittens"') == {}


# --- Threads --------------------------------------------------------------------------------


@pytest.mark.usefixtures("many_workers")
def test_two_threads_at_once_get_what_one_gets():
    make_days(3, papers=5)
    own = Shelf()

    def look(n: int) -> list[list[int]]:
        found = []
        for m in range(10):
            held = own.fetch()
            keywords = [own.compile("graph"), own.compile(f"day {(n + m) % 3}")]
            [selection] = own.choose(held.days, [Profile(keywords[m % 2 :], size=20)])
            found.append(sorted(pick.id for pick in selection.picks if pick.terms))
        return found

    told = at_once(*(lambda n=n: look(n) for n in range(4)))

    alone = [look(n) for n in range(4)]
    assert told == alone
    assert [len(found) for found in alone[0]][:2] == [15, 5]
    assert len(own.held.days) == 3
