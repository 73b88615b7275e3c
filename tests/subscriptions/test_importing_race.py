"""Imports at the same moment, on a database where they can be."""

import pytest

from subscriptions import lifecycle
from subscriptions.address import parse_address
from subscriptions.imports import FoundPerson, Standing
from subscriptions.keywords import parse_keywords
from subscriptions.lifecycle import Outcome
from subscriptions.models import Consent, Keyword, Subscriber, Suppression
from subscriptions.preferences import Preferences
from tests.subscriptions.lifecycle.crowd import CROWD, all_at_once

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 40


def person(number: int) -> FoundPerson:
    return FoundPerson(
        where=f"line {number}",
        address=parse_address(f"reader{number}@example.org"),
        standing=Standing.BOUNCED if number % 10 == 0 else Standing.SUBSCRIBED,
        preferences=Preferences(keywords=tuple(parse_keywords("speech, -survey"))),
    )


def test_thirty_imports_of_one_list_at_once_add_everybody_once():
    """Each begins elsewhere in the list, so that they meet in the middle."""
    found = [person(number) for number in range(PEOPLE)]

    reports = all_at_once(
        lambda number: lifecycle.import_people(
            found[number:] + found[:number], platform="listmonk", statement="They confirmed by mail"
        )
    )

    new, bounced = PEOPLE - PEOPLE // 10, PEOPLE // 10
    assert Subscriber.objects.count() == new
    assert Keyword.objects.count() == 2 * new
    assert Consent.objects.count() == 2 * new
    assert Suppression.objects.count() == bounced
    assert sum(report.counts[Outcome.ACTIVE] for report in reports) == new
    assert sum(report.counts[Outcome.KNOWN] for report in reports) == (CROWD - 1) * new


def test_an_import_and_sign_ups_of_the_same_people_make_one_of_each():
    found = [person(number) for number in range(1, 10)]

    all_at_once(
        lambda number: (
            lifecycle.import_people(found, platform="listmonk")
            if number % 2
            else lifecycle.request(
                found[number % len(found)].address, Preferences(), origin=Consent.Origin.FORM
            )
        )
    )

    assert Subscriber.objects.count() == len(found)
    assert set(Subscriber.objects.values_list("status", flat=True)) == {"pending"}
