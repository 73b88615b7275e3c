"""One person's whole way, through real web, worker and beat processes and a real SMTP server."""

import re
from html import unescape
from pathlib import Path

import pytest
import requests

from tests.journeys.house import House, house, wait_for
from tests.journeys.pages import link, parse, part, press, sign_up

pytestmark = pytest.mark.journey
ADDRESS = "reader@example.org"
SAMPLES = Path(__file__).resolve().parent.parent.parent / "digest" / "samples" / "daily"


@pytest.fixture
def running(tmp_path: Path):
    with house(tmp_path) as running:
        yield running


def status(running: House) -> str:
    code = "from subscriptions.models import *; print([s.status for s in Subscriber.objects.all()])"
    return running.manage("shell", "--verbosity=0", "-c", code).strip()


def letters(running: House, count: int):
    mails = [parse(raw) for raw in running.mailbox.of(ADDRESS)]
    return mails if len(mails) >= count else None


def publish(running: House, *days: str) -> None:
    """By their dates: beat may have been quicker, and then no edition is open any more."""
    for day in days:
        running.manage("publish", "--date", day)


def test_from_the_form_to_the_unsubscribed_state(running: House):
    days = ["2025-09-24", "2025-09-25"]
    running.manage("ingest", "--source", "huggingface", "--file", *(f"{SAMPLES / day}.json" for day in days))
    publish(running, *days)

    # Sign up on the page; the question arrives.
    browser = requests.Session()
    answer = sign_up(browser, running.base, ADDRESS, "speech, robot")
    assert answer.status_code == 200
    assert "inbox" in answer.text
    [confirmation] = wait_for("the confirmation", lambda: letters(running, 1))
    assert "List-Unsubscribe" not in confirmation
    assert confirmation["Auto-Submitted"] == "auto-generated"
    confirm = link(confirmation, "confirm")

    # Looking at the link is not yet a yes; pressing the button is.
    for _ in range(3):
        assert requests.get(confirm, timeout=10).status_code == 200
    assert status(running) == "['pending']"
    assert "Welcome" in press(browser, confirm).text
    assert status(running) == "['active']"

    # The first digest comes by worker and beat, each pick with its reason.
    arrived = wait_for("welcome and first digest", lambda: letters(running, 3))
    digest = next(mail for mail in arrived if mail["List-Unsubscribe"])
    text, html = part(digest, "plain"), part(digest, "html")
    assert re.search(r"matches “speech” in the (title|abstract)", text, re.IGNORECASE)
    assert "“speech”" in unescape(html)
    assert "<mj-" not in html
    assert len(html.encode()) < 102_400
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [digest["To"]] == [ADDRESS]

    # One click in the mail program: no cookie, no redirect, done before the answer.
    unsubscribe = str(digest["List-Unsubscribe"]).strip(" <>")
    assert unsubscribe.startswith(running.base)
    assert link(digest, "unsubscribe") == unsubscribe
    assert requests.get(unsubscribe, timeout=10).status_code == 200
    assert status(running) == "['active']"
    for _ in range(2):
        clicked = requests.post(
            unsubscribe, data={"List-Unsubscribe": "One-Click"}, allow_redirects=False, timeout=10
        )
        assert clicked.status_code == 200
    assert status(running) == "['unsubscribed']"

    # The next edition passes them by; the ledger balances.
    running.manage("ingest", "--source", "huggingface", "--file", str(SAMPLES / "2025-09-26.json"))
    publish(running, "2025-09-26")
    assert '"due": 0' in running.manage("deliver", "--now", "--json")
    assert len(running.mailbox.of(ADDRESS)) == 3


def test_a_worker_that_was_away_finds_the_work_when_it_is_back(running: House):
    worker = running.processes.pop("worker")
    worker.terminate()
    worker.wait(timeout=30)
    sign_up(requests.Session(), running.base, ADDRESS, "")
    assert running.mailbox.of(ADDRESS) == []

    running.start("worker", "celery", "-A", "digest", "worker", "--queues=letters,digests", "--concurrency=1")

    assert wait_for("the confirmation", lambda: letters(running, 1))
