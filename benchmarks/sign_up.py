"""Whether the time of an answer tells who is subscribed: `python benchmarks/sign_up.py`, JSON out.

Starts gunicorn on loopback, as in a deployment, and posts addresses of six kinds to the sign-up form
and to `/manage/`, each kind over one connection of its own, in random order. Every post meets an
address in the state it is counted under. Measures once as it is and once with the waiting that makes
answers even taken out, which shows what it hides.

Uses the database of DATABASE_URL, which must be empty, and the broker of REDIS_URL, in whose queue
its tasks stay; without them a new SQLite file and the queue of files.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # this folder holds a file that is called as a module of Python's is: select

import argparse
import contextlib
import http.client
import json
import os
import random
import secrets
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

STATES = ("new", "pending", "active", "unsubscribed", "suppressed", "disposable")
PAGES = ("/subscribe/", "/manage/")
ANSWERS = {"/subscribe/": "/subscribe/asked/", "/manage/": "/manage/sent/"}
WARM_UP = 20
STARTUP_SECONDS = 30


def as_it_is() -> Any:
    """The application, for gunicorn."""
    from digest.wsgi import application

    return application


def not_evened_out() -> Any:
    """The same, answering as soon as it can."""
    application = as_it_is()
    from subscriptions.views import pages

    pages.ANSWER_SECONDS = 0
    return application


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--posts", type=int, default=200, help="of each kind, on each page (200)")
    parser.add_argument("--json", action="store_true", help="the only format there is")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        os.environ.update(
            DJANGO_SETTINGS_MODULE="digest.settings",
            VAR_DIR=str(Path(folder) / "var"),
            SECRET_KEY=secrets.token_urlsafe(50),
            DEBUG="0",
            SITE_URL=f"http://127.0.0.1:{port}",
            REFUSE_DISPOSABLE="1",
            # Limits are not what is measured here.
            SIGN_UP_RATE="100000000/day",
            SIGN_UP_RATE_PER_DOMAIN="100000000/day",
            SIGN_UP_RATE_PER_NETWORK="100000000/day",
        )
        print(json.dumps(measure(Path(folder), port, options.posts)))


def measure(folder: Path, port: int, posts: int) -> dict[str, object]:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from subscriptions.models import Subscriber

    call_command("migrate", verbosity=0)
    assert not Subscriber.objects.exists(), "the database must be empty"
    found: dict[str, object] = {
        "database": connection.vendor,
        "broker": settings.CELERY_BROKER_URL.partition(":")[0],
        "posts": posts,
    }
    for run in (as_it_is, not_evened_out):
        prepare(run.__name__, posts)
        connection.close()
        with server(run.__name__, folder, port):
            found[run.__name__] = {page: answer_times(page, run.__name__, port, posts) for page in PAGES}
        check(run.__name__, posts)
    return found


def address(page: str, run: str, state: str, number: int) -> str:
    domain = "mailinator.com" if state == "disposable" else "example.org"
    return f"{state}-{number}.{page.strip('/')}.{run}@{domain}"


def prepare(run: str, posts: int) -> None:
    """Have as many people in each state as will be asked about."""
    from django.db import transaction
    from django.utils import timezone

    from subscriptions.models import Notice, Subscriber, Suppression
    from subscriptions.suppression import suppress

    now = timezone.now()
    status = Subscriber.Status
    values: dict[str, dict[str, Any]] = {
        "pending": {"status": status.PENDING, "asked_at": now - timedelta(hours=1)},
        "active": {"status": status.ACTIVE, "next_digest_at": now, "confirmed_at": now - timedelta(days=9)},
        "unsubscribed": {
            "status": status.UNSUBSCRIBED,
            "confirmed_at": now - timedelta(days=9),
            "left_at": now - timedelta(days=2),
        },
    }
    with transaction.atomic():
        for page in PAGES:
            for state, fields in values.items():
                emails = [address(page, run, state, number) for number in range(posts)]
                people = Subscriber.objects.bulk_create(
                    [Subscriber(email=email, email_key=email, **fields) for email in emails]
                )
                if state == "pending":
                    Notice.objects.bulk_create(
                        [
                            Notice(
                                subscriber=person,
                                letter=Notice.Letter.CONFIRMATION,
                                created_at=now - timedelta(hours=1),
                                state=Notice.State.ACCEPTED,
                            )
                            for person in people
                        ]
                    )
            for number in range(posts):
                suppress(address(page, run, "suppressed", number), Suppression.Reason.COMPLAINT)


def check(run: str, posts: int) -> None:
    """That each answer was to what it was counted under: so many letters are owed now."""
    from subscriptions.models import Notice

    planned = Notice.objects.filter(state=Notice.State.PLANNED)
    owed = {
        "confirmation": planned.filter(
            letter="confirmation", subscriber__email__contains=f"subscribe.{run}@"
        ),
        "already_subscribed": planned.filter(
            letter="already_subscribed", subscriber__email__contains=f"subscribe.{run}@"
        ),
        "manage_link": planned.filter(letter="manage_link", subscriber__email__contains=f"manage.{run}@"),
    }
    counted = {letter: letters.count() for letter, letters in owed.items()}
    expected = {"confirmation": 2 * posts, "already_subscribed": posts, "manage_link": 2 * posts}
    assert counted == expected, f"{counted} letters are owed instead of {expected}"


@contextlib.contextmanager
def server(run: str, folder: Path, port: int) -> Iterator[None]:
    command = [
        *(sys.executable, "-m", "gunicorn", f"sign_up:{run}()", "--pythonpath", str(Path(__file__).parent)),
        *("--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "8", "--keep-alive", "75"),
        *("--no-control-socket", "--logger-class", "digest.access_log.Logger"),
    ]
    with (folder / f"{run}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + STARTUP_SECONDS
        while not answers(port):
            assert process.poll() is None, (folder / f"{run}.log").read_text()
            assert time.monotonic() < end, "gunicorn did not start"
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def answer_times(page: str, run: str, port: int, posts: int) -> dict[str, object]:
    """Milliseconds from sending to the whole answer, by state."""
    lines = {state: http.client.HTTPConnection("127.0.0.1", port, timeout=30) for state in STATES}
    for number in range(WARM_UP):
        for state, line in lines.items():
            post(line, page, f"warm-{number}.{state}.{page.strip('/')}@mailinator.com")
    order = [(state, number) for state in STATES for number in range(posts)]
    random.Random(1).shuffle(order)
    taken: dict[str, list[float]] = {state: [] for state in STATES}
    for state, number in order:
        taken[state].append(1000 * post(lines[state], page, address(page, run, state, number)))
    for line in lines.values():
        line.close()
    medians = {state: statistics.median(times) for state, times in taken.items()}
    return {
        "median_ms": {state: round(median, 2) for state, median in medians.items()},
        "p95_ms": {state: round(statistics.quantiles(times, n=20)[-1], 2) for state, times in taken.items()},
        "longest_ms": round(max(map(max, taken.values())), 2),
        "largest_ratio_of_medians": round(max(medians.values()) / min(medians.values()), 3),
    }


def post(line: http.client.HTTPConnection, page: str, email: str) -> float:
    """Seconds that it took. The cookie is as good as one the page has set: it only has to say the same."""
    token = "a" * 32
    body = urlencode({"email": email, "csrfmiddlewaretoken": token})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={token}"}
    begun = time.perf_counter()
    line.request("POST", page, body, headers)
    answer = line.getresponse()
    answer.read()
    seconds = time.perf_counter() - begun
    assert (answer.status, answer.headers["Location"]) == (302, ANSWERS[page]), answer.status
    return seconds


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
