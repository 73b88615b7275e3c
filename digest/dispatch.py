"""Who is due, and for what: from subscribers and editions to planned deliveries."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from digest.editions import closing_time, edition_zone
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
        return cls(editions=list(_window().order_by("date")))

    @property
    def newest(self) -> datetime | None:
        """When the last of them was published."""
        return max((e.published_at for e in self.editions if e.published_at), default=None)

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
        table, late = Table.load(), _something_late(now)
        suppressed = suppressed_among([subscriber.email_key for subscriber in subscribers])
        deliveries = []
        for subscriber in subscribers:
            editions = table.unseen_by(subscriber)
            if not editions:
                # Nobody waits for ever: an edition that is hours late is met at the next slot.
                if not late or (subscriber.next_digest_at or now) <= now - WAIT_FOR_EDITION:
                    subscriber.next_digest_at = next_due(subscriber.wish, now)
                continue
            delivery = _plan_one(subscriber, editions, table, subscriber.email_key in suppressed, now)
            if delivery is not None:
                deliveries.append(delivery)
                subscriber.caught_up_at = table.newest
            subscriber.next_digest_at = next_due(subscriber.wish, now)
        held = set(
            Delivery.objects.filter(subscriber__in=subscribers, edition__in=table.editions).values_list(
                "subscriber_id", "edition_id"
            )
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
