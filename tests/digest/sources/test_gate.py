"""Whose turn it is to ask a service, on either stack: one at a time, and not too often."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import redis
from django.conf import settings as configured

from digest.models.turn import Turn
from digest.sources import gate, http
from digest.sources.base import AskedToWait, SourceError
from tests.conftest import ON_SERVERS
from tests.digest.conftest import at_once
from tests.digest.sources.wire import Wire, answer
from tests.servers import free_port

URL = "https://slow.example/list"
GENEROUS = 30.0


@pytest.fixture(autouse=True)
def free_gates(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody has been there, and the pause is half a second."""
    url = configured.REDIS_URL

    def forget() -> None:
        if url:
            client = redis.Redis.from_url(url)
            for key in client.scan_iter("paper-round:gate:*"):
                client.delete(key)
            client.close()

    monkeypatch.setattr(gate, "PAUSES", {"arxiv": 0.5})
    monkeypatch.setattr(gate, "PAUSE", 0.5)
    forget()
    yield
    forget()


def seconds(deed: Callable[[], object]) -> float:
    begun = time.monotonic()
    deed()
    return time.monotonic() - begun


def visit(url: str = URL, *, patience: float = GENEROUS, wish: float = 0, lasts: float = 0) -> None:
    with gate.turn(url, patience=patience) as pass_on:
        pass_on(wish)
        time.sleep(lasts)


def dies_in_its_turn(url: str = URL) -> object:
    """A worker that takes the turn and never gives it back. Keep what this returns: it ends with it."""
    turn = gate.turn(url, patience=GENEROUS)
    turn.__enter__()
    return turn


# --- Pauses ---------------------------------------------------------------------------------


def test_the_first_does_not_wait():
    assert seconds(visit) < 0.4


def test_the_pause_begins_when_the_one_before_has_ended():
    visit(lasts=0.7)

    assert seconds(visit) == pytest.approx(0.5, abs=0.15)


def test_after_a_pause_nobody_waits():
    visit()
    time.sleep(0.55)

    assert seconds(visit) < 0.3


def test_what_the_service_wishes_takes_the_place_of_a_shorter_pause():
    visit(wish=1.0)
    assert seconds(visit) == pytest.approx(1.0, abs=0.15)

    visit(wish=0.1)
    assert seconds(visit) == pytest.approx(0.5, abs=0.15)


def test_a_request_that_fails_is_followed_by_a_pause_too():
    with pytest.raises(ZeroDivisionError), gate.turn(URL, patience=GENEROUS):
        1 / 0  # noqa: B018

    assert seconds(visit) == pytest.approx(0.5, abs=0.15)


def test_other_services_do_not_wait():
    visit()

    assert seconds(lambda: visit("https://other.example/")) < 0.4


def test_all_services_of_arxiv_share_one_pause():
    visit("https://rss.arxiv.org/rss/cs.CV")

    assert seconds(lambda: visit("https://export.arxiv.org/api/query?x")) == pytest.approx(0.5, abs=0.15)


@pytest.mark.usefixtures("many_workers")
def test_of_many_at_once_one_comes_after_the_other(free_gates: None):
    visits: list[tuple[float, float]] = []

    def go() -> None:
        with gate.turn(URL, patience=GENEROUS):
            begun = time.monotonic()
            time.sleep(0.05)
            visits.append((begun, time.monotonic()))

    at_once(*[go] * 6)

    visits.sort()
    assert len(visits) == 6
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(visits)]
    assert min(gaps) >= 0.5
    assert max(gaps) < 0.5 + 0.6  # and nobody waits much longer than they have to


# --- Patience -------------------------------------------------------------------------------


def test_whoever_would_wait_too_long_learns_so_at_once():
    visit(wish=20)

    begun = time.monotonic()
    with pytest.raises(gate.TooLong) as too_long:
        visit(patience=5)

    assert time.monotonic() - begun < 0.4
    until = datetime.now(UTC) + timedelta(seconds=20)
    assert abs(too_long.value.until - until) < timedelta(seconds=1)


def test_whoever_finds_it_taken_waits_as_long_as_they_have_patience():
    held = dies_in_its_turn()

    begun = time.monotonic()
    with pytest.raises(gate.TooLong):
        visit(patience=0.4)

    assert time.monotonic() - begun == pytest.approx(0.4, abs=0.2)
    del held


def test_a_pause_that_ends_within_our_patience_is_waited_out():
    visit(wish=0.8)

    assert seconds(lambda: visit(patience=1.0)) == pytest.approx(0.8, abs=0.15)


