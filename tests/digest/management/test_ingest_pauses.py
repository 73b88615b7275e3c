"""`manage.py ingest` over many days keeps the pauses between requests."""

import time
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
from django.core.management import call_command

from digest.sources import gate
from tests.digest.loopback import Answer, Hub

PAUSE = 0.3


@pytest.mark.django_db
def test_a_range_is_asked_for_no_faster_than_its_service_allows(
    settings: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(gate.PAUSES, "biorxiv", PAUSE)
    came: list[float] = []

    def answer(query: dict[str, str]) -> Answer:
        came.append(time.monotonic())
        return Answer(b'{"messages": [{"status": "no posts found"}], "collection": []}')

    with Hub() as hub:
        hub.answer = answer
        settings.BIORXIV_URL = hub.url
        since, until = ("2025-09-24", "2025-09-26")
        call_command("ingest", "--source", "biorxiv", "--since", since, "--until", until, stdout=StringIO())

    assert len(came) == 3
    assert min(after - before for before, after in pairwise(came)) >= PAUSE
