"""Ways to look something up that the tests of keywords and of the index share."""

from typing import Any

from digest.relevance.index import PLACES, Document, Index, Place
from digest.relevance.keywords import Keyword, compile_keyword


def places(index: Index, keyword: str | Keyword) -> dict[int, Place]:
    """By id, where a keyword was found, compiled with what the index taught if it is not yet."""
    if isinstance(keyword, str):
        keyword = compile_keyword(keyword, index.lexicon)
    hits = index.find(keyword)
    return {index.ids[row]: PLACES[place] for row, place in zip(hits.rows, hits.places.tolist(), strict=True)}


def shown(index: Index, typed: str) -> dict[int, str]:
    """By id, in which other words a keyword was found; "" for those typed."""
    hits = index.find(compile_keyword(typed, index.lexicon))
    return {index.ids[row]: hits.shown[via] for row, via in zip(hits.rows, hits.via, strict=True)}


def index_of(*titles: str) -> Index:
    """Papers with nothing but a title, numbered from 1."""
    return Index(Document(n, title) for n, title in enumerate(titles, start=1))


def titles(index: Index, typed: str) -> set[int]:
    """Ids of the papers that are found."""
    return set(places(index, typed))


def find(typed: str, title: str = "", abstract: str = "", **fields: Any) -> Place | None:
    """Where a keyword is found in a paper that is alone in the world."""
    return places(Index([Document(7, title, abstract, **fields)]), typed).get(7)
