"""A world made up from a seed: two weeks of papers in our own words, some of them awkward."""

import random
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from tests.world.calendar import announces, window
from tests.world.papers import (
    Author,
    Listing,
    Paper,
    Preprint,
    Repository,
    Version,
    World,
)
from tests.world.words import AUTHORS, AWKWARD, BIOLOGY, abstract, preprint_abstract, title

START, DAYS = date(2026, 9, 14), 14
CATEGORIES = ("cs.CV", "cs.CL")
NEIGHBOURS = ("cs.LG", "cs.AI", "cs.RO", "eess.IV", "stat.ML")
MANY, CROWDED = 664, 10_042
"""Authors, and the number of the one paper that has so many."""
ZERO = 10_050
"""The number of the paper whose title is 0."""
_DAY = timedelta(days=1)


def invented(
    seed: int = 1,
    *,
    start: date = START,
    days: int = DAYS,
    categories: Sequence[str] = CATEGORIES,
    new: int = 12,
    daily: int = 10,
    biorxiv: int = 35,
    medrxiv: int = 8,
    closed: Collection[date] = (),
    grows: bool = False,
) -> World:
    """A world of so many days. The counts are of a usual day: `new` papers in each category, `daily` on
    the list, rows on bioRxiv and medRxiv. `closed` are holidays of arXiv's; `grows` spreads the daily
    list over the hours of its day. The same arguments give the same world.
    """
    counts = (new, daily, biorxiv, medrxiv)
    return _made(seed, start, days, tuple(categories), counts, frozenset(closed), grows).copy()


