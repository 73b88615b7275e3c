"""bioRxiv and medRxiv: preprints of biology and medicine, by the day they were posted.

One API tells both (https://api.biorxiv.org). Each version of a preprint is a row of its own under the same
DOI. Their web pages are not read: they refuse programs.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone

from digest.relevance.text import clean
from digest.sources import http
from digest.sources.base import (
    BadRecord,
    FoundPaper,
    Look,
    Proof,
    SetAside,
    Source,
    SourceError,
    is_near,
    only_enriching,
)
from digest.sources.fields import MAX_URL, doi, midnight, moment, text
from digest.sources.markup import plain
from digest.sources.payload import day_in, first_records, parse_json, refuse_future, seen_at
from digest.sources.withdrawal import is_withdrawn

MAX_PAGES = 100
"""Of 30 rows each as of 2026; a busy day has ten."""
FULL = 30
"""Rows of a page from which the total is believed: it counts too many, but a shorter page is the last."""
MAX_CATEGORY = 40
"""Characters of a category a paper is filed under."""
FULL_TEXT = ".full.pdf"
NOTHING = "no posts found"
_INTERVAL = re.compile(r"\s*(\d{4}-\d{2}-\d{2})\s*[:/]\s*(\d{4}-\d{2}-\d{2})\s*")
Rows = list[Any]
Key = tuple[str, str]
"""A preprint's DOI and version, as told."""


