"""Nobody learns from an answer who is subscribed: it is the same to the byte, whatever is known."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from disposable_email_domains import blocklist
from django.http import HttpResponse, HttpResponseBase
from django.test import Client

from subscriptions.models import Allowance, Notice, Subscriber, Suppression
from subscriptions.suppression import suppress
from subscriptions.tokens import Purpose
from subscriptions.views import pages
from tests.factories import make_subscriber
from tests.subscriptions.links import path_of
from tests.subscriptions.rows import every_row

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 9, 26, 12, tzinfo=UTC)
EMAIL = "ada@mailinator.com"
CSRF = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')
Status = Subscriber.Status
Seen = tuple[int, dict[str, str], bytes, list[str]]

STATES = [
    "new",
    "pending",
    "pending since yesterday",
    "active",
    "unsubscribed",
    "bounce",
    "complaint",
    "erased",
    "manual",
    "disposable",
    "domain at its limit",
    "site at its limit",
]
ASKED = {"new": 1, "pending since yesterday": 1, "active": 1, "unsubscribed": 1}
"""How many letters a sign-up owes; none in every other state."""
MAILED = {"active": 1, "unsubscribed": 1}
"""How many letters the wish for a link owes."""


def make(state: str, settings: Any) -> None:
    """Have the address known in this way, and nothing else."""
    if state in Suppression.Reason.values:
        suppress(EMAIL, Suppression.Reason(state))
    elif state == "disposable":
        settings.REFUSE_DISPOSABLE = True
    elif state.startswith("pending"):
        asked_at = NOON - timedelta(hours=1 if state == "pending" else 25)
        subscriber = make_subscriber(EMAIL, status=Status.PENDING, asked_at=asked_at)
        Notice.objects.create(
            subscriber=subscriber,
            letter=Notice.Letter.CONFIRMATION,
            created_at=asked_at,
            state=Notice.State.ACCEPTED,
        )
    elif state == "active":
        make_subscriber(EMAIL, "retrieval", language="de")
    elif state == "unsubscribed":
        make_subscriber(
            EMAIL,
            status=Status.UNSUBSCRIBED,
            confirmed_at=NOON - timedelta(days=30),
            left_at=NOON - timedelta(days=20),
            language="de",
        )
    elif state.endswith("at its limit"):
        name = "SIGN_UP_RATE_PER_DOMAIN" if state.startswith("domain") else "SIGN_UP_RATE"
        setattr(settings, name, "1/hour")
        Client().post("/subscribe/", {"email": "mary@mailinator.com"})


def seen(answer: HttpResponseBase) -> Seen:
    """All an onlooker sees of an answer, but for the token that differs every time."""
    assert isinstance(answer, HttpResponse)
    cookies = [re.sub(r"=[^;]*", "", morsel.OutputString(), count=1) for morsel in answer.cookies.values()]
    return answer.status_code, dict(answer.items()), CSRF.sub(b"", answer.content), sorted(cookies)


def walk(path: str, typed: dict[str, str]) -> list[Seen]:
    """The form, what it answers, where that leads to, and the form once more, in one browser."""
    browser = Client()
    answers = [browser.get(path), browser.post(path, typed)]
    if "Location" in answers[1].headers:
        answers.append(browser.get(answers[1]["Location"]))
    return [seen(answer) for answer in [*answers, browser.get(path)]]


def as_of_somebody_new(path: str, typed: dict[str, str]) -> list[Seen]:
    """What is compared with. Nothing of it stays."""
    unknown = walk(path, typed)
    Subscriber.objects.all().delete()
    Allowance.objects.all().delete()
    return unknown


@pytest.fixture(autouse=True)
def at_noon():
    """Answers tell the second they were made in."""
    with time_machine.travel(NOON, tick=False):
        yield


def test_the_address_of_these_tests_is_one_to_throw_away():
    assert EMAIL.partition("@")[2] in blocklist


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "typed",
    [
        {"email": EMAIL},
        {"email": EMAIL, "keywords": "retrieval, -survey", "time_zone": "Asia/Tokyo"},
        {"email": EMAIL, "keywords": "x" * 81},
        {"email": EMAIL, "homepage": "https://spam.example"},
    ],
    ids=["address alone", "with a wish", "refused", "trapped"],
)
def test_the_form_answers_the_same(queued, settings, state, typed):
    unknown = as_of_somebody_new("/subscribe/", typed)
    make(state, settings)

    assert walk("/subscribe/", typed) == unknown


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("typed", [EMAIL, "ada@"], ids=["address", "no address"])
def test_the_page_for_a_link_answers_the_same(queued, settings, state, typed):
    unknown = as_of_somebody_new("/manage/", {"email": typed})
    make(state, settings)

    assert walk("/manage/", {"email": typed}) == unknown


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("path", "owed"), [("/subscribe/", ASKED), ("/manage/", MAILED)], ids=["form", "link"]
)
def test_one_task_is_enqueued_whatever_is_known(
    client, queued, settings, django_capture_on_commit_callbacks, state, path, owed
):
    """To speak to a queue takes time: who is silent sometimes tells something."""
    make(state, settings)
    queued.clear()

    with django_capture_on_commit_callbacks(execute=True):
        client.post(path, {"email": EMAIL})

    [(name, (ids,))] = queued
    assert name == "subscriptions.tasks.send_notices"
    assert isinstance(ids, list)
    assert len(ids) == owed.get(state, 0)
    assert ids == list(
        Notice.objects.filter(created_at=NOON, subscriber__email=EMAIL).values_list("pk", flat=True)
    )


@pytest.mark.parametrize("state", STATES)
def test_the_page_that_asks_at_another_address_answers_the_same(queued, settings, state):
    """Somebody subscribed could try out other people's addresses there."""
    grace = make_subscriber("grace@example.org")
    path, typed = path_of(Purpose.PREFERENCES, grace), {"do": "address", "new-email": EMAIL}
    unknown = seen(Client().post(path, typed))
    Notice.objects.all().delete()
    make(state, settings)

    assert seen(Client().post(path, typed)) == unknown


