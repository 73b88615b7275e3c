"""The way back after a move: nobody takes another's digests away for good."""

import contextlib
from datetime import timedelta

import pytest

from subscriptions import lifecycle
from subscriptions.address import parse_address
from subscriptions.models import Consent, Notice, Subscriber
from tests.factories import make_subscriber
from tests.subscriptions.lifecycle.people import (
    ACTIVE,
    ADA,
    NOW,
    history,
    keywords,
    letters,
    row,
    the_subscriber,
)
from tests.subscriptions.lifecycle.test_moving import CHANGE, CHANGED, ask_to_move, question

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_the_old_address_can_take_it_back():
    """Whoever got hold of a link for a day must not keep somebody's digests."""
    ada = make_subscriber(ADA, "retrieval")
    [owed] = lifecycle.move(question(ada), now=NOW)

    assert lifecycle.move(Notice.objects.get(pk=owed), now=NOW + DAY) == []

    back = the_subscriber()
    assert (back.email, back.email_key, back.token_epoch) == (ADA, ADA, 2)
    assert history() == [("changed", "page", "address-1")] * 2
    assert keywords() == ["retrieval"]


def test_the_first_address_has_the_last_word():
    """Also where the digests were moved on and on: every letter of later is worth nothing then."""
    ada = make_subscriber(ADA)
    [told] = lifecycle.move(question(ada), now=NOW)
    [again] = lifecycle.ask_to_move(ada, parse_address("third@new.example"), now=NOW + DAY)
    lifecycle.move(Notice.objects.get(pk=again), now=NOW + DAY)

    lifecycle.move(Notice.objects.get(pk=told), now=NOW + 2 * DAY)

    assert the_subscriber().email_key == ADA
    assert Notice.objects.filter(letter__in=[CHANGE, CHANGED], created_at__gt=NOW).count() == 0


def test_the_way_back_stays_open_whatever_happened_to_the_links_since():
    ada = make_subscriber(ADA)
    [told] = lifecycle.move(question(ada), now=NOW)
    lifecycle.revoke_links(ada)
    lifecycle.withdraw(ada, origin=Consent.Origin.PAGE, now=NOW)

    assert lifecycle.move(Notice.objects.get(pk=told), now=NOW + DAY) == []

    assert the_subscriber().email_key == ADA


def test_the_way_back_ends_what_was_asked_of_other_addresses_meanwhile():
    """Whoever took the digests away has asked for a third address, and holds that letter."""
    ada = make_subscriber(ADA)
    [told] = lifecycle.move(question(ada), now=NOW)
    third = ask_to_move(ada, "third@new.example", now=NOW + DAY)
    assert third is not None

    lifecycle.move(Notice.objects.get(pk=told), now=NOW + DAY)

    assert not Notice.objects.filter(pk=third.pk).exists()
    with contextlib.suppress(Subscriber.DoesNotExist):
        lifecycle.move(third, now=NOW + DAY)


def test_a_second_press_of_the_way_back_changes_nothing():
    [told] = lifecycle.move(question(make_subscriber(ADA)), now=NOW)
    lifecycle.move(Notice.objects.get(pk=told), now=NOW)
    before = row(the_subscriber()), history(), letters()

    assert lifecycle.move(Notice.objects.get(pk=told), now=NOW) == []

    assert (row(the_subscriber()), history(), letters()) == before


def test_then_the_old_address_can_no_longer_take_it_back():
    [owed] = lifecycle.move(question(make_subscriber(ADA)), now=NOW)
    make_subscriber(ADA, status=ACTIVE)

    with pytest.raises(lifecycle.AddressTaken):
        lifecycle.move(Notice.objects.get(pk=owed), now=NOW + DAY)
