"""Bent pages into the database: what is good in them is in, once, and the ledger has a verdict."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
import time_machine
from django.db import transaction

from digest import enrich, ingest
from digest.enrichers import ENRICHERS
from digest.enrichers.base import Enricher, Enrichment, Known
from digest.models import Entry, Identifier, IngestRun, Paper
from digest.sources.base import FoundPaper, Look, SetAside
from tests.conftest import share_of
from tests.digest.sources.many import Many
from tests.digest.sources.pages import NOON as PAGES_NOON
from tests.digest.sources.pages import PAGES, PAPERS, Page
from tests.factories import make_paper

pytestmark = pytest.mark.django_db
WITHIN, ANYWHERE, TOLD = 150, 100, 150
"""Cases for each page: of sources, bent in all records but one, and bent anywhere; of enrichers."""
VERDICTS = set(IngestRun.Verdict) - {IngestRun.Verdict.RUNNING}
OF_SOURCES = ("array", "lines", "huggingface", "biorxiv", "arxiv feed", "arxiv API", "arXivRaw")
OF_ENRICHERS = ("github", "semanticscholar", "openalex")
all_cases = Many()


@pytest.fixture(params=OF_SOURCES)
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def page(name: str) -> Page:
    return PAGES[name]


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(PAGES_NOON, tick=True):
        yield


def many(what: str, name: str, cases: int, deed: Callable[[Random], None]) -> None:
    """Do it for so many seeds, each as if it were the first."""

    def undone(chance: Random) -> None:
        with transaction.atomic():
            deed(chance)
            transaction.set_rollback(True)

    all_cases(what, name, cases, undone)


def is_sound(run: IngestRun) -> None:
    run.refresh_from_db()
    assert run.verdict in VERDICTS
    assert run.error.isprintable()
    assert not run.error or " " in run.error, "no bare name of an exception"


def taken_in(page: Page, payload: bytes) -> list[IngestRun]:
    told, _ = page.read(payload)
    runs = [ingest.take_in(one) for one in told if isinstance(one, Look)]
    for run in runs:
        is_sound(run)
    assert Paper.objects.count() == sum(run.added for run in runs) == Entry.objects.count()
    return runs


def test_a_good_record_among_bent_ones_is_in_once(name: str, page: Page):
    good = [one for one in page.good() if isinstance(one, FoundPaper)]
    assert not any(one.only_enriches for one in good)

    def deed(chance: Random) -> None:
        payload, kept = page.bent_within(chance)

        taken_in(page, payload)

        value, scheme = (good[kept].arxiv_id, "arxiv") if good[kept].arxiv_id else (good[kept].doi, "doi")
        names = Identifier.objects.filter(scheme=scheme, value=value)
        [paper] = Paper.objects.filter(identifiers__in=names)
        assert list(paper.authors) == list(good[kept].authors)
        assert good[kept].title in (paper.title, paper.title_source)
        assert Entry.objects.filter(paper=paper).count() == 1

    many("within", name, WITHIN, deed)


def test_what_was_taken_in_is_not_added_again(name: str, page: Page):
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

    many("anywhere", name, ANYWHERE, deed)


class Bent(Enricher):
    """An enricher whose service answers with one payload."""

    def __init__(self, true: Enricher, page: Page, payload: bytes) -> None:
        self.name = self.label = "bent"
        self.every, self.reach = true.every, true.reach
        self.page, self.payload = page, payload

    @property
    def at_once(self) -> int:
        return len(PAPERS)

    def wants(self, paper: Known) -> bool:
        return True

    def ask(self, papers: Sequence[Known]) -> Iterator[Enrichment | SetAside]:
        for told in self.page.ask(self.payload):
            if isinstance(told, Enrichment):
                yield replace(told, id=papers[told.id].id)
            elif isinstance(told, SetAside):
                yield told


@pytest.mark.parametrize("enricher", OF_ENRICHERS)
def test_what_enrichers_tell_bent_spoils_no_paper(enricher: str, monkeypatch: pytest.MonkeyPatch):
    page = PAGES[enricher]
    # The newest is asked about first.
    ours = [
        make_paper(
            f"Paper {n}",
            arxiv_id=known.arxiv_id,
            code_url=known.code_url,
            announced_at=PAGES_NOON - timedelta(hours=1 + n),
        )
        for n, known in enumerate(PAPERS)
    ]
    titles = set(Paper.objects.values_list("pk", "title"))

    def deed(chance: Random) -> None:
        payload = page.bent_within(chance)[0] if chance.random() < 0.5 else page.bent_anywhere(chance)
        monkeypatch.setitem(ENRICHERS, "bent", Bent(ENRICHERS[enricher], page, payload))

        [run] = enrich.enrich("bent")

        is_sound(run)
        assert run.found <= len(ours)
        assert (run.added, set(Paper.objects.values_list("pk", "title"))) == (0, titles)

    many("told", enricher, TOLD, deed)


def test_there_were_enough_of_them():
    if len(all_cases.done) < 2 * len(OF_SOURCES) + len(OF_ENRICHERS):
        pytest.skip("only some of the cases were asked for")
    assert all_cases.done.total() >= share_of(2_000)
