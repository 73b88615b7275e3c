"""What enrichers tell, and where it goes."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from digest import editions, enrich
from digest.enrichers import ENRICHERS
from digest.enrichers.base import Enrichment
from digest.identity import names_of
from digest.models import Edition, Entry, Identifier, IngestRun, Paper, Sighting
from tests.digest.conftest import NOON, found
from tests.digest.scripted import NAME, ScriptedEnricher
from tests.factories import DAY, make_edition, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition_clock")]
ONE_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Have an enricher tell something of a paper, now."""

    def tell(paper: Paper, **fields: Any) -> IngestRun:
        enricher = ScriptedEnricher(
            lambda _papers: [Enrichment(id=paper.pk, **fields)], wants=lambda known: known.id == paper.pk
        )
        monkeypatch.setitem(ENRICHERS, NAME, enricher)
        run = enrich.enrich(NAME)[0]
        paper.refresh_from_db()
        return run

    return tell


def test_stars_become_sightings_and_rank_an_open_edition_anew(told: Any):
    quiet, loud = make_paper(announced_at=NOON), make_paper(announced_at=NOON, upvotes=1)
    make_edition(loud, quiet, published=False)

    run = told(quiet, stars=90_000)

    sighting = Sighting.objects.get(source=NAME)
    assert (sighting.paper, sighting.stars, sighting.upvotes, sighting.seen_at) == (quiet, 90_000, None, NOON)
    assert sighting.run == run
    assert [entry.paper for entry in Entry.objects.order_by("rank")] == [quiet, loud]


def test_stars_leave_a_published_edition_as_it_is(told: Any):
    paper = make_paper(announced_at=NOON)
    make_edition(paper)
    before = list(Entry.objects.values())

    told(paper, stars=90_000)

    assert Sighting.objects.get().stars == 90_000
    assert list(Entry.objects.values()) == before


def test_the_same_stars_again_are_no_new_sighting(told: Any, clock: Any):
    paper = make_paper(announced_at=NOON)
    told(paper, stars=7)
    clock.shift(ONE_DAY)
    told(paper, stars=7)
    assert Sighting.objects.count() == 1

    clock.shift(ONE_DAY)
    told(paper, stars=8)
    assert list(Sighting.objects.order_by("seen_at").values_list("stars", flat=True)) == [7, 8]


@pytest.mark.parametrize(
    ("code_url", "then"),
    [
        (None, "https://github.com/old/name"),
        ("https://github.com/new/name", "https://github.com/new/name"),
        ("", ""),
    ],
    ids=["same", "renamed", "gone"],
)
def test_a_repository_that_moved_or_went_takes_its_link_along(told: Any, code_url: str | None, then: str):
    paper = make_paper(announced_at=NOON, code_url="https://github.com/old/name")

    told(paper, stars=7, code_url=code_url)

    assert paper.code_url == then


def test_a_repository_that_was_private_for_a_day_gets_its_link_back(told: Any, clock: Any):
    paper = make_paper(announced_at=NOON, code_url="https://github.com/some/name")
    told(paper, code_url="")
    assert (paper.code_url, paper.code_gone) == ("", "https://github.com/some/name")

    clock.shift(ONE_DAY)
    told(paper, code_url="")
    assert (paper.code_url, paper.code_gone) == ("", "https://github.com/some/name")

    clock.shift(ONE_DAY)
    told(paper, tldr="What others tell is no word on it.")
    assert paper.code_url == ""

    clock.shift(ONE_DAY)
    told(paper, stars=500)
    assert (paper.code_url, paper.code_gone) == ("https://github.com/some/name", "")


