"""What the sightings of papers come to: their newest counts, and what these gained in a day."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models import F

from digest.models import Sighting
from digest.relevance.trending import NONE, WEIGHTS, Signals
from digest.rows import Among

A_DAY = timedelta(hours=20)
"""Between two sightings, for the later to tell what was gained since yesterday: looks are not punctual."""
TWO_DAYS = timedelta(hours=52)
"""Between two sightings, beyond which the later tells of more than a day: looks were missed in between."""
NEW = timedelta(hours=36)
"""Of a paper that was announced this recently all counts are gained."""

Row = tuple[datetime, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Seen:
    """One paper's sightings, summed up. `measured` holds what was gained between two of them."""

    newest: Signals = NONE
    measured: dict[str, int] = field(default_factory=dict)
    seen_at: datetime | None = None

    def gained(self, announced_at: datetime) -> Signals:
        """What it gained in a day: measured, or all upvotes and comments, where it is only a day old. Not all
        stars: a repository may be older than its paper.
        """
        measured = Signals(**{kind: float(value) for kind, value in self.measured.items()})
        if self.seen_at is not None and self.seen_at - announced_at < NEW:
            return replace(measured, upvotes=self.newest.upvotes, comments=self.newest.comments)
        return measured


NOTHING_SEEN = Seen()


def read_sightings(paper_ids: Iterable[int]) -> dict[int, Seen]:
    """Per paper the newest count of each kind, the highest where several sources tell; one query."""
    by_source: dict[int, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    rows = Sighting.objects.filter(Among(F("paper"), list(paper_ids))).order_by("seen_at", "id")
    columns = rows.values_list("paper_id", "source", "seen_at", *WEIGHTS)
    for paper, source, seen_at, *counts in columns.iterator(chunk_size=2000):
        told = {kind: count for kind, count in zip(WEIGHTS, counts, strict=True) if count is not None}
        by_source[paper][source].append((seen_at, told))
    return {paper: _summed_up(list(sources.values())) for paper, sources in by_source.items()}


def _summed_up(sources: list[list[Row]]) -> Seen:
    newest: dict[str, int] = {}
    gained: dict[str, int] = {}
    for rows in sources:
        last = rows[-1][0]
        yesterday = any(last - TWO_DAYS <= seen_at <= last - A_DAY for seen_at, _ in rows)
        now, before = _as_of(rows, last), _as_of(rows, last - A_DAY) if yesterday else {}
        for kind, value in now.items():
            newest[kind] = max(value, newest.get(kind, 0))
            if kind in before and value > before[kind]:
                gained[kind] = max(value - before[kind], gained.get(kind, 0))
    return Seen(Signals(**newest), gained, max(rows[-1][0] for rows in sources))


def _as_of(rows: list[Row], moment: datetime) -> dict[str, int]:
    """The counts that were known at a moment: a sighting need not tell all of them."""
    counts: dict[str, int] = {}
    for seen_at, told in rows:
        if seen_at <= moment:
            counts |= told
    return counts
