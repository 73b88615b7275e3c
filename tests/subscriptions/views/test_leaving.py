"""The way out, as a page: leave, get fewer instead, undo."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from subscriptions import lifecycle, wording
from subscriptions.models import Consent, Notice, Subscriber, Suppression
from subscriptions.suppression import suppress
from subscriptions.tokens import Purpose
from tests.factories import make_subscriber
from tests.subscriptions.fields import Fields, words
from tests.subscriptions.links import asked, path_of

pytestmark = pytest.mark.django_db

PENDING, ACTIVE = Subscriber.Status.PENDING, Subscriber.Status.ACTIVE
UNSUBSCRIBED = Subscriber.Status.UNSUBSCRIBED


@pytest.fixture
def subscriber() -> Subscriber:
    return make_subscriber("ada@example.org", "retrieval")


def way_out(subscriber: Subscriber) -> str:
    return path_of(Purpose.UNSUBSCRIBE, subscriber)


def status_of(subscriber: Subscriber) -> str:
    subscriber.refresh_from_db()
    return subscriber.status


def test_the_page_asks_why_and_does_not_insist(client, subscriber):
    page = client.get(way_out(subscriber))

    assert Fields(page).values["reason"] == ""
    assert '<button type="submit" name="do" value="leave">Unsubscribe</button>' in words(page)
    assert 'value="fewer"' in words(page)


def test_the_button_of_the_page_is_on_record_as_the_page_with_the_reason(client, subscriber):
    answer = client.post(way_out(subscriber), {"do": "leave", "reason": "too_many"})

    assert answer.status_code == 200
    assert "You are unsubscribed" in words(answer)
    consent = Consent.objects.get()
    assert (consent.origin, consent.detail["reason"]) == (Consent.Origin.PAGE, "too_many")


@pytest.mark.parametrize("reason", ["", "because", "x" * 5000, "\x00"])
def test_a_reason_that_is_none_of_ours_keeps_nobody(client, subscriber, reason):
    assert client.post(way_out(subscriber), {"do": "leave", "reason": reason}).status_code == 200

    assert status_of(subscriber) == UNSUBSCRIBED
    assert "reason" not in Consent.objects.get().detail


@pytest.mark.parametrize(
    ("pressed", "letters"),
    [({"do": "leave"}, 1), ({}, 0), ({"List-Unsubscribe": "One-Click"}, 0), ({"do": "whatever"}, 0)],
)
def test_a_farewell_is_for_those_who_used_the_page(
    client, subscriber, queued, django_capture_on_commit_callbacks, pressed, letters
):
    with django_capture_on_commit_callbacks(execute=True):
        client.post(way_out(subscriber), pressed)

    assert status_of(subscriber) == UNSUBSCRIBED
    farewells = list(Notice.objects.filter(letter=Notice.Letter.FAREWELL).values_list("pk", flat=True))
    assert len(farewells) == letters
    assert queued == [("subscriptions.tasks.send_notices", (farewells,))]


def test_who_never_confirmed_gets_no_farewell(client):
    pending = make_subscriber("ada@example.org", status=PENDING)

    client.post(way_out(pending), {"do": "leave"})

    assert not Notice.objects.exists()


# --- fewer ------------------------------------------------------------------------------


def test_fewer_is_five_papers_on_mondays(client, subscriber):
    answer = client.post(way_out(subscriber), {"do": "fewer"})

    assert "Fewer mails from now on" in words(answer)
    assert "Monday at 08:00 (UTC)" in words(answer)
    assert status_of(subscriber) == ACTIVE
    assert (subscriber.cadence, subscriber.weekday, subscriber.size) == ("weekly", 0, 5)
    assert [str(keyword) for keyword in subscriber.keywords.all()] == ["retrieval"]
    assert Consent.objects.get().kind == Consent.Kind.CHANGED


def test_who_wants_none_after_all_finds_the_button_there(client, subscriber):
    path = way_out(subscriber)
    assert 'value="leave"' in words(client.post(path, {"do": "fewer"}))

    client.post(path, {"do": "leave"})

    assert status_of(subscriber) == UNSUBSCRIBED


@pytest.mark.parametrize("status", [PENDING, UNSUBSCRIBED])
def test_fewer_makes_nobody_active(client, status):
    subscriber = make_subscriber("ada@example.org", status=status)

    client.post(way_out(subscriber), {"do": "fewer"})

    assert status_of(subscriber) == status
    assert subscriber.cadence == Subscriber.CadenceKind.DAILY


@pytest.mark.parametrize("pressed", ["fewer", "undo"])
def test_a_revoked_link_does_nothing_but_let_one_leave(client, subscriber, pressed):
    """It may be in somebody else's hands, who must not sign anybody up, or change what they get."""
    path = way_out(subscriber)
    if pressed == "undo":
        lifecycle.withdraw(subscriber, origin=Consent.Origin.PAGE)
    lifecycle.revoke_links(subscriber)
    before = Subscriber.objects.values().get()

    assert f'value="{pressed}"' not in words(client.get(path))
    assert client.post(path, {"do": pressed}).status_code == 200

    assert Subscriber.objects.values().get() == before


