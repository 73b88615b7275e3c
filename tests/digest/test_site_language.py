"""In which language a page speaks: as asked, as remembered, or as the browser prefers."""

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import time_machine
from django.conf import settings as ours
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.utils.translation import get_language

from subscriptions.mail import link
from subscriptions.models import Consent, Subscriber
from subscriptions.tokens import Purpose
from tests import deployment_check
from tests.factories import make_edition, make_paper, make_subscriber

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("edition_clock")]
COOKIE = ours.LANGUAGE_COOKIE_NAME
ENGLISH, GERMAN = "Skip to the content", "Zum Inhalt springen"


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel(datetime(2025, 9, 26, 14, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def get(client: Client, url: str, accept: str = "") -> HttpResponse:
    return client.get(url, headers={"Accept-Language": accept} if accept else {})  # type: ignore[return-value]


def language_of(response: HttpResponse) -> str:
    """What the page says it speaks, and does."""
    html = response.content.decode()
    [told] = re.findall(r'<html lang="(\w+)">', html)
    assert (GERMAN in html, ENGLISH in html) == (told == "de", told == "en")
    assert response["Content-Language"] == told
    return str(told)


def switch_of(response: HttpResponse) -> dict[str, tuple[str, bool]]:
    """The links of the language switch: code -> where it leads, and whether it is marked as current."""
    [nav] = re.findall(r'<nav class="languages".*?</nav>', response.content.decode(), re.DOTALL)
    return {
        code: (unescape(href), "aria-current" in rest)
        for href, code, same, rest in re.findall(r'<a href="(.*?)" lang="(\w+)" hreflang="(\w+)"(.*?)>', nav)
        if code == same
    }


# --- Chosen ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "spoken"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("en-GB,de;q=0.5", "en"),
        ("fr,pl;q=0.5", "en"),
        ("fr,de;q=0.2", "de"),
        ("*;;q=x,\x00", "en"),
    ],
)
def test_a_page_follows_the_browser(client: Client, accept: str, spoken: str):
    response = get(client, "/", accept)

    assert language_of(response) == spoken
    assert COOKIE not in response.cookies


def test_a_language_that_was_asked_for_is_shown_and_remembered(client: Client):
    asked = get(client, "/?lang=de", "en")

    assert language_of(asked) == "de"
    assert language_of(get(client, "/", "en")) == "de"
    assert language_of(get(client, "/subscribe/", "en")) == "de"
    assert language_of(get(client, "/?lang=en", "de")) == "en"
    assert language_of(get(client, "/", "de")) == "en"


def test_the_cookie_is_for_this_site_alone_and_for_a_year(client: Client, settings: Any):
    settings.LANGUAGE_COOKIE_SECURE = True

    cookie = get(client, "/?lang=de").cookies[COOKIE]

    assert cookie.value == "de"
    assert (cookie["samesite"], cookie["secure"], cookie["httponly"]) == ("Lax", True, True)
    assert (cookie["path"], cookie["domain"], cookie["max-age"]) == ("/", "", 365 * 24 * 60 * 60)


def test_the_cookie_travels_only_by_https_where_the_site_does(tmp_path: Path):
    for scheme, secure in (("https", "True"), ("http", "False")):
        env = deployment_check.environment(tmp_path, SITE_URL=f"{scheme}://papers.example.org")
        told = deployment_check.manage("diffsettings", "--all", env=env).stdout
        assert re.search(rf"LANGUAGE_COOKIE_SECURE = {secure}\b", told), scheme


@pytest.mark.parametrize(
    "code", ["", "fr", "xx", "DE", "de-AT", "de;", "../de", "de\r\nSet-Cookie: a=b", "0" * 9_000]
)
def test_a_language_we_do_not_speak_is_ignored(client: Client, code: str):
    response = client.get("/", {"lang": code}, headers={"Accept-Language": "de"})

    assert language_of(response) == "de"  # type: ignore[arg-type]
    assert COOKIE not in response.cookies


def test_a_cookie_with_nonsense_is_ignored(client: Client):
    client.cookies[COOKIE] = "../../etc"

    assert language_of(get(client, "/", "de")) == "de"


def test_caches_are_told_what_a_page_depends_on(client: Client):
    """Also of a page without a form, whose token would say the same of the cookie."""
    for url in ("/", "/papers/2020-01-01/"):
        varied = {name.strip() for name in get(client, url)["Vary"].split(",")}
        assert {"Accept-Language", "Cookie"} <= varied


