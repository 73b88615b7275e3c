"""Whose mails are in German finds German behind their links, whatever the browser prefers."""

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import expect

from subscriptions.models import Subscriber
from subscriptions.tokens import Purpose
from tests.browser.conftest import Visiting
from tests.browser.visits import Visit
from tests.factories import make_subscriber
from tests.subscriptions.links import asked, asked_to_move, erase_path, path_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def ada() -> Subscriber:
    return make_subscriber("ada@example.org", "retrieval", language="de")


def is_german(here: Visit, heading: str) -> None:
    with translation.override("de"):
        german = gettext(heading) % {"site_name": "Paper Round"}
    assert german != heading
    expect(here.page.locator("h1")).to_have_text(german)
    assert here.page.locator("html").get_attribute("lang") == "de"
    assert here.page.locator(".foot [aria-current]").inner_text() == "Deutsch"


def test_saying_yes(visit: Visiting):
    here = visit()
    here.go(path_of(Purpose.CONFIRM, asked("ada@example.org", language="de")))
    is_german(here, "One press and you are in")
    here.press()
    is_german(here, "Welcome to %(site_name)s")


def test_changing_and_moving(visit: Visiting):
    here = visit()
    subscriber = ada()
    here.go(path_of(Purpose.ADDRESS, asked_to_move(subscriber, "ada@new.example")))
    is_german(here, "Digests at this address?")
    here.go(path_of(Purpose.EXPORT, subscriber))
    is_german(here, "Your data")
    here.go(path_of(Purpose.PREFERENCES, subscriber))
    is_german(here, "Your preferences")
    here.press("pause")
    is_german(here, "Your preferences")
    here.press("links")
    is_german(here, "All older links are worthless now")


def test_leaving_and_being_forgotten(visit: Visiting):
    here = visit()
    subscriber = ada()
    here.go(path_of(Purpose.UNSUBSCRIBE, subscriber))
    is_german(here, "Unsubscribe?")
    here.press("leave")
    is_german(here, "You are unsubscribed")
    here.go(erase_path(subscriber))
    is_german(here, "Erase everything?")
    here.press()
    is_german(here, "Everything is erased")
