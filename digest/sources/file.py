"""Papers from a JSON or JSON Lines file: the way in for every list that has no module of its own."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

from digest.sources.arxiv.record import is_withdrawn
from digest.sources.base import BadRecord, FoundPaper, Look, SetAside, Source, SourceError
from digest.sources.fields import arxiv_id, count, doi, midnight, moment, names, text, web_url
from digest.sources.payload import parse_records, seen_at

MAX_VERSION = 1_000
PIECE = 5_000
"""Records that are held at a time."""


class FileSource(Source):
    """Reads records of `title` and, where there are any, `abstract`, `authors`, `id`, `doi`, ..."""

    name = "file"
    label = "File"
    live = False

    def fetch(self, day: date, category: str = "") -> Look:
        raise SourceError("The source `file` reads files only: add --file PATH.")

    def read(self, payload: bytes, *, name: str, day: date | None, today: date) -> Iterator[Look]:
        """One look per day the records name (`listed` or `announced`); all on `day` if given.

        A long file comes in pieces, each with its looks, so that it need not fit into memory twice.
        """
        size = len(payload)
        for records in _pieces(parse_records(payload, name=name)):
            for look in self._of_piece(records, day, today):
                look.bytes_read, size = size, 0
                yield look

    def _of_piece(self, records: Sequence[tuple[int, Any]], day: date | None, today: date) -> Iterator[Look]:
        by_day: dict[date, list[FoundPaper | SetAside]] = {}
        for position, record in records:
            try:
                if isinstance(record, SourceError):
                    raise BadRecord(str(record))
                paper, own_day = _paper(record, day, today)
            except BadRecord as error:
                aside = SetAside(position, _name(record), str(error))
                by_day.setdefault(day or today, []).append(aside)
            else:
                by_day.setdefault(own_day, []).append(paper)
        if not by_day:
            by_day[day or today] = []
        for own_day, found in sorted(by_day.items()):
            yield Look(
                source=self.name,
                day=own_day,
                seen_at=seen_at(own_day),
                records=found,
            )


def _pieces(records: Iterator[tuple[int, Any]]) -> Iterator[list[tuple[int, Any]]]:
    piece = list(islice(records, PIECE))
    yield piece  # an empty file is a look at nothing
    while piece := list(islice(records, PIECE)):
        yield piece


def _paper(record: Any, day: date | None, today: date) -> tuple[FoundPaper, date]:
    if not isinstance(record, Mapping):
        raise BadRecord("not an object")
    title = text(record, "title", limit=3_000)
    if not title:
        raise BadRecord("no title")
    listed = moment(record.get("listed")) or moment(record.get("announced"))
    own_day = day or (listed.date() if listed else today)
    if own_day > today:
        raise BadRecord(f"it is of {own_day}, which lies in the future")
    announced_at = listed if listed and listed.date() == own_day else midnight(own_day)
    paper_id, version = _arxiv(record)
    categories = names(record.get("categories"), limit=50)
    comment = text(record, "comment", "comments_text", limit=2_000)
    abstract = text(record, "abstract", "summary")
    paper = FoundPaper(
        title=title,
        announced_at=announced_at,
        arxiv_id=paper_id,
        version=version or _version(record),
        doi=doi(record.get("doi")),
        authors=names(record.get("authors")),
        abstract=abstract,
        tldr=text(record, "tldr", limit=2_000),
        topics=names(record.get("topics"), limit=50),
        primary_category=text(record, "primary_category", limit=40)
        or (categories[0][:40].rstrip() if categories else ""),
        categories=categories,
        organization=text(record, "organization", limit=200),
        comment=comment,
        licence=text(record, "licence", "license", limit=200),
        withdrawn=is_withdrawn(comment, abstract),
        submitted_at=moment(record.get("published")) or moment(record.get("submitted")),
        url=web_url(record, "url", "link") or (f"https://arxiv.org/abs/{paper_id}" if paper_id else ""),
        pdf_url=web_url(record, "pdf_url", "pdf")
        or (f"https://arxiv.org/pdf/{paper_id}" if paper_id else ""),
        code_url=web_url(record, "code_url", "code", "github"),
        project_url=web_url(record, "project_url", "project"),
        upvotes=count(record, "upvotes"),
        comments=count(record, "comments"),
        stars=count(record, "stars"),
    )
    return paper, own_day


def _arxiv(record: Mapping[str, Any]) -> tuple[str, int | None]:
    for field in ("arxiv_id", "id", "url", "link"):
        paper_id, version = arxiv_id(record.get(field))
        if paper_id:
            return paper_id, version
    return "", None


def _version(record: Mapping[str, Any]) -> int | None:
    number = count(record, "version")
    return number if number and number < MAX_VERSION else None


def _name(record: Any) -> str:
    if isinstance(record, Mapping):
        return text(record, "arxiv_id", "id", "doi", "title", limit=100)
    return ""
