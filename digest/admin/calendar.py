"""The ledger as a calendar: for every source and day what all looks at it proved together."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Max, Sum, Window
from django.db.models.functions import Left, RowNumber
from django.urls import reverse

from digest import agenda, enrich, words
from digest.admin.part import Kind, cell_url, expects, kind, runs_url, title
from digest.agenda import Part
from digest.models import IngestRun
from digest.site.provenance import strongest

DAYS = 28
EARLIEST = date(1991, 8, 14)
"""arXiv's first day; nothing that we look at is older."""
Verdict = IngestRun.Verdict
MISSING, QUIET = "missing", "quiet"

SIGNS = {
    Verdict.COMPLETE: ("C", "all there is of the day was read"),
    Verdict.HOLIDAY: ("H", "it tells nothing, and was not going to"),
    Verdict.EMPTY: ("E", "it tells nothing, though it might have"),
    Verdict.PARTIAL: ("P", "there is more, or there should be"),
    Verdict.STALE: ("S", "it told another day’s again"),
    Verdict.FAILED: ("F", "it could not be read"),
    Verdict.RUNNING: ("R", "somebody is looking just now"),
    MISSING: ("–", "papers were expected, and nobody looked"),
    QUIET: ("·", "nothing was to be expected"),
}
"""A sign and a meaning for what a cell says; the sign tells without its colour."""


@dataclass(frozen=True, slots=True)
class Told:
    """The runs of one cell that have one verdict: how many, the newest of them, and what they found."""

    verdict: str
    latest: int
    started_at: datetime
    error: str
    runs: int
    most: int
    all: int


@dataclass(frozen=True, slots=True)
class Cell:
    part: Part
    day: date
    expected: bool
    told: tuple[Told, ...] = ()

    @property
    def state(self) -> str:
        """The strongest verdict, else whether a look is missed."""
        if self.told:
            return strongest(one.verdict for one in self.told)
        return MISSING if self.expected else QUIET

    @property
    def sign(self) -> str:
        return SIGNS[self.state][0]

    @property
    def last(self) -> Told | None:
        return max(self.told, key=lambda one: one.latest, default=None)

    @property
    def runs(self) -> int:
        return sum(one.runs for one in self.told)

    @property
    def failing(self) -> bool:
        """Did the last look fail, whatever earlier ones proved?"""
        return self.last is not None and self.last.verdict == Verdict.FAILED != self.state

    @property
    def found(self) -> int:
        """Looks at a source tell the same papers again; an enricher is asked about others each time."""
        if kind(self.part) == Kind.ENRICHER:
            return sum(one.all for one in self.told)
        return max((one.most for one in self.told if one.verdict == self.state), default=0)

    @property
    def number(self) -> str:
        """`found` in at most four letters, for a small place."""
        n = self.found
        if n < 1_000:
            return str(n) if n else ""
        return f"{n / 1000:.1f}k" if n < 9_950 else f"{min(n, 999_499) / 1000:.0f}k"

    @property
    def url(self) -> str:
        """The newest look's page, or one from which to take a first."""
        if self.last is None:
            return cell_url(self.part, self.day)
        return reverse("admin:digest_ingestrun_change", args=[self.last.latest])

    @property
    def runs_url(self) -> str:
        return runs_url(self.part, self.day)

    @property
    def summary(self) -> str:
        """What stands in the cell, in words; its source and day stand in its row and column."""
        facts = [_WORDS.get(self.state, self.state)]
        if self.last is not None:
            facts.append(f"{words.number(self.found)} paper{'' if self.found == 1 else 's'} found")
        if self.failing:
            facts.append("the last look failed")
        return "; ".join(facts)

    @property
    def details(self) -> str:
        """All of it in words, for whoever points at it."""
        facts = [f"{title(self.part)}, {words.weekday(self.day)}: {self.summary}"]
        if self.last is not None:
            looks = "1 look" if self.runs == 1 else f"{words.number(self.runs)} looks, the last"
            facts.append(f"{looks} begun {self.last.started_at:%d %B %H:%M} UTC")
            if self.last.error:
                facts.append(self.last.error)
        return "; ".join(facts)


_WORDS = {MISSING: "no look, though papers were expected", QUIET: "nothing expected, nobody looked"}


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    days: tuple[date, ...]
    groups: tuple[Group, ...]
    today: date

    @property
    def until(self) -> date:
        return self.days[-1]

    @property
    def months(self) -> Iterator[tuple[date, int]]:
        """The first day of each month that is shown, and how many of its days are."""
        for n, day in enumerate(self.days):
            if n == 0 or day.day == 1:
                yield day, sum((one.year, one.month) == (day.year, day.month) for one in self.days)

    @property
    def earlier(self) -> date | None:
        """Where to page back to: the last day of that page."""
        before = self.days[0] - timedelta(days=1)
        return before if before >= EARLIEST + timedelta(days=DAYS) else None

    @property
    def later(self) -> date | None:
        return min(self.days[-1] + timedelta(days=DAYS), self.today) if self.days[-1] < self.today else None


def last_day(typed: str, today: date) -> date:
    """The day up to which to show; today where none is meant, or none that could be."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return today
    return day if EARLIEST + timedelta(days=DAYS) <= day <= today else today


def calendar(until: date, today: date) -> Calendar:
    """The `DAYS` days up to `until`. One query."""
    days = tuple(until - timedelta(days=n) for n in reversed(range(DAYS)))
    told = _told(days)
    on = list(agenda.parts())
    enrichers = [Part(name) for name in enrich.switched_on()]
    seen = sorted({part for part, _ in told} - {*on, *enrichers}, key=lambda part: title(part).casefold())
    others = [part for part in seen if kind(part) != Kind.ENRICHER]
    enrichers += [part for part in seen if kind(part) == Kind.ENRICHER]

    def rows(parts: Iterable[Part], expected: Callable[[Part, date], bool]) -> tuple[Row, ...]:
        return tuple(
            Row(
                title(part),
                tuple(Cell(part, day, expected(part, day), tuple(told.get((part, day), ()))) for day in days),
            )
            for part in parts
        )

    groups = (
        Group("Switched on", rows(on, expects)),
        Group("Other sources", rows(others, _never)),
        Group("Enrichers", rows(enrichers, _never)),
    )
    return Calendar(days, tuple(group for group in groups if group.rows), today)


def _never(part: Part, day: date) -> bool:
    return False


def _told(days: tuple[date, ...]) -> dict[tuple[Part, date], list[Told]]:
    same = [F("source"), F("category"), F("day"), F("verdict")]
    newest = (
        IngestRun.objects.filter(day__range=(days[0], days[-1]))
        .annotate(
            nth=Window(RowNumber(), partition_by=same, order_by=F("id").desc()),
            runs=Window(Count("id"), partition_by=same),
            most=Window(Max("found"), partition_by=same),
            all=Window(Sum("found"), partition_by=same),
            why=Left("error", 300),
        )
        .filter(nth=1)
        .order_by("id")
    )
    told: dict[tuple[Part, date], list[Told]] = {}
    for source, category, day, *rest in newest.values_list(
        "source", "category", "day", "verdict", "id", "started_at", "why", "runs", "most", "all"
    ):
        told.setdefault((Part(source, category), day), []).append(Told(*rest))
    return told
