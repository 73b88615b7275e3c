"""The whole house as real processes: a database of its own, web, worker and beat."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import requests
from aiosmtpd.controller import Controller
from psycopg import sql

from tests.servers import ended, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
T = TypeVar("T")


def wait_for(what: str, look: Callable[[], T | Literal[False] | None], *, seconds: float = 60) -> T:
    """Ask until the answer is true. The failure says what was waited for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := look():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds:.0f} s in vain for: {what}")


class Mailbox:
    """A real SMTP server that keeps what it is sent, as bytes, by recipient."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, bytes]] = []

    async def handle_DATA(self, server: object, session: object, envelope) -> str:  # noqa: N802
        self.mails.extend((recipient, bytes(envelope.content)) for recipient in envelope.rcpt_tos)
        return "250 kept"

    def of(self, address: str) -> list[bytes]:
        return [raw for recipient, raw in self.mails if recipient == address]


@dataclass
class House:
    """What a journey needs to know of the running processes."""

    base: str
    env: dict[str, str]
    mailbox: Mailbox
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def manage(self, *arguments: str) -> str:
        """Run a management command in the house and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, name: str, *command: str) -> None:
        log = Path(self.env["VAR_DIR"]).parent / f"{name}.log"
        with log.open("wb") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=self.env,
                stdout=output,
                stderr=subprocess.STDOUT,
            )


@contextlib.contextmanager
def house(folder: Path, **settings: str) -> Iterator[House]:
    """Start all of it on the stack the tests run on, with these settings besides, and end all of it."""
    port = free_port()
    mailbox = Mailbox()
    smtp = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    smtp.start()
    base = f"http://127.0.0.1:{port}"
    env = os.environ | {
        "VAR_DIR": str(folder / "var"),
        "PORT": str(port),
        "SITE_URL": base,
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp.port}",
        "DEBUG": "1",
        "SECRET_KEY": "journeys" * 8,
        **settings,
    }
    with contextlib.ExitStack() as stack:
        stack.callback(smtp.stop)
        if "DATABASE_URL" in env:
            env["DATABASE_URL"] = stack.enter_context(own_database(env["DATABASE_URL"]))
        if "REDIS_URL" in env and "REDIS_URL" not in settings:
            env["REDIS_URL"] = re.sub(r"/\d*$", "/7", env["REDIS_URL"])
        running = House(base=base, env=env, mailbox=mailbox)
        stack.callback(lambda: ended(list(running.processes.values())))
        running.manage("migrate", "--verbosity=0")
        if "REDIS_URL" in env:
            import redis

            redis.Redis.from_url(env["REDIS_URL"]).flushdb()
        running.start("web", "gunicorn", "digest.wsgi", "--bind", f"127.0.0.1:{port}", "--threads=4")
        running.start(
            "worker",
            *("celery", "-A", "digest", "worker", "--queues=letters,digests", "--concurrency=2"),
            *("--loglevel=INFO", "--without-gossip", "--without-mingle"),
        )
        running.start("beat", "celery", "-A", "digest", "beat", "--pidfile=")
        wait_for("the web server", lambda: answers(f"{base}/healthz"))
        yield running


@contextlib.contextmanager
def own_database(url: str) -> Iterator[str]:
    """A new database on the server of this URL, dropped in the end."""
    name = f"journey_{uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def answers(url: str) -> bool:
    with contextlib.suppress(requests.RequestException):
        return requests.get(url, timeout=5).status_code == 200
    return False


def alive(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be collected."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


def interrupt(process: "subprocess.Popen[bytes]") -> int:
    """Ctrl-C, and wait for the end."""
    process.send_signal(signal.SIGINT)
    return process.wait(timeout=30)
