"""Celery tasks of the content's side: ids in, one verb, enqueue the next step."""

import logging
from datetime import date, timedelta

from celery import shared_task
from django.conf import settings

from digest import delivery, dispatch, editions, ingest
from digest.models import IngestRun
from digest.sources.base import SourceError, midnight
from subscriptions.enqueue import delay_on_commit

logger = logging.getLogger(__name__)


@shared_task
def dispatch_due() -> None:
    """Beat: one task per chunk of subscribers who are due."""
    for chunk in dispatch.due_chunks():
        plan_chunk.delay(chunk)


@shared_task
def plan_chunk(subscriber_ids: list[int]) -> None:
    planned = dispatch.plan(subscriber_ids)
    for start in range(0, len(planned), delivery.CHUNK):
        delay_on_commit(deliver_chunk, planned[start : start + delivery.CHUNK])


@shared_task
def deliver_chunk(delivery_ids: list[int]) -> None:
    delivery.deliver(delivery_ids)


@shared_task
def deliver_planned() -> None:
    """Beat: whatever is planned and nobody holds, because a task got lost or is to be tried again."""
    if waiting := delivery.waiting(limit=10 * delivery.CHUNK):
        for start in range(0, len(waiting), delivery.CHUNK):
            deliver_chunk.delay(waiting[start : start + delivery.CHUNK])


@shared_task
def reap_expired() -> None:
    """Beat: settle what dead workers left behind."""
    delivery.reap()


@shared_task
def publish_due() -> None:
    """Beat: editions whose hour has come."""
    published = [editions.publish(edition) for edition in editions.ready_to_publish()]
    if published:
        delay_on_commit(dispatch_due)


@shared_task
def ingest_due() -> None:
    """Beat: look at today at every source that is switched on, and at yesterday until a look after
    its end was complete: a list that was complete at noon has grown since.
    """
    today = editions.today()
    for source in settings.SOURCES:
        ingest_day.delay(source, today.isoformat())
        yesterday = today - timedelta(days=1)
        proven = IngestRun.objects.filter(
            source=source,
            day=yesterday,
            verdict__in=IngestRun.PROVEN,
            started_at__gte=midnight(today),
        )
        if not proven.exists():
            ingest_day.delay(source, yesterday.isoformat())


@shared_task
def ingest_day(source: str, day: str) -> None:
    try:
        ingest.fetch_day(source, date.fromisoformat(day))
    except SourceError as error:
        # In the ledger already; the next tick looks again.
        logger.warning("%s: %s", source, error)
