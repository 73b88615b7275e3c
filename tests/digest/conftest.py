"""What the tests of `digest` share: makers of records, servers on loopback, workers at once."""

import contextlib
import math
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

import pytest
import redis
from django.apps import apps
from django.conf import settings as configured
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from digest import editions
from digest.models import Delivery, Edition, Paper
from digest.sources import gate, http
from digest.sources.base import FoundPaper, Look, SetAside
from subscriptions.models import Subscriber
from tests.digest.loopback import Hub, Mailbox
from tests.factories import DAY

T = TypeVar("T")
_serial = count(1)
NOON = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)
"""When the edition of DAY closes, by default."""


# --- Makers ---------------------------------------------------------------------------------


def found(title: str = "", **fields: Any) -> FoundPaper:
    """A paper as a source tells it, with an arXiv id of its own unless another name is given."""
    number = next(_serial)
    if not {"arxiv_id", "doi"} & fields.keys():
        fields["arxiv_id"] = f"2508.{number:05d}"
    return FoundPaper(
        title=title or f"Found paper number {number}",
        announced_at=fields.pop("announced_at", NOON - timedelta(hours=10)),
        authors=tuple(fields.pop("authors", ("Emmy Noether", "Sofia Kovalevskaya"))),
        **fields,
    )


def look_at(
    *records: FoundPaper | SetAside, source: str = "file", day: date = DAY, seen_at: datetime = NOON
) -> Look:
    """One look at a source that gave these records."""
    return Look(source=source, day=day, seen_at=seen_at, records=records)


def hf_entry(arxiv_id: str = "", title: str = "", *, drop: str = "", **paper: Any) -> dict[str, Any]:
    """An entry of the daily list, in the shape the API has; `drop` names a field to leave out."""
    arxiv_id = arxiv_id or f"2509.{next(_serial):05d}"
    title = title or f"Listed paper {arxiv_id}"
    entry = {
        "paper": {
            "id": arxiv_id,
            "title": title,
            "summary": "A short account of what was done.",
            "authors": [{"_id": "a1", "name": "Emmy Noether", "hidden": False}],
            "publishedAt": "2025-09-25T15:00:00.000Z",
            "submittedOnDailyAt": "2025-09-26T01:30:00.000Z",
            "upvotes": 7,
            "githubStars": 3,
            **paper,
        },
        "publishedAt": "2025-09-25T11:00:00.000Z",
        "title": title,
        "numComments": 2,
        "thumbnail": f"https://cdn.example.org/{arxiv_id}.png",
        "submittedBy": {"name": "librarian", "fullname": "A Librarian"},
    }
    entry.pop(drop, None)
    return entry


def make_delivery(
    subscriber: Subscriber, edition: Edition, *papers: Paper, terms: Any = (), **fields: Any
) -> Delivery:
    """A planned delivery of these papers (all of the edition's by default)."""
    ids = [paper.pk for paper in papers] or list(edition.entries.values_list("paper_id", flat=True))
    outside = not terms and subscriber.keywords.filter(stance="follow").exists()
    return Delivery.objects.create(
        subscriber=subscriber,
        edition=edition,
        editions=[edition.pk],
        picks=[
            {"paper": pk, "terms": [list(term) for term in terms], "pinned": False, "outside": outside}
            for pk in ids
        ],
        **fields,
    )


def whole_tables() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, to see that nothing was written."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()
    }


# --- Counting queries -----------------------------------------------------------------------


def steps_of(deed: Callable[[], object]) -> int:
    """How many queries a deed takes.

    SQLite has to split bulk inserts and updates by its limit of parameters; there, neighbouring
    pieces of one count once.
    """
    with CaptureQueriesContext(connection) as captured:
        deed()
    steps, last = 0, ""
    for query in captured.captured_queries:
        sql = query["sql"]
        bulk = sql.startswith("INSERT") or "CASE WHEN" in sql
        piece = " ".join(sql.split()[:3]) if bulk and connection.vendor == "sqlite" else ""
        steps += not piece or piece != last
        last = piece
    return steps


# --- Workers at once ------------------------------------------------------------------------


def at_once(*jobs: Callable[[], T]) -> list[T]:
    """Run each job in a thread of its own, all let go at one moment; their results, in order."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        try:
            barrier.wait(timeout=10)
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, job) for job in jobs]]


@pytest.fixture
def many_workers(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database that several threads can use, as several workers do.

    On SQLite that is a file, as in the embedded stack; the in-memory database of the other tests
    has no write-ahead log, and a thread that has to wait fails there.
    """
    if connection.vendor != "sqlite":
        yield
        return
    in_memory = connections["default"]
    in_memory.ensure_connection()
    path = tmp_path / "workers.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as copy:
        in_memory.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=WAL")  # once, as `migrate` does; not by threads at once
    shared, name = in_memory.settings_dict, in_memory.settings_dict["NAME"]
    shared["NAME"] = str(path)
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = in_memory
        shared["NAME"] = name


# --- Settings that are read once ------------------------------------------------------------


@pytest.fixture
def edition_clock(settings: Any) -> Iterator[Callable[..., None]]:
    """Set the zone and hour at which editions close; both are cached, so forget them before and after."""

    def forget() -> None:
        editions.edition_zone.cache_clear()
        editions.publish_hour.cache_clear()

    def set_clock(*, zone: str = "UTC", at: str = "12:00") -> None:
        settings.EDITION_TIME_ZONE, settings.EDITION_PUBLISH_AT = zone, at
        forget()

    forget()
    yield set_clock
    forget()


# --- Servers on loopback --------------------------------------------------------------------


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sources on loopback want no pauses; `sources/test_gate.py` is about those."""
    monkeypatch.setattr(gate, "PAUSES", {})
    monkeypatch.setattr(gate, "PAUSE", 0.0)


@pytest.fixture
def hub(settings: Any, db: None) -> Iterator[Hub]:
    """A server in the place of the hub that lists daily papers."""
    with Hub() as server:
        settings.HUGGINGFACE_URL = server.url
        yield server
        http._pool().clear()


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """How long somebody would have slept: time passes at once, and the clocks with it, Redis's too."""
    slept: list[float] = []
    for name in ("time", "monotonic"):
        clock = getattr(time, name)
        monkeypatch.setattr(time, name, lambda clock=clock: clock() + sum(slept))
    if not configured.REDIS_URL:
        monkeypatch.setattr(time, "sleep", slept.append)
        yield slept
        return
    with redis.Redis.from_url(configured.REDIS_URL) as client:

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            for key in client.scan_iter("paper-round:gate:*:pause"):
                left = client.pttl(key) - math.ceil(seconds * 1000)
                client.pexpire(key, max(left, 0))

        monkeypatch.setattr(time, "sleep", sleep)
        yield slept


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A mail server that letters are really handed to over SMTP."""
    with Mailbox() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
        settings.EMAIL_TIMEOUT = 10
        yield server
