"""Another wish, new links: what changes, from when on, and what is on record of it."""

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError

from subscriptions import lifecycle
from subscriptions.address import parse_address
from subscriptions.keywords import parse_keywords
from subscriptions.models import Consent, Notice, Subscriber, Suppression
from subscriptions.preferences import Preferences
from subscriptions.suppression import suppress
from subscriptions.throttling import OverLimit
from tests.factories import make_subscriber
from tests.subscriptions.lifecycle.people import (
    ACTIVE,
    ADA,
    NOW,
    PENDING,
    UNSUBSCRIBED,
    history,
    keywords,
    last_consent,
    letters,
    reader,
    row,
    the_subscriber,
    wish,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


# --- another wish -------------------------------------------------------------------------


def test_another_wish_is_stored_whole_and_is_on_record():
    subscriber = reader("retrieval, -survey")
    new = wish(
        "speech, -retrieval",
        zone="Europe/Berlin",
        cadence="weekly",
        weekday=2,
        hour=20,
        size=20,
        thin_day="fill",
        language="de",
    )

    assert lifecycle.change(subscriber, new, network="203.0.113.0/24", now=NOW) is True

    assert Preferences.of(the_subscriber()) == new
    assert keywords() == ["speech", "-retrieval"]
    assert history() == [("changed", "page", "preferences-1")]
    line = last_consent()
    assert (line.at, line.network) == (NOW, "203.0.113.0/24")
    assert line.detail["changed"]["keywords"] == [["retrieval", "-survey"], ["speech", "-retrieval"]]
    assert line.detail["changed"]["hour"] == [7, 20]
    assert line.detail["changed"].keys() == {
        "keywords", "time_zone", "cadence", "weekday", "hour", "size", "thin_day", "language",
    }  # fmt: skip


def test_a_wish_that_is_the_same_is_no_news():
    subscriber = reader("retrieval, -survey")
    before = row(subscriber)

    assert lifecycle.change(subscriber, Preferences.of(subscriber), now=NOW) is False

    assert (row(subscriber), history(), keywords()) == (before, [], ["retrieval", "-survey"])


def test_only_what_is_different_is_on_record():
    subscriber = reader()

    lifecycle.change(subscriber, replace(Preferences.of(subscriber), size=5), now=NOW)

    assert last_consent().detail["changed"] == {"size": [10, 5]}


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({"hour": 22}, datetime(2025, 9, 27, 13, tzinfo=UTC)),  # today they had one
        ({"hour": 21}, datetime(2025, 9, 27, 12, tzinfo=UTC)),
        ({"hour": 0}, datetime(2025, 9, 26, 15, tzinfo=UTC)),  # in three hours, but tomorrow
        ({"zone": "Europe/Berlin"}, datetime(2025, 9, 27, 5, tzinfo=UTC)),
        ({"cadence": "weekdays"}, datetime(2025, 9, 28, 22, tzinfo=UTC)),
        ({"cadence": "weekly", "weekday": 2}, datetime(2025, 9, 30, 22, tzinfo=UTC)),
    ],
)
def test_another_hour_day_or_zone_counts_from_the_next_digest_on(fields, due):
    lifecycle.change(reader(), wish("retrieval", **({"zone": "Asia/Tokyo", "hour": 7} | fields)), now=NOW)

    assert the_subscriber().next_digest_at == due


@pytest.mark.parametrize(("hour", "due"), [(22, 13), (23, 14)])
def test_who_still_waits_for_todays_digest_gets_it_today_at_another_hour(hour, due):
    subscriber = reader(hour=23, next_digest_at=datetime(2025, 9, 26, 14, tzinfo=UTC))

    lifecycle.change(subscriber, replace(Preferences.of(subscriber), hour=hour, cadence="weekdays"), now=NOW)

    assert the_subscriber().next_digest_at == datetime(2025, 9, 26, due, tzinfo=UTC)


@pytest.mark.parametrize("fields", [{"size": 5}, {"thin_day": "fill"}, {"language": "de"}])
def test_what_has_nothing_to_do_with_the_hour_leaves_the_next_digest_where_it_is(fields):
    """Somebody whose digest is being waited for must not lose it by saving the form."""
    subscriber = reader(next_digest_at=NOW - timedelta(minutes=5))

    lifecycle.change(subscriber, replace(Preferences.of(subscriber), **fields), now=NOW)

    assert the_subscriber().next_digest_at == NOW - timedelta(minutes=5)


def test_a_first_digest_stays_due_at_once_whatever_hour_is_wished_for():
    subscriber = reader(caught_up_at=None, next_digest_at=NOW)

    lifecycle.change(subscriber, replace(Preferences.of(subscriber), hour=20), now=NOW)

    assert the_subscriber().next_digest_at == NOW


def test_another_hour_during_a_pause_counts_after_it():
    subscriber = reader()
    lifecycle.pause(subscriber, date(2025, 10, 10), now=NOW)

    lifecycle.change(subscriber, replace(Preferences.of(subscriber), hour=20), now=NOW)

    assert the_subscriber().next_digest_at == datetime(2025, 10, 10, 11, tzinfo=UTC)


