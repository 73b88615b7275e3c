"""Which papers one person gets, in which order, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from digest.relevance.index import WEIGHT, Index, Place
from digest.relevance.keywords import Keyword


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper of an edition as selection sees it. `pin`: the editors' order, None for most."""

    id: int
    score: float
    pin: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One person's wish. `fill`: whether thin days are topped up with what is trending."""

    followed: Sequence[Keyword]
    muted: Sequence[Keyword] = ()
    size: int = 10
    fill: bool = False


@dataclass(frozen=True, slots=True)
class Pick:
    """A chosen paper and its reason: terms with their places, pinned, or merely trending.

    `outside`: it matches none of the keywords the person has.
    """

    id: int
    terms: tuple[tuple[str, Place], ...] = ()
    pinned: bool = False
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """The picks, best first, and how many more would have matched. `matched`: were any theirs?"""

    picks: tuple[Pick, ...]
    left_out: int = 0
    matched: bool = field(default=False)


def select(profile: Profile, candidates: Sequence[Candidate], index: Index) -> Selection:
    """Choose from the candidates (already in the editors' and trending order).

    Muted papers never show, whatever else speaks for them. Pins come first, then matches by
    keyword weight times trend, then, for a person without keywords or on a thin day they want
    filled, what is trending. Somebody with keywords gets pins only along with a match or a fill:
    an editor's pick alone is not what they asked for.
    """
    if profile.size <= 0:
        return Selection(picks=())
    muted = {paper for keyword in profile.muted for paper in index.find(keyword)}
    open_to = [candidate for candidate in candidates if candidate.id not in muted]
    terms: dict[int, list[tuple[str, Place]]] = {}
    for keyword in profile.followed:
        for paper, place in index.find(keyword).items():
            terms.setdefault(paper, []).append((keyword.text, place))

    def weight(candidate: Candidate) -> float:
        relevance = sum(WEIGHT[place] for _, place in terms[candidate.id])
        # +1, so that a paper nobody has voted for yet still ranks by its relevance.
        return relevance * (1.0 + candidate.score)

    pinned = sorted(
        (candidate for candidate in open_to if candidate.pin is not None),
        key=lambda candidate: candidate.pin or 0,
    )
    matching = [c for c in open_to if c.pin is None and c.id in terms]
    matching.sort(key=weight, reverse=True)  # stable: ties keep the edition's order
    matched = bool(matching) or any(candidate.id in terms for candidate in pinned)
    filling = profile.fill or not profile.followed
    if not matched and not filling:
        return Selection(picks=())

    chosen = [*pinned, *matching]
    left_out = sum(1 for candidate in chosen[profile.size :] if candidate.id in terms)
    if filling:
        taken = {candidate.id for candidate in chosen}
        chosen += [candidate for candidate in open_to if candidate.id not in taken]
    picks = tuple(
        Pick(
            id=c.id,
            terms=tuple(terms.get(c.id, ())),
            pinned=c.pin is not None,
            outside=bool(profile.followed) and c.id not in terms,
        )
        for c in chosen[: profile.size]
    )
    return Selection(picks=picks, left_out=left_out, matched=matched)
