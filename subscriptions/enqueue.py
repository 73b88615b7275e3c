"""Enqueue the next step once the transaction has committed.

A task is a hint and the database the truth: every step that a task takes is also found by a beat
tick. So a broker that is down costs a delay, is logged, and is not raised to whoever waits for a
page.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, Protocol

from django.db import transaction

P = ParamSpec("P")


class Task(Protocol[P]):
    """As much of a Celery task as is needed here."""

    @property
    def delay(self) -> Callable[P, Any]: ...


def delay_on_commit(task: Task[P], *args: P.args, **kwargs: P.kwargs) -> None:
    def enqueue() -> None:  # a function, not a partial: Django logs it by its name when it fails
        task.delay(*args, **kwargs)

    transaction.on_commit(enqueue, robust=True)
