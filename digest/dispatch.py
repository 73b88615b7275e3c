"""Who is due, and for what: from subscribers and editions to planned deliveries."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from digest import feedback
from digest.editions import closing_time, edition_zone
from digest.models import Delivery, Edition
from digest.reasons import as_json
from digest.relevance.wishes import Selection
from digest.shelf import Day, Shelf, shelf
from subscriptions.cadence import next_due
from subscriptions.models import Subscriber
from subscriptions.suppression import suppressed_among

logger = logging.getLogger(__name__)

CHUNK = 500
WAIT_FOR_EDITION = timedelta(hours=6)
"""How long somebody whose hour has come waits for an edition that is late."""
WINDOW = timedelta(days=14)
"""How far back, by date of edition, a digest reaches at most."""
FIRST_WINDOW = timedelta(days=7)
"""The same for somebody's first digest: a week is enough to find something of theirs."""


@dataclass(frozen=True, slots=True)
class Table:
    """The published editions a chunk of subscribers may draw on, oldest first."""

    days: tuple[Day, ...]

    @classmethod
    def load(cls) -> "Table":
        days = shelf.fetch().days
        return cls(tuple(day for day in reversed(days) if day.date > days[0].date - WINDOW))

    @property
    def newest(self) -> datetime | None:
        """When the last of them was published."""
        return max((day.published_at for day in self.days if day.published_at), default=None)

    def unseen_by(self, subscriber: Subscriber) -> tuple[Day, ...]:
        """Editions published since this person was last considered, oldest first."""
        if subscriber.caught_up_at is None:
            last = self.days[-1].date if self.days else None
            return tuple(day for day in self.days if last and day.date > last - FIRST_WINDOW)
        seen = subscriber.caught_up_at
        return tuple(day for day in self.days if day.published_at and day.published_at > seen)


