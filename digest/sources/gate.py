"""One at a time, and not too often: who may ask a service now, among all workers of all machines.

A service's rule is a pause between the end of one request and the beginning of the next, so its rate is
kept however long a request takes and however late a worker gets to send it. On Redis where there is
one; else a row of the database, whose workers then share a machine and its clock.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Protocol
from urllib.parse import urlsplit

import redis
from django.conf import settings
from redis.exceptions import LockError, LockNotOwnedError

from digest.models.turn import Turn
from digest.sources.base import SourceError

PAUSES = {
    # https://info.arxiv.org/help/api/tou.html: one request in three seconds, one connection, over all
    # its services and all machines of ours together.
    "arxiv": 3.0,
    "biorxiv": 1.0,
    # 500 requests in five minutes without a token.
    "huggingface": 0.6,
    "github": 0.1,
    "semanticscholar": 1.1,
    "openalex": 0.1,
}
"""Seconds by service."""
PAUSE = 1.0
"""Seconds for whoever is not named above."""
SERVICES = {
    "ARXIV_FEED_URL": "arxiv",
    "ARXIV_OAI_URL": "arxiv",
    "ARXIV_API_URL": "arxiv",
    "BIORXIV_URL": "biorxiv",
    "HUGGINGFACE_URL": "huggingface",
    "GITHUB_URL": "github",
    "SEMANTICSCHOLAR_URL": "semanticscholar",
    "OPENALEX_URL": "openalex",
}
DOMAINS = {"arxiv.org": "arxiv", "biorxiv.org": "biorxiv", "medrxiv.org": "biorxiv"}
LEASE = 85.0
"""Seconds after which the turn of a worker that died is over; longer than any request may take."""
LONGEST = 90_000.0
"""Seconds beyond which no pause can be meant: a little more than the longest wish that is kept."""
POLL = 0.05
JITTER = 1.0
"""Seconds by which clocks differ at any time."""
LEAVE = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
local left = redis.call('pttl', KEYS[2])
if left < tonumber(ARGV[2]) or left > tonumber(ARGV[3]) then
    redis.call('set', KEYS[2], 1, 'px', ARGV[2])
end
return redis.call('del', KEYS[1])
"""
"""Set the pause and end the turn, at once: whoever comes later than its lease has nothing to say any more,
and no pause gets shorter by another.
"""


class TooLong(Exception):
    """The service is not free within our patience."""

    def __init__(self, until: float, *, busy: bool = False) -> None:
        super().__init__(until)
        self.until = datetime.fromtimestamp(until, UTC)
        self.busy = busy
        """Another worker is asking, or died while it was; it is no wish of the service."""


class _Gate(Protocol):
    def take(self, seconds: float) -> None:
        """Wait for the turn. Raises `TooLong`."""

    def leave(self, pause: float) -> None:
        """End the turn: nobody comes before `pause` seconds have passed."""


def service_of(url: str) -> str:
    """Which service an address belongs to: by the settings, else by its host."""
    place, path = _place(url)
    for name, service in SERVICES.items():
        base, folder = _place(getattr(settings, name))
        if place == base and f"{path}/".startswith(f"{folder.rstrip('/')}/"):
            return service
    host = place[1]
    for domain, service in DOMAINS.items():
        if host == domain or host.endswith(f".{domain}"):
            return service
    return host


def _place(url: str) -> tuple[tuple[str, str, int], str]:
    """Scheme, host and port; path. Whole hosts are compared: another's may begin with a service's name."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return ("", "", 0), url
    return (parts.scheme, (parts.hostname or "").rstrip("."), port), parts.path


@contextmanager
def turn(url: str, *, patience: float) -> Iterator[Callable[[float], None]]:
    """Hold a service's turn while asking it. Gives a function by which a longer pause can be passed on
    to everybody: what the service itself wishes.

    Raises:
        TooLong: not free within `patience` seconds.
        SourceError: Redis, which keeps the turns, cannot be reached.
    """
    service = service_of(url)
    wished = [PAUSES.get(service, PAUSE)]
    gate: _Gate = _OnRedis(service) if settings.REDIS_URL else _InDatabase(service)
    try:
        gate.take(patience)
    except redis.RedisError as error:
        raise SourceError(
            "Redis, which keeps the pauses between requests, does not answer: check REDIS_URL and try again."
        ) from error
    try:
        yield wished.append
    finally:
        gate.leave(max(wished))


class _InDatabase:
    def __init__(self, service: str) -> None:
        self.service, self.token = service[:200], uuid.uuid4().hex

    def take(self, seconds: float) -> None:
        mine = Turn.objects.filter(service=self.service)
        give_up = time.time() + seconds
        while True:
            row = mine.first()
            if row is None:
                Turn.objects.bulk_create([Turn(service=self.service)], ignore_conflicts=True)
                continue
            now = time.time()
            # A clock that is put back must not make a pause longer than it was meant to be.
            if row.free_at > now + row.pause + JITTER:
                mine.filter(free_at=row.free_at).update(free_at=now + row.pause)
                continue
            free_at = row.free_at
            held_until = row.held_until if row.held_until < now + 2 * LEASE else 0.0
            if free_at > give_up:
                raise TooLong(free_at)
            if max(free_at, held_until) <= now:
                same = mine.filter(held_by=row.held_by, held_until=row.held_until, free_at=row.free_at)
                if same.update(held_by=self.token, held_until=now + LEASE):
                    return
            elif now >= give_up:
                raise TooLong(max(free_at, held_until), busy=held_until > free_at)
            time.sleep(min(max(POLL, free_at - now), max(POLL, give_up - now)))

    def leave(self, pause: float) -> None:
        mine = Turn.objects.filter(service=self.service, held_by=self.token)
        pause = min(pause, LONGEST)
        mine.update(held_by="", held_until=0, free_at=time.time() + pause, pause=pause)


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=10, health_check_interval=30)


class _OnRedis:
    def __init__(self, service: str) -> None:
        self.client = _client(settings.REDIS_URL)
        self.pause_key = f"paper-round:gate:{service}:pause"
        self.lock = self.client.lock(f"paper-round:gate:{service}", timeout=LEASE, sleep=POLL)

    def take(self, seconds: float) -> None:
        give_up = time.monotonic() + seconds
        while True:
            # Waited out before the turn is taken, or the lease would be half over when the request begins.
            if (left := self._pause_left()) > 0:
                if time.monotonic() + left > give_up:
                    raise TooLong(time.time() + left)
                time.sleep(left)
            if not self.lock.acquire(blocking_timeout=max(0.0, give_up - time.monotonic())):
                raise TooLong(time.time() + LEASE, busy=True)
            if self._pause_left() <= 0:
                return
            self._let_go()  # somebody has been there since

    def _pause_left(self) -> float:
        milliseconds = int(self.client.pttl(self.pause_key))  # below 0: none
        if milliseconds > LONGEST * 1000:  # a clock that was ahead and is right again
            return 0.0
        return (milliseconds + 1) / 1000 if milliseconds >= 0 else 0.0

    def leave(self, pause: float) -> None:
        token = self.lock.local.token
        keys, most = [self.lock.name, self.pause_key], round(LONGEST * 1000)
        try:
            self.client.eval(LEAVE, 2, *keys, token, min(max(1, round(pause * 1000)), most), most)
        except redis.RedisError:  # the lease ends it
            return

    def _let_go(self) -> None:
        try:
            self.lock.release()
        except (LockNotOwnedError, LockError):  # it took longer than the lease
            return
