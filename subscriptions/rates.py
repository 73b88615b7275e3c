"""Limits as people write them: "60/hour", "3 per 30 days". Pure."""

import re
from dataclasses import dataclass

SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
_RATE = re.compile(r"(?P<count>\d{1,9})\s*(?:/|\bper\b)\s*(?P<units>\d{1,4})?\s*(?P<unit>[a-z]+?)s?")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many seconds."""

    count: int
    seconds: int

    @property
    def interval(self) -> float:
        """Seconds that one of them takes up."""
        return self.seconds / self.count


def parse_rate(text: str) -> Rate:
    """Read "60/hour", "100000/day", "3 per 30 days".

    Raises:
        ValueError: with a sentence that says how to write it.
    """
    found = _RATE.fullmatch(text.strip().lower())
    count, units = (int(found["count"]), int(found["units"] or 1)) if found else (0, 0)
    if found is None or found["unit"] not in SECONDS or 0 in (count, units):
        raise ValueError(f"{text!r} is not a rate; write it like 60/hour, 100000/day or 3 per 30 days")
    return Rate(count=count, seconds=units * SECONDS[found["unit"]])
