"""What readers are told of the sources: one short line, in their language, for one query."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from digest.models import IngestRun
from digest.site.provenance import STRENGTH, provenance
from tests.digest.conftest import steps_of
from tests.factories import DAY, make_edition, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition_clock")]
ONE = timedelta(days=1)
URL = f"/papers/{DAY}/"


@pytest.fixture(autouse=True)
def later() -> Any:
    with time_machine.travel(datetime(2025, 9, 28, 14, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def switched_on(settings: Any) -> None:
    settings.SOURCES = ["huggingface", "arxiv", "biorxiv"]
    settings.ARXIV_CATEGORIES = ["cs.CL", "cs.CV"]


def run(
    verdict: str, source: str = "huggingface", category: str = "", *, day: Any = DAY, settled: bool = True
) -> None:
    IngestRun.objects.create(source=source, category=category, day=day, verdict=verdict, settled=settled)


def line(client: Client, url: str = URL, **headers: str) -> str:
    """What the page says of its sources, '' if nothing."""
    text = client.get(url, headers=headers).content.decode()
    return "".join(html.unescape(said) for said in re.findall(r'<p class="sources">(.*?)</p>', text))


# --- On the page ----------------------------------------------------------------------------


def test_a_day_says_what_each_source_proved(client: Client):
    make_edition(make_paper())
    run("complete")
    run("complete", "arxiv", "cs.CL")
    run("complete", "arxiv", "cs.CV")
    run("partial", "biorxiv")

    told = "Sources: Hugging Face complete; arXiv complete (2 categories); bioRxiv partial"
    assert line(client) == told
    assert line(client, "/") == told


def test_a_day_nobody_looked_at_says_nothing(client: Client):
    make_edition(make_paper())
    run("complete", day=DAY - ONE)

    assert line(client) == ""


def test_nothing_is_said_of_what_is_switched_off(client: Client, settings: Any):
    make_edition(make_paper())
    run("complete")
    run("failed", "medrxiv")
    run("failed", "arxiv", "cs.RO")
    run("failed", "arxiv")  # read from a file
    assert line(client) == "Sources: Hugging Face complete; arXiv not read; bioRxiv not read"

    settings.SOURCES = []
    assert line(client) == ""


def test_german_readers_read_german(client: Client):
    make_edition(make_paper())
    run("complete")
    run("complete", "arxiv", "cs.CL")
    run("failed", "biorxiv")

    told = line(client, **{"Accept-Language": "de"})

    assert told == (
        "Quellen: Hugging Face vollständig; arXiv unvollständig (1 von 2 Kategorien vollständig); "
        "bioRxiv nicht lesbar"
    )


@pytest.mark.parametrize("url", [URL, "/"])
def test_it_costs_one_query_however_many_looks_there_were(client: Client, settings: Any, url: str):
    make_edition(make_paper())
    for verdict in STRENGTH * 6:
        run(verdict)
        run(verdict, "arxiv", "cs.CV")
    cost = steps_of(lambda: line(client, url))
    assert steps_of(lambda: provenance(DAY)) == 1

    settings.SOURCES = []
    assert steps_of(lambda: line(client, url)) == cost - 1


# --- In words -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_verdict_has_words_of_its_own(settings: Any, language: str):
    settings.SOURCES = ["huggingface"]
    said = set()
    for verdict in IngestRun.Verdict:
        IngestRun.objects.all().delete()
        run(verdict)
        with translation.override(language):
            said.add(provenance(DAY))

    assert len(said) == len(IngestRun.Verdict)


def test_the_strongest_look_counts_whenever_it_was(settings: Any):
    settings.SOURCES = ["huggingface"]
    assert set(STRENGTH) == set(IngestRun.Verdict)
    for verdict in reversed(STRENGTH):
        run(verdict)
        told = provenance(DAY)
    run("failed")

    assert provenance(DAY) == told == "Sources: Hugging Face complete"


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([("cs.CL", "complete"), ("cs.CV", "holiday")], "arXiv complete (2 categories)"),
        ([("cs.CL", "complete"), ("cs.CV", "failed")], "arXiv partial (1 of 2 categories complete)"),
        ([("cs.CL", "complete")], "arXiv partial (1 of 2 categories complete)"),
        ([("cs.CL", "partial"), ("cs.CV", "failed")], "arXiv partial"),
        ([("cs.CL", "stale"), ("cs.CV", "failed")], "arXiv not up to date"),
        ([("cs.CL", "failed"), ("cs.CV", "failed")], "arXiv could not be read"),
        ([("cs.CL", "holiday"), ("cs.CV", "holiday")], "arXiv off that day"),
        ([("cs.CL", "failed")], "arXiv could not be read"),
    ],
)
def test_categories_are_summed_up(settings: Any, looks: list[tuple[str, str]], told: str):
    settings.SOURCES = ["arxiv"]
    for category, verdict in looks:
        run(verdict, "arxiv", category)

    assert provenance(DAY) == f"Sources: {told}"


def test_an_empty_list_that_may_fill_yet_is_not_all(settings: Any):
    settings.SOURCES = ["arxiv"]
    run("complete", "arxiv", "cs.CL")
    run("empty", "arxiv", "cs.CV", settled=False)
    assert provenance(DAY) == "Sources: arXiv partial (1 of 2 categories complete)"

    run("empty", "arxiv", "cs.CV", settled=True)
    assert provenance(DAY) == "Sources: arXiv complete (2 categories)"


def test_a_list_that_still_grows_is_complete_so_far(settings: Any, later: Any):
    settings.SOURCES = ["huggingface", "biorxiv"]
    later.move_to(datetime(2025, 9, 26, 14, tzinfo=UTC))
    run("complete")
    run("complete", "biorxiv")

    growing = provenance(DAY)
    later.shift(ONE)

    assert growing.startswith("Sources: Hugging Face complete so far; bioRxiv")
    assert provenance(DAY).startswith("Sources: Hugging Face complete; bioRxiv")


def test_a_list_that_grew_while_nobody_could_read_it_is_partial(settings: Any, later: Any):
    settings.SOURCES = ["huggingface"]
    for hour, verdict in ((0, "complete"), (11, "failed")):
        later.move_to(datetime(2025, 9, 26, hour, 5, tzinfo=UTC))
        run(verdict, settled=verdict == "complete")
    assert provenance(DAY) == "Sources: Hugging Face partial"

    later.move_to(datetime(2025, 9, 27, 0, 5, tzinfo=UTC))
    run("complete")
    assert provenance(DAY) == "Sources: Hugging Face complete"


def test_a_source_that_has_its_day_off_is_not_missed(settings: Any):
    sunday = DAY + 2 * ONE
    run("complete", "biorxiv", day=sunday)

    assert provenance(sunday).startswith("Sources: bioRxiv complete")
