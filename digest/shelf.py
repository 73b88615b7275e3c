"""The published editions of the last weeks, prepared to be looked through, once for each process.

An edition's words are indexed once: its list is frozen. What editors or authors do to it afterwards
(hide, pin, withdraw) is asked of the database each time. A correction of a paper's text is seen when the
process starts anew.
"""

import time
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from threading import RLock

import numpy as np
from django.db.models import Q

from digest.models import Edition, Entry, Paper
from digest.relevance import semantic
from digest.relevance.index import Document, Index
from digest.relevance.keywords import Keyword, compile_keyword
from digest.relevance.points import Kin
from digest.relevance.selection import Chooser
from digest.relevance.similarity import Floats, Similarity
from digest.relevance.wishes import Candidate, Profile, Selection
from subscriptions.keywords import TypedKeyword
from subscriptions.models import Keyword as Followed
from subscriptions.models import Subscriber

Typed = Followed | TypedKeyword
WINDOW = timedelta(days=30)
"""How far back from the newest edition, by date of edition."""
PAPERS = 20_000
"""Papers held at most, of some 6 KB each: where days are that full, fewer of them are looked at."""
TERMS = 20_000
"""Different keywords remembered; a table of points has a row for each."""
RELATED = 0.35
"""Nearness of meaning from which a paper is called related to a keyword it does not hold."""
TABLES = 8
"""Sets of editions for which the points of keywords are kept."""
PATIENCE = 0.5
"""Seconds a process that serves pages may spend on reading when it has just begun: it answers by the newest
days, and who asks again sees more.
"""

Curation = tuple[tuple[int, bool, int | None], ...]
"""Papers of an edition that are shown no more, or pinned: all that can change about a frozen list."""
CURATED = Q(hidden=True) | Q(pin__isnull=False)
AWAY = Q(withdrawn=True) | Q(same_as__isnull=False)


@dataclass(frozen=True, slots=True)
class Day:
    """One published edition. `candidates` are what may be shown of it, in the editors' and trending order."""

    edition: int
    published_at: datetime | None
    date: date
    index: Index
    ranked: tuple[Candidate, ...]
    """All of its papers as they were frozen, by rank."""
    papers: frozenset[int]
    curation: Curation = ()
    candidates: tuple[Candidate, ...] = ()

    def curated(self, curation: Curation) -> "Day":
        """The same day with what was done to it since."""
        away = {paper for paper, gone, _ in curation if gone}
        pins = {paper: pin for paper, _, pin in curation}
        shown = [Candidate(one.id, one.score, pins.get(one.id)) for one in self.ranked if one.id not in away]
        shown.sort(key=lambda one: (one.pin is None, one.pin or 0))  # stable: by rank within
        return replace(self, curation=curation, candidates=tuple(shown))


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds at a moment: days, newest first, and all of their papers in one index, in the
    order of the days and of their ranks.
    """

    days: tuple[Day, ...] = ()
    library: Index = field(default_factory=Index)
    is_whole: bool = True
    """Whether these are all days of the window; a process that has just begun has only the newest."""


@dataclass(slots=True)
class Shelf:
    """The days held by this process. All of its threads share them."""

    held: Held = field(default_factory=Held)
    """The lexicon of its library is what keywords are compiled with."""
    keywords: dict[str, Keyword] = field(default_factory=dict)
    choosers: OrderedDict[tuple[tuple[int, Curation], ...], Chooser] = field(default_factory=OrderedDict)
    similarities: dict[int, Similarity] = field(default_factory=dict)
    """By edition, made when first asked for: only some people say anything of papers."""
    lock: RLock = field(default_factory=RLock)

    def clear(self) -> None:
        """Hold nothing."""
        with self.lock:
            self.held = Held()
            self.keywords.clear()
            self.choosers.clear()
            self.similarities.clear()

    def fetch(self, now: datetime | None = None, *, patience: float | None = None) -> Held:
        """The days of the window as they are in the database now, published by `now` if that is given; only
        what is new is read.

        With `patience`, in seconds, no further day is begun when it is over: there will be fewer days,
        and the next call goes on.
        """
        editions = _window(now)
        curated, away = _curated(editions), _away()
        begun = time.monotonic()
        with self.lock:
            held = {(day.edition, day.published_at): day for day in self.held.days}
            days: list[Day] = []
            fresh, is_whole = False, True
            room = PAPERS
            for edition in editions:
                day = held.get((edition.pk, edition.published_at))
                if day is None:
                    if days and patience is not None and time.monotonic() - begun > patience:
                        is_whole = False
                        break
                    day, fresh = _read(edition), True
                room -= len(day.ranked)
                if days and room < 0:
                    break
                curation = _curation(day, curated.get(edition.pk, {}), away)
                if day.curation != curation:
                    day = day.curated(curation)
                days.append(day)
            library = self.held.library
            if fresh or len(days) != len(self.held.days):
                library = Index.merged([day.index for day in days])
                self._forget()
                held_still = {day.edition for day in days if (day.edition, day.published_at) in held}
                for gone in self.similarities.keys() - held_still:
                    del self.similarities[gone]
            self.held = Held(tuple(days), library, is_whole)
            return self.held

    def compile(self, text: str) -> Keyword:
        """A keyword as these papers spell it."""
        with self.lock:
            keyword = self.keywords.get(text)
            if keyword is None:
                if len(self.keywords) >= TERMS:
                    self._forget()
                keyword = self.keywords[text] = compile_keyword(text, self.held.library.lexicon)
            return keyword

    def profile(
        self, keywords: Iterable[Typed], *, size: int, thin_day: str, lean: Mapping[int, float] | None = None
    ) -> Profile:
        """A wish as selection takes it, whether it is kept or only being typed."""
        typed = list(keywords)
        return Profile(
            followed=[self.compile(k.text) for k in typed if k.stance == Followed.Stance.FOLLOW],
            muted=[self.compile(k.text) for k in typed if k.stance == Followed.Stance.MUTE],
            size=size,
            fill=thin_day == Subscriber.ThinDay.FILL,
            lean=lean or {},
        )

    def beside(self, edition: Edition) -> tuple["Shelf", Day]:
        """An edition that is not held here, because it is open or old, on a shelf of its own, to be asked
        about at once: the list of an open one changes, so nothing of it may be kept. Keywords are
        compiled as here.
        """
        curation = _curation(day := _read(edition), _curated([edition]).get(edition.pk, {}), _away())
        day = day.curated(curation)
        return Shelf(held=Held((day,), self.held.library if self.held.days else day.index)), day

    def similarity(self, day: Day) -> Similarity:
        """The papers of a day, to be compared with texts."""
        with self.lock:
            found = self.similarities.get(day.edition)
            if found is None:
                found = Similarity(day.index, semantic.embed if semantic.is_installed() else None)
                self.similarities[day.edition] = found
            return found

    def choose(self, days: Sequence[Day], profiles: Sequence[Profile]) -> list[Selection]:
        """What each of these people gets out of these days."""
        with self.lock:  # the table of points grows with every new keyword
            return self._chooser(days).selections(profiles)

    def _chooser(self, days: Sequence[Day]) -> Chooser:
        """The candidates of these days, with the points of all keywords that were looked up so far."""
        key = tuple((day.edition, day.curation) for day in days)
        chooser = self.choosers.get(key)
        if chooser is None:
            candidates = [(one, day.date) for day in days for one in day.candidates]
            candidates.sort(key=lambda pair: _order(*pair))
            kin = self._kin(days, [one for one, _ in candidates]) if semantic.is_installed() else None
            chooser = Chooser([one for one, _ in candidates], [day.index for day in days], kin=kin)
            self.choosers[key] = chooser
            if len(self.choosers) > TABLES:
                self.choosers.popitem(last=False)
        self.choosers.move_to_end(key)
        return chooser

    def _kin(self, days: Sequence[Day], candidates: Sequence[Candidate]) -> Kin:
        """How near candidates are to a keyword, by static vectors; below what counts as related: 0."""
        position = {one.id: n for n, one in enumerate(candidates)}
        places = [np.array([position.get(known, -1) for known in day.index.ids], np.int64) for day in days]

        def near(keyword: Keyword) -> Floats:
            found = np.zeros(len(candidates), np.float32)
            if not (meant := keyword.meant):
                return found
            for day, at in zip(days, places, strict=True):
                nearness = self.similarity(day).meaning(meant)
                found[at[at >= 0]] = nearness[at >= 0]
            return np.where(found >= RELATED, np.minimum(found, 1.0), 0.0).astype(np.float32)

        return near

    def _forget(self) -> None:
        """Let go of what was made of keywords: an index remembers each that it was ever asked for."""
        self.keywords.clear()
        self.choosers.clear()
        self.held.library.forget()
        for day in self.held.days:
            day.index.forget()


def _order(one: Candidate, day: date) -> tuple[bool, int, float, int]:
    """Pins in the editors' order, then by trend, of two alike the newer."""
    return one.pin is None, one.pin or 0, -one.score, -day.toordinal()


