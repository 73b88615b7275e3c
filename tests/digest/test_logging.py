"""What the real processes write when links are broken, requests refused and tasks fail."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from uuid import UUID

import pytest

from subscriptions.tokens import Purpose, make_token
from tests.journeys.house import ROOT, wait_for
from tests.servers import ended, free_port

pytestmark = pytest.mark.journey

ADDRESS = "ada.lovelace@example.org"
TOKENS = {
    purpose: make_token(purpose, public_id=UUID(int=1815 + number), epoch=number)
    for number, purpose in enumerate(Purpose)
}
CONFIRM = f"/confirm/{TOKENS[Purpose.CONFIRM]}/"
PREFERENCES = f"/preferences/{TOKENS[Purpose.PREFERENCES]}/"
VISITOR = "203.0.113.77"
FAILURE = repr(f"Key (email_key)=({ADDRESS}) already exists, asked by {CONFIRM}")
"""As code, so that the traceback shows the address in its line, too."""


def environment(folder: Path) -> dict[str, str]:
    """A deployment's, but on files; its modules are the project's and those of the folder."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(folder),
        "VAR_DIR": str(folder / "var"),
        "SECRET_KEY": "logging" * 8,
        "DEBUG": "1",  # pages without collected files
        "SITE_URL": "http://127.0.0.1",
        "POSTAL_ADDRESS": "1 Example Square",
        "BEHIND_TLS_PROXY": "1",
        "TRUSTED_PROXIES": "1",
        "SOURCES": "",
    }


class Running:
    """A process of ours and all that it wrote."""

    def __init__(self, folder: Path, *command: str) -> None:
        self._log = folder / "written.log"
        with self._log.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment(folder), stdout=output, stderr=subprocess.STDOUT
            )

    @property
    def told(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def line(self, *words: str, seconds: float = 30) -> str:
        """The first line with all these words, once it is there."""

        def look() -> str | None:
            alive = self.process.poll() is None
            found = [line for line in self.told.splitlines() if all(word in line for word in words)]
            assert found or alive, f"it ended without a line with {words}"
            return found[0] if found else None

        try:
            return wait_for(f"a line with {words}", look, seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}, in:\n{self.told}") from None


def assert_nobody_is_told(text: str) -> None:
    assert "lovelace" not in text
    for token in TOKENS.values():
        assert token.rpartition(":")[2] not in text
    assert VISITOR not in text
    assert "127.0.0.1 " not in text


# --- The web ---


WEB = f"""
from digest.wsgi import application as house


def application(environ, start_response):
    if environ["PATH_INFO"].startswith("/broken"):
        raise ValueError({FAILURE})
    return house(environ, start_response)
"""


class Web(Running):
    def __init__(self, folder: Path) -> None:
        """As the Procfile starts it, on loopback, with an error of its own at `/broken`."""
        (folder / "with_an_error.py").write_text(WEB, encoding="utf-8")
        self.port = free_port()
        [command] = re.findall(r"^web: (.+)$", (ROOT / "deploy" / "Procfile").read_text(), re.MULTILINE)
        for old, new in {
            "0.0.0.0:${PORT:-8000}": f"127.0.0.1:{self.port}",
            "digest.wsgi": "with_an_error",
        }.items():
            assert old in command
            command = command.replace(old, new)
        super().__init__(folder, *shlex.split(command))

    def ask(self, path: str, method: str = "GET", **headers: str) -> int:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, headers={"X-Forwarded-For": VISITOR, **given})
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    running = Web(tmp_path_factory.mktemp("web"))
    try:
        running.line("Booting worker")
        wait_for("the web", lambda: running.ask("/healthz") == 200)
        yield running
    finally:
        ended([running.process])
    assert_nobody_is_told(running.told)


def test_a_broken_link_is_told_without_its_token_and_with_all_that_helps(web: Web):
    broken = CONFIRM[:-3] + "xx/"
    asked = f"{broken}?next={PREFERENCES.replace('/', '%2F')}&email={ADDRESS.replace('@', '%40')}"

    assert web.ask(asked, Referer=f"https://papers.example.org{PREFERENCES}") == 404

    line = web.line("GET /confirm/", "next")
    assert re.fullmatch(
        r"203\.0\.113\.0/24 \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\]"
        r' "GET /confirm/…/\?next=%2Fpreferences%2F…%2F&…@… HTTP/1\.1" 404 \d+ bytes \d+\.\d{6} s'
        r' "https://papers\.example\.org/preferences/…/" "-"',
        line,
    )
    web.line("WARNING django.request: Not Found: /confirm/…/")
    assert_nobody_is_told(web.told)


@pytest.mark.parametrize("purpose", Purpose)
def test_no_link_of_a_letter_is_told(web: Web, purpose: Purpose):
    web.ask(
        f"/{purpose}/{TOKENS[purpose]}", Referer=f"https://papers.example.org/{purpose}/{TOKENS[purpose]}/"
    )

    web.line(f'"GET /{purpose}/… HTTP/1.1"', f'"https://papers.example.org/{purpose}/…/"')
    assert_nobody_is_told(web.told)


def test_a_refused_form_does_not_tell_where_it_was(web: Web):
    referer = f"https://elsewhere.example.org{PREFERENCES}?email={ADDRESS}"

    assert web.ask("/subscribe/", "POST", X_Forwarded_Proto="https", Referer=referer) == 403

    line = web.line("django.security.csrf")
    assert "Referer checking failed - https://elsewhere.example.org/preferences/…/" in line
    assert_nobody_is_told(web.told)


