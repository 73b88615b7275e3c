"""Bent pages into the database: what is good in them is in, once, and the ledger has a verdict."""

from collections.abc import Callable
from random import Random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from digest import ingest
from digest.models import Entry, Identifier, IngestRun, Paper
from digest.sources.base import FoundPaper, Look
from tests.digest.sources.pages import PAGES, Page

pytestmark = pytest.mark.django_db
WITHIN, ANYWHERE = 50, 25
"""Cases for each page."""
VERDICTS = set(IngestRun.Verdict) - {IngestRun.Verdict.RUNNING}


@pytest.fixture(params=["array", "lines", "huggingface", "arxiv feed"])
def page(request: pytest.FixtureRequest) -> Page:
    return PAGES[request.param]


def many(cases: int, deed: Callable[[Random], None]) -> None:
    """Do it for so many seeds, each as if it were the first."""

    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],  # a smaller seed is no smaller case
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**64 - 1))
    def one(seed: int) -> None:
        with transaction.atomic():
            deed(Random(seed))
            transaction.set_rollback(True)

    one()


def taken_in(page: Page, payload: bytes) -> list[IngestRun]:
    told, _ = page.read(payload)
    runs = [ingest.take_in(one) for one in told if isinstance(one, Look)]
    for run in runs:
        run.refresh_from_db()
        assert run.verdict in VERDICTS
        assert run.error.isprintable()
    assert Paper.objects.count() == sum(run.added for run in runs) == Entry.objects.count()
    return runs


def test_a_good_record_among_bent_ones_is_in_once(page: Page):
    good = [one for one in page.good() if isinstance(one, FoundPaper)]

    def deed(chance: Random) -> None:
        payload, kept = page.bent_within(chance)

        taken_in(page, payload)

        names = Identifier.objects.filter(scheme="arxiv", value=good[kept].arxiv_id)
        [paper] = Paper.objects.filter(identifiers__in=names)
        assert list(paper.authors) == list(good[kept].authors)
        assert good[kept].title in (paper.title, paper.title_source)
        assert Entry.objects.filter(paper=paper).count() == 1

    many(WITHIN, deed)


def test_what_was_taken_in_is_not_added_again(page: Page):
    def deed(chance: Random) -> None:
        payload = page.bent_anywhere(chance)
        taken_in(page, payload)
        before = set(Identifier.objects.values_list("scheme", "value", "paper"))
        papers = Paper.objects.count()

        told, _ = page.read(payload)
        again = [ingest.take_in(one) for one in told if isinstance(one, Look)]

        assert sum(run.added for run in again) == 0
        assert Paper.objects.count() == papers
        assert set(Identifier.objects.values_list("scheme", "value", "paper")) == before

    many(ANYWHERE, deed)
