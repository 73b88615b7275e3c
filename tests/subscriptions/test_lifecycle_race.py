"""Many at once, on a database where many can be at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection

from subscriptions import lifecycle, notices
from subscriptions.address import parse_address
from subscriptions.keywords import parse_keywords
from subscriptions.models import Consent, Keyword, Notice, Subscriber
from tests.conftest import ON_SERVERS
from tests.factories import make_subscriber

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not ON_SERVERS, reason="SQLite lets one write at a time; PostgreSQL has the race"),
]

CROWD = 30
T = TypeVar("T")


def all_at_once(verb: Callable[[int], T]) -> list[T]:
    """What `verb` returned in each of many threads that set out at the same moment."""
    start = Barrier(CROWD)

    def one(number: int) -> T:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            return verb(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(CROWD) as crowd:
        return list(crowd.map(one, range(CROWD)))


def test_thirty_sign_ups_of_one_address_are_one_row_and_one_question():
    spellings = ["ada@example.org", "Ada@Example.org", "ADA@EXAMPLE.ORG"]

    asked = all_at_once(
        lambda number: lifecycle.request(
            parse_address(spellings[number % 3]),
            keywords=parse_keywords(f"term {number}, speech"),
            origin=Consent.Origin.FORM,
        )
    )

    assert Subscriber.objects.count() == 1
    assert Notice.objects.count() == 1
    assert [one.notice_id for one in asked if one.notice_id] == [Notice.objects.get().pk]
    assert Consent.objects.count() == CROWD
    assert Keyword.objects.count() == 2, "the wish of one of them, not a mixture"


def test_thirty_presses_of_the_button_are_one_yes():
    subscriber = make_subscriber("ada@example.org", status=Subscriber.Status.PENDING)

    owed = all_at_once(lambda _: lifecycle.confirm(subscriber))

    assert sorted(len(ids) for ids in owed) == [0] * (CROWD - 1) + [1]
    assert Notice.objects.count() == 1
    assert Consent.objects.count() == 1


def test_thirty_one_click_posts_are_one_no():
    subscriber = make_subscriber("ada@example.org")

    news = all_at_once(lambda _: lifecycle.withdraw(subscriber, origin=Consent.Origin.ONE_CLICK))

    assert Counter(news) == {True: 1, False: CROWD - 1}
    assert Consent.objects.count() == 1


def test_yes_and_no_at_once_leave_one_of_both():
    subscriber = make_subscriber("ada@example.org", status=Subscriber.Status.PENDING)

    all_at_once(
        lambda number: (
            lifecycle.withdraw(subscriber, origin=Consent.Origin.PAGE)
            if number % 2
            else lifecycle.confirm(subscriber)
        )
    )

    # Whoever leaves is gone for good: a yes after a no does not count.
    assert Subscriber.objects.get().status == Subscriber.Status.UNSUBSCRIBED
    assert Consent.objects.filter(kind=Consent.Kind.WITHDRAWN).count() == 1


def test_thirty_workers_with_the_same_notice_send_one_letter(outbox_dir):
    subscriber = make_subscriber("ada@example.org", status=Subscriber.Status.PENDING)
    notice = Notice.objects.create(subscriber=subscriber, letter=Notice.Letter.CONFIRMATION)

    all_at_once(lambda _: notices.send_notices([notice.pk]))

    assert len(list(outbox_dir.glob("*.eml"))) == 1
    notice.refresh_from_db()
    assert (notice.state, notice.attempts) == (Notice.State.ACCEPTED, 1)
