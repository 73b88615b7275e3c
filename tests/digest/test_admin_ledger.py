"""The ledger on the desk: the list, a run's page, the calendar, and a new look from there."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from digest.admin.ledger import duration
from digest.admin.part import cell_url, runs_url, title
from digest.agenda import Part
from digest.models import IngestRun
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


def sign_in(client: Client, *permissions: str) -> Client:
    """As somebody on the staff who may just this."""
    user = User.objects.create(username="staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


def run(verdict: str = "complete", part: Part = HF, day: date = DAY, **fields: Any) -> IngestRun:
    return IngestRun.objects.create(
        source=part.source, category=part.category, day=day, verdict=verdict, **fields
    )


def page_of(run: IngestRun) -> str:
    return reverse("admin:digest_ingestrun_change", args=[run.pk])


def again(run: IngestRun) -> str:
    return reverse("admin:digest_ingestrun_again", args=[run.pk])


def text(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return response.content.decode()


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


# --- The list and a run's page --------------------------------------------------------------


def test_the_list_shows_what_was_proved_and_leads_to_the_calendar(desk: Client):
    run("partial", Part("arxiv", "cs.CL"), passed_over=17)

    html = text(desk, reverse("admin:digest_ingestrun_changelist"))

    assert CALENDAR in html
    for shown in ("cs.CL", "is-partial", ">17<", "column-settled"):
        assert shown in html
    assert CALENDAR in text(desk, reverse("admin:index"))


def test_a_category_without_a_name_can_be_filtered_by(desk: Client):
    run()
    run(part=Part("arxiv", "cs.CL"))

    assert "(none)" in text(desk, reverse("admin:digest_ingestrun_changelist"))
    response = desk.get(reverse("admin:digest_ingestrun_changelist"), {"category": ""})
    assert response.context["cl"].result_count == 1


@pytest.mark.parametrize("name", ["category", "source", "verdict", "settled", "day", "day__year", "q", "p"])
def test_a_filter_that_no_database_holds_is_passed_over(desk: Client, name: str):
    response = desk.get(reverse("admin:digest_ingestrun_changelist"), {name: "\0"}, follow=True)

    assert response.status_code == 200
    assert response.context["cl"].result_count == 0


def test_a_runs_page_can_be_read(desk: Client):
    began = datetime(2025, 9, 26, 8, tzinfo=UTC)
    one = run(
        "failed",
        Part("arxiv", "cs.CL"),
        error="It said <b>no</b>.",
        bytes_read=1_234_567,
        started_at=began,
        finished_at=began + timedelta(seconds=125),
        set_aside=[
            {"position": 0, "name": "2509.00001", "reason": "no <i>title</i>"},
            {"position": -1, "name": "", "reason": "the database cannot hold it"},
            "something else",
        ],
    )

    html = text(desk, page_of(one))

    assert "It said &lt;b&gt;no&lt;/b&gt;." in html
    for shown in ("arXiv cs.CL, 26 September 2025", "1.2", "2025-09-26 08:00:00 UTC", "2 min 5 s"):
        assert shown in unescape(html)
    rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td><td>(.*?)</td></tr>", html)
    assert rows == [
        ("1", "2509.00001", "no &lt;i&gt;title&lt;/i&gt;"),
        ("–", "–", "the database cannot hold it"),
        ("–", "–", "something else"),
    ]


def test_a_runs_page_says_how_many_records_were_set_aside(desk: Client):
    one = run(set_aside=[{"position": n} for n in range(3)], unread=1_234)

    html = text(desk, page_of(one))

    assert "The first 3 of 1234." in html.replace(",", "")


def test_a_runs_page_costs_the_same_with_many_records_set_aside(desk: Client):
    few, lots = (run(set_aside=[{"position": n} for n in range(many)]) for many in (1, 200))
    text(desk, page_of(few))

    assert steps_of(lambda: text(desk, page_of(few))) == steps_of(lambda: text(desk, page_of(lots)))


def test_a_run_that_goes_on_has_no_duration_yet(desk: Client):
    shown = re.findall(r'<div class="readonly">(.*?)</div>', text(desk, page_of(run("running"))))

    assert shown.count("–") == 2
    assert "None" not in shown


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.04, "0.0 s"), (59.94, "59.9 s"), (125, "2 min 5 s"), (3_790, "1 h 3 min"), (-1, "0.0 s")],
)
def test_a_duration_is_said_in_fitting_units(seconds: float, words: str):
    assert duration(timedelta(seconds=seconds)) == words


# --- A look from there ----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_look_again_from_a_runs_page_has_a_worker_look(desk: Client, queued: list[Any]):
    one = run("failed", Part("arxiv", "cs.CL"))
    assert again(one) in text(desk, page_of(one))
    response = desk.post(again(one), follow=True)

    assert queued == [(LOOK, ("arxiv", "2025-09-26", "cs.CL"))]
    assert said(response) == [
        "A new look at arXiv cs.CL, 26 September 2025, is on its way. It has a row here as soon as it begins."
    ]
    assert response.request["PATH_INFO"] == page_of(one)
    [entry] = LogEntry.objects.all()
    assert entry.object_id == str(one.pk)


@pytest.mark.django_db(transaction=True)
def test_a_missed_day_is_looked_at_from_its_own_page(desk: Client, queued: list[Any]):
    url = cell_url(Part("arxiv", "cs.CV"), DAY)
    assert "Look now" in text(desk, url)
    response = desk.post(url, follow=True)

    assert queued == [(LOOK, ("arxiv", "2025-09-26", "cs.CV"))]
    assert "is on its way" in said(response)[0]
    assert LogEntry.objects.get().object_repr == "arXiv cs.CV, 26 September 2025"


@pytest.mark.django_db(transaction=True)
def test_a_page_that_is_opened_changes_nothing(desk: Client, queued: list[Any]):
    one = run("failed")

    for url in (again(one), cell_url(HF, DAY), page_of(one), CALENDAR):
        assert desk.get(url).status_code in (200, 302)

    assert queued == []
    assert IngestRun.objects.count() == 1
    assert not LogEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("part", "day", "why"),
    [
        (Part("file"), DAY, "reads what it is given"),
        (Part("github"), DAY, "about papers, not about days"),
        (Part("arxiv-api"), DAY, "about papers, not about days"),
        (Part("arxiv"), DAY, "arXiv is not read by all categories at once"),
        (Part("former"), DAY, "There is no source called former."),
        (Part("arxiv", "cs.RO"), DAY, "arXiv is not read by cs.RO"),
        (HF, TODAY + ONE, "29 September 2025 lies in the future."),
    ],
)
def test_who_cannot_be_asked_is_not_and_the_reason_is_said(
    desk: Client, queued: list[Any], part: Part, day: date, why: str
):
    one = run("failed", part, day)
    assert "Look again" not in text(desk, page_of(one))
    assert why in unescape(text(desk, cell_url(part, day)))

    for url in (again(one), cell_url(part, day)):
        [told] = said(desk.post(url, follow=True))
        assert told.startswith(f"No look at {title(part)}, ")
        assert why in told
    assert queued == []


@pytest.mark.django_db(transaction=True)
def test_nobody_looks_twice_at_once(desk: Client, queued: list[Any]):
    one, _ = run("failed"), run("running")
    assert "Somebody is looking just now." in said(desk.post(again(one), follow=True))[0]
    assert queued == []


@pytest.mark.django_db(transaction=True)
def test_a_source_that_is_switched_off_can_still_be_asked(desk: Client, queued: list[Any]):
    desk.post(again(run("failed", Part("medrxiv"))))

    assert queued == [(LOOK, ("medrxiv", "2025-09-26", ""))]


def test_without_permission_there_is_no_button_and_no_look(client: Client, queued: list[Any]):
    one = run("failed")
    staff = sign_in(client, "view_ingestrun")

    for url in (page_of(one), cell_url(HF, DAY)):
        assert "Look again" not in text(staff, url)
    for url in (again(one), cell_url(HF, DAY)):
        assert staff.post(url).status_code == 403
    assert queued == []


@pytest.mark.django_db(transaction=True)
def test_whoever_may_change_the_ledger_may_look(client: Client, queued: list[Any]):
    one = run("failed")
    staff = sign_in(client, "change_ingestrun")

    assert "Look again" in text(staff, page_of(one))
    assert staff.post(again(one)).status_code == 302
    assert len(queued) == 1
    assert staff.post(page_of(one), {}).status_code == 403, "a ledger is never edited"


def test_nobody_else_sees_any_of_it(client: Client):
    one = run("failed")
    urls = [CALENDAR, again(one), cell_url(HF, DAY)]
    for url in urls:
        assert client.get(url).status_code == 302
    sign_in(client, "view_paper")
    for url in urls:
        assert client.get(url).status_code == 403
    assert CALENDAR not in text(client, reverse("admin:index"))


def test_a_form_from_elsewhere_is_refused(queued: list[Any]):
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create(username="editor", is_staff=True, is_superuser=True))
    one = run("failed")

    for url in (again(one), cell_url(HF, DAY)):
        assert client.post(url).status_code == 403
    assert queued == []


# --- A cell's page --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "path",
    [
        "nobody/2025-09-26/",
        "huggingface/2025-02-30/",
        "huggingface/yesterday/",
        "huggingface/2025-09-26/?category=cs.CL",
        "arxiv/2025-09-26/?category=%00",
        "%00/2025-09-26/",
    ],
)
def test_a_cell_that_there_is_not_is_not_found_and_not_looked_at(desk: Client, path: str, queued: list[Any]):
    assert desk.get(CALENDAR + path).status_code == 404
    response = desk.post(CALENDAR + path, follow=True)
    assert response.status_code == 404 or "No look at" in said(response)[0]
    assert queued == []


def test_a_cells_page_shows_its_last_looks_at_a_constant_cost(desk: Client):
    url = cell_url(HF, DAY)
    run("failed", error="The hub answered <503>.")
    html = text(desk, url)
    assert "The hub answered &lt;503&gt;." in html
    few = steps_of(lambda: text(desk, url))
    for _ in range(30):
        run()

    html = text(desk, url)

    assert html.count("is-complete") == 20
    assert unescape(html).count(runs_url(HF, DAY)) == 1
    assert steps_of(lambda: text(desk, url)) == few


def test_a_days_page_says_whether_papers_were_expected(desk: Client):
    assert "nothing was to be expected" in text(desk, cell_url(HF, DAY + ONE))
    assert "papers were to be expected" in text(desk, cell_url(HF, DAY))
