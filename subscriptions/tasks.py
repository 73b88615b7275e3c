"""Celery tasks of the person's side: ids in, one verb, nothing out."""

from celery import shared_task

from subscriptions import lifecycle, notices, throttling


@shared_task
def send_notices(notice_ids: list[int]) -> None:
    notices.send_notices(notice_ids)


@shared_task
def send_due_notices() -> None:
    """Beat: whatever is owed and not yet sent, because a task got lost or had to be tried again."""
    notices.expire_notices()
    notices.send_notices(notices.open_notices())


@shared_task
def prune_pending() -> None:
    """Beat: erase sign-ups that nobody confirmed in time, and limits that nobody is near any more."""
    lifecycle.prune_pending()
    throttling.prune_allowances()