class BiorxivSource(Source):
    """`GET /details/{server}/{day}/{day}/{cursor}/json`, and the same payload recorded in a file."""

    revisits = (timedelta(hours=24), timedelta(hours=48))
    grows = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.label = {"biorxiv": "bioRxiv", "medrxiv": "medRxiv"}[name]

    def fetch(self, day: date, category: str = "") -> Look:
        """All pages of one day. Neither is the page's size ours to choose nor the total to be trusted,
        so paging ends at a page that brings nothing new.
        """
        rows: Rows = []
        seen: set[Key] = set()
        cursor, reason = 0, ""
        for page in range(MAX_PAGES):
            try:
                told = self._page(day, cursor)
            except SourceError as error:
                if not page:
                    raise
                reason = f"Page {page + 1}: {error}"  # what the others told is not lost
                break
            cursor += len(told)
            new = _unseen(told, seen)
            if page and not any(map(_key, new)):
                if told and not any(map(_key, told)):
                    reason = f"Page {page + 1} holds nothing that could be read."
                break
            rows += new
            if not told:
                break
        else:
            reason = f"The list did not end after {MAX_PAGES} pages."
        look = self._look(day, rows, seen_at=timezone.now())
        if reason:
            look.proof, look.reason = Proof.PARTIAL, reason
        return look

    def _page(self, day: date, cursor: int) -> Rows:
        answer = http.get(f"{settings.BIORXIV_URL}/details/{self.name}/{day}/{day}/{cursor}/json")
        name = f"{self.label}'s list of {day}"
        rows, _ = _rows(_document(answer.body, name=name), name=name)
        return rows

    def recognises(self, payload: bytes) -> bool:
        """A page whose preprints are of this server; bioRxiv's where they do not say of which."""
        for page in first_records(payload):
            if isinstance(page, Mapping) and "collection" in page and "messages" in page:
                rows = page["collection"] if isinstance(page["collection"], list) else []
                servers = {
                    text(row, "server", limit=20).casefold() for row in rows if isinstance(row, Mapping)
                }
                return self.name in servers or (self.name == "biorxiv" and "medrxiv" not in servers)
        return False

    def read(self, payload: bytes, *, name: str, day: date | None, today: date) -> Iterator[Look]:
        """A recorded page, or a list of pages: one look per day the rows bear, or all on `day`."""
        document = _document(payload, name=name)
        rows: Rows = []
        seen: set[Key] = set()
        interval: date | None = None
        for page in document if isinstance(document, list) else [document]:
            told, of = _rows(page, name=name)
            rows += _unseen(told, seen)
            interval = interval or of
        if day:
            refuse_future(day, name, today)
        otherwise = min(interval or day_in(name) or today, today)
        by_day: dict[date, Rows] = {}
        for row in rows:
            own = _date(row)
            # A day that has not come is told with its row, on a day that has.
            by_day.setdefault(day or (own if own and own <= today else otherwise), []).append(row)
        total = _total(document)
        for n, own_day in enumerate(sorted(by_day) or [day or otherwise]):
            size = 0 if n else len(payload)
            look = self._look(
                own_day, by_day.get(own_day, []), seen_at=seen_at(own_day), size=size, filed=day is not None
            )
            if FULL <= len(rows) < total and look.proof is None:
                look.proof = Proof.PARTIAL
                look.reason = f"There is more: this is one page, {len(rows)} of {total} rows."
            yield look

    def _look(self, day: date, rows: Rows, *, seen_at: datetime, size: int = 0, filed: bool = False) -> Look:
        """The look these rows are; `filed` says that they are to count as of `day`, whatever they say."""
        records = tuple(self._records(rows, day, filed=filed))
        look = Look(
            source=self.name,
            day=day,
            seen_at=seen_at,
            records=records,
            bytes_read=size,
            announced=tuple(
                f"{record.doi}v{record.version or 1}"
                for record in records
                if isinstance(record, FoundPaper) and not record.only_enriches
            ),
        )
        dates = {own for row in rows if (own := _date(row))}
        if dates and day not in dates and not filed:
            look.proof, look.reason = Proof.STALE, f"This is the list of {max(dates)}."
            if not any(is_near(own, day) for own in dates):  # whose papers these are nobody can tell
                look.records, look.announced = only_enriching(records), ()
        elif not rows:
            look.proof = Proof.EMPTY
        elif not records:
            look.proof = Proof.COMPLETE  # there were papers, though none of our categories
        return look

    def _records(self, rows: Rows, day: date, *, filed: bool) -> Iterator[FoundPaper | SetAside]:
        wanted = {_folded(category) for category in self._wanted()}
        for position, row in enumerate(rows):
            try:
                if not isinstance(row, Mapping):
                    raise BadRecord("not an object")
                if not wanted or _folded(row.get("category")) in wanted:
                    yield self._paper(row, day, filed=filed)
            except BadRecord as error:
                yield SetAside(
                    position, text(row, "doi", limit=100) if isinstance(row, Mapping) else "", str(error)
                )

    def _wanted(self) -> list[str]:
        return list(settings.BIORXIV_CATEGORIES if self.name == "biorxiv" else settings.MEDRXIV_CATEGORIES)

    def _paper(self, row: Mapping[str, Any], day: date, *, filed: bool) -> FoundPaper:
        paper_doi = doi(row.get("doi"))
        if not paper_doi:
            raise BadRecord("`doi` is not a DOI")
        title = plain(text(row, "title", limit=3_000))[:3_000].rstrip()
        if not title:
            raise BadRecord("no title")
        server = text(row, "server", limit=20).casefold()
        if server in ("biorxiv", "medrxiv") and server != self.name:
            raise BadRecord(f"it is of {server}: read it with --source {server}")
        own = _date(row)
        if own and own > timezone.now().date():
            raise BadRecord(f"it is of {own}, which lies in the future")
        own = own if own and is_near(own, day) else None
        version = _version(row.get("version"))
        category = clean(text(row, "category", limit=100).replace("_", " "))
        url = f"https://www.{self.name}.org/content/{quote(paper_doi, safe='/().;:')}"
        url += f"v{version}" if version else ""
        url = url if len(url) <= MAX_URL - len(FULL_TEXT) else ""  # of letters that take twelve signs each
        return FoundPaper(
            title=title,
            announced_at=midnight(own if own and not filed else day),
            day=own if own and own != day and not filed else None,
            doi=paper_doi,
            version=version,
            authors=_authors(text(row, "authors")),
            abstract=_abstract(row),
            primary_category=category[:MAX_CATEGORY].rstrip(),
            categories=(category,) if category else (),
            # What is told in marks may be longer in plain text.
            organization=plain(text(row, "author_corresponding_institution", limit=200))[:200].rstrip(),
            comment=_published(row),
            licence=_told(text(row, "license", "licence", limit=200)),
            withdrawn=is_withdrawn(row, title),
            # A later version's date is not the preprint's.
            submitted_at=midnight(own) if own and (version or 1) == 1 else None,
            url=url,
            pdf_url=f"{url}{FULL_TEXT}" if url and version else "",
            only_enriches=(version or 1) > 1,
        )


