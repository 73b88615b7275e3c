"""A paper's facts in words, the same on the site and in a letter."""

import re
from collections.abc import Mapping, Sequence

SNIPPET = 320
COUNTS = (
    ("upvotes", "upvote", "upvotes"),
    ("comments", "comment", "comments"),
    ("stars", "GitHub star", "GitHub stars"),
)
_SENTENCE_END = re.compile(r"[.!?](?=\s+[A-Z0-9“\"(])")


def counts(told: Mapping[str, object]) -> str:
    """“41 upvotes, 2 comments”; only what a source told and is more than nothing."""
    parts = []
    for kind, one, many in COUNTS:
        number = told.get(kind)
        if isinstance(number, int) and number > 0:
            parts.append(f"{number:,} {one if number == 1 else many}")
    return ", ".join(parts)


def and_others(authors: Sequence[str], *, show: int = 3) -> str:
    """“A, B, C and 12 others”."""
    if len(authors) <= show + 1:
        return join_and(list(authors))
    return f"{', '.join(authors[:show])} and {len(authors) - show} others"


def join_and(items: Sequence[str]) -> str:
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def snippet(text: str, limit: int = SNIPPET) -> str:
    """The first sentences that fit, or else the first words and an ellipsis."""
    if len(text) <= limit:
        return text
    ends = [match.end() for match in _SENTENCE_END.finditer(text[: limit + 2])]
    if ends and ends[-1] >= limit // 3:
        return text[: ends[-1]]
    return shorten(text, limit)


def shorten(text: str, limit: int) -> str:
    """Cut at a word, with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[:limit].rsplit(" ", 1)[0] or text[:limit]
    return cut.rstrip(" ,;:.") + "…"
