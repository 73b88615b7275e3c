"""Each problem is told by its id, with a hint; a setting that is right is told nothing."""

import pytest
from django.core.checks import CheckMessage, Error, run_checks

from subscriptions import checks


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


def test_a_demo_is_not_asked_for_what_only_a_deployment_needs(settings):
    settings.POSTAL_ADDRESS = ""
    settings.SITE_URL = "http://127.0.0.1:8000"

    assert told() == {}


def test_all_that_is_wrong_is_told_at_once(settings):
    settings.DEFAULT_FROM_EMAIL = settings.POSTAL_ADDRESS = settings.SITE_URL = ""

    assert set(told(deploy=True)) == {"subscriptions.E001", "subscriptions.E002", "subscriptions.E003"}


def test_the_checks_can_be_asked_one_by_one(settings):
    settings.POSTAL_ADDRESS = ""

    assert [message.id for message in checks.law(None)] == ["subscriptions.E002"]
    assert checks.sender(None) == []
