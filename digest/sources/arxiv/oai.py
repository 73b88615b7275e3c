"""OAI-PMH as arXiv speaks it, in the formats `arXivRaw`, `arXiv` and `oai_dc`.

https://info.arxiv.org/help/oa/index.html. A record's datestamp is the day of its last change, however
small, so nothing here is dated by it. `arXivRaw` alone has every version with its date.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element

from digest.relevance.text import clean
from digest.sources import fields
from digest.sources.arxiv import authors
from digest.sources.arxiv.api import UNDATED
from digest.sources.arxiv.categories import categories_in, of_oai_set
from digest.sources.arxiv.document import Document, children, content, local, texts
from digest.sources.arxiv.record import (
    MAX_VERSION,
    doi_of,
    identity,
    is_withdrawn,
    page_of,
    pdf_of,
    title_of,
    web_date,
)
from digest.sources.base import BadRecord, FoundPaper, SetAside, SourceError
from digest.sources.fields import text

NOTHING = frozenset({"noRecordsMatch", "idDoesNotExist"})
"""Errors that say: there is none."""
_VERSION = re.compile(r"v(\d{1,3})", re.ASCII)
_COMMENT = re.compile(r"\s*Comments?:\s*", re.IGNORECASE)


@dataclass(slots=True)
class Page:
    """One answer: its papers, what to ask with for the rest ('' at the end), why reading stopped."""

    records: list[FoundPaper | SetAside]
    token: str
    broken: str
    deleted: int = 0
    nothing: str = ""
    """What the server says where there are no records."""


def read_page(document: Document, *, name: str) -> Page:
    """Raises:
    SourceError: the answer is an error, other than that nothing matches.
    """
    parts = children(document.root)
    nothing = ""
    for error in parts.get("error", []):
        code, told = clean(error.get("code", ""))[:60], clean(content(error)[:600])[:300]
        if code not in NOTHING:
            raise SourceError(
                f"{name} is an error of arXiv's OAI service: {code or 'nameless'} "
                f"({told.rstrip('.') or 'no more is said'}). Try again later."
            )
        nothing = told or code
    page = Page([], _token(document.root), document.broken, nothing=nothing)
    for position, record in enumerate(document.items):
        try:
            if (paper := _paper(record)) is None:
                page.deleted += 1
            else:
                page.records.append(paper)
        except BadRecord as error:
            page.records.append(SetAside(position, _called(record), str(error)))
    return page


def _token(root: Element) -> str:
    for verb in root:
        for child in verb:
            if local(child.tag) == "resumptionToken":
                return content(child).strip()[:2_000]
    return ""


def _called(record: Element) -> str:
    header = children(record).get("header")
    return text(texts(header[0]), "identifier", limit=100) if header else ""


def _paper(record: Element) -> FoundPaper | None:
    parts = children(record)
    header = parts.get("header", [None])[0]
    if header is not None and header.get("status") == "deleted":
        return None
    for metadata in parts.get("metadata", []):
        for told in metadata:
            if read := FORMATS.get(local(told.tag)):
                return read(told, header)
    raise BadRecord("no metadata in a format known here")


def _raw(told: Element, header: Element | None) -> FoundPaper:
    record, parts = texts(told), children(told)
    first, version, source_type = _history(parts.get("version", []))
    return _found(
        record,
        header,
        names=authors.split(record.get("authors", "")),
        submitted_at=first,
        version=version,
        withdrawn="I" in source_type,
    )


def _history(versions: list[Element]) -> tuple[datetime | None, int | None, str]:
    """When the first version was submitted; the number and source type of the last."""
    first, last, source_type = None, None, ""
    for element in versions[:MAX_VERSION]:
        number = _VERSION.fullmatch(element.get("version", "").strip())
        if number is None:
            continue
        told = texts(element)
        if int(number[1]) == 1:
            moment = web_date(told.get("date", ""))
            first = fields.moment(moment.isoformat()) if moment else None
        if last is None or int(number[1]) >= last:
            last, source_type = int(number[1]), text(told, "source_type", limit=20)
    return first, last, source_type


def _arxiv(told: Element, header: Element | None) -> FoundPaper:
    record, parts = texts(told), children(told)
    names: list[str] = []
    for group in parts.get("authors", [])[:1]:
        for author in list(group)[: authors.MOST]:
            person = texts(author)
            names += authors.name(
                person.get("forenames", ""), person.get("keyname", ""), person.get("suffix", "")
            )
    # `created` has come to be the date of the current version; it is the first's where there is but one.
    created = fields.moment(record.get("created")) if "updated" not in record else None
    return _found(record, header, names=tuple(names[: authors.MOST]), submitted_at=created)


def _dublin_core(told: Element, header: Element | None) -> FoundPaper:
    record, parts = texts(told), children(told)
    described = [content(part) for part in parts.get("description", [])]
    comment = next((one[found.end() :] for one in described if (found := _COMMENT.match(one))), "")
    record["abstract"] = next((one for one in described if not _COMMENT.match(one)), "")
    record["comments"] = comment
    record["license"] = record.get("rights", "")
    identifiers = [content(part).strip() for part in parts.get("identifier", [])]
    record["doi"] = next((one for one in identifiers if fields.doi(one)), "")
    record["id"] = next((one for one in identifiers if fields.arxiv_id(one)[0]), "")
    sets = [content(part) for part in children(header).get("setSpec", [])] if header is not None else []
    record["categories"] = " ".join(of_oai_set(one) for one in sets)
    names: list[str] = []
    for creator in parts.get("creator", [])[: authors.MOST]:
        names += authors.turned(content(creator))
    dates = [moment for part in parts.get("date", []) if (moment := fields.moment(content(part)))]
    return _found(
        record,
        header,
        names=tuple(names[: authors.MOST]),
        submitted_at=min(dates, default=None),
        # Sets come sorted by name, papers of one category excepted: which is the primary is not said.
        primary_is_first=len(sets) == 1,
    )


def _found(
    record: dict[str, str],
    header: Element | None,
    *,
    names: tuple[str, ...],
    submitted_at: datetime | None,
    version: int | None = None,
    withdrawn: bool = False,
    primary_is_first: bool = True,
) -> FoundPaper:
    identifier = texts(header).get("identifier") if header is not None else None
    paper_id, _ = identity(record.get("id"), identifier)
    comment, abstract = text(record, "comments", limit=2_000), text(record, "abstract")
    withdrawn = withdrawn or is_withdrawn(comment, abstract)
    categories = categories_in(record.get("categories", "")[:5_000].split())
    return FoundPaper(
        title=title_of(record),
        announced_at=UNDATED,
        arxiv_id=paper_id,
        version=version,
        doi=doi_of(record.get("doi", "")),
        authors=names,
        abstract=abstract,
        primary_category=categories[0] if categories and primary_is_first else "",
        categories=categories,
        comment=comment,
        licence=text(record, "license", limit=200),
        withdrawn=withdrawn,
        submitted_at=submitted_at,
        url=page_of(paper_id),
        pdf_url=pdf_of(paper_id),
        only_enriches=withdrawn,
    )


FORMATS: dict[str, Callable[[Element, Element | None], FoundPaper]] = {
    "arXivRaw": _raw,
    "arXiv": _arxiv,
    "dc": _dublin_core,
}
"""Readers by the name of the element within `metadata`."""
