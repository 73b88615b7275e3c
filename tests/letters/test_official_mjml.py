"""Every MJML document, judged by the official compiler: its strict validation, and what it makes of it."""

from html.parser import HTMLParser

import pytest

from tests.letters.judging import accept, ask

pytestmark = pytest.mark.django_db


class Page(HTMLParser):
    """The words, links and roles of a document, each in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str | None] = []
        self.roles: list[tuple[str, str | None]] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self._silent += tag in ("style", "script")
        if "href" in told:
            self.links.append(told["href"])
        if "role" in told:
            self.roles.append((tag, told["role"]))

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words += data.split()


def test_the_official_compiler_finds_nothing_wrong_and_makes_the_same_of_it(
    compiled: dict[str, tuple[str, str]],
):
    findings, told = ask("mjml", {name: source for name, (source, _) in compiled.items()})

    accept(findings)
    for name, (_, html) in compiled.items():
        ours, official = Page(html), Page(told["compiled"][name])
        assert ours.words == official.words, name
        assert ours.links == official.links, name
        assert ours.roles == official.roles, name
