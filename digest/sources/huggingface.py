"""Hugging Face daily papers: a community's list of each weekday, with upvotes.

The raw JSON is parsed here, not taken from a client library: those drop the nested fields.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

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
from digest.sources.fields import arxiv_id, count, midnight, moment, names, text, web_url
from digest.sources.payload import day_in, first_records, parse_json, refuse_future, seen_at

PAGE = 100
MAX_PAGES = 20


class HuggingFaceSource(Source):
    """`GET /api/daily_papers?date=D`, and the same payload recorded in a file."""

    name = "huggingface"
    label = "Hugging Face"

    grows = True
    # Votes move for days: what a paper gained since yesterday is what trends.
    revisits = (timedelta(hours=24), timedelta(hours=48), timedelta(hours=72))

    def expects(self, day: date) -> bool:
        """The list is made on weekdays (all of 580 recorded days are)."""
        return day.weekday() < 5

    def fetch(self, day: date, category: str = "") -> Look:
        """All pages of one day. A page's size is the server's to choose, so paging ends at a
        page that brings nothing new, not at a short one.
        """
        entries: list[Any] = []
        seen: set[str] = set()
        reason = ""
        for page in range(MAX_PAGES):
            try:
                told = self._page(day, page)
            except SourceError as error:
                if not page:
                    raise
                reason = f"Page {page + 1}: {error}"  # what the others told is not lost
                break
            new = []
            before = len(seen)
            for entry in told:
                key = _key(entry)
                if key is None or key not in seen:
                    new.append(entry)
                if key is not None:
                    seen.add(key)
            if page and len(seen) == before:
                break
            entries += new
            if len(seen) == before:
                break
        else:
            reason = f"The list did not end after {MAX_PAGES} pages."
        look = _fetched(day, entries)
        if reason:
            look.proof, look.reason = Proof.PARTIAL, reason
        return look

    def _page(self, day: date, page: int) -> list[Any]:
        token = settings.HUGGINGFACE_TOKEN
        answer = http.get(
            f"{settings.HUGGINGFACE_URL}/api/daily_papers",
            {"date": day.isoformat(), "limit": str(PAGE), "p": str(page)},
            headers={"Authorization": f"Bearer {token}"} if token else None,
        )
        return _entries(answer.body, name=f"The daily list of {day}")

    def recognises(self, payload: bytes) -> bool:
        """A list whose entries hold their paper in `paper`, as no other list of papers does."""
        return any(_key(entry) is not None for entry in first_records(payload))

    def read(self, payload: bytes, *, name: str, day: date | None, today: date) -> Iterator[Look]:
        """A recorded day. Its date is `day`, else in the file's name, else what most entries say."""
        entries = _entries(payload, name=name)
        filed = day is not None
        day = day or day_in(name) or _day_of(entries) or today
        refuse_future(day, name, today)
        yield _look(day, entries, seen_at=seen_at(day), size=len(payload), filed=filed)


def _look(day: date, entries: list[Any], *, seen_at: datetime, size: int = 0, filed: bool = False) -> Look:
    """The look these entries are; `filed` says that they are to count as of `day`, whatever they say."""
    listed_on = None if filed else _day_of(entries)
    look = Look(
        source=HuggingFaceSource.name,
        day=day,
        seen_at=seen_at,
        records=tuple(_records(entries, day, filed=filed)),
        bytes_read=size,
        announced=tuple(filter(None, map(_key, entries))),
    )
    if listed_on is not None and listed_on != day:
        look.proof, look.reason = Proof.STALE, f"This is the list of {listed_on}."
    return look


def _fetched(day: date, entries: list[Any]) -> Look:
    look = _look(day, entries, seen_at=timezone.now())
    listed_on = _day_of(entries)
    if listed_on is not None and not is_near(listed_on, day):  # whose papers these are nobody can tell
        look.records, look.announced = only_enriching(look.records), ()
    return look


def _entries(payload: bytes, *, name: str) -> list[Any]:
    document = parse_json(payload, name=name)
    if isinstance(document, dict) and "error" in document:
        raise SourceError(f"{name} holds an error message: {clean(str(document['error']))[:200]}")
    if not isinstance(document, list):
        raise SourceError(f"{name} is not a daily list: expected a JSON array of entries.")
    return document


def _records(entries: list[Any], day: date, *, filed: bool) -> Iterator[FoundPaper | SetAside]:
    for position, entry in enumerate(entries):
        try:
            yield _paper(entry, day, filed=filed)
        except BadRecord as error:
            yield SetAside(position, _key(entry) or "", str(error))


def _paper(entry: Any, day: date, *, filed: bool) -> FoundPaper:
    if not isinstance(entry, dict):
        raise BadRecord("not an object")
    paper = entry.get("paper")
    if not isinstance(paper, dict):
        raise BadRecord("no object `paper`")
    paper_id, version = arxiv_id(paper.get("id"))
    if not paper_id:
        raise BadRecord("`paper.id` is not an arXiv id")
    title = text(paper, "title", limit=3_000) or text(entry, "title", limit=3_000)
    if not title:
        raise BadRecord("no title")
    submitter = entry.get("submittedBy")
    organization = paper.get("organization") or entry.get("organization")
    listed_at = moment(paper.get("submittedOnDailyAt"))
    own = listed_at.date() if listed_at else None
    return FoundPaper(
        title=title,
        # The outer `publishedAt` is a mangled local time; only the inner fields count.
        announced_at=listed_at if listed_at and own == day else midnight(day),
        day=own if own and own != day and not filed and is_near(own, day) else None,
        arxiv_id=paper_id,
        version=version,
        authors=names(paper.get("authors")),
        abstract=text(paper, "summary") or text(entry, "summary"),
        tldr=text(paper, "ai_summary", limit=2_000),
        tldr_by=text(paper, "ai_summary_model", limit=100),
        topics=names(paper.get("ai_keywords"), limit=50),
        organization=text(organization, "fullname", "name", limit=200)
        if isinstance(organization, dict)
        else "",
        submitter=text(submitter, "name", "user", limit=100) if isinstance(submitter, dict) else "",
        submitted_at=moment(paper.get("publishedAt")),
        url=f"https://arxiv.org/abs/{paper_id}",
        pdf_url=f"https://arxiv.org/pdf/{paper_id}",
        code_url=web_url(paper, "githubRepo"),
        project_url=web_url(paper, "projectPage"),
        thumbnail_url=web_url(entry, "thumbnail"),
        upvotes=count(paper, "upvotes"),
        comments=count(entry, "numComments"),
        stars=count(paper, "githubStars"),
    )


def _key(entry: Any) -> str | None:
    paper = entry.get("paper") if isinstance(entry, dict) else None
    value = paper.get("id") if isinstance(paper, dict) else None
    return clean(value)[:100] if isinstance(value, str) else None


def _day_of(entries: list[Any]) -> date | None:
    days: dict[date, int] = {}
    for entry in entries:
        paper = entry.get("paper") if isinstance(entry, dict) else None
        if isinstance(paper, dict) and (at := moment(paper.get("submittedOnDailyAt"))):
            days[at.date()] = days.get(at.date(), 0) + 1
    return max(days, key=lambda day: (days[day], day)) if days else None
