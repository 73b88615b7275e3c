"""Selection once more, slowly: loops and dictionaries, by the rules as they are written down."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

from digest.relevance.index import Document, Index, Place
from digest.relevance.keywords import Keyword, compile_keyword
from digest.relevance.selection import Chooser
from digest.relevance.wishes import Candidate, Factors, Match, Pick, Profile, Selection

WEIGHTS = {Place.TITLE: 3, Place.ABSTRACT: 1}


@dataclass(frozen=True, slots=True)
class Paper:
    """Single words stand in its title and abstract."""

    title: frozenset[str] = frozenset()
    abstract: frozenset[str] = frozenset()
    score: float = 0.0
    pin: int | None = None


@dataclass(frozen=True, slots=True)
class World:
    """Papers in the edition's order; a paper's number is its id. `near`: by word, papers that are near to it
    and how near, in thousandths; None where nobody can tell.
    """

    papers: Sequence[Paper]
    near: Mapping[str, Mapping[int, int]] | None = None

    def chooser(self, indexes: int = 1) -> Chooser:
        """The real one, with the papers in so many indexes, one of which is of others, too."""
        documents = [
            Document(n, " ".join(sorted(one.title)), " ".join(sorted(one.abstract)))
            for n, one in enumerate(self.papers)
        ]
        parts = [Index(documents[n::indexes]) for n in range(indexes)]
        hidden = Index([Document(10_000 + n, word) for n, word in enumerate(WORDS)])
        candidates = [Candidate(n, one.score, one.pin) for n, one in enumerate(self.papers)]
        return Chooser(candidates, [*parts, hidden], kin=None if self.near is None else self._kin())

    def _kin(self) -> Callable[[Keyword], Factors]:
        def near(keyword: Keyword) -> Factors:
            told = (self.near or {}).get(keyword.text, {})
            return np.array([told.get(n, 0) / 1000 for n in range(len(self.papers))], np.float32)

        return near


@dataclass(frozen=True, slots=True)
class Wish:
    """A profile with words in the place of keywords."""

    followed: Sequence[str] = ()
    muted: Sequence[str] = ()
    size: int = 10
    fill: bool = False
    lean: Mapping[int, float] = field(default_factory=dict)

    def profile(self) -> Profile:
        return Profile(
            [compile_keyword(word) for word in self.followed],
            [compile_keyword(word) for word in self.muted],
            self.size,
            self.fill,
            self.lean,
        )


def place(paper: Paper, word: str) -> Place | None:
    if word in paper.title:
        return Place.TITLE
    return Place.ABSTRACT if word in paper.abstract else None


def points(world: World, word: str) -> dict[int, int]:
    """By paper: 1000 times 3/3, 3/4, 3/5 ... in the order of place times trend, then of the edition."""
    worth: dict[int, float] = {}
    for n, paper in enumerate(world.papers):
        found = place(paper, word)
        if found is not None:
            trend = paper.score if math.isfinite(paper.score) and paper.score > 0 else 0.0
            worth[n] = WEIGHTS[found] * (1.0 + trend)
    ranked = sorted(worth, key=lambda n: (-worth[n], n))
    return {n: max(1, 1000 * 3 // (3 + rank)) for rank, n in enumerate(ranked)}


def _factor(lean: float) -> float:
    return min(2.0, max(0.25, lean)) if math.isfinite(lean) else 1.0


def select(world: World, wish: Wish) -> Selection:
    muted = {n for word in wish.muted for n in points(world, word)}
    left = [n for n in range(len(world.papers)) if n not in muted]
    sums: dict[int, int] = {}
    firsts: set[int] = set()
    for word in wish.followed:
        own_points = points(world, word)
        firsts |= set(list(own_points)[:1])
        for n, own in own_points.items():
            sums[n] = sums.get(n, 0) + own
    firsts = set() if wish.lean else firsts
    sums = {n: max(1, int(sums[n] * _factor(wish.lean.get(n, 1.0)))) for n in left if n in sums}
    filling = wish.fill or not wish.followed
    if wish.size <= 0 or not (sums or filling):
        return Selection(())

    pins = [n for n in left if world.papers[n].pin is not None]
    pins.sort(key=lambda n: world.papers[n].pin or 0)
    matches = sorted((n for n in sums if n not in pins), key=lambda n: (n not in firsts, -sums[n], n))
    if wish.followed:
        beside = [n for n in pins if n not in sums][: max(1, wish.size // 3)]
        dropped = [n for n in pins if n not in sums and n not in beside]
        left = [n for n in left if n not in dropped]
        pins = [n for n in pins if n not in dropped]
    order = [*pins, *matches]
    related: dict[int, str] = {}
    if world.near is not None:
        near: dict[int, tuple[int, str]] = {}
        for word in wish.followed:
            for n, nearness in world.near.get(word, {}).items():
                if n in left and n not in order and nearness > near.get(n, (0, ""))[0]:
                    near[n] = nearness, word
        room = max(0, min(3, wish.size - len(order)))
        nearest = sorted(near, key=lambda n: (-near[n][0], n))[:room]
        related = {n: near[n][1] for n in nearest}
        order += nearest
    if filling:
        order += [n for n in left if n not in order]

    picks = [_pick(world, wish, n, related.get(n, "")) for n in order[: wish.size]]
    shown = {pick.id for pick in picks}
    return Selection(tuple(picks), sum(n not in shown for n in sums), bool(sums))


def _pick(world: World, wish: Wish, n: int, related: str) -> Pick:
    paper = world.papers[n]
    terms = [Match(word, found) for word in wish.followed if (found := place(paper, word)) is not None]
    return Pick(
        n,
        tuple(terms),
        pinned=paper.pin is not None,
        outside=bool(wish.followed) and not terms,
        related=related,
        lean=_factor(wish.lean.get(n, 1.0)) if wish.lean else 1.0,
    )


# --- Small worlds ---------------------------------------------------------------------------

WORDS = ("graph", "robot", "speech", "protein")
words = st.frozensets(st.sampled_from(WORDS), max_size=3)
scores = st.sampled_from([0.0, 1.0, 2.5, 2.5, 8.0, -3.0, math.nan, math.inf, -math.inf])
papers = st.lists(
    st.builds(Paper, words, words, scores, st.none() | st.none() | st.integers(0, 3)), max_size=9
)
_nearness = st.dictionaries(st.integers(0, 8), st.sampled_from([125, 250, 500, 1000]), max_size=6)
worlds = st.builds(
    lambda papers, near: World(
        papers, near and {w: {n: v for n, v in of.items() if n < len(papers)} for w, of in near.items()}
    ),
    papers,
    st.none() | st.fixed_dictionaries(dict.fromkeys(WORDS, _nearness)),
)
terms = st.lists(st.sampled_from(WORDS), unique=True, max_size=4)
# Factors that binary fractions hold, and some that nobody should give.
_factors = st.sampled_from([0.25, 0.5, 0.75, 1.5, 2.0, 0.0, -1.0, 9.0, math.nan, math.inf])
leans = st.dictionaries(st.integers(0, 8), _factors, max_size=5)
wishes = st.builds(
    Wish, terms, st.lists(st.sampled_from(WORDS), max_size=1), st.integers(-1, 10), st.booleans(), leans
)
