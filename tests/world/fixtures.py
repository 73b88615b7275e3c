"""The fixture `world`: a small made-up world on loopback, with all sources led there."""

from collections.abc import Iterator
from datetime import date

import pytest

from digest.sources import gate
from tests.world.invented import invented
from tests.world.server import WorldServer

TODAY = date(2026, 9, 22)
"""A Tuesday in the middle of it."""


@pytest.fixture
def world(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorldServer]:
    """A server of a world of two weeks, at noon of `TODAY`, where all sources of the project lead;
    nobody waits between requests.
    """
    monkeypatch.setattr(gate, "PAUSE", 0.0)
    monkeypatch.setattr(gate, "PAUSES", dict.fromkeys(gate.PAUSES, 0.0))
    with WorldServer(invented()) as server:
        server.turn_to(TODAY)
        for name, value in server.settings.items():
            setattr(settings, name, value)
        yield server
