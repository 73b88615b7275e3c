"""huggingface.co: `GET /api/daily_papers?date=D`, a bare JSON array of one day's, week's or month's list."""

import hashlib
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tests.world.calendar import NEW_YORK
from tests.world.exchange import Ask, Reply, document, weak
from tests.world.papers import Entry, Listing, World

PAGE, LARGEST = 50, 100
"""Entries: when nothing else is wished for, and whatever is wished for."""
JSON = "application/json; charset=utf-8"
_SUBMITTERS = ("akhaliq", "taesiri", "Zoé-L", "hysts", "nielsr", "ЮлияК")


def answer(ask: Ask) -> Reply:
    quota = {
        "RateLimit": f'"api";r={max(0, ask.quota - ask.used - 1)};t={300 - int(ask.now.timestamp()) % 300}',
        "RateLimit-Policy": f'"fixed window";"api";q={ask.quota};w=300',
    }
    if ask.path.rstrip("/") != "/api/daily_papers":
        return _error(404, "Sorry, we can't find the page you are looking for.", quota)
    query = ask.query
    try:
        days = _days(query, ask)
        page, limit = int(query.get("p", "0")), min(int(query.get("limit", str(PAGE))), LARGEST)
        if page < 0 or limit < 1:
            raise ValueError("p and limit must be positive")
    except ValueError as error:
        return _error(400, f"Invalid query: {error}", quota)
    rows = [row for day in days for row in _rows(ask, day)]
    if submitter := query.get("submitter"):
        rows = [row for row in rows if row.get("submittedBy", {}).get("name") == submitter]
    if query.get("sort") == "trending":
        rows.sort(key=lambda row: -row["paper"]["upvotes"])
    size = min(limit, ask.sizes.get("huggingface", LARGEST))
    chosen = ask.page(rows[page * size : (page + 1) * size], rows, size)
    body = json.dumps(chosen, ensure_ascii=False, separators=(",", ":")).encode()
    found = document(ask, body, JSON, etag=weak(body))
    return Reply(found.status, {**found.headers, **quota}, found.body)


def _error(status: int, message: str, headers: dict[str, str]) -> Reply:
    body = json.dumps({"error": message}, separators=(",", ":")).encode()
    return Reply(status, {"Content-Type": JSON, "X-Error-Message": message, **headers}, body)


def _days(query: dict[str, str], ask: Ask) -> list[date]:
    today = ask.now.astimezone(UTC).date()
    if value := query.get("date"):
        if len(value) != 10:
            raise ValueError(f"{value} is not YYYY-MM-DD")
        return [date.fromisoformat(value)]
    if value := query.get("week"):
        year, _, week = value.partition("-W")
        monday = date.fromisocalendar(int(year), int(week), 1)
        return [monday + timedelta(days=number) for number in range(7)]
    if value := query.get("month"):
        first = date.fromisoformat(f"{value}-01")
        days = [first + timedelta(days=number) for number in range(31)]
        return [day for day in days if day.month == first.month]
    newest = max((day for day in ask.world.daily if day <= today), default=today)
    return [newest]


def _rows(ask: Ask, day: date) -> list[dict[str, Any]]:
    told = ask.batch or day
    rows = []
    for listed in ask.world.daily.get(told, ()):
        if isinstance(listed, Listing):
            at = datetime.combine(told if ask.batch else day, time(listed.hour), tzinfo=UTC)
            if at > ask.now:
                continue
            row = entry(ask.world, listed, told, ask.now)
        else:
            row = dict(listed)
        rows.append(_redated(row, day) if ask.batch and ask.redated else row)
    return sorted(rows, key=_published, reverse=True) if _made_up(ask.world, told) else rows


def _made_up(world: World, day: date) -> bool:
    return any(isinstance(listed, Listing) for listed in world.daily.get(day, ()))


def _published(row: Entry) -> str:
    return str(row["paper"]["publishedAt"])


def _redated(row: dict[str, Any], day: date) -> dict[str, Any]:
    at = f"{day.isoformat()}T00:00:00.000Z"
    return {**row, "paper": {**row["paper"], "submittedOnDailyAt": at}}


def entry(world: World, listed: Listing, day: date, now: datetime) -> dict[str, Any]:
    """One entry as the API has it: what is not known is absent, never null."""
    paper = world.papers[listed.arxiv_id]
    user = _user(_SUBMITTERS[int(_hex(paper.arxiv_id)[:6], 16) % len(_SUBMITTERS)])
    since = max(0, (now.astimezone(UTC).date() - day).days)
    submitted = paper.versions[0].submitted_at
    inner: dict[str, Any] = {
        "id": paper.arxiv_id,
        "authors": [
            {"_id": _hex(f"{paper.arxiv_id}{n}"), "name": author.name, "hidden": False}
            for n, author in enumerate(paper.authors)
        ],
        "publishedAt": _zulu(submitted),
        "submittedOnDailyAt": _zulu(datetime.combine(day, time(listed.hour), tzinfo=UTC)),
        "title": paper.title,
        "submittedOnDailyBy": user,
        "summary": paper.abstract,
        "upvotes": listed.upvotes[min(since, len(listed.upvotes) - 1)],
        "discussionId": _hex(f"discussion {paper.arxiv_id}"),
    }
    repository = world.repositories.get(paper.repository.lower())
    if paper.repository:
        inner["githubRepo"] = listed.url_of_repository or f"https://github.com/{paper.repository}"
        inner["githubRepoAddedBy"] = "user"
        inner["githubStars"] = repository.stars_on(now.astimezone(UTC).date()) if repository else 0
    if paper.project_page:
        inner["projectPage"] = paper.project_page
    if paper.tldr:
        inner |= {"ai_summary": paper.tldr, "ai_keywords": list(paper.topics), "ai_summary_model": "m/Small"}
    outer: dict[str, Any] = {
        "paper": inner,
        # New York's clock with a Z behind it.
        "publishedAt": _zulu(submitted.astimezone(NEW_YORK).replace(tzinfo=UTC)),
        "title": paper.title,
        "summary": paper.abstract,
        "thumbnail": f"https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/{paper.arxiv_id}.png",
        "numComments": listed.comments,
        "submittedBy": {**user, "isHf": False, "isHfAdmin": False, "isMod": False},
        "isAuthorParticipating": False,
    }
    if int(paper.arxiv_id[-2:]) % 17 == 3:  # a few have none, in life as well
        del outer["submittedBy"]
    if paper.organization:
        name = "".join(letter for letter in paper.organization if letter.isalnum()).lower()
        outer["organization"] = inner["organization"] = {
            "_id": _hex(name),
            "name": name,
            "fullname": paper.organization,
            "avatar": "https://cdn-avatars.huggingface.co/v1/x.png",
        }
    return outer


def _user(name: str) -> dict[str, Any]:
    return {
        "_id": _hex(name),
        "avatarUrl": f"/avatars/{_hex(name)}.svg",
        "isPro": False,
        "fullname": name.title(),
        "user": name,
        "type": "user",
        "name": name,
    }


def _hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