def test_what_is_empty_is_filled_and_nothing_else(told: Any):
    paper = make_paper(
        "Sheep", announced_at=NOON, abstract="Ours.", categories=["cs.CL"], title_source=r"$\mathrm{Sheep}$"
    )
    told(
        paper,
        abstract="Theirs.",
        tldr="Short.",
        tldr_by="A machine",
        organization="A lab",
        comment="9 pages",
        licence="CC BY 4.0",
        categories=("cs.CL", "cs.CV"),
        primary_category="cs.CL",
    )

    assert (paper.title, paper.title_source, paper.abstract) == ("Sheep", r"$\mathrm{Sheep}$", "Ours.")
    assert (paper.tldr, paper.tldr_by, paper.organization) == ("Short.", "A machine", "A lab")
    assert (paper.comment, paper.licence) == ("9 pages", "CC BY 4.0")
    assert (paper.categories, paper.primary_category) == (["cs.CL", "cs.CV"], "cs.CL")
    assert paper.authors == ["Ada Lovelace", "Mary Somerville"]
    assert not Edition.objects.exists()


def test_an_answer_that_tells_nothing_changes_nothing(told: Any):
    paper = make_paper(announced_at=NOON, abstract="Ours.", version=2)
    before = Paper.objects.values().get()

    run = told(paper)

    assert Paper.objects.values().get() == before
    assert (run.changed, run.added) == (0, 0)


def test_a_withdrawal_is_taken_over_and_ends_the_asking(told: Any):
    paper = make_paper(announced_at=NOON, version=1)
    make_edition(paper)

    told(paper, version=2, withdrawn=True)

    assert (paper.withdrawn, paper.version) == (True, 2)
    assert not Entry.objects.shown().exists()


def test_a_paper_known_by_its_title_alone_is_found_again(told: Any):
    paper = make_paper("Counting Sheep", announced_at=NOON)
    paper.identifiers.all().delete()
    key = names_of(found("Counting sheep", doi="", authors=("Ada Lovelace",)))[-1][1]
    Identifier.objects.create(paper=paper, scheme="title", value=key)

    told(paper, tldr="Short.")

    assert paper.tldr == "Short."
    assert Paper.objects.count() == 1


def test_a_paper_that_is_not_found_again_is_not_added_once_more(told: Any):
    paper = make_paper(announced_at=NOON)
    paper.identifiers.all().delete()

    run = told(paper, tldr="Short.")

    assert (run.added, run.passed_over) == (0, 1)
    assert Paper.objects.get().tldr == ""


def test_a_newer_version_that_is_told_without_its_text_leaves_the_text(told: Any):
    paper = make_paper(
        "Sheep", announced_at=NOON, version=1, title_source=r"$\mathrm{Sheep}$", abstract="Ours."
    )

    told(paper, version=2)

    assert (paper.title, paper.title_source, paper.abstract) == ("Sheep", r"$\mathrm{Sheep}$", "Ours.")
    assert paper.version == 1, "or the text of that version would be taken for known when it comes"


def test_a_doi_that_is_another_rows_makes_the_two_one(told: Any):
    """An enricher tells that the preprint and the article are one."""
    preprint = make_paper("Sheep", announced_at=NOON)
    article = make_paper("Sheep, published", announced_at=NOON)
    article.identifiers.all().delete()
    Identifier.objects.create(paper=article, scheme="doi", value="10.1000/sheep")
    make_edition(preprint, article, day=DAY, published=False)

    told(preprint, doi="10.1000/sheep")

    article.refresh_from_db()
    assert article.same_as == preprint
    assert Identifier.objects.get(value="10.1000/sheep").paper == preprint


def test_a_second_doi_is_a_second_name_of_a_paper_that_has_an_arxiv_id(told: Any):
    paper = make_paper(announced_at=NOON)
    Identifier.objects.create(paper=paper, scheme="doi", value="10.1000/first")

    told(paper, doi="10.1000/second")

    names = paper.identifiers.filter(scheme="doi").values_list("value", flat=True)
    assert set(names) == {"10.1000/first", "10.1000/second"}


def test_what_is_told_of_a_paper_of_an_edition_that_closes_meanwhile_is_kept(told: Any):
    paper = make_paper(announced_at=NOON)
    edition = make_edition(paper, published=False)
    editions.publish(edition)

    told(paper, tldr="Short.", stars=3)

    assert paper.tldr == "Short."
    assert Entry.objects.get().breakdown["counts"]["stars"] is None
