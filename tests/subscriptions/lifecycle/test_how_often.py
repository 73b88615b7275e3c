"""How often somebody may be asked: by address, network, domain, and all together."""

from datetime import timedelta

import pytest

from subscriptions import lifecycle
from subscriptions.models import Consent, Keyword, Notice, Subscriber, Suppression
from subscriptions.suppression import suppress
from tests.factories import make_subscriber
from tests.subscriptions.lifecycle.people import (
    ADA,
    NOW,
    ask,
    history,
    question,
    say_yes,
    the_subscriber,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_within_24_hours_there_is_one_question_however_often_somebody_asks():
    question()
    for minutes in (0, 1, 60, 24 * 60 - 1):
        assert ask(at=NOW + timedelta(minutes=minutes)) is None

    assert Notice.objects.count() == 1
    assert len(history()) == 1, "what nobody is asked is not stored"


def test_after_24_hours_there_may_be_a_second_question():
    question()
    question(at=NOW + DAY)

    assert Notice.objects.count() == 2


def test_two_unanswered_questions_in_a_week_are_the_most():
    question()
    question(at=NOW + DAY)

    assert ask(at=NOW + 2 * DAY) is None
    assert ask(at=NOW + 7 * DAY - timedelta(seconds=1)) is None
    question(at=NOW + 7 * DAY)


@pytest.mark.parametrize("erased", [True, False])
def test_three_unanswered_questions_in_thirty_days_are_the_most(erased):
    """Also where the row that knows of them is gone: somebody's mailbox is the same."""
    owed = 0
    for day in range(30):
        owed += ask(at=NOW + day * DAY) is not None
        if erased:
            Subscriber.objects.all().delete()

    assert owed == 3


def test_after_thirty_days_the_address_may_be_asked_again():
    for day in range(3):
        question(at=NOW + day * DAY)
        Subscriber.objects.all().delete()

    question(at=NOW + 33 * DAY)


def test_nothing_is_stored_of_somebody_new_whose_address_was_asked_too_often():
    for day in range(3):
        question(at=NOW + day * DAY)
        Subscriber.objects.all().delete()

    assert ask(keywords="retrieval", at=NOW + 4 * DAY) is None

    assert not Subscriber.objects.exists()
    assert not Keyword.objects.exists()


def test_the_questions_of_one_address_do_not_use_up_another_ones():
    question("ada@example.org")
    question("grace@example.org")


@pytest.mark.parametrize("state", [Notice.State.FAILED, Notice.State.EXCLUDED])
def test_a_question_that_surely_never_left_does_not_count(state):
    question()
    Notice.objects.update(state=state)

    question(at=NOW + timedelta(minutes=1))


@pytest.mark.parametrize("state", [Notice.State.HANDED_OVER, Notice.State.ACCEPTED, Notice.State.UNCERTAIN])
def test_a_question_that_may_have_left_counts(state):
    question()
    Notice.objects.update(state=state)

    assert ask(at=NOW + timedelta(minutes=1)) is None


def test_an_answered_question_frees_the_limits_of_the_address():
    """Somebody who comes and goes is not somebody who is being bombed."""
    for hour in range(6):
        at = NOW + timedelta(hours=hour)
        say_yes(question(at=at), at=at + timedelta(minutes=1))
        lifecycle.withdraw(the_subscriber(), origin=Consent.Origin.PAGE, now=at + timedelta(minutes=2))


@pytest.mark.parametrize(
    ("name", "first", "other", "free"),
    [
        (
            "SIGN_UP_RATE_PER_NETWORK",
            ("a@a.example", "net 1"),
            ("b@b.example", "net 1"),
            ("b@b.example", "net 2"),
        ),
        (
            "SIGN_UP_RATE_PER_DOMAIN",
            ("a@a.example", "net 1"),
            ("b@a.example", "net 2"),
            ("b@b.example", "net 2"),
        ),
    ],
)
def test_a_network_and_a_domain_have_limits_of_their_own(settings, name, first, other, free):
    setattr(settings, name, "1/hour")
    question(first[0], network=first[1])

    assert ask(other[0], network=other[1]) is None
    question(free[0], network=free[1])
    assert Subscriber.objects.count() == 2
    assert Consent.objects.count() == 2


def test_all_sign_ups_together_have_a_limit(settings):
    settings.SIGN_UP_RATE = "2/hour"
    question("a@a.example", network="net 1")
    question("b@b.example", network="net 2")

    assert ask("c@c.example", network="net 3") is None
    assert Subscriber.objects.count() == 2


def test_a_limit_is_a_matter_of_time(settings):
    settings.SIGN_UP_RATE_PER_NETWORK = "2/hour"
    question("a@a.example", network="net")
    question("b@b.example", network="net")

    assert ask("c@c.example", network="net", at=NOW + timedelta(minutes=29)) is None
    question("c@c.example", network="net", at=NOW + timedelta(minutes=30))


def test_a_hasty_sign_up_takes_more_of_its_networks_allowance(settings):
    settings.SIGN_UP_RATE_PER_NETWORK = "4/hour"
    question("a@a.example", network="net", cost=3)
    question("b@b.example", network="net")

    assert ask("c@c.example", network="net") is None


def test_sign_ups_that_come_to_nothing_use_up_the_limits_too(settings):
    """Else the time or number of answers would tell which addresses are known."""
    settings.SIGN_UP_RATE_PER_NETWORK = "3/hour"
    suppress("suppressed@example.org", Suppression.Reason.BOUNCE)
    make_subscriber("active@example.org")
    for email in ("suppressed@example.org", "active@example.org", "active@example.org"):
        ask(email, network="net")

    assert ask(network="net") is None
    assert not Subscriber.objects.filter(email_key=ADA).exists()