def due_chunks(now: datetime | None = None) -> Iterator[list[int]]:
    """Ids of the subscribers who are due, in chunks by keyset. Planning them again is harmless."""
    now = now or timezone.now()
    due, last = _due(now), 0
    while chunk := list(due.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        yield chunk
        last = chunk[-1]


def plan(subscriber_ids: Sequence[int], now: datetime | None = None) -> list[int]:
    """Claim those of a chunk who are still due and plan their digests, in one transaction.

    Returns the ids of the new deliveries. Moving `next_digest_at` on is the claim: a second
    worker with the same ids finds nobody due.
    """
    now = now or timezone.now()
    table = Table.load()  # a process that has just begun reads for a while: nobody is to wait for that locked
    with transaction.atomic():
        subscribers = list(
            _due(now)
            .filter(pk__in=subscriber_ids)
            .select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
            .prefetch_related("keywords")
        )
        if not subscribers:
            return []
        late = _something_late(now)
        suppressed = suppressed_among([subscriber.email_key for subscriber in subscribers])
        deliveries = []
        unseen = {subscriber.pk: table.unseen_by(subscriber) for subscriber in subscribers}
        chosen = choose([one for one in subscribers if unseen[one.pk]], unseen)
        for subscriber in subscribers:
            days = unseen[subscriber.pk]
            if not days:
                # Nobody waits for ever: an edition that is hours late is met at the next slot.
                if not late or (subscriber.next_digest_at or now) <= now - WAIT_FOR_EDITION:
                    subscriber.next_digest_at = next_due(subscriber.wish, now)
                continue
            selection = chosen[subscriber.pk]
            if selection.picks:
                excluded = subscriber.email_key in suppressed
                deliveries.append(_planned(subscriber, days, selection, now, excluded=excluded))
                subscriber.caught_up_at = table.newest
            subscriber.next_digest_at = next_due(subscriber.wish, now)
        held = set(
            Delivery.objects.filter(
                subscriber__in=subscribers, edition__in=[day.edition for day in table.days]
            ).values_list("subscriber_id", "edition_id")
        )
        deliveries = [d for d in deliveries if (d.subscriber_id, d.edition_id) not in held]
        Delivery.objects.bulk_create(deliveries)
        Subscriber.objects.bulk_update(subscribers, ["next_digest_at", "caught_up_at"])
    planned = Delivery.objects.filter(
        public_id__in=[delivery.public_id for delivery in deliveries], state=Delivery.State.PLANNED
    )
    ids = list(planned.values_list("pk", flat=True))
    logger.info("planned %d digests for %d due subscribers", len(ids), len(subscribers))
    return ids


def draft(subscriber: Subscriber, days: tuple[Day, ...], *, on: Shelf = shelf) -> Delivery | None:
    """The delivery that `plan` would make of these days for one person, not saved; None for no digest."""
    selection = choose([subscriber], {subscriber.pk: days}, on=on)[subscriber.pk]
    return _planned(subscriber, days, selection, timezone.now(), excluded=False) if selection.picks else None


def choose(
    subscribers: Sequence[Subscriber], unseen: Mapping[int, tuple[Day, ...]], *, on: Shelf = shelf
) -> dict[int, Selection]:
    """By person, what they get out of the days they have not seen; nothing where their thin-day wish says
    so. All with the same days are chosen for at once.
    """
    groups: dict[tuple[int, ...], list[Subscriber]] = defaultdict(list)
    for subscriber in subscribers:
        groups[tuple(day.edition for day in unseen[subscriber.pk])].append(subscriber)
    leans = feedback.leans(subscribers, unseen)
    chosen: dict[int, Selection] = {}
    for group in groups.values():
        days = unseen[group[0].pk]
        profiles = [
            on.profile(one.keywords.all(), size=one.size, thin_day=one.thin_day, lean=leans.get(one.pk))
            for one in group
        ]
        selections = on.choose(days, profiles)
        # The first digest always comes: somebody has just asked and waits to see what this is.
        waiting = [n for n, one in enumerate(group) if not selections[n].picks and one.caught_up_at is None]
        filled = on.choose(days, [replace(profiles[n], fill=True) for n in waiting])
        for n, selection in zip(waiting, filled, strict=True):
            selections[n] = selection
        chosen |= {one.pk: selection for one, selection in zip(group, selections, strict=True)}
    return chosen


def _due(now: datetime) -> QuerySet[Subscriber]:
    """Those whose hour has come and about whom there is something to decide.

    While an edition is late (or none was published yet), whoever has been considered for all that
    there is waits for it, and a tick leaves them alone until they have waited long enough.
    """
    due = Subscriber.objects.due(now)
    if not _something_late(now):
        return due
    something = Q(next_digest_at__lte=now - WAIT_FOR_EDITION)
    newest = _window().aggregate(newest=Max("published_at"))["newest"]
    if newest is not None:
        something |= Q(caught_up_at=None) | Q(caught_up_at__lt=newest)
    return due.filter(something)


def _something_late(now: datetime) -> bool:
    """Is an edition to come any moment? One that will close later today is not late."""
    published = Edition.objects.published()
    today = now.astimezone(edition_zone()).date()
    if closing_time(today) <= now and not published.filter(date=today).exists():
        return True
    recent = Edition.objects.open().filter(date__gte=today - WINDOW, date__lt=today).with_papers()
    return recent.exists() or not published.exists()


def _window() -> QuerySet[Edition]:
    """The published editions that a digest may draw on."""
    published = Edition.objects.published()
    newest = published.first()
    return published.filter(date__gt=newest.date - WINDOW) if newest else published


def _planned(
    subscriber: Subscriber, days: Sequence[Day], selection: Selection, now: datetime, *, excluded: bool
) -> Delivery:
    delivery = Delivery(
        subscriber=subscriber,
        edition_id=days[-1].edition,
        editions=[day.edition for day in days],
        picks=[as_json(pick) for pick in selection.picks],
        left_out=selection.left_out,
        planned_at=now,
        due_at=now,
    )
    if excluded:
        delivery.state, delivery.reason = Delivery.State.EXCLUDED, "suppressed"
        delivery.settled_at = now
    return delivery
