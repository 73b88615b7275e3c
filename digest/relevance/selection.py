"""Which papers one person gets, in which order, and why; for many people at once.

Each keyword ranks the papers it matches by place times (1 + trend), and gives the best C/C, the next
C/(C+1), then C/(C+2) ... points, whatever the trend of all of them. A paper's points are the sum over a
person's keywords; the best of each keyword come before all others. So each keyword brings its best, and none
takes all: reciprocal rank fusion (Cormack, Clarke, Büttcher: Reciprocal rank fusion outperforms Condorcet and
individual rank learning methods, SIGIR 2009), with a smaller constant, because a digest is short.

All of it is in whole numbers: points in a table of keywords by papers, a person's sum of its rows, and in
one number with it the place of the paper in the edition, so that no two papers are ever equal.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digest.relevance.index import Index
from digest.relevance.points import Kin, Points
from digest.relevance.wishes import (
    Candidate,
    Choice,
    Ints,
    Match,
    Pick,
    Profile,
    Selection,
    Wishes,
)

Keys = NDArray[np.signedinteger[Any]]

BLOCK = 256
"""People at once, so that their sums stay in the processor's cache."""
MOST_KEYWORDS = 32
"""Of one person that count: so many thousands fit into 16 bits."""
PINS_AMONG = 3
"""Of editors' picks that match nothing of somebody's, one in so many papers of theirs, and one at least."""
MOST_RELATED = 3
"""Papers shown because they are near to keywords they do not hold."""
LEAST_LEAN, MOST_LEAN = 0.25, 2.0
"""How far what somebody said of other papers may move the points of one."""


