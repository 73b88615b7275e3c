"""One paper of arXiv, from fields that its feed, its API and OAI-PMH have in common."""

import email.utils
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from digest.sources import fields
from digest.sources.arxiv.calendar import announced_on, announcement_moment
from digest.sources.base import BadRecord, FoundPaper
from digest.sources.fields import text

MAX_VERSION = 1_000
EARLY = timedelta(days=2)
"""How far a date may lie ahead: clocks and time zones differ, more is nonsense."""

_QUERY = re.compile(r"[?#].*", re.DOTALL)
_BARE = re.compile(r"\d{4}\.\d{4,5}(?:v\d+)?")
_MONTH = re.compile(r"(?:[a-z.-]+/)?(?P<year>\d{2})(?P<month>\d{2})")
_GONE = r"(?:has (?:now )?been|was|is(?: being| now)?|had to be) (?:\w+ )?withdrawn?"
_WORK = (
    r"(?:paper|article|manuscript|submission|preprint|e-?print|work|letter|note|report|version|draft|thesis)"
)
_ASIDE = r"(?: \([^)]{0,60}\)| \S+)?"
# Not "Withdrawn drugs are ...": a word about the work ends there, or goes on with who or why.
_BEGINS = (
    r"withdrawn(?:\W*$|[^\w\s]| [^\w\s]| from (?:the )?arxiv\b"
    r"| (?:after|and|as|at|because|by|due|for|in|on|once|pending|since|until)\b)"
)
_IN_COMMENT = re.compile(
    rf"^\W*{_BEGINS}|\b{_WORK}{_ASIDE} {_GONE}|\b{_WORK} withdrawn\b|^\W*(?:it|this) {_GONE}"
    rf"|\bwithdraw(?:n?|al of) (?:this|the|our) {_WORK}\b|[.;] withdrawn (?:because|due|since|as)\b"
    r"|[.,:;(] ?withdrawn by (?:the )?(?:\w+ )?(?:author|arxiv|admin)",
    re.IGNORECASE,
)
_IN_ABSTRACT = re.compile(
    rf"^\W*(?:{_BEGINS}|(?:this|the|our)\b[^.;]{{0,30}}\b{_WORK}{_ASIDE} {_GONE})", re.IGNORECASE
)
# Another work, an earlier version, what was at a conference.
_ANOTHER = re.compile(
    r"\b(?:(?i:an?|another|accompanying|companion|earlier|first|former|initial|older?|original|preceding"
    r"|previous|prior|related)|(?!THIS\b|THE\b|OUR\b)[A-Z]{3,}\S*)(?: \d{4})?"
    rf" (?i:{_WORK}{_ASIDE} (?:{_GONE}|withdrawn\b))|(?i:\bversion v?\d+ {_GONE})"
    rf"|(?i:{_GONE} (?:erroneously|mistakenly|by mistake|in error)\b)"
)
# From a conference or its review: the paper itself is still here.
_ELSEWHERE = re.compile(
    r"\b(?:(?:[Tt]his|[Tt]he|[Oo]ur) )?(?:\w+ )?(?:(?:was|has been|is) )?[Ww]ithdrawn"
    r" (?:submission\b|from (?!(?:the )?ar[Xx]iv)(?:review|(?:the )?[A-Z]))"
)
_OTHERS = re.compile(r"\b(?:replac\w+|supersed\w+|instead of|of)(?: \w+){0,3} withdrawn", re.IGNORECASE)


def identity(*names: str | None) -> tuple[str, int | None]:
    """An arXiv id and its version from whatever names a paper: `oai:arXiv.org:2203.01250v3`, a page's
    address, also one of another site that ends in an id.

    Raises:
        BadRecord: none of them holds one.
    """
    found, version = "", None
    for name in names:
        bare = _QUERY.sub("", (name or "").strip())[:300].rstrip("/")
        own, its_version = fields.arxiv_id(bare)
        if not own:
            own, its_version = fields.arxiv_id(bare.rpartition(":")[2])
        if not own and _BARE.fullmatch(last := bare.rpartition("/")[2]):
            own, its_version = fields.arxiv_id(last)
        if own and own == (found or own):
            found, version = own, version or its_version
    if not found:
        raise BadRecord("no arXiv id")
    return found, version


def title_of(record: Mapping[str, str]) -> str:
    """Raises:
    BadRecord: it has none.
    """
    if not (title := text(record, "title", limit=3_000)):
        raise BadRecord("no title")
    return title


def doi_of(value: str) -> str:
    """A DOI; the first where there are several, separated by blanks."""
    return fields.doi(value.split(maxsplit=1)[0].rstrip(",;")) if value.strip() else ""


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Do the words of a paper say that it is withdrawn? Not where they speak of another one."""
    comment = _ANOTHER.sub(" ", _ELSEWHERE.sub(" ", comment[:2_000]))
    return bool(
        (_IN_COMMENT.search(comment) and not _OTHERS.search(comment))
        or _IN_ABSTRACT.match(_ANOTHER.sub(" ", abstract[:400]))
    )


def web_date(value: str) -> datetime | None:
    """The date of a feed or a version (RFC 5322), aware, in its own zone; None where it is none."""
    try:
        found = email.utils.parsedate_to_datetime(value.strip()[:100])
        if not 1900 <= found.year <= 9000:
            return None
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
    return found


def month_of(arxiv_id: str) -> date | None:
    """The first day of the month in which arXiv gave this id."""
    found = _MONTH.match(arxiv_id)
    if found is None or not 1 <= int(found["month"]) <= 12:
        return None
    year = int(found["year"])
    return date(1900 + year if year > 90 else 2000 + year, int(found["month"]), 1)


def placed(paper: FoundPaper, *, day: date | None, today: date) -> tuple[date, FoundPaper]:
    """The day a paper is announced on, by the calendar unless `day` is given. Where the paper does not
    say when it was submitted, its id tells the month; where that is this month, it is `today`.

    Raises:
        BadRecord: it was submitted in the future.
    """
    at = paper.submitted_at
    if at is not None and at.date() > today + EARLY:
        raise BadRecord(f"it was submitted on {at.date()}, which lies in the future")
    own = day or min(announced_on(at) if at else month_of(paper.arxiv_id) or today, today)
    if at is None and day is None and (own.year, own.month) == (today.year, today.month):
        own = today
    moment = announcement_moment(own)
    if paper.announced_at == moment and paper.day is None:
        return own, paper
    return own, replace(paper, announced_at=moment, day=None)


def page_of(paper_id: str) -> str:
    return f"https://arxiv.org/abs/{paper_id}"


def pdf_of(paper_id: str) -> str:
    return f"https://arxiv.org/pdf/{paper_id}"


def named(papers: Iterable[FoundPaper]) -> tuple[str, ...]:
    """The ids with versions of those that add, sorted: by them a batch told twice is known."""
    return tuple(
        sorted(
            f"{paper.arxiv_id}v{paper.version}" if paper.version else paper.arxiv_id
            for paper in papers
            if not paper.only_enriches
        )
    )
