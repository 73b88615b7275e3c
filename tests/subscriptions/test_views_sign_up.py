"""The sign-up page: what it says at each field, and that it tells nobody who is subscribed."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.http import HttpResponse, HttpResponseBase
from django.test import Client
from django.utils import timezone

from subscriptions import wording
from subscriptions.models import Consent, Notice, Subscriber, Suppression
from subscriptions.suppression import suppress
from tests.factories import make_subscriber

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 9, 26, 12, tzinfo=UTC)
SUBSCRIBE, ASKED = "/subscribe/", "/subscribe/asked/"
ADA = {"email": "ada@example.org", "keywords": "retrieval, -survey", "time_zone": "Asia/Tokyo"}
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks):
    """Within it, what waits for the commit is done."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def words(answer: HttpResponseBase) -> str:
    assert isinstance(answer, HttpResponse)
    return html.unescape(answer.content.decode())


def error_of(answer: HttpResponseBase, field: str) -> str:
    [error] = re.findall(rf'<p class="error" id="id_{field}_error" role="alert">([^<]+)</p>', words(answer))
    return str(error)


def test_the_page_shows_the_form_and_the_words_one_agrees_to(client):
    answer = client.get(SUBSCRIBE)

    assert answer.status_code == 200
    page = words(answer)
    assert 'method="post"' in page
    assert 'name="csrfmiddlewaretoken"' in page
    assert wording.TEXTS[wording.SIGN_UP] in page
    assert 'type="checkbox"' not in page, "nothing is agreed to by a box"
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_at_the_pages_changes_nothing(client, method):
    for path in (SUBSCRIBE, ASKED):
        assert getattr(client, method)(path, ADA).status_code in (200, 405)

    assert not Subscriber.objects.exists()
    assert not Consent.objects.exists()


def test_a_sign_up_is_asked_once_and_the_letter_is_enqueued(client, queued, on_commit):
    with on_commit():
        answer = client.post(SUBSCRIBE, ADA)

    assert (answer.status_code, answer["Location"]) == (302, ASKED)
    subscriber = Subscriber.objects.get()
    assert subscriber.status == Subscriber.Status.PENDING
    assert str(subscriber.time_zone) == "Asia/Tokyo"
    assert [str(keyword) for keyword in subscriber.keywords.all()] == ["retrieval", "-survey"]
    assert Consent.objects.get().origin == Consent.Origin.FORM
    assert queued == [("subscriptions.tasks.send_notice", (Notice.objects.get().pk,))]


def test_a_task_carries_no_address(client, queued, on_commit):
    with on_commit():
        client.post(SUBSCRIBE, ADA)

    assert "ada" not in str(queued)


def test_a_second_sign_up_within_a_day_enqueues_nothing(client, queued, on_commit):
    with on_commit():
        client.post(SUBSCRIBE, ADA)
        client.post(SUBSCRIBE, ADA)

    assert len(queued) == 1


def test_the_answer_page_can_be_reloaded_and_is_kept_by_nobody(client):
    answer = client.get(ASKED)

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "inbox" in words(answer)


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("email", "", "Please type the address the digest should go to."),
        ("email", "ada", "An email address must have an @-sign."),
        ("email", "ada lovelace@example.org", "SPACE"),
        ("email", "jürgen@example.org", "before the @-sign"),
        ("email", "x" * 65 + "@example.org", "too long before the @-sign"),
        ("email", "ada@example.org, eve@example.org", "','"),
        ("keywords", "x" * 81, "longer than 80 characters"),
        ("keywords", ",".join(f"term {n}" for n in range(31)), "That is 31 keywords; up to 30 are possible."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(client, queued, field, typed, told):
    answer = client.post(SUBSCRIBE, {**ADA, field: typed})

    assert answer.status_code == 422
    assert told in error_of(answer, field)
    page = words(answer)
    for name, value in {**ADA, field: typed}.items():
        [tag] = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)
        assert (f'value="{value}"' in tag) or not value
    [wrong] = re.findall(rf'<input[^>]*name="{field}"[^>]*>', page)
    assert 'aria-invalid="true"' in wrong
    assert f"id_{field}_error" in wrong, "the field names its error to a screen reader"
    assert not Subscriber.objects.exists()
    assert queued == []


def test_what_was_typed_comes_back_as_text(client):
    evil = '"><script>alert(1)</script>'

    answer = client.post(SUBSCRIBE, {"email": evil, "keywords": evil, "time_zone": evil})

    assert answer.status_code == 422
    assert b"<script>alert" not in answer.content


def test_a_time_zone_nobody_knows_stops_nobody(client, queued):
    for name in ("Mars/Olympus", "x" * 65, ""):
        answer = client.post(SUBSCRIBE, {**ADA, "time_zone": name})
        assert answer.status_code == 302, name

    assert str(Subscriber.objects.get().time_zone) == "UTC"


def test_a_page_of_another_site_cannot_sign_anybody_up(queued):
    stranger = Client(enforce_csrf_checks=True)

    assert stranger.post(SUBSCRIBE, ADA).status_code == 403
    assert not Subscriber.objects.exists()


def test_a_browser_with_the_pages_token_can(queued):
    browser = Client(enforce_csrf_checks=True)
    [token] = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', words(browser.get(SUBSCRIBE)))

    assert browser.post(SUBSCRIBE, {**ADA, "csrfmiddlewaretoken": token}).status_code == 302


def test_keywords_that_grow_when_compared_break_nothing(client, queued):
    sign = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"
    client.raise_request_exception = False

    answer = client.post(SUBSCRIBE, {**ADA, "keywords": f"{sign * 79}a, {sign * 79}b"})

    assert answer.status_code in (302, 422)


# --- nobody learns who is subscribed -----------------------------------------------------


def known(state: str) -> None:
    """Make the address known in this way."""
    status = Subscriber.Status
    if state == "pending":
        make_subscriber(ADA["email"], status=status.PENDING)
    elif state == "asked today":
        subscriber = make_subscriber(ADA["email"], status=status.PENDING)
        Notice.objects.create(
            subscriber=subscriber, letter=Notice.Letter.CONFIRMATION, created_at=NOON - timedelta(hours=1)
        )
    elif state == "active":
        make_subscriber(ADA["email"])
    elif state == "unsubscribed":
        make_subscriber(
            ADA["email"], status=status.UNSUBSCRIBED, confirmed_at=timezone.now() - timedelta(days=30)
        )
    elif state == "suppressed":
        suppress(ADA["email"], Suppression.Reason.COMPLAINT)


def bytes_of(answer: HttpResponseBase) -> tuple[int, dict[str, str], str, list[str]]:
    """All an onlooker sees of an answer, but for the token that differs every time."""
    headers = {name: value for name, value in answer.items() if name != "Set-Cookie"}
    return answer.status_code, headers, CSRF.sub("", words(answer)), sorted(answer.cookies)


@pytest.mark.parametrize("state", ["pending", "asked today", "active", "unsubscribed", "suppressed"])
@pytest.mark.parametrize("typed", [ADA, {**ADA, "keywords": "x" * 81}], ids=["valid", "invalid"])
def test_the_answer_is_the_same_whether_or_not_the_address_is_known(queued, state, typed):
    def seen() -> list[tuple[int, dict[str, str], str, list[str]]]:
        browser = Client()
        with time_machine.travel(NOON, tick=False):  # the answers tell the second they were made in
            answers = [browser.get(SUBSCRIBE), browser.post(SUBSCRIBE, typed), browser.get(ASKED)]
        return [bytes_of(answer) for answer in answers]

    unknown = seen()
    Subscriber.objects.all().delete()
    known(state)

    assert seen() == unknown
