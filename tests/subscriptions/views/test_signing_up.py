"""The sign-up page: what it takes, and what it says at each field."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as project
from django.test import Client
from django.utils import timezone

from subscriptions import wording
from subscriptions.forms import STAMP
from subscriptions.models import Allowance, Consent, Notice, Subscriber
from tests.subscriptions.fields import Fields, error_at, words
from tests.subscriptions.looks import Page, acts_by_itself, look_at
from tests.subscriptions.rows import every_row

pytestmark = pytest.mark.django_db

SUBSCRIBE, ASKED = "/subscribe/", "/subscribe/asked/"
ADA = {
    "email": "ada@example.org",
    "keywords": "retrieval, -survey",
    "cadence": "weekly",
    "weekday": "4",
    "hour": "6",
    "time_zone": "Asia/Tokyo",
    "size": "20",
    "thin_day": "fill",
    "language": "de",
}
CHOICES = {"cadence", "weekday", "hour", "size", "thin_day", "language"}


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks):
    """Within it, what waits for the commit is done."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_the_page_shows_the_form_and_the_words_one_agrees_to(client):
    answer = client.get(SUBSCRIBE)

    assert answer.status_code == 200
    page = words(answer)
    assert 'method="post"' in page
    assert 'name="csrfmiddlewaretoken"' in page
    assert str(wording.TEXTS[wording.SIGN_UP]) in page
    assert 'type="checkbox"' not in page, "nothing is agreed to by a box"
    assert acts_by_itself(Page(answer)) == []


def test_an_address_is_all_it_needs_the_rest_is_filled_in(client):
    values = Fields(client.get(SUBSCRIBE)).values

    assert values["email"] == values["keywords"] == values["homepage"] == ""
    assert {name: values[name] for name in CHOICES} == {
        "cadence": "daily",
        "weekday": "0",
        "hour": "8",
        "size": "10",
        "thin_day": "skip",
        "language": "en",
    }


def test_who_reads_german_is_offered_german_mails(client):
    answer = client.get(SUBSCRIBE, headers={"Accept-Language": "de"})

    assert Fields(answer).values["language"] == "de"


def test_looking_at_the_pages_changes_nothing(queued):
    before = every_row()

    for path in (SUBSCRIBE, f"{SUBSCRIBE}?email=ada@example.org", ASKED):
        for method, answer in look_at(path):
            assert answer.status_code in (200, 405), (path, method)

    assert every_row() == before
    assert queued == []


def test_a_sign_up_is_asked_once_and_the_letter_is_enqueued(client, queued, on_commit):
    with on_commit():
        answer = client.post(SUBSCRIBE, ADA)

    assert (answer.status_code, answer["Location"]) == (302, ASKED)
    subscriber = Subscriber.objects.get()
    assert subscriber.status == Subscriber.Status.PENDING
    assert [str(keyword) for keyword in subscriber.keywords.all()] == ["retrieval", "-survey"]
    consent = Consent.objects.get()
    assert (consent.origin, consent.network) == (Consent.Origin.FORM, "127.0.0.0/24")
    assert queued == [("subscriptions.tasks.send_notices", ([Notice.objects.get().pk],))]


def test_the_whole_wish_stands_on_the_row(client, queued):
    client.post(SUBSCRIBE, ADA)

    subscriber = Subscriber.objects.get()
    assert {name: str(getattr(subscriber, name)) for name in (*CHOICES, "time_zone", "email")} == {
        name: value for name, value in ADA.items() if name != "keywords"
    }


def test_an_address_alone_will_do(client, queued):
    assert client.post(SUBSCRIBE, {"email": "ada@example.org"}).status_code == 302

    subscriber = Subscriber.objects.get()
    assert (subscriber.cadence, subscriber.weekday, subscriber.hour, subscriber.size) == (
        "daily",
        None,
        8,
        10,
    )


