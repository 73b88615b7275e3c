"""How much a paper is trending: a sum of logged signals with time decay.

    score = Σ w · ln(1 + x) / (age_h + 24)^0.8      (times 100, to read as whole numbers)

The shape and the exponent follow ResearchHub's published hot score (`hot_score.py` in its
repository): science comes in one batch a day, so a gravity made for news (hours) is the wrong
scale.
"""

import math
from dataclasses import dataclass

WEIGHTS = {"upvotes": 5.0, "comments": 3.0, "stars": 1.0}
GRAVITY = 0.8
OFFSET_HOURS = 24.0
SCALE = 100.0


@dataclass(frozen=True, slots=True)
class Signals:
    """The newest counts of a paper; None where no source told."""

    upvotes: float | None = None
    comments: float | None = None
    stars: float | None = None


@dataclass(frozen=True, slots=True)
class Trend:
    """A score and what it is made of: `parts` sum up to it."""

    score: float
    parts: dict[str, float]
    age_hours: float

    def as_json(self) -> dict[str, object]:
        return {
            "score": round(self.score, 3),
            "age_hours": round(self.age_hours, 2),
            "parts": {name: round(value, 3) for name, value in self.parts.items()},
        }


def trend(signals: Signals, age_hours: float) -> Trend:
    """Score one paper `age_hours` after it was announced.

    A count that is missing, negative, infinite or not a number weighs nothing; an age before
    the announcement is taken as the announcement.
    """
    age = age_hours if math.isfinite(age_hours) and age_hours > 0 else 0.0
    decay = (age + OFFSET_HOURS) ** GRAVITY
    parts = {}
    for name, weight in WEIGHTS.items():
        count = getattr(signals, name)
        if count is not None and math.isfinite(count) and count > 0:
            parts[name] = SCALE * weight * math.log1p(count) / decay
    return Trend(score=math.fsum(parts.values()), parts=parts, age_hours=age)
