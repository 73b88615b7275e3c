"""The preview in the admin: what it shows, what its frame may do, and that nobody's links are in it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from digest import delivery as deliveries
from digest.models import Delivery, Edition
from digest.shelf import shelf
from digest.specimen import in_scheme
from subscriptions.models import Subscriber
from tests.digest.conftest import make_delivery, whole_tables
from tests.factories import DAY, make_edition, make_paper, make_subscriber
from tests.subscriptions.admin.editors import editor

pytestmark = pytest.mark.django_db
ADA = "ada@example.org"
NOUNS = ["delivery", "edition"]
VIEWS = ["desktop", "phone", "dark", "text", "headers"]
DOORS = ("/unsubscribe/", "/feedback/", "/digest/")


@pytest.fixture
def desk() -> Client:
    return editor("view_delivery", "view_edition", app="digest")


def an_edition(*titles: str, **fields: Any) -> Edition:
    return make_edition(*[make_paper(title, upvotes=9 - n) for n, title in enumerate(titles)], **fields)


def a_delivery(*titles: str, **fields: Any) -> Delivery:
    reader = make_subscriber(ADA, "sheep", **fields)
    return make_delivery(reader, an_edition(*titles or ("Sheep",)), terms=[("sheep", "title")])


def rows() -> Iterator[tuple[str, int]]:
    """One of each noun that has a preview."""
    delivery = a_delivery()
    yield "delivery", delivery.pk
    yield "edition", delivery.edition_id


def address(noun: str, pk: int, view: str = "preview") -> str:
    return reverse(f"admin:digest_{noun}_{view}", args=[pk])


def look(browser: Client, noun: str, pk: int, **query: str) -> str:
    answer = browser.get(address(noun, pk), query)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def frame(browser: Client, noun: str, pk: int, **query: str) -> str:
    """The letter as the frame gets it, by the address that the page names."""
    page = look(browser, noun, pk, **query)
    [source] = re.findall(r'<iframe[^>]* src="([^"]+)"', page)
    answer = browser.get(source)
    assert answer.status_code == 200
    return answer.content.decode()


# --- a delivery -------------------------------------------------------------------------


@pytest.mark.parametrize(("view", "frames"), [("", 1), ("phone", 1), ("dark", 1), ("text", 0), ("else", 1)])
def test_a_view_is_a_frame_or_text(desk: Client, view: str, frames: int):
    page = look(desk, "delivery", a_delivery().pk, view=view)

    assert page.count("<iframe") == frames
    [marked] = re.findall(r'view=(\w+)" aria-current="page"', page)
    assert marked == (view if view in VIEWS else "desktop")
    assert f'class="is-{view if view in VIEWS else "desktop"}"' in page or not frames


def test_the_frame_shows_what_the_reader_got(desk: Client):
    delivery = a_delivery("Sheep", "More sheep")
    Delivery.objects.update(picks=delivery.picks[:1])

    html = frame(desk, "delivery", delivery.pk)

    assert "Sheep" in html
    assert "More sheep" not in html
    assert "matches “sheep” in the title" in unescape(html).lower()


def test_what_was_sent_keeps_its_subject_and_date(desk: Client):
    delivery = a_delivery()
    moment = timezone.now().replace(2025, 9, 27, 8, 15, 0)
    Delivery.objects.update(state="accepted", handed_over_at=moment, subject="As it was named")

    page = look(desk, "delivery", delivery.pk, view="headers")

    assert '<h2 dir="auto">As it was named</h2>' in page
    assert "Subject: As it was named" in page
    assert "Date: Sat, 27 Sep 2025 08:15:00 +0000" in page
    assert page.count("\nDate: ") == 1
    assert f"Message-ID: <{delivery.public_id.hex}@" in page


def test_the_text_is_plain_and_hostile_titles_do_nothing(desk: Client):
    delivery = a_delivery("<script>alert(1)</script>")

    answer = desk.get(address("delivery", delivery.pk), {"view": "text"})

    assert b"&lt;script&gt;alert(1)" in answer.content
    assert b"<script>alert" not in answer.content
    assert "<script" not in frame(desk, "delivery", delivery.pk)


def test_a_reader_who_was_erased_and_papers_that_are_gone(desk: Client):
    delivery = a_delivery()
    delivery.edition.entries.update(hidden=True)
    assert "all were hidden or withdrawn" in look(desk, "delivery", delivery.pk)

    Delivery.objects.update(subscriber=None, picks=[])
    assert "The reader was erased" in look(desk, "delivery", delivery.pk)
    assert desk.get(address("delivery", delivery.pk, "letter")).status_code == 404


def test_it_speaks_the_readers_language(desk: Client):
    delivery = a_delivery(language="de")

    assert '<html lang="de"' in frame(desk, "delivery", delivery.pk)
    assert "1 Paper für Sie" in look(desk, "delivery", delivery.pk, view="text")


# --- links, permissions, what a frame may -----------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_no_link_is_the_readers(desk: Client, view: str, settings: Any):
    delivery = a_delivery()
    assert delivery.subscriber is not None
    theirs = deliveries.links_of(delivery, delivery.subscriber)

    told = look(desk, "delivery", delivery.pk, view=view)
    if view not in ("text", "headers"):
        told += frame(desk, "delivery", delivery.pk, view=view)

    # A token holds the moment it was made at, so what is looked for are the pages behind them.
    doors = [settings.SITE_URL + door for door in DOORS]
    for link, door in zip((theirs.unsubscribe, theirs.feedback, theirs.web), doors, strict=True):
        assert link.startswith(door)
    assert not [door for door in doors if door in told]


@pytest.mark.parametrize("view", VIEWS)
def test_no_address_of_a_reader_is_in_any_address(desk: Client, view: str):
    delivery = a_delivery()

    page = look(desk, "delivery", delivery.pk, view=view)

    assert not [url for url in re.findall(r'(?:href|src|action)="([^"]*)"', page) if "ada" in url]


@pytest.mark.parametrize("noun", NOUNS)
def test_a_frame_has_no_origin_no_script_and_loads_nothing(desk: Client, noun: str):
    answer = desk.get(address(noun, dict(rows())[noun], "letter"))

    directives = dict(d.strip().partition(" ")[::2] for d in answer["Content-Security-Policy"].split(";"))
    assert directives == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "frame-ancestors": "'self'",
        "sandbox": "allow-popups allow-popups-to-escape-sandbox",
    }
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in answer["Cache-Control"]
    assert '<base target="_blank">' in answer.content.decode()


@pytest.mark.parametrize("noun", NOUNS)
def test_the_page_has_the_strict_policy_and_its_frame_is_sandboxed(desk: Client, noun: str):
    answer = desk.get(address(noun, dict(rows())[noun]))

    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
    [sandbox] = re.findall(r'<iframe[^>]* sandbox="([^"]*)"', answer.content.decode())
    assert sandbox == "allow-popups allow-popups-to-escape-sandbox"


@pytest.mark.parametrize("view", ["preview", "letter"])
@pytest.mark.parametrize("noun", NOUNS)
def test_it_takes_the_right_to_see_the_row(noun: str, view: str):
    [other] = {*NOUNS} - {noun}
    url = address(noun, dict(rows())[noun], view)

    assert Client().get(url).status_code == 302
    assert editor(f"view_{other}", app="digest").get(url).status_code == 403
    assert editor(f"view_{noun}", app="digest").get(url).status_code == 200


@pytest.mark.parametrize("view", ["preview", "letter"])
@pytest.mark.parametrize("noun", NOUNS)
def test_a_row_that_is_not_there(desk: Client, noun: str, view: str):
    assert desk.get(address(noun, 10**30, view)).status_code == 404


@pytest.mark.parametrize("noun", NOUNS)
def test_a_rows_page_leads_to_its_preview(desk: Client, noun: str):
    pk = dict(rows())[noun]

    page = desk.get(reverse(f"admin:digest_{noun}_change", args=[pk])).content.decode()

    assert f'href="{address(noun, pk)}"' in page


def test_looking_writes_nothing(desk: Client):
    nouns = list(rows())
    nouns.append(("edition", an_edition("Open", day=DAY + timedelta(days=1), published=False).pk))
    before = whole_tables()

    for noun, pk in nouns:
        for view in VIEWS:
            look(desk, noun, pk, view=view, keywords="sheep")
        frame(desk, noun, pk)

    assert whole_tables() == before


# --- an edition -------------------------------------------------------------------------


def test_an_edition_is_shown_as_somebody_made_up_would_get_it(desk: Client):
    edition = an_edition("Sheep", "Wolves", "Goats")

    page = look(desk, "edition", edition.pk, view="text", keywords="goat, -wolves")

    assert '<h2 dir="auto">Goats' in page
    assert 'value="goat, -wolves"' in page
    assert "Sheep" not in page
    assert "you subscribed to goat." in page


def test_what_was_asked_for_stays_from_view_to_view(desk: Client):
    edition = an_edition("Schafe", "Ziegen")
    asked = {"keywords": "ziegen & co, ziegen", "language": "de", "size": "5"}

    html = frame(desk, "edition", edition.pk, view="phone", **asked)
    page = look(desk, "edition", edition.pk, view="phone", **asked)

    assert '<html lang="de"' in html
    assert "Ziegen" in html
    assert "Schafe" not in html
    for view in VIEWS:
        assert f'href="?keywords=ziegen+%26+co%2C+ziegen&size=5&language=de&view={view}"' in page


def test_the_size_is_kept_to(desk: Client):
    edition = an_edition(*[f"Sheep {n}" for n in range(8)])

    assert "+ 4 more</h2>" in look(desk, "edition", edition.pk, size="5")
    assert "+ 7 more</h2>" in look(desk, "edition", edition.pk)


def test_an_open_edition_is_shown_as_it_is_now(desk: Client):
    edition = an_edition("Sheep", published=False)
    assert "Sheep" in look(desk, "edition", edition.pk)

    edition.entries.create(paper=make_paper("Late sheep"))
    assert "Late sheep" in look(desk, "edition", edition.pk, keywords="late", view="text")
    edition.entries.filter(paper__title="Sheep").update(hidden=True)
    assert '<h2 dir="auto">Late sheep' in look(desk, "edition", edition.pk, view="text")
    assert shelf.held.days == ()
    assert shelf.choosers == {}


def test_an_open_edition_is_shown_with_what_editors_did_to_it(desk: Client):
    edition = an_edition(*[f"Sheep {n}" for n in range(8)], published=False)
    edition.entries.filter(paper__title="Sheep 7").update(pin=1)
    edition.entries.filter(paper__title="Sheep 0").update(hidden=True)

    page = look(desk, "edition", edition.pk, size="5", view="text")

    assert '<h2 dir="auto">Sheep 7 + 4 more</h2>' in page
    assert [n for n in range(8) if f". Sheep {n}\n" in page] == [1, 2, 3, 4, 7]


def test_an_edition_without_papers_says_so(desk: Client):
    edition = Edition.objects.create(date=DAY)

    page = look(desk, "edition", edition.pk)

    assert "has no papers to show" in page
    assert "<iframe" not in page
    assert desk.get(address("edition", edition.pk, "letter")).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"size": "7"},
        {"size": "x"},
        {"language": "xx"},
        {"keywords": "x" * 100},
        {"keywords": ",".join(f"word{n}" for n in range(40))},
        {"keywords": "a\0b"},
    ],
)
def test_what_cannot_be_asked_for_is_marked(desk: Client, query: dict[str, str]):
    edition = an_edition("Sheep")

    page = look(desk, "edition", edition.pk, **query)

    assert "Please correct what is marked below." in page
    assert 'class="errorlist"' in page
    assert "<iframe" not in page
    assert desk.get(address("edition", edition.pk, "letter"), query).status_code == 404


def test_nobody_is_made_up_in_the_tables(desk: Client):
    look(desk, "edition", an_edition("Sheep").pk, keywords="sheep")

    assert not Subscriber.objects.exists()


# --- light and dark ---------------------------------------------------------------------


def test_the_question_for_the_dark_is_replaced_by_its_answer():
    html = (
        "<style>@media (prefers-color-scheme: dark) { a {} }\n@media ( prefers-color-scheme:dark ){}</style>"
    )

    assert in_scheme(html, dark=True) == "<style>@media all { a {} }\n@media all{}</style>"
    assert in_scheme(html, dark=False) == "<style>@media not all { a {} }\n@media not all{}</style>"


def test_only_styles_are_changed():
    title = "<h2>On (prefers-color-scheme: dark)</h2>"
    html = (
        f'<style type="text/css">a {{}}</style>{title}<style>@media (prefers-color-scheme: dark) {{}}</style>'
    )

    shown = in_scheme(html, dark=True)

    assert title in shown
    assert "@media all {}" in shown


def test_a_frame_is_dark_only_where_that_was_asked_for(desk: Client):
    pk = a_delivery().pk

    dark, light = (frame(desk, "delivery", pk, view=view) for view in ("dark", "phone"))

    assert "@media all {" in dark
    assert "@media not all {" in light
    assert "prefers-color-scheme" not in dark + light
