"""The sign-up for programs: the same verb, limits and answer as the form."""

from typing import Any

import pytest
from django.test import Client

from subscriptions import wording
from subscriptions.models import Allowance, Consent, Notice, Subscriber, Suppression
from subscriptions.suppression import suppress
from tests.factories import make_subscriber

pytestmark = pytest.mark.django_db
URL = "/api/v1/subscriptions"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subscriptions.views.pages.ANSWER_SECONDS", 0)


def post(client: Client, body: Any, **headers: str) -> Any:
    return client.post(URL, body, content_type="application/json", headers=headers)


def test_an_address_alone_is_enough(client: Client, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = post(client, {"email": "Ada@Example.org"})

    assert answer.status_code == 202
    subscriber = Subscriber.objects.get()
    assert (subscriber.email, subscriber.status) == ("Ada@example.org", "pending")
    assert (subscriber.cadence, subscriber.hour, subscriber.size, subscriber.thin_day) == (
        "daily",
        8,
        10,
        "skip",
    )
    notice = Notice.objects.get()
    assert notice.letter == Notice.Letter.CONFIRMATION
    assert queued == [("subscriptions.tasks.send_notices", ([notice.pk],))]
    consent = Consent.objects.get()
    assert (consent.origin, consent.wording) == (Consent.Origin.API, wording.NONE)


def test_a_whole_wish_is_taken(client: Client, queued):
    answer = post(
        client,
        {
            "email": "ada@example.org",
            "keywords": ["retrieval", "graph neural network"],
            "muted": ["survey"],
            "cadence": "weekly",
            "weekday": 4,
            "hour": 0,
            "time_zone": "Asia/Tokyo",
            "size": 20,
            "thin_day": "fill",
            "language": "de",
        },
    )

    assert answer.status_code == 202
    subscriber = Subscriber.objects.get()
    assert [str(k) for k in subscriber.keywords.all()] == ["retrieval", "graph neural network", "-survey"]
    assert (subscriber.cadence, subscriber.weekday, subscriber.hour) == ("weekly", 4, 0)
    assert (str(subscriber.time_zone), subscriber.size) == ("Asia/Tokyo", 20)
    assert (subscriber.thin_day, subscriber.language) == ("fill", "de")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "ada@example.org", "hour": 24}, "hour"),
        ({"email": "ada@example.org", "hour": "late"}, "hour"),
        ({"email": "ada@example.org", "size": 7}, "size"),
        ({"email": "ada@example.org", "weekday": 7}, "weekday"),
        ({"email": "ada@example.org", "cadence": "hourly"}, "cadence"),
        ({"email": "ada@example.org", "thin_day": "maybe"}, "thin_day"),
        ({"email": "ada@example.org", "language": "tlh"}, "language"),
        ({"email": "ada@example.org", "time_zone": "Atlantis"}, "time_zone"),
        ({"email": "ada@example.org", "keywords": "retrieval"}, "keywords"),
        ({"email": "ada@example.org", "keywords": ["x"] * 31}, "keywords"),
        ({"email": "ada@example.org", "keywords": ["x" * 81]}, "keywords.0"),
        ({"email": None}, "email"),
        ({"email": ["ada@example.org"]}, "email"),
        ([], "email"),
    ],
)
def test_what_is_wrong_is_said_by_field_and_nothing_is_stored(client: Client, queued, body, field):
    answer = post(client, body)

    assert answer.status_code == 422
    told = answer.json()["errors"]
    assert list(told) == [field]
    assert all(message for message in told[field])
    assert not Subscriber.objects.exists()
    assert queued == []


@pytest.mark.parametrize("body", ["{", "\xff\xfe", "", "[" * 5_000])
def test_what_is_no_json_is_told_so(client: Client, queued, body):
    answer = post(client, body)

    assert answer.status_code in (400, 422)
    assert answer.json()["errors"]
    assert not Subscriber.objects.exists()


def test_the_answer_does_not_tell_what_is_known_of_an_address(
    client: Client, queued, django_capture_on_commit_callbacks
):
    make_subscriber("active@example.org")
    make_subscriber("pending@example.org", status="pending")
    make_subscriber("left@example.org", status="unsubscribed")
    suppress("never@example.org", Suppression.Reason.COMPLAINT)

    who = ("new", "active", "pending", "left", "never")
    with django_capture_on_commit_callbacks(execute=True):
        answers = [post(client, {"email": f"{name}@example.org"}) for name in who]

    assert len({(a.status_code, a.content, str(sorted(a.headers.items()))) for a in answers}) == 1
    assert [name for name, _ in queued] == ["subscriptions.tasks.send_notices"] * 5


def test_the_limits_are_those_of_the_form(client: Client, queued, settings):
    settings.SIGN_UP_RATE_PER_NETWORK = "3/hour"
    for number in range(5):
        answer = post(client, {"email": f"reader{number}@example.org"}, X_Forwarded_For=f"203.0.{number}.9")
        assert answer.status_code == 202

    assert Subscriber.objects.count() == 3
    assert Allowance.objects.exists()


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", ""]
)
def test_what_a_page_of_anybodys_could_have_its_visitors_post_is_refused(
    client: Client, queued, content_type
):
    answer = client.generic("POST", URL, b'{"email": "ada@example.org"}', content_type)

    assert answer.status_code == 415
    assert not Subscriber.objects.exists()
    assert not Allowance.objects.exists()
    assert queued == []


def test_it_takes_json_that_names_its_charset(client: Client, queued):
    body = b'{"email": "ada@example.org"}'

    assert client.generic("POST", URL, body, "application/json; charset=utf-8").status_code == 202


def test_it_needs_no_cookie_and_sets_none(queued):
    client = Client(enforce_csrf_checks=True)
    answer = post(client, {"email": "ada@example.org"})

    assert answer.status_code == 202
    assert not answer.cookies


def test_it_answers_in_the_language_that_is_asked_for(client: Client, queued):
    told = post(client, {"email": "nobody"}, accept_language="de").json()["errors"]["email"][0]
    assert "Adresse" in told
    post(client, {"email": "ada@example.org"}, accept_language="de")
    assert Subscriber.objects.get().language == "de"


def test_it_describes_itself(client: Client):
    described = client.get("/api/v1/openapi.json").json()
    assert "/api/v1/subscriptions" in described["paths"]
    assert client.get("/api/v1/docs").status_code == 200
