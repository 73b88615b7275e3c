"""The public pages: today, a day, a paper; whatever is asked for, and at a constant cost."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.test import Client

from digest.models import Identifier
from tests.digest.conftest import steps_of
from tests.factories import DAY, make_edition, make_paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition_clock")]
ONE = timedelta(days=1)


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel(datetime(2025, 9, 26, 14, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def page(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return response.content.decode()


# --- Home -----------------------------------------------------------------------------------


def test_an_empty_site_says_so_and_lets_one_subscribe(client: Client):
    html = page(client, "/")
    assert "No papers yet" in html
    assert 'name="email"' in html


def test_home_shows_todays_edition_in_its_order(client: Client):
    make_edition(make_paper("Quiet", upvotes=1), make_paper("Loud", upvotes=41))

    html = page(client, "/")

    assert html.index("Loud") < html.index("Quiet")
    assert "Friday, 26 September 2025" in html
    assert "2 papers · published" in " ".join(html.split())
    assert "41 upvotes" in html


def test_home_shows_an_open_edition_and_says_that_it_is(client: Client):
    make_edition(make_paper("Early"), published=False)

    html = page(client, "/")

    assert "Early" in html
    assert "still open" in html


def test_home_shows_the_newest_day_there_is(client: Client):
    make_edition(make_paper("Yesterday's news"), day=DAY - ONE)
    make_edition(make_paper("Old news"), day=DAY - 9 * ONE)

    html = page(client, "/")

    assert "Yesterday&#x27;s news" in html
    assert "Old news" not in html


def test_what_is_for_tomorrow_is_not_shown_before_its_day(client: Client):
    make_edition(make_paper("Of today"))
    make_edition(make_paper("Too late for today"), day=DAY + ONE, published=False)

    html = page(client, "/")

    assert "Of today" in html
    assert "Too late for today" not in html


def test_today_is_the_date_where_the_edition_is_made(client: Client, edition_clock: Callable[..., None]):
    edition_clock(zone="Pacific/Kiritimati")  # there it is tomorrow already
    make_edition(make_paper("Of today"))
    make_edition(make_paper("Of their today"), day=DAY + ONE)

    assert "Of their today" in page(client, "/")


def test_an_edition_of_nothing_to_show_is_passed_over(client: Client):
    make_edition(make_paper("Shown"), day=DAY - ONE)
    hidden = make_edition(make_paper("Hidden"))
    hidden.entries.update(hidden=True)

    html = page(client, "/")

    assert "Shown" in html
    assert "Hidden" not in html


def test_a_partial_edition_says_so(client: Client, settings: Any):
    settings.SOURCES = ["huggingface"]
    make_edition(make_paper())

    assert "not all sources were complete" in page(client, "/")


# --- A day ----------------------------------------------------------------------------------


def test_a_day_shows_its_papers_and_the_way_to_its_neighbours(client: Client):
    for days in (-5, -1, 0, 3):
        make_edition(make_paper(f"Paper of day {days}"), day=DAY + days * ONE, published=days < 3)

    html = page(client, "/papers/2025-09-26/")

    assert "Paper of day 0" in html
    assert "Paper of day -1" not in html
    assert 'href="/papers/2025-09-25/" rel="prev"' in html
    assert 'href="/papers/2025-09-29/" rel="next"' in html


def test_pins_come_first_with_their_notes_and_hidden_papers_never(client: Client):
    papers = [make_paper(name, upvotes=votes) for name, votes in (("Loud", 99), ("Pinned", 1), ("Hidden", 5))]
    edition = make_edition(*papers)
    edition.entries.filter(paper=papers[1]).update(pin=1, note="Read <this> one.")
    edition.entries.filter(paper=papers[2]).update(hidden=True)

    html = page(client, "/papers/2025-09-26/")

    assert html.index("Pinned") < html.index("Loud")
    assert "Editor’s pick" in html
    assert "Read &lt;this&gt; one." in html
    assert "Hidden" not in html


@pytest.mark.parametrize("published", [True, False])
def test_withdrawn_papers_are_not_listed(client: Client, published: bool):
    make_edition(make_paper("Kept"), make_paper("Taken back", withdrawn=True), published=published)

    assert "Taken back" not in page(client, "/papers/2025-09-26/")


@pytest.mark.parametrize("day", ["2025-09-27", "2099-01-01", "0001-01-01", "9999-12-31"])
def test_a_day_without_an_edition_says_so_and_shows_the_way(client: Client, day: str):
    make_edition(make_paper())

    html = page(client, f"/papers/{day}/", status=404)

    assert "No edition of" in html
    assert "/papers/2025-09-26/" in html


@pytest.mark.parametrize(
    "day", ["2025-02-30", "2025-13-01", "2025-9-1", "0000-00-00", "today", "２０２５-09-26"]
)
def test_what_is_no_day_is_no_page(client: Client, day: str):
    assert "There is no such page" in page(client, f"/papers/{day}/", status=404)


# --- A paper --------------------------------------------------------------------------------


def test_a_paper_shows_all_that_is_known_of_it(client: Client):
    paper = make_paper(
        "Graphs & <trees>",
        upvotes=4,
        arxiv_id="2509.12345",
        authors=[f"Author {n}" for n in range(30)],
        abstract="We look at graphs.",
        tldr="In short.",
        pdf_url="https://example.org/pdf",
        primary_category="cs.DS",
        submitted_at=datetime(2025, 9, 20, tzinfo=UTC),
    )
    Identifier.objects.create(paper=paper, scheme="doi", value="10.1000/abc")
    make_edition(paper)

    html = page(client, "/paper/2509.12345/")

    assert "Graphs &amp; &lt;trees&gt;" in html
    for shown in (
        "Author 29",
        "We look at graphs.",
        "In short.",
        "4 upvotes",
        "https://arxiv.org/abs/2509.12345",
        "https://doi.org/10.1000/abc",
        "https://example.org/pdf",
        "20 September 2025 in cs.DS",
        "/papers/2025-09-26/",
    ):
        assert shown in html


@pytest.mark.parametrize(
    "public_id",
    [
        "math/0309136",
        "cond-mat/0005103",
        "10.1002/(sici)1099(199905)8:3<1::aid>3.0.co;2-8",
        "10.1000/a?b#c",
        "10.1000/ü",
        "10.1000/a%2fb",
        "10.1000/100%",
        "10.1000/" + "x" * 292,
        "t-" + "0" * 32,
    ],
)
def test_every_name_a_paper_can_have_in_the_ledger_leads_to_its_page(client: Client, public_id: str):
    from digest import ingest
    from tests.digest.conftest import found, look_at

    scheme = {"doi": public_id} if public_id.startswith("10.") else {"arxiv_id": public_id}
    ingest.take_in(look_at(found("Found again", **scheme)))
    [identifier] = Identifier.objects.exclude(scheme="title")

    assert "Found again" in page(client, identifier.paper.get_absolute_url())
    assert "Found again" in page(client, "/")


def test_a_paper_known_by_another_name_is_found_by_it(client: Client):
    paper = make_paper(arxiv_id="2509.12345")
    Identifier.objects.create(paper=paper, scheme="doi", value="10.1000/abc")

    response = client.get("/paper/10.1000/ABC/")

    assert (response.status_code, response["Location"]) == (301, "/paper/2509.12345/")


@pytest.mark.parametrize(
    "name", ["2509.99999", "x", "math/9999999", "../../etc/passwd", "a" * 400, "%00", "%2e%2e/"]
)
def test_an_unknown_paper_is_no_page(client: Client, name: str):
    make_edition(make_paper())

    assert "There is no such page" in page(client, f"/paper/{name}/", status=404)


def test_a_hidden_paper_has_no_page(client: Client):
    paper = make_paper("Hidden", arxiv_id="2509.12345")
    make_edition(paper).entries.update(hidden=True)

    assert "Hidden" not in page(client, "/paper/2509.12345/", status=404)


def test_a_withdrawn_paper_keeps_its_page_and_says_so(client: Client):
    make_edition(make_paper("Other"), make_paper(arxiv_id="2509.12345", withdrawn=True))

    assert "withdrawn by its authors" in page(client, "/paper/2509.12345/")


def test_a_paper_of_an_open_edition_has_a_page(client: Client):
    make_edition(make_paper("Early", arxiv_id="2509.12345"), published=False)

    assert "Early" in page(client, "/paper/2509.12345/")


def test_a_paper_of_no_edition_has_a_page(client: Client):
    make_paper("Alone", arxiv_id="2509.12345")

    assert "Alone" in page(client, "/paper/2509.12345/")


def test_a_page_of_a_paper_links_to_no_script(client: Client):
    make_paper(
        arxiv_id="2509.12345", title="</title><script>alert(1)</script>", abstract="<img src=x onerror=y>"
    )

    html = page(client, "/paper/2509.12345/")

    assert "<script>" not in html
    assert "<img src=x" not in html


def test_a_name_is_quoted_in_the_address_it_is_redirected_to(client: Client):
    paper = make_paper(arxiv_id="10.1000/a;b")
    Identifier.objects.create(paper=paper, scheme="doi", value="10.1000/b;c")

    assert client.get(f"/paper/{quote('10.1000/b;c')}/").status_code == 301


# --- Cost -----------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["/", "/papers/2025-09-26/"])
def test_a_page_takes_the_same_few_queries_however_many_papers(client: Client, url: str):
    for n in (-2, -1, 1):
        make_edition(make_paper(), day=DAY + n * ONE)
    edition = make_edition(make_paper("One"), published=False)
    few = steps_of(lambda: page(client, url))

    for n in range(60):
        edition.entries.create(paper=make_paper(f"More {n}", upvotes=n))
    lots = steps_of(lambda: page(client, url))

    assert few == lots <= 6


def test_a_paper_takes_few_queries(client: Client):
    make_edition(make_paper(arxiv_id="2509.12345", upvotes=4))
    assert steps_of(lambda: page(client, "/paper/2509.12345/")) <= 4


@pytest.mark.parametrize("url", ["/", "/papers/2025-09-26/", "/paper/2509.12345/"])
def test_looking_changes_nothing_and_sets_no_cookie_but_the_forms(client: Client, url: str):
    make_edition(make_paper(arxiv_id="2509.12345"))

    response = client.get(url)

    assert set(response.cookies) <= {"csrftoken"}
    assert "'unsafe" not in response["Content-Security-Policy"]


def test_an_icon_is_where_browsers_ask_for_it(client: Client):
    response = client.get("/favicon.ico")

    assert response.status_code == 301
    assert response["Location"].endswith("mark.svg")
