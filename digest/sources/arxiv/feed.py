"""The daily feed of rss.arxiv.org, as RSS or as Atom, and feeds of others that lead to arXiv.

https://info.arxiv.org/help/rss_specifications.html: one item a paper, with an announce type that is
relative to the categories asked for; the first category is the primary one.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, time
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

from digest.relevance.text import clean
from digest.sources import fields
from digest.sources.arxiv import authors
from digest.sources.arxiv.calendar import EASTERN, announcement_moment
from digest.sources.arxiv.categories import canonical, categories_in, is_category
from digest.sources.arxiv.document import Document, children, content, texts
from digest.sources.arxiv.record import doi_of, identity, is_withdrawn, page_of, pdf_of, title_of, web_date
from digest.sources.base import BadRecord, FoundPaper, SetAside, SourceError
from digest.sources.fields import text

MOST = 2_000
"""Items the server gives at most. It sorts new papers last, so it is those that it cuts off."""
ADDING = frozenset({"new", "cross"})
CATEGORY_LIMIT = 40

_HEAD = re.compile(
    r"\s*arXiv:\S+\s+Announce Type:\s*(?P<type>[\w-]+)\s*(?:Abstract:\s*)?(?P<abstract>.*)", re.DOTALL
)
_ABSTRACT = re.compile(r"\s*Abstract:\s*", re.IGNORECASE)
_ERROR = re.compile(r"Feed error for query\b", re.IGNORECASE)
_OURS = re.compile(r"updates on arXiv\.org|\brss\.arxiv\.org\b", re.IGNORECASE)


@dataclass(slots=True)
class Feed:
    """A feed that was read. `day` is the one it bears; `category` what it is a feed of, '' for somebody
    else's; `broken` why reading stopped before the end.
    """

    day: date | None
    category: str
    is_arxivs: bool
    records: list[FoundPaper | SetAside] = field(default_factory=list)
    broken: str = ""


def read_feed(document: Document, *, name: str, day: date | None, today: date) -> Feed:
    """All items as papers of `day`, else of the day the feed bears, else of `today`.

    Raises:
        SourceError: it is the feed by which the server tells of an error.
    """
    channel = children(document.root).get("channel", [document.root])[0]
    head = texts(channel)
    title = text(head, "title", limit=500)
    if _ERROR.match(title):
        told = text(head, "description", "subtitle", limit=300) or title
        raise SourceError(f"{name} is an error of arXiv's feed: {told.rstrip('.')}. Check the category.")
    links = " ".join([head.get("link", ""), *_hrefs(channel)])
    is_arxivs = bool(_OURS.search(title) or _OURS.search(links))
    own_day = _day_of(head, document.items, is_arxivs=is_arxivs)
    feed = Feed(own_day, _category_of(title, links) if is_arxivs else "", is_arxivs, broken=document.broken)
    for position, item in enumerate(document.items):
        fields_of_item = texts(item)
        try:
            feed.records.append(_paper(item, fields_of_item, day or own_day or today))
        except BadRecord as error:
            called = text(fields_of_item, "guid", "id", "link", "title", limit=100)
            feed.records.append(SetAside(position, called, str(error)))
    return feed


def _paper(item: Element, record: dict[str, str], day: date) -> FoundPaper:
    parts = children(item)
    links = [*_hrefs(item), record.get("link")]
    paper_id, version = identity(record.get("guid"), record.get("id"), *links)
    kind, abstract = _told(record)
    categories = categories_in(
        category.get("term") or content(category) for category in parts.get("category", [])
    )
    return FoundPaper(
        title=title_of(record),
        announced_at=announcement_moment(day),
        arxiv_id=paper_id,
        version=version,
        doi=doi_of(record.get("DOI") or record.get("doi") or ""),
        authors=_authors(parts),
        abstract=abstract,
        primary_category=categories[0] if categories else "",
        categories=categories,
        comment=text(record, "comment", limit=2_000),
        licence=text(record, "rights", limit=200),
        withdrawn=is_withdrawn("", abstract),
        url=page_of(paper_id),
        pdf_url=pdf_of(paper_id),
        only_enriches=kind not in ADDING if kind else False,
    )


def _told(record: dict[str, str]) -> tuple[str, str]:
    """The announce type and the abstract; '' for the type where the feed has none."""
    description = record.get("description") or record.get("summary") or ""
    kind = text(record, "announce_type", limit=30).lower()
    if found := _HEAD.match(description):
        return kind or found["type"].lower(), text(found.groupdict(), "abstract")
    start = found.end() if (found := _ABSTRACT.match(description)) else 0
    return kind, text({"abstract": description[start:]}, "abstract")


def _authors(parts: dict[str, list[Element]]) -> tuple[str, ...]:
    names: list[str] = []
    for creator in parts.get("creator", []):
        names += authors.split(content(creator))
    if not names:
        for author in parts.get("author", []):
            inner = children(author).get("name")
            names += authors.split(content(inner[0] if inner else author))
    return tuple(names[: authors.MOST])


def _hrefs(element: Element) -> list[str]:
    return [href for link in children(element).get("link", []) if (href := link.get("href"))]


def _category_of(title: str, links: str) -> str:
    """What a feed of arXiv's is of, from its address, else its title."""
    for link in links.split():
        path = unquote(urlsplit(link).path) if _is_address(link) else ""
        parts = [canonical(part) for part in path.rpartition("/")[2].split("+") if part]
        if parts and all(is_category(part) for part in parts):
            return _joined(parts)
    told = title.partition(" updates on ")[0]
    parts = [canonical(part) for part in told.split(",")]
    return _joined(parts) if all(is_category(part) for part in parts) else ""


def _is_address(link: str) -> bool:
    try:
        return bool(urlsplit(link).hostname)
    except ValueError:
        return False


def _joined(parts: list[str]) -> str:
    joined = "+".join(dict.fromkeys(parts))
    return joined if len(joined) <= CATEGORY_LIMIT else ""


def _day_of(head: dict[str, str], items: list[Element], *, is_arxivs: bool) -> date | None:
    """The date a feed bears; of arXiv's else the one most items bear, for the moment of making may be
    today's over yesterday's papers; else that moment.
    """
    if day := _date(head.get("pubDate", "")):
        return day
    if is_arxivs:
        told = (texts(item) for item in items)
        dates = Counter(_date(one.get("pubDate") or one.get("published") or "") for one in told)
        if (day := max(dates, key=lambda day: dates[day], default=None)) is not None:
            return day
    return _date(head.get("lastBuildDate") or head.get("updated") or "")


def _date(value: str) -> date | None:
    """A date as New York has it; midnight is a date without a time, in whatever zone it is told."""
    value = clean(value[:100])
    moment = web_date(value)
    if moment is None:
        if (parsed := fields.moment(value)) is None:
            return None
        if value[10:].lstrip("T ").startswith("00:00"):
            return date.fromisoformat(value[:10]) if value[:10].count("-") == 2 else parsed.date()
        moment = parsed
    return (
        moment.date() if moment.timetz().replace(tzinfo=None) == time() else moment.astimezone(EASTERN).date()
    )
