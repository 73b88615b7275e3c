"""What holds for every link behind a token, whatever its page is for."""

import pytest
from django.test import Client

from subscriptions.models import Consent, Keyword, Notice, Subscriber
from subscriptions.tokens import Purpose
from tests.factories import make_subscriber
from tests.subscriptions.links import path_of
from tests.subscriptions.looks import Page, acts_by_itself, look_at
from tests.subscriptions.rows import every_row
from tests.subscriptions.views.doors import (
    DOORS,
    GERMAN,
    MORTAL,
    PREFERENCES,
    UNSUBSCRIBE,
    Door,
    doors,
    erase_everybody,
    past,
    revoke,
)

pytestmark = pytest.mark.django_db

METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


# --- looking ----------------------------------------------------------------------------


@doors()
def test_a_link_that_is_only_looked_at_changes_nothing(door, queued):
    path = door.ready()
    before = every_row()

    for look, answer in look_at(path):
        assert answer.status_code == 200, look
        assert not answer.cookies
    for question in ("do=leave", "do=undo", "do=wish&keywords=x", "List-Unsubscribe=One-Click", "lang=de"):
        assert Client().get(f"{path}?{question}").status_code == 200

    assert every_row() == before
    assert queued == []


@doors()
def test_what_is_neither_a_look_nor_a_press_is_refused(client, door, queued):
    path = door.ready()
    before = every_row()

    for method in ("put", "patch", "delete", "trace"):
        assert getattr(client, method)(path).status_code == 405

    assert every_row() == before
    assert queued == []


@doors()
def test_the_page_has_a_button_and_nothing_presses_it(client, door):
    page = Page(client.get(door.ready()))

    assert "<button" in page.text
    assert [form.get("method") for form in page.forms] == ["post"] * len(page.forms) != []
    assert acts_by_itself(page) == []
    assert page.elsewhere == [], "nothing comes from, or goes, elsewhere"
    assert page.previews <= {"/preview/"}, "what is tried out while typing is sent without the token"


@doors()
def test_the_page_after_the_button_presses_nothing_either(client, door):
    answer = client.post(door.ready(), door.press)

    assert answer.status_code == 200
    if answer["Content-Type"].startswith("text/html"):
        page = Page(answer)
        assert acts_by_itself(page) == []
        assert page.elsewhere == []


@doors(*(door for door in DOORS if door is not PREFERENCES))
def test_the_page_names_no_address(client, door):
    """Only the preferences do, where a link of one day says which address it is about."""
    assert "ada" not in client.get(door.ready()).content.decode().lower()


@doors()
def test_the_page_speaks_the_persons_language(door):
    browser = Client(headers={"Accept-Language": "en"})

    answer = browser.get(door.ready(**GERMAN))

    assert Page(answer).language == "de"
    assert answer["Content-Language"] == "de"


@doors()
def test_the_page_after_the_button_speaks_the_persons_language_too(door):
    browser = Client(headers={"Accept-Language": "en"})

    answer = browser.post(door.ready(**GERMAN), door.press)

    if answer["Content-Type"].startswith("text/html"):
        assert Page(answer).language == "de"


@doors()
def test_who_asks_for_another_language_gets_it(door):
    browser = Client(headers={"Accept-Language": "de"})

    assert Page(browser.get(f"{door.ready(**GERMAN)}?lang=en")).language == "en"


# --- headers ----------------------------------------------------------------------------


def good(door: Door) -> str:
    return door.ready()


def forged(door: Door) -> str:
    return door.at("forged")


def revoked(door: Door) -> str:
    path = door.ready()
    revoke()
    return path


def of_nobody(door: Door) -> str:
    path = door.ready()
    erase_everybody()
    return path


@doors()
@pytest.mark.parametrize("link", [good, forged, revoked, of_nobody], ids=lambda link: link.__name__)
def test_every_answer_is_kept_and_told_to_nobody(client, door, link):
    path = link(door)

    for method in METHODS:
        answer = getattr(client, method)(path)
        assert {name: answer[name] for name in PRIVATE} == PRIVATE, method


@doors(*MORTAL)
def test_every_answer_of_an_old_link_is_kept_and_told_to_nobody(client, door):
    path = door.ready()

    with past(door):
        for method in METHODS:
            answer = getattr(client, method)(path)
            assert {name: answer[name] for name in PRIVATE} == PRIVATE, method


