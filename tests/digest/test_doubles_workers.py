"""Two workers that learn at the same moment that two rows are one paper."""

import pytest

from digest import ingest
from digest.models import Entry, Identifier, IngestRun, Paper, Sighting, Vote
from digest.sources.base import FoundPaper
from tests.digest.conftest import NOON, at_once, found, look_at
from tests.digest.doubled import ONE_DAY
from tests.factories import DAY, make_subscriber

PAPERS = 40


def pairs() -> list[FoundPaper]:
    """Records that name both rows of each paper."""
    return [
        found(f"Sheep {n}", arxiv_id=f"2501.{n:05d}", doi=f"10.1000/{n}", upvotes=9) for n in range(PAPERS)
    ]


@pytest.fixture(autouse=True)
def rows(many_workers: None) -> None:
    """Papers in two rows each, of two days, with votes and sightings of one moment on both."""
    ingest.take_in(
        look_at(*[found(f"Sheep {n}", arxiv_id=f"2501.{n:05d}", upvotes=1) for n in range(PAPERS)])
    )
    others = [found(f"On sheep {n}", doi=f"10.1000/{n}", upvotes=2) for n in range(PAPERS)]
    ingest.take_in(look_at(*others, day=DAY + ONE_DAY))
    reader = make_subscriber()
    Vote.objects.bulk_create(
        Vote(subscriber=reader, paper=paper, kind=Vote.Kind.UPVOTE) for paper in Paper.objects.all()
    )


def is_joined() -> None:
    """Every pair is one paper with all that both had."""
    assert Paper.objects.filter(same_as=None).count() == PAPERS
    assert Entry.objects.shown().count() == PAPERS
    assert not Identifier.objects.exclude(paper__same_as=None).exists()
    assert not Sighting.objects.exclude(paper__same_as=None).exists()
    assert Vote.objects.filter(paper__same_as=None).count() == Vote.objects.count() == PAPERS
    assert set(IngestRun.objects.values_list("verdict", flat=True)) == {"complete"}


def test_two_workers_that_join_the_same_rows_do_it_once():
    records = pairs()
    seen_at = NOON + 2 * ONE_DAY

    runs = at_once(
        lambda: ingest.take_in(look_at(*records, day=DAY + 2 * ONE_DAY, seen_at=seen_at)),
        lambda: ingest.take_in(look_at(*reversed(records), day=DAY + 2 * ONE_DAY, seen_at=seen_at)),
    )

    is_joined()
    assert [run.added for run in runs] == [0, 0]
    assert Sighting.objects.filter(seen_at=seen_at).count() == PAPERS


def test_rows_that_are_seen_while_another_worker_joins_them_lose_nothing():
    records = pairs()
    told = [found(f"On sheep {n}", doi=f"10.1000/{n}", upvotes=5, tldr="Short.") for n in range(PAPERS)]

    at_once(
        lambda: ingest.take_in(look_at(*records, day=DAY + 2 * ONE_DAY, seen_at=NOON + 2 * ONE_DAY)),
        lambda: ingest.take_in(look_at(*told, day=DAY + 3 * ONE_DAY, seen_at=NOON + 3 * ONE_DAY)),
    )

    is_joined()
    assert Sighting.objects.filter(upvotes=5).count() == PAPERS
    assert Paper.objects.filter(same_as=None, tldr="Short.").count() == PAPERS
