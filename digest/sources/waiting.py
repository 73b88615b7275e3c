"""How long to wait before asking again: by ourselves, and by what the host wishes."""

import email.utils
import random
import time
from datetime import UTC

BACKOFF, LONGEST_BACKOFF = 1.0, 30.0
LONGEST_WISH = 86_400.0
SLIP = 7 * 86_400.0
"""Seconds of a `Retry-After`: kept at most, and beyond which it is nonsense, like a date as a number. A day,
because our sources tell of days: whoever means more is asked once in a day, which is no burden."""


def backoff(attempt: int) -> float:
    """Seconds before the next attempt: doubling, at random from half of that on, so that those who were
    refused together do not come back together.
    """
    longest = min(BACKOFF * 2.0**attempt, LONGEST_BACKOFF)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  (no secret)


def retry_after(value: str | None) -> float | None:
    """Seconds to wait by a `Retry-After` header (RFC 9110, section 10.2.3): a number or a date, a day at
    most, and then we ask again; None for what is neither, lies in the past or so far off that it is a slip.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:12])
    else:
        try:
            until = email.utils.parsedate_to_datetime(text)
        except (ValueError, TypeError, OverflowError, IndexError):
            return None
        # An unnamed zone means UTC there.
        seconds = until.replace(tzinfo=until.tzinfo or UTC).timestamp() - time.time()
    return min(seconds, LONGEST_WISH) if 0 < seconds <= SLIP else None
