"""Whoever comes to the world from outside: one plain request, with the standard library and no more."""

import http.client
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Got:
    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


def get(url: str, headers: dict[str, str] | None = None, *, seconds: float = SECONDS) -> Got:
    """GET, without following anything and without unpacking. Raises what `http.client` raises."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=seconds)
    try:
        return _asked(connection, parts.path + (f"?{parts.query}" if parts.query else ""), headers)
    finally:
        connection.close()


def get_all(base: str, *paths: str) -> list[Got]:
    """Several, over one connection."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=SECONDS)
    try:
        return [_asked(connection, path, None) for path in paths]
    finally:
        connection.close()


def _asked(connection: Any, path: str, headers: dict[str, str] | None) -> Got:
    connection.request("GET", path, headers=headers or {})
    with connection.getresponse() as answer:
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Got(answer.status, told, answer.read())
