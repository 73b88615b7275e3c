"""The ledger of looks: what each proved, and what is settled."""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from digest.agenda import AHEAD
from digest.merge import Tally
from digest.models import IngestRun, Sighting
from digest.relevance.text import clean
from digest.sources import SOURCES
from digest.sources.base import Look, Proof, SetAside
from digest.sources.fields import midnight

logger = logging.getLogger(__name__)
Verdict = IngestRun.Verdict

MAX_SET_ASIDE = 200
NAMED = 300
"""Characters kept of the name of a record that was set aside."""
SAMPLE = 48
"""Names kept of a batch."""
REPEATED = 0.9
"""Share of a batch's names in an earlier one from which it is that one again."""
DAYS = 10
"""Days back, of those that told anything, with which a batch is compared."""
APART = timedelta(hours=5)
"""Between two looks that find nothing, for that to be believed."""
FEWEST = 3
"""Names that prove anything."""
FEW = 0.1
"""Share of records that may be unreadable before it looks as if the format had changed."""
KEPT_WHOLE = timedelta(days=90)
"""How long every look is kept; there may be 48 a day of each source and category."""
DAYS_AT_ONCE = 500
WORTH = (Verdict.FAILED, Verdict.STALE, Verdict.PARTIAL, Verdict.EMPTY, Verdict.HOLIDAY, Verdict.COMPLETE)
"""Verdicts, the most telling last."""
DEAD_AFTER = timedelta(minutes=20)
"""A look that runs longer has lost its worker: no task may run so long."""


def begin(source: str, day: date, category: str = "") -> IngestRun:
    return IngestRun.objects.create(source=source, day=day, category=category)


def fail(
    run: IngestRun,
    error: str,
    tally: Tally | None = None,
    set_aside: Sequence[SetAside] = (),
    *,
    bytes_read: int = 0,
) -> IngestRun:
    """Close a look that came to no end; what it had written and read until then counts."""
    _count(run, tally or Tally(), set_aside)
    run.bytes_read += bytes_read
    run.error = clean(error)
    return _end(run, Verdict.FAILED, settled=False)


def close(
    run: IngestRun,
    look: Look,
    tally: Tally,
    set_aside: Sequence[SetAside],
    *,
    after: Look | None = None,
) -> IngestRun:
    """Give the verdict on a look, from its content, and from that of the look just before at the same day."""
    _count(run, tally, set_aside)
    run.bytes_read += look.bytes_read
    if look.announced and not run.sample:
        run.sample = sample(look.announced)
    source = SOURCES.get(look.source)  # an enricher is none, and has no calendar
    expected = source is None or source.expects(look.day)
    verdict, run.error = _judge(run, look, expected=expected)
    settled = verdict in (Verdict.COMPLETE, Verdict.HOLIDAY)
    settled |= verdict in (Verdict.STALE, Verdict.EMPTY) and not expected
    # A list that is still empty in the morning may fill; and services that fail say "nothing", too.
    settled |= verdict == Verdict.EMPTY and (_is_another_s_word(look, after) or _was_empty_before(run))
    if verdict in (Verdict.COMPLETE, Verdict.STALE) and run.set_aside:
        run.error = " ".join(filter(None, [run.error, _unreadable(run.unread)]))
        settled &= run.unread <= max(2, FEW * (run.found + run.unread))
        settled &= run.found > 0 or source is None  # of a day it is all there is to know
        verdict = Verdict.PARTIAL if verdict == Verdict.COMPLETE else verdict
    settled &= not (look.recorded and source is not None and source.live)
    return _end(run, verdict, settled=settled)


def _judge(run: IngestRun, look: Look, *, expected: bool) -> tuple[Verdict, str]:
    nothing = not run.found and not run.set_aside
    proof = look.proof or (Proof.EMPTY if nothing else Proof.COMPLETE)
    if proof == Proof.EMPTY and not expected:
        proof = Proof.HOLIDAY
    if proof == Proof.COMPLETE:
        if (before := _told_before(run)) is not None:
            return Verdict.STALE, f"This is the batch of {before} again."
        if run.found and not run.added and not expected and look.announced:
            return Verdict.STALE, "No announcement was expected, and all of this was known."
    return Verdict(proof.value), clean(look.reason)


def _is_another_s_word(look: Look, after: Look | None) -> bool:
    """Has another service of the source just said, too, that there is nothing?"""
    return after is not None and after.proof == Proof.EMPTY and after.service != look.service


