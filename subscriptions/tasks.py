"""Celery tasks of the person's side: ids in, one verb, nothing out."""

from celery import shared_task

from subscriptions import lifecycle, notices


@shared_task
def send_notice(notice_id: int) -> None:
    notices.send_notices([notice_id])


@shared_task
def send_due_notices() -> None:
    """Beat: whatever is owed and not yet sent, because a task got lost or had to be tried again."""
    notices.expire_notices()
    notices.send_notices(notices.open_notices())


@shared_task
def prune_pending() -> None:
    """Beat: erase sign-ups that nobody confirmed in time."""
    lifecycle.prune_pending()
