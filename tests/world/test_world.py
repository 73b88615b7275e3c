"""The world is true to the formats: what went in comes out, through the standard library's parsers."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.world.calendar import window
from tests.world.fixtures import TODAY
from tests.world.invented import MANY, START, invented
from tests.world.papers import Listing
from tests.world.server import WorldServer
from tests.world.visitor import get

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
DC = "{http://purl.org/dc/elements/1.1/}"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
RAW = "{http://arxiv.org/OAI/arXivRaw/}"
SATURDAY = date(2026, 9, 19)


def daily(server: WorldServer, query: str) -> Any:
    return json.loads(get(f"{server.url}/hf/api/daily_papers?{query}").body)


# --- The world itself -------------------------------------------------------------------------


def test_the_same_seed_makes_the_same_world_and_another_one_another():
    assert invented(3).papers == invented(3).papers
    assert invented(3).papers != invented(4).papers


def test_it_holds_two_weeks_with_all_that_is_awkward():
    world = invented()

    days = [START + timedelta(days=number) for number in range(14)]
    told = [len([t for t in world.announced(day, ["cs.CV"]) if t.kind == "new"]) for day in days]
    assert [count == 0 for count in told] == [day.weekday() >= 5 for day in days]
    assert all(8 <= count <= 18 for count in told if count)
    assert {t.kind for day in days for t in world.announced(day, ["cs.CV"])} == {
        "new", "cross", "replace", "replace-cross",
    }  # fmt: skip
    titles = [paper.title for paper in world.papers.values()]
    assert len(titles) == len(set(titles))
    assert "0" in titles
    assert any("\n" in title for title in titles)
    assert any("\\" in title for title in titles)
    assert max(len(paper.authors) for paper in world.papers.values()) == MANY
    assert any("I" in v.source_type for paper in world.papers.values() for v in paper.versions)


def test_papers_were_submitted_in_the_window_of_their_batch():
    world = invented()

    for day in (date(2026, 9, 14), date(2026, 9, 15), date(2026, 9, 18)):
        first, last = window(day)
        for told in world.announcements[day]:
            if told.kind == "new":
                assert first <= world.papers[told.arxiv_id].versions[0].submitted_at < last


def test_windows_end_at_two_in_the_afternoon_in_new_york_and_fridays_reach_to_monday():
    def spoken(day: date) -> list[str]:
        return [f"{moment:%a %H:%M}" for moment in window(day)]

    assert spoken(date(2026, 9, 21)) == ["Thu 18:00", "Fri 18:00"]
    assert spoken(date(2026, 9, 22)) == ["Fri 18:00", "Mon 18:00"]
    assert spoken(date(2026, 9, 23)) == ["Mon 18:00", "Tue 18:00"]
    assert spoken(date(2026, 11, 4)) == ["Mon 19:00", "Tue 19:00"]  # winter time


def test_a_holiday_brings_nothing_and_the_day_after_has_both_windows():
    holiday = date(2026, 9, 16)

    assert not invented(closed=[holiday]).announced(holiday, ["cs.CV"])
    assert window(date(2026, 9, 17), [holiday])[0] == window(holiday)[0]


# --- Hugging Face -----------------------------------------------------------------------------


def test_a_daily_list_is_told_with_the_upvotes_of_the_moment(server: WorldServer):
    day = date(2026, 9, 21)
    first = daily(server, f"date={day}")
    server.turn_to(day + timedelta(days=5))
    later = daily(server, f"date={day}")

    assert {entry["paper"]["id"] for entry in first} == {
        listed.arxiv_id for listed in server.world.daily[day] if isinstance(listed, Listing)
    }
    assert all(entry["paper"]["submittedOnDailyAt"].startswith("2026-09-21T") for entry in first)
    known = server.world.papers[first[0]["paper"]["id"]]
    assert first[0]["title"] == known.title
    assert [author["name"] for author in first[0]["paper"]["authors"]] == [a.name for a in known.authors]
    assert sum(e["paper"]["upvotes"] for e in later) > sum(e["paper"]["upvotes"] for e in first)
    # New York's clock is four hours behind, and says Z.
    outer, inner = (datetime.fromisoformat(e["publishedAt"]) for e in (first[0], first[0]["paper"]))
    assert inner - outer == timedelta(hours=4)


def test_a_daily_list_comes_in_pages_of_50_or_as_wished(server: WorldServer):
    names = [name for name in sorted(server.world.papers) if name.startswith("2609")][:120]
    server.world.list_daily(date(2026, 9, 19), *(Listing(name, (1,)) for name in names))

    pages = [daily(server, f"date=2026-09-19&p={page}") for page in range(4)]
    assert [len(page) for page in pages] == [50, 50, 20, 0]
    assert {entry["paper"]["id"] for page in pages for entry in page} == set(names)
    assert len(daily(server, "date=2026-09-19&limit=100")) == 100
    assert len(daily(server, "date=2026-09-19&limit=100&p=1")) == 20


def test_a_list_that_grows_is_told_as_far_as_it_has_come():
    with WorldServer(invented(grows=True)) as server:
        counts = []
        for hour in (1, 12, 23):
            server.turn_to(TODAY, hour)
            counts.append(len(daily(server, f"date={TODAY}&limit=100")))

    assert 0 < counts[0] < counts[2] == len(server.world.daily[TODAY])
    assert counts == sorted(counts)


@pytest.mark.parametrize("query", ["date=2026-13-01", "date=20260921", "week=2026-W99", "p=x", "limit=0"])
def test_a_daily_list_of_no_day_is_refused(server: WorldServer, query: str):
    answer = get(f"{server.url}/hf/api/daily_papers?{query}")

    assert answer.status == 400
    assert "error" in json.loads(answer.body)


def test_weekends_weeks_and_months_of_the_daily_list(server: WorldServer):
    listed = {day: len(rows) for day, rows in server.world.daily.items()}

    assert daily(server, f"date={SATURDAY}") == []
    in_week = sum(count for day, count in listed.items() if day.isocalendar().week == 38)
    assert len(daily(server, "week=2026-W38&limit=100")) == in_week
    assert len(daily(server, "month=2026-09&limit=100")) == sum(
        n for day, n in listed.items() if day <= TODAY
    )


def test_what_is_not_known_of_an_entry_is_absent_and_never_null(server: WorldServer):
    rows = daily(server, "month=2026-09&limit=100")

    for name in ("githubRepo", "projectPage", "ai_summary", "organization"):
        assert 0 < sum(name in row["paper"] for row in rows) < len(rows)
    assert sum("submittedBy" not in row for row in rows) > 0
    assert "null" not in json.dumps(rows)
    endings = {row["paper"].get("githubRepo", "/x")[-4:] for row in rows}
    assert ".git" in endings