# --- pressing ---------------------------------------------------------------------------


@doors()
@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}, {"Origin": "https://papers.example"}])
def test_a_button_needs_no_cookie_because_the_address_is_the_proof(door, headers, queued):
    """A page that sends no referrer posts with `Origin: null`."""
    browser = Client(enforce_csrf_checks=True, headers=headers)

    answer = browser.post(door.ready(), door.press)

    assert answer.status_code == 200
    assert not answer.cookies


@doors()
def test_a_button_may_be_pressed_twice_and_counts_once(client, door):
    path = door.ready()
    assert client.post(path, door.press).status_code == 200
    once, terms = every_row(), list(Keyword.objects.values_list("text", "stance"))

    assert client.post(path, door.press).status_code == 200
    again = every_row()
    # Keywords are written anew whenever a wish is saved, so their numbers differ.
    del once["subscriptions_keyword"], again["subscriptions_keyword"]
    assert again == once
    assert list(Keyword.objects.values_list("text", "stance")) == terms


@doors()
def test_a_link_touches_nobody_else(client, door):
    other = make_subscriber("grace@example.org", "diffusion")
    before = Subscriber.objects.values().get(pk=other.pk)
    path = door.ready()

    client.post(path, door.press)

    assert Subscriber.objects.values().get(pk=other.pk) == before
    assert list(other.keywords.values_list("text", flat=True)) == ["diffusion"]
    assert not other.consents.exists()


@doors()
def test_a_link_signed_with_the_key_before_this_one_still_works(client, door, settings):
    path = door.ready()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next key, long enough to be one, 0123456789"

    assert client.get(path).status_code == 200
    assert client.post(path, door.press).status_code == 200

    settings.SECRET_KEY_FALLBACKS = []
    assert client.get(path).status_code == 404


@doors(*(door for door in DOORS if door is not UNSUBSCRIBE))
def test_a_link_whose_last_slash_was_lost_leads_to_the_page(client, door):
    """Mail programs take a mark at the end of a line for punctuation. (The way out answers at once.)"""
    path = door.ready()

    answer = client.get(path.rstrip("/"))

    assert (answer.status_code, answer["Location"]) == (301, path)


@doors()
@pytest.mark.parametrize("cut", ["lost slash", "one more word"])
def test_an_address_that_leads_past_the_door_is_kept_and_told_to_nobody_either(client, door, cut):
    """It still holds the token."""
    path = door.ready()

    answer = client.get(path.rstrip("/") if cut == "lost slash" else f"{path})/")

    assert {name: answer.headers.get(name) for name in PRIVATE} == PRIVATE


def test_an_answer_that_something_broke_is_kept_and_told_to_nobody_either(client):
    client.raise_request_exception = False
    subscriber = make_subscriber("ada@example.org", status=Subscriber.Status.PENDING)
    ask = Consent.objects.create(
        subscriber=subscriber, kind=Consent.Kind.ASKED, detail={"wish": "not one that anybody could have"}
    )
    notice = Notice.objects.create(subscriber=subscriber, letter=Notice.Letter.CONFIRMATION, ask=ask)

    answer = client.get(path_of(Purpose.CONFIRM, notice))

    assert answer.status_code == 500
    assert {name: answer.headers.get(name) for name in PRIVATE} == PRIVATE


@doors()
def test_who_asks_for_a_language_we_do_not_speak_gets_their_own(door):
    browser = Client(headers={"Accept-Language": "en"})

    assert Page(browser.get(f"{door.ready(**GERMAN)}?lang=tlh")).language == "de"


def test_every_door_of_the_map_is_knocked_at():
    from digest.site.urls import urlpatterns as site
    from subscriptions.urls import urlpatterns

    map_of_all = [*urlpatterns, *site]
    behind_a_token = {pattern.name for pattern in map_of_all if "<str:token>" in str(pattern.pattern)}

    # A digest in the browser has tests of its own: it is a letter, and nothing can be pressed there.
    assert behind_a_token == {door.name for door in DOORS} - {"back"} | {"digest"}
    knocked_at = {door.purpose for door in DOORS} | {Purpose.DIGEST}
    assert knocked_at >= {purpose for purpose in Purpose if purpose in behind_a_token}
    assert path_of(Purpose.UNSUBSCRIBE, make_subscriber("ada@example.org")).endswith("/")
