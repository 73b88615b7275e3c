"""Semantic Scholar: a sentence on what a paper does, its abstract, its DOI.

https://api.semanticscholar.org/api-docs/graph#tag/Paper-Data/operation/post_graph_get_papers. Without a key
all the world shares one allowance, which is nearly always used up; so without one this is off.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings

from digest.enrichers.base import Enricher, Enrichment, Known
from digest.sources import http
from digest.sources.base import SetAside, SourceError
from digest.sources.fields import ARXIV_DOI, arxiv_id, doi, text
from digest.sources.markup import plain
from digest.sources.payload import parse_json

FIELDS = "externalIds,tldr,publicationDate,abstract"


class SemanticScholarEnricher(Enricher):
    """`POST /graph/v1/paper/batch`."""

    name = "semanticscholar"
    label = "Semantic Scholar"
    every = timedelta(days=7)
    reach = timedelta(days=30)
    at_once = 100

    def on(self) -> bool:
        return bool(settings.SEMANTICSCHOLAR_KEY)

    def wants(self, paper: Known) -> bool:
        return bool(_name(paper))

    def ask(self, papers: Sequence[Known]) -> Iterator[Enrichment | SetAside]:
        asked = [(position, paper) for position, paper in enumerate(papers) if self.wants(paper)]
        for start in range(0, len(asked), self.at_once):
            some = asked[start : start + self.at_once]
            try:
                answers = _batch([_name(paper) for _, paper in some])
            except _NoneOfThem as error:
                yield from (SetAside(position, _name(paper), str(error)) for position, paper in some)
                continue
            for (position, paper), told in zip(some, answers, strict=True):
                if told is None:
                    continue
                found = _told(told, paper)
                yield SetAside(position, _name(paper), found) if isinstance(found, str) else found


class _NoneOfThem(Exception):
    """Not one of these names is known there."""


def _name(paper: Known) -> str:
    """What it goes by there; "" where it has no name."""
    if paper.arxiv_id:
        return f"ARXIV:{paper.arxiv_id}"
    return f"DOI:{paper.doi}" if paper.doi else ""


def _batch(names: list[str]) -> list[Any]:
    """The papers of these names in their order, with None for those that are unknown."""
    try:
        answer = http.post_json(
            f"{settings.SEMANTICSCHOLAR_URL}/graph/v1/paper/batch",
            {"ids": names},
            {"fields": FIELDS},
            headers={"x-api-key": settings.SEMANTICSCHOLAR_KEY},
        )
    except http.Refused as error:
        if error.status in (400, 404):  # "No valid paper ids given"
            raise _NoneOfThem(f"none of its batch is known ({error.status})") from error
        if error.status in (401, 403):
            raise SourceError(
                "Semantic Scholar refuses the key in SEMANTICSCHOLAR_KEY (keys that rest for two months are "
                "withdrawn): ask for a new one, or unset it."
            ) from error
        raise
    document = parse_json(answer.body, name="Semantic Scholar's answer")
    if not isinstance(document, list):
        said = text(document, "error", "message", limit=200) if isinstance(document, Mapping) else ""
        raise SourceError(
            f"Semantic Scholar's answer is not a list{f': {said}' if said else ''}. Try again later."
        )
    if len(document) != len(names):
        raise SourceError(
            f"Semantic Scholar gave {len(document)} answers to {len(names)} questions, so nobody can tell "
            "whose they are. Try again later."
        )
    return document


def _told(told: Any, paper: Known) -> Enrichment | str:
    """What is told of a paper, or why that cannot be used."""
    if not isinstance(told, Mapping):
        return "not an object"
    ids = told.get("externalIds")
    ids = ids if isinstance(ids, Mapping) else {}
    its_id, _ = arxiv_id(ids.get("ArXiv"))
    if paper.arxiv_id and its_id and its_id != paper.arxiv_id:
        return f"the answer is on {its_id}"
    its_doi = doi(ids.get("DOI"))
    if paper.doi or its_doi.startswith(ARXIV_DOI):  # the arXiv id once more
        its_doi = ""
    summary = told.get("tldr")
    # What is told in tags may be longer in plain text.
    tldr = plain(text(summary, "text"))[:2_000].rstrip() if isinstance(summary, Mapping) else ""
    return Enrichment(
        id=paper.id,
        doi=its_doi,
        abstract="" if paper.has_abstract else plain(text(told, "abstract"))[:100_000].rstrip(),
        tldr=tldr,
        tldr_by="Semantic Scholar" if tldr else "",
    )
