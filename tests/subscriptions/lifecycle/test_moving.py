"""Another address for the same person: who is asked, who is told, and who has the last word."""

from datetime import timedelta

import pytest

from subscriptions import lifecycle
from subscriptions.address import parse_address
from subscriptions.models import Consent, Notice, Subscriber, Suppression
from subscriptions.suppression import is_suppressed, suppress
from subscriptions.throttling import OverLimit
from tests.factories import make_subscriber
from tests.subscriptions.lifecycle.people import (
    ADA,
    NOW,
    PENDING,
    UNSUBSCRIBED,
    ask,
    history,
    keywords,
    last_consent,
    letters,
    row,
    the_subscriber,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NEW = "ada@new.example"
CHANGE, CHANGED = Notice.Letter.ADDRESS_CHANGE, Notice.Letter.ADDRESS_CHANGED


def ask_to_move(subscriber: Subscriber, to: str = NEW, **given: object) -> Notice | None:
    """The letter that this owes, if it owes one."""
    owed = lifecycle.ask_to_move(subscriber, parse_address(to), **({"now": NOW} | given))  # type: ignore[arg-type]
    assert len(owed) <= 1
    return Notice.objects.get(pk=owed[0]) if owed else None


def question(subscriber: Subscriber, to: str = NEW) -> Notice:
    notice = ask_to_move(subscriber, to)
    assert notice is not None
    assert notice.letter == CHANGE
    return notice


# --- asking -------------------------------------------------------------------------------


def test_the_new_address_is_asked_and_nothing_changes_before_it_answers():
    ada = make_subscriber(ADA, "retrieval")
    before = row(ada)

    notice = question(ada, "Ada@New.Example")

    assert (notice.to, notice.subscriber) == ("Ada@new.example", ada)
    assert row(ada) == before
    assert history() == []


@pytest.mark.parametrize("same", [ADA, "ADA@EXAMPLE.ORG"])
def test_the_address_they_have_is_not_asked(same):
    assert ask_to_move(make_subscriber(ADA), same) is None
    assert letters() == []


def test_a_suppressed_address_is_not_asked():
    suppress(NEW, Suppression.Reason.ERASED)

    assert ask_to_move(make_subscriber(ADA)) is None
    assert letters() == []


def test_an_address_that_is_thrown_away_after_use_is_not_asked_where_the_house_says_so(settings):
    settings.REFUSE_DISPOSABLE = True

    assert ask_to_move(make_subscriber(ADA), "ada@mailinator.com") is None


def test_who_gets_digests_there_already_is_told_so_and_nothing_of_the_asker():
    ada = make_subscriber(ADA)
    there = make_subscriber(NEW)

    notice = ask_to_move(ada)

    assert notice is not None
    assert (notice.letter, notice.subscriber, notice.to) == (Notice.Letter.ALREADY_SUBSCRIBED, there, NEW)
    assert ask_to_move(ada) is None, "not twice a day"


def test_a_strange_mailbox_is_asked_twice_a_day_at_most():
    ada, grace = make_subscriber(ADA), make_subscriber("grace@example.org")

    assert ask_to_move(ada) is not None
    assert ask_to_move(grace, "ada+tag@new.example", now=NOW + timedelta(hours=1)) is not None
    assert ask_to_move(ada, now=NOW + timedelta(hours=2)) is None
    assert ask_to_move(grace, now=NOW + timedelta(hours=11)) is None
    assert ask_to_move(ada, now=NOW + timedelta(hours=12)) is not None


def test_who_was_asked_to_move_there_too_often_may_still_sign_up():
    """What others do must not keep anybody from the digest."""
    ada = make_subscriber(ADA)
    while ask_to_move(ada):
        pass

    notice = ask(NEW)

    assert notice is not None
    assert notice.letter == Notice.Letter.CONFIRMATION


def test_asking_is_under_the_limits_of_sign_ups(settings):
    settings.SIGN_UP_RATE_PER_NETWORK = "1/hour"
    ada = make_subscriber(ADA)

    assert ask_to_move(ada, network="net") is not None
    with pytest.raises(OverLimit):
        ask_to_move(ada, "ada@another.example", network="net")
    assert letters() == [CHANGE]
    assert ask_to_move(ada, "ada@another.example", network="another net") is not None


@pytest.mark.parametrize("name", ["SIGN_UP_RATE_PER_DOMAIN", "SIGN_UP_RATE"])
def test_what_a_domain_or_all_together_may_get_is_for_these_letters_too(settings, name):
    setattr(settings, name, "1/hour")
    ada = make_subscriber(ADA)
    question(ada)

    assert [ask_to_move(ada, "grace@new.example") for _ in range(3)] == [None] * 3

    setattr(settings, name, "100/hour")
    later = NOW + timedelta(hours=1)
    asked = [ask_to_move(ada, "grace@new.example", now=later) is not None for _ in range(3)]
    assert asked == [True, True, False], "what was held back is not counted"


# --- moving -------------------------------------------------------------------------------


def test_a_press_of_the_button_moves_the_person_and_all_that_is_theirs():
    ada = make_subscriber("Ada@example.org", "retrieval, -survey", hour=6)
    notice = question(ada, "Ada.L@New.Example")
    before = row(ada)

    lifecycle.move(notice, network="203.0.113.0/24", now=NOW + DAY)

    assert row(ada) == before | {
        "email": "Ada.L@new.example",
        "email_key": "ada.l@new.example",
        "token_epoch": before["token_epoch"] + 1,
    }
    assert keywords() == ["retrieval", "-survey"]
    assert history() == [("changed", "page", "address-1")]
    line = last_consent()
    assert (line.at, line.network) == (NOW + DAY, "203.0.113.0/24")
    assert line.detail["address"] == "changed"
    assert "@" not in f"{line.detail}", "an address that is erased must not be found here"


def test_the_address_that_is_left_is_told():
    notice = question(make_subscriber("Ada@example.org"))

    [owed] = lifecycle.move(notice, now=NOW)

    told = Notice.objects.get(pk=owed)
    assert (told.letter, told.to, told.subscriber) == (CHANGED, "Ada@example.org", the_subscriber())


def test_a_second_press_changes_nothing():
    notice = question(make_subscriber(ADA))
    lifecycle.move(notice, now=NOW)
    before = row(the_subscriber()), history(), letters()

    assert lifecycle.move(Notice.objects.get(pk=notice.pk), now=NOW) == []

    assert (row(the_subscriber()), history(), letters()) == before


def test_an_answered_question_frees_the_limits_of_the_address():
    """Somebody who goes to and fro between two mailboxes of theirs is not somebody who is being bombed."""
    ada = make_subscriber(ADA)
    for day in range(5):
        for to in (NEW, ADA):
            notice = ask_to_move(ada, to, now=NOW + day * DAY)
            assert notice is not None, f"day {day}, {to}"
            lifecycle.move(notice, now=NOW + day * DAY)


@pytest.mark.parametrize("status", [PENDING, UNSUBSCRIBED])
def test_a_move_keeps_the_status(status):
    lifecycle.move(question(make_subscriber(ADA, status=status)), now=NOW)

    assert (the_subscriber().email, the_subscriber().status) == (NEW, status)


@pytest.mark.parametrize("status", [PENDING, UNSUBSCRIBED])
def test_who_left_there_or_never_confirmed_makes_room(status):
    ada = make_subscriber(ADA, "retrieval")
    notice = question(ada)
    there = make_subscriber(NEW, "robots", status=status)
    Consent.objects.create(subscriber=there, kind="asked", origin="form", wording="sign-up-1")

    lifecycle.move(notice, now=NOW)

    assert the_subscriber() == ada
    assert keywords() == ["retrieval"]
    assert [line.kind for line in Consent.objects.all()] == ["changed"]
    assert not is_suppressed(NEW)


def test_who_signed_up_there_meanwhile_is_not_pushed_out():
    ada = make_subscriber(ADA)
    notice = question(ada)
    there = make_subscriber(NEW, "robots")
    before = row(ada), row(there)

    with pytest.raises(lifecycle.AddressTaken):
        lifecycle.move(notice, now=NOW)

    assert (row(ada), row(there)) == before
    assert (history(), letters()) == ([], [CHANGE])


def test_nobody_moves_to_an_address_that_was_suppressed_meanwhile():
    ada = make_subscriber(ADA)
    notice = question(ada)
    make_subscriber(NEW, status=UNSUBSCRIBED)
    suppress(NEW, Suppression.Reason.COMPLAINT)

    with pytest.raises(lifecycle.AddressTaken):
        lifecycle.move(notice, now=NOW)

    assert row(ada)["email_key"] == ADA
    assert Subscriber.objects.count() == 2, "who was there is not forgotten for nothing"


def test_the_suppression_of_the_address_that_is_left_stays_with_that_address():
    ada = make_subscriber(ADA)
    notice = question(ada)
    suppress(ADA, Suppression.Reason.BOUNCE)

    lifecycle.move(notice, now=NOW)

    assert is_suppressed(ADA)
    assert not is_suppressed(NEW)


def test_somebody_else_may_sign_up_at_the_address_that_is_left():
    lifecycle.move(question(make_subscriber(ADA)), now=NOW)

    notice = ask(ADA, at=NOW + DAY)

    assert notice is not None
    assert notice.letter == Notice.Letter.CONFIRMATION
    assert Subscriber.objects.count() == 2
