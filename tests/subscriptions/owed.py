"""Letters that are owed, and how they fare."""

from typing import Any

from subscriptions import tasks
from subscriptions.models import Notice, Subscriber
from tests.factories import make_subscriber

CONFIRMATION, WELCOME = Notice.Letter.CONFIRMATION, Notice.Letter.WELCOME
PLANNED, HANDED_OVER, ACCEPTED = Notice.State.PLANNED, Notice.State.HANDED_OVER, Notice.State.ACCEPTED
FAILED, UNCERTAIN, EXCLUDED = Notice.State.FAILED, Notice.State.UNCERTAIN, Notice.State.EXCLUDED


def owe(email: str = "ada@example.org", letter: str = CONFIRMATION, **fields: Any) -> Notice:
    """A letter that waits to be sent, to somebody whose status it suits."""
    status = Subscriber.Status.PENDING if letter == CONFIRMATION else Subscriber.Status.ACTIVE
    return Notice.objects.create(subscriber=make_subscriber(email, status=status), letter=letter, **fields)


def state(notice: Notice) -> str:
    notice.refresh_from_db()
    return notice.state


def tick() -> None:
    tasks.send_due_notices()