def _document(payload: bytes, *, name: str) -> Any:
    if payload.lstrip()[:6].lower() == b"error ":
        said = clean(payload[:200].decode(errors="replace"))
        raise SourceError(f"{name} is an error message ({said}). Try again later.")
    return parse_json(payload, name=name)


def _rows(page: Any, *, name: str) -> tuple[Rows, date | None]:
    """The rows of a page, and the day it is of where that is one.

    Raises:
        SourceError: it is no page, or tells that something went wrong.
    """
    if not isinstance(page, Mapping):
        raise SourceError(f"{name} is not a page of preprints: expected an object with `collection`.")
    messages = page.get("messages")
    message = messages[0] if isinstance(messages, list) and messages else {}
    message = message if isinstance(message, Mapping) else {}
    status = text(message, "status", limit=200)
    rows = page.get("collection")
    if not isinstance(rows, list):
        if status.casefold() != NOTHING:
            said = f": {status}" if status and status != "ok" else ""
            raise SourceError(f"{name} is not a page of preprints{said or ', it has no list `collection`'}.")
        rows = []
    if not rows and status.casefold() not in ("ok", NOTHING, ""):
        raise SourceError(f"{name} holds an error message: {status}")
    found = _INTERVAL.fullmatch(text(message, "interval", limit=50))
    one_day = _as_date(found[1]) if found and found[1] == found[2] else None
    return rows, one_day


def _total(page: Any) -> int:
    """Of how many rows a page says that it is one; 0 where it is several, or does not say."""
    messages = page.get("messages") if isinstance(page, Mapping) else None
    message = messages[0] if isinstance(messages, list) and messages else None
    told = text(message, "total", limit=10) if isinstance(message, Mapping) else ""
    return int(told) if told.isascii() and told.isdigit() else 0


def _unseen(rows: Sequence[Any], seen: set[Key]) -> Rows:
    """Rows that were not told before, and from now on were."""
    new = []
    for row in rows:
        key = _key(row)
        if key is None or key not in seen:
            new.append(row)
        if key is not None:
            seen.add(key)
    return new


def _key(row: Any) -> Key | None:
    if not isinstance(row, Mapping) or not (paper_doi := doi(row.get("doi"))):
        return None
    return paper_doi, str(_version(row.get("version")) or 1)


def _version(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 4:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1_000 else None


def _date(row: Any) -> date | None:
    return _as_date(row.get("date")) if isinstance(row, Mapping) else None


def _as_date(value: Any) -> date | None:
    at = moment(value[:30]) if isinstance(value, str) else None
    return at.date() if at else None


def _folded(value: Any) -> str:
    return clean(value[:200]).replace("_", " ").casefold() if isinstance(value, str) else ""


def _told(value: str) -> str:
    return "" if value.upper() in ("NA", "N/A") else value


def _authors(value: str) -> tuple[str, ...]:
    """Names as they are said: "J. Smith", "A. Doe" of "Smith, J.; Doe, A."."""
    found = []
    for name in plain(value).split(";")[:5_000]:
        family, *given = (part.strip() for part in name.split(","))
        said = " ".join(filter(None, [*given[:1], family, *given[1:]]))
        if said:
            found.append(said[:300].rstrip())
    return tuple(found)


def _abstract(row: Mapping[str, Any]) -> str:
    told = row.get("abstract")
    if not isinstance(told, str) or _told(clean(told[:10])) == "":
        return ""
    return plain(told[:200_000])[:100_000].rstrip()  # with its line breaks: they show where sections begin


def _published(row: Mapping[str, Any]) -> str:
    journal = doi(row.get("published"))
    return f"Published as https://doi.org/{journal}" if journal else ""
