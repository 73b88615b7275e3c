"""Ranking, publishing, freezing; and when an edition is ready."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist

from digest import agenda, editions, ingest
from digest.editions import NothingToPublish
from digest.models import Edition, Entry, IngestRun, Sighting
from digest.relevance.trending import Signals, trend
from tests.digest.conftest import NOON, found, look_at, steps_of
from tests.factories import DAY, make_edition, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition_clock")]
HOUR = timedelta(hours=1)
Verdict = IngestRun.Verdict


def looked(source: str, verdict: IngestRun.Verdict = Verdict.COMPLETE, day: date = DAY) -> None:
    proven = verdict in (Verdict.COMPLETE, Verdict.HOLIDAY, Verdict.EMPTY)
    at = NOON - timedelta(hours=3)
    IngestRun.objects.create(source=source, day=day, verdict=verdict, settled=proven, started_at=at)


# --- Ranking --------------------------------------------------------------------------------


def test_papers_are_ranked_by_their_score_and_ties_by_arrival():
    papers = [make_paper(upvotes=votes) for votes in (3, 9, None, 3)]
    edition = make_edition(*papers, published=False)

    assert [entry.paper for entry in edition.entries.order_by("rank")] == [
        papers[1],
        papers[0],
        papers[3],
        papers[2],
    ]
    assert [entry.rank for entry in edition.entries.order_by("rank")] == [1, 2, 3, 4]


def test_the_breakdown_says_what_a_score_is_made_of():
    paper = make_paper(announced_at=NOON - 6 * HOUR)
    Sighting.objects.create(paper=paper, source="file", seen_at=NOON, upvotes=41, comments=2, stars=171)
    edition = make_edition(paper, published=False)

    entry = edition.entries.get()
    told = Signals(41, 2, 171)
    expected = trend(told, 6.0, gained=Signals(41, 2))  # all of it in its first day, but for the stars
    assert entry.score == pytest.approx(expected.score)
    assert entry.breakdown == {
        "counts": {"upvotes": 41, "comments": 2, "stars": 171},
        "gained": {},
        "score": round(expected.score, 3),
        "age_hours": 6.0,
        "parts": {name: round(part, 3) for name, part in expected.parts.items()},
        "factors": {},
    }


def test_a_paper_nobody_counted_scores_nothing_and_says_so():
    entry = make_edition(make_paper(), published=False).entries.get()

    assert entry.score == 0
    assert entry.breakdown["counts"] == {"upvotes": None, "comments": None, "stars": None}
    assert entry.breakdown["parts"] == {}


def test_age_counts_to_the_closing_time_however_late_the_ranking():
    edition = make_edition(make_paper(announced_at=NOON - 10 * HOUR, upvotes=5), published=False)

    editions.rank(edition, now=NOON + timedelta(days=40))

    assert edition.entries.get().breakdown["age_hours"] == 10.0


def test_before_the_closing_time_age_counts_to_now():
    edition = make_edition(make_paper(announced_at=NOON - 10 * HOUR, upvotes=5), published=False)

    editions.rank(edition, now=NOON - 7 * HOUR)

    assert edition.entries.get().breakdown["age_hours"] == 3.0


def test_a_paper_announced_after_the_closing_time_is_of_no_age():
    edition = make_edition(make_paper(announced_at=NOON + 5 * HOUR, upvotes=5), published=False)

    editions.rank(edition, now=NOON + 9 * HOUR)

    assert edition.entries.get().breakdown["age_hours"] == 0.0


def test_ranking_takes_the_same_number_of_queries_however_many_papers():
    few = make_edition(*[make_paper(upvotes=n) for n in range(5)], published=False)
    lots = make_edition(*[make_paper(upvotes=n) for n in range(150)], day=DAY + timedelta(1), published=False)

    assert steps_of(lambda: editions.rank(few)) == steps_of(lambda: editions.rank(lots))


# --- Publishing -----------------------------------------------------------------------------


def test_publishing_ranks_dates_and_signs_the_edition():
    editor = User.objects.create(username="editor")
    edition = make_edition(make_paper(upvotes=1), make_paper(upvotes=2), published=False)
    Entry.objects.update(rank=None, score=0)

    published = editions.publish(edition, by=editor, now=NOON)

    published.refresh_from_db()
    assert published.is_published
    assert (published.published_at, published.published_by) == (NOON, editor)
    assert set(published.entries.values_list("rank", flat=True)) == {1, 2}


def test_publishing_twice_changes_nothing():
    editor = User.objects.create(username="editor")
    edition = make_edition(make_paper(upvotes=1), at=NOON)
    before = Edition.objects.values().get()

    again = editions.publish(edition, by=editor, now=NOON + HOUR)

    assert Edition.objects.values().get() == before
    assert again.published_at == NOON


def test_a_published_list_is_frozen_and_late_papers_go_to_the_next_open_edition():
    for days in range(3):
        make_edition(make_paper(), day=DAY + timedelta(days))
    before = list(Entry.objects.order_by("pk").values())

    with time_machine.travel(NOON + timedelta(days=9)):
        ingest.take_in(look_at(found("Late", upvotes=99)))

    assert list(Entry.objects.exclude(paper__title="Late").order_by("pk").values()) == before
    # Not of some weekend since: nobody looks there any more.
    assert Entry.objects.get(paper__title="Late").edition.date == DAY + timedelta(days=9)


def test_late_papers_of_long_ago_are_no_news_of_today():
    for days in (0, 1, 14):
        make_edition(make_paper(), day=DAY + timedelta(days))

    for days, title in ((14, "Late"), (15, "Too late")):
        with time_machine.travel(NOON + timedelta(days=days)):
            ingest.take_in(look_at(found(title)))

    assert Entry.objects.get(paper__title="Late").edition.date == DAY + timedelta(days=15)
    assert Entry.objects.get(paper__title="Too late").edition.date == DAY + timedelta(days=2)


def test_an_edition_without_papers_is_not_published():
    edition = Edition.objects.create(date=DAY)

    with pytest.raises(
        NothingToPublish, match=r"edition of 2025-09-26 has no papers.*ingest --date 2025-09-26"
    ):
        editions.publish(edition)

    edition.refresh_from_db()
    assert not edition.is_published


@pytest.mark.parametrize("how", ["hidden", "withdrawn"])
def test_an_edition_whose_papers_may_not_be_shown_is_not_published(how: str):
    paper = make_paper(withdrawn=how == "withdrawn")
    edition = make_edition(paper, published=False)
    edition.entries.update(hidden=how == "hidden")

    with pytest.raises(NothingToPublish):
        editions.publish(edition)


def test_the_edition_of_a_day_is_published_by_its_date():
    make_edition(make_paper(), published=False)

    assert editions.publish_date(DAY).is_published


def test_a_day_without_an_edition_has_nothing_to_publish():
    with pytest.raises(NothingToPublish, match=r"no edition of 2025-09-26.*ingest --date 2025-09-26"):
        editions.publish_date(DAY)


def test_an_edition_that_is_gone_is_not_published():
    edition = make_edition(make_paper(), published=False)
    Edition.objects.all().delete()

    with pytest.raises(ObjectDoesNotExist):
        editions.publish(edition)


# --- Complete or partial --------------------------------------------------------------------


@pytest.mark.parametrize("verdict", [Verdict.COMPLETE, Verdict.HOLIDAY, Verdict.EMPTY])
def test_an_edition_of_proven_sources_is_whole(settings: Any, verdict: IngestRun.Verdict):
    settings.SOURCES = ["huggingface"]
    looked("huggingface", Verdict.FAILED)
    looked("huggingface", verdict)

    assert not make_edition(make_paper()).partial


@pytest.mark.parametrize("verdict", [Verdict.PARTIAL, Verdict.STALE, Verdict.FAILED, Verdict.RUNNING])
def test_an_edition_of_sources_that_proved_nothing_is_partial(settings: Any, verdict: IngestRun.Verdict):
    settings.SOURCES = ["huggingface"]
    looked("huggingface", verdict)
    looked("file")
    looked("huggingface", day=DAY - timedelta(days=1))

    assert make_edition(make_paper()).partial


def test_every_source_that_is_switched_on_has_to_be_proven(settings: Any):
    settings.SOURCES = ["huggingface", "biorxiv"]
    looked("huggingface")
    assert not agenda.complete(DAY, editions.closing_time(DAY))

    looked("biorxiv")
    assert agenda.complete(DAY, editions.closing_time(DAY))


def test_where_no_source_is_switched_on_nothing_is_missing(settings: Any):
    settings.SOURCES = []
    assert agenda.complete(DAY, editions.closing_time(DAY))


# --- Ready ----------------------------------------------------------------------------------


def test_before_its_closing_time_no_edition_is_ready():
    make_edition(make_paper(), published=False)

    assert editions.ready_to_publish(NOON - timedelta(seconds=1)) == []


def test_at_its_closing_time_an_edition_of_complete_sources_is_ready(settings: Any):
    settings.SOURCES = ["huggingface"]
    edition = make_edition(make_paper(), published=False)
    looked("huggingface")

    assert editions.ready_to_publish(NOON) == [edition]


def test_an_edition_of_incomplete_sources_waits_for_its_grace_and_is_then_partial(settings: Any):
    settings.SOURCES = ["huggingface"]
    edition = make_edition(make_paper(), published=False)
    looked("huggingface", Verdict.PARTIAL)

    assert editions.ready_to_publish(NOON + editions.GRACE - timedelta(seconds=1)) == []
    assert editions.ready_to_publish(NOON + editions.GRACE) == [edition]
    assert editions.publish(edition).partial


def test_an_edition_of_long_ago_waits_for_all_that_is_being_fetched_of_its_day(settings: Any):
    """One category after the other: the first must not be published before the others are in."""
    settings.SOURCES = ["huggingface", "biorxiv"]
    day = DAY - timedelta(days=30)
    edition = make_edition(make_paper(), day=day, published=False)
    looked("huggingface", day=day)

    begun = NOON - timedelta(hours=3)
    assert editions.ready_to_publish(begun + editions.GRACE - timedelta(seconds=1)) == []
    assert editions.ready_to_publish(begun + editions.GRACE) == [edition]
    looked("biorxiv", day=day)
    assert editions.ready_to_publish(NOON - timedelta(hours=2)) == [edition]


def test_empty_and_published_editions_are_never_ready():
    Edition.objects.create(date=DAY)
    make_edition(make_paper(), day=DAY - timedelta(days=1))

    assert editions.ready_to_publish(NOON + timedelta(days=9)) == []


def test_what_was_missed_is_published_oldest_first():
    days = [DAY - timedelta(days=n) for n in (1, 5, 3)]
    for day in days:
        make_edition(make_paper(), day=day, published=False)

    assert [edition.date for edition in editions.ready_to_publish(NOON)] == sorted(days)


def test_an_edition_of_tomorrow_is_not_ready_today():
    make_edition(make_paper(), day=DAY + timedelta(days=1), published=False)

    assert editions.ready_to_publish(NOON + 11 * HOUR) == []


# --- Another zone, another hour -------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "at", "closing"),
    [
        ("UTC", "12:00", datetime(2025, 9, 26, 12, tzinfo=UTC)),
        ("Europe/Berlin", "06:30", datetime(2025, 9, 26, 4, 30, tzinfo=UTC)),
        ("America/Los_Angeles", "20:00", datetime(2025, 9, 27, 3, tzinfo=UTC)),
        ("Pacific/Kiritimati", "01:00", datetime(2025, 9, 25, 11, tzinfo=UTC)),
    ],
)
def test_an_edition_closes_at_its_own_hour_in_its_own_zone(
    edition_clock: Callable[..., None], zone: str, at: str, closing: datetime
):
    edition_clock(zone=zone, at=at)
    edition = make_edition(make_paper(), published=False)

    assert editions.closing_time(DAY) == closing
    assert editions.ready_to_publish(closing - timedelta(seconds=1)) == []
    assert editions.ready_to_publish(closing) == [edition]


@time_machine.travel(datetime(2025, 9, 26, 23, 30, tzinfo=UTC), tick=False)
@pytest.mark.parametrize(
    ("zone", "today"),
    [
        ("UTC", date(2025, 9, 26)),
        ("Europe/Berlin", date(2025, 9, 27)),
        ("America/New_York", date(2025, 9, 26)),
    ],
)
def test_today_is_the_date_where_the_edition_is_made(
    edition_clock: Callable[..., None], zone: str, today: date
):
    edition_clock(zone=zone)
    assert editions.today() == today


def test_the_closing_time_follows_the_clocks(edition_clock: Callable[..., None]):
    edition_clock(zone="Europe/Berlin", at="12:00")

    assert editions.closing_time(date(2025, 7, 1)).astimezone(UTC).hour == 10
    assert editions.closing_time(date(2025, 12, 1)).astimezone(UTC).hour == 11


# --- The next open one ----------------------------------------------------------------------


def test_the_next_open_edition_is_made_where_there_is_none():
    make_edition(make_paper())

    assert editions.open_edition(DAY).date == DAY + timedelta(days=1)
    assert editions.open_edition(DAY).pk == editions.open_edition(DAY).pk
    assert editions.open_edition(DAY - timedelta(days=1)).date == DAY - timedelta(days=1)