def test_a_task_and_the_log_carry_no_address(client, queued, on_commit, caplog):
    with on_commit():
        client.post(SUBSCRIBE, ADA)
        client.post(SUBSCRIBE, {**ADA, "hour": "25"})

    assert "ada" not in str(queued)
    assert "ada" not in caplog.text


def test_a_second_sign_up_within_a_day_asks_nothing_more(client, queued, on_commit):
    with on_commit():
        client.post(SUBSCRIBE, ADA)
        client.post(SUBSCRIBE, ADA)

    assert [len(arguments[0]) for _, arguments in queued] == [1, 0]
    assert Notice.objects.count() == 1


def test_the_answer_page_can_be_reloaded_and_is_kept_by_nobody(client):
    answer = client.get(ASKED)

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "inbox" in words(answer)
    assert acts_by_itself(Page(answer)) == []


# --- wrong input ------------------------------------------------------------------------

WRONG = [
    ("email", "", "Please type the address the digest should go to."),
    ("email", "   ", "Please type the address the digest should go to."),
    ("email", "ada", "it has no @"),
    ("email", "ada lovelace@example.org", "before the @"),
    ("email", "ada@example", "after the @"),
    ("email", "jürgen@example.org", "such letters before the @"),
    ("email", "x" * 65 + "@example.org", "before the @"),
    ("email", "ada@example.org, eve@example.org", ""),
    ("keywords", "x" * 81, "longer than 80 characters"),
    ("keywords", ",".join(f"term {n}" for n in range(31)), "That is 31 keywords; up to 30 are possible."),
    ("cadence", "hourly", "Select a valid choice"),
    ("weekday", "7", "Select a valid choice"),
    ("hour", "24", "Select a valid choice"),
    ("hour", "noon", "Select a valid choice"),
    ("time_zone", "Mars/Olympus", "There is no time zone “Mars/Olympus”."),
    ("time_zone", "Berln", "Did you mean Europe/Berlin"),
    ("time_zone", "x" * 65, "64 characters"),
    ("size", "7", "Select a valid choice"),
    ("thin_day", "perhaps", "Select a valid choice"),
    ("language", "tlh", "Select a valid choice"),
]


@pytest.mark.parametrize(("field", "typed", "told"), WRONG)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(client, queued, field, typed, told):
    answer = client.post(SUBSCRIBE, {**ADA, field: typed})

    assert answer.status_code == 422
    assert told in error_at(answer, field)
    shown = Fields(answer)
    kept = {**ADA, field: typed}
    for name, value in kept.items():
        if name == field and name in CHOICES:
            assert shown.values[name] is None, "what cannot be chosen is not shown as if it were"
        else:
            assert shown.values[name] == value
    assert "autofocus" in shown.attributes[field]
    assert words(answer).count("autofocus") == 1
    assert re.search(r"<title>\s*Error:", words(answer)), (
        "who hears the page hears first that something is wrong"
    )
    assert not Subscriber.objects.exists()
    assert not Allowance.objects.exists(), "a slip of the finger costs nothing"
    assert queued == []


@pytest.mark.parametrize("field", ["email", "keywords", *CHOICES, "time_zone"])
def test_a_null_character_breaks_nothing(client, queued, field):
    assert client.post(SUBSCRIBE, {**ADA, field: f"{ADA[field]}\x00"}).status_code == 422


@pytest.mark.parametrize(
    ("field", "opened"), [("email", False), ("keywords", False), ("hour", True), ("time_zone", True)]
)
def test_what_is_folded_away_unfolds_where_something_in_it_is_wrong(client, field, opened):
    page = words(client.post(SUBSCRIBE, {**ADA, field: "x" * 300}))

    assert bool(re.search(r'<details class="more" open>', page)) is opened


@pytest.mark.parametrize("language", [code for code, _ in project.LANGUAGES if code != "en"])
@pytest.mark.parametrize(
    ("field", "typed"),
    [(field, typed) for field, typed, _ in WRONG],
)
def test_what_is_wrong_is_said_in_the_language_of_the_page(client, language, field, typed):
    answer = client.post(SUBSCRIBE, {**ADA, field: typed}, headers={"Accept-Language": language})
    english = client.post(SUBSCRIBE, {**ADA, field: typed}, headers={"Accept-Language": "en"})

    assert error_at(answer, field) != error_at(english, field)


