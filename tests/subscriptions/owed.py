"""Letters that are owed, and how they fare."""

from typing import Any

from subscriptions import tasks
from subscriptions.models import Notice, Subscriber
from tests.factories import make_subscriber

CONFIRMATION, WELCOME = Notice.Letter.CONFIRMATION, Notice.Letter.WELCOME
PLANNED, HANDED_OVER, ACCEPTED = Notice.State.PLANNED, Notice.State.HANDED_OVER, Notice.State.ACCEPTED
FAILED, UNCERTAIN, EXCLUDED = Notice.State.FAILED, Notice.State.UNCERTAIN, Notice.State.EXCLUDED

SUITS: dict[str, Subscriber.Status] = {
    Notice.Letter.CONFIRMATION: Subscriber.Status.PENDING,
    Notice.Letter.FAREWELL: Subscriber.Status.UNSUBSCRIBED,
}
ELSEWHERE: set[str] = {Notice.Letter.ADDRESS_CHANGE, Notice.Letter.ADDRESS_CHANGED}


def owe(
    email: str = "ada@example.org",
    letter: str = CONFIRMATION,
    *,
    language: str = "en",
    token_epoch: int = 0,
    **fields: Any,
) -> Notice:
    """A letter that waits to be sent, to somebody whose status it suits."""
    status = SUITS.get(letter, Subscriber.Status.ACTIVE)
    subscriber = make_subscriber(email, status=status, language=language, token_epoch=token_epoch)
    if letter in ELSEWHERE:
        fields.setdefault("address", f"other.{email}")
    return Notice.objects.create(subscriber=subscriber, letter=letter, **fields)


def state(notice: Notice) -> str:
    notice.refresh_from_db()
    return notice.state


def tick() -> None:
    tasks.send_due_notices()
