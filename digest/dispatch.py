"""Who is due, and for what: from subscribers and editions to planned deliveries."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from digest.models import Delivery, Edition, Entry
from digest.relevance.index import Document, Index
from digest.relevance.keywords import compile_keyword
from digest.relevance.selection import Candidate, Profile, Selection, select
from subscriptions.cadence import next_due
from subscriptions.models import Keyword, Subscriber
from subscriptions.suppression import suppressed_among

logger = logging.getLogger(__name__)

CHUNK = 500
WAIT_FOR_EDITION = timedelta(hours=6)
"""How long somebody whose hour has come waits for an edition that is late."""
WINDOW = timedelta(days=14)
"""How far back, by date of edition, a digest reaches at most."""
FIRST_WINDOW = timedelta(days=7)
"""The same for somebody's first digest: a week is enough to find something of theirs."""


@dataclass(slots=True)
class Table:
    """The published editions a chunk of subscribers may draw on, loaded and indexed once."""

    editions: list[Edition]
    _cache: dict[tuple[int, ...], tuple[list[Candidate], Index]] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "Table":
        newest = Edition.objects.published().first()
        if newest is None:
            return cls(editions=[])
        window = Edition.objects.published().filter(date__gt=newest.date - WINDOW)
        return cls(editions=list(window.order_by("date")))

    def unseen_by(self, subscriber: Subscriber) -> list[Edition]:
        """Editions published since this person was last considered, oldest first."""
        if subscriber.caught_up_at is None:
            last = self.editions[-1].date if self.editions else None
            return [edition for edition in self.editions if last and edition.date > last - FIRST_WINDOW]
        seen = subscriber.caught_up_at
        return [edition for edition in self.editions if edition.published_at and edition.published_at > seen]

    def candidates(self, editions: Sequence[Edition]) -> tuple[list[Candidate], Index]:
        """The papers of these editions that may be shown, in the editors' and trending order."""
        key = tuple(edition.pk for edition in editions)
        if key not in self._cache:
            entries = list(
                Entry.objects.shown()
                .filter(edition__in=key)
                .select_related("paper")
                .order_by(F("pin").asc(nulls_last=True), "-score", "-edition__date", "rank", "id")
            )
            candidates = [Candidate(id=e.paper_id, score=e.score, pin=e.pin) for e in entries]
            index = Index(
                Document(
                    id=e.paper_id,
                    title=e.paper.title,
                    abstract=e.paper.abstract,
                    authors=e.paper.authors,
                    categories=e.paper.categories,
                )
                for e in entries
            )
            self._cache[key] = (candidates, index)
        return self._cache[key]


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
    with transaction.atomic():
        subscribers = list(
            _due(now)
            .filter(pk__in=subscriber_ids)
            .select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
            .prefetch_related("keywords")
        )
        if not subscribers:
            return []
        table = Table.load()
        suppressed = suppressed_among([subscriber.email_key for subscriber in subscribers])
        deliveries = []
        for subscriber in subscribers:
            editions = table.unseen_by(subscriber)
            if not editions:
                # Nobody waits for ever: an edition that is hours late is met at the next slot.
                if (subscriber.next_digest_at or now) <= now - WAIT_FOR_EDITION:
                    subscriber.next_digest_at = next_due(subscriber.wish, now)
                continue
            delivery = _plan_one(subscriber, editions, table, subscriber.email_key in suppressed, now)
            if delivery is not None:
                deliveries.append(delivery)
                subscriber.caught_up_at = max(edition.published_at or now for edition in editions)
            subscriber.next_digest_at = next_due(subscriber.wish, now)
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        Subscriber.objects.bulk_update(subscribers, ["next_digest_at", "caught_up_at"])
    planned = Delivery.objects.filter(
        public_id__in=[delivery.public_id for delivery in deliveries], state=Delivery.State.PLANNED
    )
    ids = list(planned.values_list("pk", flat=True))
    logger.info("planned %d digests for %d due subscribers", len(ids), len(subscribers))
    return ids


def choose(subscriber: Subscriber, editions: Sequence[Edition], table: Table) -> Selection:
    """What one person gets out of these editions; nothing where their thin-day wish says so."""
    keywords = list(subscriber.keywords.all())
    profile = Profile(
        followed=[compile_keyword(k.text) for k in keywords if k.stance == Keyword.Stance.FOLLOW],
        muted=[compile_keyword(k.text) for k in keywords if k.stance == Keyword.Stance.MUTE],
        size=subscriber.size,
        fill=subscriber.thin_day == Subscriber.ThinDay.FILL,
    )
    candidates, index = table.candidates(editions)
    selection = select(profile, candidates, index)
    if not selection.picks and subscriber.caught_up_at is None:
        # The first digest always comes: somebody has just asked and waits to see what this is.
        selection = select(replace(profile, fill=True), candidates, index)
    return selection


def _due(now: datetime) -> QuerySet[Subscriber]:
    """Those whose hour has come and for whom there is something to decide.

    That is an edition published since they were last considered, or a wait that has been long
    enough. Whoever merely waits is left alone, so that a tick costs nothing.
    """
    newest = Edition.objects.published().aggregate(newest=Max("published_at"))["newest"]
    something = Q(next_digest_at__lte=now - WAIT_FOR_EDITION)
    if newest is not None:
        something |= Q(caught_up_at=None) | Q(caught_up_at__lt=newest)
    return Subscriber.objects.due(now).filter(something)


def _plan_one(
    subscriber: Subscriber,
    editions: Sequence[Edition],
    table: Table,
    suppressed: bool,
    now: datetime,
) -> Delivery | None:
    selection = choose(subscriber, editions, table)
    if not selection.picks:
        return None
    delivery = Delivery(
        subscriber=subscriber,
        edition=editions[-1],
        editions=[edition.pk for edition in editions],
        picks=[
            {
                "paper": pick.id,
                "terms": [[term, str(place)] for term, place in pick.terms],
                "pinned": pick.pinned,
                "outside": pick.outside,
            }
            for pick in selection.picks
        ],
        left_out=selection.left_out,
        planned_at=now,
        due_at=now,
    )
    if suppressed:
        delivery.state, delivery.reason = Delivery.State.EXCLUDED, "suppressed"
        delivery.settled_at = now
    return delivery
