"""The calendar of looks: what a cell says, which rows and columns there are, and what it costs."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from digest.admin.calendar import DAYS, EARLIEST, MISSING, QUIET, SIGNS, Cell, calendar, last_day
from digest.admin.part import Kind, cell_url, kind, runs_url
from digest.agenda import Part
from digest.models import IngestRun
from digest.site.provenance import STRENGTH
from tests.digest.conftest import steps_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition_clock")]
DAY = date(2025, 9, 26)  # a Friday
TODAY = date(2025, 9, 28)
ONE = timedelta(days=1)
CALENDAR = "/admin/digest/ingestrun/calendar/"
HF = Part("huggingface")
LOOK = "digest.tasks.look_at"


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(datetime(2025, 9, 28, 14, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def switched_on(settings: Any) -> None:
    settings.SOURCES = ["huggingface", "arxiv", "biorxiv"]
    settings.ARXIV_CATEGORIES = ["cs.CL", "cs.CV"]
    settings.ENRICHERS = ["github"]
    settings.GITHUB_TOKEN = "a token"


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(User.objects.create(username="editor", is_staff=True, is_superuser=True))
    return client


def run(verdict: str = "complete", part: Part = HF, day: date = DAY, **fields: Any) -> IngestRun:
    return IngestRun.objects.create(
        source=part.source, category=part.category, day=day, verdict=verdict, **fields
    )


def page_of(run: IngestRun) -> str:
    return reverse("admin:digest_ingestrun_change", args=[run.pk])


def text(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return response.content.decode()


def cell(part: Part = HF, day: date = DAY) -> Cell:
    """A cell as the calendar has it."""
    cells = [c for g in calendar(TODAY, TODAY).groups for row in g.rows for c in row.cells]
    [found] = [c for c in cells if (c.part, c.day) == (part, day)]
    return found


# --- What a cell says -----------------------------------------------------------------------


def test_every_verdict_has_a_sign_of_its_own(desk: Client):
    for n, verdict in enumerate(STRENGTH):
        run(verdict, Part("biorxiv"), DAY - n * ONE)

    html = text(desk, CALENDAR)

    assert {*IngestRun.Verdict, MISSING, QUIET} == set(SIGNS)
    assert len({sign for sign, _ in SIGNS.values()}) == len(SIGNS)
    for verdict in STRENGTH:
        assert f'class="sign is-{verdict}" href=' in html
        assert f"<b>{SIGNS[verdict][0]}</b>" in html
        assert f'<span class="visually-hidden">{verdict}; 0 papers found</span>' in html


def test_a_cell_shows_the_strongest_proof_of_its_day():
    for n, verdict in enumerate(reversed(STRENGTH), start=1):
        run(verdict)
        assert (cell().state, cell().runs) == (verdict, n)


def test_a_cell_tells_when_the_last_look_failed():
    run("complete", found=40)
    run("failed", error="The hub answered 503.")

    assert (cell().state, cell().failing, cell().found) == ("complete", True, 40)
    assert cell().summary == "complete; 40 papers found; the last look failed"
    assert cell().details == (
        "Hugging Face, Friday, 26 September 2025: complete; 40 papers found; the last look failed; "
        "2 looks, the last begun 28 September 14:00 UTC; The hub answered 503."
    )

    run("partial")
    assert not cell().failing


def test_a_failed_cell_needs_no_second_mark():
    run("failed")

    assert (cell().state, cell().failing) == ("failed", False)


def test_looks_at_a_source_find_the_same_papers_and_calls_of_an_enricher_others():
    for found in (40, 45, 44):
        run("complete", found=found)
        run("complete", Part("github"), found=found)
    run("partial", found=90)

    assert cell().found == 45
    assert cell(Part("github")).found == 129


@pytest.mark.parametrize(
    ("found", "short"),
    [
        (0, ""),
        (999, "999"),
        (1_000, "1.0k"),
        (9_949, "9.9k"),
        (9_950, "10k"),
        (123_456, "123k"),
        (10**9, "999k"),
    ],
)
def test_a_number_fits_its_cell(found: int, short: str):
    run("complete", found=found)

    assert cell().number == short
    assert len(short) <= 4


def test_a_day_without_a_look_is_missed_only_where_papers_were_expected(desk: Client):
    assert cell(day=DAY).state == MISSING
    assert cell(day=DAY + ONE).state == QUIET, "nobody makes a list on Saturdays"
    assert cell(Part("github")).state == QUIET, "an enricher has no calendar"

    html = text(desk, CALENDAR)
    assert f'class="sign is-missing" href="{cell_url(HF, DAY)}"' in html
    assert "nothing expected, nobody looked" in html


def test_a_cell_leads_to_its_latest_look_and_to_all_of_them(desk: Client):
    part = Part("arxiv", "cs.CL")
    first = run("complete", part)
    assert runs_url(part, DAY) not in unescape(text(desk, CALENDAR))
    last = run("complete", part)
    run("complete", part, DAY - ONE)
    run("complete", Part("arxiv", "cs.CV"))

    html = unescape(text(desk, CALENDAR))

    assert page_of(last) in html
    assert page_of(first) not in html
    assert runs_url(part, DAY) in html
    response = desk.get(runs_url(part, DAY))
    assert {row.pk for row in response.context["cl"].result_list} == {first.pk, last.pk}
    assert desk.get(runs_url(HF, DAY)).context["cl"].result_count == 0


def test_what_a_source_said_is_shown_as_text(desk: Client):
    run("failed", error='"><script>alert(1)</script>')
    run("failed", Part("<i>odd"), error="x")

    html = text(desk, CALENDAR)

    assert "<script>alert" not in html
    assert "<i>odd" not in html


# --- Rows and columns -----------------------------------------------------------------------


def test_an_empty_calendar_says_why(desk: Client, settings: Any):
    settings.SOURCES, settings.ENRICHERS = [], []

    assert "No source is switched on" in desk.get("/admin/digest/ingestrun/calendar/").content.decode()


def test_rows_come_in_the_order_of_what_matters(settings: Any):
    run(part=Part("medrxiv"))
    run(part=Part("arxiv", "cs.RO"))
    run(part=Part("former"))
    run(part=Part("openalex"))
    run(part=Part("arxiv-api"))

    groups = [(group.title, [row.title for row in group.rows]) for group in calendar(TODAY, TODAY).groups]

    assert groups == [
        ("Switched on", ["Hugging Face", "arXiv cs.CL", "arXiv cs.CV", "bioRxiv"]),
        ("Other sources", ["arXiv cs.RO", "former", "medRxiv"]),
        ("Enrichers", ["GitHub", "arXiv by id", "OpenAlex"]),
    ]
    assert kind(Part("former")) == Kind.UNKNOWN


def test_a_calendar_of_nothing_opens(desk: Client, settings: Any):
    settings.SOURCES = settings.ENRICHERS = []

    assert calendar(TODAY, TODAY).groups == ()
    text(desk, CALENDAR)


def test_the_last_four_weeks_are_shown_and_others_can_be_paged_to(desk: Client):
    shown = calendar(TODAY, TODAY)
    assert (len(shown.days), shown.days[-1], shown.later) == (DAYS, TODAY, None)
    assert shown.earlier == shown.days[0] - ONE
    assert [(first.month, days) for first, days in shown.months] == [(9, 28)]

    before = calendar(shown.earlier, TODAY)
    assert before.days[-1] + ONE == shown.days[0]
    assert before.later == TODAY
    assert [(first.month, days) for first, days in before.months] == [(8, 28)]
    assert [days for _, days in calendar(date(2025, 9, 10), TODAY).months] == [18, 10]
    html = text(desk, f"{CALENDAR}?until={before.until}")
    assert f'href="?until={TODAY}" rel="next"' in html
    assert f"?until={before.earlier}" in html


@pytest.mark.parametrize(
    "typed", ["", "x", "2025-02-30", "0001-01-01", "9999-12-31", "2025-09-29", "\0", "２０２５", "1" * 5_000]
)
def test_a_day_that_cannot_be_shown_is_today(desk: Client, typed: str):
    assert last_day(typed, TODAY) == TODAY
    response = desk.get(CALENDAR, {"until": typed})
    assert response.context["calendar"].until == TODAY


def test_paging_back_ends_somewhere():
    first = EARLIEST + timedelta(days=DAYS)

    assert last_day(first.isoformat(), TODAY) == first
    assert calendar(first, TODAY).earlier is None


def test_the_calendar_is_a_table_that_can_be_read_aloud(desk: Client):
    run()
    html = text(desk, CALENDAR)

    assert len(re.findall('<th scope="col"', html)) == DAYS
    assert len(re.findall('<th scope="row"', html)) == 5
    assert html.count('aria-current="date"') == 1
    assert "<caption" in html
    assert "Friday, 26 September 2025" in html
    assert "style=" not in html.partition('<div id="content-main"')[2].partition("</main>")[0]


def test_the_calendar_asks_the_same_however_much_there_is(desk: Client, settings: Any):
    settings.ARXIV_CATEGORIES = [f"cs.{a}{b}" for a in "ABCD" for b in "ABCD"]
    run()
    text(desk, CALENDAR)
    few = steps_of(lambda: text(desk, CALENDAR))
    parts = [HF, *(Part("arxiv", name) for name in settings.ARXIV_CATEGORIES)]
    IngestRun.objects.bulk_create(
        IngestRun(source=part.source, category=part.category, day=TODAY - n * ONE, verdict=verdict, found=n)
        for part in parts
        for n in range(DAYS)
        for verdict in STRENGTH
    )

    assert steps_of(lambda: calendar(TODAY, TODAY)) == 1
    assert steps_of(lambda: text(desk, CALENDAR)) == few
