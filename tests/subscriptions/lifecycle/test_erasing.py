"""Being forgotten: what goes, and the one thing that stays."""

import pytest

from subscriptions import lifecycle
from subscriptions.models import Consent, Keyword, Notice, Subscriber, Suppression
from subscriptions.suppression import is_suppressed, reasons, suppress
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
    row,
)
from tests.subscriptions.lifecycle.test_moving import NEW, question

pytestmark = pytest.mark.django_db
ONE_CLICK = Consent.Origin.ONE_CLICK


@pytest.mark.parametrize("status", [ACTIVE, PENDING, UNSUBSCRIBED])
def test_who_is_erased_leaves_nothing_but_the_word_not_to_mail_them(status):
    subscriber = make_subscriber(ADA, "retrieval", status=status)
    Consent.objects.create(subscriber=subscriber, kind="asked", origin="form", wording="sign-up-1")
    Notice.objects.create(subscriber=subscriber, letter=Notice.Letter.WELCOME)

    assert lifecycle.erase(subscriber) is True

    for model in (Subscriber, Keyword, Consent, Notice):
        assert not model._default_manager.exists()
    assert reasons(ADA) == [Suppression.Reason.ERASED]


def test_nobody_else_is_erased():
    ada = make_subscriber(ADA, "retrieval")
    grace = make_subscriber("grace@example.org", "robots")
    before = row(grace)

    lifecycle.erase(ada)

    assert row(grace) == before
    assert keywords() == ["robots"]
    assert not is_suppressed("grace@example.org")


def test_an_address_nobody_knows_is_remembered_as_not_to_be_mailed():
    """Whoever asks to be forgotten must not hear from us because somebody types their address next week."""
    assert lifecycle.erase_address("stranger@example.org") is False

    assert reasons("stranger@example.org") == [Suppression.Reason.ERASED]
    assert ask("stranger@example.org") is None


def test_erasing_twice_is_erasing_once():
    ada = make_subscriber(ADA)

    assert [lifecycle.erase(ada), lifecycle.erase(ada), lifecycle.erase_address(ADA)] == [True, False, False]

    assert Suppression.objects.count() == 1


def test_erasing_leaves_every_other_reason():
    suppress(ADA, Suppression.Reason.COMPLAINT)
    lifecycle.erase_address(ADA)

    assert set(reasons(ADA)) == {Suppression.Reason.COMPLAINT, Suppression.Reason.ERASED}


def test_who_was_erased_is_not_asked_again():
    lifecycle.erase(make_subscriber(ADA))

    assert ask() is None
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("verb", ["confirm", "withdraw", "restore"])
def test_a_link_that_is_pressed_while_somebody_is_erased_does_no_harm(verb):
    """The page looked them up just before; it takes this error for a link that is worth nothing."""
    subscriber = make_subscriber(ADA)
    lifecycle.erase(subscriber)
    origin = {"origin": ONE_CLICK} if verb == "withdraw" else {}

    with pytest.raises(Subscriber.DoesNotExist):
        getattr(lifecycle, verb)(subscriber, **origin)

    assert not Subscriber.objects.exists()
    assert history() == []


def test_who_is_erased_after_a_move_is_erased_at_both_addresses():
    ada = make_subscriber(ADA)
    lifecycle.move(question(ada), now=NOW)

    lifecycle.erase(ada)  # read before the move

    assert not Subscriber.objects.exists()
    assert not Notice.objects.exists()
    assert not Consent.objects.exists()
    assert is_suppressed(ADA)
    assert is_suppressed(NEW)


def test_whose_address_is_erased_is_in_nobody_elses_letters_either():
    """Somebody asked to move there, or moved away from there and was told."""
    grace = make_subscriber("grace@example.org")
    question(grace, "Ada@Example.org")
    question(grace, "mary@example.org")
    lifecycle.move(question(make_subscriber("mary@old.example"), "mary@new.example"), now=NOW)

    lifecycle.erase_address(ADA)
    lifecycle.erase_address("mary@old.example")

    kept = set(Notice.objects.values_list("address", flat=True))
    assert kept == {"mary@example.org", "mary@new.example"}
    assert Subscriber.objects.count() == 2


def test_letters_of_others_to_a_former_address_go_as_well():
    ada, grace = make_subscriber("ada@example.org"), make_subscriber("grace@example.org")
    Notice.objects.create(subscriber=ada, letter=Notice.Letter.ADDRESS_CHANGED, address="Former@example.org")
    Notice.objects.create(subscriber=grace, letter=Notice.Letter.ADDRESS_CHANGE, address="former@example.org")

    lifecycle.erase(ada)

    assert not Notice.objects.exists()