@pytest.mark.parametrize("status", [PENDING, UNSUBSCRIBED])
def test_another_wish_of_somebody_who_is_not_active_brings_no_digest(status):
    subscriber = reader(status=status, next_digest_at=None)

    assert lifecycle.change(subscriber, wish("speech"), now=NOW) is True

    assert (the_subscriber().status, the_subscriber().next_digest_at) == (status, None)
    assert keywords() == ["speech"]


def test_keywords_are_replaced_in_the_order_typed():
    subscriber = make_subscriber(ADA, "b, a")

    lifecycle.set_keywords(subscriber, parse_keywords("z, -a, m"))

    assert keywords() == ["z", "-a", "m"]


def test_nobody_elses_keywords_are_touched():
    other = make_subscriber("grace@example.org", "robots")

    lifecycle.set_keywords(make_subscriber(ADA, "speech"), [])

    assert [str(keyword) for keyword in other.keywords.all()] == ["robots"]


def test_fewer_is_five_papers_on_mondays_and_leaves_the_rest():
    subscriber = reader("retrieval, -survey", size=20, thin_day="fill")

    assert lifecycle.fewer(subscriber, network="203.0.113.0/24", now=NOW) is True

    less = the_subscriber()
    assert (less.cadence, less.weekday, less.size) == ("weekly", 0, 5)
    assert (less.hour, str(less.time_zone), less.thin_day) == (7, "Asia/Tokyo", "fill")
    assert less.next_digest_at == datetime(2025, 9, 28, 22, tzinfo=UTC), "Monday at seven in Tokyo"
    assert keywords() == ["retrieval", "-survey"]
    assert last_consent().network == "203.0.113.0/24"


@pytest.mark.django_db(transaction=True)
def test_without_a_record_of_consent_nothing_changes():
    subscriber = reader()
    before = row(subscriber)

    with contextlib.suppress(IntegrityError):
        lifecycle.change(subscriber, wish("speech", hour=20), origin=None, now=NOW)  # type: ignore[arg-type]

    assert (row(subscriber), keywords()) == (before, ["retrieval"])


# --- links --------------------------------------------------------------------------------


def test_revoking_makes_every_link_one_of_an_older_epoch():
    subscriber = reader()
    before = row(subscriber)

    lifecycle.revoke_links(subscriber)
    lifecycle.revoke_links(subscriber)

    assert row(subscriber) == before | {"token_epoch": 2}


@pytest.mark.parametrize("status", [ACTIVE, UNSUBSCRIBED])
def test_who_confirmed_once_gets_the_link_to_their_own_address(status):
    subscriber = reader(status=status, confirmed_at=NOW - DAY)

    owed = lifecycle.ask_for_link(parse_address("ADA@example.org"), now=NOW)

    [notice] = Notice.objects.filter(pk__in=owed)
    assert (notice.letter, notice.subscriber, notice.to) == (Notice.Letter.MANAGE_LINK, subscriber, ADA)


def test_nobody_else_gets_a_link():
    make_subscriber("pending@example.org", status=PENDING)
    make_subscriber("suppressed@example.org")
    suppress("suppressed@example.org", Suppression.Reason.COMPLAINT)

    for email in ("pending@example.org", "suppressed@example.org", "stranger@example.org"):
        assert lifecycle.ask_for_link(parse_address(email), now=NOW) == []

    assert letters() == []
    assert Subscriber.objects.count() == 2


def test_an_address_gets_only_so_many_links_a_day():
    reader()
    make_subscriber("grace@example.org")
    asked = [lifecycle.ask_for_link(parse_address(ADA), now=NOW) for _ in range(9)]

    assert [len(owed) for owed in asked] == [1] * 3 + [0] * 6
    assert lifecycle.ask_for_link(parse_address("grace@example.org"), now=NOW) != []
    assert lifecycle.ask_for_link(parse_address(ADA), now=NOW + DAY) != []


def test_an_address_gets_only_so_many_links_a_month():
    """Three a day for ever would be a way to pester somebody."""
    reader()
    asked = [
        lifecycle.ask_for_link(parse_address(ADA), now=NOW + day * DAY) for day in range(10) for _ in range(3)
    ]

    per_day = [sum(map(len, asked[start : start + 3])) for start in range(0, 30, 3)]
    assert per_day[:3] == [3, 3, 3]
    assert sum(per_day) <= 12 + 10 * 12 / 30
    assert max(per_day[5:]) <= 1


def test_links_are_asked_for_under_the_limits_of_sign_ups(settings):
    settings.SIGN_UP_RATE_PER_NETWORK = "2/hour"
    reader()

    assert lifecycle.ask_for_link(parse_address("stranger@example.org"), network="net", now=NOW) == []
    assert lifecycle.ask_for_link(parse_address(ADA), network="net", now=NOW) != []
    with pytest.raises(OverLimit):
        lifecycle.ask_for_link(parse_address(ADA), network="net", now=NOW)
    assert lifecycle.ask_for_link(parse_address(ADA), network="another net", now=NOW) != []


def test_asking_for_a_link_changes_nothing_of_the_person():
    subscriber = reader()
    before = row(subscriber)

    lifecycle.ask_for_link(parse_address(ADA), now=NOW)

    assert row(subscriber) == before
    assert not Consent.objects.exists()