def test_an_error_of_a_page_is_told_with_its_traceback(web: Web):
    """There are no tables in its database, so a page that looks for somebody fails."""
    assert web.ask(f"/unsubscribe/{signed_here(web)}/") == 500

    web.line("ERROR django.request: Internal Server Error: /unsubscribe/…/")
    web.line("OperationalError: no such table")
    assert re.search(r'File ".*/subscriptions/views.*\.py", line \d+', web.told)
    assert_nobody_is_told(web.told)


def signed_here(web: Web) -> str:
    """A good token there: its key is not that of the tests."""
    code = (
        "import django; django.setup(); from uuid import UUID; from subscriptions.tokens import *;"
        "print(make_token(Purpose.UNSUBSCRIBE, public_id=UUID(int=1), epoch=0))"
    )
    env = environment(Path(web._log).parent) | {"DJANGO_SETTINGS_MODULE": "digest.settings"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_an_error_below_the_pages_is_told_with_its_traceback(web: Web):
    assert web.ask(f"/broken{CONFIRM}") == 500

    web.line("[ERROR] Error handling request", "/broken/confirm/…/")
    web.line("ValueError: Key (email_key)=(…@…) already exists, asked by /confirm/…/")
    assert 'with_an_error.py", line' in web.told
    assert_nobody_is_told(web.told)


def test_what_is_no_request_is_told_without_its_sender(web: Web):
    assert web.ask(CONFIRM, "no method, and long") in (0, 400)

    line = web.line("Invalid request from ip=127.0.0.0/24: ")
    assert "[WARNING]" in line
    assert_nobody_is_told(web.told)


def test_a_path_cannot_write_a_line_of_its_own(web: Web):
    assert web.ask("/confirm/%0D%0A2026%20ERROR%20made%20up/") == 404
    assert web.ask("/%0D%0Amade%20up") == 404

    web.line("Not Found: /", r"\r\nmade up")
    assert not re.search(r"^(2026 ERROR )?made up", web.told, re.MULTILINE)


# --- The workers ---


TASKS = f"""
from celery import shared_task
from celery.utils.log import get_task_logger

logger = get_task_logger(__name__)


@shared_task(name="leaking.fail")
def fail():
    print("Printed for {ADDRESS}")
    logger.info("Logged for %s", "{ADDRESS}")
    raise ValueError({FAILURE})


@shared_task(name="leaking.succeed")
def succeed():
    pass
"""


def celery(folder: Path, *words: str) -> list[str]:
    (folder / "leaking.py").write_text(TASKS, encoding="utf-8")
    return [sys.executable, "-m", "celery", "-A", "digest", *words]


@pytest.fixture(params=["INFO", "ERROR"])
def worker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    """A worker that has done both tasks; it says as much as its level lets it."""
    options = ["--queues", "digests", "--concurrency", "1", "--without-gossip", "--without-mingle"]
    running = Running(
        tmp_path, *celery(tmp_path, "worker", *options, "--include", "leaking", "--loglevel", request.param)
    )
    try:
        for task in ("leaking.succeed", "leaking.fail"):
            subprocess.run(
                celery(tmp_path, "--quiet", "call", task, "--queue", "digests"),
                cwd=ROOT,
                env=environment(tmp_path),
                capture_output=True,
                check=True,
            )
        running.line("leaking.fail", "raised unexpected", seconds=60)
        running.line("ValueError: Key")
        yield running
    finally:
        ended([running.process])
    assert_nobody_is_told(running.told)


def test_a_failed_task_is_told_with_its_traceback_and_without_whose_it_was(
    worker: Running, request: pytest.FixtureRequest
):
    line = worker.line("raised unexpected")
    assert re.fullmatch(
        r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}: ERROR/ForkPoolWorker-1\]"
        r" Task leaking\.fail\[[0-9a-f-]{36}\] raised unexpected:"
        r" ValueError\('Key \(email_key\)=\(…@…\) already exists, asked by /confirm/…/'\)",
        line,
    )
    assert re.search(r'File ".*leaking\.py", line \d+, in fail', worker.told)
    assert "\nValueError: Key (email_key)=(…@…) already exists, asked by /confirm/…/" in worker.told
    assert_nobody_is_told(worker.told)

    if "INFO" in request.node.callspec.id:
        worker.line("INFO/MainProcess] Task leaking.succeed[", "] received")
        worker.line("INFO/ForkPoolWorker-1] Task leaking.succeed[", "] succeeded in ")
        worker.line("INFO/ForkPoolWorker-1] leaking.fail[", "]: Logged for …@…")
        worker.line("WARNING/ForkPoolWorker-1] Printed for …@…")
    else:
        assert "received" not in worker.told
        assert "Logged for" not in worker.told


SCHEDULER = f"""
from celery.beat import Scheduler


class Failing(Scheduler):
    def tick(self):
        raise ValueError({FAILURE})
"""


def test_a_failing_beat_does_not_tell_either(tmp_path: Path):
    (tmp_path / "clock.py").write_text(SCHEDULER, encoding="utf-8")
    options = ["--pidfile=", "--scheduler", "clock.Failing", "--loglevel", "WARNING"]
    running = Running(tmp_path, *celery(tmp_path, "beat", *options))
    try:
        assert running.process.wait(timeout=60) == 1
    finally:
        ended([running.process])

    running.line("CRITICAL/MainProcess] beat raised exception", "(…@…)")
    running.line("CRITICAL/MainProcess] Uncaught")
    assert running.told.count("\nValueError: Key (email_key)=(…@…) already exists, asked by /confirm/…/") == 2
    assert "WARNING/MainProcess]" not in running.told, "Python itself wrote the traceback, bit by bit"
    assert_nobody_is_told(running.told)
