"""The page that says what a wish would have brought, and the fragment of it that a script asks for."""

import logging
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from subscriptions.models import MAX_KEYWORD_LENGTH, Consent, Notice, Subscriber
from tests.factories import make_edition, make_paper

pytestmark = pytest.mark.django_db
FRAGMENT = {"X-Fragment": "1"}


@pytest.fixture(autouse=True)
def edition():
    papers = [make_paper(f"Robots {n}", upvotes=n) for n in range(1, 4)]
    return make_edition(make_paper("Retrieval & <b>AT&T</b>", upvotes=7), *papers)


def sign_up_form(**fields: str) -> dict[str, str]:
    """All that the form of the sign-up sends."""
    return {
        "email": "reader@example.org",
        "keywords": "retrieval",
        "homepage": "",
        "shown": "x",
        "guessed_zone": "Europe/Berlin",
        "cadence": "daily",
        "weekday": "0",
        "hour": "8",
        "time_zone": "",
        "size": "10",
        "thin_day": "skip",
        "language": "en",
        **fields,
    }


# --- The fragment ---------------------------------------------------------------------------


def test_a_script_gets_the_fragment_and_no_page_around_it(client: Client):
    response = client.post("/preview/", {"keywords": "retrieval"}, headers=FRAGMENT)
    text = response.content.decode()

    assert response.status_code == 200
    assert "<html" not in text
    assert "1 paper of yours in the last 30 days." in text
    assert "There was 1 edition." in text
    assert "Matches “retrieval” in the title; 7 upvotes" in text
    assert "Retrieval &amp; &lt;b&gt;AT&amp;T&lt;/b&gt;" in text
    assert "<b>AT" not in text


def test_nothing_of_it_is_stored_on_the_way(client: Client):
    response = client.post("/preview/", {"keywords": "retrieval"}, headers=FRAGMENT)

    assert response["Cache-Control"] == "no-store"
    assert not response.cookies


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"keywords": ""}, "4 trending papers in the last 30 days."),
        ({"keywords": "retrieval, robots"}, "4 papers of yours"),
        ({"keywords": "robots"}, "“robots” matches more than 30% of all papers"),
        ({"keywords": "frob"}, "Nothing in the last 30 days matches “frob”."),
        ({"keywords": "frob"}, "On 1 day nothing came."),
        ({"keywords": "frob"}, "Nothing on Friday, 26 September 2025."),
        (
            {"keywords": "frob", "thin_day": "fill"},
            "On 1 day nothing matched, and what is trending stood in.",
        ),
        ({"keywords": "robots"}, "No day without a paper."),
    ],
)
def test_it_says_in_words_what_the_wish_would_have_brought(client: Client, fields: dict[str, str], said: str):
    assert said in client.post("/preview/", fields, headers=FRAGMENT).content.decode()


def test_the_size_counts_as_chosen(client: Client, edition):
    make_edition(*(make_paper(f"Retrieval {n}") for n in range(8)), day=edition.date.replace(day=25))

    ten = client.post("/preview/", {"keywords": "retrieval", "size": "10"}, headers=FRAGMENT)
    five = client.post("/preview/", {"keywords": "retrieval", "size": "5"}, headers=FRAGMENT)

    assert "9 papers of yours" in ten.content.decode()
    assert "6 papers of yours" in five.content.decode()


def test_fields_that_are_not_asked_for_are_ignored_however_wrong(client: Client):
    fields = sign_up_form(email="no address", hour="99", time_zone="Nowhere", language="xx")

    response = client.post("/preview/", fields, headers=FRAGMENT)

    assert response.status_code == 200
    assert "no address" not in response.content.decode()


def test_a_language_asked_for_in_the_address_is_spoken_without_a_cookie(client: Client):
    response = client.post("/preview/?lang=de", {"keywords": "frob"}, headers=FRAGMENT)

    assert "„frob“" in response.content.decode()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"keywords": "x" * (MAX_KEYWORD_LENGTH + 1)}, f"is longer than {MAX_KEYWORD_LENGTH} characters"),
        ({"keywords": "retrieval", "size": "7"}, "Select a valid choice"),
    ],
)
def test_a_wish_that_cannot_be_is_told_why(client: Client, fields: dict[str, str], message: str):
    response = client.post("/preview/", fields, headers=FRAGMENT)

    assert response.status_code == 422
    assert message in response.content.decode()


