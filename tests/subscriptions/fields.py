"""A form as a page shows it: what stands in its fields, and what is said at them."""

import html
import re
from html.parser import HTMLParser

from django.http import HttpResponse, HttpResponseBase


def words(answer: HttpResponseBase) -> str:
    """The page, with its entities read."""
    assert isinstance(answer, HttpResponse)
    return html.unescape(answer.content.decode())


class Fields(HTMLParser):
    """`values` by name; of a choice the one that is selected, None where none is."""

    def __init__(self, answer: HttpResponseBase) -> None:
        super().__init__()
        assert isinstance(answer, HttpResponse)
        self.values: dict[str, str | None] = {}
        self.attributes: dict[str, dict[str, str | None]] = {}
        self._choice = ""
        self.feed(answer.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        name = named.get("name") or ""
        if tag in ("input", "select"):
            self.attributes[name] = named
        if tag == "input":
            self.values[name] = named.get("value") or ""
        if tag == "select":
            self._choice, self.values[name] = name, None
        if tag == "option" and "selected" in named:
            self.values[self._choice] = named.get("value") or ""


def error_at(answer: HttpResponseBase, field: str) -> str:
    """What is said at this field, and only there; read out by a screen reader together with it."""
    found = dict(
        re.findall(
            r'<div class="error" id="id_([\w-]+)_error" role="alert"><p>(.+?)</p></div>', words(answer)
        )
    )
    assert list(found) == [field]
    attributes = Fields(answer).attributes[field]
    assert attributes.get("aria-invalid") == "true"
    assert f"id_{field}_error" in (attributes.get("aria-describedby") or "")
    return str(found[field])
