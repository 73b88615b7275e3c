"""A source and an enricher that answer what a test has them answer: real ones in all but where they ask."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta

from django.utils import timezone

from digest.enrichers.base import Enricher, Enrichment, Known
from digest.sources.base import FoundPaper, Look, Proof, SetAside, Source, SourceError

Answer = Callable[[date, str], Look | None]
NAME = "scripted"


def tells(
    *records: FoundPaper | SetAside,
    source: str = NAME,
    proof: Proof | None = None,
    reason: str = "",
    announced: Sequence[str] = (),
) -> Answer:
    """An answer of these records, whatever day is asked for."""
    return lambda day, category: Look(
        source=source,
        day=day,
        category=category,
        seen_at=timezone.now(),
        records=records,
        proof=proof,
        reason=reason,
        announced=announced,
    )


def fails(sentence: str = "It did not answer.") -> Answer:
    def answer(day: date, category: str) -> Look:
        raise SourceError(sentence)

    return answer


class ScriptedSource(Source):
    """Answers a day with `answer`, and a day asked for once more with `other`; notes what it was asked."""

    label = "Scripted"

    def __init__(
        self,
        answer: Answer | None = None,
        *,
        other: Answer = lambda _day, _category: None,
        name: str = NAME,
        grows: bool = False,
        revisits: tuple[timedelta, ...] = (),
        categories: tuple[str, ...] = ("",),
        expects: Callable[[date], bool] = lambda _day: True,
    ) -> None:
        self.name, self.grows, self.revisits = name, grows, revisits
        self.answer, self.other = answer or tells(source=name), other
        self.has, self.calendar = categories, expects
        self.asked: list[tuple[date, str]] = []
        self.asked_again: list[tuple[date, str]] = []

    def categories(self) -> tuple[str, ...]:
        return self.has

    def expects(self, day: date) -> bool:
        return self.calendar(day)

    def fetch(self, day: date, category: str = "") -> Look:
        self.asked.append((day, category))
        look = self.answer(day, category)
        assert look is not None
        return look

    def reconcile(self, day: date, category: str = "") -> Look | None:
        self.asked_again.append((day, category))
        return self.other(day, category)

    def read(self, payload: bytes, *, name: str, day: date | None, today: date) -> Iterator[Look]:
        raise SourceError("It reads no files.")


class ScriptedEnricher(Enricher):
    """Answers what `answer` makes of the papers it is asked about; notes whom it was asked about."""

    name = NAME
    label = "Scripted"

    def __init__(
        self,
        answer: Callable[[Sequence[Known]], Iterable[Enrichment | SetAside]],
        *,
        at_once: int = 10,
        every: timedelta = timedelta(days=1),
        reach: timedelta = timedelta(days=14),
        wants: Callable[[Known], bool] = lambda _known: True,
        on: bool = True,
    ) -> None:
        self.answer, self.size, self.every, self.reach = answer, at_once, every, reach
        self.wish, self.is_on = wants, on
        self.asked: list[list[Known]] = []

    @property
    def at_once(self) -> int:
        return self.size

    def on(self) -> bool:
        return self.is_on

    def wants(self, paper: Known) -> bool:
        return self.wish(paper)

    def ask(self, papers: Sequence[Known]) -> Iterator[Enrichment | SetAside]:
        self.asked.append(list(papers))
        yield from self.answer(papers)
