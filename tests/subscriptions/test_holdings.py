"""Other apps say what they hold on a person; `subscriptions` asks them all, and knows none."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from digest.holdings import Digests, Opinions
from subscriptions import holdings, lifecycle
from subscriptions.export import everything_on
from subscriptions.holdings import Received
from subscriptions.models import Subscriber
from tests.factories import make_subscriber

pytestmark = pytest.mark.django_db


class Shoes:
    """Another app that holds something on people."""

    name = "shoes"

    def __init__(self) -> None:
        self.held = {"ada@example.org": ["left", "right"], "grace@example.org": ["left"]}
        self.forgot: list[tuple[str, bool]] = []

    def history(self, subscriber: Subscriber, *, limit: int) -> list[Received]:
        return []

    def export(self, subscriber: Subscriber) -> list[dict[str, Any]]:
        return [{"shoe": one} for one in self.held.get(subscriber.email_key, [])]

    def forget(self, subscriber: Subscriber) -> None:
        self.forgot.append((subscriber.email_key, Subscriber.objects.filter(pk=subscriber.pk).exists()))
        if not self.held.pop(subscriber.email_key, None):
            raise KeyError(subscriber.pk)


@pytest.fixture
def shoes(monkeypatch: pytest.MonkeyPatch) -> Shoes:
    """Registered for one test."""
    monkeypatch.setattr(holdings, "_known", dict(holdings._known))
    holdings.register(app := Shoes())
    return app


def test_digests_and_opinions_are_holdings_from_the_start():
    assert [type(holding) for holding in holdings.holdings()] == [Digests, Opinions]


def test_an_app_registers_once_under_its_name(shoes):
    holdings.register(again := Shoes())

    assert [holding.name for holding in holdings.holdings()] == ["digests", "opinions", "shoes"]
    assert holdings.holdings()[2] is again


def test_what_an_app_holds_is_in_the_export(shoes):
    assert everything_on(make_subscriber("ada@example.org"))["shoes"] == [{"shoe": "left"}, {"shoe": "right"}]
    assert everything_on(make_subscriber("mary@example.org"))["shoes"] == []


def test_whoever_is_erased_is_forgotten_by_every_app_while_the_row_is_still_there(shoes):
    lifecycle.erase(make_subscriber("ada@example.org"))

    assert shoes.forgot == [("ada@example.org", True)]
    assert shoes.held == {"grace@example.org": ["left"]}


def test_who_is_pruned_or_makes_room_is_forgotten_by_every_app(shoes):
    long_ago = timezone.now() - timedelta(days=30)
    make_subscriber("ada@example.org", status=Subscriber.Status.PENDING, asked_at=long_ago)

    assert lifecycle.prune_pending() == 1

    assert shoes.forgot == [("ada@example.org", True)]


def test_an_app_that_cannot_forget_keeps_the_person_from_half_being_erased(shoes):
    mary = make_subscriber("mary@example.org", "retrieval")

    with pytest.raises(KeyError):
        lifecycle.erase(mary)

    assert Subscriber.objects.get().keywords.exists()
