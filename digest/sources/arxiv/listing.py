"""Announcement lists as JSON, as mirrors of the feed keep them: a day's papers with their announce types."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from digest.sources.arxiv import authors
from digest.sources.arxiv.calendar import announcement_moment
from digest.sources.arxiv.categories import categories_in
from digest.sources.arxiv.feed import ADDING
from digest.sources.arxiv.record import (
    doi_of,
    identity,
    is_withdrawn,
    page_of,
    pdf_of,
    title_of,
)
from digest.sources.base import BadRecord, FoundPaper, SetAside, SourceError
from digest.sources.fields import arxiv_id, moment, names, text, web_url
from digest.sources.payload import parse_json


@dataclass(frozen=True, slots=True)
class Listing:
    """One day's list."""

    day: date | None
    category: str
    records: list[FoundPaper | SetAside]


def read_listings(payload: bytes, *, name: str, day: date | None, today: date) -> list[Listing]:
    """A list `{date, status, count, papers: [...]}`, or several of them in an array.

    Raises:
        SourceError: it is none.
    """
    document = parse_json(payload, name=name)
    if isinstance(document, Mapping) and "error" in document and "papers" not in document:
        raise SourceError(
            f"{name} holds an error message: {text({'': str(document['error'])[:400]}, '')[:200]}."
        )
    listings = document if isinstance(document, list) else [document]
    if not listings or not all(_is_listing(one) for one in listings):
        raise SourceError(
            f"{name} is no announcement list of arXiv: expected `papers` with ids. "
            "For other lists there is --source file."
        )
    found = []
    for one in listings:
        at = moment(one.get("date"))
        own_day = at.date() if at else None
        found.append(
            Listing(
                own_day,
                text(one, "category", limit=40),
                list(_records(one["papers"], day or own_day or today)),
            )
        )
    return found


def _is_listing(document: Any) -> bool:
    return isinstance(document, Mapping) and isinstance(document.get("papers"), list)


def _records(papers: list[Any], day: date) -> Iterator[FoundPaper | SetAside]:
    for position, paper in enumerate(papers):
        try:
            yield _paper(paper, day)
        except BadRecord as error:
            called = text(paper, "arxiv_id", "id", "title", limit=100) if isinstance(paper, Mapping) else ""
            yield SetAside(position, called, str(error))


def _paper(record: Any, day: date) -> FoundPaper:
    if not isinstance(record, Mapping):
        raise BadRecord("not an object")
    paper_id, version = identity(text(record, "arxiv_id", limit=100), text(record, "id", "url", limit=300))
    kind = text(record, "announce_type", limit=30).lower()
    comment, abstract = text(record, "comment", "comments", limit=2_000), text(record, "abstract", "summary")
    primary = text(record, "primary_category", limit=40)
    categories = categories_in([primary, *names(record.get("categories"), limit=60)])
    listed = record.get("authors")
    return FoundPaper(
        title=title_of(record),
        announced_at=announcement_moment(day),
        arxiv_id=paper_id,
        version=version or arxiv_id(record.get("versioned_id"))[1],
        doi=doi_of(text(record, "doi", limit=1_000)),
        authors=authors.split(listed) if isinstance(listed, str) else names(listed),
        abstract=abstract,
        primary_category=categories[0] if categories else "",
        categories=categories,
        comment=comment,
        licence=text(record, "license", "licence", limit=200),
        withdrawn=is_withdrawn(comment, abstract),
        submitted_at=moment(record.get("published")),
        url=page_of(paper_id),
        pdf_url=pdf_of(paper_id),
        code_url=web_url(record, "code_url"),
        only_enriches=kind not in ADDING if kind else False,
    )
