"""Each problem is told by its id, with a hint; a setting that is right is told nothing."""

import pytest
from django.core.checks import CheckMessage, Error, run_checks
from django.core.checks import Warning as CheckWarning

from subscriptions import checks
from subscriptions.network import client_network


def told(*, deploy: bool = False) -> dict[str, CheckMessage]:
    """Our own messages by id, from a run as `manage.py check` makes it."""
    messages = run_checks(include_deployment_checks=deploy)
    return {str(m.id): m for m in messages if str(m.id).startswith("subscriptions.")}


@pytest.fixture(autouse=True)
def fit(settings):
    """Settings of a deployment with which nothing is wrong."""
    settings.DEFAULT_FROM_EMAIL = "Paper Round <papers@papers.example>"
    settings.POSTAL_ADDRESS = "1 Long Lane, Town"
    settings.SITE_URL = "https://papers.example"
    settings.SECURE_PROXY_SSL_HEADER = None
    settings.TRUSTED_PROXIES = []


def test_a_deployment_that_is_fit_is_told_nothing():
    assert told(deploy=True) == {}


@pytest.mark.parametrize(
    "sender",
    [
        "papers@papers.example",
        '"Widgets, Inc." <papers@papers.example>',
        "Ünï <papers@papers.example>",
        "Papers <papers@bücher.example>",
    ],
)
def test_a_sender_that_is_one_mailbox_is_fit(settings, sender):
    settings.DEFAULT_FROM_EMAIL = sender

    assert told() == {}


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "Paper Round",
        "webmaster@localhost",
        "Paper Round <papers@>",
        "Widgets, Inc. <papers@papers.example>",
        "Paper Round <papers@papers.example",
        "a@papers.example, b@papers.example",
        "Paper\nRound <papers@papers.example>",
        "Papers <jürgen@papers.example>",
    ],
)
def test_e001_a_sender_that_is_no_address(settings, sender):
    settings.DEFAULT_FROM_EMAIL = sender

    error = told()["subscriptions.E001"]

    assert isinstance(error, Error)
    assert "DEFAULT_FROM_EMAIL" in error.msg
    assert "@" in str(error.hint)


@pytest.mark.parametrize("address", ["", "   ", "\n"])
def test_e002_a_deployment_without_a_postal_address(settings, address):
    settings.POSTAL_ADDRESS = address

    error = told(deploy=True)["subscriptions.E002"]

    assert isinstance(error, Error)
    assert "POSTAL_ADDRESS" in error.msg
    assert "Set it" in str(error.hint)


@pytest.mark.parametrize("address", ["http://papers.example", "papers.example", ""])
def test_e003_a_deployment_without_https(settings, address):
    settings.SITE_URL = address

    error = told(deploy=True)["subscriptions.E003"]

    assert isinstance(error, Error)
    assert "SITE_URL" in error.msg
    assert "https" in str(error.hint)


RATES = ["SIGN_UP_RATE", "SIGN_UP_RATE_PER_NETWORK", "SIGN_UP_RATE_PER_DOMAIN"]


@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("rate", ["60/hour", "3 per 30 days", "100000/day"])
def test_a_rate_that_can_be_read_is_fit(settings, name, rate):
    setattr(settings, name, rate)

    assert told() == {}


@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("rate", ["60", "0/hour", "60/fortnight", "lots"])
def test_e004_a_rate_that_cannot_be_read(settings, name, rate):
    setattr(settings, name, rate)

    error = told()["subscriptions.E004"]

    assert isinstance(error, Error)
    assert error.msg.startswith(f"{name}: ")
    assert repr(rate) in error.msg
    assert "60/hour" in error.msg
    assert name in str(error.hint)


def test_each_rate_that_cannot_be_read_is_told(settings):
    settings.SIGN_UP_RATE = settings.SIGN_UP_RATE_PER_DOMAIN = "lots"

    assert [message.id for message in checks.limits(None)] == ["subscriptions.E004"] * 2


PROXIES = [
    ["1"],
    ["3"],
    ["0"],
    ["10.0.0.0/8"],
    ["10.0.0.0/8", "2001:db8::/32"],
    ["10.0.0.1"],
    ["10.0.0.9/24"],
    ["::1"],
]
NO_PROXIES = [
    ["one"],
    ["-1"],
    ["1", "10.0.0.0/8"],
    ["10.0.0.0/33"],
    ["10.0.0"],
    ["proxy.example"],
    [""],
    ["²"],
]


@pytest.mark.parametrize("trusted", PROXIES)
def test_proxies_told_by_number_or_by_networks_are_fit(settings, trusted):
    settings.TRUSTED_PROXIES = trusted

    assert told() == {}


@pytest.mark.parametrize("trusted", NO_PROXIES)
def test_e005_proxies_that_cannot_be_read(settings, trusted):
    settings.TRUSTED_PROXIES = trusted

    error = told()["subscriptions.E005"]

    assert isinstance(error, Error)
    assert "TRUSTED_PROXIES" in error.msg
    assert "10.0.0.0/8" in str(error.hint)


@pytest.mark.parametrize("trusted", PROXIES)
def test_what_is_fit_can_be_worked_with(settings, trusted, rf):
    """What this check lets pass, every request has to read."""
    settings.TRUSTED_PROXIES = trusted

    assert client_network(rf.get("/", HTTP_X_FORWARDED_FOR="203.0.113.7, 203.0.113.7, 203.0.113.7"))


def test_w001_a_proxy_in_front_that_is_not_trusted(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    warning = told(deploy=True)["subscriptions.W001"]

    assert isinstance(warning, CheckWarning)
    assert "TRUSTED_PROXIES" in warning.msg
    assert "TRUSTED_PROXIES=1" in str(warning.hint)
    assert told() == {}, "on one's own machine there is no proxy"


@pytest.mark.parametrize("trusted", [["1"], ["10.0.0.0/8"]])
def test_a_proxy_in_front_that_is_trusted_is_fit(settings, trusted):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.TRUSTED_PROXIES = trusted

    assert told(deploy=True) == {}


def test_a_demo_is_not_asked_for_what_only_a_deployment_needs(settings):
    settings.POSTAL_ADDRESS = ""
    settings.SITE_URL = "http://127.0.0.1:8000"

    assert told() == {}


def test_all_that_is_wrong_is_told_at_once(settings):
    settings.DEFAULT_FROM_EMAIL = settings.POSTAL_ADDRESS = settings.SITE_URL = settings.SIGN_UP_RATE = ""
    settings.TRUSTED_PROXIES = ["one"]

    assert set(told(deploy=True)) == {f"subscriptions.E00{number}" for number in range(1, 6)}


def test_the_checks_can_be_asked_one_by_one(settings):
    settings.POSTAL_ADDRESS = ""

    assert [message.id for message in checks.law(None)] == ["subscriptions.E002"]
    assert checks.sender(None) == []
