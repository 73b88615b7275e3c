"""Two processes that ask arXiv by two of its services: never more often than one would."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import connection

from digest.models.turn import Turn
from digest.sources import gate
from tests.digest.sources.wire import Asked, Wire, answer
from tests.servers import ended

ROOT = Path(__file__).resolve().parents[3]
PAUSE = 3.0  # what arXiv asks for
ANSWERING = 0.4
WORKER = """
import sys, django
django.setup()
from django.conf import settings
from digest.sources import gate, http
gate.LEASE = float(sys.argv[3])
for number in range(int(sys.argv[2])):
    http.get(f"{getattr(settings, sys.argv[1])}/{number}")
"""

Start = Callable[..., "subprocess.Popen[str]"]

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("many_workers")]


@pytest.fixture
def arxiv() -> Iterator[Wire]:
    """A server that takes a while to answer, so that the end of a request is not its beginning."""

    def script(_: Asked, sock: socket.socket) -> None:
        time.sleep(ANSWERING)
        sock.sendall(answer(b"<feed/>"))

    with Wire() as server:
        server.script = script
        yield server


@pytest.fixture
def start(arxiv: Wire, tmp_path: Path) -> Iterator[Start]:
    """Start a worker on the database (and the Redis) of this test, with its own folder for all else."""
    name = str(connection.settings_dict["NAME"])
    database = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        database = re.sub(r"/[^/]*$", f"/{name}", os.environ["DATABASE_URL"])
    env = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "digest.settings",
        "DATABASE_URL": database,
        "REDIS_URL": configured.REDIS_URL,
        "ARXIV_FEED_URL": f"{arxiv.url}/feed",
        "ARXIV_API_URL": f"{arxiv.url}/api",
    }
    processes: list[subprocess.Popen[str]] = []

    def begin(setting: str, requests: int, *, lease: float = gate.LEASE) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, setting, str(requests), str(lease)],
            cwd=ROOT,
            env=env | {"VAR_DIR": str(tmp_path / f"var{len(processes)}")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    if configured.REDIS_URL:
        gate._client(configured.REDIS_URL).flushdb()
    yield begin
    ended(processes)
    for process in processes:
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()


def gaps(arxiv: Wire) -> list[float]:
    moments = [asked.at for asked in arxiv.asked]
    return [later - earlier for earlier, later in pairwise(moments)]


def test_two_processes_ask_no_more_often_than_one_would(arxiv: Wire, start: Start):
    for process in [start("ARXIV_FEED_URL", 3), start("ARXIV_API_URL", 3)]:
        _, told = process.communicate(timeout=60)
        assert (process.returncode, told) == (0, "")

    assert sorted(arxiv.paths) == ["/api/0", "/api/1", "/api/2", "/feed/0", "/feed/1", "/feed/2"]
    # From the end of one to the beginning of the next, and not much longer than it has to be.
    assert min(gaps(arxiv)) >= PAUSE + ANSWERING
    assert max(gaps(arxiv)) < PAUSE + ANSWERING + 1.5
    if not configured.REDIS_URL:
        assert [turn.service for turn in Turn.objects.all()] == ["arxiv"]


def test_a_process_killed_in_its_turn_blocks_the_others_for_its_lease(arxiv: Wire, start: Start):
    arxiv.keeps_silent()
    victim = start("ARXIV_FEED_URL", 1, lease=4)
    while not arxiv.asked:
        assert victim.poll() is None, victim.communicate()
        time.sleep(0.02)
    victim.send_signal(signal.SIGKILL)
    victim.wait(timeout=10)
    arxiv.says(answer(b"<feed/>"))

    other = start("ARXIV_API_URL", 1, lease=4)
    _, told = other.communicate(timeout=30)

    assert (other.returncode, told) == (0, "")
    assert arxiv.paths == ["/feed/0", "/api/0"]
    [gap] = gaps(arxiv)
    assert 3.5 < gap < 6
