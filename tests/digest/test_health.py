"""Is the process alive, and can it do its work?"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from tests.servers import free_port


def test_alive_is_told_without_asking_anybody(client: Client):
    """No database mark on this test: a query would fail it."""
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-cache" in response["Cache-Control"]


def test_alive_is_told_to_whoever_asks_by_address_and_over_plain_http(client: Client, settings: Any):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["papers.example.org"], True

    assert client.get("/healthz", headers={"host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.django_db
def test_ready_is_told_when_database_and_broker_answer(client: Client):
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"database": "ok", "broker": "ok"})
    assert "no-cache" in response["Cache-Control"]


@pytest.mark.django_db
def test_a_broker_that_does_not_answer_is_named(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", f"redis://127.0.0.1:{free_port()}/0")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"database": "ok", "broker": "OperationalError"}


@pytest.fixture
def lost_database(many_workers: None) -> Iterator[None]:
    """Its server is gone, or its folder."""
    connection = connections["default"]
    connection.close()
    before = dict(connection.settings_dict)
    connection.settings_dict |= {"NAME": "/nowhere/secret.db", "PORT": str(free_port())}
    yield
    connection.close()
    connection.settings_dict.clear()
    connection.settings_dict.update(before)


def test_a_database_that_does_not_answer_is_named_and_nothing_more(client: Client, lost_database: None):
    """An address or a password in an answer that anybody may ask for would be a gift."""
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"database": "OperationalError", "broker": "ok"}
