"""The way out: a page with a button, and the one-click POST of RFC 8058."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from subscriptions.mail import link
from subscriptions.models import Consent, Notice, Subscriber
from subscriptions.tokens import Purpose
from tests.factories import make_subscriber
from tests.subscriptions.links import path_of

pytestmark = pytest.mark.django_db

PENDING, ACTIVE = Subscriber.Status.PENDING, Subscriber.Status.ACTIVE
UNSUBSCRIBED = Subscriber.Status.UNSUBSCRIBED
URLENCODED = ("List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")
FORM_DATA = """\
--b0undary
Content-Disposition: form-data; name="List-Unsubscribe"

One-Click
--b0undary--
"""
MULTIPART = (FORM_DATA.replace("\n", "\r\n"), "multipart/form-data; boundary=b0undary")


@pytest.fixture
def subscriber() -> Subscriber:
    return make_subscriber("ada@example.org", "retrieval")


@pytest.fixture
def mail_server() -> Client:
    """Whoever posts for a reader: no cookie, no referer, and CSRF protection as in real life."""
    return Client(enforce_csrf_checks=True)


def way_out(subscriber: Subscriber) -> str:
    return path_of(Purpose.UNSUBSCRIBE, subscriber)


def status_of(subscriber: Subscriber) -> str:
    subscriber.refresh_from_db()
    return subscriber.status


def test_the_page_shows_a_button_and_no_address(client, subscriber):
    answer = client.get(way_out(subscriber))

    assert answer.status_code == 200
    page = answer.content.decode()
    assert '<form method="post"' in page
    assert "Unsubscribe</button>" in page
    assert "ada" not in page


def test_a_link_that_is_only_looked_at_changes_nothing(subscriber):
    path = way_out(subscriber)
    before = Subscriber.objects.values().get()

    for scanning in ("", "Mozilla/5.0", "GoogleImageProxy", "Barracuda Sentinel", "python-requests/2"):
        scanner = Client(headers={"User-Agent": scanning})
        for _ in range(4):
            for look in (scanner.get, scanner.head, scanner.options):
                assert look(path).status_code == 200
        for question in ("List-Unsubscribe=One-Click", "undo=1"):
            assert scanner.get(f"{path}?{question}").status_code == 200

    assert Subscriber.objects.values().get() == before
    assert not Consent.objects.exists()


@pytest.mark.parametrize(("body", "content_type"), [URLENCODED, MULTIPART], ids=["urlencoded", "multipart"])
def test_one_click_is_done_when_it_is_answered(mail_server, subscriber, body, content_type):
    answer = mail_server.post(way_out(subscriber), data=body, content_type=content_type)

    assert answer.status_code == 200
    assert not answer.cookies
    assert status_of(subscriber) == UNSUBSCRIBED
    assert subscriber.next_digest_at is None
    consent = Consent.objects.get()
    assert (consent.kind, consent.origin) == (Consent.Kind.WITHDRAWN, Consent.Origin.ONE_CLICK)


@pytest.mark.parametrize(("body", "content_type"), [URLENCODED, MULTIPART], ids=["urlencoded", "multipart"])
def test_a_second_one_click_is_answered_alike(mail_server, subscriber, body, content_type):
    first, second = (
        mail_server.post(way_out(subscriber), data=body, content_type=content_type) for _ in range(2)
    )

    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert Consent.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", "application/x-www-form-urlencoded"),
        ("", "text/plain"),
        ("{}", "application/json"),
        ("List-Unsubscribe=One-Click", "multipart/form-data; boundary=b0undary"),
        ("List-Unsubscribe=One-Click", "multipart/form-data"),
        ("--b0undary\r\nno header at all", "multipart/form-data; boundary=b0undary"),
        ("\xff\xfe=%zz&&&", "application/x-www-form-urlencoded"),
    ],
)
def test_a_post_is_honoured_whatever_its_body(mail_server, subscriber, body, content_type):
    """The token is the proof, and a reader who wants to leave is not kept by a sloppy mail server."""
    answer = mail_server.post(way_out(subscriber), data=body, content_type=content_type)

    assert answer.status_code == 200
    assert status_of(subscriber) == UNSUBSCRIBED


def test_the_exact_address_of_the_header_meets_no_redirect(mail_server, subscriber, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SITE_URL = "https://papers.example"
    settings.ALLOWED_HOSTS = ["papers.example"]
    parts = urlsplit(link(Purpose.UNSUBSCRIBE, subscriber))

    answer = mail_server.post(
        parts.path, data=URLENCODED[0], content_type=URLENCODED[1], headers={"Host": parts.netloc}
    )

    assert answer.status_code == 200
    assert status_of(subscriber) == UNSUBSCRIBED


def test_the_button_of_the_page_is_on_record_as_the_page(client, subscriber):
    answer = client.post(way_out(subscriber))

    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.content.decode()
    assert Consent.objects.get().origin == Consent.Origin.PAGE


def test_who_has_not_confirmed_yet_can_leave_too(mail_server):
    pending = make_subscriber("ada@example.org", status=PENDING)

    assert mail_server.post(way_out(pending)).status_code == 200
    assert status_of(pending) == UNSUBSCRIBED


def test_leaving_sends_no_letter(client, subscriber, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client.post(way_out(subscriber))

    assert queued == []
    assert not Notice.objects.exists()


def test_a_link_of_twenty_years_ago_still_works(mail_server, subscriber):
    path = way_out(subscriber)

    with time_machine.travel(timezone.now() + timedelta(days=20 * 365)):
        assert mail_server.post(path).status_code == 200

    assert status_of(subscriber) == UNSUBSCRIBED


def test_a_link_signed_with_the_key_before_this_one_still_works(mail_server, subscriber, settings):
    path = way_out(subscriber)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next key, long enough to be one, 0123456789"

    assert mail_server.post(path).status_code == 200
    assert status_of(subscriber) == UNSUBSCRIBED


def test_who_was_erased_is_told_that_nothing_comes_any_more(mail_server, subscriber):
    """A provider that gets an error for a signed link counts it against the sender."""
    path = way_out(subscriber)
    subscriber.delete()

    for body, content_type in (URLENCODED, MULTIPART):
        assert mail_server.post(path, data=body, content_type=content_type).status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_is_not_ours_does_nothing(client, subscriber, method):
    good = way_out(subscriber)
    for path in (
        good[:-2] + ("A/" if good[-2] != "A" else "B/"),
        "/unsubscribe/x/",
        "/unsubscribe/%00/",
        f"/unsubscribe/{subscriber.public_id}/",
        path_of(Purpose.CONFIRM, subscriber).replace("/confirm/", "/unsubscribe/"),
    ):
        assert getattr(client, method)(path).status_code == 404, path

    assert status_of(subscriber) == ACTIVE


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_revoked_link_does_nothing(client, subscriber, method):
    path = way_out(subscriber)
    Subscriber.objects.update(token_epoch=1)

    assert getattr(client, method)(path).status_code == 404
    assert status_of(subscriber) == ACTIVE


# --- undo -------------------------------------------------------------------------------


def test_the_page_that_confirms_offers_to_undo_and_it_works(client, subscriber):
    path = way_out(subscriber)
    page = client.post(path).content.decode()
    [button] = re.findall(r'<button[^>]*name="undo"[^>]*>', page)

    answer = client.post(path, {"undo": re.findall(r'value="([^"]*)"', button)[0]})

    assert answer.status_code == 200
    assert "Welcome back" in answer.content.decode()
    assert status_of(subscriber) == ACTIVE
    assert subscriber.next_digest_at is not None
    assert subscriber.next_digest_at > timezone.now()
    assert [str(keyword) for keyword in subscriber.keywords.all()] == ["retrieval"]
    assert list(Consent.objects.values_list("kind", flat=True)) == ["withdrawn", "confirmed"]


def test_undo_and_leave_again(client, subscriber):
    path = way_out(subscriber)
    for data in ({}, {"undo": "1"}, {}):
        client.post(path, data)

    assert status_of(subscriber) == UNSUBSCRIBED


def test_who_never_confirmed_is_offered_no_undo_and_gets_none(client):
    pending = make_subscriber("ada@example.org", status=PENDING)
    path = way_out(pending)

    assert b'name="undo"' not in client.post(path).content
    answer = client.post(path, {"undo": "1"})

    assert answer.status_code == 200
    assert "Welcome back" not in answer.content.decode()
    assert status_of(pending) == UNSUBSCRIBED


@pytest.mark.parametrize(("status", "offered"), [(ACTIVE, True), (PENDING, False)])
def test_who_comes_back_to_the_page_reads_that_it_is_done(client, status, offered):
    """After a one-click POST nobody saw the page that confirms it; this one offers the undo, too."""
    subscriber = make_subscriber("ada@example.org", status=status)
    client.post(way_out(subscriber))

    page = client.get(way_out(subscriber)).content.decode()

    assert "unsubscribed already" in page
    assert "Unsubscribe</button>" not in page
    assert ('name="undo"' in page) is offered


def test_a_broken_link_does_not_leave_one_in_doubt(client):
    page = client.get("/unsubscribe/x/").content.decode()

    assert "still subscribed" in page
