"""GitHub: how many stars a paper's repository has, where it moved to, and whether it is still there.

https://docs.github.com/en/rest/repos/repos#get-a-repository. A repository that has not changed costs
nothing of the allowance where a token is set (conditional requests; see `sources.http`).
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.utils import timezone

from digest.enrichers.base import Enricher, Enrichment, Known
from digest.relevance.text import clean
from digest.sources import http
from digest.sources.base import AskedToWait, SetAside, SourceError, Unreachable
from digest.sources.fields import count, text
from digest.sources.payload import parse_json
from digest.sources.waiting import LONGEST_WISH, retry_after

GONE = frozenset({404, 410, 451})
LIMITED = frozenset({403, 429})
ANSWERS = frozenset({200, 401}) | GONE | LIMITED
WITH_TOKEN, WITHOUT_TOKEN = 50, 40
"""Repositories at once; without a token there are 60 an hour."""
TROUBLES = 3
"""Repositories in a row that cannot be asked about, from which it is GitHub that is in trouble."""
_HOSTS = frozenset({"github.com", "www.github.com"})
_OWNER = re.compile(r"[a-z0-9][a-z0-9_-]{0,38}", re.ASCII)
_NAME = re.compile(r"[a-z0-9._-]{1,100}", re.ASCII)
# First parts of paths that are pages of GitHub's own, not accounts.
_PAGES = frozenset((
    "about", "apps", "collections", "contact", "customer-stories", "enterprise", "events", "explore",
    "features", "gist", "gists", "issues", "login", "marketplace", "new", "notifications", "organizations",
    "orgs", "pulls", "readme", "search", "security", "settings", "site", "sponsors", "stars", "team",
    "topics", "trending", "users",
))  # fmt: skip


class GithubEnricher(Enricher):
    """`GET /repos/{owner}/{name}`, once for each repository."""

    name = "github"
    label = "GitHub"
    every = timedelta(hours=24)
    reach = timedelta(days=14)

    @property
    def at_once(self) -> int:
        return WITH_TOKEN if settings.GITHUB_TOKEN else WITHOUT_TOKEN

    def wants(self, paper: Known) -> bool:
        return bool(repository(paper.code_url))

    def ask(self, papers: Sequence[Known]) -> Iterator[Enrichment | SetAside]:
        by_repository: dict[str, list[tuple[int, Known]]] = {}
        for position, paper in enumerate(papers):
            if name := repository(paper.code_url):
                by_repository.setdefault(name, []).append((position, paper))
        troubled: list[tuple[int, str, SourceError]] = []
        for name, named_by in by_repository.items():
            try:
                told = _look_up(name)
            except (Unreachable, _BadToken):
                raise
            except SourceError as error:
                troubled.append((named_by[0][0], name, error))
                if len(troubled) == TROUBLES:
                    raise
                continue
            # Others can be asked about, so it was those repositories: they must not hold up the rest.
            yield from (SetAside(position, at, str(error)) for position, at, error in troubled)
            troubled = []
            for position, paper in named_by:
                if isinstance(told, str):
                    yield SetAside(position, name, told)
                else:
                    stars, code_url = told
                    yield Enrichment(id=paper.id, stars=stars, code_url=code_url)
        if troubled:
            raise troubled[-1][2]


class _BadToken(SourceError):
    """No question will be answered."""


def repository(url: str) -> str:
    """The repository an address leads into, as "owner/name" in lower case; "" where it is none.

    Anything below it counts as it (`/tree/main/demo`, `.git`, a query); gists, accounts, `github.io` and
    GitHub's own pages are no repositories.
    """
    url = url.strip()
    if url.casefold().startswith("git@github.com:"):
        url = f"https://github.com/{url[15:]}"
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host = (parts.hostname or "").lower()
    except ValueError:
        return ""
    path = [part for part in unquote(parts.path).lower().split("/") if part]
    if parts.scheme not in ("http", "https", "git", "ssh") or host not in _HOSTS or len(path) < 2:
        return ""
    owner, name = path[0], path[1].removesuffix(".git")
    if owner in _PAGES or not _OWNER.fullmatch(owner) or not _NAME.fullmatch(name) or name in (".", ".."):
        return ""
    return f"{owner}/{name}"


def _look_up(name: str) -> tuple[int | None, str | None] | str:
    """A repository's stars and its address where that is another now, "" where there is none any more;
    or the reason why it cannot be told.

    Raises:
        SourceError: no other repository would fare better now.
    """
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    if settings.GITHUB_TOKEN:
        headers["Authorization"] = f"Bearer {settings.GITHUB_TOKEN}"
    answer = http.get(f"{settings.GITHUB_URL}/repos/{name}", headers=headers, statuses=ANSWERS, wish=_wish)
    if answer.status == 401:
        raise _BadToken("GitHub does not know the token in GITHUB_TOKEN: make a new one, or unset it.")
    if answer.status in LIMITED and (seconds := _wish(answer.status, answer.headers)) is not None:
        until = timezone.now() + timedelta(seconds=seconds)
        raise AskedToWait(
            f"GitHub wants no request before {until:%H:%M} UTC on {until:%Y-%m-%d}. {_advice()}"
        )
    document = parse_json(answer.body, name=f"GitHub's answer on {name}")
    if not isinstance(document, Mapping):
        raise SourceError(f"GitHub's answer on {name} is not an object. Check GITHUB_URL.")
    if answer.status == 200:
        return _told(document, name)
    # A server that is none of GitHub's has no page there, either: links must not go because of it.
    message = clean(text(document, "message", limit=200))
    if not message:
        raise SourceError(f"{answer.url} is not GitHub's API. Check GITHUB_URL.")
    return (None, "") if answer.status in GONE else f"GitHub refuses: {message}"


def _told(document: Mapping[str, Any], name: str) -> tuple[int | None, str | None] | str:
    stars = count(document, "stargazers_count")
    if stars is None:
        return "no number `stargazers_count`"
    full_name = text(document, "full_name", limit=200)
    if not full_name or full_name.lower() == name:
        return stars, None
    address = f"https://github.com/{full_name}"
    return stars, address if repository(address) == full_name.lower() else None


def _wish(status: int, headers: Mapping[str, str]) -> float | None:
    """Seconds until the next request may be made, if an answer says that it is too many."""
    if status in http.WITH_WISH and (wish := retry_after(headers.get("retry-after"))) is not None:
        return wish
    if status not in LIMITED:
        return None
    if headers.get("x-ratelimit-remaining", "").strip() != "0" and status == 403:
        return None
    reset = headers.get("x-ratelimit-reset", "").strip()
    if reset.isascii() and reset.isdigit() and len(reset) <= 11:
        seconds = int(reset) - time.time()
        if 0 < seconds <= LONGEST_WISH:
            return seconds
    return 60.0


def _advice() -> str:
    if settings.GITHUB_TOKEN:
        return "The rest is asked then."
    return "The rest is asked then; with a GITHUB_TOKEN there would be 5,000 requests an hour instead of 60."
