"""Hand-written makers of rows: every argument has a plain default, any can be given."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from digest import editions
from digest.models import Edition, Entry, Identifier, Paper, Sighting
from subscriptions.address import parse_address
from subscriptions.keywords import parse_keywords
from subscriptions.lifecycle import set_keywords
from subscriptions.models import Subscriber

_serial = count(1)
DAY = date(2025, 9, 26)


def make_paper(title: str = "", *, upvotes: int | None = None, day: date = DAY, **fields: Any) -> Paper:
    """A paper with an arXiv id and, if upvotes are given, one sighting at the end of its day."""
    number = next(_serial)
    arxiv_id = fields.pop("arxiv_id", f"2509.{number:05d}")
    paper = Paper.objects.create(
        public_id=arxiv_id,
        title=title or f"Paper number {number}",
        authors=fields.pop("authors", ["Ada Lovelace", "Mary Somerville"]),
        abstract=fields.pop("abstract", "We study something and find that it works."),
        announced_at=fields.pop("announced_at", datetime(day.year, day.month, day.day, tzinfo=UTC)),
        **fields,
    )
    Identifier.objects.create(paper=paper, scheme=Identifier.Scheme.ARXIV, value=arxiv_id)
    if upvotes is not None:
        Sighting.objects.create(
            paper=paper, source="file", upvotes=upvotes, seen_at=paper.announced_at + timedelta(hours=20)
        )
    return paper


def make_edition(
    *papers: Paper, day: date = DAY, published: bool = True, at: datetime | None = None
) -> Edition:
    """An edition of these papers, ranked, and published at `at` (now by default)."""
    edition = Edition.objects.create(date=day)
    Entry.objects.bulk_create([Entry(edition=edition, paper=paper) for paper in papers])
    if published:
        return editions.publish(edition, now=at or timezone.now())
    editions.rank(edition)
    return edition


def make_subscriber(
    email: str = "", keywords: str = "", *, status: str = Subscriber.Status.ACTIVE, **fields: Any
) -> Subscriber:
    """A subscriber who confirmed a day ago and is due now."""
    address = parse_address(email or f"reader{next(_serial)}@example.org")
    now = timezone.now()
    active = status == Subscriber.Status.ACTIVE
    subscriber = Subscriber.objects.create(
        email=address.email,
        email_key=address.key,
        status=status,
        next_digest_at=fields.pop("next_digest_at", now - timedelta(minutes=1) if active else None),
        confirmed_at=fields.pop("confirmed_at", now - timedelta(days=1) if active else None),
        **fields,
    )
    set_keywords(subscriber, parse_keywords(keywords))
    return subscriber