def test_the_record_names_the_words_of_the_button_that_was_pressed(client, subscriber):
    path = way_out(subscriber)
    for pressed in ({"do": "fewer"}, {"do": "leave"}, {"do": "undo"}, {"List-Unsubscribe": "One-Click"}):
        client.post(path, pressed)

    assert [line.wording for line in Consent.objects.order_by("pk")] == [
        wording.FEWER,
        wording.UNSUBSCRIBE,
        wording.UNDO,
        wording.NONE,
    ]


@pytest.mark.parametrize(
    ("status", "word"),
    [(ACTIVE, wording.FEWER), (ACTIVE, wording.UNSUBSCRIBE), (UNSUBSCRIBED, wording.UNDO)],
)
def test_the_words_on_record_are_those_on_the_button(client, status, word):
    subscriber = make_subscriber(
        "ada@example.org", status=status, confirmed_at=timezone.now(), left_at=timezone.now()
    )

    assert f">{wording.TEXTS[word]}</button>" in words(client.get(way_out(subscriber)))


# --- undo -------------------------------------------------------------------------------


def test_the_page_that_confirms_offers_to_undo_and_it_works(client, subscriber):
    path = way_out(subscriber)
    assert 'name="do" value="undo"' in words(client.post(path))

    answer = client.post(path, {"do": "undo"})

    assert answer.status_code == 200
    assert "Welcome back" in words(answer)
    assert status_of(subscriber) == ACTIVE
    assert subscriber.next_digest_at is not None
    assert subscriber.next_digest_at > timezone.now()
    assert [str(keyword) for keyword in subscriber.keywords.all()] == ["retrieval"]
    assert list(Consent.objects.values_list("kind", flat=True)) == ["withdrawn", "confirmed"]


def test_undo_and_leave_again(client, subscriber):
    for pressed in ("leave", "undo", "leave"):
        client.post(way_out(subscriber), {"do": pressed})

    assert status_of(subscriber) == UNSUBSCRIBED


def test_after_thirty_days_there_is_nothing_to_undo(client, subscriber):
    path = way_out(subscriber)
    client.post(path)

    with time_machine.travel(timezone.now() + timedelta(days=30, minutes=1)):
        assert 'value="undo"' not in words(client.get(path))
        answer = client.post(path, {"do": "undo"})

    assert "Welcome back" not in words(answer)
    assert status_of(subscriber) == UNSUBSCRIBED


def test_who_never_confirmed_is_offered_no_undo_and_gets_none(client):
    pending = make_subscriber("ada@example.org", status=PENDING)
    path = way_out(pending)

    assert 'value="undo"' not in words(client.post(path))
    answer = client.post(path, {"do": "undo"})

    assert answer.status_code == 200
    assert "Welcome back" not in words(answer)
    assert status_of(pending) == UNSUBSCRIBED


def test_somebody_who_asks_in_their_name_meanwhile_does_not_take_the_undo(client, subscriber):
    path = way_out(subscriber)
    client.post(path, {"do": "leave"})
    asked("ada@example.org", "casino")

    assert 'value="undo"' in words(client.get(path))
    client.post(path, {"do": "undo"})

    assert status_of(subscriber) == ACTIVE
    assert [str(keyword) for keyword in subscriber.keywords.all()] == ["retrieval"]


@pytest.mark.parametrize(
    ("pressed", "state", "untrue"),
    [
        ("undo", "suppressed", "Your digests go on"),
        ("fewer", "never confirmed", "Fewer mails from now on"),
        ("fewer", "revoked", "Fewer mails from now on"),
    ],
)
def test_the_page_says_nothing_that_was_not_done(client, subscriber, pressed, state, untrue):
    """Pressed on a page that was left open, while something happened elsewhere."""
    path = way_out(subscriber)
    if state == "suppressed":
        lifecycle.withdraw(subscriber, origin=Consent.Origin.PAGE)
        suppress("ada@example.org", Suppression.Reason.COMPLAINT)
    elif state == "never confirmed":
        Subscriber.objects.update(status=PENDING, next_digest_at=None, confirmed_at=None)
    elif state == "revoked":
        lifecycle.revoke_links(subscriber)

    assert untrue not in words(client.post(path, {"do": pressed}))


@pytest.mark.parametrize(("status", "offered"), [(ACTIVE, True), (PENDING, False)])
def test_who_comes_back_to_the_page_reads_that_it_is_done(client, status, offered):
    """After a one-click POST nobody saw the page that confirms it; this one offers the undo, too."""
    subscriber = make_subscriber("ada@example.org", status=status)
    client.post(way_out(subscriber))

    page = words(client.get(way_out(subscriber)))

    assert "unsubscribed already" in page
    assert 'value="leave"' not in page
    assert ('value="undo"' in page) is offered
