"""A set of papers, prepared so that many keywords can be looked up in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from digest.relevance.keywords import Keyword
from digest.relevance.text import joined, words


class Place(StrEnum):
    """Where a keyword was found, best first."""

    TITLE = "title"
    AUTHORS = "authors"
    CATEGORIES = "categories"
    ABSTRACT = "abstract"


WEIGHT = {Place.TITLE: 3.0, Place.AUTHORS: 3.0, Place.CATEGORIES: 2.0, Place.ABSTRACT: 1.0}


@dataclass(frozen=True, slots=True)
class Document:
    """What of a paper is looked at. `id` is the caller's."""

    id: int
    title: str
    abstract: str = ""
    authors: Sequence[str] = ()
    categories: Sequence[str] = ()


class Index:
    """Folded text of a set of documents. Looking a keyword up is linear in the text, once each."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._fields: dict[int, tuple[tuple[Place, str], ...]] = {}
        self._found: dict[tuple[str, ...], dict[int, Place]] = {}
        for document in documents:
            self._fields[document.id] = (
                (Place.TITLE, _haystack([document.title])),
                (Place.AUTHORS, _haystack(document.authors)),
                (Place.CATEGORIES, _haystack(document.categories)),
                (Place.ABSTRACT, _haystack([document.abstract])),
            )

    def __len__(self) -> int:
        return len(self._fields)

    def find(self, keyword: Keyword) -> dict[int, Place]:
        """Document id -> the best place the keyword stands in; only documents that have it."""
        if not keyword.phrase:
            return {}
        found = self._found.get(keyword.needles)
        if found is None:
            found = {}
            for document, fields in self._fields.items():
                for place, haystack in fields:
                    if any(needle in haystack for needle in keyword.needles):
                        found[document] = place
                        break
            self._found[keyword.needles] = found
        return found


def _haystack(texts: Iterable[str]) -> str:
    """Folded words between blanks, each text twice where hyphens make two readings of it."""
    readings = [reading for text in texts for reading in dict.fromkeys((text, joined(text)))]
    # Two blanks between them, so that no phrase runs from one author into the next.
    return "  ".join(f" {' '.join(words(reading))} " for reading in readings)