# --- and none is quicker ----------------------------------------------------------------


@pytest.fixture
def slept(monkeypatch) -> list[float]:
    """What answers waited, of a thousand seconds that each is to take; nobody really waits."""
    seconds: list[float] = []
    monkeypatch.setattr(pages, "ANSWER_SECONDS", 1000)
    monkeypatch.setattr("subscriptions.views.pages.time.sleep", seconds.append)
    return seconds


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("path", ["/subscribe/", "/manage/"])
def test_every_answer_waits_until_all_would_be_ready(client, queued, settings, slept, state, path):
    make(state, settings)
    slept.clear()

    client.post(path, {"email": EMAIL})

    [waited] = slept
    assert 900 < waited < 1000, "less what it took to act"


@pytest.mark.parametrize("typed", [{"email": "ada@"}, {"email": EMAIL, "homepage": "x"}])
def test_an_answer_waits_only_if_something_was_looked_up(client, queued, slept, typed):
    """Who is caught by the trap must not know it by how fast the answer came."""
    client.post("/subscribe/", typed)

    assert bool(slept) is ("homepage" in typed)


@pytest.mark.parametrize("state", STATES)
def test_the_question_at_another_address_waits_too(client, queued, settings, slept, state):
    path = path_of(Purpose.PREFERENCES, make_subscriber("grace@example.org"))
    make(state, settings)
    slept.clear()

    client.post(path, {"do": "address", "new-email": EMAIL})

    assert len(slept) == 1


@pytest.mark.parametrize(("took", "waits"), [(0, 1000), (1, 999), (999, 1), (1300, 700), (5001, 999)])
def test_what_takes_longer_is_rounded_up_too(monkeypatch, queued, slept, took, waits):
    """Where there is more to do than an answer allows for, the time would tell it."""
    clock = iter([100.0, 100.0 + took])
    monkeypatch.setattr("subscriptions.views.pages.time.monotonic", lambda: next(clock))

    pages.evenly(list)

    assert slept == [waits]


# --- but for a network that asks too often ----------------------------------------------


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("path", ["/subscribe/", "/manage/", "preferences", "/api/v1/subscriptions"])
def test_who_asks_too_often_is_answered_alike_at_once_and_nothing_is_done(
    client, queued, settings, slept, django_capture_on_commit_callbacks, state, path
):
    """That they do says nothing of any address; and threads are few."""
    make(state, settings)
    grace = make_subscriber("grace@example.org")
    typed = {"email": EMAIL}
    if path == "preferences":
        path, typed = path_of(Purpose.PREFERENCES, grace), {"do": "address", "new-email": EMAIL}
    content_type = {"content_type": "application/json"} if "api" in path else {}
    before_the_limit = client.post(path, typed, **content_type)
    settings.SIGN_UP_RATE_PER_NETWORK = "1/day"
    Allowance.objects.all().delete()
    client.post("/manage/", {"email": "nobody@example.org"})
    slept.clear()
    queued.clear()
    before = every_row()

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(path, typed, **content_type)

    assert seen(answer) == seen(before_the_limit)
    assert (queued, slept) == ([], [])
    assert every_row() == before
