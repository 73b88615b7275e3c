"""Asking, confirming, leaving, coming back: what each changes, records and owes."""

import contextlib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError

from subscriptions import lifecycle
from subscriptions.address import parse_address
from subscriptions.keywords import parse_keywords
from subscriptions.models import Consent, Notice, Subscriber, Suppression
from subscriptions.suppression import suppress
from tests.factories import make_subscriber

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 9, 26, 12, tzinfo=UTC)
ADA = "ada@example.org"
PENDING = Subscriber.Status.PENDING
ACTIVE = Subscriber.Status.ACTIVE
UNSUBSCRIBED = Subscriber.Status.UNSUBSCRIBED


def ask(email: str = ADA, keywords: str = "", zone: str | None = None, at: datetime = NOW) -> int | None:
    """A sign-up by the form; the id of the confirmation it owes."""
    return lifecycle.request(
        parse_address(email),
        keywords=parse_keywords(keywords),
        time_zone=ZoneInfo(zone) if zone else None,
        origin=Consent.Origin.FORM,
        now=at,
    ).notice_id


def the_subscriber() -> Subscriber:
    return Subscriber.objects.get()


def history() -> list[tuple[str, str, str]]:
    return list(Consent.objects.values_list("kind", "origin", "wording"))


def keywords() -> list[str]:
    return [str(keyword) for keyword in the_subscriber().keywords.all()]


# --- request ----------------------------------------------------------------------------


def test_a_first_sign_up_begins_a_pending_subscriber_and_owes_one_question():
    notice_id = ask("Ada@Example.org", "retrieval, -survey", "Asia/Tokyo")

    subscriber = the_subscriber()
    assert (subscriber.email, subscriber.email_key) == ("Ada@example.org", ADA)
    assert subscriber.status == PENDING
    assert subscriber.asked_at == NOW
    assert subscriber.next_digest_at is None
    assert str(subscriber.time_zone) == "Asia/Tokyo"
    assert keywords() == ["retrieval", "-survey"]
    notice = Notice.objects.get()
    assert notice.pk == notice_id
    assert (notice.letter, notice.state) == (Notice.Letter.CONFIRMATION, Notice.State.PLANNED)
    assert notice.subscriber == subscriber


def test_a_sign_up_is_recorded_with_when_where_and_which_wording():
    ask()

    consent = Consent.objects.get()
    assert (consent.kind, consent.origin, consent.wording) == ("asked", "form", "sign-up-1")
    assert consent.at == NOW
    assert consent.subscriber == the_subscriber()


@pytest.mark.parametrize("again", ["ADA@example.org", " ada@EXAMPLE.org "])
def test_another_spelling_of_the_address_is_the_same_subscriber(again):
    ask()
    ask(again)

    assert Subscriber.objects.count() == 1
    assert the_subscriber().email == ADA


def test_within_24_hours_there_is_one_question_however_often_somebody_asks():
    assert ask() is not None
    for minutes in (0, 1, 60, 24 * 60 - 1):
        assert ask(at=NOW + timedelta(minutes=minutes)) is None

    assert Notice.objects.count() == 1
    assert len(history()) == 5, "every asking is on record, mailed or not"


def test_after_24_hours_there_may_be_a_second_question():
    ask()

    assert ask(at=NOW + timedelta(hours=24)) is not None
    assert Notice.objects.count() == 2


def test_the_question_of_one_address_does_not_use_up_another_ones():
    ask("ada@example.org")

    assert ask("grace@example.org") is not None


def test_the_last_wish_of_somebody_pending_counts():
    ask(keywords="retrieval", zone="Asia/Tokyo")
    ask(keywords="speech, -survey", zone="Europe/Berlin")

    assert keywords() == ["speech", "-survey"]
    assert str(the_subscriber().time_zone) == "Europe/Berlin"


def test_whose_time_zone_is_not_known_gets_that_of_the_editions(settings):
    settings.EDITION_TIME_ZONE = "Europe/Berlin"
    ask()

    assert str(the_subscriber().time_zone) == "Europe/Berlin"


def test_an_unknown_time_zone_keeps_the_one_there_is():
    ask(zone="Asia/Tokyo")
    ask(zone=None)

    assert str(the_subscriber().time_zone) == "Asia/Tokyo"


def test_a_strangers_sign_up_leaves_an_active_subscriber_untouched():
    make_subscriber(ADA, "retrieval", time_zone="Asia/Tokyo", hour=6)
    before = Subscriber.objects.values().get()

    assert ask(keywords="spam", zone="Europe/Berlin") is None

    assert Subscriber.objects.values().get() == before
    assert keywords() == ["retrieval"]
    assert not Notice.objects.exists()
    assert history() == []


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