shelf = Shelf()
"""That of this process."""


def _window(now: datetime | None) -> list[Edition]:
    """Newest first. No two editions have one date, so there are never more than days in the window."""
    published = Edition.objects.published().order_by("-date")
    if now is not None:
        published = published.filter(published_at__lte=now)
    editions = list(published[: WINDOW.days])
    return [edition for edition in editions if edition.date > editions[0].date - WINDOW]


def _curated(editions: Sequence[Edition]) -> dict[int, dict[int, tuple[bool, int | None]]]:
    """What editors did to these editions: by edition and paper, whether it is hidden, and its pin."""
    found: dict[int, dict[int, tuple[bool, int | None]]] = defaultdict(dict)
    entries = Entry.objects.filter(CURATED, edition__in=[edition.pk for edition in editions]).order_by()
    for edition, paper, hidden, pin in entries.values_list("edition_id", "paper_id", "hidden", "pin"):
        found[edition][paper] = hidden, pin
    return found


def _away() -> frozenset[int]:
    """All papers that are shown no more, whenever they were: few, and an index holds just these. Together
    with their editions a database would rather go through all papers of a month.
    """
    return frozenset(Paper.objects.filter(AWAY).order_by().values_list("pk", flat=True))


def _curation(day: Day, curated: Mapping[int, tuple[bool, int | None]], away: frozenset[int]) -> Curation:
    done = dict(curated)
    for paper in away & day.papers:
        done[paper] = True, done.get(paper, (False, None))[1]
    return tuple((paper, gone, pin) for paper, (gone, pin) in sorted(done.items()))


def _read(edition: Edition) -> Day:
    entries = list(
        Entry.objects.filter(edition=edition)
        .order_by("rank", "id")
        .values_list(
            "paper_id",
            "score",
            "paper__title",
            "paper__abstract",
            "paper__authors",
            "paper__categories",
            "paper__organization",
        )
    )
    return Day(
        edition=edition.pk,
        published_at=edition.published_at,
        date=edition.date,
        index=Index(Document(paper, *texts) for paper, _, *texts in entries),
        ranked=tuple(Candidate(paper, score) for paper, score, *_ in entries),
        papers=frozenset(paper for paper, *_ in entries),
    ).curated(())
