"""arXiv on loopback: its feed, its API and OAI-PMH at one server, which answers as the test says."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from digest.sources import gate, http
from digest.sources.arxiv import ArxivSource
from digest.sources.base import FoundPaper, Look, SetAside
from tests.digest.loopback import Answer, Hub
from tests.digest.sources.arxiv.payloads import FRIDAY, MONDAY

NOON = datetime(2026, 4, 27, 12, tzinfo=UTC)
SATURDAY = date(2026, 4, 25)
LONG_AGO = date(2026, 3, 10)

Answering = Callable[[dict[str, str]], Answer]


class Services:
    """What each service answers, and what it was asked."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._answers: dict[str, Answering] = {}
        hub.answer = self._answer

    def feed(self, *answers: bytes | Answer) -> None:
        self._answers["rss"] = _in_turn(answers)

    def oai(self, *answers: bytes | Answer) -> None:
        self._answers["oai"] = _in_turn(answers)

    def api(self, *answers: bytes | Answer) -> None:
        self._answers["api"] = _in_turn(answers)

    def by_query(self, service: str, answering: Answering) -> None:
        self._answers[service] = answering

    @property
    def asked(self) -> list[dict[str, str]]:
        return self.hub.asked

    @property
    def paths(self) -> list[str]:
        return self.hub.paths

    def _answer(self, query: dict[str, str]) -> Answer:
        service = self.hub.paths[-1].split("/")[1]
        if service not in self._answers:
            return Answer(b"nobody is to ask this service", status=404)
        return self._answers[service](query)


def _in_turn(answers: tuple[bytes | Answer, ...]) -> Answering:
    """One after the other; the last one for ever."""
    left = [one if isinstance(one, Answer) else Answer(one) for one in answers]
    return lambda query: left.pop(0) if len(left) > 1 else left[0]  # noqa: ARG005


@pytest.fixture
def services(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setitem(gate.PAUSES, "arxiv", 0)
    with Hub() as hub:
        settings.ARXIV_FEED_URL = hub.url
        settings.ARXIV_OAI_URL = f"{hub.url}/oai"
        settings.ARXIV_API_URL = f"{hub.url}/api/query"
        yield Services(hub)
        http._pool().clear()


@pytest.fixture
def noon() -> Iterator[Any]:
    """It is noon (UTC) on a Monday; the clock goes on from there."""
    with time_machine.travel(NOON, tick=True) as traveller:
        yield traveller


def fetch(day: date = MONDAY, category: str = "cs.CV") -> Look:
    return ArxivSource().fetch(day, category)


def reconcile(day: date = FRIDAY, category: str = "cs.CV") -> Look:
    look = ArxivSource().reconcile(day, category)
    assert look
    return look


def papers(look: Look) -> list[FoundPaper]:
    return [one for one in look.records if isinstance(one, FoundPaper)]


def aside(look: Look) -> list[SetAside]:
    return [one for one in look.records if isinstance(one, SetAside)]


def adding(look: Look) -> list[str]:
    """Ids of the papers that would be added."""
    return [paper.arxiv_id for paper in papers(look) if not paper.only_enriches]