@cache
def _made(
    seed: int,
    start: date,
    days: int,
    categories: tuple[str, ...],
    counts: tuple[int, int, int, int],
    closed: frozenset[date],
    grows: bool,
) -> World:
    new, daily, biorxiv, medrxiv = counts
    maker = _Maker(seed, categories, closed)
    maker.older(start, 30)
    for number in range(days):
        day = start + number * _DAY
        if announces(day, closed):
            maker.batch(day, new)
        if day.weekday() < 5:
            maker.daily(day, daily, grows=grows)
        for server, count in (("biorxiv", biorxiv), ("medrxiv", medrxiv)):
            maker.posts(day, server, count if day.weekday() < 5 else count // 3)
    return maker.world


class _Maker:
    def __init__(self, seed: int, categories: Sequence[str], closed: Collection[date]) -> None:
        self.random = random.Random(seed)
        self.world = World()
        self.categories, self.closed = tuple(categories), closed
        self.serial = 10_000
        self.repositories = 0
        self.listed: set[str] = set()
        self.posted: list[Preprint] = []

    # --- arXiv --------------------------------------------------------------------------

    def older(self, start: date, count: int) -> None:
        """Papers of earlier months: what is replaced and cross-listed needs a past."""
        for number in range(count):
            day = start - timedelta(days=30 + 4 * number)
            while not announces(day, self.closed):
                day -= _DAY
            primary = self.categories[number % len(self.categories)] if number % 3 else "cs.LG"
            self._new(day, primary)

    def batch(self, day: date, new: int) -> None:
        for category in self.categories:
            for _ in range(self._about(new)):
                self._new(day, category)
        for number in range(self._about(new // 3)):
            self._new(day, NEIGHBOURS[number % len(NEIGHBOURS)], beside=True)
        known = [name for name in sorted(self.world.papers) if self._is_before(name, day)]
        chosen = self.random.sample(known, min(len(known), self._about(new // 2) + 1))
        for name in chosen[1:]:
            self._replace(day, name, withdraws=name == chosen[1] and day.weekday() == 2)
        late = self.world.papers[chosen[0]] if chosen else None
        absent = [name for name in self.categories if late and name not in late.told_in(day)]
        if late and absent:
            number = max(told.number for told in late.versions)
            self.world.announce(day, late.arxiv_id, "cross", version=number, category=absent[0])

    def _new(self, day: date, primary: str, *, beside: bool = False) -> None:
        first, last = window(day, self.closed)
        submitted = first + (last - first) * self.random.random()
        self.serial += 1
        others = [name for name in (*self.categories, *NEIGHBOURS) if name != primary]
        chosen = self.random.sample(others, self.random.choice((0, 0, 1, 2)))
        if beside and not set(chosen) & set(self.categories):
            chosen = [self.random.choice(self.categories), *chosen]
        name = title(self.random, self.serial)
        if self.serial % 9 == 0:
            name = AWKWARD[self.serial // 9 % len(AWKWARD)].replace("#", str(self.serial))
        paper = Paper(
            arxiv_id=f"{submitted:%y%m}.{self.serial:05d}",
            title="0" if self.serial == ZERO else name,
            abstract=abstract(self.random, self.serial, wrapped=self.serial % 2 == 0),
            authors=self._authors(MANY if self.serial == CROWDED else self.random.randint(1, 8)),
            categories=(primary, *chosen),
            versions=(Version(1, submitted.replace(microsecond=0)),),
            comment="12 pages, 4 figures" if self.serial % 3 == 0 else "",
            doi=f"10.5555/made-up.{self.serial}" if self.serial % 11 == 0 else "",
            journal_ref="Journal of Invented Results 7 (2026) 1-12" if self.serial % 11 == 0 else "",
            repository=self._repository(day) if self.serial % 2 else "",
            project_page=f"https://example.org/projects/{self.serial}" if self.serial % 5 == 0 else "",
            organization=("Lund Institute", "Université de l'Été", "")[self.serial % 3],
            tldr="It works, and says why, in one sentence." if self.serial % 2 else "",
            topics=("keypoints", "small models") if self.serial % 2 else (),
        )
        self.world.add(paper)
        self.world.announce(day, paper.arxiv_id)

    def _replace(self, day: date, name: str, *, withdraws: bool) -> None:
        paper = self.world.papers[name]
        number = paper.versions[-1].number + 1
        at = window(day, self.closed)[0] + timedelta(minutes=self.random.randint(1, 600))
        comment = "This paper has been withdrawn by the authors" if withdraws else ""
        version = Version(number, at, 0 if withdraws else 120, "I" if withdraws else "D", comment)
        self.world.add(replace(paper, versions=(*paper.versions, version)))
        self.world.announce(day, name, "replace", version=number)

    def _is_before(self, name: str, day: date) -> bool:
        first = self.world.first_announced(name)
        return first is not None and first < day

    def _authors(self, count: int) -> tuple[Author, ...]:
        names = [AUTHORS[(self.serial * 7 + n) % len(AUTHORS)] for n in range(count)]
        if count > len(AUTHORS):
            names = [f"{name} {n}" for n, name in enumerate(names)]
        where = "Institute of Things, Lund, Sweden" if self.serial % 13 == 0 else ""
        return tuple(Author(name, where if n == 0 else "") for n, name in enumerate(names))

    def _repository(self, day: date) -> str:
        """A repository of its own; some have moved, are gone or are blocked."""
        self.repositories += 1
        number = 700_000_000 + 10 * self.repositories
        name = f"Lab-{self.repositories % 7}/Thing-{self.repositories}"
        kind = self.repositories % 12
        stars, growth = self.random.randint(0, 400), self.random.randint(0, 30)
        home = Repository(name, number, day, stars, growth)
        if kind == 5:
            moved = f"new-home/Thing-{self.repositories}"
            self.world.host(replace(home, full_name=moved))
            home = replace(home, moved_to=moved)
        self.world.host(replace(home, gone=kind == 7, blocked=self.repositories == 9))
        return name

    # --- The others ---------------------------------------------------------------------

    def daily(self, day: date, count: int, *, grows: bool) -> None:
        """A list from what was announced lately, each paper once; mostly of the day before."""
        lately = [
            told.arxiv_id
            for back in range(5)
            for told in self.world.announcements.get(day - back * _DAY, ())
            if told.kind == "new" and told.arxiv_id not in self.listed
        ]
        chosen = lately[: 3 * count]
        self.random.shuffle(chosen)
        for name in chosen[: self._about(count)]:
            self.listed.add(name)
            top = int(self.random.lognormvariate(2.3, 1))
            upvotes = tuple(round(top * (1 - 0.5 ** (n + 1))) for n in range(8))
            paper = self.world.papers[name]
            ending = ("", "/", ".git", "/tree/main/src")[int(name[-3:]) // 2 % 4]
            url = f"https://github.com/{paper.repository}{ending}" if paper.repository else ""
            hour = self.random.choice((0, 0, 8, 11, 15, 19)) if grows else 0
            self.world.list_daily(day, Listing(name, upvotes, hour, top // 9, url))

    def posts(self, day: date, server: str, count: int) -> None:
        for number in range(self._about(count)):
            self.serial += 1
            if self.posted and number % 5 == 4:
                before = self.random.choice(self.posted)
                if before.server == server and before.posted_on < day:
                    row = replace(before, version=before.version + 1, posted_on=day)
                    if number % 25 == 24:
                        row = replace(row, abstract="This manuscript has been withdrawn by the authors.")
                    self.posted[self.posted.index(before)] = row
                    self.world.post(row)
                    continue
            names = [AUTHORS[(self.serial + n) % len(AUTHORS)] for n in range(self.random.randint(1, 6))]
            parts = [name.rpartition(" ") for name in names]
            row = Preprint(
                doi=f"10.1101/{day:%Y.%m.%d}.{600_000 + self.serial}",
                version=1,
                posted_on=day,
                title=title(self.random, self.serial, BIOLOGY),
                abstract=preprint_abstract(self.random, self.serial),
                authors="; ".join(f"{last}, {first[:1]}." if first else last for first, _, last in parts),
                category=("bioinformatics", "cell biology", "neuroscience", "epidemiology")[self.serial % 4],
                server=server,
                type="new results" if server == "biorxiv" else "PUBLISHAHEADOFPRINT",
                corresponding=names[-1],
                institution="Institute of Cells, Göteborg",
                published="10.5555/journal.77" if self.serial % 17 == 0 else "NA",
            )
            self.posted.append(row)
            self.world.post(row)

    def _about(self, count: int) -> int:
        """A count that is not the same every day; 0 stays 0."""
        return max(1, count + self.random.randint(-2, 2)) if count > 2 else count
