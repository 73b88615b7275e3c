"""api.github.com: `GET /repos/{owner}/{name}`."""

import hashlib
import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

from tests.world.exchange import Ask, Reply
from tests.world.papers import Repository

JSON = "application/json; charset=utf-8"
DOCS = "https://docs.github.com/rest/repos/repos#get-a-repository"


def answer(ask: Ask) -> Reply:
    found, status = _found(ask)
    headers = {**quota(ask), "X-GitHub-Media-Type": "github.v3; format=json", "Content-Type": JSON}
    if found is None:
        return _told(status, {"message": "Not Found", "documentation_url": DOCS, "status": "404"}, headers)
    if found.blocked:
        url = "https://github.com/github/dmca"
        block = {"reason": "dmca", "created_at": "2026-09-01T00:00:00Z", "html_url": url}
        return _told(451, {"message": "Repository access blocked", "block": block}, headers)
    if found.moved_to:
        new = ask.world.repositories[found.moved_to.lower()]
        url = f"{ask.base}/repositories/{new.number}"
        document = {"message": "Moved Permanently", "url": url, "documentation_url": DOCS}
        return _told(301, document, {**headers, "Location": url})
    body = json.dumps(_document(found, ask.now), ensure_ascii=False, separators=(",", ":")).encode()
    # Bound to who asks.
    tag = hashlib.sha256(body + ask.headers.get("authorization", "").encode()).hexdigest()
    headers |= {"ETag": f'W/"{tag}"', "Cache-Control": "public, max-age=60, s-maxage=60"}
    if headers["ETag"] in [part.strip() for part in ask.headers.get("if-none-match", "").split(",")]:
        return Reply(304, {name: value for name, value in headers.items() if name != "Content-Type"})
    return Reply(200, headers, body)


def quota(ask: Ask, remaining: int | None = None) -> dict[str, str]:
    """Headers on how often one may still ask, up to the full hour."""
    hour = ask.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    left = max(0, ask.quota - ask.used - 1) if remaining is None else remaining
    return {
        "X-RateLimit-Limit": str(ask.quota),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": str(int(hour.timestamp())),
        "X-RateLimit-Used": str(ask.quota - left),
        "X-RateLimit-Resource": "core",
    }


def _found(ask: Ask) -> tuple[Repository | None, int]:
    parts = ask.path.strip("/").split("/")
    found = None
    if len(parts) == 3 and parts[0] == "repos":
        found = ask.world.repositories.get(f"{parts[1]}/{parts[2]}".lower())
    elif len(parts) == 2 and parts[0] == "repositories" and parts[1].isdigit():
        number = int(parts[1])
        known = ask.world.repositories.values()
        found = next((one for one in known if one.number == number and not one.moved_to), None)
    return (None, 404) if found is None or found.gone else (found, 200)


def _told(status: int, document: dict[str, Any], headers: dict[str, str]) -> Reply:
    return Reply(status, headers, json.dumps(document, separators=(",", ":")).encode())


def _document(found: Repository, now: datetime) -> dict[str, Any]:
    owner, _, name = found.full_name.partition("/")
    today = now.astimezone(UTC).date()
    midnight = datetime.combine(today, time(), tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    stars = found.stars_on(today)
    return {
        "id": found.number,
        "node_id": f"R_{found.number}",
        "name": name,
        "full_name": found.full_name,
        "private": False,
        "owner": {"login": owner, "id": found.number + 1, "type": "Organization"},
        "html_url": f"https://github.com/{found.full_name}",
        "description": None,
        "fork": False,
        "url": f"https://api.github.com/repos/{found.full_name}",
        "pushed_at": midnight,
        "stargazers_count": stars,
        "watchers_count": stars,
        "language": "Python",
        "forks_count": found.forks,
        "archived": found.archived,
        "disabled": False,
        "license": {"key": "mit", "name": "MIT License", "spdx_id": "MIT"},
        "topics": [],
        "default_branch": "main",
    }
