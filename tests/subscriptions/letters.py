"""The seven transactional letters, sent for a test."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from django.conf import settings

from digest import outbox
from subscriptions import lifecycle, notices
from subscriptions.keywords import parse_keywords
from subscriptions.models import Notice
from tests.subscriptions.owed import owe

URL = re.compile(r"https?://[^\s<>\"]+")


class Shown(HTMLParser):
    """The words and links of an HTML part, as a reader sees them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.words = ""
        self._hidden = 0
        self.feed(html)
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("style", "title", "script")
        if tag == "a":
            self.links.add(str(dict(attrs).get("href")))

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title", "script")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += f"{data} "


@dataclass(frozen=True)
class Sent:
    """A letter as it stands in the outbox."""

    notice: Notice
    mail: outbox.KeptMail

    @property
    def shown(self) -> Shown:
        return Shown(self.mail.html)

    @property
    def words(self) -> str:
        """The text part without its line breaks and links."""
        return " ".join(URL.sub(" ", self.mail.text).split())

    @property
    def links(self) -> set[str]:
        return set(URL.findall(self.mail.text))

    @property
    def headline(self) -> str:
        return self.mail.text.splitlines()[0]

    @property
    def paths(self) -> list[str]:
        """Where its links lead on our own site."""
        site = settings.SITE_URL
        return sorted(
            link.removeprefix(site) for link in self.links | self.shown.links if link.startswith(site)
        )


def sent(
    letter: str,
    *,
    language: str = "en",
    email: str = "ada@example.org",
    typed: str = "retrieval, -survey",
    **fields: Any,
) -> Sent:
    """Owe the letter to somebody new with these keywords, and send it."""
    notice = owe(email, letter, language=language, **fields)
    lifecycle.set_keywords(notice.subscriber, parse_keywords(typed))
    before = {mail.name for mail in outbox.kept()}
    notices.send_notices([notice.pk])
    [mail] = [mail for mail in outbox.kept() if mail.name not in before]
    return Sent(notice=notice, mail=mail)
