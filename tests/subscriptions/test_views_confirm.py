"""The link of the confirmation letter: shown on GET, pressed with POST."""

import re
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from subscriptions import lifecycle
from subscriptions.models import Consent, Notice, Subscriber
from subscriptions.tokens import Purpose, make_token
from tests.factories import make_subscriber
from tests.subscriptions.links import path_of

pytestmark = pytest.mark.django_db

PENDING, ACTIVE = Subscriber.Status.PENDING, Subscriber.Status.ACTIVE
UNSUBSCRIBED = Subscriber.Status.UNSUBSCRIBED
SCANNERS = ["", "Mozilla/5.0", "GoogleImageProxy", "Barracuda Sentinel", "python-requests/2"]


@pytest.fixture
def subscriber() -> Subscriber:
    return make_subscriber("ada@example.org", "retrieval", status=PENDING)


def status_of(subscriber: Subscriber) -> str:
    subscriber.refresh_from_db()
    return subscriber.status


def test_the_page_shows_a_button_and_no_address(client, subscriber):
    answer = client.get(path_of(Purpose.CONFIRM, subscriber))

    assert answer.status_code == 200
    page = answer.content.decode()
    assert '<form method="post"' in page
    assert "Yes, send me the digest." in page
    assert "ada" not in page
    assert 'http-equiv="refresh"' not in page


def test_a_link_that_is_only_looked_at_changes_nothing(subscriber):
    path = path_of(Purpose.CONFIRM, subscriber)
    before = Subscriber.objects.values().get()

    for number in range(20):
        scanner = Client(headers={"User-Agent": SCANNERS[number % len(SCANNERS)]})
        for look in (scanner.get, scanner.head, scanner.options):
            assert look(path).status_code == 200
    for method in (Client().put, Client().delete, Client().patch):
        assert method(path).status_code == 405

    assert Subscriber.objects.values().get() == before
    assert not Consent.objects.exists()
    assert not Notice.objects.exists()


def test_the_button_makes_active_and_enqueues_the_welcome(
    client, subscriber, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(path_of(Purpose.CONFIRM, subscriber))

    assert answer.status_code == 200
    assert "Welcome" in answer.content.decode()
    assert status_of(subscriber) == ACTIVE
    assert Consent.objects.get().kind == Consent.Kind.CONFIRMED
    assert queued == [("subscriptions.tasks.send_notice", (Notice.objects.get().pk,))]


def test_the_button_may_be_pressed_again(client, subscriber, queued, django_capture_on_commit_callbacks):
    path = path_of(Purpose.CONFIRM, subscriber)
    with django_capture_on_commit_callbacks(execute=True):
        first, second = client.post(path), client.post(path)

    assert (first.status_code, second.status_code) == (200, 200)
    assert "Welcome" in second.content.decode()
    assert len(queued) == 1
    assert Consent.objects.count() == 1
    assert "already" in client.get(path).content.decode()


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}, {"Origin": "https://papers.example"}])
def test_the_button_needs_no_cookie_because_the_address_is_the_proof(subscriber, queued, headers):
    """A page that sends no referrer posts with `Origin: null`."""
    browser = Client(enforce_csrf_checks=True, headers=headers)

    answer = browser.post(path_of(Purpose.CONFIRM, subscriber))

    assert answer.status_code == 200
    assert not answer.cookies
    assert status_of(subscriber) == ACTIVE


def test_after_leaving_the_old_link_brings_nobody_back(client, subscriber, queued):
    path = path_of(Purpose.CONFIRM, subscriber)
    lifecycle.confirm(subscriber)
    lifecycle.withdraw(subscriber, origin=Consent.Origin.PAGE)

    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 200
        assert "unsubscribed" in answer.content.decode()
    assert status_of(subscriber) == UNSUBSCRIBED
    assert queued == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_old_link_says_so_and_does_nothing(client, subscriber, method):
    path = path_of(Purpose.CONFIRM, subscriber)

    with time_machine.travel(timezone.now() + timedelta(hours=72, minutes=1)):
        answer = getattr(client, method)(path)

    assert answer.status_code == 404
    assert "too old" in answer.content.decode()
    assert "/subscribe/" in answer.content.decode(), "and where to get a new one"
    assert status_of(subscriber) == PENDING


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_is_not_ours_does_nothing(client, subscriber, method):
    good = path_of(Purpose.CONFIRM, subscriber)
    stranger = make_token(Purpose.CONFIRM, public_id=uuid.uuid4(), epoch=0)
    elsewhere = make_token(Purpose.UNSUBSCRIBE, public_id=subscriber.public_id, epoch=0)
    pages = set()

    for path in (
        good[:-2] + ("A/" if good[-2] != "A" else "B/"),
        "/confirm/x/",
        "/confirm/%00/",
        "/confirm/%ED%A0%80/",
        "/confirm/" + "x" * 5000 + "/",
        f"/confirm/{subscriber.public_id}/",
        f"/confirm/{stranger}/",
        f"/confirm/{elsewhere}/",
    ):
        answer = getattr(client, method)(path)
        assert answer.status_code == 404, path
        pages.add(answer.content)

    assert len(pages) == 1, "one page for all: nobody learns which part was wrong"
    assert status_of(subscriber) == PENDING


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_revoked_link_does_nothing(client, subscriber, method):
    path = path_of(Purpose.CONFIRM, subscriber)
    Subscriber.objects.update(token_epoch=1)

    assert getattr(client, method)(path).status_code == 404
    assert status_of(subscriber) == PENDING


@pytest.mark.parametrize("purpose", [Purpose.CONFIRM, Purpose.UNSUBSCRIBE])
@pytest.mark.parametrize("method", ["get", "head", "post"])
@pytest.mark.parametrize("good", [True, False])
def test_a_page_behind_a_secret_address_is_kept_and_told_to_nobody(client, subscriber, purpose, method, good):
    path = path_of(purpose, subscriber) if good else f"/{purpose}/forged/"

    answer = getattr(client, method)(path)

    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex"
    page = answer.content.decode()
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page), "nothing comes from elsewhere"