def test_one_request_leaves_no_language_behind_for_the_next(client: Client):
    before = get_language()

    assert language_of(get(client, "/?lang=de")) == "de"

    assert get_language() == before
    assert language_of(get(Client(), "/")) == "en"


# --- The switch -----------------------------------------------------------------------------


def test_the_switch_names_each_language_in_itself_and_marks_the_one_that_is_shown(client: Client):
    for spoken in ("en", "de"):
        page = get(client, "/", spoken)
        links = switch_of(page)
        assert {code: current for code, (_, current) in links.items()} == {
            code: code == spoken for code in ("en", "de")
        }
        assert re.search(r">English</a>\s*<a [^>]+>Deutsch</a>", page.content.decode())


def test_the_switch_keeps_what_else_the_address_says(client: Client):
    links = switch_of(get(client, '/?q=a%26b&page=2&lang=en&x="><script>'))

    assert links["de"][0] == "?q=a%26b&page=2&lang=de&x=%22%3E%3Cscript%3E"


def test_the_switch_of_a_page_with_a_secret_stays_on_that_page(client: Client):
    subscriber = make_subscriber("ada@example.org")
    secret = link(Purpose.UNSUBSCRIBE, subscriber).removeprefix(ours.SITE_URL)
    there = urljoin(secret, switch_of(get(client, secret))["de"][0])

    page = get(client, there)

    assert there == f"{secret}?lang=de"
    assert language_of(page) == "de"
    assert urljoin(there, switch_of(page)["en"][0]) == f"{secret}?lang=en"


def test_choosing_a_language_changes_nothing_but_the_cookie(client: Client):
    subscriber = make_subscriber("ada@example.org", "graph")
    before = (Subscriber.objects.values().get(), Consent.objects.count())
    secret = link(Purpose.UNSUBSCRIBE, subscriber).removeprefix(ours.SITE_URL)

    response = get(client, f"{secret}?lang=de")

    assert set(response.cookies) == {COOKIE}
    assert (Subscriber.objects.values().get(), Consent.objects.count()) == before


# --- Pages ----------------------------------------------------------------------------------


def test_an_edition_reads_well_in_german(client: Client):
    make_edition(make_paper("Graphs", upvotes=1_234), make_paper("Trees", upvotes=1))

    html = " ".join(get(client, "/", "de").content.decode().split())

    assert '<h2 id="edition">Freitag, 26. September 2025</h2>' in html
    assert "2 Papers · erschienen" in html
    assert "1.234 Stimmen" in html
    assert "1 Stimme<" in html
    assert "Ada Lovelace und Mary Somerville" in html


def test_papers_are_said_to_be_english_on_a_german_page(client: Client):
    make_edition(make_paper("Graphs"))

    html = get(client, "/", "de").content.decode()

    assert re.search(r'<h3 lang="en"><a [^>]+>Graphs</a></h3>', html)
    assert re.search(r'<p class="snippet" lang="en">We study', html)


@pytest.mark.parametrize(
    "url", ["/papers/2025-09-26/", "/papers/2020-01-01/", "/paper/1234.00001/", "/nowhere/"]
)
def test_every_page_speaks_german_found_or_not(client: Client, url: str):
    make_edition(make_paper(arxiv_id="1234.00001"))

    assert language_of(get(client, url, "de")) == "de"


def test_a_refused_form_is_explained_in_the_language_of_the_page():
    response = Client(enforce_csrf_checks=True).post("/subscribe/", headers={"Accept-Language": "de"})

    html = response.content.decode()
    assert response.status_code == 403
    assert '<html lang="de">' in html
    assert "Zum Formular" in html
    assert f'href="{ours.STATIC_URL}paper_round/site.css"' in html


def test_the_page_of_last_resort_speaks_both_languages_by_itself():
    html = render_to_string("500.html")

    assert "Something broke on our side" in html
    assert '<p lang="de">Bei uns ist etwas schiefgegangen.' in html


def test_the_admin_stays_in_english(admin_client: Client):
    html = get(admin_client, "/admin/", "de").content.decode()

    assert '<html lang="en' in html
    assert "Log out" in html
    assert "Abmelden" not in html
