"""Asking for the digest: what a sign-up stores, and whom it writes to."""

import contextlib
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import translation

from subscriptions import lifecycle
from subscriptions.address import parse_address
from subscriptions.models import Consent, Notice, Subscriber, Suppression
from subscriptions.preferences import Preferences
from subscriptions.suppression import suppress
from subscriptions.throttling import PER_ADDRESS, spend
from tests.factories import make_subscriber
from tests.subscriptions.lifecycle.people import (
    ACTIVE,
    ADA,
    NOW,
    PENDING,
    UNSUBSCRIBED,
    ask,
    history,
    keywords,
    last_consent,
    letters,
    question,
    row,
    say_yes,
    the_subscriber,
    wish,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


# --- what is stored -----------------------------------------------------------------------


def test_a_first_sign_up_begins_a_pending_subscriber_and_owes_one_question():
    notice = question("Ada@Example.org", "retrieval, -survey", zone="Asia/Tokyo", hour=6, size=5)

    subscriber = the_subscriber()
    assert (subscriber.email, subscriber.email_key) == ("Ada@example.org", ADA)
    assert subscriber.status == PENDING
    assert subscriber.asked_at == NOW
    assert subscriber.next_digest_at is None
    assert (str(subscriber.time_zone), subscriber.hour, subscriber.size) == ("Asia/Tokyo", 6, 5)
    assert keywords() == ["retrieval", "-survey"]
    assert Notice.objects.get() == notice
    assert notice.state == Notice.State.PLANNED
    assert (notice.created_at, notice.due_at) == (NOW, NOW)
    assert notice.subscriber == subscriber
    assert notice.to == "Ada@example.org"


def test_a_sign_up_is_recorded_with_when_where_which_wording_and_what_for():
    notice = question(keywords="retrieval, -survey", network="203.0.113.0/24", hour=6)

    consent = Consent.objects.get()
    assert (consent.kind, consent.origin, consent.wording) == ("asked", "form", "sign-up-1")
    assert consent.at == NOW
    assert consent.network == "203.0.113.0/24"
    assert consent.subscriber == the_subscriber()
    assert consent.detail["wish"] == wish("retrieval, -survey", hour=6).as_json()
    assert notice.ask == consent


def test_the_language_of_the_page_is_on_record():
    with translation.override("de"):
        question()

    assert last_consent().detail["language"] == "de"


@pytest.mark.parametrize("again", ["ADA@example.org", " ada@EXAMPLE.org "])
def test_another_spelling_of_the_address_is_the_same_subscriber(again):
    ask()
    ask(again, at=NOW + DAY)

    assert Subscriber.objects.count() == 1
    assert the_subscriber().email == ADA


def test_whose_time_zone_is_not_known_gets_that_of_the_editions(settings):
    settings.EDITION_TIME_ZONE = "Europe/Berlin"
    ask()

    assert str(the_subscriber().time_zone) == "Europe/Berlin"


def test_a_wish_for_every_day_has_no_weekday():
    question(weekday=3)

    assert the_subscriber().weekday is None


def test_a_second_wish_leaves_the_first_as_it_is_and_waits_with_its_own_question():
    question(keywords="retrieval", zone="Asia/Tokyo")
    first = row(the_subscriber())

    second = question(keywords="speech, -survey", zone="Europe/Berlin", at=NOW + DAY)

    assert row(the_subscriber()) == first | {"asked_at": NOW + DAY}
    assert keywords() == ["retrieval"]
    assert second.ask is not None
    assert second.ask.detail["wish"]["keywords"] == ["speech", "-survey"]


# --- to whom ------------------------------------------------------------------------------


def test_a_strangers_sign_up_leaves_an_active_subscriber_untouched_but_for_a_letter():
    subscriber = make_subscriber(ADA, "retrieval", time_zone="Asia/Tokyo", hour=6)
    before = row(subscriber)

    notice = ask(keywords="spam", zone="Europe/Berlin", hour=20)

    assert row(subscriber) == before
    assert keywords() == ["retrieval"]
    assert history() == []
    assert notice is not None
    assert (notice.letter, notice.to) == (Notice.Letter.ALREADY_SUBSCRIBED, ADA)
    assert notice.ask is None


def test_an_active_subscriber_is_told_so_once_in_24_hours():
    make_subscriber(ADA)

    assert ask() is not None
    assert ask(at=NOW + DAY - timedelta(seconds=1)) is None
    assert ask(at=NOW + DAY) is not None
    assert letters() == [Notice.Letter.ALREADY_SUBSCRIBED] * 2


def test_an_active_subscriber_is_not_told_so_day_after_day():
    make_subscriber(ADA)

    owed = [ask(at=NOW + day * DAY) for day in range(6)]

    assert [notice is not None for notice in owed] == [True, True, False, False, False, False]
    assert ask(at=NOW + 30 * DAY) is not None


@pytest.mark.parametrize("status", [None, PENDING, ACTIVE, UNSUBSCRIBED])
def test_a_suppressed_address_gets_nothing_and_nothing_of_it_changes(status):
    if status is not None:
        make_subscriber(ADA, "retrieval", status=status)
    before = list(Subscriber.objects.values())
    suppress(ADA, Suppression.Reason.COMPLAINT)

    assert ask(keywords="spam") is None

    assert list(Subscriber.objects.values()) == before
    assert not Notice.objects.exists()
    assert history() == []


def test_an_address_that_is_thrown_away_after_use_gets_nothing_where_the_house_says_so(settings):
    settings.REFUSE_DISPOSABLE = True
    assert ask("ada@mailinator.com") is None
    assert not Subscriber.objects.exists()

    settings.REFUSE_DISPOSABLE = False
    question("ada@mailinator.com")


def test_who_left_comes_back_only_through_a_new_question_and_a_new_yes():
    subscriber = make_subscriber(ADA, "retrieval")
    lifecycle.withdraw(subscriber, origin=Consent.Origin.ONE_CLICK, now=NOW - 10 * DAY)

    notice = question(keywords="speech")

    assert the_subscriber().status == UNSUBSCRIBED, "they stay as they are, with their undo"
    assert the_subscriber().next_digest_at is None
    assert keywords() == ["retrieval"], "nobody knows yet who typed the new ones"
    say_yes(notice, at=NOW + timedelta(hours=1))
    back = the_subscriber()
    assert back.status == ACTIVE
    assert back.left_at is None
    assert keywords() == ["speech"]
    assert [kind for kind, _, _ in history()] == ["withdrawn", "asked", "confirmed"]


# --- a question by an editor --------------------------------------------------------------


def test_an_editor_may_put_the_question_to_somebody_pending():
    subscriber = make_subscriber(ADA, "retrieval, -survey", status=PENDING, hour=6)

    owed = lifecycle.ask_to_confirm(subscriber, origin=Consent.Origin.EDITOR, now=NOW)

    assert letters(owed) == [Notice.Letter.CONFIRMATION]
    assert history() == [("asked", "editor", "")]
    assert the_subscriber().asked_at == NOW, "the week to answer starts now"
    say_yes(Notice.objects.get(), at=NOW)
    assert (the_subscriber().status, the_subscriber().hour) == (ACTIVE, 6)
    assert keywords() == ["retrieval", "-survey"]


@pytest.mark.parametrize("status", [ACTIVE, UNSUBSCRIBED])
def test_an_editor_asks_nobody_who_is_not_pending(status):
    subscriber = make_subscriber(ADA, status=status)
    before = row(subscriber)

    assert lifecycle.ask_to_confirm(subscriber, origin=Consent.Origin.EDITOR, now=NOW) == []

    assert (row(subscriber), history(), letters()) == (before, [], [])


def test_an_editor_asks_no_suppressed_address():
    subscriber = make_subscriber(ADA, status=PENDING)
    suppress(ADA, Suppression.Reason.BOUNCE)

    assert lifecycle.ask_to_confirm(subscriber, origin=Consent.Origin.EDITOR, now=NOW) == []
    assert history() == []


def test_an_editor_asks_no_oftener_than_anybody():
    subscriber = make_subscriber(ADA, status=PENDING)
    asked = [
        lifecycle.ask_to_confirm(subscriber, origin=Consent.Origin.EDITOR, now=NOW + timedelta(hours=hours))
        for hours in (0, 23, 24, 49)
    ]

    assert [len(owed) for owed in asked] == [1, 0, 1, 0]


# --- all or nothing -----------------------------------------------------------------------


@pytest.mark.parametrize("status", [None, PENDING, UNSUBSCRIBED])
@pytest.mark.django_db(transaction=True)
def test_without_a_record_of_consent_nothing_is_asked(status):
    """A row of consent that the database refuses takes the whole verb with it."""
    if status is not None:
        make_subscriber(ADA, "retrieval", status=status)
    before = list(Subscriber.objects.values()), keywords()

    with contextlib.suppress(IntegrityError):
        lifecycle.request(parse_address(ADA), Preferences(), origin=None)  # type: ignore[arg-type]

    assert (list(Subscriber.objects.values()), keywords()) == before
    assert not Notice.objects.exists()
    assert sum(spend("address", ADA, PER_ADDRESS) for _ in range(9)) == PER_ADDRESS.count