def test_what_was_typed_comes_back_as_text(client):
    evil = '"><script>alert(1)</script>'

    answer = client.post(SUBSCRIBE, dict.fromkeys([*ADA, "homepage", "shown", "guessed_zone"], evil))

    assert answer.status_code == 422
    assert b"<script>alert" not in answer.content


@pytest.mark.parametrize("hidden", ["guessed_zone", "shown"])
@pytest.mark.parametrize(
    "value", ["", "Mars/Olympus", "x" * 5000, "\x00", "\ufffd", "a:b:c", "../../etc/passwd"]
)
def test_what_nobody_sees_stops_nobody(client, queued, hidden, value):
    answer = client.post(SUBSCRIBE, {"email": "ada@example.org", hidden: value})

    assert answer.status_code == 302
    assert str(Subscriber.objects.get().time_zone) == project.EDITION_TIME_ZONE


def test_the_zone_the_browser_guesses_is_taken_where_none_was_typed(client, queued):
    client.post(SUBSCRIBE, {"email": "ada@example.org", "guessed_zone": "Asia/Tokyo"})
    client.post(SUBSCRIBE, {"email": "mary@example.org", "guessed_zone": "Asia/Tokyo", "time_zone": "paris"})

    zones = dict(Subscriber.objects.values_list("email", "time_zone"))
    assert {email: str(zone) for email, zone in zones.items()} == {
        "ada@example.org": "Asia/Tokyo",
        "mary@example.org": "Europe/Paris",
    }


def test_keywords_that_grow_when_compared_break_nothing(client, queued):
    sign = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"
    client.raise_request_exception = False

    answer = client.post(SUBSCRIBE, {**ADA, "keywords": f"{sign * 79}a, {sign * 79}b"})

    assert answer.status_code in (302, 422)


# --- who may ----------------------------------------------------------------------------


def test_a_page_of_another_site_cannot_sign_anybody_up(queued):
    stranger = Client(enforce_csrf_checks=True)

    assert stranger.post(SUBSCRIBE, ADA).status_code == 403
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("page", [SUBSCRIBE, "/"])
def test_a_browser_with_the_pages_token_can(queued, page):
    browser = Client(enforce_csrf_checks=True)
    token = Fields(browser.get(page)).values["csrfmiddlewaretoken"]

    assert browser.post(SUBSCRIBE, {**ADA, "csrfmiddlewaretoken": token}).status_code == 302


def test_what_fills_in_every_field_is_answered_alike_and_stores_nothing(client, queued, on_commit):
    before = every_row()

    with on_commit():
        answer = client.post(SUBSCRIBE, {**ADA, "homepage": "https://spam.example"})

    assert (answer.status_code, answer["Location"]) == (302, ASKED)
    assert every_row() == before
    assert queued == [("subscriptions.tasks.send_notices", ([],))]


def test_who_is_faster_than_any_hand_uses_up_three_times_as_much(client, queued, settings):
    settings.SIGN_UP_RATE_PER_NETWORK = "6/hour"

    for number in range(9):
        shown = STAMP.sign("form")
        client.post(SUBSCRIBE, {"email": f"reader{number}@example.org", "shown": shown})

    assert Subscriber.objects.count() == 2


@pytest.mark.parametrize("seconds", [3, 600, 86_000])
def test_who_takes_the_time_to_type_uses_up_one(client, queued, settings, seconds):
    settings.SIGN_UP_RATE_PER_NETWORK = "6/hour"
    shown = Fields(client.get(SUBSCRIBE)).values["shown"]

    with time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False):
        for number in range(9):
            client.post(SUBSCRIBE, {"email": f"reader{number}@example.org", "shown": shown})

    assert Subscriber.objects.count() == 6