# --- confirm ----------------------------------------------------------------------------


def test_a_yes_makes_active_due_at_once_and_owes_one_welcome():
    ask()
    later = NOW + timedelta(minutes=5)

    owed = lifecycle.confirm(the_subscriber(), now=later)

    subscriber = the_subscriber()
    assert subscriber.status == ACTIVE
    assert subscriber.confirmed_at == later
    assert subscriber.next_digest_at == later
    assert [Notice.objects.get(pk=pk).letter for pk in owed] == [Notice.Letter.WELCOME]
    assert history()[-1] == ("confirmed", "page", "confirm-1")
    assert Consent.objects.last().at == later  # type: ignore[union-attr]


def test_a_second_yes_changes_nothing():
    ask()
    lifecycle.confirm(the_subscriber(), now=NOW)
    before = Subscriber.objects.values().get(), history()

    assert lifecycle.confirm(the_subscriber(), now=NOW + timedelta(hours=1)) == []

    assert (Subscriber.objects.values().get(), history()) == before
    assert Notice.objects.filter(letter=Notice.Letter.WELCOME).count() == 1


def test_a_yes_after_leaving_does_not_bring_back():
    ask()
    lifecycle.confirm(the_subscriber(), now=NOW)
    lifecycle.withdraw(the_subscriber(), origin=Consent.Origin.PAGE, now=NOW)

    assert lifecycle.confirm(the_subscriber(), now=NOW + timedelta(hours=1)) == []

    assert the_subscriber().status == UNSUBSCRIBED


def test_a_yes_of_an_old_copy_of_the_row_counts_what_stands_in_the_database():
    ask()
    copy = the_subscriber()
    lifecycle.withdraw(the_subscriber(), origin=Consent.Origin.PAGE, now=NOW)

    assert lifecycle.confirm(copy, now=NOW) == []

    assert the_subscriber().status == UNSUBSCRIBED


def test_the_origin_of_a_yes_is_on_record():
    ask()
    lifecycle.confirm(the_subscriber(), origin=Consent.Origin.DEMO, now=NOW)

    assert history()[-1] == ("confirmed", "demo", "confirm-1")


# --- withdraw ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", [ACTIVE, PENDING])
def test_a_no_ends_it_and_is_on_record(status):
    subscriber = make_subscriber(ADA, status=status)

    assert lifecycle.withdraw(subscriber, origin=Consent.Origin.ONE_CLICK, now=NOW) is True

    left = the_subscriber()
    assert left.status == UNSUBSCRIBED
    assert left.left_at == NOW
    assert left.next_digest_at is None
    assert history() == [("withdrawn", "one-click", "unsubscribe-1")]


def test_a_second_no_is_no_news():
    subscriber = make_subscriber(ADA)
    lifecycle.withdraw(subscriber, origin=Consent.Origin.ONE_CLICK, now=NOW)
    before = Subscriber.objects.values().get(), history()

    assert lifecycle.withdraw(subscriber, origin=Consent.Origin.PAGE, now=NOW + timedelta(days=1)) is False

    assert (Subscriber.objects.values().get(), history()) == before


def test_leaving_owes_no_letter():
    lifecycle.withdraw(make_subscriber(ADA), origin=Consent.Origin.PAGE)

    assert not Notice.objects.exists()


def test_who_left_comes_back_only_through_a_new_question_and_a_new_yes():
    subscriber = make_subscriber(ADA, "retrieval")
    lifecycle.withdraw(subscriber, origin=Consent.Origin.PAGE, now=NOW - timedelta(days=10))

    notice_id = ask(keywords="speech")

    assert notice_id is not None
    assert Notice.objects.get(pk=notice_id).letter == Notice.Letter.CONFIRMATION
    assert the_subscriber().status == PENDING
    assert the_subscriber().next_digest_at is None
    lifecycle.confirm(the_subscriber(), now=NOW + timedelta(hours=1))
    back = the_subscriber()
    assert back.status == ACTIVE
    assert back.left_at is None
    assert [kind for kind, _, _ in history()] == ["withdrawn", "asked", "confirmed"]


# --- restore ----------------------------------------------------------------------------


