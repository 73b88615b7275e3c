"""Sign-up when many come at once, when one network floods it, and when the broker is away."""

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.conftest import ON_SERVERS
from tests.journeys.house import House, house, wait_for
from tests.journeys.pages import field, sign_up
from tests.servers import free_port, redis_server

pytestmark = pytest.mark.journey
COUNT = "from subscriptions.models import *; print(Subscriber.objects.count(), Notice.objects.count())"


def rows_and_letters(running: House) -> tuple[int, int]:
    """How many subscribers there are, and how many letters are owed or sent."""
    rows, letters = running.manage("shell", "--verbosity=0", "-c", COUNT).split()
    return int(rows), int(letters)


def test_fifty_posts_of_one_address_at_once_make_one_row_and_one_letter(tmp_path: Path):
    with house(tmp_path) as running:

        def post(_: int) -> tuple[int, str]:
            answer = sign_up(requests.Session(), running.base, "ada@example.org", "retrieval")
            return answer.status_code, answer.url

        with ThreadPoolExecutor(50) as pool:
            answers = Counter(pool.map(post, range(50)))

        assert answers == {(200, f"{running.base}/subscribe/asked/"): 50}
        assert rows_and_letters(running) == (1, 1)
        wait_for("the letter", lambda: running.mailbox.of("ada@example.org"))
        time.sleep(2)
        assert len(running.mailbox.of("ada@example.org")) == 1


def test_forged_headers_do_not_get_one_network_over_its_limit(tmp_path: Path):
    with house(tmp_path) as running:
        page = requests.get(f"{running.base}/subscribe/", timeout=10)
        chance = random.Random(1)

        def post(number: int) -> tuple[int, str]:
            forged = ".".join(str(chance.randrange(1, 255)) for _ in range(4))
            answer = requests.post(
                f"{running.base}/subscribe/",
                data={
                    "csrfmiddlewaretoken": field(page.text, "csrfmiddlewaretoken"),
                    "email": f"reader{number}@host{number % 50}.example.org",
                },
                cookies=page.cookies,
                headers={"X-Forwarded-For": forged, "X-Real-IP": forged, "Forwarded": f"for={forged}"},
                timeout=30,
            )
            return answer.status_code, answer.url

        with ThreadPoolExecutor(8) as pool:
            answers = Counter(pool.map(post, range(500)))

        assert answers == {(200, f"{running.base}/subscribe/asked/"): 500}
        rows, letters = rows_and_letters(running)
        assert rows == letters
        # 60 an hour, three for each that was sent back without a form having been shown; while this
        # runs, a minute frees one.
        assert 20 <= rows <= 21


@pytest.mark.skipif(not ON_SERVERS, reason="The embedded stack has no Redis to lose.")
def test_a_sign_up_while_redis_is_down_gets_its_letter_once_afterwards(tmp_path: Path):
    port = free_port()
    with ExitStack() as stack:
        redis = stack.enter_context(ExitStack())
        redis.enter_context(redis_server(tmp_path, port))
        running = stack.enter_context(house(tmp_path, REDIS_URL=f"redis://127.0.0.1:{port}/0"))
        sign_up(requests.Session(), running.base, "first@example.org", "")
        wait_for("a letter while all is well", lambda: running.mailbox.of("first@example.org"))

        redis.close()
        began = time.monotonic()
        answer = sign_up(requests.Session(), running.base, "ada@example.org", "retrieval")
        assert (answer.status_code, answer.url) == (200, f"{running.base}/subscribe/asked/")
        assert time.monotonic() - began < 10, "nobody waits for a broker"
        assert rows_and_letters(running) == (2, 2)
        assert running.mailbox.of("ada@example.org") == []

        redis.enter_context(redis_server(tmp_path, port))
        wait_for("the letter", lambda: running.mailbox.of("ada@example.org"), seconds=120)
        time.sleep(3)
        assert len(running.mailbox.of("ada@example.org")) == 1
        assert len(running.mailbox.of("first@example.org")) == 1
