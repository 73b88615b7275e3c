"""How much a paper is trending: a sum of logged signals and of their growth, with time decay.

    raw   = Σ (w · ln(1 + x) + w · ln(1 + Δx)) / (age_h + 24)^0.8      (times 100, to read as whole numbers)
    score = raw · field · submitter

x is the newest count, Δx what it gained in the last day. The shape and the exponent follow ResearchHub's
published hot score (`hot_score.py` in its repository): science comes in one batch a day, so a gravity made
for news (hours) is the wrong scale.

`field` = (mean of all / mean of the field)^½, so that a field with few readers is not drowned by one with
many. The mean of a field with few papers is drawn to that of all. `submitter` = (3 / n)^½ for the n-th best
paper of one submitter, from the fourth on: who lists twenty papers a day does not fill it.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

WEIGHTS = {"upvotes": 5.0, "comments": 3.0, "stars": 1.0}
GRAVITY = 0.8
OFFSET_HOURS = 24.0
SCALE = 100.0
FAIRNESS = 0.5
"""Exponent of the comparison of fields: 0 would compare nothing, 1 would make all fields equal."""
LEAST, MOST = 0.5, 2.0
"""Bounds of the factor of a field."""
DRAWN = 10
"""Papers of all fields that count in the mean of each."""
FREE = 3
"""Papers of a submitter that count in full."""


@dataclass(frozen=True, slots=True)
class Signals:
    """Counts of a paper; None where no source told."""

    upvotes: float | None = None
    comments: float | None = None
    stars: float | None = None


NONE = Signals()


@dataclass(frozen=True, slots=True)
class Observed:
    """What is known of one paper of an edition: its newest counts, what they gained in a day, its age in
    hours, the field it is compared in ("" for none), and who submitted it ("" for nobody).
    """

    newest: Signals
    gained: Signals = NONE
    age_hours: float = 0.0
    field: str = ""
    submitter: str = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """A score and what it is made of: `parts` times `factors` sum up to it."""

    score: float
    parts: dict[str, float]
    age_hours: float
    factors: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        return {
            "score": round(self.score, 3),
            "age_hours": round(self.age_hours, 2),
            "parts": {name: round(value, 3) for name, value in self.parts.items()},
            "factors": {name: round(value, 3) for name, value in self.factors.items()},
        }


def trend(newest: Signals, age_hours: float, gained: Signals = NONE) -> Trend:
    """Score one paper by itself, `age_hours` after it was announced.

    A count that is missing, negative, infinite or not a number weighs nothing; an age before
    the announcement is taken as the announcement.
    """
    age = age_hours if math.isfinite(age_hours) and age_hours > 0 else 0.0
    decay = (age + OFFSET_HOURS) ** GRAVITY
    parts = {}
    for suffix, signals in (("", newest), ("_gained", gained)):
        for name, weight in WEIGHTS.items():
            count = getattr(signals, name)
            if count is not None and math.isfinite(count) and count > 0:
                parts[name + suffix] = SCALE * weight * math.log1p(count) / decay
    return Trend(score=math.fsum(parts.values()), parts=parts, age_hours=age)


def trends(papers: Sequence[Observed]) -> list[Trend]:
    """Score the papers of an edition together: compared within their fields, damped per submitter.

    Of two papers of one field and submitter the one with higher counts never gets the lower score.
    """
    alone = [trend(paper.newest, paper.age_hours, paper.gained) for paper in papers]
    of_field = _field_factors(papers, alone)
    of_submitter = _submitter_factors(papers, alone)
    scored = []
    for paper, one, damped in zip(papers, alone, of_submitter, strict=True):
        factors = {}
        if (fair := of_field.get(paper.field, 1.0)) != 1.0:
            factors["field"] = fair
        if damped != 1.0:
            factors["submitter"] = damped
        score = one.score * math.prod(factors.values())
        scored.append(Trend(score, one.parts, one.age_hours, factors))
    return scored


def _field_factors(papers: Sequence[Observed], alone: Sequence[Trend]) -> dict[str, float]:
    by_field: dict[str, list[float]] = defaultdict(list)
    for paper, one in zip(papers, alone, strict=True):
        if paper.field:
            by_field[paper.field].append(one.score)
    everything = [score for scores in by_field.values() for score in scores]
    overall = math.fsum(everything) / len(everything) if everything else 0.0
    if overall <= 0:
        return {}
    factors = {}
    for name, scores in by_field.items():
        mean = (math.fsum(scores) + DRAWN * overall) / (len(scores) + DRAWN)
        factors[name] = min(MOST, max(LEAST, (overall / mean) ** FAIRNESS))
    return factors


def _submitter_factors(papers: Sequence[Observed], alone: Sequence[Trend]) -> list[float]:
    factors = [1.0] * len(papers)
    before: Counter[str] = Counter()
    for at in sorted(range(len(papers)), key=lambda at: (-alone[at].score, at)):
        submitter = papers[at].submitter
        if submitter:
            before[submitter] += 1
            factors[at] = min(1.0, math.sqrt(FREE / before[submitter]))
    return factors
