"""A wish tried on the last 30 days, for programs."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from digest.site.preview import PER_NETWORK
from subscriptions.models import Subscriber
from tests.factories import DAY, make_edition, make_paper

pytestmark = pytest.mark.django_db
URL = "/api/v1/preview"


@pytest.fixture(autouse=True)
def editions() -> None:
    make_edition(make_paper("Robots"), day=DAY - timedelta(days=1))
    make_edition(make_paper("Retrieval", upvotes=41), make_paper("A survey of retrieval"), day=DAY)


def post(client: Client, body: Any) -> Any:
    return client.post(URL, body, content_type="application/json")


def test_it_tells_what_the_form_tells(client: Client):
    answer = post(client, {"keywords": ["retrieval"], "muted": ["survey"]})

    assert answer.status_code == 200
    told = answer.json()
    [first] = told.pop("first")
    assert told == {
        "days": 2,
        "papers": 1,
        "empty_days": 1,
        "empty_share": 0.5,
        "by_day": [{"date": "2025-09-25", "papers": 0}, {"date": "2025-09-26", "papers": 1}],
        "newest": "2025-09-26",
        "warnings": [
            "“retrieval” matches more than 30% of all papers: too many to tell yours from the rest.",
            "Muting “survey” takes away more than 30% of all papers.",
        ],
    }
    assert first["title"] == "Retrieval"
    assert first["reason"] == "Matches “retrieval” in the title; 41 upvotes"
    assert client.get(first["url"]).status_code == 200


def test_queries_are_understood_and_what_is_none_is_taken_literally(client: Client):
    both = post(client, {"keywords": ["retrieval -survey OR robots"]}).json()
    literal = post(client, {"keywords": ['"retrieval']}).json()

    assert (both["papers"], literal["papers"]) == (2, 2)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"size": 7}, "size"),
        ({"thin_day": "never"}, "thin_day"),
        ({"keywords": ["x" * 81]}, "keywords.0"),
        ({"keywords": ["x"] * 31}, "keywords"),
        ({"keywords": "retrieval"}, "keywords"),
    ],
)
def test_what_is_wrong_is_told_by_field(client: Client, body: dict[str, Any], field: str):
    answer = post(client, body)

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]


def test_another_type_than_json_is_refused(client: Client):
    assert client.post(URL, "{}", content_type="text/plain").status_code == 415


def test_nothing_is_kept_and_a_network_that_asks_too_often_is_told_when_to_come_back(client: Client):
    with time_machine.travel("2026-01-05T12:00:00Z", tick=False):  # the allowance fills up by the second
        for _ in range(PER_NETWORK.count):
            assert post(client, {}).status_code == 200

        answer = post(client, {})

    assert (answer.status_code, answer["Retry-After"]) == (429, str(PER_NETWORK.seconds))
    assert Subscriber.objects.count() == 0
