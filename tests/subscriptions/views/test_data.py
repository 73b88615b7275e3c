"""One's data as a file, and being forgotten."""

import json

import pytest
from django.utils import translation

from subscriptions import lifecycle, wording
from subscriptions.models import Consent, Keyword, Notice, Subscriber, Suppression
from subscriptions.suppression import is_suppressed
from subscriptions.tokens import Purpose
from tests.subscriptions.fields import words
from tests.subscriptions.links import asked, asked_to_move, erase_path, path_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Subscriber:
    """Somebody with a history."""
    question = asked("ada@example.org", "retrieval, -survey")
    lifecycle.confirm(question.subscriber, ask=question.ask, network="203.0.113.0/24")
    return Subscriber.objects.get()


def test_the_file_is_json_to_keep_with_all_that_is_held(client, ada):
    answer = client.post(path_of(Purpose.EXPORT, ada))

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == 'attachment; filename="paper-round.json"'
    told = json.loads(answer.content)
    assert told["subscriber"]["address"] == "ada@example.org"
    assert told["preferences"]["keywords"] == ["retrieval", "-survey"]
    assert [line["kind"] for line in told["consent"]] == ["asked", "confirmed"]
    assert told["consent"][1]["words"] == "Yes, send me the digest."
    assert [letter["letter"] for letter in told["letters"]] == ["confirmation", "welcome"]


def test_the_link_to_the_preferences_leads_to_the_same_file(client, ada):
    preferences, export = (path_of(purpose, ada) for purpose in (Purpose.PREFERENCES, Purpose.EXPORT))

    assert client.post(f"{preferences}export/").content == client.post(export).content


def test_the_file_tells_nothing_of_other_addresses_that_were_asked(client, ada):
    """Whether there was a question would tell whether that address is known."""
    before = json.loads(client.post(path_of(Purpose.EXPORT, ada)).content)
    asked_to_move(ada, "grace@new.example")

    assert json.loads(client.post(path_of(Purpose.EXPORT, ada)).content) == before


def test_the_file_has_the_words_in_the_language_they_were_read_in(client):
    question = asked("ada@example.org", language="de")
    with translation.override("de"):
        lifecycle.confirm(question.subscriber, ask=question.ask)
        german = str(wording.TEXTS[wording.CONFIRM])
    told = json.loads(client.post(path_of(Purpose.EXPORT, question.subscriber)).content)

    assert german != "Yes, send me the digest."
    assert [line["words"] for line in told["consent"] if line["kind"] == "confirmed"] == [german]


def test_the_file_says_nothing_that_would_open_a_door(client, ada):
    text = client.post(path_of(Purpose.EXPORT, ada)).content.decode()

    assert str(ada.public_id) not in text
    assert ada.public_id.hex not in text
    for notice in Notice.objects.all():
        assert str(notice.public_id) not in text
    assert "token" not in text


def test_a_look_gets_a_button_and_no_file(client, ada):
    answer = client.get(path_of(Purpose.EXPORT, ada))

    assert answer["Content-Type"].startswith("text/html")
    assert "ada@example.org" not in words(answer)
    assert "retrieval" not in words(answer)


def test_the_page_says_what_goes_and_what_stays_and_how_to_turn_back(client, ada):
    page = words(client.get(erase_path(ada)))

    assert "This cannot be undone." in page
    assert "fingerprint" in page
    [back] = {link for link in page.split('"') if link.startswith("/preferences/")}
    assert client.get(back).status_code == 200


def test_the_button_erases_everything_but_the_fingerprint(client, ada):
    answer = client.post(erase_path(ada))

    assert answer.status_code == 200
    assert "Everything is erased" in words(answer)
    for model in (Subscriber, Keyword, Consent, Notice):
        assert not model.objects.exists(), model
    assert Suppression.objects.get().reason == Suppression.Reason.ERASED
    assert is_suppressed("ada@example.org")


def test_who_was_erased_cannot_be_signed_up_again_by_anybody(client, ada, queued):
    client.post(erase_path(ada))

    assert client.post("/subscribe/", {"email": "ADA@example.org"}).status_code == 302
    assert not Subscriber.objects.exists()
    assert not Notice.objects.exists()
