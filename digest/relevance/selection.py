"""Which papers one person gets, in which order, and why; for many people at once.

Each keyword ranks the papers it matches by place times trend, and gives the best C/C, the next
C/(C+1), then C/(C+2) ... points, whatever the trend of all of them. A paper's points are the sum over a
person's keywords. So each keyword brings its best, and none takes all: reciprocal rank fusion (Cormack,
Clarke, Büttcher: Reciprocal rank fusion outperforms Condorcet and individual rank learning methods,
SIGIR 2009), with a smaller constant, because a digest is short.

All of it is in whole numbers: points in a table of keywords by papers, a person's sum of its rows, and in
one number with it the place of the paper in the edition, so that no two papers are ever equal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digest.relevance.index import NO_HITS, PLACES, WEIGHT, Hits, Index, Place
from digest.relevance.keywords import Keyword

Ints = NDArray[np.int32]
Factors = NDArray[np.float32]
Keys = NDArray[np.signedinteger[Any]]

POINTS = 1_000
"""For the best paper of a keyword. Sums of thirty keywords must fit into 16 bits."""
SLOWNESS = 3
"""C of the formula: how many papers further down a paper is worth half."""
BLOCK = 256
"""People at once, so that their sums stay in the processor's cache."""
MOST_RELATED = 3
"""Papers shown because they are near to keywords they do not hold."""
LEAST_LEAN, MOST_LEAN = 0.25, 2.0
"""How far what somebody said of other papers may move the points of one."""
_WEIGHTS = np.array([WEIGHT[place] for place in PLACES])

