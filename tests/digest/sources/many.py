"""A deed for many seeds, and how often it was really done."""

from collections import Counter
from collections.abc import Callable
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import LONG, share_of


class Many:
    """Does deeds, and counts what came to its end."""

    def __init__(self) -> None:
        self.done: Counter[tuple[str, str]] = Counter()

    def __call__(self, what: str, page: str, cases: int, deed: Callable[[Random], None]) -> None:
        """Do it for so many seeds, in the long form; else for some, always the same."""

        @settings(
            max_examples=share_of(cases),
            deadline=None,
            database=None,
            derandomize=not LONG,
            phases=[Phase.generate],  # a smaller seed is no smaller case
            suppress_health_check=list(HealthCheck),
        )
        @given(st.integers(0, 2**64 - 1))
        def one(seed: int) -> None:
            deed(Random(seed))
            self.done[what, page] += 1

        one()
