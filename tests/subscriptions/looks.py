"""Whoever follows a link without a person behind it, and what a page must not do for them."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpResponse, HttpResponseBase
from django.test import Client

AGENTS = {
    "Outlook Safe Links": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/79.0",
    "Barracuda": "Barracuda Sentinel (EE)",
    "Googlebot": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "curl": "curl/8.11.1",
    "a phone's mail app": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15",
}
LOOKS = ("get", "head", "options", "get")
ACTS = re.compile(
    r"submit|fetch\((?!`\$\{form\.dataset\.preview\}\?)|XMLHttpRequest|sendBeacon|location|WebSocket|\.click\("
)
"""What a script could press a button with. To ask for a preview is none: it goes to an address that is no
secret, which `Page.previews` holds, and changes nothing there."""


def look_at(path: str) -> Iterator[tuple[str, HttpResponseBase]]:
    """Follow a link twenty times, as five programs do, in each way that only looks; yields the answers."""
    for agent in AGENTS.values():
        scanner = Client(headers={"User-Agent": agent}, enforce_csrf_checks=True)
        for look in LOOKS:
            yield look, getattr(scanner, look)(path)


class Page(HTMLParser):
    """What on a page acts by itself, or could."""

    def __init__(self, answer: HttpResponseBase) -> None:
        super().__init__()
        assert isinstance(answer, HttpResponse)
        self.language = ""
        self.scripts: list[str | None] = []
        self.handlers: list[str] = []
        self.refreshes: list[str | None] = []
        self.elsewhere: list[str] = []
        self.forms: list[dict[str, str | None]] = []
        self.previews: set[str] = set()
        self.text = answer.content.decode()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "html":
            self.language = named.get("lang") or ""
        if tag == "script":
            self.scripts.append(named.get("src"))
        if tag == "meta" and (named.get("http-equiv") or "").lower() == "refresh":
            self.refreshes.append(named.get("content"))
        if tag == "form":
            self.forms.append(named)
        if "data-preview" in named:
            self.previews.add(named["data-preview"] or "")
        self.handlers += [name for name in named if name.startswith("on")]
        for name in ("src", "href", "action", "formaction"):
            if re.match(r"\s*(?:[a-z]+:)?//|\s*javascript:", named.get(name) or "", re.IGNORECASE):
                self.elsewhere.append(str(named[name]))


def acts_by_itself(page: Page) -> list[str]:
    """What would press a button that nobody pressed; none is as it should be."""
    found = [f"refreshes to {content}" for content in page.refreshes]
    found += [f"has a handler {name}" for name in page.handlers]
    for script in page.scripts:
        if not script:
            found.append("has a script within")
            continue
        path = finders.find(re.sub(r"^/?static/|\?.*$", "", script))
        assert isinstance(path, str), script
        code = Path(path).read_text(encoding="utf-8")
        found += [f"has a script with {act}" for act in ACTS.findall(code)]
    return found