class Chooser:
    """Candidates, in the editors' and trending order, with the indexes that hold their words.

    Muted papers never show, whatever else speaks for them. Pins come first, then matches, then what is
    related, then, for a person without keywords or on a thin day they want filled, what is trending.
    Somebody with keywords gets pins only along with a match or a fill: an editor's pick alone is not
    what they asked for.
    """

    def __init__(
        self, candidates: Sequence[Candidate], indexes: Sequence[Index], *, kin: Kin | None = None
    ) -> None:
        self.candidates = candidates
        self.ids = [candidate.id for candidate in candidates]
        self._points = Points(candidates, indexes, kin=kin)
        pinned = [n for n, candidate in enumerate(candidates) if candidate.pin is not None]
        self._pins = sorted(pinned, key=lambda n: (candidates[n].pin or 0, n))
        self._bits = max(1, len(candidates)).bit_length()
        self._order = np.arange(len(candidates) - 1, -1, -1, dtype=np.int32)

    def wishes(self, profiles: Sequence[Profile]) -> Wishes:
        """Profiles as a table."""
        number = self._points.number
        numbers = [[number(keyword) for keyword in profile.followed[:MOST_KEYWORDS]] for profile in profiles]
        followed = np.zeros((len(profiles), max(map(len, numbers), default=0) or 1), np.int32)
        muted, leans = {}, {}
        for row, (profile, own) in enumerate(zip(profiles, numbers, strict=True)):
            followed[row, : len(own)] = own
            if profile.muted:
                muted[row] = [number(keyword) for keyword in profile.muted]
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
        if wishes.followed.shape[1] > MOST_KEYWORDS:
            raise ValueError(f"sums of more than {MOST_KEYWORDS} keywords do not fit into 16 bits")
        special: dict[int, set[int]] = defaultdict(set)
        for row in (*wishes.muted, *wishes.leans):
            special[row // BLOCK].add(row)
        if most:
            for start in range(0, len(wishes), BLOCK):
                rows = slice(start, min(start + BLOCK, len(wishes)))
                own = special.get(start // BLOCK, ())
                self._choose(wishes, rows, own, positions[rows], left_out[rows], matched[rows], related)
        return Choice(positions, left_out, matched, related)

    def selections(self, profiles: Sequence[Profile]) -> list[Selection]:
        """Choose for each of these people, with reasons."""
        wishes = self.wishes(profiles)
        choice = self.choose(wishes)
        return [self._told(row, profile, wishes, choice) for row, profile in enumerate(profiles)]

    def _choose(
        self,
        wishes: Wishes,
        rows: slice,
        special: Collection[int],
        positions: Ints,
        left_out: Ints,
        matched: NDArray[np.bool_],
        related: dict[int, dict[int, int]],
    ) -> None:
        """One block, `special` being those of it who mute or lean. Fills what it is given."""
        size = np.maximum(wishes.size[rows], 0)
        has_keywords = wishes.followed[rows].any(axis=1)
        filling = wishes.fill[rows] | ~has_keywords
        threshold = 1 << self._bits  # at or above: it matches
        keys, count = self._keys(wishes, rows, special)
        matched[:] = (count > 0) & (size > 0)
        served = (matched | filling) & (size > 0)
        most = positions.shape[1]
        limit = np.where(has_keywords, pins_beside(size), len(self._pins))
        pins, pins_match = self._pinned(keys, served, limit)
        best = np.partition(keys, len(self.candidates) - most, axis=1)[:, -most:]
        best = np.sort(best, axis=1)[:, ::-1]
        matching = (best >= threshold) & served[:, None]
        theirs = np.where(
            matching | ((filling & served)[:, None] & (best >= 0)),
            len(self.candidates) - 1 - (best & (threshold - 1)),
            -1,
        ).astype(np.int32)
        if self._points.has_kin:
            room = np.where(served, size - matching.sum(axis=1) - (pins >= 0).sum(axis=1), 0)
            self._relate(wishes, rows, theirs, matching, keys, room, related)
        together = np.hstack([pins, theirs])
        order = np.argsort(together < 0, axis=1, kind="stable")[:, :most]  # what is none goes to the end
        within = np.arange(most)[None, :] < size[:, None]
        positions[:] = np.where(within, np.take_along_axis(together, order, axis=1), -1)
        shown = np.take_along_axis(np.hstack([pins_match, matching]), order, axis=1) & within
        left_out[:] = np.where(served, count - shown.sum(axis=1), 0)

    def _keys(self, wishes: Wishes, rows: slice, special: Collection[int]) -> tuple[Keys, Ints]:
        """One number for each person and candidate: whether it is the best of one of their keywords, its
        points, then the candidate's order; -1 for muted. And for each person, how many match.
        """
        followed = wishes.followed[rows]
        points = self._points.table[followed[:, 0]]
        for column in range(1, followed.shape[1]):
            points += self._points.table[followed[:, column]]
        # As bytes added up in 16 bits: three times as quick as counting the keys.
        few = np.int16 if len(self.candidates) < 32_768 else np.int32
        count = np.add.reduce((points > 0).view(np.int8), axis=1, dtype=few).astype(np.int32)
        keys: Keys = points.astype(np.int64 if self._bits > 14 else np.int32)
        for row in special:
            if (lean := wishes.leans.get(row)) is not None:
                sums = keys[row - rows.start]
                keys[row - rows.start] = np.where(sums > 0, np.maximum(1, sums * lean), 0).astype(keys.dtype)
        keys <<= self._bits
        keys += self._order
        best = self._points.best[followed]
        for row in special:
            if row in wishes.leans:  # what they said of papers decides what comes first
                best[row - rows.start] = -1
        who, which = np.nonzero(best >= 0)
        keys[who, best[who, which]] |= 1 << (self._bits + 16)
        for row in special:
            mine = keys[row - rows.start]
            for number in wishes.muted.get(row, ()):
                mine[self._points.table[number] > 0] = -1
            count[row - rows.start] = (mine >= 1 << self._bits).sum()
        return keys, count

    def _pinned(
        self, keys: Keys, served: NDArray[np.bool_], limit: NDArray[np.intp]
    ) -> tuple[Ints, NDArray[np.bool_]]:
        """The editors' picks for each person, -1 for those that are not for them: muted, or one of more than
        `limit` that match nothing of theirs; and which of them match. Takes them out of the keys.
        """
        own = keys[:, self._pins]
        keys[:, self._pins] = -1
        match = own >= 1 << self._bits
        beside = (own >= 0) & ~match
        kept = (match | (beside & (np.cumsum(beside, axis=1) <= limit[:, None]))) & served[:, None]
        return np.where(kept, np.array(self._pins, np.int32), -1).astype(np.int32), match & kept

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
            table = np.stack([self._points.near(number) for number in numbers])
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

    def _told(self, row: int, profile: Profile, wishes: Wishes, choice: Choice) -> Selection:
        numbers = [int(number) for number in wishes.followed[row] if number]
        related = choice.related.get(row, {})
        lean = wishes.leans.get(row)
        picks = []
        for at in choice.positions[row]:
            if at < 0:
                break
            terms = []
            for number, keyword in zip(numbers, profile.followed, strict=False):
                found = self._points.place(number, int(at))
                if found is not None:
                    terms.append(Match(keyword.text, *found))
            near = self._points.keyword(related[int(at)]) if int(at) in related else None
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


def pins_beside(size: Any) -> Any:
    """How many editors' picks that match nothing of somebody's come in a digest of this size, or of each of
    these sizes.
    """
    return np.maximum(1, size // PINS_AMONG)


def _bounded(factor: float) -> float:
    return min(MOST_LEAN, max(LEAST_LEAN, factor)) if np.isfinite(factor) else 1.0
