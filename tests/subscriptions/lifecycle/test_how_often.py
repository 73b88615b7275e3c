"""How often somebody may be asked: by address, network, domain, and all together."""

from datetime import timedelta

import pytest

from subscriptions import lifecycle
from subscriptions.models import Allowance, Consent, Keyword, Notice, Subscriber, Suppression
from subscriptions.suppression import suppress
from subscriptions.throttling import OverLimit
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
    Allowance.objects.all().delete()  # as though the month still allowed more

    assert ask(at=NOW + 2 * DAY) is None
    assert ask(at=NOW + 7 * DAY - timedelta(seconds=1)) is None
    question(at=NOW + 7 * DAY)


@pytest.mark.parametrize("erased", [True, False])
def test_two_unanswered_questions_and_then_one_in_thirty_days_are_the_most(erased):
    """Also where the row that knows of them is gone: somebody's mailbox is the same."""
    asked = []
    for day in range(91):
        if ask(at=NOW + day * DAY) is not None:
            asked.append(day)
        if erased:
            Subscriber.objects.all().delete()

    assert asked == [0, 1, 30, 60, 90]
    assert max(len([day for day in asked if start <= day <= start + 30]) for start in asked) == 3


def test_another_tag_or_dot_of_the_same_mailbox_is_not_another_one_to_write_to():
    question("ada@gmail.com")
    question("a.d.a+papers@gmail.com")

    assert ask("ada+more@gmail.com") is None
    assert ask("Ad.a@gmail.com") is None
    assert Subscriber.objects.count() == 2, "of those who were asked"
    question("ada.more@gmail.com")


def test_dots_are_another_mailbox_where_servers_tell_them_apart():
    for email in ("ada@example.org", "ada+papers@example.org", "a.da@example.org", "a.d.a@example.org"):
        question(email)

    assert ask("ada+more@example.org") is None


def test_a_yes_to_one_spelling_frees_the_limits_of_the_mailbox():
    question("ada+papers@example.org")
    say_yes(question("ada+more@example.org"))

    question("ada@example.org")
    question("ada+another@example.org")


def test_nothing_is_stored_of_somebody_new_whose_address_was_asked_too_often():
    for day in range(2):
        question(at=NOW + day * DAY)
        Subscriber.objects.all().delete()
    before = list(Allowance.objects.order_by("pk").values())

    assert ask(keywords="retrieval", at=NOW + 4 * DAY) is None

    for model in (Subscriber, Keyword, Consent, Notice):
        assert not model._default_manager.exists()
    # But that its network asked once more.
    assert len([row for row in Allowance.objects.order_by("pk").values() if row not in before]) == 1


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


def test_a_network_has_a_limit_of_its_own(settings):
    settings.SIGN_UP_RATE_PER_NETWORK = "1/hour"
    question("a@a.example", network="net 1")

    with pytest.raises(OverLimit):
        ask("b@b.example", network="net 1")
    assert Subscriber.objects.count() == 1

    question("b@b.example", network="net 2")
    assert Consent.objects.count() == 2


def test_a_network_over_its_limit_hears_the_same_of_every_address(settings):
    """Before anything is looked up: neither the answer nor its time tells who is known."""
    settings.SIGN_UP_RATE_PER_NETWORK = "1/hour"
    suppress("suppressed@example.org", Suppression.Reason.BOUNCE)
    make_subscriber("active@example.org")
    question(network="net")

    for email in ("suppressed@example.org", "active@example.org", ADA, "stranger@example.org"):
        with pytest.raises(OverLimit):
            ask(email, network="net")
    assert Notice.objects.count() == 1


def test_a_domain_has_a_limit_of_its_own(settings):
    settings.SIGN_UP_RATE_PER_DOMAIN = "1/hour"
    question("a@a.example", network="net 1")

    assert ask("b@a.example", network="net 2") is None
    question("b@b.example", network="net 2")
    assert Subscriber.objects.count() == 2
    assert Consent.objects.count() == 2


def test_what_is_held_back_by_another_limit_uses_up_nothing_of_the_mailbox(settings):
    settings.SIGN_UP_RATE_PER_DOMAIN = "1/hour"
    question("a@a.example")
    for _ in range(3):
        assert ask("b@a.example") is None

    question("b@a.example", at=NOW + timedelta(hours=1))
    question("b@a.example", at=NOW + timedelta(hours=25))


def test_what_is_held_back_of_letters_to_subscribers_uses_up_nothing_of_the_mailbox_either(settings):
    settings.SIGN_UP_RATE_PER_DOMAIN = "1/hour"
    make_subscriber("b@a.example")
    question("a@a.example")
    for _ in range(3):
        assert ask("b@a.example") is None

    assert ask("b@a.example", at=NOW + timedelta(hours=1)) is not None
    assert ask("b@a.example", at=NOW + timedelta(hours=25)) is not None


def test_sign_ups_that_owe_no_letter_use_up_nothing_of_their_domain_nor_of_all(settings):
    """Else whoever types addresses that nothing goes to shuts the form for everybody else."""
    settings.SIGN_UP_RATE = settings.SIGN_UP_RATE_PER_DOMAIN = "2/hour"
    suppress("suppressed@example.org", Suppression.Reason.BOUNCE)
    question("b@example.org")
    for _ in range(5):
        assert ask("suppressed@example.org") is None
        assert ask("b@example.org") is None

    question("c@example.org")


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

    with pytest.raises(OverLimit):
        ask("c@c.example", network="net", at=NOW + timedelta(minutes=29))
    question("c@c.example", network="net", at=NOW + timedelta(minutes=30))


def test_a_hasty_sign_up_takes_more_of_its_networks_allowance(settings):
    settings.SIGN_UP_RATE_PER_NETWORK = "4/hour"
    question("a@a.example", network="net", cost=3)
    question("b@b.example", network="net")

    with pytest.raises(OverLimit):
        ask("c@c.example", network="net")


def test_sign_ups_that_come_to_nothing_use_up_the_limit_of_their_network_too(settings):
    """Else the time or number of answers would tell which addresses are known."""
    settings.SIGN_UP_RATE_PER_NETWORK = "3/hour"
    suppress("suppressed@example.org", Suppression.Reason.BOUNCE)
    make_subscriber("active@example.org")
    for email in ("suppressed@example.org", "active@example.org", "active@example.org"):
        ask(email, network="net")

    with pytest.raises(OverLimit):
        ask(network="net")
    assert not Subscriber.objects.filter(email_key=ADA).exists()
