"""export.arxiv.org: `GET /api/query`, Atom; by ids, or by a search of joined fields."""

import base64
import hashlib
import re
from datetime import UTC, datetime
from urllib.parse import quote_plus
from xml.sax.saxutils import escape, quoteattr

from tests.world.calendar import api_day
from tests.world.exchange import Ask, Reply
from tests.world.papers import Paper, Version

DEFAULT, SLICE, REACH = 10, 2_000, 30_000
"""Results when nothing is wished for; at most in one slice; at most in all."""
ATOM = "application/atom+xml; charset=utf-8"
_NEW = re.compile(r"^(\d{4}\.\d{4,5})(?:v(\d+))?$")
_OLD = re.compile(r"^([a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v(\d+))?$")
_TERM = re.compile(r"\s*(?:(AND|OR|ANDNOT)\s+)?([a-zA-Z]+):(\[[^\]]*\]|\"[^\"]*\"|[^\s()]+)", re.ASCII)
_HEAD = (
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
    'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">\n'
)
Found = tuple[Paper, Version]


class APIError(Exception):
    """What is wrong, in the API's words."""


def answer(ask: Ask) -> Reply:
    if ask.path.strip("/"):
        return Reply(404, {"Content-Type": "text/html"}, b"<h1>Not Found</h1>")
    query = {"search_query": "", "id_list": "", "start": "0", "max_results": str(DEFAULT), **ask.query}
    try:
        start, size = _number(query, "start"), _number(query, "max_results")
        if size > SLICE or start + size > REACH:
            raise APIError(f"max_results must not exceed {SLICE} in a slice and {REACH} in all")
        found = _found(ask, query)
    except APIError as error:
        return _refusal(ask.now, str(error))
    shown = ask.page(found[start : start + size], found, size)
    return Reply(200, {"Content-Type": ATOM}, _feed(ask.now, query, shown, len(found)).encode())


def _number(query: dict[str, str], name: str) -> int:
    if not query[name].isdigit():
        raise APIError(f"{name} must be an integer")
    return int(query[name])


def _found(ask: Ask, query: dict[str, str]) -> list[Found]:
    today = api_day(ask.now)
    found: list[Found] = []
    if query["id_list"]:
        for asked in query["id_list"].split(","):
            match = _NEW.match(asked.strip()) or _OLD.match(asked.strip())
            if match is None:
                raise APIError(f"incorrect id format for {asked.strip()}")
            if (paper := ask.world.as_of(match[1], today)) is None:
                continue
            numbers = [version.number for version in paper.versions]
            number = int(match[2]) if match[2] else numbers[-1]
            if number in numbers:
                found.append((paper, paper.at(number)))
    else:
        found = [(paper, paper.versions[-1]) for paper in ask.world.public(today)]
    if query["search_query"]:
        found = [row for row in found if _fits(row[0], query["search_query"])]
        backward = query.get("sortOrder", "descending") != "ascending"
        if query.get("sortBy") == "lastUpdatedDate":
            found.sort(key=lambda row: row[1].submitted_at, reverse=backward)
        elif query.get("sortBy") == "submittedDate":
            found.sort(key=lambda row: row[0].versions[0].submitted_at, reverse=backward)
    elif not query["id_list"]:
        return []
    return found


def _fits(paper: Paper, search: str) -> bool:
    """Terms joined by AND, OR and ANDNOT, from left to right; brackets count for nothing."""
    terms = _TERM.findall(search.replace("(", " ").replace(")", " "))
    if not terms:
        return search.strip().lower() in f"{paper.title} {paper.abstract}".lower()
    result = True
    for number, (joined, name, value) in enumerate(terms):
        hit = _hit(paper, name, value.strip('"').lower())
        if number == 0:
            result = hit
        elif joined == "OR":
            result = result or hit
        else:
            result = result and (not hit if joined == "ANDNOT" else hit)
    return result