def _was_empty_before(run: IngestRun) -> bool:
    """Did a look hours ago find nothing either, when the day was over?"""
    over = midnight(run.day + timedelta(days=1))
    looks = IngestRun.objects.filter(source=run.source, category=run.category, day=run.day)
    before = looks.filter(started_at__gte=over, started_at__lte=run.started_at - APART)
    return before.filter(verdict=Verdict.EMPTY).exists()


def _told_before(run: IngestRun) -> date | None:
    """The earlier day whose batch this is, told once more under a new date."""
    if len(run.sample) < FEWEST:
        return None
    earlier = IngestRun.objects.filter(source=run.source, category=run.category, day__lt=run.day)
    earlier = earlier.exclude(verdict=Verdict.STALE)
    mine = set(run.sample)
    # All samples of a day: one of its looks broke off, another service told less.
    earlier = earlier.exclude(sample=[]).order_by("-day")
    days = list(earlier.values_list("day", flat=True).distinct()[:DAYS])
    told = earlier.filter(day__in=days).values_list("day", "sample").distinct()
    for day, names in told:
        if len(mine & set(names)) >= REPEATED * max(len(mine), len(names)):
            return day
    return None


def sample(names: Iterable[str]) -> list[str]:
    """Some of these names, chosen by their hash, so that of much the same names much the same are chosen."""
    by_hash = sorted({clean(name) for name in names}, key=lambda name: hashlib.sha256(name.encode()).digest())
    return by_hash[:SAMPLE]


def _unreadable(n: int) -> str:
    return f"{n} record{'s' * (n > 1)} could not be read."


def _count(run: IngestRun, tally: Tally, set_aside: Sequence[SetAside]) -> None:
    run.found += len(tally.found)
    run.added += len(tally.added)
    run.changed += len(tally.changed - tally.added)
    run.passed_over += len(tally.passed_over)
    run.unread += len(set_aside)
    room = MAX_SET_ASIDE - len(run.set_aside)
    run.set_aside = [*run.set_aside, *map(_told, set_aside[: max(0, room)])]


def _told(record: SetAside) -> dict[str, object]:
    # What made it unreadable may be the very signs that no database holds.
    name, reason = clean(record.name)[:NAMED], clean(record.reason)
    return SetAside(record.position, name, reason).as_json()


def _end(run: IngestRun, verdict: Verdict, *, settled: bool) -> IngestRun:
    run.verdict, run.settled = verdict, settled
    run.finished_at = timezone.now()
    run.save()
    logger.info(
        "ingest %s %s %s: %s, %d found, %d new",
        run.source, run.category, run.day, verdict, run.found, run.added,
    )  # fmt: skip
    return run


def prune(today: date) -> int:
    """Of days long past keep one row for each source and category, the one that proved most, and let it
    have the others' sightings. Returns how many rows went; a part of the work, if there is much.
    """
    old = IngestRun.objects.filter(day__lt=today - KEPT_WHOLE).exclude(verdict=Verdict.RUNNING)
    days = old.order_by("day", "source", "category").values("day", "source", "category")
    gone = 0
    for day in days.annotate(looks=Count("pk")).filter(looks__gt=1)[:DAYS_AT_ONCE]:
        with transaction.atomic():
            best, *others = sorted(
                old.filter(day=day["day"], source=day["source"], category=day["category"]),
                key=lambda run: (run.settled, WORTH.index(run.verdict), run.started_at, run.pk),
                reverse=True,
            )
            Sighting.objects.filter(run__in=others).update(run=best)
            IngestRun.objects.filter(pk__in=[run.pk for run in others]).delete()
            gone += len(others)
    return gone


def bury(now: datetime | None = None) -> int:
    """Mark looks as failed whose worker died, or that began by a clock that was ahead: nobody could tell
    when those are over. Returns how many.
    """
    now = now or timezone.now()
    running = IngestRun.objects.filter(verdict=Verdict.RUNNING)
    dead = running.filter(started_at__lt=now - DEAD_AFTER)
    ahead = running.filter(started_at__gt=now + AHEAD)
    return dead.update(
        verdict=Verdict.FAILED, error="Its worker ended before it did.", finished_at=now
    ) + ahead.update(verdict=Verdict.FAILED, error="It began by a clock that was ahead.", finished_at=now)
