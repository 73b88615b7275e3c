"""What a person typed into the keyword field, taken apart."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from subscriptions.models import MAX_KEYWORD_LENGTH, MAX_KEYWORDS, Keyword

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# Also what other scripts and phones write for a comma, and what they make of a typed minus.
_SEPARATORS = re.compile(r"[,;\n\r，；、،؛]+")
_MINUS = re.compile(r"^(?:[-‐‑‒–—―−﹣－]\s*)+")
_BLANKS = re.compile(r"\s+")


class KeywordsRefused(ValueError):
    """Too many, or one too long; the message is for the person who typed them, in their language."""

    def __init__(self, message: "StrPromise", values: dict[str, object]) -> None:
        super().__init__(message, values)
        self.message, self.values = message, values

    def __str__(self) -> str:
        return str(self.message) % self.values


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


def as_typed(followed: Iterable[str], muted: Iterable[str]) -> str:
    """Terms of a program as a person would type them into the field; one with a comma in it is several."""
    parts = [part.strip() for term in muted for part in _SEPARATORS.split(term)]
    return "\n".join([*followed, *(f"-{part}" for part in parts if part)])


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
                _("“%(text)s…” is longer than %(limit)d characters. Separate keywords with commas."),
                {"text": text[:40], "limit": MAX_KEYWORD_LENGTH},
            )
        stance = Keyword.Stance.MUTE if muted else Keyword.Stance.FOLLOW
        found.setdefault(key, TypedKeyword(text=text, key=key, stance=stance))
    if len(found) > MAX_KEYWORDS:
        raise KeywordsRefused(
            _("That is %(count)d keywords; up to %(limit)d are possible."),
            {"count": len(found), "limit": MAX_KEYWORDS},
        )
    return list(found.values())
