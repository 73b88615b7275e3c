"""Many at once, each with a connection of its own."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TypeVar

from django.db import connection

T = TypeVar("T")
CROWD = 30
PATIENCE = 30


def at_once(*deeds: Callable[[], T]) -> list[T]:
    """Run each deed in a thread of its own, all let go at one moment; what they returned, in order.

    Raises whatever a deed raised: the database ends a deadlock by an error in one of those who wait.
    """
    start = Barrier(len(deeds))

    def one(deed: Callable[[], T]) -> T:
        try:
            connection.ensure_connection()
            start.wait(timeout=PATIENCE)
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as crowd:
        return [future.result() for future in [crowd.submit(one, deed) for deed in deeds]]


def all_at_once(verb: Callable[[int], T]) -> list[T]:
    """The same for a whole crowd that does one thing; each is told its number."""
    return at_once(*(partial(verb, number) for number in range(CROWD)))


def alone(pool: ThreadPoolExecutor, deed: Callable[[], T]) -> "Future[T]":
    """The same for one who sets out while somebody else is in the middle of something."""

    def one() -> T:
        try:
            return deed()
        finally:
            connection.close()

    return pool.submit(one)


def wait_until_somebody_waits() -> None:
    """Until another connection stands before a lock of ours; PostgreSQL only."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
            if cursor.fetchone():
                return
        time.sleep(0.02)
    raise AssertionError("nobody came to wait")
