"""The one-click POST of RFC 8058: always honoured, whoever sends it, however."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscriptions import lifecycle
from subscriptions.mail import link
from subscriptions.models import Consent, Notice, Subscriber
from subscriptions.tokens import Purpose
from tests.factories import make_subscriber
from tests.subscriptions.fields import words
from tests.subscriptions.links import path_of

pytestmark = pytest.mark.django_db

PENDING, ACTIVE = Subscriber.Status.PENDING, Subscriber.Status.ACTIVE
UNSUBSCRIBED = Subscriber.Status.UNSUBSCRIBED
FORM = "application/x-www-form-urlencoded"
URLENCODED = ("List-Unsubscribe=One-Click", FORM)
FORM_DATA = """\
--b0undary
Content-Disposition: form-data; name="List-Unsubscribe"

One-Click
--b0undary--
"""
MULTIPART = (FORM_DATA.replace("\n", "\r\n"), "multipart/form-data; boundary=b0undary")
both_ways = pytest.mark.parametrize(
    ("body", "content_type"), [URLENCODED, MULTIPART], ids=["form", "multipart"]
)


@pytest.fixture
def subscriber() -> Subscriber:
    return make_subscriber("ada@example.org", "retrieval")


@pytest.fixture
def mail_server() -> Client:
    """Whoever posts for a reader: no cookie, no referer, and CSRF protection as in real life."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


def way_out(subscriber: Subscriber) -> str:
    return path_of(Purpose.UNSUBSCRIBE, subscriber)


def status_of(subscriber: Subscriber) -> str:
    subscriber.refresh_from_db()
    return subscriber.status


@both_ways
def test_one_click_is_done_when_it_is_answered(mail_server, subscriber, body, content_type):
    answer = mail_server.post(way_out(subscriber), data=body, content_type=content_type)

    assert answer.status_code == 200
    assert not answer.cookies
    assert status_of(subscriber) == UNSUBSCRIBED
    assert subscriber.next_digest_at is None
    consent = Consent.objects.get()
    assert (consent.kind, consent.origin) == (Consent.Kind.WITHDRAWN, Consent.Origin.ONE_CLICK)
    assert not Notice.objects.exists(), "the mail program has said so already"


@both_ways
def test_a_second_one_click_is_answered_alike(mail_server, subscriber, body, content_type):
    first, second = (
        mail_server.post(way_out(subscriber), data=body, content_type=content_type) for _ in range(2)
    )

    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert Consent.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", FORM),
        ("", "text/plain"),
        ("", ""),
        ("{}", "application/json"),
        ("List-Unsubscribe=One-Click", "multipart/form-data; boundary=b0undary"),
        ("List-Unsubscribe=One-Click", "multipart/form-data"),
        ("--b0undary\r\nno header at all", "multipart/form-data; boundary=b0undary"),
        ("\xff\xfe=%zz&&&", FORM),
        ("&".join(f"a{n}=1" for n in range(2000)), FORM),
        ("x" * 3_000_000, FORM),
        ("List-Unsubscribe=One-Click", f"{FORM}; charset=utf-8"),
        ("List-Unsubscribe=One-Click", f"{FORM}; charset=unheard-of"),
        ("", "text/plain; charset=undefined"),
        ("List-Unsubscribe=One-Click", f"{FORM}; charset=ISO-8859-1"),
        ("List-Unsubscribe=One-Click", f"{FORM}; charset=us-ascii"),
    ],
)
def test_a_post_is_honoured_whatever_its_body(mail_server, subscriber, body, content_type):
    """The token is the proof, and a reader who wants to leave is not kept by a sloppy mail server."""
    answer = mail_server.generic("POST", way_out(subscriber), body.encode(), content_type)

    assert answer.status_code == 200
    assert status_of(subscriber) == UNSUBSCRIBED


