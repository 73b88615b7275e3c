"""Payloads of the API of bioRxiv and medRxiv, good and bad, and how they are read."""

import json
from datetime import date
from typing import Any

from digest.sources.base import FoundPaper, Look
from digest.sources.biorxiv import BiorxivSource

DAY = date(2026, 8, 20)
BIORXIV, MEDRXIV = BiorxivSource("biorxiv"), BiorxivSource("medrxiv")


def row(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A row in the shape the API has: all values are strings."""
    return {
        "title": f"Preprint number {number}",
        "authors": "Noether, E.; Kovalevskaya, S. V.",
        "author_corresponding": "Emmy Noether",
        "author_corresponding_institution": "University of Erlangen",
        "doi": f"10.1101/2026.08.01.{number:06d}",
        "date": DAY.isoformat(),
        "version": "1",
        "type": "new results",
        "license": "cc_by_nc_nd",
        "category": "bioinformatics",
        "jatsxml": "https://www.biorxiv.org/content/early/2026/08/20/source.xml",
        "abstract": "A short account of what was done.",
        "funder": "NA",
        "published": "NA",
        "server": "bioRxiv",
        **fields,
    }


def page(*rows: Any, **message: Any) -> dict[str, Any]:
    of = {"status": "ok", "category": "all", "interval": f"{DAY}:{DAY}", "cursor": 0, "count": len(rows)}
    return {
        "messages": [{**of, "count_new_papers": "180", "total": "246", **message}],
        "collection": list(rows),
    }


NO_POSTS = {"messages": [{"status": "no posts found"}], "collection": []}
REFUSALS = [
    (
        b"Error : (2002) Connection refused",
        r"error message \(Error : \(2002\) Connection refused\)\. Try again",
    ),
    (b"<!doctype html><title>Just a moment...</title>", "is not JSON"),
    (b'{"messages": [{"status": "ok"}], "collec', "is not JSON"),
    (b"", "is not JSON"),
    (b"[]", "not a page of preprints"),
    (b"null", "not a page of preprints"),
    (b"{}", "has no list `collection`"),
    (b'{"messages": [{"status": "incorrect date"}]}', "not a page of preprints: incorrect date"),
    (b'{"messages": [{"status": "query failed"}], "collection": []}', "error message: query failed"),
    (b'{"collection": {"0": {}}}', "has no list `collection`"),
]
"""Bodies that are no list of preprints, and what is said of each."""


def read(document: Any, *, name: str = "page.json", day: date | None = None) -> list[Look]:
    payload = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(BIORXIV.read(payload, name=name, day=day, today=date(2026, 8, 30)))


def paper(**fields: Any) -> FoundPaper:
    [look] = read(page(row(**fields)))
    [found] = look.records
    assert isinstance(found, FoundPaper)
    return found


def titles(look: Look) -> list[str]:
    return [record.title for record in look.records if isinstance(record, FoundPaper)]
