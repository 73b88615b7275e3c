"""A preview asks little of the database, and what it holds stays small."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from digest import shelf as module
from digest.preview import preview
from digest.shelf import shelf
from tests.digest.test_preview import make_day, wish
from tests.factories import DAY, make_edition, make_paper

pytestmark = pytest.mark.django_db


def queries(typed: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        preview(wish(typed))
    return len(captured)


def test_a_second_look_takes_four_queries_however_many_days_and_keywords():
    for ago in range(20):
        make_day(ago, "Retrieval", "Robots")
    preview(wish("retrieval"))

    assert queries("retrieval") == 4
    assert queries(", ".join(["retrieval", *(f"term {n}" for n in range(29))])) == 4


def test_a_first_look_takes_one_query_more_for_each_edition_and_a_new_edition_one():
    for ago in range(1, 8):
        make_day(ago, "Retrieval")

    assert queries("retrieval") == 4 + 7
    make_day(0, "Retrieval")
    assert queries("retrieval") == 4 + 1


def test_an_edition_that_left_the_window_is_let_go():
    make_day(29, "Retrieval")
    make_day(28, "Retrieval")
    preview(wish("retrieval"))
    assert len(shelf.held.days) == 2

    make_day(0, "Retrieval")
    make_edition(make_paper("Retrieval"), day=DAY + timedelta(days=1))
    preview(wish("retrieval"))

    assert [day.date for day in shelf.held.days] == [
        DAY + timedelta(days=1),
        DAY,
        DAY - timedelta(days=28),
    ]


def test_a_curated_edition_is_held_once_however_often_it_is_curated():
    edition = make_day(0, "Retrieval one", "Retrieval two")
    for pin in range(1, 5):
        edition.entries.filter(paper__title="Retrieval one").update(pin=pin)
        preview(wish("retrieval"))

    assert len(shelf.held.days) == 1


def test_what_strangers_type_is_not_remembered_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "TERMS", 20)
    make_day(0, "Retrieval", "Robots")
    most = 0
    for n in range(100):
        preview(wish(f"term {n}, other {n}"))
        most = max(most, len(shelf.keywords), len(shelf.held.days[0].index._found))

    assert most <= 20
    assert preview(wish("retrieval")).papers == 1


def test_where_days_are_full_fewer_of_them_are_held(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PAPERS", 5)
    for ago in range(4):
        make_day(ago, "Retrieval", "Robots")

    assert preview(wish("retrieval")).days == 2
    assert sum(len(day.candidates) for day in shelf.held.days) <= 5


def test_a_single_day_is_looked_at_however_full_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PAPERS", 1)
    make_day(0, "Retrieval", "Robots")

    assert (preview(wish("retrieval")).days, preview(wish("retrieval")).papers) == (1, 1)
