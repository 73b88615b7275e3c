"""`make demo` as somebody meets it who has just cloned this."""

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
import requests

from tests.journeys.house import ROOT, alive, answers, interrupt, wait_for
from tests.journeys.pages import press, sign_up
from tests.servers import free_port

pytestmark = pytest.mark.journey


@dataclass
class Demo:
    base: str
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def mails(self) -> list[tuple[str, str, str]]:
        """Address of the page, subject and recipient of every mail in the outbox, newest first."""
        page = requests.get(f"{self.base}/outbox/", timeout=10).text
        found = re.findall(r'<a href="(/outbox/[^"]+)"><strong>(.*?)</strong><span>to (.*?),', page)
        return [(url, unescape(subject), unescape(to)) for url, subject, to in found]


@contextlib.contextmanager
def demo(folder: Path) -> Iterator[Demo]:
    port = free_port()
    env = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    env |= {"VAR_DIR": str(folder / "var"), "PORT": str(port)}
    log = folder / f"demo-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=ROOT,
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    running = Demo(f"http://127.0.0.1:{port}", process, log)
    try:
        wait_for("the demo's site", lambda: answers(running.base + "/"))
        yield running
    finally:
        if process.poll() is None:
            interrupt(process)


def test_the_demo_delivers_within_seconds_and_a_visitor_gets_a_digest_within_a_minute(tmp_path: Path):
    with demo(tmp_path) as running:
        first = wait_for("three digests", lambda: len(running.mails()) >= 3 and running.mails(), seconds=30)
        assert len({to for _, _, to in first}) == 3
        assert len({subject for _, subject, _ in first}) > 1, "different people get different digests"
        home = requests.get(running.base + "/", timeout=10).text
        assert "26 September 2025" in home
        assert "admin / " in running.printed

        browser = requests.Session()
        sign_up(browser, running.base, "visitor@example.org", "speech recognition")
        url = wait_for("the confirmation", lambda: newest_to(running, "visitor@example.org"))
        mail = requests.get(running.base + url, timeout=10).text
        confirm = re.search(r"http://127\.0\.0\.1:\d+/confirm/[^\s<\"]+", mail)
        assert confirm
        pressed_at = time.monotonic()
        press(browser, unescape(confirm[0]))
        wait_for(
            "welcome and digest",
            lambda: sum(to == "visitor@example.org" for _, _, to in running.mails()) == 3,
            seconds=60,
        )
        assert time.monotonic() - pressed_at < 60

        family = descendants(running.process.pid)
        assert len(family) >= 5, "web and its worker, worker and its children, beat"
        assert interrupt(running.process) == 0
        assert "ERROR" not in running.printed
    assert [pid for pid in family if alive(pid)] == []


def test_a_second_run_starts_where_the_first_stopped(tmp_path: Path):
    with demo(tmp_path) as running:
        wait_for("three digests", lambda: len(running.mails()) >= 3, seconds=30)
        password = re.search(r"admin / (\S+)", running.printed)
    with demo(tmp_path) as running:
        assert "Loaded" not in running.printed
        assert "Subscribed" not in running.printed
        again = re.search(r"admin / (\S+)", running.printed)
        assert password
        assert again
        assert password[1] == again[1]
        assert len(running.mails()) == 3


def test_a_taken_port_is_said_in_one_line(tmp_path: Path):
    with demo(tmp_path) as running:
        port = running.base.rsplit(":", 1)[1]
        env = os.environ | {"VAR_DIR": str(tmp_path / "other"), "PORT": port}
        second = subprocess.run(
            [sys.executable, "manage.py", "demo"],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert f"Port {port} is taken" in second.stderr


def newest_to(running: Demo, address: str) -> str | None:
    return next((url for url, _, to in running.mails() if to == address), None)


def descendants(pid: int) -> list[int]:
    """All processes below one, by what /proc says of parents."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
    found, frontier = [], [pid]
    while frontier:
        frontier = [child for child, parent in parents.items() if parent in frontier]
        found += frontier
    return found
