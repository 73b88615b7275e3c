"""The answers of arXiv's API: Atom, as it is in 2026 and as it was in 2016.

https://info.arxiv.org/help/api/user-manual.html: `published` is when the first version was submitted,
`updated` when the one that was asked for; neither is the day of the announcement.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from digest.sources import fields
from digest.sources.arxiv import authors
from digest.sources.arxiv.categories import categories_in
from digest.sources.arxiv.document import Document, children, content, texts
from digest.sources.arxiv.record import doi_of, identity, is_withdrawn, page_of, pdf_of, title_of
from digest.sources.base import BadRecord, FoundPaper, SetAside, SourceError
from digest.sources.fields import text

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the announcement until the calendar has placed the paper."""


@dataclass(slots=True)
class Page:
    """One answer: its papers, and how many there are in all (None where it does not say)."""

    records: list[FoundPaper | SetAside]
    total: int | None
    broken: str


def read_page(document: Document, *, name: str) -> Page:
    """Raises:
    SourceError: the answer is an error that is told as an entry.
    """
    records: list[FoundPaper | SetAside] = []
    for position, entry in enumerate(document.items):
        told = texts(entry)
        if "/api/errors" in told.get("id", ""):
            reason = text(told, "summary", limit=300) or "it does not say which"
            raise SourceError(f"{name} is an error of arXiv's API: {reason.rstrip('.')}. Check the query.")
        try:
            records.append(_paper(entry, told))
        except BadRecord as error:
            called = text(told, "id", "title", limit=100)
            records.append(SetAside(position, called, str(error)))
    total = text(texts(document.root), "totalResults", limit=20)
    return Page(records, int(total) if total.isascii() and total.isdigit() else None, document.broken)


def _paper(entry: Element, record: dict[str, str]) -> FoundPaper:
    parts = children(entry)
    paper_id, version = identity(record.get("id"))
    primary = categories_in(part.get("term", "") for part in parts.get("primary_category", []))
    categories = categories_in(
        [*primary, *(category.get("term", "") for category in parts.get("category", []))]
    )
    comment, abstract = text(record, "comment", limit=2_000), text(record, "summary")
    withdrawn = is_withdrawn(comment, abstract)
    return FoundPaper(
        title=title_of(record),
        announced_at=UNDATED,
        arxiv_id=paper_id,
        version=version,
        doi=doi_of(record.get("doi", "")),
        authors=_authors(parts.get("author", [])),
        abstract=abstract,
        primary_category=categories[0] if categories else "",
        categories=categories,
        comment=comment,
        licence=text(record, "rights", "license", limit=200),
        withdrawn=withdrawn,
        submitted_at=fields.moment(record.get("published")),
        url=page_of(paper_id),
        pdf_url=pdf_of(paper_id),
        only_enriches=withdrawn,
    )


def _authors(elements: list[Element]) -> tuple[str, ...]:
    names: list[str] = []
    for element in elements[: authors.MOST]:
        name = children(element).get("name")
        names += authors.split(content(name[0]) if name else "")
    return tuple(names[: authors.MOST])
