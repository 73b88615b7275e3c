"""What the tests of the polite client share: servers that misbehave, names that lead anywhere."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache

from digest.sources import http
from tests.digest.sources.wire import Wire


@pytest.fixture
def fresh_client(db: None) -> Iterator[None]:
    """A client that remembers nothing and holds no connection; so it leaves, too."""
    cache.clear()  # on Redis, that is pauses and turns as well
    http._pool.cache_clear()
    yield
    http._pool().clear()
    http._pool.cache_clear()


@pytest.fixture
def wire(settings: Any, fresh_client: None) -> Iterator[Wire]:
    """A server in the place of a source."""
    with Wire() as server:
        settings.HUGGINGFACE_URL = server.url
        yield server


@pytest.fixture
def elsewhere(fresh_client: None) -> Iterator[Wire]:
    """A server inside our network that no setting names."""
    with Wire() as server:
        yield server


@pytest.fixture
def one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what a trouble is, not of how often it is met."""
    monkeypatch.setattr(http, "TRIES", 1)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Addresses by name: as many as are listed. Other names are resolved as ever."""
    known: dict[str, list[str]] = {}
    resolve: Callable[..., list[Any]] = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        if host not in known:
            return resolve(host, port, *args, **options)
        return [entry for address in known[host] for entry in resolve(address, port, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known