def test_a_request_tells_that_somebody_else_holds_the_turn(wire: Wire, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http, "PATIENCE", 0.2)
    held = dies_in_its_turn(wire.url)

    with pytest.raises(AskedToWait, match=r"^Another worker has been asking 127\.0\.0\.1 all the time"):
        http.get(wire.url)

    assert wire.asked == []
    del held


# --- Workers that die, clocks that jump -----------------------------------------------------


def test_a_worker_that_died_blocks_the_others_for_its_lease_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gate, "LEASE", 0.6)
    held = dies_in_its_turn()

    assert 0.5 < seconds(visit) < 1.2
    del held


def test_a_worker_that_comes_back_after_its_lease_does_not_end_the_turn_of_another(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(gate, "LEASE", 0.3)
    late = gate.turn(URL, patience=GENEROUS)
    late.__enter__()
    time.sleep(0.35)
    monkeypatch.setattr(gate, "LEASE", 60)

    with gate.turn(URL, patience=GENEROUS):
        late.__exit__(None, None, None)
        with pytest.raises(gate.TooLong):
            visit(patience=0.8)


def test_a_worker_that_comes_back_after_its_lease_does_not_shorten_what_the_service_wishes(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(gate, "LEASE", 0.3)
    late = gate.turn(URL, patience=GENEROUS)
    late.__enter__()
    time.sleep(0.35)
    visit(wish=3_600)

    late.__exit__(None, None, None)

    with pytest.raises(gate.TooLong) as error:
        visit(patience=10)
    assert error.value.until.timestamp() == pytest.approx(time.time() + 3_600, abs=5)


@pytest.mark.skipif(ON_SERVERS, reason="the pauses of Redis do not depend on a worker's clock")
@pytest.mark.parametrize("back", [3_600, 7_300])
def test_a_clock_that_is_put_back_makes_no_pause_longer(monkeypatch: pytest.MonkeyPatch, back: float):
    clock = time.time
    visit()
    monkeypatch.setattr(time, "time", lambda: clock() - back)

    assert seconds(lambda: visit(patience=5)) < 0.9


def test_a_long_pause_does_not_use_up_the_lease(monkeypatch: pytest.MonkeyPatch):
    """Whoever waited out a wish before asking must not be overtaken while they ask."""
    monkeypatch.setattr(gate, "LEASE", 1.0)
    visit(wish=0.8)

    with gate.turn(URL, patience=GENEROUS):
        time.sleep(0.5)  # 1.3 since they came, 0.5 since they ask
        with pytest.raises(gate.TooLong):
            visit(patience=0.1)


def test_a_clock_that_was_ahead_and_is_right_again_closes_nothing_for_good():
    year = 365 * 24 * 3_600.0
    visit()
    if ON_SERVERS:
        client = redis.Redis.from_url(configured.REDIS_URL)
        client.set("paper-round:gate:slow.example:pause", 1, px=int(year * 1000))
        client.close()
    else:
        now = time.time()
        Turn.objects.update(free_at=now + year, held_by="somebody", held_until=now + year)

    assert seconds(lambda: visit(patience=1)) < 0.9


@pytest.mark.skipif(ON_SERVERS, reason="the pauses of Redis do not depend on a worker's clock")
def test_a_clock_that_was_a_little_ahead_is_waited_for():
    visit()
    Turn.objects.update(free_at=time.time() + 0.9)

    assert seconds(visit) == pytest.approx(0.9, abs=0.2)


# --- Redis ----------------------------------------------------------------------------------


@pytest.fixture
def redis_is_down(settings: Any) -> None:
    settings.REDIS_URL = f"redis://:sesame-4711@127.0.0.1:{free_port()}/0"


def test_without_redis_nobody_asks_anything(wire: Wire, redis_is_down: None):
    begun = time.monotonic()
    with pytest.raises(SourceError) as error:
        http.get(wire.url)

    assert str(error.value) == (
        "Redis, which keeps the pauses between requests, does not answer: check REDIS_URL and try again."
    )
    assert wire.asked == []
    assert time.monotonic() - begun < 10


@pytest.mark.skipif(not ON_SERVERS, reason="needs Redis")
def test_redis_that_goes_away_during_a_request_spoils_nothing(wire: Wire):
    with redis.Redis.from_url(configured.REDIS_URL) as admin:

        def goes_away(_: Any, sock: Any) -> None:
            admin.config_set("requirepass", "nobody knows")
            admin.client_kill_filter(_type="normal", skipme=True)
            sock.sendall(answer(b"ok"))

        wire.script = goes_away
        try:
            assert http.get(wire.url).body == b"ok"
        finally:
            admin.config_set("requirepass", "")