@pytest.mark.parametrize(
    "charset", ["utf-8", "latin-1", "utf-16", "unheard-of", "idna", "base64", "undefined"]
)
def test_a_form_in_parts_is_honoured_whatever_charset_it_names(mail_server, subscriber, charset):
    body, content_type = MULTIPART
    path, named = way_out(subscriber), f"{content_type}; charset={charset}"

    answer = mail_server.generic("POST", path, body.encode(), named)

    assert answer.status_code == 200
    assert status_of(subscriber) == UNSUBSCRIBED
    lifecycle.erase(subscriber)
    assert mail_server.generic("POST", path, body.encode(), named).status_code == 200, "nor if erased"


@given(
    body=st.binary(max_size=300),
    content_type=st.sampled_from(
        [
            FORM,
            "multipart/form-data; boundary=b",
            "multipart/form-data; boundary=",
            "text/html",
            "multipart/mixed",
        ]
    ),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_post_of_whatever_bytes_is_honoured(mail_server, subscriber, body, content_type):
    Subscriber.objects.update(status=ACTIVE, next_digest_at=timezone.now())

    answer = mail_server.generic("POST", way_out(subscriber), body, content_type)

    assert answer.status_code == 200
    assert status_of(subscriber) == UNSUBSCRIBED


def test_a_post_that_does_not_say_how_long_it_is_is_honoured(mail_server, subscriber):
    """In chunks: the web server has put them together, and nothing says how many bytes there are."""
    answer = mail_server.generic(
        "POST", way_out(subscriber), b"", FORM, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked"
    )

    assert answer.status_code == 200
    assert status_of(subscriber) == UNSUBSCRIBED


class BrokenOff:
    """What a web server hands on of a sender that is gone."""

    def read(self, size: int = -1) -> bytes:
        raise ConnectionResetError

    readline = read


@pytest.mark.parametrize("content_type", [FORM, MULTIPART[1]])
def test_a_post_that_breaks_off_is_honoured(mail_server, subscriber, content_type):
    rest: dict[str, Any] = {"CONTENT_LENGTH": "2000", "wsgi.input": BrokenOff()}

    answer = mail_server.generic("POST", way_out(subscriber), b"", content_type, **rest)

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


@both_ways
def test_an_address_whose_last_slash_was_lost_lets_go_without_a_redirect(
    mail_server, subscriber, body, content_type
):
    """Which would lose the POST."""
    path = way_out(subscriber).rstrip("/")

    assert mail_server.get(path).status_code == 200
    assert status_of(subscriber) == ACTIVE
    assert mail_server.post(path, data=body, content_type=content_type).status_code == 200

    assert status_of(subscriber) == UNSUBSCRIBED


def test_who_has_not_confirmed_yet_can_leave_too(mail_server):
    pending = make_subscriber("ada@example.org", status=PENDING)

    assert mail_server.post(way_out(pending)).status_code == 200
    assert status_of(pending) == UNSUBSCRIBED


@pytest.mark.parametrize("epoch", [1, 7])
def test_revoked_links_still_lead_out(mail_server, subscriber, epoch):
    path = way_out(subscriber)
    Subscriber.objects.update(token_epoch=epoch)

    assert mail_server.get(path).status_code == 200
    assert mail_server.post(path, data=URLENCODED[0], content_type=URLENCODED[1]).status_code == 200
    assert status_of(subscriber) == UNSUBSCRIBED


def test_a_link_of_twenty_years_ago_still_works(mail_server, subscriber):
    path = way_out(subscriber)

    with time_machine.travel(timezone.now() + timedelta(days=20 * 365)):
        assert mail_server.post(path).status_code == 200

    assert status_of(subscriber) == UNSUBSCRIBED


def test_a_link_signed_with_the_key_before_this_one_still_works_after_erasure(
    mail_server, subscriber, settings
):
    path = way_out(subscriber)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next key, long enough to be one, 0123456789"
    lifecycle.erase(subscriber)

    for answer in (mail_server.get(path), *(mail_server.post(path, *way) for way in (URLENCODED, MULTIPART))):
        assert answer.status_code == 200
        assert "You are not subscribed" in words(answer)


def test_a_broken_link_does_not_leave_one_in_doubt(client):
    assert "still subscribed" in words(client.get("/unsubscribe/x/"))