def _hit(paper: Paper, name: str, value: str) -> bool:
    authors = " ".join(author.name for author in paper.authors)
    if name == "submittedDate":
        first, _, last = value.strip("[]").partition(" to ")
        return first <= f"{paper.versions[0].submitted_at.astimezone(UTC):%Y%m%d%H%M}" <= last
    if name == "cat":
        names = [category.lower() for category in paper.categories]
        if value.endswith("*"):
            return any(category.startswith(value[:-1]) for category in names)
        return value in names
    fields = {
        "ti": paper.title, "au": authors.replace(" ", "_") + authors, "abs": paper.abstract,
        "co": paper.comment, "jr": paper.journal_ref, "id": paper.arxiv_id,
        "all": f"{paper.title} {authors} {paper.abstract} {paper.comment}",
    }  # fmt: skip
    if name not in fields:
        raise APIError(f"unknown field {name}")
    return value in fields[name].lower()


def _feed(now: datetime, query: dict[str, str], found: list[Found], total: int) -> str:
    told = "&".join(f"{name}={query[name]}" for name in ("search_query", "id_list", "start", "max_results"))
    names = ("search_query", "start", "max_results", "id_list")
    link = "https://arxiv.org/api/query?" + "&".join(f"{name}={quote_plus(query[name])}" for name in names)
    token = base64.b64encode(hashlib.sha1(told.encode(), usedforsecurity=False).digest()).decode()[:27]
    return (
        f"{_HEAD}  <id>https://arxiv.org/api/{token}</id>\n"
        f"  <title>{escape(f'arXiv Query: {told}')}</title>\n  <updated>{_zulu(now)}</updated>\n"
        f'  <link href={quoteattr(link)} type="application/atom+xml"/>\n'
        f"  <opensearch:itemsPerPage>{query['max_results']}</opensearch:itemsPerPage>\n"
        f"  <opensearch:totalResults>{total}</opensearch:totalResults>\n"
        f"  <opensearch:startIndex>{query['start']}</opensearch:startIndex>\n"
        f"{''.join(_entry(*row) for row in found)}</feed>\n"
    )


def _entry(paper: Paper, version: Version) -> str:
    full = f"{paper.arxiv_id}v{version.number}"
    scheme = 'scheme="http://arxiv.org/schemas/atom"'
    optional = [("comment", paper.comment), ("journal_ref", paper.journal_ref), ("doi", paper.doi)]
    return (
        f"  <entry>\n    <id>http://arxiv.org/abs/{full}</id>\n    <title>{escape(paper.title)}</title>\n"
        f"    <updated>{_zulu(version.submitted_at)}</updated>\n"
        f'    <link href="https://arxiv.org/abs/{full}" rel="alternate" type="text/html"/>\n'
        f'    <link href="https://arxiv.org/pdf/{full}" rel="related" type="application/pdf" title="pdf"/>\n'
        f"    <summary>{escape(paper.abstract)}</summary>\n"
        + "".join(f'    <category term="{name}" {scheme}/>\n' for name in paper.categories)
        + f"    <published>{_zulu(paper.versions[0].submitted_at)}</published>\n"
        + "".join(f"    <arxiv:{name}>{escape(value)}</arxiv:{name}>\n" for name, value in optional if value)
        + f'    <arxiv:primary_category term="{paper.primary}"/>\n'
        + "".join(
            f"    <author>\n      <name>{escape(author.name)}</name>\n"
            + (
                f"      <arxiv:affiliation>{escape(author.affiliation)}</arxiv:affiliation>\n"
                if author.affiliation
                else ""
            )
            + "    </author>\n"
            for author in paper.authors
        )
        + "  </entry>\n"
    )


def _refusal(now: datetime, reason: str) -> Reply:
    link = f"https://arxiv.org/api/errors#{'_'.join(reason.split())}"
    body = (
        f"{_HEAD}  <id>https://arxiv.org/</id>\n  <title>arXiv Search Results</title>\n"
        f"  <updated>{_zulu(now)}</updated>\n  <opensearch:itemsPerPage>1</opensearch:itemsPerPage>\n"
        "  <opensearch:totalResults>1</opensearch:totalResults>\n"
        "  <opensearch:startIndex>0</opensearch:startIndex>\n"
        f"  <entry>\n    <id>{escape(link)}</id>\n    <title>Error</title>\n"
        f"    <updated>{_zulu(now)}</updated>\n"
        f'    <link href={quoteattr(link)} rel="alternate" type="text/html"/>\n'
        f"    <summary>{escape(reason)}</summary>\n"
        "    <author>\n      <name>arXiv api core</name>\n    </author>\n  </entry>\n</feed>\n"
    )
    return Reply(400, {"Content-Type": ATOM}, body.encode())


def _zulu(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
