"""The base class of all tasks: a task is a hint, the database is the truth."""

from functools import partial
from typing import Any

from celery.contrib.django.task import DjangoTask
from django.db import transaction


class HintTask(DjangoTask):
    """A task whose loss is only a delay, because a beat tick finds the same work in the database."""

    abstract = True

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Enqueue once the transaction has committed. A broker that is down is logged, not raised:
        whoever is waiting for a page must not pay for it."""
        transaction.on_commit(partial(self.delay, *args, **kwargs), robust=True)
