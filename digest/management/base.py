"""What the commands about papers share: all that ours do, and dates."""

import argparse
from datetime import date

from subscriptions.management.base import Advance, Command, OneLineParser, progress

__all__ = ["Advance", "Command", "OneLineParser", "day", "progress"]


def day(value: str) -> date:
    """The argparse type of a day: a real one, neither too early nor too late for a paper."""
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{value!r} is not a date; write it as YYYY-MM-DD, like 2025-09-26"
        ) from None
    if not 1991 <= found.year <= 2200:
        raise argparse.ArgumentTypeError(f"{value} is out of range; the first preprints are of 1991")
    return found