def test_an_undo_brings_back_at_the_next_regular_hour():
    subscriber = make_subscriber(ADA, "retrieval", hour=7, time_zone="Asia/Tokyo")
    lifecycle.withdraw(subscriber, origin=Consent.Origin.ONE_CLICK, now=NOW)

    assert lifecycle.restore(subscriber, now=NOW) is True

    back = the_subscriber()
    assert back.status == ACTIVE
    assert back.left_at is None
    assert back.next_digest_at == datetime(2025, 9, 26, 22, tzinfo=UTC)
    assert keywords() == ["retrieval"]
    assert history()[-1] == ("confirmed", "page", "confirm-1")
    assert Consent.objects.last().detail == {"undo": True}  # type: ignore[union-attr]
    assert not Notice.objects.exists()


def test_a_second_undo_is_none():
    subscriber = make_subscriber(ADA)
    lifecycle.withdraw(subscriber, origin=Consent.Origin.PAGE)
    lifecycle.restore(subscriber)
    before = history()

    assert lifecycle.restore(subscriber) is False
    assert history() == before


def test_who_never_said_yes_has_nothing_to_undo():
    ask()
    lifecycle.withdraw(the_subscriber(), origin=Consent.Origin.PAGE, now=NOW)

    assert lifecycle.restore(the_subscriber(), now=NOW) is False

    assert the_subscriber().status == UNSUBSCRIBED


@pytest.mark.parametrize("status", [ACTIVE, PENDING])
def test_an_undo_of_somebody_who_did_not_leave_does_nothing(status):
    subscriber = make_subscriber(ADA, status=status)

    assert lifecycle.restore(subscriber) is False

    assert the_subscriber().status == status
    assert history() == []


# --- keywords and pruning ---------------------------------------------------------------


def test_keywords_are_replaced_in_the_order_typed():
    subscriber = make_subscriber(ADA, "b, a")

    lifecycle.set_keywords(subscriber, parse_keywords("z, -a, m"))

    assert keywords() == ["z", "-a", "m"]


def test_nobody_elses_keywords_are_touched():
    other = make_subscriber("grace@example.org", "robots")

    lifecycle.set_keywords(make_subscriber(ADA, "speech"), [])

    assert [str(keyword) for keyword in other.keywords.all()] == ["robots"]


def test_sign_ups_nobody_confirmed_are_erased_after_a_week():
    ask("old@example.org", "retrieval", at=NOW - timedelta(days=7, seconds=1))
    ask("young@example.org", at=NOW - timedelta(days=6, hours=23))

    assert lifecycle.prune_pending(NOW) == 1

    assert the_subscriber().email == "young@example.org"
    assert Consent.objects.count() == 1
    assert Notice.objects.count() == 1


def test_asking_again_starts_the_week_anew():
    ask(at=NOW - timedelta(days=8))
    ask(at=NOW - timedelta(days=1))

    assert lifecycle.prune_pending(NOW) == 0


def test_pruning_spares_whoever_said_yes_once():
    for status in (ACTIVE, UNSUBSCRIBED):
        make_subscriber(f"{status}@example.org", status=status, asked_at=NOW - timedelta(days=90))

    assert lifecycle.prune_pending(NOW) == 0

    assert sorted(Subscriber.objects.values_list("status", flat=True)) == [ACTIVE, UNSUBSCRIBED]


@pytest.mark.parametrize(("days", "status"), [(6, PENDING), (8, UNSUBSCRIBED)])
def test_who_left_and_did_not_answer_a_new_question_has_left_as_before(days, status):
    subscriber = make_subscriber(ADA, "retrieval", asked_at=NOW - timedelta(days=90))
    lifecycle.withdraw(subscriber, origin=Consent.Origin.PAGE, now=NOW - timedelta(days=60))
    ask(at=NOW - timedelta(days=days))

    assert lifecycle.prune_pending(NOW) == 0

    assert the_subscriber().status == status
    assert the_subscriber().next_digest_at is None


# --- all or nothing ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "verb",
    [
        lambda _, origin: lifecycle.request(parse_address(ADA), origin=origin),
        lambda subscriber, origin: lifecycle.confirm(subscriber, origin=origin),
        lambda subscriber, origin: lifecycle.withdraw(subscriber, origin=origin),
    ],
    ids=["request", "confirm", "withdraw"],
)
@pytest.mark.parametrize("status", [PENDING, UNSUBSCRIBED, ACTIVE])
@pytest.mark.django_db(transaction=True)
def test_without_a_record_of_consent_nothing_changes(verb, status):
    """A row of consent that the database refuses takes the whole verb with it."""
    subscriber = make_subscriber(ADA, "retrieval", status=status)
    before = Subscriber.objects.values().get()

    with contextlib.suppress(IntegrityError):
        verb(subscriber, None)

    assert Subscriber.objects.values().get() == before
    assert keywords() == ["retrieval"]
    assert not Notice.objects.exists()
