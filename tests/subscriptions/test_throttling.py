"""Limits: how much there is, when it is there again, and that nobody can be told from what is kept."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from subscriptions import lifecycle, tasks
from subscriptions.address import parse_address
from subscriptions.models import Allowance, Consent
from subscriptions.preferences import Preferences
from subscriptions.rates import Rate, parse_rate
from subscriptions.throttling import (
    HeldBack,
    OverLimit,
    admit,
    forgive,
    prune_allowances,
    spend,
    spend_letter,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 9, 26, 12, tzinfo=UTC)
THREE_AN_HOUR = Rate(count=3, seconds=3_600)
MINUTE = timedelta(minutes=1)


def take(
    times: int = 1, *, at: datetime = NOW, rate: Rate = THREE_AN_HOUR, subject: str = "it", cost: int = 1
) -> int:
    """How many of so many tries got something."""
    return sum(spend("test", subject, rate, cost=cost, now=at) for _ in range(times))


# --- one bucket ---------------------------------------------------------------------------


def test_a_bucket_holds_as_much_as_the_rate_allows():
    assert take(10) == 3


@pytest.mark.parametrize(
    "rate", ["60/hour", "300/hour", "1000/hour", "7/hour", "11/minute", "3 per 30 days", "1/day"]
)
@pytest.mark.parametrize("at", [NOW, NOW + timedelta(seconds=0.123457)])
def test_all_of_it_can_be_taken_at_one_moment_and_not_one_more(rate, at):
    """A thousand steps of 3.6 seconds must still add up to an hour."""
    limit = parse_rate(rate)

    assert take(limit.count + 5, at=at, rate=limit) == limit.count


def test_it_fills_again_little_by_little():
    take(3)

    assert take(at=NOW + 20 * MINUTE - timedelta(seconds=1)) == 0
    assert take(5, at=NOW + 20 * MINUTE) == 1
    assert take(5, at=NOW + 40 * MINUTE) == 1


def test_after_its_time_it_is_full_and_never_fuller():
    take(3)

    assert take(10, at=NOW + 60 * MINUTE) == 3
    assert take(10, at=NOW + timedelta(days=365)) == 3


def test_what_is_refused_takes_nothing():
    """Else whoever keeps trying would be shut out for ever."""
    take(100)

    assert take(at=NOW + 20 * MINUTE) == 1


def test_who_takes_more_at_once_takes_it_all_or_not_at_all():
    assert take(cost=2) == 1
    assert take(cost=2) == 0
    assert take() == 1


def test_each_subject_and_each_scope_has_a_bucket_of_its_own():
    take(3)

    assert take(subject="another") == 1
    assert spend("another", "it", THREE_AN_HOUR, now=NOW) is True


def test_without_a_moment_given_it_is_now():
    assert [spend("test", "it", Rate(1, 3_600)) for _ in range(2)] == [True, False]
    [kept] = Allowance.objects.all()
    assert kept.used_until - timezone.now().timestamp() == pytest.approx(3_600, abs=30)


def test_an_emptied_bucket_allows_all_of_it_again():
    take(3)
    take(3, subject="another")

    forgive("test", "it")

    assert take(5) == 3
    assert take(subject="another") == 0


def test_emptying_a_bucket_that_nobody_used_does_nothing():
    forgive("test", "it")
    assert not Allowance.objects.exists()


def test_what_is_kept_names_nobody():
    spend("address", "ada@example.org", THREE_AN_HOUR, now=NOW)

    row = Allowance.objects.values().get()
    assert len(row["key"]) == 64
    assert "ada" not in f"{row} {Allowance.objects.get()}"


def test_what_is_kept_cannot_be_guessed_without_the_key(settings):
    spend("address", "ada@example.org", THREE_AN_HOUR, now=NOW)
    settings.SECRET_KEY = "another key"
    spend("address", "ada@example.org", THREE_AN_HOUR, now=NOW)

    assert Allowance.objects.count() == 2


# --- forgetting ---------------------------------------------------------------------------


def test_buckets_that_are_empty_again_are_forgotten_and_no_others():
    take(3)
    take(1, subject="another")

    assert prune_allowances(NOW + 30 * MINUTE) == 1
    assert take(at=NOW + 30 * MINUTE) == 1, "the one that was in use still is"
    assert prune_allowances(NOW + 120 * MINUTE) == 1
    assert not Allowance.objects.exists()


def test_forgetting_changes_nothing_for_anybody():
    take(3)
    prune_allowances(NOW + 60 * MINUTE + timedelta(seconds=1))

    assert take(5, at=NOW + 61 * MINUTE) == 3


def test_the_tick_that_forgets_sign_ups_forgets_buckets_too():
    take(3, at=timezone.now() - timedelta(days=1))

    tasks.prune_pending()

    assert not Allowance.objects.exists()


# --- at the door --------------------------------------------------------------------------


@pytest.fixture
def limits(settings):
    """Limits that nobody meets, of which each test lowers its own."""
    settings.SIGN_UP_RATE_PER_NETWORK = settings.SIGN_UP_RATE_PER_DOMAIN = settings.SIGN_UP_RATE = "100/hour"
    return settings


def enter(network: str = "net", cost: int = 1, at: datetime = NOW) -> bool:
    try:
        admit(network, cost=cost, now=at)
    except OverLimit:
        return False
    return True


def write(domain: str = "example.org", at: datetime = NOW) -> bool:
    try:
        spend_letter(domain, now=at)
    except HeldBack:
        return False
    return True


def test_the_limit_of_a_network_is_its_own(limits):
    limits.SIGN_UP_RATE_PER_NETWORK = "1/hour"

    assert enter() is True
    assert enter() is False
    assert enter("another") is True
    assert enter(at=NOW + 60 * MINUTE) is True


def test_haste_costs_more(limits):
    limits.SIGN_UP_RATE_PER_NETWORK = "4/hour"

    assert enter(cost=3) is True
    assert enter(cost=3) is False
    assert enter() is True


def test_haste_alone_shuts_nobody_out(limits):
    """Browsers that fill in for people are fast, too: also where a network has little to spend."""
    limits.SIGN_UP_RATE_PER_NETWORK = "2/hour"

    assert enter(cost=3) is True
    assert enter() is False


def test_the_customers_of_one_ipv6_site_share_four_times_as_much(limits):
    """Whoever rents a /48 has 65,536 networks to come from."""
    limits.SIGN_UP_RATE_PER_NETWORK = "2/hour"
    came = [enter(f"2001:db8:1:{number:x}::/64") for number in range(50)]

    assert came == [True] * 8 + [False] * 42
    assert enter("2001:db8:2:0::/64") is True, "another site"


def test_one_customer_of_an_ipv6_site_does_not_use_up_what_the_others_have(limits):
    limits.SIGN_UP_RATE_PER_NETWORK = "2/hour"
    for _ in range(50):
        enter("2001:db8:1:1::/64")

    assert enter("2001:db8:1:2::/64") is True


def test_who_comes_in_uses_up_nothing_of_what_letters_may_go_out(limits):
    """One machine that floods the form must not close it for the world."""
    limits.SIGN_UP_RATE_PER_DOMAIN = limits.SIGN_UP_RATE = "1/hour"
    for _ in range(50):
        enter()

    assert write() is True


# --- letters ------------------------------------------------------------------------------


def test_the_limit_of_a_domain_is_its_own(limits):
    limits.SIGN_UP_RATE_PER_DOMAIN = "1/hour"

    assert write() is True
    assert write() is False
    assert write("another.example") is True


def test_the_limit_of_all_is_everybodys(limits):
    limits.SIGN_UP_RATE = "1/hour"

    assert write() is True
    assert write("another.example") is False
    assert write("another.example", at=NOW + 60 * MINUTE) is True


def test_what_is_held_back_by_a_domain_uses_up_nothing_of_everybodys(limits):
    limits.SIGN_UP_RATE_PER_DOMAIN, limits.SIGN_UP_RATE = "1/hour", "2/hour"
    for _ in range(50):
        write()

    assert write("another.example") is True


def test_the_operator_is_told_once_an_hour_that_sign_ups_are_held_back(limits, caplog):
    """By the verb: what it takes back when it refuses must not make it tell once more."""
    limits.SIGN_UP_RATE = "1/hour"

    def come(number: int, at: datetime = NOW) -> None:
        lifecycle.request(
            parse_address(f"reader{number}@example.org"), Preferences(), origin=Consent.Origin.FORM, now=at
        )

    with caplog.at_level(logging.WARNING, "subscriptions.throttling"):
        for number in range(5):
            come(number)

        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert "1/hour" in caplog.text
        assert "example.org" not in caplog.text

        for number in range(5, 10):
            come(number, NOW + 61 * MINUTE)
        assert len(caplog.records) == 2


def test_the_limit_of_one_network_is_no_news_to_the_operator(limits, caplog):
    limits.SIGN_UP_RATE_PER_NETWORK = "1/hour"
    for _ in range(5):
        enter()

    assert caplog.records == []


# --- in general ---------------------------------------------------------------------------


class AnyBucket(TestCase):
    """Hypothesis with a database of its own for each example."""

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(
        rate=st.builds(Rate, count=st.integers(1, 12), seconds=st.integers(1, 10_000)),
        steps=st.lists(st.tuples(st.floats(0, 3_000), st.integers(1, 3)), max_size=25),
    )
    def test_never_more_than_the_bucket_and_what_flowed_in_meanwhile(self, rate, steps):
        moment, taken = NOW, 0
        for wait, wished in steps:
            moment += timedelta(seconds=wait)
            cost = min(wished, rate.count)
            taken += cost * spend("test", "it", rate, cost=cost, now=moment)
            passed = (moment - NOW).total_seconds()
            assert taken <= rate.count + passed / rate.interval + 1e-3


def test_a_bucket_that_is_pruned_as_it_is_made_is_made_again(monkeypatch):
    create = Allowance.objects.bulk_create
    pruned: list[int] = []

    def create_and_prune(rows: list[Allowance], *, ignore_conflicts: bool) -> list[Allowance]:
        made = create(rows, ignore_conflicts=ignore_conflicts)
        if not pruned:
            pruned.append(prune_allowances(NOW + timedelta(hours=1)))
        return made

    monkeypatch.setattr(Allowance.objects, "bulk_create", create_and_prune)

    assert spend("network", "it", Rate(count=1, seconds=60), now=NOW)
    assert pruned == [1]
    assert not spend("network", "it", Rate(count=1, seconds=60), now=NOW)
