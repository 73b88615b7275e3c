"""What a person typed into the keyword field, taken apart."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from subscriptions.models import MAX_KEYWORD_LENGTH, MAX_KEYWORDS, Keyword

# Also what other scripts and phones write for a comma, and what they make of a typed minus.
_SEPARATORS = re.compile(r"[,;\n\r，；、،؛]+")
_MINUS = re.compile(r"^(?:[-‐‑‒–—―−﹣－]\s*)+")
_BLANKS = re.compile(r"\s+")


class KeywordsRefused(ValueError):
    """Too many, or one too long; the message is for the person who typed them."""


@dataclass(frozen=True, slots=True)
class TypedKeyword:
    text: str
    key: str
    stance: Keyword.Stance


def parse_keywords(typed: str) -> list[TypedKeyword]:
    """Split at commas, semicolons and line ends; a leading minus mutes. Doubles count once.

    Raises:
        KeywordsRefused: with a sentence fit for the form.
    """
    return keywords_of(_SEPARATORS.split(typed))


def keywords_of(terms: Iterable[str]) -> list[TypedKeyword]:
    """The same for terms already apart, as the API sends them."""
    found: dict[str, TypedKeyword] = {}
    for term in terms:
        text = _BLANKS.sub(" ", unicodedata.normalize("NFC", term))
        text = "".join(char for char in text if unicodedata.category(char)[0] != "C")
        text = _BLANKS.sub(" ", text).strip()
        muted = bool(_MINUS.match(text))
        text = _MINUS.sub("", text).strip()
        key = unicodedata.normalize("NFKC", text).casefold()[: 2 * MAX_KEYWORD_LENGTH]
        if not any(char.isalnum() for char in key):
            continue
        if len(text) > MAX_KEYWORD_LENGTH:
            raise KeywordsRefused(
                f"“{text[:40]}…” is longer than {MAX_KEYWORD_LENGTH} characters. "
                "Separate keywords with commas."
            )
        stance = Keyword.Stance.MUTE if muted else Keyword.Stance.FOLLOW
        found.setdefault(key, TypedKeyword(text=text, key=key, stance=stance))
    if len(found) > MAX_KEYWORDS:
        raise KeywordsRefused(f"That is {len(found)} keywords; up to {MAX_KEYWORDS} are possible.")
    return list(found.values())
