"""A pause: from the preferences until a day they choose."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from subscriptions import wording
from subscriptions.models import Consent, Subscriber
from subscriptions.tokens import Purpose
from tests.factories import make_subscriber
from tests.subscriptions.fields import Fields, error_at, words
from tests.subscriptions.links import path_of

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 9, 26, 12, tzinfo=UTC)


@pytest.fixture
def ada() -> Subscriber:
    return make_subscriber("ada@example.org", "retrieval, -survey", caught_up_at=timezone.now())


def path(subscriber: Subscriber) -> str:
    subscriber.refresh_from_db()
    return path_of(Purpose.PREFERENCES, subscriber)


def test_a_pause_ends_at_their_first_hour_of_the_chosen_day(client, ada):
    Subscriber.objects.update(time_zone="Asia/Tokyo", hour=7)

    with time_machine.travel(NOON, tick=False):
        answer = client.post(path(ada), {"do": "pause", "until": "2025-10-10"})
        assert "Paused until" in words(answer)

    ada.refresh_from_db()
    assert ada.paused_until == datetime(2025, 10, 9, 15, tzinfo=UTC)
    assert ada.next_digest_at == datetime(2025, 10, 9, 22, tzinfo=UTC)
    assert Consent.objects.get().kind == Consent.Kind.CHANGED


def test_who_is_paused_reads_the_day_they_chose_and_can_go_on(client, ada):
    Subscriber.objects.update(time_zone="America/New_York")
    with time_machine.travel(NOON, tick=False):
        client.post(path(ada), {"do": "pause", "until": "2025-10-10"})
        page = words(client.get(path(ada)))
        assert re.search(r"Paused until [^.<]*\b10\b", page)
        assert 'value="resume"' in page

        answer = client.post(path(ada), {"do": "resume"})

    assert "Your digests go on" in words(answer)
    ada.refresh_from_db()
    assert ada.paused_until is None
    assert ada.next_digest_at == datetime(2025, 9, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("", "Please choose a day."),
        ("soon", "Write the day like 2025-09-26."),
        ("2025-02-30", "Write the day like 2025-09-26."),
        ("2025-09-26", "Choose a day after today and within the next year."),
        ("2020-01-01", "Choose a day after today and within the next year."),
        ("2026-09-29", "Choose a day after today and within the next year."),
        ("9999-12-31", "Choose a day after today and within the next year."),
        ("0001-01-01", "Choose a day after today and within the next year."),
    ],
)
def test_a_pause_that_cannot_be_is_refused_at_its_field(client, ada, until, told):
    with time_machine.travel(NOON, tick=False):
        answer = client.post(path(ada), {"do": "pause", "until": until})

    assert answer.status_code == 422
    assert error_at(answer, "until") == told
    assert Fields(answer).values["until"] == until
    ada.refresh_from_db()
    assert ada.paused_until is None


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_first_and_the_last_day_that_may_be_chosen(client, ada, zone):
    Subscriber.objects.update(time_zone=zone)
    with time_machine.travel(NOON, tick=False):
        ada.refresh_from_db()
        today = NOON.astimezone(ada.time_zone).date()
        for until in (today + timedelta(days=1), today + timedelta(days=365)):
            assert client.post(path(ada), {"do": "pause", "until": until.isoformat()}).status_code == 200, (
                until
            )


def test_a_pause_and_its_end_are_on_record_with_the_words_on_their_buttons(client, ada):
    with time_machine.travel(NOON, tick=False):
        for pressed, word in (
            ({"do": "pause", "until": "2025-10-10"}, "PAUSE"),
            ({"do": "resume"}, "RESUME"),
        ):
            button = wording.TEXTS[getattr(wording, word)]
            assert f">{button}</button>" in words(client.get(path(ada)))
            client.post(path(ada), pressed)

    assert [line.wording for line in Consent.objects.order_by("pk")] == [wording.PAUSE, wording.RESUME]


def test_a_pause_that_is_over_is_not_shown(client, ada):
    with time_machine.travel(NOON, tick=False):
        client.post(path(ada), {"do": "pause", "until": "2025-10-10"})
    with time_machine.travel(NOON + timedelta(days=20), tick=False):
        page = words(client.get(path(ada)))

    assert "Paused until" not in page
    assert Fields(client.get(path(ada))).values["until"] == ""
