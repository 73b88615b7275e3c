"""api.biorxiv.org: `GET /details/{server}/{from}/{until}/{cursor}/json`, for medRxiv as well."""

import json
from dataclasses import replace
from datetime import UTC, date, timedelta
from typing import Any

from tests.world.exchange import Ask, Reply
from tests.world.papers import Preprint

PAGE = 30
JSON = "application/json; charset=utf-8"
SERVERS = ("biorxiv", "medrxiv")


def answer(ask: Ask) -> Reply:
    parts = ask.path.strip("/").split("/")
    if len(parts) < 3 or parts[0] != "details" or parts[1] not in SERVERS:
        return _nothing()
    server, rest = parts[1], parts[2:]
    today = ask.now.astimezone(UTC).date()
    rows = [
        row
        for day in sorted(ask.world.preprints)
        if day <= today
        for row in ask.world.preprints[day]
        if row.server == server
    ]
    cursor, interval = 0, ""
    if rest[0].startswith("10."):
        doi = "/".join(rest[:2])
        rows = [row for row in rows if row.doi == doi]
    else:
        try:
            rows, interval, rest = _chosen(rows, rest, ask, today)
            cursor = int(rest[0]) if rest else 0
        except ValueError:
            return _nothing()
    category = ask.query.get("category", "")
    if category:
        rows = [row for row in rows if row.category == category.replace("_", " ").lower()]
    size = ask.sizes.get("biorxiv", PAGE)
    page = ask.page(rows[cursor : cursor + size], rows, size)
    if not page:
        return _nothing()
    message = {
        "status": "ok",
        "category": category or "all",
        "interval": interval,
        "funder": "all",
        "cursor": cursor,
        "count": len(page),
        "count_new_papers": str(sum(row.version == 1 for row in rows)),
        # More than there are: it counts what the filters left out.
        "total": str(len(rows) + len(rows) // 3 + 1),
    }
    return _json({"messages": [message], "collection": [_row(row) for row in page]})


def _chosen(
    rows: list[Preprint], rest: list[str], ask: Ask, today: date
) -> tuple[list[Preprint], str, list[str]]:
    """The rows of an interval, how it is written, and what follows it in the path."""
    if rest[0].endswith("d") and rest[0][:-1].isdigit():
        since = today - timedelta(days=int(rest[0][:-1]))
        return [row for row in rows if row.posted_on > since], f"{since}:{today}", rest[1:]
    if rest[0].isdigit():
        return rows[-int(rest[0]) :], "", rest[1:]
    since, until = date.fromisoformat(rest[0]), date.fromisoformat(rest[1])
    if ask.batch:
        chosen = [row for row in rows if row.posted_on == ask.batch]
        if ask.redated:
            chosen = [replace(row, posted_on=since) for row in chosen]
    else:
        chosen = [row for row in rows if since <= row.posted_on <= until]
    return chosen, f"{since}:{until}", rest[2:]


def _nothing() -> Reply:
    return _json({"messages": [{"status": "no posts found"}], "collection": []})


def _json(document: dict[str, Any]) -> Reply:
    # PHP: no tag, slashes escaped, everything else beyond ASCII as \u.
    body = json.dumps(document, separators=(",", ":")).replace("/", "\\/").encode()
    return Reply(200, {"Content-Type": JSON, "Cache-Control": "no-cache"}, body)


def _row(row: Preprint) -> dict[str, str]:
    path = f"{row.posted_on:%Y/%m/%d}/{row.doi.partition('/')[2]}"
    return {
        "title": row.title,
        "authors": row.authors,
        "author_corresponding": row.corresponding,
        "author_corresponding_institution": row.institution,
        "doi": row.doi,
        "date": row.posted_on.isoformat(),
        "version": str(row.version),
        "type": row.type,
        "license": row.licence,
        "category": row.category,
        "jatsxml": f"https://www.{row.server}.org/content/early/{path}.source.xml",
        "abstract": row.abstract,
        "funder": "NA",
        "published": row.published,
        "server": row.server,
    }