Kin = Callable[[Keyword], Factors]
"""How near each candidate is to a keyword, from 0 (not at all) to 1, by other means than its words."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper of an edition as selection sees it. `pin`: the editors' order, None for most."""

    id: int
    score: float
    pin: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One person's wish. `fill`: whether thin days are topped up with what is trending.

    `lean` is what their "more" and "less like this" make of candidates, by id: a factor on the points.
    """

    followed: Sequence[Keyword]
    muted: Sequence[Keyword] = ()
    size: int = 10
    fill: bool = False
    lean: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """A keyword in a paper: as typed, where, and in which other words, if so."""

    term: str
    place: Place
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """A chosen paper and its reason: what matches, pinned, related to a keyword, or merely trending.

    `outside`: it matches none of the keywords the person has. `lean`: the factor of their feedback.
    """

    id: int
    terms: tuple[Match, ...] = ()
    pinned: bool = False
    outside: bool = False
    related: str = ""
    lean: float = 1.0


@dataclass(frozen=True, slots=True)
class Selection:
    """The picks, best first, and how many more would have matched. `matched`: were any theirs?"""

    picks: tuple[Pick, ...]
    left_out: int = 0
    matched: bool = False


@dataclass(frozen=True, slots=True)
class Wishes:
    """Many people's wishes as a table of numbers.

    `followed`: a row a person, numbers of keywords as `Chooser.number` gives them, 0 for none. `muted`
    and `leans` are for the few who have any, by row.
    """

    followed: Ints
    size: Ints
    fill: NDArray[np.bool_]
    muted: Mapping[int, Sequence[int]] = field(default_factory=dict)
    leans: Mapping[int, Factors] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.followed)


@dataclass(frozen=True, slots=True)
class Choice:
    """For each person the positions of their papers among the candidates, best first, then -1; how many
    of them are related only; how many more match; whether any match.
    """

    positions: Ints
    left_out: Ints
    matched: NDArray[np.bool_]
    related: Mapping[int, Mapping[int, int]] = field(default_factory=dict)
    """By row: positions of related papers, each with the number of the keyword it is near to."""


class Chooser:
    """Candidates, in the editors' and trending order, with the indexes that hold their words."""

    def __init__(
        self, candidates: Sequence[Candidate], indexes: Sequence[Index], *, kin: Kin | None = None
    ) -> None:
        self.candidates = candidates
        self.ids = [candidate.id for candidate in candidates]
        self._kin = kin
        position = {candidate.id: n for n, candidate in enumerate(candidates)}
        self._indexes = [
            (index, np.array([position.get(known, -1) for known in index.ids], np.int32)) for index in indexes
        ]
        scores = np.array([candidate.score for candidate in candidates], float)
        # What is no number counts as nothing, here as in the score itself.
        self._trend = 1.0 + np.where(np.isfinite(scores) & (scores > 0), scores, 0.0)
        pinned = [n for n, candidate in enumerate(candidates) if candidate.pin is not None]
        self._pins = sorted(pinned, key=lambda n: (candidates[n].pin or 0, n))
        self._bits = max(1, len(candidates)).bit_length()
        self._order = np.arange(len(candidates) - 1, -1, -1, dtype=np.int32)
        self._numbers: dict[Keyword, int] = {}
        self._keywords: list[Keyword | None] = [None]
        self._hits: list[dict[int, tuple[int, str]] | None] = [{}]
        self._points = np.zeros((64, len(candidates)), np.int16)
        self._kin_points: dict[int, NDArray[np.int16]] = {}

    def number(self, keyword: Keyword) -> int:
        """The row of the table that a keyword has, made if it is new. 0 is nobody's."""
        number = self._numbers.get(keyword)
        if number is None:
            number = self._numbers[keyword] = len(self._keywords)
            self._keywords.append(keyword)
            self._hits.append(None)
            if number >= len(self._points):
                self._points = np.concatenate([self._points, np.zeros_like(self._points)])
            positions, places = self._find(keyword)
            worth = _WEIGHTS[places] * self._trend[positions]
            ranked = positions[np.lexsort((positions, -worth))]
            ranks = np.arange(len(ranked))
            self._points[number, ranked] = np.maximum(1, POINTS * SLOWNESS // (SLOWNESS + ranks))
        return number

    def wishes(self, profiles: Sequence[Profile]) -> Wishes:
        """Profiles as a table."""
        numbers = [[self.number(keyword) for keyword in profile.followed] for profile in profiles]
        followed = np.zeros((len(profiles), max(map(len, numbers), default=0) or 1), np.int32)
        muted, leans = {}, {}
        for row, (profile, own) in enumerate(zip(profiles, numbers, strict=True)):
            followed[row, : len(own)] = own
            if profile.muted:
                muted[row] = [self.number(keyword) for keyword in profile.muted]
            if profile.lean:
                factors = [_bounded(profile.lean.get(known, 1.0)) for known in self.ids]
                leans[row] = np.array(factors, np.float32)
        return Wishes(
            followed,
            np.array([profile.size for profile in profiles], np.int32),
            np.array([profile.fill for profile in profiles], bool),
            muted,
            leans,
        )

    def choose(self, wishes: Wishes) -> Choice:
        """Choose for all of them. Needs memory for their picks and one block of sums."""
        most = max(0, min(int(wishes.size.max(initial=0)), len(self.candidates)))
        positions = np.full((len(wishes), most), -1, np.int32)
        left_out = np.zeros(len(wishes), np.int32)
        matched = np.zeros(len(wishes), bool)
        related: dict[int, dict[int, int]] = {}
        if most:
            for start in range(0, len(wishes), BLOCK):
                rows = slice(start, min(start + BLOCK, len(wishes)))
                self._choose(wishes, rows, positions[rows], left_out[rows], matched[rows], related)
        return Choice(positions, left_out, matched, related)

    def selections(self, profiles: Sequence[Profile]) -> list[Selection]:
        """Choose for each of these people, with reasons."""
        wishes = self.wishes(profiles)
        choice = self.choose(wishes)
        return [self._told(row, profile, wishes, choice) for row, profile in enumerate(profiles)]

    def _find(self, keyword: Keyword) -> tuple[Ints, NDArray[np.uint8]]:
        """Positions of the candidates that match, and the best places."""
        positions, places = [], []
        for index, position in self._indexes:
            hits = index.find(keyword)
            own = position[hits.rows]
            positions.append(own[own >= 0])
            places.append(hits.places[own >= 0])
        if not positions:
            return NO_HITS.rows, NO_HITS.places
        return np.concatenate(positions), np.concatenate(places)

    def _choose(
        self,
        wishes: Wishes,
        rows: slice,
        positions: Ints,
        left_out: Ints,
        matched: NDArray[np.bool_],
        related: dict[int, dict[int, int]],
    ) -> None:
        """One block. Fills what it is given."""
        size = np.maximum(wishes.size[rows], 0)
        has_keywords = wishes.followed[rows].any(axis=1)
        filling = wishes.fill[rows] | ~has_keywords
        threshold = 1 << self._bits  # at or above: it matches
        keys, count = self._keys(wishes, rows)
        matched[:] = (count > 0) & (size > 0)
        served = (matched | filling) & (size > 0)
        pinned = keys[:, self._pins] if self._pins else None
        if pinned is not None:
            keys[:, self._pins] = -1
        most = positions.shape[1]
        best = np.partition(keys, len(self.candidates) - most, axis=1)[:, -most:]
        best = np.sort(best, axis=1)[:, ::-1]
        theirs = np.where(
            (best >= threshold) | (filling[:, None] & (best >= 0)),
            len(self.candidates) - 1 - (best & (threshold - 1)),
            -1,
        ).astype(np.int32)
        theirs[~served] = -1
        if self._kin is not None:
            room = np.where(served, size - (best >= threshold).sum(axis=1), 0)
            if pinned is not None:
                room -= (pinned >= 0).sum(axis=1)
            self._relate(wishes, rows, theirs, best >= threshold, keys, room, related)
        shown = np.minimum(count, size)
        if pinned is not None:
            theirs, shown = self._with_pins(theirs, pinned, served, size, count, threshold)
        left_out[:] = np.where(served, count - shown, 0)
        theirs[np.arange(most)[None, :] >= size[:, None]] = -1
        positions[:] = theirs

    def _keys(self, wishes: Wishes, rows: slice) -> tuple[Keys, Ints]:
        """One number for each person and candidate: points, then the candidate's order; -1 for muted. And
        for each person, how many match.
        """
        followed = wishes.followed[rows]
        points = self._points[followed[:, 0]]
        for column in range(1, followed.shape[1]):
            points += self._points[followed[:, column]]
        # As bytes added up in 16 bits: three times as quick as counting the keys.
        count = np.add.reduce(
            (points > 0).view(np.int8), axis=1, dtype=np.int16 if len(self.candidates) < 32_768 else np.int32
        ).astype(np.int32)
        wide = np.dtype(np.int64 if self._bits > 14 else np.int32)
        keys: Keys = points.astype(wide)
        here = range(rows.start, rows.stop)
        for row, lean in wishes.leans.items():
            if row in here:
                sums = keys[row - rows.start]
                keys[row - rows.start] = np.where(sums > 0, np.maximum(1, sums * lean), 0).astype(wide)
        keys <<= self._bits
        keys += self._order
        for row, numbers in wishes.muted.items():
            if row in here:
                for number in numbers:
                    keys[row - rows.start, self._points[number] > 0] = -1
                count[row - rows.start] = (keys[row - rows.start] >= 1 << self._bits).sum()
        return keys, count

    def _with_pins(
        self,
        theirs: Ints,
        pinned: Keys,
        served: NDArray[np.bool_],
        size: Ints,
        count: Ints,
        threshold: int,
    ) -> tuple[Ints, NDArray[np.intp]]:
        """Put the editors' picks first. Returns also how many of those shown match."""
        shown = np.minimum(count, size)
        pins = np.array(self._pins, np.int32)
        for row in np.flatnonzero(served):
            own = pins[pinned[row] >= 0]
            own_match = pinned[row][pinned[row] >= 0] >= threshold
            rest = theirs[row][theirs[row] >= 0]
            together = np.concatenate([own, rest])[: theirs.shape[1]]
            theirs[row] = -1
            theirs[row, : len(together)] = together
            unpinned = int(count[row]) - int(own_match.sum())
            room = max(0, int(size[row]) - len(own))
            shown[row] = int(own_match[: int(size[row])].sum()) + min(unpinned, room)
        return theirs, shown

    def _relate(
        self,
        wishes: Wishes,
        rows: slice,
        theirs: Ints,
        matching: NDArray[np.bool_],
        keys: Keys,
        room: NDArray[np.intp],
        related: dict[int, dict[int, int]],
    ) -> None:
        """Put what is near to a person's keywords below what matches, where there is room."""
        threshold = 1 << self._bits
        for row in np.flatnonzero(room > 0):
            numbers = [int(number) for number in wishes.followed[rows][row] if number]
            if not numbers:
                continue
            table = np.stack([self._near(number) for number in numbers])
            nearest = table.max(axis=0)
            nearest[(keys[row] < 0) | (keys[row] >= threshold)] = 0
            found = np.lexsort((np.arange(len(nearest)), -nearest))[: min(int(room[row]), MOST_RELATED)]
            found = found[nearest[found] > 0]
            if not len(found):
                continue
            own = theirs[row][theirs[row] >= 0]
            n = int(matching[row].sum())
            rest = own[n:]
            together = np.concatenate([own[:n], found, rest[~np.isin(rest, found)]])[: theirs.shape[1]]
            theirs[row] = -1
            theirs[row, : len(together)] = together
            related[rows.start + int(row)] = {
                int(at): numbers[int(table[:, at].argmax())] for at in found if at in together
            }

    def _near(self, number: int) -> NDArray[np.int16]:
        near = self._kin_points.get(number)
        if near is None:
            keyword = self._keywords[number]
            assert keyword is not None
            assert self._kin is not None
            near = (self._kin(keyword) * POINTS).astype(np.int16)
            self._kin_points[number] = near
        return near

    def _places(self, number: int) -> dict[int, tuple[int, str]]:
        """By position: the place a keyword was found in, and in which other words."""
        found = self._hits[number]
        if found is None:
            keyword = self._keywords[number]
            assert keyword is not None
            found = {}
            for index, position in self._indexes:
                hits: Hits = index.find(keyword)
                for row, place, via in zip(hits.rows, hits.places, hits.via, strict=True):
                    if position[row] >= 0:
                        found[int(position[row])] = (int(place), hits.shown[via])
            self._hits[number] = found
        return found

    def _told(self, row: int, profile: Profile, wishes: Wishes, choice: Choice) -> Selection:
        numbers = [int(number) for number in wishes.followed[row] if number]
        related = choice.related.get(row, {})
        lean = wishes.leans.get(row)
        picks = []
        for at in choice.positions[row]:
            if at < 0:
                break
            terms = []
            for number, keyword in zip(numbers, profile.followed, strict=True):
                found = self._places(number).get(int(at))
                if found is not None:
                    terms.append(Match(keyword.text, PLACES[found[0]], found[1]))
            near = self._keywords[related[int(at)]] if int(at) in related else None
            picks.append(
                Pick(
                    self.ids[at],
                    tuple(terms),
                    pinned=self.candidates[at].pin is not None,
                    outside=bool(numbers) and not terms,
                    related=near.text if near else "",
                    lean=float(lean[at]) if lean is not None else 1.0,
                )
            )
        return Selection(tuple(picks), int(choice.left_out[row]), bool(choice.matched[row]))


def _bounded(factor: float) -> float:
    return min(MOST_LEAN, max(LEAST_LEAN, factor)) if np.isfinite(factor) else 1.0


def select(profile: Profile, candidates: Sequence[Candidate], index: Index) -> Selection:
    """Choose for one person.

    Muted papers never show, whatever else speaks for them. Pins come first, then matches, then what is
    related, then, for a person without keywords or on a thin day they want filled, what is trending.
    Somebody with keywords gets pins only along with a match or a fill: an editor's pick alone is not
    what they asked for.
    """
    return Chooser(candidates, [index]).selections([profile])[0]
