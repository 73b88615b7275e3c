"""Celery tasks of the content's side: ids in, one verb, enqueue the next step."""

import logging
from datetime import date

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from digest import agenda, delivery, dispatch, editions, ingest, ledger
from digest import enrich as enriching
from digest.sources.base import SourceError
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
    """Beat: have the sources looked at that are due, one task for each source and day."""
    ledger.bury()
    looks = dict.fromkeys((part.source, day) for part, day in agenda.due(editions.today()))
    for source, day in looks:
        ingest_day.delay(source, day.isoformat())


# Sources are slow and want pauses; a tick enqueues anew what nobody took meanwhile.
@shared_task(soft_time_limit=600, time_limit=660, expires=60)
def ingest_day(source: str, day: str) -> None:
    """Look at all categories of a source that are due for this day, one after the other."""
    for part, one in list(agenda.due(editions.today())):
        if part.source != source or one.isoformat() != day:
            continue
        # Sources are slow: another task may have come to this one meanwhile.
        if (part, one) in agenda.due(editions.today()):
            look_at(source, day, part.category)


@shared_task(soft_time_limit=600, time_limit=660)
def look_at(source: str, day: str, category: str) -> None:
    """Look at one category of a source now, due or not."""
    try:
        ingest.fetch_day(source, date.fromisoformat(day), category)
    except SourceError as error:
        # In the ledger already; the next tick looks again.
        logger.warning("%s: %s", source, error)
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        # In the ledger as well. Other categories must not wait for somebody to mend this one.
        logger.exception("%s %s %s", source, category, day)


@shared_task
def prune_ledger() -> None:
    """Beat: of the looks at days long past, let go of those that tell no more than others."""
    ledger.prune(editions.today())


@shared_task
def enrich_due() -> None:
    """Beat: have every enricher asked that is switched on."""
    for name in enriching.switched_on():
        enrich_papers.delay(name)


@shared_task(soft_time_limit=600, time_limit=660, expires=60)
def enrich_papers(source: str) -> None:
    """Ask one enricher about the papers it has not been asked about lately."""
    try:
        for run in enriching.enrich(source):
            if run.error:
                logger.warning("%s: %s", source, run.error)
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        logger.exception("%s", source)  # in the ledger as well; the next tick goes on with other papers
