"""Rank, publish: from a day's papers to a frozen edition."""

import logging
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from digest import agenda
from digest.models import Edition, Entry
from digest.relevance.categories import field_of
from digest.relevance.trending import WEIGHTS, Observed, Trend, trends
from digest.rows import update
from digest.sightings import NOTHING_SEEN, Seen, read_sightings

logger = logging.getLogger(__name__)

NEWS = timedelta(days=14)
"""How old a paper may be to stand in today's edition because its own was published without it."""
GRACE = timedelta(hours=3)
"""How long an edition waits for sources that are not complete before it goes out as partial."""


class NothingToPublish(Exception):
    """There is no edition, or it has no papers; the message says how to get some."""


@cache
def edition_zone() -> ZoneInfo:
    return ZoneInfo(settings.EDITION_TIME_ZONE)


@cache
def publish_hour() -> time:
    return time.fromisoformat(settings.EDITION_PUBLISH_AT)


def today() -> date:
    """The date of the edition that is being made now."""
    return timezone.now().astimezone(edition_zone()).date()


def closing_time(day: date) -> datetime:
    """When the edition of a day closes: the hour at which it publishes itself."""
    return datetime.combine(day, publish_hour(), tzinfo=edition_zone())


def open_edition(day: date) -> Edition:
    """The edition of `day`, or, once that is frozen, the next open one; made if there is none.

    For a late paper of these weeks that is today's at the earliest: nobody looks at the weekends in
    between. One of long ago is no news: it goes to the first day after its own that is not published yet,
    beyond the reach of digests.

    Call it inside the transaction that adds the papers: the row stays locked, so none can slip into
    an edition that is being published.
    """
    long_ago = day < today() - NEWS
    while True:
        frozen = Edition.objects.published().filter(date=day).exists()
        if not frozen:
            edition, _ = Edition.objects.select_for_update().get_or_create(date=day)
            if not edition.is_published:
                return edition
        day = day + timedelta(days=1) if long_ago else max(day + timedelta(days=1), today())


def rank(edition: Edition, *, now: datetime | None = None) -> None:
    """Score and order an edition's papers by the trend of their newest sightings and their growth.

    Ages count to the edition's closing time, or to now while that is still to come, so being ranked late
    makes no paper older; the counts are the newest there are.
    """
    as_of = min(now or timezone.now(), closing_time(edition.date))
    columns = (
        "pk",
        "paper_id",
        "paper__announced_at",
        "paper__primary_category",
        "paper__categories",
        "paper__submitter",
    )
    entries = list(edition.entries.values_list(*columns))
    sightings = read_sightings(paper for _, paper, *_ in entries)
    seen = [sightings.get(paper, NOTHING_SEEN) for _, paper, *_ in entries]
    observed = [
        Observed(
            newest=one.newest,
            gained=one.gained(announced_at),
            age_hours=(as_of - announced_at).total_seconds() / 3600,
            field=field_of(primary_category, categories),
            submitter=submitter,
        )
        for (_, _, announced_at, primary_category, categories, submitter), one in zip(
            entries, seen, strict=True
        )
    ]
    ranked = sorted(
        zip(entries, seen, trends(observed), strict=True), key=lambda each: (-each[2].score, each[0][0])
    )
    update(
        Entry,
        ["score", "breakdown", "rank"],
        [
            (pk, result.score, _breakdown(one, result), place)
            for place, ((pk, *_), one, result) in enumerate(ranked, start=1)
        ],
    )


def _breakdown(one: Seen, result: Trend) -> dict[str, object]:
    counts = {kind: getattr(one.newest, kind) for kind in WEIGHTS}
    return {"counts": counts, "gained": one.measured, **result.as_json()}


def publish(edition: Edition, *, by: AbstractBaseUser | None = None, now: datetime | None = None) -> Edition:
    """Rank an edition a last time and freeze its list. Publishing it again changes nothing.

    Raises:
        NothingToPublish: no paper in it could be shown.
    """
    with transaction.atomic():
        # One at a time, by way of the oldest row: subscribers remember up to which moment of
        # publication they were considered, so those moments must grow in the order of commits.
        Edition.objects.select_for_update().order_by("pk").first()
        edition = Edition.objects.select_for_update().get(pk=edition.pk)
        if edition.is_published:
            return edition
        if not edition.entries.shown().exists():
            raise NothingToPublish(
                f"The edition of {edition.date} has no papers. "
                f"Fetch some first: manage.py ingest --date {edition.date}"
            )
        now = now or _next_moment()
        rank(edition, now=now)
        edition.state = Edition.State.PUBLISHED
        edition.partial = not agenda.complete(edition.date, closing_time(edition.date))
        edition.published_at = now
        edition.published_by_id = by.pk if by else None
        edition.save()
    logger.info("published the edition of %s%s", edition.date, " (partial)" if edition.partial else "")
    return edition


def _next_moment() -> datetime:
    """Now, or just after the newest publication where another host's clock is ahead."""
    newest = Edition.objects.aggregate(newest=Max("published_at"))["newest"]
    now = timezone.now()
    return max(now, newest + timedelta(microseconds=1)) if newest else now


def publish_date(day: date) -> Edition:
    """Publish the edition of one day.

    Raises:
        NothingToPublish: there is none, or it has no papers.
    """
    if day > today():
        raise NothingToPublish(f"{day} lies in the future; its edition can be published on its day.")
    edition = Edition.objects.filter(date=day).first()
    if edition is None:
        raise NothingToPublish(
            f"There is no edition of {day}. Fetch its papers first: manage.py ingest --date {day}"
        )
    return publish(edition)


def ready_to_publish(now: datetime | None = None) -> list[Edition]:
    """Open editions past their closing time whose sources have no more to tell, or whose grace is over."""
    now = now or timezone.now()
    ready = []
    for edition in Edition.objects.open().filter(date__lte=now.date() + timedelta(days=1)).with_papers():
        closed = closing_time(edition.date)
        # Of a day long past sources may just have begun to tell, one category after the other.
        begun = agenda.first_look(edition.date)
        waits_until = max(closed, min(begun or closed, now)) + GRACE
        if now >= waits_until or (now >= closed and agenda.settled(edition.date, closed)):
            ready.append(edition)
    return sorted(ready, key=lambda edition: edition.date)
