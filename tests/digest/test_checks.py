"""What the operator is told before the first request: each check by its id, for each bad value."""

from typing import Any

import pytest
from django.core import checks as django_checks
from django.core.checks import Tags

from digest import checks


@pytest.fixture(autouse=True)
def sound(settings: Any) -> None:
    """A deployment with nothing to complain about."""
    settings.SITE_URL = "https://papers.example.org"
    settings.EDITION_TIME_ZONE, settings.EDITION_PUBLISH_AT = "Europe/Berlin", "06:30"
    settings.SOURCES = ["huggingface"]
    settings.SECRET_KEY_IS_DEMO, settings.DEBUG = False, False
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.ALLOWED_HOSTS = ["papers.example.org"]
    settings.REDIS_URL = "redis://127.0.0.1:6379/0"


def told(ids: str) -> list[str | None]:
    """Ids of what one group of checks says; every message has a hint."""
    messages = {"values": checks.values, "deployment": checks.deployment}[ids](None)
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


def test_a_sound_deployment_is_told_nothing():
    assert told("values") == []
    assert told("deployment") == []


@pytest.mark.parametrize(
    ("setting", "value", "problem"),
    [
        ("SITE_URL", "papers.example.org", "digest.E001"),
        ("SITE_URL", "ftp://papers.example.org", "digest.E001"),
        ("SITE_URL", "https://", "digest.E001"),
        ("SITE_URL", "https://papers.example.org/papers", "digest.E001"),
        ("SITE_URL", "https://papers.example.org?x=1", "digest.E001"),
        ("SITE_URL", "", "digest.E001"),
        ("EDITION_TIME_ZONE", "Mars/Olympus", "digest.E002"),
        ("EDITION_TIME_ZONE", "", "digest.E002"),
        ("EDITION_TIME_ZONE", "../../etc/passwd", "digest.E002"),
        ("EDITION_PUBLISH_AT", "25:00", "digest.E003"),
        ("EDITION_PUBLISH_AT", "noon", "digest.E003"),
        ("EDITION_PUBLISH_AT", "", "digest.E003"),
        ("SOURCES", ["huggingface", "nonsense"], "digest.E004"),
        ("SOURCES", ["file"], "digest.E004"),
        ("SECRET_KEY_IS_DEMO", True, "digest.E005"),
        ("EMAIL_BACKEND", "anymail.backends.nonsense.EmailBackend", "digest.E008"),
    ],
)
def test_a_value_that_cannot_be_meant_is_told_by_its_id(
    settings: Any, setting: str, value: Any, problem: str
):
    setattr(settings, setting, value)

    assert told("values") == [problem]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("SITE_URL", "http://127.0.0.1:8000"),
        ("SITE_URL", "http://[::1]:8000"),
        ("EDITION_TIME_ZONE", "UTC"),
        ("EDITION_PUBLISH_AT", "23:59"),
        ("SOURCES", []),
    ],
)
def test_a_value_that_can_be_meant_is_not(settings: Any, setting: str, value: Any):
    setattr(settings, setting, value)

    assert told("values") == []


def test_a_demo_may_have_the_key_of_a_demo(settings: Any):
    settings.SECRET_KEY_IS_DEMO, settings.DEBUG = True, True

    assert told("values") == []


@pytest.mark.parametrize(
    ("setting", "value", "problem"),
    [
        ("EMAIL_BACKEND", "digest.outbox.OutboxBackend", "digest.E006"),
        ("ALLOWED_HOSTS", ["*"], "digest.E007"),
        ("ALLOWED_HOSTS", ["papers.example.org", "*"], "digest.E007"),
        ("REDIS_URL", "", "digest.W001"),
    ],
)
def test_what_a_demo_may_and_a_deployment_may_not_is_told_by_its_id(
    settings: Any, setting: str, value: Any, problem: str
):
    setattr(settings, setting, value)

    assert told("deployment") == [problem]


def test_every_problem_is_told_at_once(settings: Any):
    settings.SITE_URL, settings.EDITION_TIME_ZONE, settings.EDITION_PUBLISH_AT = "x", "y", "z"
    settings.SOURCES, settings.SECRET_KEY_IS_DEMO = ["v"], True

    assert told("values") == [f"digest.E00{n}" for n in range(1, 6)]


def test_django_runs_our_checks(settings: Any):
    settings.EDITION_PUBLISH_AT, settings.ALLOWED_HOSTS = "noon", ["*"]

    always = django_checks.run_checks(tags=[Tags.compatibility])
    deployed = django_checks.run_checks(tags=[Tags.security], include_deployment_checks=True)

    assert "digest.E003" in [message.id for message in always]
    assert "digest.E007" in [message.id for message in deployed]
    assert "digest.E007" not in [message.id for message in django_checks.run_checks()]


@pytest.mark.parametrize(
    ("zone", "at", "sources", "problems"),
    [
        ("Pacific/Auckland", "12:00", ["huggingface"], ["digest.W002"]),
        ("Pacific/Auckland", "15:00", ["huggingface"], []),
        ("Pacific/Auckland", "15:00", ["huggingface", "arxiv"], ["digest.W002"]),
        ("Europe/Berlin", "00:00", ["biorxiv"], ["digest.W002"]),
        ("UTC", "12:00", ["huggingface", "arxiv", "biorxiv"], []),
        ("UTC", "04:30", ["arxiv"], ["digest.W002"]),  # in winter
        ("Pacific/Honolulu", "12:00", ["huggingface", "arxiv"], []),
    ],
)
def test_an_hour_at_which_a_source_has_not_begun_is_told(
    settings: Any, zone: str, at: str, sources: list[str], problems: list[str]
):
    settings.SOURCES, settings.ARXIV_CATEGORIES = sources, ["cs.CL"]
    settings.EDITION_TIME_ZONE, settings.EDITION_PUBLISH_AT = zone, at

    assert told("values") == problems
