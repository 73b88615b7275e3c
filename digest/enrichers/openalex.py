"""OpenAlex: the institution a paper comes from, and its abstract where we have none.

https://docs.openalex.org/api-entities/works. A key is free, and since 2026-02-13 there has to be one. Its
data is in the public domain (CC0).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings

from digest.enrichers.base import Enricher, Enrichment, Known
from digest.sources import http
from digest.sources.base import SetAside, SourceError
from digest.sources.fields import ARXIV_DOI, doi, text
from digest.sources.markup import plain
from digest.sources.payload import parse_json

MAX_WORDS = 10_000
"""Of an abstract; a place beyond is a mistake."""
MAX_WORD = 200
MAX_ABSTRACT = 100_000
MAX_AUTHORS = 100
"""Lists are cut off there."""
_RESERVED = frozenset("|,!<>+&#% ")
"""Characters that mean something in a filter, whose escape is nowhere told."""


class OpenAlexEnricher(Enricher):
    """`GET /works?filter=doi:A|B|...`."""

    name = "openalex"
    label = "OpenAlex"
    every = timedelta(days=7)
    reach = timedelta(days=30)
    at_once = 50

    def on(self) -> bool:
        return bool(settings.OPENALEX_KEY)

    def wants(self, paper: Known) -> bool:
        return bool(_name(paper))

    def ask(self, papers: Sequence[Known]) -> Iterator[Enrichment | SetAside]:
        by_name: dict[str, list[tuple[int, Known]]] = {}
        for position, paper in enumerate(papers):
            if name := _name(paper):
                by_name.setdefault(name, []).append((position, paper))
        names = list(by_name)
        for start in range(0, len(names), self.at_once):
            asked = set(names[start : start + self.at_once])
            for work in _works(sorted(asked)):
                name = _name_of(work)
                if name not in asked:
                    continue
                asked.discard(name)  # the first is the best where there are doubles
                for _, paper in by_name[name]:
                    yield _told(work, paper)


def _name(paper: Known) -> str:
    """The DOI it goes by there; "" where it has none that can be asked for."""
    name = paper.doi or (f"{ARXIV_DOI}{paper.arxiv_id}" if paper.arxiv_id else "")
    return "" if _RESERVED & set(name) else name.lower()


def _works(names: Sequence[str]) -> list[Any]:
    try:
        answer = http.get(
            f"{settings.OPENALEX_URL}/works",
            {
                "filter": f"doi:{'|'.join(names)}",
                "select": "ids,doi,abstract_inverted_index,authorships",
                "per_page": "100",
                "api_key": settings.OPENALEX_KEY,
            },
        )
    except http.Refused as error:
        if error.status == 401:
            raise SourceError(
                "OpenAlex refuses the key in OPENALEX_KEY: make a new one, or unset it."
            ) from error
        raise
    document = parse_json(answer.body, name="OpenAlex's answer")
    works = document.get("results") if isinstance(document, Mapping) else None
    if not isinstance(works, list):
        said = text(document, "message", "error", limit=200) if isinstance(document, Mapping) else ""
        raise SourceError(
            f"OpenAlex's answer has no list `results`{f': {said}' if said else ''}. Try again later."
        )
    return works


def _name_of(work: Any) -> str:
    if not isinstance(work, Mapping):
        return ""
    ids = work.get("ids")
    return doi(work.get("doi")) or (doi(ids.get("doi")) if isinstance(ids, Mapping) else "")


def _told(work: Mapping[str, Any], paper: Known) -> Enrichment:
    return Enrichment(
        id=paper.id,
        abstract="" if paper.has_abstract else _abstract(work.get("abstract_inverted_index")),
        organization=_organization(work.get("authorships")),
    )


def _abstract(index: Any) -> str:
    """An abstract told as the places of its words: `{"Despite": [0], "in": [3, 57]}`."""
    if not isinstance(index, Mapping):
        return ""
    words: dict[int, str] = {}
    for word, places in index.items():
        if not isinstance(word, str) or not isinstance(places, list):
            continue
        for place in places:
            if isinstance(place, int) and not isinstance(place, bool) and 0 <= place < MAX_WORDS:
                words.setdefault(place, word[:MAX_WORD])
    return plain(" ".join(word for _, word in sorted(words.items())))[:MAX_ABSTRACT].rstrip()


def _organization(authorships: Any) -> str:
    """The institution of the first author, else the one named most often, else ''."""
    if not isinstance(authorships, list):
        return ""
    authors = [author for author in authorships[:MAX_AUTHORS] if isinstance(author, Mapping)]
    first = next((author for author in authors if author.get("author_position") == "first"), None)
    if first is not None and (names := _institutions(first)):
        return names[0]
    named = Counter(name for author in authors for name in _institutions(author))
    return named.most_common(1)[0][0] if named else ""


def _institutions(author: Mapping[str, Any]) -> list[str]:
    institutions = author.get("institutions")
    if not isinstance(institutions, list):
        return []
    found = (text(item, "display_name", limit=200) for item in institutions[:20] if isinstance(item, Mapping))
    return [name for name in found if name]