def test_before_the_first_edition_it_says_so(client: Client, edition):
    edition.delete()

    response = client.post("/preview/", {"keywords": "retrieval"}, headers=FRAGMENT)

    assert "No edition is out yet" in response.content.decode()


# --- The page -------------------------------------------------------------------------------


def test_without_a_script_the_sign_up_form_comes_back_as_it_was_filled_in(client: Client):
    response = client.post("/preview/", sign_up_form(thin_day="fill"))
    text = response.content.decode()

    assert response.status_code == 200
    assert "1 paper of yours in the last 30 days." in text
    assert 'value="reader@example.org"' in text
    assert 'value="retrieval"' in text
    assert '<option value="fill" selected>' in text
    assert 'action="/subscribe/"' in text
    assert response["Cache-Control"] == "no-store"


def test_an_address_that_is_still_missing_is_no_error_yet(client: Client):
    text = client.post("/preview/", sign_up_form(email="")).content.decode()

    assert "Please type the address" not in text
    assert "autofocus" not in text


def test_a_wrong_wish_is_told_at_its_field_alone(client: Client):
    response = client.post("/preview/", sign_up_form(email="", keywords="x" * 81, time_zone="Nowhere"))
    text = response.content.decode()

    assert response.status_code == 422
    assert 'id="id_keywords_error"' in text
    assert text.count("is longer than 80 characters") == 1
    assert 'id="id_email_error"' not in text
    assert 'id="id_time_zone_error"' not in text


def test_the_preference_centre_is_shown_no_sign_up_form(client: Client):
    fields = sign_up_form()
    del fields["email"]

    good, bad = client.post("/preview/", fields), client.post("/preview/", fields | {"keywords": "x" * 81})

    assert "1 paper of yours" in good.content.decode()
    assert "Go back to your preferences" in good.content.decode()
    assert "id_email" not in good.content.decode()
    assert bad.status_code == 422
    assert "is longer than 80 characters" in bad.content.decode()


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_anything_but_a_post_is_shown_the_way(client: Client, method: str):
    response = getattr(client, method)("/preview/")

    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert response["Cache-Control"] == "no-store"
    if method != "head":
        assert "Show what I would get" in response.content.decode()


# --- Changes nothing, and only so often -----------------------------------------------------


def test_it_needs_no_csrf_token_and_leaves_nothing_behind(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG):
        response = Client(enforce_csrf_checks=True).post("/preview/", sign_up_form())

    assert response.status_code == 200
    assert not Subscriber.objects.exists()
    assert not Consent.objects.exists()
    assert not Notice.objects.exists()
    # Queries are logged at DEBUG in tests; the address is in none of them either.
    assert "reader@example.org" not in caplog.text


@pytest.fixture
def sixty_looks(client: Client) -> Iterator[Client]:
    """Somebody who has used up their minute, at a moment that stands still."""
    with time_machine.travel(timezone.now(), tick=False):
        for _ in range(60):
            assert client.post("/preview/", {"keywords": "x"}, headers=FRAGMENT).status_code == 200
        yield client


def test_over_the_limit_one_sentence_is_told(sixty_looks: Client):
    fragment = sixty_looks.post("/preview/", sign_up_form(), headers=FRAGMENT)
    page = sixty_looks.post("/preview/", sign_up_form())

    assert (fragment.status_code, page.status_code) == (429, 429)
    assert fragment["Retry-After"] == "60"
    assert "That was a lot of looking at once." in fragment.content.decode()
    assert "<ol" not in fragment.content.decode()
    assert 'value="reader@example.org"' in page.content.decode()


def test_the_limit_is_a_networks_own(sixty_looks: Client):
    elsewhere = sixty_looks.post("/preview/", {"keywords": "x"}, headers=FRAGMENT, REMOTE_ADDR="203.0.113.9")

    assert elsewhere.status_code == 200
