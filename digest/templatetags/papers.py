"""A paper's facts in words, for templates."""

from collections.abc import Mapping, Sequence
from datetime import date

from django import template

from digest import words

register = template.Library()


@register.filter
def authors(names: Sequence[str]) -> str:
    return words.and_others(names)


@register.filter
def snippet(text: str) -> str:
    return words.snippet(text)


@register.filter
def number(value: int) -> str:
    return words.number(value)


@register.filter(expects_localtime=True)
def day(value: date) -> str:
    return words.day(value)


@register.filter(expects_localtime=True)
def weekday(value: date) -> str:
    return words.weekday(value)


@register.filter
def counts(breakdown: object) -> str:
    """Of an entry's breakdown; '' for a paper that stands in no edition."""
    return words.counts(breakdown.get("counts", {})) if isinstance(breakdown, Mapping) else ""


@register.filter
def made_of(breakdown: object) -> dict[str, object] | None:
    """What a score is made of; None where there is none, or nothing in it."""
    return words.made_of(breakdown) if isinstance(breakdown, Mapping) else None
