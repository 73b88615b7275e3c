"""A server in the place of whoever tells more of papers."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from digest.sources import gate, http, waiting
from tests.digest.loopback import Hub


class Desk(Hub):
    """Answers questions that are posted, too, and remembers them."""

    def __init__(self) -> None:
        super().__init__()
        self.questions: list[Any] = []

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        desk = self

        class Handler(super()._handler()):  # type: ignore[misc]
            def do_POST(self) -> None:  # noqa: N802
                desk.questions.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.do_GET()

        return Handler


@pytest.fixture
def desk(settings: Any, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """All enrichers ask here, without a pause; they have no keys unless a test gives them one."""
    monkeypatch.setattr(gate, "PAUSE", 0)
    for service in list(gate.PAUSES):
        monkeypatch.setitem(gate.PAUSES, service, 0)
    monkeypatch.setattr(waiting, "BACKOFF", 0)
    settings.GITHUB_TOKEN = settings.SEMANTICSCHOLAR_KEY = settings.OPENALEX_KEY = ""
    with Desk() as server:
        settings.GITHUB_URL = f"{server.url}/github"
        settings.SEMANTICSCHOLAR_URL = f"{server.url}/s2"
        settings.OPENALEX_URL = f"{server.url}/openalex"
        settings.ARXIV_API_URL = f"{server.url}/arxiv"
        yield server
        http._pool().clear()
