"""Many at once, on a database where many can be at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import transaction

from subscriptions import lifecycle, notices
from subscriptions.address import parse_address
from subscriptions.models import Allowance, Consent, Keyword, Notice, Subscriber, Suppression
from subscriptions.rates import Rate
from subscriptions.suppression import reasons
from subscriptions.throttling import OverLimit, prune_allowances, spend
from tests.factories import make_subscriber
from tests.subscriptions.lifecycle.crowd import CROWD, alone, at_once, wait_until_somebody_waits
from tests.subscriptions.lifecycle.people import ACTIVE, ADA, NOW, PENDING, UNSUBSCRIBED, letters, wish

pytestmark = pytest.mark.django_db(transaction=True)

PAGE, ONE_CLICK = Consent.Origin.PAGE, Consent.Origin.ONE_CLICK
NEW = "ada@new.example"


def sign_up(email: str, words: str = "", network: str = "203.0.113.0/24", now: datetime = NOW) -> list[int]:
    return lifecycle.request(
        parse_address(email), wish(words), origin=Consent.Origin.FORM, network=network, now=now
    )


# --- one person ---------------------------------------------------------------------------


def test_fifty_sign_ups_of_one_address_are_one_row_and_one_question():
    spellings = ["ada@example.org", "Ada@Example.org", "ADA@EXAMPLE.ORG"]

    owed = at_once(
        *(partial(sign_up, spellings[number % 3], f"term {number}, speech") for number in range(50))
    )

    assert Subscriber.objects.count() == 1
    assert Notice.objects.count() == 1
    assert [ids for ids in owed if ids] == [[Notice.objects.get().pk]]
    assert Consent.objects.count() == 1
    assert Keyword.objects.count() == 2, "the wish of one of them, not a mixture"


def test_thirty_sign_ups_of_an_active_subscriber_are_one_letter():
    make_subscriber(ADA)

    at_once(*[partial(sign_up, ADA)] * CROWD)

    assert letters() == [Notice.Letter.ALREADY_SUBSCRIBED]


def test_thirty_presses_of_the_button_are_one_yes():
    subscriber = make_subscriber(ADA, status=PENDING)

    owed = at_once(*[partial(lifecycle.confirm, subscriber)] * CROWD)

    assert sorted(len(ids) for ids in owed) == [0] * (CROWD - 1) + [1]
    assert Notice.objects.count() == 1
    assert Consent.objects.count() == 1


def test_thirty_presses_of_the_buttons_of_two_letters_are_one_wish():
    sign_up(ADA, "retrieval, diffusion")
    second = lifecycle.request(
        parse_address(ADA), wish("speech, sound"), origin=Consent.Origin.FORM, now=NOW + timedelta(days=1)
    )
    first, second_notice = Notice.objects.order_by("pk")
    assert second == [second_notice.pk]
    subscriber = Subscriber.objects.get()

    at_once(
        *(
            partial(lifecycle.confirm, subscriber, ask=(first if number % 2 else second_notice).ask)
            for number in range(CROWD)
        )
    )

    kept = set(Keyword.objects.values_list("text", flat=True))
    assert kept in ({"retrieval", "diffusion"}, {"speech", "sound"})
    assert Consent.objects.filter(kind=Consent.Kind.CONFIRMED).count() == 1


def test_thirty_one_click_posts_are_one_no():
    subscriber = make_subscriber(ADA)

    at_once(*[partial(lifecycle.withdraw, subscriber, origin=ONE_CLICK)] * CROWD)

    assert Subscriber.objects.get().status == UNSUBSCRIBED
    assert Consent.objects.count() == 1


def test_thirty_presses_of_the_button_to_leave_are_one_farewell():
    subscriber = make_subscriber(ADA)

    owed = at_once(*[partial(lifecycle.withdraw, subscriber, origin=PAGE)] * CROWD)

    assert Counter(len(ids) for ids in owed) == {1: 1, 0: CROWD - 1}
    assert letters() == [Notice.Letter.FAREWELL]
    assert Consent.objects.count() == 1


def test_yes_and_no_at_once_leave_one_of_both():
    subscriber = make_subscriber(ADA, status=PENDING)
    no, yes = partial(lifecycle.withdraw, subscriber, origin=PAGE), partial(lifecycle.confirm, subscriber)

    at_once(*[no, yes] * (CROWD // 2))

    # Whoever leaves is gone for good: a yes after a no does not count.
    assert Subscriber.objects.get().status == UNSUBSCRIBED
    assert Consent.objects.filter(kind=Consent.Kind.WITHDRAWN).count() == 1


def test_thirty_workers_with_the_same_notice_send_one_letter(outbox_dir):
    subscriber = make_subscriber(ADA, status=PENDING)
    notice = Notice.objects.create(subscriber=subscriber, letter=Notice.Letter.CONFIRMATION)

    at_once(*[partial(notices.send_notices, [notice.pk])] * CROWD)

    assert len(list(outbox_dir.glob("*.eml"))) == 1
    notice.refresh_from_db()
    assert (notice.state, notice.attempts) == (Notice.State.ACCEPTED, 1)


# --- moving -------------------------------------------------------------------------------


def question(subscriber: Subscriber) -> Notice:
    [owed] = lifecycle.ask_to_move(subscriber, parse_address(NEW), now=NOW)
    return Notice.objects.get(pk=owed)


def moved(notice: Notice) -> bool:
    try:
        return bool(lifecycle.move(notice, now=NOW))
    except lifecycle.AddressTaken:
        return False


def test_two_who_move_to_one_address_at_once_are_one_who_moves():
    for number in range(10):
        people = [make_subscriber(), make_subscriber()]
        asked = [question(subscriber) for subscriber in people[:2]]

        told = at_once(*(partial(moved, notice) for notice in asked))

        assert sorted(told) == [False, True], number
        assert Subscriber.objects.filter(email_key=NEW).count() == 1
        assert Subscriber.objects.filter(pk__in=[one.pk for one in people]).count() == 2
        Subscriber.objects.all().delete()
        Allowance.objects.all().delete()


def test_thirty_presses_of_one_button_are_one_move():
    notice = question(make_subscriber(ADA))

    told = at_once(*[partial(moved, notice)] * CROWD)

    assert sorted(told) == [False] * (CROWD - 1) + [True]
    assert Subscriber.objects.values_list("email_key", "token_epoch").get() == (NEW, 1)
    assert letters().count(Notice.Letter.ADDRESS_CHANGED) == 1


def test_a_move_and_a_sign_up_at_the_same_address_leave_one_row_there():
    for _ in range(10):
        ada = make_subscriber(ADA)
        asked = question(ada)

        at_once(partial(moved, asked), *[partial(sign_up, NEW)] * 5)

        assert Subscriber.objects.filter(email_key=NEW).count() == 1
        assert Subscriber.objects.filter(pk=ada.pk, status=ACTIVE).exists()
        Subscriber.objects.all().delete()
        Allowance.objects.all().delete()


# --- erasing ------------------------------------------------------------------------------


def if_there(verb: Callable[[], object]) -> None:
    """Whoever comes after the erasure finds nobody."""
    try:
        verb()
    except Subscriber.DoesNotExist:
        return


def test_who_is_erased_while_the_button_is_pressed_is_erased():
    for number in range(10):
        subscriber = make_subscriber(f"reader{number}@example.org", "retrieval", status=PENDING)
        key = subscriber.email_key
        yes = partial(if_there, partial(lifecycle.confirm, subscriber))
        no = partial(if_there, partial(lifecycle.withdraw, subscriber, origin=PAGE))

        erase = [partial(lifecycle.erase, subscriber), partial(lifecycle.erase_address, key)]
        at_once(*erase, *[yes] * 8, *[no] * 2)

        for model in (Subscriber, Keyword, Consent, Notice):
            assert not model._default_manager.exists(), f"round {number}"
        assert reasons(key) == [Suppression.Reason.ERASED]


def test_who_is_erased_while_somebody_types_their_address_is_erased():
    """The sign-up waits for the row that is being erased; once it is gone, none may be begun."""
    ada = make_subscriber(ADA, "retrieval")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lifecycle.erase(ada)
            typed = alone(pool, partial(sign_up, ADA, "speech"))
            wait_until_somebody_waits()
        owed = typed.result()

    assert owed == []
    assert not Subscriber.objects.exists()


# --- limits -------------------------------------------------------------------------------


@pytest.mark.parametrize("used", [0, 1])
def test_twenty_who_spend_the_last_of_a_bucket_get_exactly_what_is_in_it(used):
    rate = Rate(count=7, seconds=7_000)
    for _ in range(used):
        spend("test", "bucket", rate, now=NOW)

    got = at_once(*[partial(spend, "test", "bucket", rate, now=NOW)] * 20)

    assert sum(got) == 7 - used
    assert Allowance.objects.count() == 1


def test_sign_ups_in_one_network_get_exactly_its_allowance(settings):
    settings.SIGN_UP_RATE_PER_NETWORK = "10/hour"

    def come(number: int) -> bool:
        try:
            return bool(sign_up(f"reader{number}@domain{number}.example"))
        except OverLimit:
            return False

    came = at_once(*(partial(come, number) for number in range(25)))

    assert sum(came) == 10

    assert Subscriber.objects.count() == 10
    assert Notice.objects.count() == 10


def test_forgetting_empty_buckets_does_not_get_in_the_way_of_a_sign_up():
    """A sign-up takes from several buckets, one by one, and holds them until it is done."""
    rate = Rate(count=5, seconds=60)
    long_ago = NOW - timedelta(days=1)
    for scope in ("domain", "network"):
        spend(scope, "it", rate, now=long_ago)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert spend("network", "it", rate, now=NOW)
            pruned = alone(pool, partial(prune_allowances, NOW))
            wait([pruned], timeout=1)
            assert spend("domain", "it", rate, now=NOW)
        pruned.result()


def test_nobody_gets_stuck_where_many_sign_up_say_yes_leave_and_are_erased_at_once():
    """A deadlock would be an error in one of them."""
    people = [make_subscriber(f"reader{number}@example.org", "a, b", status=PENDING) for number in range(8)]

    for hour in range(3):
        now = NOW + timedelta(hours=hour)
        deeds: list[Callable[[], object]] = []
        for one in people:
            address = parse_address(one.email)
            deeds += [
                partial(sign_up, one.email, "speech", now=now),
                partial(if_there, partial(lifecycle.confirm, one, now=now)),
                partial(if_there, partial(lifecycle.withdraw, one, origin=PAGE, now=now)),
                partial(
                    if_there, partial(lifecycle.ask_to_move, one, parse_address(people[0].email), now=now)
                ),
                partial(lifecycle.ask_for_link, address, network="203.0.113.0/24", now=now),
            ]
        deeds += [partial(lifecycle.erase, people[hour]), partial(prune_allowances, now)]
        at_once(*deeds)

    assert Suppression.objects.count() == 3
