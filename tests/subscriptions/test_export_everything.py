"""The export says all that is held on a person, in words they can read, and gives no door away."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.utils import translation

from digest.models import Delivery, Vote
from subscriptions import lifecycle
from subscriptions.address import parse_address
from subscriptions.export import everything_on
from subscriptions.mail import token_for
from subscriptions.models import Consent, Keyword, Notice, Subscriber, Suppression
from subscriptions.preferences import Preferences
from subscriptions.suppression import suppress, suppression_key
from subscriptions.throttling import _key
from subscriptions.tokens import ANSWERS, Purpose
from tests.factories import make_edition, make_paper, make_subscriber
from tests.subscriptions.lifecycle.people import NOW, question, say_yes

pytestmark = pytest.mark.django_db

TOLD: dict[type[models.Model], set[str]] = {
    Subscriber: {
        "email", "status", "asked_at", "confirmed_at", "left_at", "paused_until", "next_digest_at",
        "cadence", "weekday", "hour", "time_zone", "size", "thin_day", "language",
    },
    Keyword: {"text", "stance"},
    Consent: {"kind", "at", "origin", "wording", "network", "detail"},
    Notice: {"letter", "subject", "created_at", "state", "settled_at"},
    Delivery: {"edition", "planned_at", "subject", "state", "reason", "settled_at", "picks"},
}  # fmt: skip
KEPT_FOR_OURSELVES: dict[type[models.Model], set[str]] = {
    # Ours, or the same said once more: ids, keys of doors, a spelling for comparing, how far the house is.
    Subscriber: {"id", "public_id", "token_epoch", "email_key", "caught_up_at"},
    Keyword: {"id", "subscriber", "key"},
    Consent: {"id", "subscriber"},
    # Who holds the letter, and when it is tried; the provider's number of it; addresses of perhaps others.
    Notice: {
        "id", "public_id", "subscriber", "ask", "address", "reason", "attempts", "due_at", "lease_until",
        "handed_over_at", "esp_message_id",
    },
    Delivery: {
        "id", "public_id", "subscriber", "editions", "left_out", "attempts", "due_at", "lease_until",
        "handed_over_at", "esp_message_id",
    },
}  # fmt: skip
NOT_WRITTEN_YET: set[type[models.Model]] = {Vote}
"""Tables that nothing fills so far: whoever begins to has to put them into the export."""


@pytest.fixture
def ada() -> Subscriber:
    """Somebody of whom there is a bit of everything."""
    paper = make_paper("A paper on retrieval")
    edition = make_edition(paper)
    say_yes(question("Ada@example.org", "retrieval, -survey", network="203.0.113.0/24", zone="Asia/Tokyo"))
    ada = Subscriber.objects.get()
    lifecycle.pause(ada, datetime(2025, 10, 10, tzinfo=UTC).date(), now=NOW)
    [asked] = lifecycle.ask_to_move(ada, parse_address("ada@new.example"), now=NOW)
    lifecycle.move(Notice.objects.get(pk=asked), now=NOW + timedelta(hours=1))
    ada.refresh_from_db()
    lifecycle.withdraw(ada, origin=Consent.Origin.PAGE, reason="too_many", now=NOW + timedelta(hours=2))
    Delivery.objects.create(
        subscriber=ada,
        edition=edition,
        editions=[edition.pk],
        picks=[{"paper": paper.pk, "terms": [["retrieval", "title"]], "pinned": False, "outside": False}],
        state=Delivery.State.FAILED,
        reason="recipient refused with SMTP 550",
        settled_at=NOW,
        esp_message_id="provider-17",
    )
    suppress("ada@new.example", Suppression.Reason.BOUNCE)
    Notice.objects.update(esp_message_id="provider-18")
    return Subscriber.objects.get(pk=ada.pk)


def export(subscriber: Subscriber) -> dict[str, Any]:
    """As the file says it."""
    told: dict[str, Any] = json.loads(json.dumps(everything_on(subscriber)))
    return told


def test_every_column_of_a_person_is_told_or_left_out_for_a_reason():
    """A new column has to be put on one of the lists, and so into the export, by whoever adds it."""
    personal = {
        model
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.concrete and field.related_model is Subscriber
    }

    assert personal - NOT_WRITTEN_YET == TOLD.keys() - {Subscriber}
    for model, told in TOLD.items():
        columns = {field.name for field in model._meta.concrete_fields}
        assert told | KEPT_FOR_OURSELVES[model] == columns, model.__name__


def test_it_says_who_and_what_and_when(ada):
    told = export(ada)

    assert told["format"] == "paper-round-export-1"
    assert told["subscriber"] == {
        "address": "ada@new.example",
        "status": "unsubscribed",
        "asked_at": NOW.isoformat(),
        "confirmed_at": NOW.isoformat(),
        "left_at": (NOW + timedelta(hours=2)).isoformat(),
        "paused_until": datetime(2025, 10, 9, 15, tzinfo=UTC).isoformat(),
        "next_digest_at": None,
    }
    assert told["preferences"] == Preferences.of(ada).as_json()
    assert told["preferences"]["keywords"] == ["retrieval", "-survey"]
    assert told["preferences"]["time_zone"] == "Asia/Tokyo"
    assert told["suppressed"] == ["bounce"]


def test_it_says_when_the_next_digest_comes_and_until_when_they_pause(settings):
    reader = make_subscriber(next_digest_at=NOW, paused_until=NOW + timedelta(days=3))

    person = export(reader)["subscriber"]

    assert person["next_digest_at"] == NOW.isoformat()
    assert person["paused_until"] == (NOW + timedelta(days=3)).isoformat()


def test_it_says_every_line_of_consent_with_the_words_that_were_shown(ada):
    lines = export(ada)["consent"]

    assert [line["kind"] for line in lines] == ["asked", "confirmed", "changed", "changed", "withdrawn"]
    assert lines[0]["network"] == "203.0.113.0/24"
    assert lines[0]["at"] == NOW.isoformat()
    assert lines[0]["words"].startswith("Send me papers that match my keywords")
    assert lines[0]["detail"]["wish"]["keywords"] == ["retrieval", "-survey"]
    assert lines[3]["detail"]["address"] == "changed"
    assert [line["wording"] for line in lines] == [
        "sign-up-1", "confirm-1", "pause-1", "address-1", "unsubscribe-1",
    ]  # fmt: skip
    assert lines[4]["detail"]["reason"] == "too_many"
    assert all(line["words"] for line in lines)


def test_it_says_every_letter_that_went_to_them(ada):
    letters = export(ada)["letters"]

    assert [one["letter"] for one in letters] == [
        "confirmation", "welcome", "address_changed", "farewell",
    ]  # fmt: skip
    assert all(one.keys() == {"letter", "subject", "created_at", "state", "settled_at"} for one in letters)
    assert {one["state"] for one in letters} == {"planned"}
    assert letters[0]["created_at"] == NOW.isoformat()


def test_it_does_not_tell_whether_an_address_they_asked_for_is_known():
    """One that is refused gets no letter, so that a letter in the export would be the answer."""
    reader = make_subscriber("ada@example.org")
    make_subscriber("grace@example.org")
    suppress("mary@example.org", Suppression.Reason.BOUNCE)
    before = export(reader)

    for address in ("stranger@example.org", "grace@example.org", "mary@example.org"):
        lifecycle.ask_to_move(reader, parse_address(address))
        assert export(reader) == before


def test_it_names_no_address_but_the_one_of_today(ada):
    text = json.dumps(export(ada))

    assert "ada@new.example" in text
    assert "ada@example.org" not in text.lower()


def test_it_says_every_digest_and_why_each_paper_was_in_it(ada):
    [digest] = export(ada)["digests"]

    assert digest["edition"] == "2025-09-26"
    assert (digest["state"], digest["reason"]) == ("failed", "recipient refused with SMTP 550")
    assert digest["settled_at"] == NOW.isoformat()
    [paper] = digest["papers"]
    assert paper["title"] == "A paper on retrieval"
    assert paper["matched"] == [{"keyword": "retrieval", "in": "title"}]


def test_it_says_nothing_of_anybody_else(ada):
    other = make_subscriber("grace@example.org", "robots")
    Consent.objects.create(subscriber=other, kind="asked", origin="form", wording="sign-up-1")
    Notice.objects.create(subscriber=other, letter=Notice.Letter.WELCOME)
    suppress("grace@example.org", Suppression.Reason.COMPLAINT)
    Delivery.objects.create(
        subscriber=other, edition=make_edition(make_paper(), day=NOW.date() - timedelta(days=1))
    )

    text = json.dumps(export(ada))

    for word in ("grace", "robots", "complaint", "2025-09-25"):
        assert word not in text


def test_it_opens_no_door(ada):
    """It may be shown to anybody: no token is in it, nor the ids that tokens are made of."""
    text = json.dumps(export(ada))

    secrets = {"provider-17", "provider-18", suppression_key(ada.email_key), _key("address", ada.email_key)}
    for row in (ada, *Notice.objects.all(), *Delivery.objects.all()):
        secrets |= {str(row.public_id), row.public_id.hex}
        if not isinstance(row, Delivery):
            named = [purpose for purpose in Purpose if isinstance(row, Notice) == (purpose in ANSWERS)]
            secrets |= {token_for(purpose, row).partition(".")[0] for purpose in named}
    assert [secret for secret in secrets if secret in text] == []
    assert "token" not in text
    assert "epoch" not in text


def test_it_holds_no_number_that_only_we_know():
    """What is held is told by names and dates; a number of ours tells how many others there are."""
    Subscriber.objects.create(pk=987_654_321, email="ada@example.org", email_key="ada@example.org")
    reader = Subscriber.objects.get()
    paper = make_paper(id=987_654_322)
    edition = make_edition(paper)
    Consent.objects.create(
        pk=987_654_324, subscriber=reader, kind="asked", origin="form", wording="sign-up-1"
    )
    Notice.objects.create(pk=987_654_325, subscriber=reader, letter=Notice.Letter.WELCOME)
    Delivery.objects.create(pk=987_654_326, subscriber=reader, edition=edition, picks=[{"paper": paper.pk}])

    told = export(reader)

    assert told["digests"][0]["papers"]
    assert "98765432" not in json.dumps(told)


def test_somebody_who_only_typed_an_address_has_an_export_too():
    told = export(make_subscriber("ada@example.org", status=Subscriber.Status.PENDING))

    assert told["subscriber"]["address"] == "ada@example.org"
    assert (told["consent"], told["letters"], told["digests"], told["suppressed"]) == ([], [], [], [])


def test_words_are_told_in_the_language_they_were_read_in():
    """Whatever the page of the export speaks: it is what they agreed to."""
    reader = make_subscriber()
    for language in ("en", "de"):
        Consent.objects.create(
            subscriber=reader, kind="asked", origin="form", wording="sign-up-1", detail={"language": language}
        )

    with translation.override("de"):
        english, german = (line["words"] for line in export(reader)["consent"])

    assert english.startswith("Send me papers")
    assert german != english


def test_where_nobody_read_any_words_there_are_none():
    reader = make_subscriber()
    lifecycle.withdraw(reader, origin=Consent.Origin.ONE_CLICK)

    [line] = export(reader)["consent"]

    assert (line["wording"], line["words"]) == ("", "")


def test_words_of_a_version_that_nobody_knows_any_more_are_no_error():
    reader = make_subscriber()
    Consent.objects.create(subscriber=reader, kind="asked", origin="import", wording="their-own-7")

    [line] = export(reader)["consent"]

    assert (line["wording"], line["words"]) == ("their-own-7", "")


def test_a_digest_of_a_paper_that_is_gone_is_no_error():
    reader = make_subscriber()
    Delivery.objects.create(
        subscriber=reader,
        edition=make_edition(make_paper()),
        picks=[{"paper": 10**9, "terms": [["a", "title"]]}],
    )

    [digest] = export(reader)["digests"]

    assert digest["papers"] == []
